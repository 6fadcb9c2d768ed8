"""The plots under the slider, with the chips that switch their curves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.bookmarks import Span
from diffviz.domain.plots import Plot
from diffviz.domain.text import tr
from diffviz.theory.time_axes import SYMBOLS, TIME_AXES
from diffviz.ui.plots.legend import CurveToggle
from diffviz.ui.timeline import run_plots
from diffviz.ui.timeline.axis import LEFT_MARGIN, Axis, AxisMap
from diffviz.ui.timeline.legend import Legend
from diffviz.ui.timeline.run_progress import Mark, RunProgress
from diffviz.ui.widgets import layout, math_label, theme
from diffviz.ui.widgets.view import Highlight, Shown

if TYPE_CHECKING:
    from diffviz.ui.timeline.plot import TimelinePanel
    from diffviz.ui.timeline.stack import TimelineStack

GROUP_GAP, INDENT = 9, LEFT_MARGIN - 6
AXIS_NAME_HEIGHT, NAME_ROOM, NAME_END = 20, 4, 9
PlotSource = Callable[[Shown], Sequence[run_plots.Pair]]


@dataclass(slots=True, eq=False)
class PlotPart:
    """One plot with what switches its curves and, where one is shown at a time, itself; its panel once that is made.

    `off` are the keys of the curves that are not drawn, `log` says whether its heights are on a logarithmic axis.
    """

    plot: Plot
    beside: Plot | None
    off: frozenset[str]
    log: bool
    tab: CurveToggle
    chips: dict[str, CurveToggle]
    logs: Sequence[CurveToggle]
    group: QWidget
    panel: TimelinePanel | None = None
    _switching: bool = False

    def __iter__(self) -> Iterator[QWidget]:
        return iter((self.tab, self.group))

    def show(self, plot: Plot, beside: Plot | None) -> None:
        """Take another look at the plot; one that begins with another axis than the one before it does so."""
        self.log = self.log if plot.log == self.plot.log else plot.log
        self.plot, self.beside = plot, beside
        if self.panel is not None:
            self.panel.show_plot(plot, beside)

    def show_switches(self) -> None:
        """Let chips, and the panel, be as it is switched."""
        for key, chip in self.chips.items():
            chip.setChecked(key not in self.off)
        for chip in self.logs:
            chip.setChecked(self.log)
        if self.panel is not None and not self._switching:
            self._switching = True
            self.panel.off = self.off
            if self.panel.log_y != self.log:
                self.panel.set_log(y=self.log)
            self._switching = False

    def follow(self) -> bool:
        """Take over how the panel was switched, in its menu; whether anything was."""
        if self._switching or self.panel is None or (self.panel.off, self.panel.log_y) == (self.off, self.log):
            return False
        self.off, self.log = self.panel.off, self.panel.log_y
        return True


class Plots(QWidget):
    """Plots below each other over one axis; a plot whose curves are all off takes no room.

    `source` gives the plots of what is shown: they may be others for another run. Compact, they become tabs: one plot
    at a time. They are drawn from the first time on that this is painted (`make`): the library that draws them takes a
    third of a second to load, for which no window waits. `axis_button` names the axis at its left end. Signals:
    `sought(position)`, `zoomed(begin, end)`, `range_chosen(span)`.
    """

    sought = Signal(float)
    zoomed = Signal(float, float)
    range_chosen = Signal(object)

    def __init__(self, source: PlotSource, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source, self._axis = source, axis
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
        self._tab_row = _row([])
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
        self.stack.set_marks(self._marks)
        self.stack.show_range(self._chosen)
        if self._highlight is not None:
            self.stack.set_highlight(self._highlight)
        self._column.takeAt(self._column.count() - 1)
        self._column.addWidget(self.stack, 1)
        self._have_panels()
        self._refresh()
        self._draw_tracks()
        self.axis_button.raise_()

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
            _highlight(part, highlight)

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

    def _draw_tracks(self) -> None:
        if self.stack is not None:
            for panel in self.panels:
                panel.show_tracks(*self._tracks)
            self.stack.move_cursor(self._tracks[0], self._cursor)

    def _have_panels(self) -> None:
        """Give every part its panel, and the stack those panels."""
        from diffviz.ui.timeline.plot import TimelinePanel

        if self.stack is None:
            return
        for part in self._parts.values():
            if part.panel is None:
                part.panel = TimelinePanel(part.plot, self._axis)
                part.panel.show_models(self.key.names)
                part.panel.show_plot(part.plot, part.beside)
                part.show_switches()
                part.panel.changed.connect(self._follow_panels)
        self.stack.have(self.panels)

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
        chips, logs = self._chips_of(plot), self._log_chips(plot)
        row = _row([*chips.values(), *logs])
        part = PlotPart(plot, None, off, log if began == plot.log else plot.log, tab, chips, logs, row)
        part.show_switches()
        for key, chip in chips.items():
            chip.toggled.connect(lambda on, key=key: self._switch(part, key, on))
        for chip in logs:
            chip.toggled.connect(lambda on: self._switch_log(part, on))
        if self._highlight is not None:
            _highlight(part, self._highlight)
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
        while self._bar.count() > 1:
            self._bar.takeAt(1)
        for part in self._parts.values():
            tabs.addWidget(part.tab)
            self._bar.addWidget(part.group)
        self._bar.addWidget(self.key)

    def _chips_of(self, plot: Plot) -> dict[str, CurveToggle]:
        return {
            curve.key: CurveToggle(curve.label, curve, self) for curve in plot.series[: 1 if plot.together else None]
        }

    def _log_chips(self, plot: Plot) -> list[CurveToggle]:
        if not plot.switch:
            return []
        chip = CurveToggle("log", None, self)
        chip.setToolTip(tr("Logarithmic axis for {what}").format(what=math_label.plain(plot.label)))
        return [chip]

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


class AxisButton(QAbstractButton):
    """The name of the axis at its left end; pressed, it asks what the axis is to be spread by, where there is more."""

    def __init__(self, axis: Axis, parent: QWidget) -> None:
        super().__init__(parent)
        self._axis, self._key = axis, "?"
        self.setFixedSize(INDENT - 1, AXIS_NAME_HEIGHT)
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
        name.paint(painter, box.left() + NAME_ROOM, self.height() - 6, theme.color("quiet"))


def _highlight(part: PlotPart, highlight: Highlight) -> None:
    for series in part.plot.series:
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
