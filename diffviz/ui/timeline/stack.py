"""The plots of a timeline as one picture below slider and filmstrip, with the cursor over it.

Its horizontal axis is the timeline's: zooming and moving it here is asked of the timeline, which then shows the same
part everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QMenu, QWidget

from diffviz.domain.bookmarks import Span
from diffviz.domain.text import tr
from diffviz.ui.plots.menu import PlotSwitch
from diffviz.ui.plots.panel import Panel
from diffviz.ui.plots.stack import PlotStack
from diffviz.ui.plots.view_box import ACROSS, PlotBox
from diffviz.ui.timeline import places, run_progress
from diffviz.ui.timeline.axis import SHORTEST, Axis, AxisMap, within
from diffviz.ui.timeline.plot import LABELS, OVERHANG, TOP, TimelinePanel
from diffviz.ui.timeline.run_progress import Mark, RunProgress
from diffviz.ui.widgets import painting, theme
from diffviz.ui.widgets.view import Highlight

REACH = 7
NEAR = 8.0
PALE = 0.45
LEAST = 52
RING = 3.25
HALO = 120
ASIDE = QRectF(0, -200, 200, 100)
"""Where panels are that take no room."""


class TimelineStack(PlotStack):
    """Plots below each other over the timeline's axis; the pointer seeks, and with Shift chooses a range.

    `fill_places` puts into a menu what can be done with places on the axis.
    Signals: `sought(position)`, `zoomed(begin, end)`, the shares of the axis to be seen, `range_chosen(span)`.
    """

    sought = Signal(float)
    zoomed = Signal(float, float)
    range_chosen = Signal(object)
    WHEEL = ACROSS

    def __init__(self, axis: Axis, across: AxisMap, parent: QWidget | None = None) -> None:
        self._placed: list[TimelinePanel] = []
        super().__init__(tr("Plots of the run"), (), parent)
        self.map = across
        self.at = 0.0
        self.track: RunProgress | None = None
        self._axis = axis
        self._marks: tuple[Mark, ...] = ()
        self._chosen: Span | None = None
        self._range = places.RangeDrag()
        self.fill_places: Callable[[QMenu], None] | None = None
        self._highlight: Highlight | None = None
        self.setCursor(Qt.CursorShape.CrossCursor)

    @property
    def shown(self) -> list[TimelinePanel]:
        """The panels that take room, from the top."""
        return [panel for panel in self._placed if panel.shown]

    def have(self, panels: list[TimelinePanel]) -> None:
        """Show `panels` in this order, and no others."""
        for panel in (one for one in self._placed if one not in panels):
            self.remove_panel(panel)
        for panel in (one for one in panels if one not in self._placed):
            panel.set_map(self.map)
            self.add_panel(panel)
        self._placed = list(panels)
        self.lay_out()
        self.renew()

    def boxes(self) -> list[PlotBox]:
        """The boxes of the panels that take room."""
        return [panel.box for panel in self.shown]

    def lay_out(self) -> None:
        """Give every panel as much of the height; the lowest writes the positions below it."""
        shown, more = self.shown, LABELS - TOP
        self.setMinimumHeight(LEAST * len(shown))
        height = max(1.0, (self.height() - more) / max(1, len(shown)))
        for panel in self._placed:  # an axis that is not seen takes no room, and keeps none
            for item in panel.items():
                item.setVisible(panel.shown)
            if not panel.shown:
                panel.place(ASIDE)
        for row, panel in enumerate(shown):
            lowest = panel is shown[-1]
            panel.label_rows(lowest)
            panel.place(QRectF(0, round(row * height), self.width(), round(height) + (more if lowest else 0)))

    def set_map(self, across: AxisMap) -> None:
        """Lay all plots out anew by `across`."""
        self._linking = True
        self.map = across
        for panel in self._placed:
            panel.set_map(across)
        self._linking = False
        self.renew()

    def set_highlight(self, highlight: Highlight) -> None:
        """Show which curve is pointed at, here or elsewhere."""
        self._highlight = highlight
        highlight.changed.connect(self.update)

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Show a line at each of `marks`, with their texts in the highest plot."""
        if marks != self._marks:
            self._marks = marks
            self.renew()

    def show_range(self, chosen: Span | None) -> None:
        """Make what is outside the range `chosen` paler."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.renew()

    def move_cursor(self, track: RunProgress | None, cursor: float) -> None:
        """Move the cursor line, and the rings of the frame that is shown."""
        if (track, cursor) == (self.track, self.at):
            return
        before, other = self.captions(), track is not self.track
        strips = self._strips()
        self.track, self.at = track, cursor
        self.update(strips.united(self._strips()))  # a clip of several rectangles is dearer than a larger one
        if other or before != self.captions():
            self.update()

    @property
    def cursor_px(self) -> float:
        """Where the cursor stands, in pixels from the left edge."""
        return self.map.to_px(self.at)

    def captions(self) -> list[QRectF]:
        """Where the texts of marks stand: clear of the cursor and of its rings."""
        if not self._marks:
            return []
        taken = [self.map.to_px(position) for position in self._cursors()]
        ends = (self.map.left_px, self.map.right_px)
        seen = [mark for mark in self._marks if self.map.shows(mark.position)]
        return [run_progress.plate_of(m.text, self.map.to_px(m.position), TOP, ends, taken) for m in seen]

    def _cursors(self) -> list[float]:
        """Where the cursor stands, and the frame that is shown there."""
        there = self.track is not None and self.track.count > 0
        return [self.at, *([self.track.shown_at(self.at)] if self.track and there else [])]

    def _strips(self) -> QRect:
        """What the cursor and the rings take."""
        lefts = [math.floor(self.map.to_px(position)) - REACH for position in self._cursors()]
        return QRect(min(lefts), 0, max(lefts) - min(lefts) + 2 * REACH + 2, self.height())

    # Zoom: of the whole timeline.

    def _on_x_range_changed(self, box: PlotBox) -> None:
        """A plot was zoomed or moved across: ask the timeline to show that part everywhere."""
        if self._linking:
            return
        low, high = box.seen[0]
        more = OVERHANG / (self.map.right_px - self.map.left_px + 2 * OVERHANG) * (high - low)
        self.zoomed.emit(*within(low + more, min(max(high - low - 2 * more, SHORTEST), 1.0)))
        self.set_map(self.map)

    # What is painted.

    def draw_scene(self, painter: QPainter) -> None:
        """Render the plots, and what is marked on the axis."""
        super().draw_scene(painter)
        for panel in self.shown:
            area = panel.box.area
            for mark in filter(lambda each: self.map.shows(each.position), self._marks):
                run_progress.paint_line(painter, self.map.to_px(mark.position), area.top(), area.height())
        if self.shown:
            foot = self.shown[-1].box.area.bottom()
            places.paint_veil(painter, self.map, self._chosen, foot, PALE)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            places.paint_breaks(painter, self.map, foot)

    def paint_over(self, painter: QPainter) -> None:
        """The curve that is pointed at, the cursor with its rings, what marks say, and the values at the pointer."""
        self._paint_halo(painter)
        if self.track and self.map.shows(self.at):
            self._paint_cursor(painter, self.track)
        seen = (mark for mark in self._marks if self.map.shows(mark.position))
        for mark, plate in zip(seen, self.captions(), strict=True):
            run_progress.paint_leader(painter, self.map.to_px(mark.position), plate)
            run_progress.paint_text(painter, mark.text, plate)
        super().paint_over(painter)

    def _paint_halo(self, painter: QPainter) -> None:
        term = self._highlight.term if self._highlight else ""
        for panel in self.shown if term else ():
            for drawn in panel.drawn_shown:
                if drawn.line is not None and drawn.line.term == term:
                    painter.setPen(QPen(theme.color(drawn.line.hue, 0.35), 6.0))
                    points = panel.outline(drawn).toList()
                    painter.setClipRect(panel.box.area)
                    painter.drawPolyline(points[:: max(1, len(points) // HALO)])
                    painter.setClipping(False)

    def _paint_cursor(self, painter: QPainter, track: RunProgress) -> None:
        shown_at = track.shown_at(self.at) if track.count else None
        for panel in self.shown:
            area = panel.box.area
            line = QRectF(painting.crisp(self.cursor_px) - 0.5, area.top(), 1, area.height())
            painter.fillRect(line, theme.color("cursor"))
            if shown_at is None or not self.map.shows(shown_at):
                continue
            painter.setBrush(theme.color("panel"))
            for at, hue in panel.rings(shown_at):
                painter.setPen(QPen(theme.color(hue), 1.5))
                painter.drawEllipse(at, RING, RING)

    def read(self, panel: Panel, at: QPointF) -> list[tuple[str, str]]:
        """What the read-out says: values of the curves where they have points."""
        if not isinstance(panel, TimelinePanel) or not panel.drawn:
            return []
        return self.read_at(panel, self.map.scale.share(panel.nearest(self.map.to_position(at.x()))))

    def switches(self) -> list[PlotSwitch]:
        """The vertical axis, and the grid: the horizontal axis is the timeline's."""
        return [switch for switch in super().switches() if switch.text != tr("Logarithmic x")]

    def context_menu(self) -> QMenu:
        """What can be done with the plots, and with places on their axis."""
        made = super().context_menu()
        if self.fill_places is not None:
            made.addSeparator()
            self.fill_places(made.addMenu(tr("Range and bookmarks")))
        return made

    # Pointer.

    def press(self, event: QMouseEvent) -> bool:
        """Go where the pointer is, or begin to choose a range."""
        if self.panel_at(event.position()) is None or self.track is None:
            return False
        self._follow(None)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._range.begin(self.map.to_position(event.position().x()))
        else:
            self.sought.emit(self.map.to_position(event.position().x()))
        return True

    def drag(self, event: QMouseEvent) -> None:
        """Take the cursor or the end of the range along."""
        position = self.map.to_position(event.position().x())
        if not self._range.active:
            self.sought.emit(position)
        elif self.track is not None:
            self.range_chosen.emit(self._range.to(self.track.planned, position))

    def release(self, event: QMouseEvent) -> None:
        """What was dragged stays where it is."""
        self._range.end()

    def hover(self, event: QMouseEvent) -> None:
        """Point at the nearest curve."""
        inside = self.panel_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.CrossCursor if inside else Qt.CursorShape.ArrowCursor)
        if self._highlight is not None:
            self._highlight.point(self._term_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        super().leaveEvent(event)
        if self._highlight is not None:
            self._highlight.point("")

    def _term_at(self, at: QPointF) -> str:
        """The term of the curve near `at`."""
        panel = self.panel_at(at)
        if not isinstance(panel, TimelinePanel):
            return ""
        position = self.map.to_position(at.x())
        near = [(abs(panel.height_at(drawn, position) - at.y()), drawn.line) for drawn in panel.drawn_shown]
        _, line = min((pair for pair in near if pair[0] <= NEAR), key=lambda pair: pair[0], default=(0.0, None))
        return line.term if line is not None else ""
