"""The plots under the slider, with the chips that switch their curves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.text import tr
from diffviz.ui.timeline.axis import LEFT_MARGIN, Axis, AxisMap
from diffviz.ui.timeline.curve_toggle import CurveToggle
from diffviz.ui.timeline.legend import Legend
from diffviz.ui.timeline.plot import TimelinePlot
from diffviz.ui.timeline.plot_painting import OVERHANG
from diffviz.ui.timeline.run_progress import Mark, RunProgress
from diffviz.ui.timeline.specs import CurveSpec, PlotSpec
from diffviz.ui.widgets.flow_layout import FlowLayout
from diffviz.ui.widgets.highlight import Highlight
from diffviz.ui.widgets.math_label import plain
from diffviz.ui.widgets.view import Shown

GROUP_GAP = 9


class Plots(QWidget):
    """Plots below each other over one axis; a plot whose curves are all off takes no room.

    Compact, they become tabs: one plot at a time. Signals: `sought(position)`.
    """

    sought = Signal(float)

    def __init__(self, specs: Sequence[PlotSpec], axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compact = False
        self.plots = [TimelinePlot(spec, axis, self) for spec in specs]
        self.chips: dict[CurveSpec, CurveToggle] = {}
        self._groups: list[QWidget] = []
        self._tabs = self._make_tabs()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._bar())
        column.addSpacing(2)
        for plot in self.plots:
            plot.sought.connect(self.sought)
            column.addWidget(plot, 1)
        self._refresh()

    def set_map(self, axis: AxisMap) -> None:
        """Lay all plots out anew by `axis`."""
        for plot in self.plots:
            plot.set_map(axis)

    def set_highlight(self, highlight: Highlight) -> None:
        """Plots and chips show which term is pointed at."""
        for plot in self.plots:
            plot.set_highlight(highlight)
        for curve, chip in self.chips.items():
            chip.set_highlight(highlight, curve.term)

    def set_compact(self, compact: bool) -> None:
        """Show one plot at a time, or all."""
        if compact != self._compact:
            self._compact = compact
            self._refresh()

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Show `marks` in every plot, with their texts in the highest."""
        for plot in self.plots:
            plot.set_marks(marks)

    def set_models(self, names: Sequence[str]) -> None:
        """Name the models that the curves of plots whose curves go `together` are of, in their order."""
        self.key.show_names(names)
        for plot in self.plots:
            plot.models = tuple(names)

    def draw(self, shown: Shown, track: RunProgress | None, beside: RunProgress | None = None) -> None:
        """Show `shown`, whose runs have come as far as `track` and `beside` say."""
        before = [plot.present for plot in self.plots]
        for plot in self.plots:
            plot.show_source(shown)
            plot.show_track(track, shown.cursor)
            plot.show_beside(beside)
        if before != [plot.present for plot in self.plots]:
            self._refresh()

    def choose(self, index: int) -> None:
        """Bring plot `index` to the front where one is shown at a time."""
        self._tabs[index].setChecked(True)
        self._refresh()

    def _make_tabs(self) -> list[CurveToggle]:
        group = QButtonGroup(self)
        tabs = [CurveToggle(plot.spec.name, None, self, tab=True) for plot in self.plots]
        for tab, plot in zip(tabs, self.plots, strict=True):
            group.addButton(tab)
            tab.setToolTip(tr("Show the plot of {what}").format(what=plain(plot.spec.name)))
        tabs[0].setChecked(True)
        group.buttonClicked.connect(self._refresh)
        return tabs

    def _bar(self) -> FlowLayout:
        bar = FlowLayout(LEFT_MARGIN - OVERHANG)
        self._tab_row = _row(self._tabs)
        bar.addWidget(self._tab_row)
        for plot in self.plots:
            self._groups.append(_row(self._chips_of(plot)))
            bar.addWidget(self._groups[-1])
        together = [plot.spec.curves for plot in self.plots if plot.spec.together]
        self.key = Legend(together[0] if together else (), self)
        bar.addWidget(self.key)
        return bar

    def _chips_of(self, plot: TimelinePlot) -> list[CurveToggle]:
        chips = []
        for curve in plot.spec.curves[: 1 if plot.spec.together else None]:
            chip = CurveToggle(curve.label, curve, self)
            chip.toggled.connect(lambda on, curve=curve: self._switch(plot, curve, on))
            self.chips[curve] = chip
            chips.append(chip)
        if plot.spec.log is not None:
            chips.append(self._log_chip(plot))
        return chips

    def _log_chip(self, plot: TimelinePlot) -> CurveToggle:
        chip = CurveToggle("log₁₀", None, self)
        chip.setChecked(plot.log)
        chip.setToolTip(tr("Logarithmic axis for {what}").format(what=plain(plot.spec.name)))
        chip.toggled.connect(plot.set_log)
        return chip

    def _switch(self, plot: TimelinePlot, curve: CurveSpec, on: bool) -> None:
        switched = set(plot.spec.curves) if plot.spec.together else {curve}
        plot.off = plot.off - switched if on else plot.off | switched
        plot.update()
        self._refresh()

    def _refresh(self) -> None:
        """Show the plots and chips that belong on the screen; the lowest plot writes the positions."""
        self._tab_row.setVisible(self._compact)
        gone = [tab for plot, tab in zip(self.plots, self._tabs, strict=True) if tab.isChecked() and not plot.present]
        if gone:
            self._tabs[0].setChecked(True)
        for plot, tab, group in zip(self.plots, self._tabs, self._groups, strict=True):
            on = tab.isChecked() if self._compact else len(plot.off) < len(plot.spec.curves)
            tab.setVisible(plot.present)
            plot.setVisible(on and plot.present)
            group.setVisible(plot.present and (on or not self._compact))
            chips = [self.chips[curve] for curve in plot.spec.curves if curve in self.chips]
            for chip in chips:
                chip.setVisible(not self._compact or len(chips) > 1)
        visible = [plot for plot in self.plots if not plot.isHidden()]
        for plot in self.plots:
            plot.set_labelled(bool(visible) and plot is visible[-1])
            plot.set_captioned(bool(visible) and plot is visible[0])


def _row(chips: Sequence[QWidget]) -> QWidget:
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, GROUP_GAP, 0)
    row.setSpacing(3)
    for chip in chips:
        row.addWidget(chip)
    return group
