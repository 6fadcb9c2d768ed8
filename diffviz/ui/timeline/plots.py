"""The plots under the slider, with the chips that switch their curves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.bookmarks import Span
from diffviz.domain.plots import Plot
from diffviz.domain.text import tr
from diffviz.theory.time_axes import SYMBOLS, TIME_AXES
from diffviz.ui.plots.legend import CurveToggle
from diffviz.ui.timeline import plot_painting, run_plots
from diffviz.ui.timeline.axis import LEFT_MARGIN, Axis, AxisMap
from diffviz.ui.timeline.legend import Legend
from diffviz.ui.timeline.plot import TimelinePlot
from diffviz.ui.timeline.run_progress import Mark, RunProgress
from diffviz.ui.widgets import layout, math_label, theme
from diffviz.ui.widgets.view import Highlight, Shown

GROUP_GAP = 9
AXIS_NAME_HEIGHT, NAME_ROOM, NAME_END = 20, 4, 9
PLOTS_FROM = 2
"""What stands above the plots: the bar of chips, and a little room."""


PlotSource = Callable[[Shown], Sequence[run_plots.Pair]]


@dataclass(slots=True, eq=False)
class PlotPart:
    """One plot with what switches its curves and, where one is shown at a time, itself."""

    plot: TimelinePlot
    tab: CurveToggle
    chips: dict[str, CurveToggle]
    logs: Sequence[CurveToggle]
    group: QWidget

    def __iter__(self) -> Iterator[QWidget]:
        return iter((self.plot, self.tab, self.group))


class Plots(QWidget):
    """Plots below each other over one axis; a plot whose curves are all off takes no room.

    `source` gives the plots of what is shown: they may be others for another run. Compact, they become tabs: one plot
    at a time. `axis_button` names the axis at its left end. Signals: `sought(position)`, `zoomed(begin, end)`.
    """

    sought = Signal(float)
    zoomed = Signal(float, float)

    def __init__(self, source: PlotSource, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source, self._axis = source, axis
        self._compact = False
        self._parts: dict[str, PlotPart] = {}
        self._switched: dict[str, tuple[set[str], tuple[bool, bool]]] = {}
        self._marks: tuple[Mark, ...] = ()
        self._highlight: Highlight | None = None
        self._chosen: Span | None = None
        self.axis_button = AxisButton(axis, self)
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._refresh)
        self._map: AxisMap | None = None
        self.key = Legend(self)
        self._tab_row = _row([])
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._bar = layout.FlowLayout(LEFT_MARGIN - plot_painting.OVERHANG)
        self._bar.addWidget(self._tab_row)
        self._bar.addWidget(self.key)
        self._column.addLayout(self._bar)
        self._column.addSpacing(2)
        self._place([plot for plot, _ in source(Shown(None, 0.0))])

    @property
    def plots(self) -> list[TimelinePlot]:
        """The plots, from the top."""
        return [part.plot for part in self._parts.values()]

    @property
    def chips(self) -> dict[str, CurveToggle]:
        """What switches curves, by the key of the curve."""
        return {key: chip for part in self._parts.values() for key, chip in part.chips.items()}

    def set_map(self, axis: AxisMap) -> None:
        """Lay all plots out anew by `axis`."""
        self._map = axis
        for plot in self.plots:
            plot.set_map(axis)

    def set_highlight(self, highlight: Highlight) -> None:
        """Plots and chips show which term is pointed at."""
        self._highlight = highlight
        for part in self._parts.values():
            _highlight(part, highlight)

    def set_compact(self, compact: bool) -> None:
        """Show one plot at a time, or all."""
        if compact != self._compact:
            self._compact = compact
            self._refresh()

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Show `marks` in every plot, with their texts in the highest."""
        self._marks = marks
        for plot in self.plots:
            plot.set_marks(marks)

    def show_range(self, chosen: Span | None) -> None:
        """Make what is outside the range `chosen` paler."""
        self._chosen = chosen
        for plot in self.plots:
            plot.show_range(chosen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the name of the axis at its left end."""
        super().resizeEvent(event)
        self.axis_button.move(0, self.height() - self.axis_button.height())
        self.axis_button.raise_()

    def set_models(self, names: Sequence[str]) -> None:
        """Name the models that the curves of plots whose curves go `together` are of, in their order."""
        self.key.show_names(names)
        for plot in self.plots:
            plot.models = tuple(names)

    def draw(self, shown: Shown, track: RunProgress | None, beside: RunProgress | None = None) -> None:
        """Show `shown`, whose runs have come as far as `track` and `beside` say."""
        pairs = self._source(shown)
        if [plot.key for plot, _ in pairs] != list(self._parts):
            self._place([plot for plot, _ in pairs])
        for part, (plot, other) in zip(self._parts.values(), pairs, strict=True):
            part.plot.show_plot(plot, other)
            for chip in part.logs:
                chip.setChecked(part.plot.log)
            part.plot.show_track(track, shown.cursor)
            part.plot.show_beside(beside)

    def choose(self, index: int) -> None:
        """Bring plot `index` to the front where one is shown at a time."""
        list(self._parts.values())[index].tab.setChecked(True)
        self._refresh()

    def _place(self, plots: Sequence[Plot]) -> None:
        """Have a part for each of `plots`, in their order; those of the same key stay."""
        wanted = {
            plot.key: self._parts.pop(plot.key) if plot.key in self._parts else self._part(plot) for plot in plots
        }
        for key, part in self._parts.items():
            self._remove(key, part)
        self._parts = wanted
        for index, part in enumerate(wanted.values()):
            self._column.insertWidget(index + PLOTS_FROM, part.plot, 1)
        self._lay_bar()
        self.key.show_curves(next((plot.series for plot in plots if plot.together), ()))
        self._refresh()

    def _part(self, plot: Plot) -> PlotPart:
        """A new part for `plot`, switched as the last one of its key was."""
        made = TimelinePlot(plot, self._axis, self)
        made.off, (began, log) = self._switched.get(plot.key, (made.off, (plot.log, plot.log)))
        made.set_log(log if began == plot.log else plot.log)
        made.models = self.key.names
        made.set_marks(self._marks)
        made.show_range(self._chosen)
        made.sought.connect(self.sought)
        made.zoomed.connect(self.zoomed)
        if self._map is not None:
            made.set_map(self._map)
        tab = CurveToggle(plot.label, None, self, tab=True)
        tab.setToolTip(tr("Show the plot of {what}").format(what=math_label.plain(plot.label)))
        self._group.addButton(tab)
        chips = self._chips_of(made)
        logs = self._log_chips(made)
        part = PlotPart(made, tab, chips, logs, _row([*chips.values(), *logs]))
        if self._highlight is not None:
            _highlight(part, self._highlight)
        return part

    def _remove(self, key: str, part: PlotPart) -> None:
        self._switched[key] = part.plot.off, (part.plot.plot.log, part.plot.log)
        self._group.removeButton(part.tab)
        for widget in part:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()

    def _lay_bar(self) -> None:
        """Tabs, then the chips of each plot, then which line is whose."""
        tabs = self._tab_row.layout()
        assert tabs is not None
        while self._bar.count() > 1:
            self._bar.takeAt(1)
        for part in self._parts.values():
            tabs.addWidget(part.tab)
            self._bar.addWidget(part.group)
        self._bar.addWidget(self.key)

    def _chips_of(self, plot: TimelinePlot) -> dict[str, CurveToggle]:
        shown, chips = plot.plot, {}
        for curve in shown.series[: 1 if shown.together else None]:
            chip = chips[curve.key] = CurveToggle(curve.label, curve, self)
            chip.setChecked(curve.key not in plot.off)
            chip.toggled.connect(lambda on, key=curve.key: self._switch(plot, key, on))
        return chips

    def _log_chips(self, plot: TimelinePlot) -> list[CurveToggle]:
        if not plot.plot.switch:
            return []
        chip = CurveToggle("log₁₀", None, self)
        chip.setChecked(plot.log)
        chip.setToolTip(tr("Logarithmic axis for {what}").format(what=math_label.plain(plot.plot.label)))
        chip.toggled.connect(plot.set_log)
        return [chip]

    def _switch(self, plot: TimelinePlot, key: str, on: bool) -> None:
        switched = {series.key for series in plot.plot.series} if plot.plot.together else {key}
        plot.off = plot.off - switched if on else plot.off | switched
        plot.update()
        self._refresh()

    def _refresh(self) -> None:
        """Show the plots and chips that belong on the screen; the lowest plot writes the positions."""
        parts = list(self._parts.values())
        self._tab_row.setVisible(self._compact and len(parts) > 1)
        if parts and not any(part.tab.isChecked() for part in parts):
            parts[0].tab.setChecked(True)
        for part in parts:
            on = part.tab.isChecked() if self._compact else len(part.plot.off) < len(part.plot.plot.series)
            part.plot.setVisible(on)
            part.group.setVisible(on or not self._compact)
            for chip in part.chips.values():
                chip.setVisible(not self._compact or len(part.chips) > 1)
        visible = [part.plot for part in parts if not part.plot.isHidden()]
        for part in parts:
            part.plot.set_labelled(bool(visible) and part.plot is visible[-1])
            part.plot.set_captioned(bool(visible) and part.plot is visible[0])


class AxisButton(QAbstractButton):
    """The name of the axis at its left end; pressed, it asks what the axis is to be spread by, where there is more."""

    def __init__(self, axis: Axis, parent: QWidget) -> None:
        super().__init__(parent)
        self._axis, self._key = axis, "?"
        self.setFixedSize(LEFT_MARGIN - plot_painting.OVERHANG - 1, AXIS_NAME_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_axis("")

    def show_axis(self, spread_by: str) -> None:
        """Name what the axis is spread by, a key of `SYMBOLS`; empty where there is nothing to choose."""
        if spread_by == self._key:
            return
        self._key = spread_by
        self.setEnabled(bool(spread_by))
        self.setText(tr(SYMBOLS[spread_by]) if spread_by else self._axis.name)
        name = tr("Axis: {what}").format(what=tr(TIME_AXES[spread_by]) if spread_by else tr(self._axis.title))
        self.setAccessibleName(name)
        self.setToolTip(tr("What the axis is spread by: t, log-SNR, σ or the steps (A)") if spread_by else name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the name, and a ground where it can be pressed."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        name = math_label.Typeset(self.text(), theme.font(12, 500))
        left = max(0.0, self.width() - NAME_END - name.width - NAME_ROOM)
        box = QRectF(left, 0.5, name.width + 2 * NAME_ROOM, self.height() - 2)
        if self.isEnabled() and (self.underMouse() or self.hasFocus()):
            painter.setPen(theme.color("cursor") if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(theme.blend("panel", "quiet", 0.16))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        name.at(box.left() + NAME_ROOM, self.height() - 6, theme.color("quiet")).paint(painter)


def _highlight(part: PlotPart, highlight: Highlight) -> None:
    part.plot.set_highlight(highlight)
    for series in part.plot.plot.series:
        if series.key in part.chips:
            part.chips[series.key].set_highlight(highlight, series.term)


def _row(chips: Sequence[QWidget]) -> QWidget:
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, GROUP_GAP, 0)
    row.setSpacing(3)
    for chip in chips:
        row.addWidget(chip)
    return group
