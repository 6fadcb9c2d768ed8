"""Painting a chart: where its points lie, its axes, curves and legend, and what moves over them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from diffviz.domain.arrays import F64
from diffviz.domain.plots import round_step, ticks
from diffviz.ui.widgets import painting, theme
from diffviz.ui.widgets.math_label import Typeset

Limits = tuple[float, float]
SMALLEST = 1e-300


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


def logarithmic(line: ChartLine) -> ChartLine:
    """log₁₀ of the heights of `line`; not defined where they are 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ys = np.where(line.ys > SMALLEST, np.log10(line.ys), np.nan)
    return ChartLine(line.xs, ys, line.hue, line.label, line.style, line.fill, line.dots)


def fitting(lines: Sequence[ChartLine], x_limits: Limits) -> Limits:
    """Heights between which all of `lines` that is within `x_limits` has room."""
    inside = [line.ys[(line.xs >= x_limits[0]) & (line.xs <= x_limits[1])] for line in lines]
    heights = np.concatenate(inside) if inside else np.zeros(0)
    heights = heights[np.isfinite(heights)]
    if not len(heights):
        return 0.0, 1.0
    low, high = float(heights.min()), float(heights.max())
    low = 0.0 if any(line.fill for line in lines) else low
    room = (high - low or abs(high) or 1.0) * 0.06
    return low - (room if low else 0.0), high + room


FAR = 1e4


@dataclass(frozen=True, slots=True, eq=False)
class ChartScale:
    """The axes of a chart, between their limits, in the pixels of `box`."""

    box: QRectF
    x_limits: Limits
    y_limits: Limits

    def to_px(self, x: float, y: float) -> QPointF:
        """Where the point (x, y) lies; y is a height as it is drawn."""
        box, (left, right), (low, high) = self.box, self.x_limits, self.y_limits
        share_x, share_y = (x - left) / (right - left), (y - low) / (high - low)
        return QPointF(box.left() + share_x * box.width(), box.bottom() - share_y * box.height())

    def to_data(self, at: QPointF) -> tuple[float, float]:
        """The point at `at`, held within the axes."""
        box, (left, right), (low, high) = self.box, self.x_limits, self.y_limits
        share_x = min(max((at.x() - box.left()) / box.width(), 0.0), 1.0)
        share_y = min(max((box.bottom() - at.y()) / box.height(), 0.0), 1.0)
        return left + share_x * (right - left), low + share_y * (high - low)

    def pieces(self, line: ChartLine) -> list[list[QPointF]]:
        """The points of `line` in pixels, cut where it is not defined."""
        defined = np.isfinite(line.ys)
        cuts = np.flatnonzero(np.diff(defined.astype(np.int8))) + 1
        parts = np.split(np.arange(len(line.ys)), cuts)
        return [self._points(line.xs[part], line.ys[part]) for part in parts if len(part) and defined[part[0]]]

    def _points(self, xs: F64, ys: F64) -> list[QPointF]:
        box, (left, right), (low, high) = self.box, self.x_limits, self.y_limits
        across = box.left() + (xs - left) * (box.width() / (right - left))
        up = np.clip(box.bottom() - (ys - low) * (box.height() / (high - low)), -FAR, FAR)
        return [QPointF(x, y) for x, y in zip(across.tolist(), up.tolist(), strict=True)]


LABEL_X, LABEL_Y = 52.0, 26.0
SAMPLE, LEGEND_GAP = 14, 10
HANDLE = 6.0
STYLES = {
    "solid": None,
    "dashed": [5.0, 3.0],
    "dotted": [1.5, 2.5],
}
RIGHT_MIDDLE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def paint_lines(painter: QPainter, scale: ChartScale, lines: Sequence[ChartLine]) -> None:
    """All of `lines`, within the axes."""
    painter.save()
    painter.setClipRect(scale.box.adjusted(-1, -2, 1, 1))
    for line in lines:
        _paint_line(painter, scale, line)
    painter.restore()


def paint_axes(painter: QPainter, scale: ChartScale, x_name: Typeset, y_name: Typeset) -> None:
    """Both axes with the numbers that there is room for, and their names."""
    box, hue = scale.box, theme.blend("panel", "quiet", 0.55)
    painter.setFont(theme.font(10))
    _paint_heights(painter, scale)
    painter.fillRect(QRectF(box.left(), box.bottom(), box.width(), 1), hue)
    painter.fillRect(QRectF(box.left(), box.top(), 1, box.height()), hue)
    _paint_marks(painter, scale, hue)
    x_name.paint(painter, box.right() - x_name.width, box.bottom() - 5, theme.color("quiet"))
    _paint_upright(painter, y_name, QPointF(9, box.center().y()))


def paint_legend(painter: QPainter, lines: Sequence[ChartLine], left: float, right: float) -> None:
    """The names of `lines` in one row from `left`, as many as there is room for before `right`."""
    x, font = left, theme.font(11)
    for line in lines:
        if not line.label:
            continue
        name = Typeset(line.label, font)
        if x + SAMPLE + 4 + name.width > right:
            break
        _paint_sample(painter, line, x)
        name.paint(painter, x + SAMPLE + 4, 13, theme.color("text"))
        x += SAMPLE + 4 + name.width + LEGEND_GAP


def paint_cursor(painter: QPainter, scale: ChartScale, lines: Sequence[ChartLine], x: float) -> None:
    """A line at `x`, and a ring where it meets each curve."""
    box = scale.box
    px = painting.crisp(scale.to_px(x, 0.0).x()) - 0.5
    painter.fillRect(QRectF(px, box.top(), 1, box.height()), theme.color("cursor"))
    painter.setBrush(theme.color("panel"))
    for line in lines:
        if line.dots or line.fill or len(line.xs) < 2:
            continue
        y = float(np.interp(x, line.xs, line.ys, left=np.nan, right=np.nan))
        if math.isfinite(y) and scale.y_limits[0] <= y <= scale.y_limits[1]:
            painter.setPen(QPen(theme.color(line.hue), 1.5))
            painter.drawEllipse(scale.to_px(x, y), 3.0, 3.0)


def paint_handle(painter: QPainter, scale: ChartScale, handle: Handle, chosen: bool) -> None:
    """A point that can be dragged; the `chosen` one has a ring around it."""
    at = scale.to_px(handle.x, handle.y)
    painter.setPen(QPen(theme.color("panel"), 2))
    painter.setBrush(theme.color(handle.hue))
    painter.drawEllipse(at, HANDLE, HANDLE)
    if chosen:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("text"), 1.5))
        painter.drawEllipse(at, HANDLE + 2, HANDLE + 2)


def _paint_line(painter: QPainter, scale: ChartScale, line: ChartLine) -> None:
    hue = theme.color(line.hue)
    for points in scale.pieces(line):
        if line.fill:
            _paint_fill(painter, scale, points, theme.color(line.hue, line.fill))
        if line.dots:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(hue)
            for point in points:
                painter.drawEllipse(point, 1.8, 1.8)
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(_pen(hue, line.style))
            painter.drawPolyline(QPolygonF(points))


def _paint_fill(painter: QPainter, scale: ChartScale, points: list[QPointF], hue: QColor) -> None:
    floor = min(max(scale.to_px(0.0, 0.0).y(), scale.box.top()), scale.box.bottom())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(hue)
    ends = [QPointF(points[-1].x(), floor), QPointF(points[0].x(), floor)]
    # a smooth edge is what costs, and the curve is painted over it
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.drawPolygon(QPolygonF([*points, *ends]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _paint_heights(painter: QPainter, scale: ChartScale) -> None:
    box, (low, high) = scale.box, scale.y_limits
    heights = ticks(low, high, round_step(high - low, max(2.0, box.height() / LABEL_Y)))
    places = _places(heights)
    for height in heights:
        y = round(scale.to_px(0.0, height).y())
        painter.fillRect(QRectF(box.left(), y, box.width(), 1), theme.color("edge", 0.75))
        painter.setPen(theme.color("quiet"))
        painter.drawText(QRectF(box.left() - 36, y - 8, 32, 16), RIGHT_MIDDLE, _written(height, places))


def _paint_marks(painter: QPainter, scale: ChartScale, hue: QColor) -> None:
    box, (left, right) = scale.box, scale.x_limits
    marks = ticks(left, right, round_step(right - left, max(2.0, box.width() / LABEL_X)))
    places = _places(marks)
    painter.setPen(theme.color("quiet"))
    for mark in marks:
        x = scale.to_px(mark, scale.y_limits[0]).x()
        painter.fillRect(QRectF(painting.crisp(x) - 0.5, box.bottom() - 3, 1, 3), hue)
        at = QRectF(x - 30, box.bottom() + 2, 60, 14)
        painter.drawText(at, Qt.AlignmentFlag.AlignCenter, _written(mark, places))


def _paint_upright(painter: QPainter, name: Typeset, middle: QPointF) -> None:
    if name.width:
        painter.save()
        painter.translate(middle.x(), middle.y() + name.width / 2)
        painter.rotate(-90)
        name.paint(painter, 0, 0, theme.color("quiet"))
        painter.restore()


def _paint_sample(painter: QPainter, line: ChartLine, x: float) -> None:
    """What `line` looks like, for the legend."""
    hue = theme.color(line.hue)
    if line.dots:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hue)
        painter.drawEllipse(QPointF(x + SAMPLE / 2, 9), 2.2, 2.2)
    else:
        painter.setPen(_pen(hue, line.style, 1.75))
        painter.drawLine(QPointF(x, 9), QPointF(x + SAMPLE, 9))


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
