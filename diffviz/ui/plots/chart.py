"""A small plot for instruments: lines over one pair of axes, with a cursor, and points that can be dragged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F64
from diffviz.domain.text import plain
from diffviz.ui.plots.axes import Range
from diffviz.ui.plots.lines import DrawnLine, PlotLine
from diffviz.ui.plots.menu import PlotSwitch
from diffviz.ui.plots.panel import Panel
from diffviz.ui.plots.stack import PlotStack
from diffviz.ui.plots.view_box import Margins
from diffviz.ui.widgets import notice, painting, theme

LEFT, RIGHT, TOP, BOTTOM = 40, 16, 20, 22
BARE_TOP = 6
GRASP = 14.0
HANDLE, RING = 6.0, 3.0
ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


@dataclass(frozen=True, slots=True, eq=False)
class ChartLine:
    """A curve, or with `dots` its points alone. `label` stands in the legend, in the notation of symbols.

    `hue` names a colour of the palette; `fill` is the opacity of the area down to 0.
    """

    xs: F64
    ys: F64
    hue: str
    label: str = ""
    style: str = "solid"
    fill: float = 0.0
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Handle:
    """A point that can be dragged."""

    x: float
    y: float
    hue: str
    name: str


class Chart(PlotStack):
    """Lines over an axis named `x_name`, zoomed, read and saved like every plot.

    While there are no lines and `promise` says what is to come, that stands in the place of the axes.

    Signals: `handle_moved(index, x, y)`, in the plot's own units; `pointed(x)`, where no handle was taken. Where nobody
    listens to that, a press moves the plane.
    """

    handle_moved = Signal(int, float, float)
    pointed = Signal(float)

    def __init__(
        self, name: str, x_name: str = "", y_name: str = "", *, height: int = 150, parent: QWidget | None = None
    ) -> None:
        self.panel = Panel(x_name, y_name, Margins(LEFT, BARE_TOP, RIGHT, BOTTOM))
        self.lines: tuple[ChartLine, ...] = ()
        self.handles: tuple[Handle, ...] = ()
        self.marker: float | None = None
        self.promise = ("", "")
        self.current = 0
        self._began_log = (False, False)
        self._held: int | None = None
        super().__init__(name, [self.panel], parent)
        self.setMinimumHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(
        self,
        lines: Sequence[ChartLine],
        x_limits: Range,
        y_limits: Range | None = None,
        *,
        log: bool = False,
        log_x: bool = False,
    ) -> None:
        """Draw `lines`; without `y_limits` the axis fits them. `log` and `log_x` are the axes it begins with."""
        self.lines = tuple(lines)
        named = any(line.label for line in lines)
        self.legend_left = LEFT if named else None
        if self.panel.margins.top != (TOP if named else BARE_TOP):
            self.panel.margins = Margins(LEFT, TOP if named else BARE_TOP, RIGHT, BOTTOM)
            self.lay_out()
        if self._began_log != (log_x, log):
            self._began_log = log_x, log
            self.panel.set_log(log_x, log)
        self.panel.show_lines(map(_plot_line, range(len(lines)), lines), x_limits, y_limits)

    def promise_with(self, title: str, sentence: str = "") -> None:
        """Say `title` and `sentence` until there are lines."""
        if (title, sentence) != self.promise:
            self.promise = (title, sentence)
            self.renew()

    @property
    def awaited(self) -> bool:
        """Whether it shows what is to come in the place of axes."""
        return not self.lines and bool(self.promise[0])

    @property
    def log(self) -> bool:
        """Whether the vertical axis is logarithmic."""
        return self.panel.log_y

    @property
    def x_limits(self) -> Range:
        """From where to where the whole goes, as coordinates: log₁₀ on a logarithmic axis."""
        return self.panel.box.whole[0]

    @property
    def y_limits(self) -> Range:
        """The same of the heights."""
        return self.panel.box.whole[1]

    def show_handles(self, handles: Sequence[Handle]) -> None:
        """Show points that can be dragged; arrow keys move the current one, Space takes the next."""
        self.handles = tuple(handles)
        self.current = min(self.current, max(0, len(handles) - 1))
        self.update()

    def show_cursor(self, x: float | None) -> None:
        """Draw the cursor at `x`, with a ring on every curve."""
        if x != self.marker:
            self.marker = x
            self.update()

    def to_px(self, x: float, y: float) -> QPointF:
        """Where the point (x, y) lies."""
        return self.panel.to_px(x, y)

    def to_data(self, at: QPointF) -> Range:
        """The point at `at`, held within what is seen."""
        area = self.panel.box.area
        x, y = min(max(at.x(), area.left()), area.right()), min(max(at.y(), area.top()), area.bottom())
        return self.panel.to_data(QPointF(x, y))

    def press(self, event: QMouseEvent) -> bool:
        """Take the nearest handle, switch a curve by its name, or point."""
        self._held = self._near(event.position())
        if self._held is not None:
            self.current = self._held
            self.update()
            return True
        if super().press(event):
            return True
        points = self.receivers("2pointed(double)") > 0 and self.panel_at(event.position()) is not None
        if points:
            self.pointed.emit(self.to_data(event.position())[0])
        return points

    def drag(self, event: QMouseEvent) -> None:
        """Drag the handle, or point."""
        if self._held is not None:
            self.handle_moved.emit(self._held, *self.to_data(event.position()))
        elif self.panel_at(event.position()) is not None:
            self.pointed.emit(self.to_data(event.position())[0])

    def release(self, event: QMouseEvent) -> None:
        """Let the handle go."""
        self._held = None

    def hover(self, event: QMouseEvent) -> None:
        """Show what can be taken."""
        if self._near(event.position()) is not None:
            self.setCursor(Qt.CursorShape.SizeAllCursor)
        else:
            super().hover(event)

    def takes(self, event: QKeyEvent) -> bool:
        """Arrow keys and Space are for the handles."""
        for_handles = bool(self.handles) and Qt.Key(event.key()) in (*ARROWS, Qt.Key.Key_Space)
        return for_handles or super().takes(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the current handle by a hundredth of an axis, Space takes the next one."""
        key = Qt.Key(event.key())
        moved = key in ARROWS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if not self.handles or not (moved or key == Qt.Key.Key_Space):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Space:
            self.current = (self.current + 1) % len(self.handles)
            self.update()
        else:
            self._move_handle(*ARROWS[key])

    def _move_handle(self, right: int, up: int) -> None:
        handle, area = self.handles[self.current], self.panel.box.area
        step = QPointF(right * area.width() / 100, -up * area.height() / 100)
        self.handle_moved.emit(self.current, *self.to_data(self.to_px(handle.x, handle.y) + step))

    def switches(self) -> Sequence[PlotSwitch]:
        """None while there are no axes."""
        return () if self.awaited else super().switches()

    @property
    def has_scene(self) -> bool:
        """Not while there are no axes."""
        return not self.awaited

    def marks_still(self) -> Iterable[painting.PaintMark]:
        """The legend, or what is to come."""
        return notice.words(QRectF(self.rect()), *self.promise) if self.awaited else super().marks_still()

    def marks_over(self) -> Iterator[painting.PaintMark]:
        """The cursor with its rings, the handles, and the values at the pointer."""
        if self.awaited:
            return
        yield from self._cursor()
        for index, handle in enumerate(self.handles):
            yield from _handle(self.to_px(handle.x, handle.y), handle.hue, self._chosen(index))
        if self._held is None:
            yield from super().marks_over()

    def describe(self) -> None:
        """Tell what is shown, or what is to come."""
        if self.awaited:
            self._told = []
            self.setAccessibleDescription(", ".join(text for text in self.promise if text))
        else:
            super().describe()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(280, self.minimumHeight())

    def _chosen(self, index: int) -> bool:
        return self.hasFocus() and index == self.current

    def _near(self, at: QPointF) -> int | None:
        distances = [(self.to_px(h.x, h.y) - at).manhattanLength() for h in self.handles]
        index = min(range(len(distances)), key=distances.__getitem__, default=None)
        return index if index is not None and distances[index] <= GRASP else None

    def _cursor(self) -> Iterator[painting.PaintMark]:
        """A line at the cursor, and a ring where it meets each curve."""
        if self.marker is None:
            return
        x = float(self.panel.x_axis.plot_scale.coordinates(np.array([self.marker]))[0])
        (left, right), area = self.panel.box.seen[0], self.panel.box.area
        if not left <= x <= right:
            return
        px = painting.crisp(self.panel.box.to_px(x, 0.0).x()) - 0.5
        yield painting.Rect(QRectF(px, area.top(), 1, area.height()), theme.color("cursor"))
        for drawn in self.panel.drawn:
            yield from self._ring(drawn, x)

    def _ring(self, drawn: DrawnLine, x: float) -> Iterator[painting.PaintMark]:
        line, (low, high) = drawn.line, self.panel.box.seen[1]
        y = drawn.at(x)
        if line is not None and not line.dots and not line.fill and len(line.xs) > 1 and low <= y <= high:
            edge = QPen(theme.color(line.hue), 1.5)
            yield painting.Discs([self.panel.box.to_px(x, y)], RING, theme.color("panel"), edge)


def _plot_line(index: int, line: ChartLine) -> PlotLine:
    key = plain(line.label) or str(index)
    return PlotLine(key, line.label, line.hue, line.xs, line.ys, line.style, fill=line.fill, dots=line.dots)


def _handle(at: QPointF, hue: str, chosen: bool) -> Iterator[painting.PaintMark]:
    """A point that can be dragged; the `chosen` one has a ring around it."""
    yield painting.Discs([at], HANDLE, theme.color(hue), QPen(theme.color("panel"), 2))
    if chosen:
        yield painting.Discs([at], HANDLE + 2, edge=QPen(theme.color("text"), 1.5))
