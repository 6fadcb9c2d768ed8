"""Painting what stands between the axes of a plot."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from diffviz.domain.arrays import F64
from diffviz.ui.timeline.axis import AxisMap
from diffviz.ui.timeline.curves import PlotBand, PlotCurve, thinned
from diffviz.ui.timeline.heights import Heights
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.painting import crisp

DOT = 2.0
BAND_OPACITY = 0.22
HALO = 120


def paint_level(painter: QPainter, across: AxisMap, heights: Heights, level: float) -> None:
    """A dashed line at height `level`."""
    pen = QPen(theme.color("quiet"), 1.0, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([4.0, 3.0])
    painter.setPen(pen)
    y = crisp(heights.to_y(level))
    painter.drawLine(QPointF(across.left_px, y), QPointF(across.right_px, y))


def paint_band(painter: QPainter, across: AxisMap, heights: Heights, band: PlotBand) -> None:
    """The area of `band`."""
    pxs = across.to_pxs(band.xs)
    around = heights.line(np.concatenate([pxs, pxs[::-1]]), np.concatenate([band.lows, band.highs[::-1]]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(band.spec.hue, BAND_OPACITY))
    painter.drawPolygon(around)


def paint_curve(
    painter: QPainter, across: AxisMap, heights: Heights, curve: PlotCurve, *, beside: bool = False
) -> None:
    """`curve`, thin and dashed where it is that of the run `beside`."""
    pen = QPen(theme.color(curve.spec.hue, 0.75 if beside else 1.0), 1.0, curve.spec.style)
    if beside:
        pen.setDashPattern([6.0, 3.0, 1.0, 3.0])
    elif curve.spec.style == Qt.PenStyle.DotLine:
        pen.setDashPattern([1.5, 2.5])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(heights.line(*thinned(across.to_pxs(curve.xs), curve.ys)))


def paint_halo(painter: QPainter, across: AxisMap, heights: Heights, curve: PlotCurve) -> None:
    """A wide line along `curve`, which is pointed at."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color(curve.spec.hue, 0.35), 6.0))
    points = heights.line(across.to_pxs(curve.xs), curve.ys).toList()
    painter.drawPolyline(QPolygonF(points[:: max(1, len(points) // HALO)]))


def paint_dots(
    painter: QPainter, across: AxisMap, heights: Heights, curve: PlotCurve, positions: F64, *, rings: bool = False
) -> None:
    """Dots, or rings, on `curve` at those of `positions` where it is defined."""
    ys = curve.at(positions)
    there = np.isfinite(ys)
    dots = heights.line(across.to_pxs(positions)[there], ys[there])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if rings:
        painter.setPen(QPen(theme.color(curve.spec.hue, 0.7), 1.0))
        for dot in dots.toList():
            painter.drawEllipse(dot, DOT + 1.5, DOT + 1.5)
    else:
        hue = theme.color(curve.spec.hue)
        painter.setPen(QPen(hue, 2 * DOT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(dots)  # all at once: one ellipse each takes ten times as long
