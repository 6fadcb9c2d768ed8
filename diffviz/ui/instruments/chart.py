"""A small plot for instruments: curves kept as a picture, with a cursor, points and handles over them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.ticks import round_step, ticks
from diffviz.ui import theme
from diffviz.ui.stage.symbol import Typeset, plain
from diffviz.ui.timeline.painting import Layer, crisp

Floats = NDArray[np.float64]
Limits = tuple[float, float]
LEFT, RIGHT, TOP, BOTTOM = 40, 16, 20, 22
BARE_TOP = 6
LABEL_X, LABEL_Y = 52.0, 26.0
SAMPLE, LEGEND_GAP = 14, 10
HANDLE, GRASP = 6.0, 14.0
STYLES = {
    "solid": None,
    "dashed": [5.0, 3.0],
    "dotted": [1.5, 2.5],
}
SMALLEST = 1e-300
FAR = 1e4
KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space)


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A curve, or with `dots` its points alone. `label` stands in the legend, in the notation of symbols.

    `hue` names a colour of the palette; `fill` is the opacity of the area down to 0; `error` is drawn to both sides.
    """

    xs: Floats
    ys: Floats
    hue: str
    label: str = ""
    style: str = "solid"
    fill: float = 0.0
    dots: bool = False
    error: Floats | None = None


@dataclass(frozen=True, slots=True)
class Handle:
    """A point that can be dragged."""

    x: float
    y: float
    hue: str
    name: str


class Chart(QWidget):
    """Lines over an axis named `x_name`. With `log`, log₁₀ of heights is drawn and the axis says so.

    Signals: `handle_moved(index, x, y)`, in the plot's own units; `pointed(x)`, where no handle was taken.
    """

    handle_moved = Signal(int, float, float)
    pointed = Signal(float)

    def __init__(
        self, name: str, x_name: str = "", y_name: str = "", *, height: int = 150, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.lines: tuple[Line, ...] = ()
        self.handles: tuple[Handle, ...] = ()
        self.marker: float | None = None
        self.log = False
        self.x_limits: Limits = (0.0, 1.0)
        self.y_limits: Limits = (0.0, 1.0)
        self.current = 0
        self._x_name, self._y_name = Typeset(x_name, theme.font(12, 500)), Typeset(y_name, theme.font(12, 500))
        self._held: int | None = None
        self._version = 0
        self._layer = Layer()
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setMinimumHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(
        self, lines: Sequence[Line], x_limits: Limits, y_limits: Limits | None = None, *, log: bool = False
    ) -> None:
        """Draw `lines`; without `y_limits` the axis fits them."""
        self.log = log
        self.lines = tuple(_logarithmic(line) if log else line for line in lines)
        self.x_limits = x_limits
        self.y_limits = y_limits or _fitting(self.lines, x_limits)
        self._version += 1
        self._describe()
        self.update()

    def show_handles(self, handles: Sequence[Handle]) -> None:
        """Show points that can be dragged; Tab goes to the plot, arrow keys move the current one, Space the next."""
        self.handles = tuple(handles)
        self.current = min(self.current, max(0, len(handles) - 1))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if handles else Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(bool(handles))
        self.update()

    def show_cursor(self, x: float | None) -> None:
        """Draw the cursor at `x`, with a ring on every curve."""
        if x != self.marker:
            self.marker = x
            self.update()

    def area(self) -> QRectF:
        """Where curves are drawn."""
        top = TOP if any(line.label for line in self.lines) else BARE_TOP
        return QRectF(LEFT, top, max(1, self.width() - LEFT - RIGHT), max(1, self.height() - top - BOTTOM))

    def to_px(self, x: float, y: float) -> QPointF:
        """Where the point (x, y) lies; y is a height as it is drawn."""
        box, (left, right), (low, high) = self.area(), self.x_limits, self.y_limits
        share_x, share_y = (x - left) / (right - left), (y - low) / (high - low)
        return QPointF(box.left() + share_x * box.width(), box.bottom() - share_y * box.height())

    def _to_pxs(self, xs: Floats, ys: Floats) -> list[list[float]]:
        box, (left, right), (low, high) = self.area(), self.x_limits, self.y_limits
        across = box.left() + (xs - left) * (box.width() / (right - left))
        up = box.bottom() - (ys - low) * (box.height() / (high - low))
        found: list[list[float]] = np.stack([across, np.clip(up, -FAR, FAR)], -1).tolist()
        return found

    def to_data(self, at: QPointF) -> tuple[float, float]:
        """The point at `at`, held within the axes."""
        box, (left, right), (low, high) = self.area(), self.x_limits, self.y_limits
        share_x = min(max((at.x() - box.left()) / box.width(), 0.0), 1.0)
        share_y = min(max((box.bottom() - at.y()) / box.height(), 0.0), 1.0)
        return left + share_x * (right - left), low + share_y * (high - low)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearest handle, or point."""
        self._held = self._near(event.position())
        if self._held is not None:
            self.current = self._held
            self.update()
        else:
            self.pointed.emit(self.to_data(event.position())[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle, or point."""
        if not event.buttons() & Qt.MouseButton.LeftButton:
            near = self._near(event.position()) is not None
            self.setCursor(Qt.CursorShape.SizeAllCursor if near else Qt.CursorShape.ArrowCursor)
        elif self._held is not None:
            self.handle_moved.emit(self._held, *self.to_data(event.position()))
        else:
            self.pointed.emit(self.to_data(event.position())[0])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the handle go."""
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the current handle by a hundredth of an axis, Space takes the next one."""
        key = Qt.Key(event.key())
        by = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        if not self.handles or (key not in by and key != Qt.Key.Key_Space):
            super().keyPressEvent(event)
            return
        if key == Qt.Key.Key_Space:
            self.current = (self.current + 1) % len(self.handles)
            self.update()
            return
        handle, (right, up) = self.handles[self.current], by[key]
        x = handle.x + right * (self.x_limits[1] - self.x_limits[0]) / 100
        y = handle.y + up * (self.y_limits[1] - self.y_limits[0]) / 100
        self.handle_moved.emit(self.current, *self.to_data(self.to_px(x, y)))

    def event(self, event: QEvent) -> bool:
        """Keep the keys that move a handle from the timeline."""
        asked = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.handles
        if asked and isinstance(event, QKeyEvent) and event.key() in KEYS:
            event.accept()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the kept picture, and what moves over it."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), theme.color("panel"))
            key = (self._version, theme.palette().name)
            self._layer.paint(painter, self.size(), key, self._paint_layer)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.marker is not None and self.x_limits[0] <= self.marker <= self.x_limits[1]:
                self._paint_cursor(painter, self.marker)
            for index, handle in enumerate(self.handles):
                self._paint_handle(painter, handle, self.hasFocus() and index == self.current)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(280, self.minimumHeight())

    def _near(self, at: QPointF) -> int | None:
        distances = [(self.to_px(h.x, h.y) - at).manhattanLength() for h in self.handles]
        index = min(range(len(distances)), key=distances.__getitem__, default=None)
        return index if index is not None and distances[index] <= GRASP else None

    def _paint_cursor(self, painter: QPainter, x: float) -> None:
        box = self.area()
        px = crisp(self.to_px(x, 0.0).x()) - 0.5
        painter.fillRect(QRectF(px, box.top(), 1, box.height()), theme.color("cursor"))
        painter.setBrush(theme.color("panel"))
        for line in self.lines:
            if line.dots or line.fill or len(line.xs) < 2:
                continue
            y = float(np.interp(x, line.xs, line.ys, left=np.nan, right=np.nan))
            if math.isfinite(y) and self.y_limits[0] <= y <= self.y_limits[1]:
                painter.setPen(QPen(theme.color(line.hue), 1.5))
                painter.drawEllipse(self.to_px(x, y), 3.0, 3.0)

    def _paint_handle(self, painter: QPainter, handle: Handle, chosen: bool) -> None:
        at = self.to_px(handle.x, handle.y)
        painter.setPen(QPen(theme.color("panel"), 2))
        painter.setBrush(theme.color(handle.hue))
        painter.drawEllipse(at, HANDLE, HANDLE)
        if chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text"), 1.5))
            painter.drawEllipse(at, HANDLE + 2, HANDLE + 2)

    def _paint_layer(self, painter: QPainter) -> None:
        self._paint_axes(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(self.area().adjusted(-1, -2, 1, 1))
        for line in self.lines:
            self._paint_line(painter, line)
        painter.restore()
        self._paint_legend(painter)

    def _paint_line(self, painter: QPainter, line: Line) -> None:
        hue = theme.color(line.hue)
        for points in self._pieces(line):
            if line.fill:
                self._paint_fill(painter, points, theme.color(line.hue, line.fill))
            if line.dots:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(hue)
                for point in points:
                    painter.drawEllipse(point, 1.8, 1.8)
            else:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(_pen(hue, line.style))
                painter.drawPolyline(QPolygonF(points))
        if line.error is not None:
            self._paint_errors(painter, line, line.error, theme.color(line.hue, 0.5))

    def _paint_errors(self, painter: QPainter, line: Line, error: Floats, hue: QColor) -> None:
        painter.setPen(QPen(hue, 1.0))
        for x, y, half in zip(line.xs, line.ys, error, strict=True):
            if math.isfinite(y) and math.isfinite(half):
                painter.drawLine(self.to_px(x, y - half), self.to_px(x, y + half))

    def _paint_fill(self, painter: QPainter, points: list[QPointF], hue: QColor) -> None:
        floor = min(max(self.to_px(0.0, 0.0).y(), self.area().top()), self.area().bottom())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hue)
        ends = [QPointF(points[-1].x(), floor), QPointF(points[0].x(), floor)]
        # a smooth edge is what costs, and the curve is painted over it
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawPolygon(QPolygonF([*points, *ends]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _pieces(self, line: Line) -> list[list[QPointF]]:
        """Its points in pixels, cut where it is not defined."""
        defined = np.isfinite(line.ys)
        cuts = np.flatnonzero(np.diff(defined.astype(np.int8))) + 1
        pieces = []
        for part in np.split(np.arange(len(line.ys)), cuts):
            if len(part) and defined[part[0]]:
                pieces.append([QPointF(x, y) for x, y in self._to_pxs(line.xs[part], line.ys[part])])
        return pieces

    def _paint_axes(self, painter: QPainter) -> None:
        box, quiet, hue = self.area(), theme.color("quiet"), theme.blend("panel", "quiet", 0.55)
        painter.setFont(theme.font(10))
        low, high = self.y_limits
        heights = ticks(low, high, round_step(high - low, max(2.0, box.height() / LABEL_Y)))
        places = _places(heights)
        for height in heights:
            y = round(self.to_px(0.0, height).y())
            painter.fillRect(QRectF(box.left(), y, box.width(), 1), theme.color("edge", 0.75))
            painter.setPen(quiet)
            text = _written(height, places)
            at = QRectF(box.left() - 36, y - 8, 32, 16)
            painter.drawText(at, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.fillRect(QRectF(box.left(), box.bottom(), box.width(), 1), hue)
        painter.fillRect(QRectF(box.left(), box.top(), 1, box.height()), hue)
        left, right = self.x_limits
        marks = ticks(left, right, round_step(right - left, max(2.0, box.width() / LABEL_X)))
        places = _places(marks)
        for mark in marks:
            x = self.to_px(mark, low).x()
            painter.fillRect(QRectF(crisp(x) - 0.5, box.bottom() - 3, 1, 3), hue)
            painter.setPen(quiet)
            at = QRectF(x - 30, box.bottom() + 2, 60, 14)
            painter.drawText(at, Qt.AlignmentFlag.AlignCenter, _written(mark, places))
        self._x_name.paint(painter, box.right() - self._x_name.width, box.bottom() - 5, quiet)
        self._paint_y_name(painter)

    def _paint_y_name(self, painter: QPainter) -> None:
        box = self.area()
        name = Typeset("log₁₀", theme.font(10)) if self.log else self._y_name
        if name.width:
            painter.save()
            painter.translate(9, box.center().y() + name.width / 2)
            painter.rotate(-90)
            name.paint(painter, 0, 0, theme.color("quiet"))
            painter.restore()

    def _paint_legend(self, painter: QPainter) -> None:
        x, font = float(LEFT), theme.font(11)
        for line in self.lines:
            if not line.label:
                continue
            name = Typeset(line.label, font)
            if x + SAMPLE + 4 + name.width > self.width():
                break
            hue = theme.color(line.hue)
            if line.dots:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(hue)
                painter.drawEllipse(QPointF(x + SAMPLE / 2, 9), 2.2, 2.2)
            else:
                painter.setPen(_pen(hue, line.style, 1.75))
                painter.drawLine(QPointF(x, 9), QPointF(x + SAMPLE, 9))
            name.paint(painter, x + SAMPLE + 4, 13, theme.color("text"))
            x += SAMPLE + 4 + name.width + LEGEND_GAP

    def _describe(self) -> None:
        self.setAccessibleDescription(", ".join(plain(line.label) for line in self.lines if line.label))


def _logarithmic(line: Line) -> Line:
    with np.errstate(divide="ignore", invalid="ignore"):
        ys = np.where(line.ys > SMALLEST, np.log10(line.ys), np.nan)
    return Line(line.xs, ys, line.hue, line.label, line.style, line.fill, line.dots, None)


def _fitting(lines: Sequence[Line], x_limits: Limits) -> Limits:
    inside = [line.ys[(line.xs >= x_limits[0]) & (line.xs <= x_limits[1])] for line in lines]
    heights = np.concatenate(inside) if inside else np.zeros(0)
    heights = heights[np.isfinite(heights)]
    if not len(heights):
        return 0.0, 1.0
    low, high = float(heights.min()), float(heights.max())
    low = 0.0 if any(line.fill for line in lines) else low
    room = (high - low or abs(high) or 1.0) * 0.06
    return low - (room if low else 0.0), high + room


def _pen(hue: QColor, style: str, width: float = 1.25) -> QPen:
    pen = QPen(hue, width)
    dashes = STYLES[style]
    if dashes:
        pen.setDashPattern(dashes)
    return pen


def _places(marks: Sequence[float]) -> int:
    step = abs(marks[1] - marks[0]) if len(marks) > 1 else 1.0
    return max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0


def _written(value: float, places: int) -> str:
    if places > 4 or abs(value) >= 1e5:
        return f"{value:.0e}".replace("-", "−") if value else "0"
    return f"{value:.{places}f}".replace("-", "−")
