"""Painting the axes of a plot and what stands between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from diffviz.domain.arrays import F64
from diffviz.ui.timeline import places
from diffviz.ui.timeline.axis import Axis, AxisMap
from diffviz.ui.timeline.legend import PlotBand, PlotCurve, thinned
from diffviz.ui.widgets import painting, theme
from diffviz.ui.widgets.math_label import Typeset

TOP = 5


@dataclass(frozen=True, slots=True)
class Heights:
    """Heights from `low` to `high`, over `depth` pixels below `TOP`."""

    low: float
    high: float
    depth: float

    def to_y(self, value: float) -> float:
        """Where `value` lies, in pixels from the top."""
        share = (value - self.low) / (self.high - self.low)
        return TOP + (1 - share) * self.depth

    def line(self, pxs: F64, heights: F64) -> QPolygonF:
        """The points at `pxs` and `heights`."""
        shares = (heights - self.low) / (self.high - self.low)
        ys = TOP + (1 - shares) * self.depth
        return QPolygonF([QPointF(x, y) for x, y in zip(pxs.tolist(), ys.tolist(), strict=True)])


OVERHANG = 6
LABEL_ROOM_X = 64.0
SMALLEST_NAME = 8
RIGHT_MIDDLE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def paint_x_axis(painter: QPainter, across: AxisMap, depth: float) -> None:
    """The lines at the bottom and at the left."""
    bottom, hue = round(TOP + depth), theme.blend("panel", "quiet", 0.55)
    left, right = across.left_px - OVERHANG, across.right_px + OVERHANG
    painter.fillRect(QRectF(left, bottom, right - left, 1), hue)
    painter.fillRect(QRectF(left, TOP, 1, bottom - TOP), hue)


def paint_x_labels(painter: QPainter, across: AxisMap, axis: Axis, depth: float) -> None:
    """Round positions below the bottom line."""
    bottom = round(TOP + depth)
    painter.setFont(theme.font(11))
    count = (across.right_px - across.left_px) / LABEL_ROOM_X
    hue, quiet = theme.blend("panel", "quiet", 0.55), theme.color("quiet")
    for position in across.scale.small_ticks(count, across.seen):
        painter.fillRect(QRectF(painting.crisp(across.to_px(position)) - 0.5, bottom - 2, 1, 2), hue)
    painter.setPen(quiet)
    for position in across.scale.ticks(count, across.seen):
        x = across.to_px(position)
        painter.fillRect(QRectF(painting.crisp(x) - 0.5, bottom - 4, 1, 4), hue)
        text = across.scale.text(position, axis.form)
        painter.drawText(QRectF(x - 40, bottom + 3, 80, 16), Qt.AlignmentFlag.AlignCenter, text)
    places.paint_breaks(painter, across, bottom + 0.5)


def paint_y_axis(painter: QPainter, across: AxisMap, heights: Heights, marks: list[float]) -> None:
    """A line and a number at each of `marks`."""
    painter.setFont(theme.font(11))
    left, right = across.left_px - OVERHANG, across.right_px + OVERHANG
    places = _decimals(marks)
    for mark in marks:
        y = round(heights.to_y(mark))
        painter.fillRect(QRectF(left + 1, y, right - left - 1, 1), theme.color("edge", 0.75))
        painter.setPen(theme.color("quiet"))
        text = f"{mark + 0.0:.{places}f}".replace("-", "−")
        painter.drawText(QRectF(left - 50, y - 8, 45, 16), RIGHT_MIDDLE, text)


def paint_y_name(painter: QPainter, text: str, hue: str, depth: float) -> None:
    """What the heights are, upright at the left edge."""
    name = _fitting(text, depth + TOP)
    painter.save()
    painter.translate(13, TOP + (depth + name.width) / 2)
    painter.rotate(-90)
    name.at(0, 0, theme.color(hue)).paint(painter)
    painter.restore()


def _fitting(text: str, room: float) -> Typeset:
    """`text` as large as there is room for along the axis."""
    name = Typeset(text, theme.font(12, 500))
    share = min(1.0, room / max(1.0, name.width))
    return name if share == 1 else Typeset(text, theme.font(max(SMALLEST_NAME, int(12 * share)), 500))


def _decimals(heights: list[float]) -> int:
    """How many decimals tell `heights` apart; a single one is written as it is."""
    if len(heights) == 1:
        return next((places for places in range(7) if abs(round(heights[0], places) - heights[0]) < 1e-9), 6)
    step = abs(heights[1] - heights[0]) if len(heights) > 1 else 1.0
    return max(0, -int(np.floor(np.log10(step) + 1e-9)))


DOT = 2.0
BAND_OPACITY = 0.22
STYLES = {"solid": Qt.PenStyle.SolidLine, "dashed": Qt.PenStyle.DashLine, "dotted": Qt.PenStyle.DotLine}
HALO = 120


def paint_level(painter: QPainter, across: AxisMap, heights: Heights, level: float) -> None:
    """A dashed line at height `level`."""
    pen = QPen(theme.color("quiet"), 1.0, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([4.0, 3.0])
    painter.setPen(pen)
    y = painting.crisp(heights.to_y(level))
    painter.drawLine(QPointF(across.left_px, y), QPointF(across.right_px, y))


def paint_band(painter: QPainter, across: AxisMap, heights: Heights, band: PlotBand) -> None:
    """The area of `band`."""
    pxs = across.to_pxs(band.xs)
    around = heights.line(np.concatenate([pxs, pxs[::-1]]), np.concatenate([band.lows, band.highs[::-1]]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(band.hue, BAND_OPACITY))
    painter.drawPolygon(around)


def paint_curve(
    painter: QPainter, across: AxisMap, heights: Heights, curve: PlotCurve, *, beside: bool = False
) -> None:
    """`curve`, thin and dashed where it is that of the run `beside`."""
    pen = QPen(theme.color(curve.series.hue, 0.75 if beside else 1.0), 1.0, STYLES[curve.series.style])
    if beside:
        pen.setDashPattern([6.0, 3.0, 1.0, 3.0])
    elif curve.series.style == "dotted":
        pen.setDashPattern([1.5, 2.5])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(heights.line(*thinned(across.to_pxs(curve.xs), curve.ys)))


def paint_halo(painter: QPainter, across: AxisMap, heights: Heights, curve: PlotCurve) -> None:
    """A wide line along `curve`, which is pointed at."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color(curve.series.hue, 0.35), 6.0))
    points = heights.line(across.to_pxs(curve.xs), curve.ys).toList()
    painter.drawPolyline(QPolygonF(points[:: max(1, len(points) // HALO)]))


def paint_dots(
    painter: QPainter, across: AxisMap, heights: Heights, curve: PlotCurve, positions: F64, *, rings: bool = False
) -> None:
    """Dots, or rings, on those of the points of `curve` that stand at `positions`."""
    points = curve.points(positions, across)
    dots = heights.line(across.to_pxs(points[:, 0]), points[:, 1])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if rings:
        painter.setPen(QPen(theme.color(curve.series.hue, 0.7), 1.0))
        for dot in dots.toList():
            painter.drawEllipse(dot, DOT + 1.5, DOT + 1.5)
    else:
        hue = theme.color(curve.series.hue)
        painter.setPen(QPen(hue, 2 * DOT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(dots)  # all at once: one ellipse each takes ten times as long
