"""Painting of a map of the plane: its scene as plain data, D(x) as colour, contours, points, gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from diffviz.domain.arrays import F32, F64, U8
from diffviz.domain.gan import EXTENT, Drawn
from diffviz.domain.gan_verdicts import Leaning
from diffviz.theory import gan_distributions, gaussians
from diffviz.ui.plots.plane import PlaneScale, area_of
from diffviz.ui.widgets import pixmaps, qss, theme

STRENGTH = 0.62
LEVELS = 255


def colours(leaning: Leaning, answers: F32) -> U8:
    """`answers` (H, W), rows from low to high y, as colours (H, W, 3), the highest y on top."""
    places = np.rint((leaning.of(answers[::-1]) + 1) / 2 * LEVELS).astype(np.intp)
    found: U8 = table(theme.palette().name)[places]
    return found


@lru_cache(maxsize=4)
def table(_theme: str) -> U8:
    """Colours (256, 3) from "surely generated" over the ground to "surely real"."""
    palette = theme.palette()
    ground = qss.mix(palette.panel, palette.ground, 0.55)
    shares = np.linspace(-1, 1, LEVELS + 1)
    hues = (palette.generated if share < 0 else palette.alpha_bar for share in shares)
    mixed = (qss.mix(ground, hue, STRENGTH * abs(share)) for hue, share in zip(hues, shares, strict=True))
    return np.array([[int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in mixed], np.uint8)


FINE, DRAWS = 129, 20_000
SHARES = (0.39, 0.86)
"""How much of the data lies within each contour, as within one and two standard deviations of a Gaussian."""


@lru_cache(maxsize=8)
def contours_of(data: gan_distributions.Planar) -> tuple[F64, ...]:
    """Polylines (K, 2) around the smallest areas that hold `SHARES` of the data."""
    if isinstance(data, Drawn) and not data.points:
        return ()
    mixture = gan_distributions.mixture_of(data)
    axis = np.linspace(-EXTENT, EXTENT, FINE)
    density = mixture.density(np.stack(np.meshgrid(axis, axis, indexing="ij"), -1))
    lines = [line for share in SHARES for line in pg.isocurve(density, level_of(mixture, share), connected=True)]
    # pyqtgraph counts from the corner of the first cell, half a cell before its point
    return tuple((np.asarray(line, np.float64) - 0.5) / (FINE - 1) * 2 * EXTENT - EXTENT for line in lines)


def level_of(mixture: gaussians.Mixture, share: float) -> float:
    """The density above which `share` of `mixture` lies, from draws of it."""
    drawn = mixture.density(mixture.sample(DRAWS, np.random.default_rng(0)))
    return float(np.quantile(drawn, 1 - share))


def nothing() -> F32:
    """No points."""
    return np.empty((0, 2), np.float32)


@dataclass(slots=True, eq=False)
class PlaneScene:
    """`surface` (GRID, GRID) over ±EXTENT, rows from low to high y, coloured by `leaning`, and points (N, 2).

    `arrows` (N, 2) stand at `fake`, `gain` units of the plane long for each unit of theirs; `contours` are polylines
    (K, 2) of the data's density.
    """

    surface: F32 | None = None
    leaning: Leaning = field(default_factory=Leaning)
    real: F32 = field(default_factory=nothing)
    fake: F32 = field(default_factory=nothing)
    arrows: F32 | None = None
    gain: float = 1.0
    contours: Sequence[F64] = ()


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
    painter.drawImage(QRectF(x0, y0, x1 - x0, y1 - y0), pixmaps.qimage(colours(scene.leaning, scene.surface)))


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
