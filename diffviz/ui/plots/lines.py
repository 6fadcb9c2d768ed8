"""What is drawn in a plot: curves, points, areas and levels, as items of a view box."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsPolygonItem

from diffviz.domain.arrays import F64
from diffviz.domain.plots import Band, Series
from diffviz.ui.plots.axes import LogScale, PlotScale, Range
from diffviz.ui.plots.view_box import PlotBox
from diffviz.ui.widgets import painting, theme

BAND_OPACITY, BESIDE_OPACITY = 0.22, 0.75
BESIDE, BEHIND = "beside", -20.0
POINT, FAR = 3.6, 1e3
FEW = 400
"""Points that are drawn as they are, however small the plot."""


@dataclass(frozen=True, slots=True, eq=False)
class PlotLine:
    """A curve as it is drawn: heights `ys` at `xs`, ascending, nan where it is not defined.

    `hue` names a colour of the palette or is one (#rrggbb). `fill` is the opacity of the area down to 0, with `dots`
    its points stand alone, with `steps` each height holds from one of the `xs` to the next, of which there is one more.
    `logs` are log₁₀ of heights that are too small for a float. The lines of a pinned run are in the style "beside".
    One that is not `kept` is another for every frame: it is painted over the kept picture of the others.
    """

    key: str
    label: str
    hue: str
    xs: F64
    ys: F64
    style: str = "solid"
    logs: F64 | None = None
    fill: float = 0.0
    dots: bool = False
    steps: bool = False
    width: float = 1.25
    term: str = ""
    kept: bool = True


def line_of(series: Series, *, beside: bool = False) -> PlotLine:
    """`series` as it is drawn: thin and dashed where it is that of the run `beside`."""
    style, width = (BESIDE, 1.0) if beside else (series.style, 1.25)
    names = series.key, series.label, series.hue
    return PlotLine(*names, series.xs, series.ys, style, series.logs, width=width, term=series.term)


class DrawnLine:
    """A line in a view box, and its coordinates there. It keeps its kind: with steps or without, kept or not."""

    def __init__(self, box: PlotBox) -> None:
        self.line: PlotLine | None = None
        self.xs: F64 = np.zeros(0)
        self.ys: F64 = np.zeros(0)
        self._scales: tuple[PlotScale, PlotScale] | None = None
        self._box = box
        self._curve: pg.PlotCurveItem | None = None
        self._dots: pg.ScatterPlotItem | None = None
        self._area: Any = None
        self._marked: tuple[object, painting.Group] = None, painting.Group(())

    def show(self, line: PlotLine, x: PlotScale, y: PlotScale) -> None:
        """Draw `line` over axes of the scales `x` and `y`, unless it is drawn so already."""
        if self.line is not None and (x, y) == self._scales and _same(line, self.line):
            return
        self.line, self._scales = line, (x, y)
        self.xs = x.coordinates(line.xs)
        given = line.logs if line.logs is not None and isinstance(y, LogScale) else None
        self.ys = y.coordinates(line.ys) if given is None else np.where(np.isfinite(given), given, np.nan)
        self.draw()

    def draw(self) -> None:
        """Draw it in the colours of the theme in force, unless it is painted over what is drawn: see `marks`."""
        assert self.line is not None
        if not self.line.kept:
            return
        self._show_dots(self.line) if self.line.dots else self._show_curve(self.line)
        self._fill(self.line)
        for item, shown in ((self._curve, not self.line.dots), (self._dots, self.line.dots)):
            if item is not None:
                item.setVisible(shown)

    def follow(self) -> None:
        """Draw it for another part of the axis: more than is seen of many points is not drawn."""
        if self.line is not None and len(self.xs) > FEW and not self.line.dots:
            self.draw()

    @property
    def path(self) -> tuple[F64, F64]:
        """The corners of what is drawn: those of its steps, or its points."""
        if self.line is None or not self.line.steps:
            return self.xs, self.ys
        foot = [np.zeros(1)] if len(self.ys) else []
        return np.repeat(self.xs, 2), np.concatenate([*foot, np.repeat(self.ys, 2), *foot])

    def remove(self) -> None:
        """Take it out of the box."""
        for item in (self._curve, self._dots, self._area):
            if item is not None:
                self._box.removeItem(item)

    def outline(self) -> QPolygonF:
        """What is drawn, where it is defined, in pixels of the canvas."""
        xs, ys = self.path
        finite = np.isfinite(ys)
        return polygon_of(*self._box.to_pxs(xs[finite], ys[finite]))

    def marks(self) -> Iterator[painting.PaintMark]:
        """The line in pixels, and the area below it, which has no smooth edges: they are what costs."""
        line = self.line
        if line is None or line.kept or not len(line.xs):
            return
        box = self._box
        key = line, self._scales, box.area.getRect(), box.seen, box.xInverted(), theme.palette().name
        if self._marked[0] != key:
            self._marked = key, self._mark(line)
        yield self._marked[1]

    def _mark(self, line: PlotLine) -> painting.Group:
        (xs, ys), path, pen = self.path, QPainterPath(), self._pen(line)
        whole = np.nan_to_num(ys, nan=-FAR, posinf=FAR, neginf=-FAR)  # what has no height lies below what is seen
        path.addPolygon(polygon_of(*self._box.to_pxs(xs, whole)))
        marks = [painting.Outline(path, edge=pen)]
        if line.fill:
            marks.insert(0, painting.Outline(path, colour(line.hue, line.fill)))
        return painting.Group(marks, smooth=not line.steps, clip=self._box.area.adjusted(0, -1, 1, 1))

    def _pen(self, line: PlotLine) -> QPen:
        return cosmetic(colour(line.hue, BESIDE_OPACITY if line.style == BESIDE else 1.0), line.width, line.style)

    def _show_curve(self, line: PlotLine) -> None:
        if self._curve is None:
            self._curve = pg.PlotCurveItem()
            self._box.addItem(self._curve, ignoreBounds=True)
        xs, ys = self.path
        if len(xs) > FEW:
            xs, ys = thinned(xs, ys, self._box.seen[0], max(1, round(self._box.area.width())))
        whole = bool(np.isfinite(ys).all())
        connect = "all" if whole else "finite"
        self._curve.setData(
            xs, ys, pen=self._pen(line), connect=connect, skipFiniteCheck=whole, antialias=not line.steps
        )

    def _show_dots(self, line: PlotLine) -> None:
        if self._dots is None:
            self._dots = pg.ScatterPlotItem(pxMode=True, antialias=True, size=POINT)
            self._box.addItem(self._dots, ignoreBounds=True)
        kept = np.isfinite(self.xs) & np.isfinite(self.ys)
        brush = pg.mkBrush(colour(line.hue))
        self._dots.setData(self.xs[kept], self.ys[kept], pen=None, brush=brush, size=POINT)

    def _fill(self, line: PlotLine) -> None:
        """Fill the area down to 0; without smooth edges, which are what costs, and the curve lies over them."""
        if self._area is None and line.fill:
            self._area = pg.BarGraphItem(x0=[], x1=[], height=[], y0=0) if line.steps else QGraphicsPolygonItem()
            self._area.setZValue(BEHIND)
            self._box.addItem(self._area, ignoreBounds=True)
        if self._area is None:
            return
        brush = colour(line.hue, line.fill)
        if line.steps:
            ends = self.xs[: len(self.ys)], self.xs[1:]
            self._area.setOpts(x0=ends[0], x1=ends[1], y0=0, height=self.ys, pen=None, brush=brush)
        else:
            self._area.setPen(QPen(Qt.PenStyle.NoPen))
            self._area.setBrush(brush)
            self._area.setPolygon(_down_to_0(self.xs, self.ys))
        self._area.setVisible(bool(line.fill))

    def at(self, x: float) -> float:
        """Its coordinate above the coordinate `x`, nan where it is not defined."""
        if not len(self.ys) or self.line is None:
            return float("nan")
        if self.line.steps:
            step = int(np.searchsorted(self.xs, x, side="right")) - 1
            return float(self.ys[step]) if 0 <= step < len(self.ys) else float("nan")
        return float(np.interp(x, self.xs, self.ys, left=np.nan, right=np.nan))

    def extent(self, x: Range) -> Range | None:
        """From which to which height it goes between the ends of `x`; None where it has none there."""
        inside = (self.xs >= x[0]) & (self.xs <= x[1])
        ends = [] if self.line is None or self.line.dots else [self.at(x[0]), self.at(x[1])]
        heights = np.concatenate([self.ys[inside[: len(self.ys)]], ends])
        heights = heights[np.isfinite(heights)]
        return (float(heights.min()), float(heights.max())) if len(heights) else None


def fitting(drawn: Sequence[DrawnLine], lines: Sequence[PlotLine]) -> bool:
    """Whether what is `drawn` is of the kind of those of `lines` that will take its place."""
    kinds = ((before.line, line) for before, line in zip(drawn, lines, strict=False))
    return all(was is None or (was.steps, was.kept) == (line.steps, line.kept) for was, line in kinds)


def _down_to_0(xs: F64, ys: F64) -> QPolygonF:
    """The area between a curve and 0, where it is defined."""
    xs, ys = xs[np.isfinite(ys)], ys[np.isfinite(ys)]
    xs, ys = np.concatenate([xs[:1], xs, xs[-1:]]), np.concatenate([ys[:1] * 0, ys, ys[-1:] * 0])
    polygon: QPolygonF = pg.functions.arrayToQPolygonF(xs, ys)
    return polygon


def thinned(xs: F64, ys: F64, seen: Range, columns: int) -> tuple[F64, F64]:
    """The curve through `xs`, ascending, between the ends of `seen`, two points to each of so many columns.

    These are the lowest and the highest of each column, so that no peak is lost; nan where a column has no height.
    """
    first, last = max(0, int(np.searchsorted(xs, seen[0])) - 1), int(np.searchsorted(xs, seen[1], side="right")) + 1
    xs, ys = xs[first:last], ys[first:last]
    if len(xs) <= 2 * columns:
        return xs, ys
    column = np.floor((xs - seen[0]) * (columns / (seen[1] - seen[0])))
    begins = np.flatnonzero(np.diff(column, prepend=np.nan) != 0)
    ends = np.stack([np.fmin.reduceat(ys, begins), np.fmax.reduceat(ys, begins)], axis=1)
    return np.repeat(xs[begins], 2), ends.ravel()


def _same(one: PlotLine, other: PlotLine) -> bool:
    """Whether the two look alike and have the same arrays."""
    arrays = one.xs is other.xs and one.ys is other.ys and one.logs is other.logs
    return arrays and _look(one) == _look(other)


def _look(line: PlotLine) -> tuple[object, ...]:
    return line.key, line.label, line.hue, line.style, line.fill, line.dots, line.steps, line.width, line.kept


class PlotBackground:
    """Bands and dashed lines at heights, behind the curves of a box."""

    def __init__(self, box: PlotBox) -> None:
        self._box = box
        self._bands: list[tuple[Band, QGraphicsPolygonItem]] = []
        self._levels: list[tuple[float, pg.InfiniteLine]] = []

    def show(self, bands: Sequence[Band], levels: Sequence[float]) -> None:
        """Have these and no others; `draw` gives them their places."""
        if _are(bands, [band for band, _ in self._bands]) and list(levels) == [height for height, _ in self._levels]:
            return
        for _, item in (*self._bands, *self._levels):
            self._box.removeItem(item)
        self._bands = [(band, QGraphicsPolygonItem()) for band in bands]
        self._levels = [(height, pg.InfiniteLine(angle=0, movable=False)) for height in levels]
        for _, item in (*self._bands, *self._levels):
            item.setZValue(BEHIND)
            self._box.addItem(item, ignoreBounds=True)
        self.restyle()

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        for band, area in self._bands:
            area.setPen(QPen(Qt.PenStyle.NoPen))
            area.setBrush(colour(band.hue, BAND_OPACITY))
        pen = cosmetic(theme.color("quiet"), 1.0)
        pen.setDashPattern([4.0, 3.0])
        for _, line in self._levels:
            line.setPen(pen)

    def draw(self, x: PlotScale, y: PlotScale) -> None:
        """Take the places that the scales `x` and `y` give."""
        for band, area in self._bands:
            xs, lows, highs = x.coordinates(band.xs), y.coordinates(band.low), y.coordinates(band.high)
            kept = np.isfinite(xs) & np.isfinite(lows) & np.isfinite(highs)
            xs, lows, highs = xs[kept], lows[kept], highs[kept]
            around = np.concatenate([xs, xs[::-1]]), np.concatenate([lows, highs[::-1]])
            area.setPolygon(polygon_of(*around))
        for height, line in self._levels:
            at = float(y.coordinates(np.array([height], np.float64))[0])
            line.setVisible(bool(np.isfinite(at)))
            line.setPos(at if np.isfinite(at) else 0.0)


def _are(some: Sequence[object], others: Sequence[object]) -> bool:
    """Whether `some` are the `others` themselves, in their order."""
    return len(some) == len(others) and all(one is other for one, other in zip(some, others, strict=True))


def polygon_of(xs: F64, ys: F64) -> QPolygonF:
    """The points (xs, ys) (n,); none where there are none, of which pyqtgraph makes no polygon."""
    found: QPolygonF = pg.functions.arrayToQPolygonF(xs, ys) if len(xs) else QPolygonF()
    return found


def standing_at(drawn: DrawnLine, positions: F64, slack: float) -> F64:
    """Indices of those of its own points that stand at `positions`: nothing between two is made up."""
    xs = drawn.xs
    if not len(xs) or not len(positions):
        return np.zeros(0, np.int64)
    above = np.minimum(np.searchsorted(xs, positions), len(xs) - 1)
    below = np.maximum(above - 1, 0)
    nearest = np.where(np.abs(xs[above] - positions) <= np.abs(xs[below] - positions), above, below)
    found = np.unique(nearest[np.abs(xs[nearest] - positions) <= slack])
    return found[np.isfinite(drawn.ys[found])]


def point_at(drawn: DrawnLine, position: float, slack: float) -> Range | None:
    """The one of its own points that stands at `position`, None where there is none: `standing_at` of one alone."""
    xs = drawn.xs
    if not len(xs):
        return None
    above = min(int(xs.searchsorted(position)), len(xs) - 1)
    below = max(above - 1, 0)
    nearest = above if abs(xs[above] - position) <= abs(xs[below] - position) else below
    x, y = float(xs[nearest]), float(drawn.ys[nearest])
    return (x, y) if abs(x - position) <= slack and math.isfinite(y) else None


def colour(hue: str, alpha: float = 1.0) -> QColor:
    """The colour `hue`, a name of the palette or #rrggbb, with opacity `alpha`."""
    return theme.color(hue, alpha)


def cosmetic(color: QColor, width: float, style: str = "solid") -> QPen:
    """A pen as wide on the screen at every zoom, in a style of `PlotLine`."""
    pen = QPen(color, width)
    pen.setCosmetic(True)
    dashes = {"dashed": [5.0, 3.0], "dotted": [1.5, 2.5], "beside": [6.0, 3.0, 1.0, 3.0]}.get(style)
    if dashes:
        pen.setDashPattern(dashes)
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    return pen
