"""What lies on a plane: pictures, points, lines, arrows and rings, as items of its view box."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from pyqtgraph.graphicsItems.ScatterPlotItem import SymbolAtlas, drawSymbol
from pyqtgraph.Qt import internals
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPaintEngine, QPainter, QPainterPath, QPen

from diffviz.domain.arrays import F64, U8
from diffviz.ui.plots import axes
from diffviz.ui.widgets import glyphs, theme
from diffviz.ui.widgets.math_label import Typeset

Bounds = tuple[float, float, float, float]
FULL = (0, 255)
FARTHEST = 1e7
"""Pixels: the painter counts no further."""


class PictureLayer(pg.ImageItem):
    """A picture over a part of the plane. With `smooth` its pixels flow into each other also where they are large."""

    def __init__(self, smooth: bool = False) -> None:
        super().__init__(axisOrder="row-major")
        self._smooth = smooth
        self.hide()

    def show_pixels(self, pixels: U8 | None, bounds: Bounds = (0.0, 1.0, 0.0, 1.0)) -> None:
        """Show uint8 (H, W) or (H, W, 3 or 4), row 0 on top, over `bounds` (x from, x to, y from, y to), or nothing."""
        self.setVisible(pixels is not None)
        if pixels is not None:
            x0, x1, y0, y1 = bounds
            self.setImage(np.ascontiguousarray(pixels[::-1]), levels=FULL, autoLevels=False)
            self.setRect(QRectF(x0, y0, x1 - x0, y1 - y0))

    def paint(self, painter: QPainter, *args: Any) -> None:
        """Paint it; smaller than it is, it is always smoothed."""
        shrunk = abs(painter.combinedTransform().m11()) < 1
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth or shrunk)
        super().paint(painter, *args)


def around(reach: float, count: int) -> Bounds:
    """Bounds of a picture of `count` × `count` values at points from −`reach` to `reach`: half a cell more each way."""
    out = reach * count / (count - 1)
    return -out, out, -out, out


class LinesLayer(pg.PlotCurveItem):
    """Polylines of one pen."""

    def __init__(self) -> None:
        super().__init__(connect="finite", antialias=True, skipFiniteCheck=False)

    def show_lines(self, lines: Sequence[F64], hue: str, alpha: float = 1.0, width: float = 1.0) -> None:
        """Show polylines (K, 2) in the palette's `hue`."""
        gap = np.full((1, 2), np.nan)
        parts = [part for line in lines for part in (line, gap)] or [gap]
        xy = np.concatenate(parts)
        self.setData(x=xy[:, 0], y=xy[:, 1], pen=pg.mkPen(theme.color(hue, alpha), width=width))


def isolines(heights: F64, levels: Sequence[float], reach: float) -> tuple[F64, ...]:
    """Polylines (K, 2) on which `heights` (N, N) have one of `levels`; heights[i, j] is at x_i, y_j over ±`reach`.

    Marching squares of pyqtgraph, which counts from the corner of the first cell, half a cell before its point.
    """
    lines = (line for level in levels for line in pg.isocurve(heights, level, connected=True))
    steps = len(heights) - 1
    return tuple((np.asarray(line, np.float64) - 0.5) / steps * 2 * reach - reach for line in lines)


class PixelLayer(pg.GraphicsObject):
    """Something whose parts have sizes in pixels: it is painted by `paint_px` in those of the widget."""

    def boundingRect(self) -> QRectF:
        """All that is in sight."""
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        """Be where the view is now."""
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, _option: Any, _widget: Any = None) -> None:
        """Paint in pixels."""
        transform = painter.transform()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_px(painter, lambda points: _mapped(transform, points))

    def paint_px(self, painter: QPainter, to_px: Callable[[ArrayLike], F64]) -> None:
        """Paint it; `to_px` gives pixels (N, 2) of points (N, 2)."""
        raise NotImplementedError


def _mapped(transform: Any, points: ArrayLike) -> F64:
    found: F64 = pg.functions.transformCoordinates(transform, np.asarray(points, np.float64).T).T
    return found


Style = tuple[Any, float, QPen, QBrush]
"""Symbol, size in pixels, pen and brush of a glyph, as pyqtgraph's atlas takes them."""
DRAWN = (QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf, QPaintEngine.Type.Picture)


class PointsLayer(PixelLayer):
    """Points as glyphs of a fixed size, from an atlas as sharp as the screen.

    One atlas entry for each style, and each point a number of one: half the time of a `ScatterPlotItem`, which looks
    for the style of every point.
    """

    def __init__(self) -> None:
        super().__init__()
        self._points = np.empty((0, 2))
        self._kinds: NDArray[np.integer] = np.empty(0, np.intp)
        self._styles: Sequence[Style] = ()
        self._atlas = SymbolAtlas()
        self._fragments = internals.PrimitiveArray(QPainter.PixmapFragment, 10)

    def show_points(self, points: ArrayLike, kinds: NDArray[np.integer], styles: Sequence[Style]) -> None:
        """Show `points` (N, 2), the first below, each in the style of its number among `styles`."""
        self._points, self._kinds = np.asarray(points, np.float64).reshape(-1, 2), kinds
        self._styles = styles
        self.update()

    def show_classes(self, points: ArrayLike, labels: NDArray[np.int64], bright: NDArray[np.bool_]) -> None:
        """Show `points` (N, 2) by their classes; those that are not `bright` (N,) are pale and lie below."""
        order = np.argsort(bright, kind="stable")
        known, classes = np.unique(labels, return_inverse=True)
        name = theme.palette().name
        styles = [class_style(name, int(label), lit) for label in known for lit in (False, True)]
        self.show_points(np.asarray(points)[order], (2 * classes + bright)[order], styles)

    def paint_px(self, painter: QPainter, to_px: Callable[[ArrayLike], F64]) -> None:
        """Paint those whose place is known."""
        at = to_px(self._points)
        there = (np.abs(at) < FARTHEST).all(1)
        if painter.paintEngine().type() in DRAWN:
            self._draw_paths(painter, at[there], self._kinds[there])
        elif there.any():
            self._draw_glyphs(painter, at[there], self._kinds[there])

    def _draw_glyphs(self, painter: QPainter, at: F64, kinds: NDArray[np.integer]) -> None:
        ratio = painter.device().devicePixelRatio()
        if ratio != self._atlas.devicePixelRatio():
            self._atlas.setDevicePixelRatio(ratio)
            self._atlas.clear()
        sources = np.array(self._atlas[self._styles], np.float64)
        self._fragments.resize(len(at))
        rows = self._fragments.ndarray()
        rows[:, :2], rows[:, 2:6] = at, sources[kinds]
        rows[:, 6:] = 1 / ratio, 1 / ratio, 0.0, 1.0  # scale both ways, turn, opacity
        first, count = self._fragments.drawargs()
        painter.drawPixmapFragments(first, count, self._atlas.pixmap)

    def _draw_paths(self, painter: QPainter, at: F64, kinds: NDArray[np.integer]) -> None:
        for (x, y), kind in zip(at.tolist(), kinds.tolist(), strict=True):
            painter.save()
            painter.translate(x, y)
            drawSymbol(painter, *self._styles[kind])
            painter.restore()


@lru_cache(maxsize=256)
def disc_style(_theme: str, hue: str, size: float, alpha: float = 1.0, halo: float = 0.0) -> Style:
    """A disc of `size` pixels in the palette's `hue`, `halo` pixels of the ground around.

    It is the same object each time: an atlas tells styles apart by their pens and brushes.
    """
    pen = QPen(theme.color("ground", 0.6), halo) if halo else QPen(Qt.PenStyle.NoPen)
    pen.setCosmetic(True)
    return "o", size + halo, pen, QBrush(theme.color(hue, alpha))


@lru_cache(maxsize=4096)
def class_style(_theme: str, label: int, bright: bool) -> Style:
    """The glyph of class `label`."""
    pen, brush = QPen(Qt.PenStyle.NoPen), QBrush(glyphs.colour(label, 0.85 if bright else 0.1))
    return _shape(label % glyphs.SHAPES), glyphs.SIDE, pen, brush


@lru_cache(maxsize=glyphs.SHAPES)
def _shape(kind: int) -> QPainterPath:
    return glyphs.shape(kind, QPointF(0, 0), (glyphs.SIDE / 2 - 1.1) / glyphs.SIDE)


BARB, TURN = 4.0, math.radians(28)


class ArrowsLayer(PixelLayer):
    """Arrows that end in barbs, or with `dots` in dots."""

    def __init__(self, hue: str, *, dots: bool = False) -> None:
        super().__init__()
        self._hue, self._dots = hue, dots
        self._tails, self._tips = np.empty((0, 2)), np.empty((0, 2))
        self._longest = math.inf
        self._lines = internals.PrimitiveArray(QLineF, 4)
        self._points = internals.PrimitiveArray(QPointF, 2)

    def show_arrows(self, tails: ArrayLike, tips: ArrayLike, longest: float = math.inf) -> None:
        """Show arrows from `tails` (N, 2) to `tips`, none longer than `longest` pixels, none shorter than one."""
        self._tails, self._tips = np.asarray(tails, np.float64), np.asarray(tips, np.float64)
        self._longest = longest
        self.update()

    def paint_px(self, painter: QPainter, to_px: Callable[[ArrayLike], F64]) -> None:
        """Paint shafts, then barbs or dots."""
        if not len(self._tails):
            return
        tails = to_px(self._tails)
        reach = to_px(self._tips) - tails
        lengths = np.hypot(*reach.T)
        seen = np.isfinite(lengths) & (lengths > (0 if self._dots else 1))
        tails, reach, lengths = tails[seen], reach[seen], lengths[seen]
        reach *= np.minimum(1, self._longest / np.maximum(lengths, 1e-9))[:, None]
        if self._dots:
            self._paint_dotted(painter, tails, tails + reach)
        else:
            lengths = np.minimum(lengths, self._longest)
            self._paint_barbed(painter, tails, tails + reach, reach / lengths[:, None], np.minimum(BARB, lengths * 0.6))

    def _paint_dotted(self, painter: QPainter, tails: F64, tips: F64) -> None:
        painter.setPen(QPen(theme.color(self._hue, 0.75), 1.0))
        self._draw_lines(painter, tails, tips)
        painter.setPen(QPen(theme.color(self._hue, 0.9), 2.4))
        self._points.resize(len(tips))
        self._points.ndarray()[:] = tips
        painter.drawPoints(*self._points.drawargs())

    def _paint_barbed(self, painter: QPainter, tails: F64, tips: F64, ahead: F64, sizes: F64) -> None:
        begins, ends = [tails], [tips]
        for turn in (-TURN, TURN):
            cos, sin = math.cos(turn), math.sin(turn)
            back = -ahead @ np.array([[cos, sin], [-sin, cos]])
            begins.append(tips)
            ends.append(tips + back * sizes[:, None])
        painter.setPen(QPen(theme.color(self._hue, 0.9), 1.1))
        self._draw_lines(painter, np.concatenate(begins), np.concatenate(ends))

    def _draw_lines(self, painter: QPainter, begins: F64, ends: F64) -> None:
        self._lines.resize(len(begins))
        self._lines.ndarray()[:] = np.concatenate([begins, ends], 1)
        painter.drawLines(*self._lines.drawargs())


PLATE = 16.0
"""Circles a unit apart have words where they are at least so many pixels apart."""


class RingsLayer(PixelLayer):
    """Dashed circles around a point, each with words at its top."""

    def __init__(self) -> None:
        super().__init__()
        self._centre = (0.0, 0.0)
        self._rings: tuple[tuple[float, str], ...] = ()

    def show_rings(self, centre: tuple[float, float], rings: Sequence[tuple[float, str]]) -> None:
        """Show circles of the radii and words of `rings`."""
        self._centre, self._rings = centre, tuple(rings)
        self.update()

    def paint_px(self, painter: QPainter, to_px: Callable[[ArrayLike], F64]) -> None:
        """Paint circles, then words."""
        x, y = self._centre
        (across, down), (right, _) = to_px([[x, y], [x + 1, y]]).tolist()
        painter.setFont(theme.font(10))
        for radius, words in self._rings:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text", 0.6), 1, Qt.PenStyle.DashLine))
            reach = radius * (right - across)
            painter.drawEllipse(QPointF(across, down), reach, reach)
            if right - across >= PLATE:
                _paint_words(painter, across, down - reach, words)


def _paint_words(painter: QPainter, x: float, y: float, words: str) -> None:
    width = painter.fontMetrics().horizontalAdvance(words) + 8
    plate = QRectF(x - width / 2, y - 7, width, 14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("panel", 0.85))
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(theme.color("text"))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)


NAME_ACROSS, NAME_UP = 32.0, 18.0
"""Pixels at the ends of the axes that are their names'."""
APART_ACROSS, APART_UP = 44.0, 30.0
"""Pixels that figures want along each axis."""


class PlaneAxis(axes.PlotAxis):
    """An axis whose name stands where its last figure would be, with figures as close as in the other direction."""

    def __init__(self, side: str, box: pg.ViewBox) -> None:
        super().__init__(side, box)
        self.apart = APART_UP if self.upright else APART_ACROSS

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Figures, but for those that the name is in the place of."""
        low, high = self.range
        length = self.height() if self.upright else self.width()
        last = high - (high - low) * (NAME_UP if self.upright else NAME_ACROSS) / max(length, 1.0)
        return [
            text if value < last else ""
            for value, text in zip(values, super().tickStrings(values, scale, spacing), strict=True)
        ]

    def _name_along(self, painter: QPainter, area: QRectF, hue: QColor, numbers: list[QRectF]) -> None:
        """In the row of the figures, at its end."""
        name = Typeset(self.name, theme.font(12, 500))
        name.at(area.right() - name.width - 2, area.top() + 15, hue).paint(painter)

    def _name_upright(self, painter: QPainter, area: QRectF, hue: QColor) -> None:
        """In the column of the figures, at its top."""
        name = Typeset(self.name, theme.font(12, 500))
        name.at(max(area.left() + 1, area.right() - 8 - name.width), area.top() + 11, hue).paint(painter)
