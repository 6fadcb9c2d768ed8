"""The plots under the slider, with the chips that switch their curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QMenu, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.bookmarks import Span
from diffviz.domain.plots import Plot
from diffviz.domain.text import tr
from diffviz.session import looks
from diffviz.ui.plots.legend import CurveToggle
from diffviz.ui.timeline import run_plots
from diffviz.ui.timeline.axis import Axis, AxisMap
from diffviz.ui.timeline.legend import INDENT, AxisButton, Legend
from diffviz.ui.timeline.plot_part import PlotPart, chips_of, log_chips, row_of
from diffviz.ui.timeline.run_progress import Mark, RunProgress
from diffviz.ui.widgets import layout, math_label
from diffviz.ui.widgets.view import Highlight, Shown

if TYPE_CHECKING:
    from diffviz.ui.timeline.plot import TimelinePanel
    from diffviz.ui.timeline.stack import TimelineStack

PlotSource = Callable[[Shown], Sequence[run_plots.Pair]]
MOST_KEPT = 64
"""Plots of a file that are remembered for runs that are not shown yet."""


class Plots(QWidget):
    """Plots below each other over one axis; a plot whose curves are all off takes no room.

    `source` gives the plots of what is shown: they may be others for another run. Compact, they become tabs: one plot
    at a time. They are drawn from the first time on that this is painted (`make`): the library that draws them takes a
    third of a second to load, for which no window waits. `fill_places` puts what can be done with places on the axis
    into their menu; `axis_button` names the axis at its left end. Signals:
    `sought(position)`, `zoomed(begin, end)`, `range_chosen(span)`.
    """

    sought = Signal(float)
    zoomed = Signal(float, float)
    range_chosen = Signal(object)

    def __init__(
        self,
        source: PlotSource,
        axis: Axis,
        fill_places: Callable[[QMenu], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._source, self._axis, self._fill_places = source, axis, fill_places
        self._compact = self._following = False
        self._parts: dict[str, PlotPart] = {}
        self._switched: dict[str, tuple[frozenset[str], tuple[bool, bool]]] = {}
        self._marks: tuple[Mark, ...] = ()
        self._highlight: Highlight | None = None
        self._chosen: Span | None = None
        self._tracks: tuple[RunProgress | None, RunProgress | None] = None, None
        self._cursor = 0.0
        self._map = AxisMap.across(1, AxisScale(0.0, 1.0), False)
        self.stack: TimelineStack | None = None
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._refresh)
        self.key = Legend(self)
        self._tab_row = row_of([])
        self._making = QTimer(self)
        self._making.setSingleShot(True)
        self._making.timeout.connect(self.make)
        self._arrange()
        self._place([plot for plot, _ in source(Shown(None, 0.0))])

    def _arrange(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._bar = layout.FlowLayout(INDENT)
        self._bar.addWidget(self._tab_row)
        self._bar.addWidget(self.key)
        self._column.addLayout(self._bar)
        self._column.addStretch(1)
        self.axis_button = AxisButton(self._axis, self)

    @property
    def panels(self) -> list[TimelinePanel]:
        """The plots, from the top, once they are drawn."""
        return [part.panel for part in self._parts.values() if part.panel is not None]

    @property
    def parts(self) -> list[PlotPart]:
        """The plots with their switches, from the top."""
        return list(self._parts.values())

    @property
    def chips(self) -> dict[str, CurveToggle]:
        """What switches curves, by the key of the curve."""
        return {key: chip for part in self._parts.values() for key, chip in part.chips.items()}

    def make(self) -> None:
        """Draw the plots from now on."""
        from diffviz.ui.timeline.stack import TimelineStack

        if self.stack is not None:
            return
        self.stack = TimelineStack(self._axis, self._map, self)
        self.stack.sought.connect(self.sought)
        self.stack.zoomed.connect(self.zoomed)
        self.stack.range_chosen.connect(self.range_chosen)
        self.stack.fill_places = self._fill_places
        self.stack.set_marks(self._marks)
        self.stack.show_range(self._chosen)
        if self._highlight is not None:
            self.stack.set_highlight(self._highlight)
        self._column.setStretch(self._column.count() - 1, 0)
        self._column.addWidget(self.stack, 1)
        self._have_panels()
        self._refresh()
        self._draw_tracks()
        layout.lie_over(self.axis_button)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plots, once what is there already has been painted."""
        if self.stack is None and not self._making.isActive():
            self._making.start(0)

    def set_map(self, axis: AxisMap) -> None:
        """Lay all plots out anew by `axis`."""
        self._map = axis
        if self.stack is not None:
            self.stack.set_map(axis)

    def set_highlight(self, highlight: Highlight) -> None:
        """Plots and chips show which term is pointed at."""
        self._highlight = highlight
        if self.stack is not None:
            self.stack.set_highlight(highlight)
        for part in self._parts.values():
            part.set_highlight(highlight)

    def set_compact(self, compact: bool) -> None:
        """Show one plot at a time, or all."""
        if compact != self._compact:
            self._compact = compact
            self._refresh()

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Show `marks` in every plot, with their texts in the highest."""
        self._marks = marks
        if self.stack is not None:
            self.stack.set_marks(marks)

    def show_range(self, chosen: Span | None) -> None:
        """Make what is outside the range `chosen` paler."""
        self._chosen = chosen
        if self.stack is not None:
            self.stack.show_range(chosen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the name of the axis at its left end."""
        super().resizeEvent(event)
        self.axis_button.move(0, self.height() - self.axis_button.height())

    def set_models(self, names: Sequence[str]) -> None:
        """Name the models that the curves of plots whose curves go `together` are of, in their order."""
        self.key.show_names(names)
        for panel in self.panels:
            panel.show_models(tuple(names))

    def draw(self, shown: Shown, track: RunProgress | None, beside: RunProgress | None = None) -> None:
        """Show `shown`, whose runs have come as far as `track` and `beside` say."""
        pairs = self._source(shown)
        if [plot.key for plot, _ in pairs] != list(self._parts):
            self._place([plot for plot, _ in pairs])
        for part, (plot, other) in zip(self._parts.values(), pairs, strict=True):
            part.show(plot, other)
            for chip in part.logs:
                chip.setChecked(part.log)
        self._tracks, self._cursor = (track, beside), shown.cursor
        self._draw_tracks()

    def choose(self, index: int) -> None:
        """Bring plot `index` to the front where one is shown at a time."""
        self.parts[index].tab.setChecked(True)
        self._refresh()

    def look(self) -> looks.Look:
        """How each plot is switched and seen, those of other runs too, and which is in front; see `take_look`."""
        gone = {
            key: {"off": sorted(off), "log": log, "began": began} for key, (off, (began, log)) in self._switched.items()
        }
        front = next((key for key, part in self._parts.items() if part.tab.isChecked()), "")
        return {"parts": {**gone, **looks.look_of(self._parts)}, "front": front}

    def take_look(self, look: looks.Look) -> None:
        """Switch and show plots in the same way, those that are not there once they are."""
        said = looks.within(look, "parts")
        looks.show_look(self._parts, said)
        for key in list(said)[:MOST_KEPT]:
            off, log, began = looks.words(looks.within(said, key), "off"), *_axes(looks.within(said, key))
            if key not in self._parts and off is not None:
                self._switched[key] = frozenset(off), (began, log)
        front = looks.word(look, "front", self._parts)
        if front:
            self._parts[front].tab.setChecked(True)
        self._refresh()

    def _draw_tracks(self) -> None:
        if self.stack is not None:
            for panel in self.panels:
                panel.show_tracks(*self._tracks)
            self.stack.move_cursor(self._tracks[0], self._cursor)

    def _have_panels(self) -> None:
        """Give every part its panel, and the stack those panels."""
        if self.stack is None:
            return
        from diffviz.ui.timeline.plot import TimelinePanel

        for part in self._parts.values():
            if part.panel is None:
                part.panel = TimelinePanel(part.plot, self._axis)
                part.panel.show_models(self.key.names)
                part.panel.show_plot(part.plot, part.beside)
                part.show_switches()
                part.panel.changed.connect(self._follow_panels)
        self.stack.have(self.panels)
        for part in self._parts.values():
            part.show_wanted()

    def _place(self, plots: Sequence[Plot]) -> None:
        """Have a part for each of `plots`, in their order; those of the same key stay."""
        wanted = {
            plot.key: self._parts.pop(plot.key) if plot.key in self._parts else self._part(plot) for plot in plots
        }
        for key, part in self._parts.items():
            self._remove(key, part)
        self._parts = wanted
        self._lay_bar()
        self.key.show_curves(next((plot.series for plot in plots if plot.together), ()))
        self._have_panels()
        self._refresh()

    def _part(self, plot: Plot) -> PlotPart:
        """A new part for `plot`, switched as the last one of its key was."""
        at_first = frozenset(series.key for series in plot.series if not series.on)
        off, (began, log) = self._switched.get(plot.key, (at_first, (plot.log, plot.log)))
        tab = CurveToggle(plot.label, None, self, tab=True)
        tab.setToolTip(tr("Show the plot of {what}").format(what=math_label.plain(plot.label)))
        self._group.addButton(tab)
        chips, logs = chips_of(plot, self), log_chips(plot, self)
        row = row_of([*chips.values(), *logs])
        part = PlotPart(plot, None, off, log if began == plot.log else plot.log, tab, chips, logs, row)
        part.show_switches()
        for key, chip in chips.items():
            chip.toggled.connect(lambda on, key=key: self._switch(part, key, on))
        for chip in logs:
            chip.toggled.connect(lambda on: self._switch_log(part, on))
        if self._highlight is not None:
            part.set_highlight(self._highlight)
        return part

    def _remove(self, key: str, part: PlotPart) -> None:
        self._switched[key] = part.off, (part.plot.log, part.log)
        self._group.removeButton(part.tab)
        if part.panel is not None:
            part.panel.changed.disconnect(self._follow_panels)
        for widget in part:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()

    def _lay_bar(self) -> None:
        """Tabs, then the chips of each plot, then which line is whose."""
        tabs = self._tab_row.layout()
        assert tabs is not None
        for widget in (*(part.group for part in self._parts.values()), self.key):
            self._bar.removeWidget(widget)
        for part in self._parts.values():
            tabs.addWidget(part.tab)
            self._bar.addWidget(part.group)
        self._bar.addWidget(self.key)

    def _switch(self, part: PlotPart, key: str, on: bool) -> None:
        switched = {series.key for series in part.plot.series} if part.plot.together else {key}
        part.off = part.off - switched if on else part.off | switched
        part.show_switches()
        self._refresh()

    def _switch_log(self, part: PlotPart, on: bool) -> None:
        part.log = on
        part.show_switches()

    @Slot()
    def _follow_panels(self) -> None:
        """Chips are as the menu of the plots has switched them."""
        if self._following:
            return
        self._following = True
        changed = [part for part in self._parts.values() if part.follow()]
        for part in changed:
            part.show_switches()
        if changed:
            self._refresh()
        self._following = False

    def _refresh(self) -> None:
        """Show the plots and chips that belong on the screen."""
        parts = self.parts
        self._tab_row.setVisible(self._compact and len(parts) > 1)
        if parts and not any(part.tab.isChecked() for part in parts):
            parts[0].tab.setChecked(True)
        for part in parts:
            on = part.tab.isChecked() if self._compact else len(part.off) < len(part.plot.series)
            part.group.setVisible(on or not self._compact)
            for chip in part.chips.values():
                chip.setVisible(not self._compact or len(part.chips) > 1)
            if part.panel is not None:
                part.panel.shown = on
        if self.stack is not None:
            self.stack.lay_out()
            self.stack.renew()


def _axes(look: looks.Look) -> tuple[bool, bool]:
    """Whether a plot's heights are on a logarithmic axis, and whether they began on one."""
    return looks.flag(look, "log") or False, looks.flag(look, "began") or False
