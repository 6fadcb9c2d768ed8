"""Painting of a map of the plane: D(x) below, then contours of the data, points, and the gradient at samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from diffviz.domain.gan import EXTENT
from diffviz.ui.gan.plane_scene import PlaneScene
from diffviz.ui.gan.shade import colours
from diffviz.ui.map.painting import area_of
from diffviz.ui.map.scale import PlaneScale
from diffviz.ui.thumbnails import qimage
from diffviz.ui.widgets import theme

POINT, SMALL = 4.4, 3.4
LONGEST, HEAD = 60.0, 4.0


def paint_plane(painter: QPainter, scene: PlaneScene, scale: PlaneScale) -> None:
    """All of `scene` but its axes, which change less often."""
    area = area_of(scale)
    painter.fillRect(area, theme.blend("panel", "ground", 0.55))
    painter.save()
    painter.setClipRect(area)
    _paint_surface(painter, scene, scale)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_contours(painter, scene, scale)
    _paint_points(painter, polygon(scale, scene.real), "alpha_bar", SMALL)
    _paint_points(painter, polygon(scale, scene.fake), "generated", POINT)
    _paint_arrows(painter, scene, scale)
    painter.restore()


def polygon(scale: PlaneScale, points: ArrayLike) -> QPolygonF:
    """`points` (N, 2) of the plane in pixels."""
    xy = np.asarray(points, np.float64)
    return QPolygonF([QPointF(x, y) for x, y in (scale.to_px(xy).tolist() if len(xy) else [])])


def _paint_surface(painter: QPainter, scene: PlaneScene, scale: PlaneScale) -> None:
    if scene.surface is None:
        return
    (x0, y0), (x1, y1) = scale.to_px([[-EXTENT, EXTENT], [EXTENT, -EXTENT]])
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(x0, y0, x1 - x0, y1 - y0), qimage(colours(scene.leaning, scene.surface)))


def _paint_contours(painter: QPainter, scene: PlaneScene, scale: PlaneScale) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("alpha_bar", 0.75), 1.0))
    for line in scene.contours:
        painter.drawPolyline(polygon(scale, line))


def _paint_points(painter: QPainter, points: QPolygonF, hue: str, size: float) -> None:
    for colour, width in ((theme.color("ground", 0.6), size + 1.4), (theme.color(hue), size)):
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(points)


def _paint_arrows(painter: QPainter, scene: PlaneScene, scale: PlaneScale) -> None:
    if scene.arrows is None or not len(scene.fake):
        return
    tails = scale.to_px(scene.fake)
    reach = scene.arrows.astype(np.float64) * [scene.gain * scale.per_unit, -scene.gain * scale.per_unit]
    lengths = np.hypot(*reach.T)
    seen = np.isfinite(lengths) & (lengths > 1)
    reach = reach[seen] * np.minimum(1, LONGEST / lengths[seen])[:, None]
    painter.setPen(QPen(theme.color("text", 0.9), 1.1))
    for tail, (dx, dy) in zip(tails[seen].tolist(), reach.tolist(), strict=True):
        _paint_arrow(painter, QPointF(*tail), QPointF(tail[0] + dx, tail[1] + dy))


def _paint_arrow(painter: QPainter, tail: QPointF, tip: QPointF) -> None:
    line = QLineF(tail, tip)
    painter.drawLine(line)
    side = QLineF(tip, tail)
    side.setLength(min(HEAD, line.length() * 0.6))
    angle = side.angle()
    for turn in (-28, 28):
        side.setAngle(angle + turn)
        painter.drawLine(side)
