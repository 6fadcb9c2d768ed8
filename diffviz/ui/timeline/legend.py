"""The curves of a plot: their numbers, and whose they are.

Which curve is whose, where the curves of every plot are one for each of several models.

Curves of one plot as numbers, computed when what they come from changes, and the dots of visited steps on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F64
from diffviz.domain.plots import Band, Plot, Series
from diffviz.domain.text import tr
from diffviz.ui.plots.legend import HEIGHT, SAMPLE, paint_sample
from diffviz.ui.timeline.axis import AxisMap, every, round_step, ticks
from diffviz.ui.timeline.run_progress import RunProgress
from diffviz.ui.widgets import theme

ROOM = 7.0


def come(track: RunProgress, across: AxisMap, known: Sequence[float] = ()) -> F64:
    """The positions of `track` that have come and are to have a dot, without those that are `known`."""
    left_out = set(known)
    return np.asarray([p for p in _dotted(track, across) if track.has(p) and p not in left_out])


class DotCounts:
    """How many dots the tracks that are shown have, counted once for each look at a run."""

    def __init__(self) -> None:
        self._counts: dict[tuple[RunProgress, AxisMap], int] = {}

    def of(self, track: RunProgress, across: AxisMap, shown: Sequence[RunProgress | None]) -> int:
        """The number of `track`; those of tracks that are no longer `shown` are forgotten."""
        key = (track, across)
        if key not in self._counts:
            self._counts = {known: count for known, count in self._counts.items() if known[0] in shown}
            self._counts[key] = sum(map(track.has, _dotted(track, across)))
        return self._counts[key]


def _dotted(track: RunProgress, across: AxisMap) -> list[float]:
    """Planned positions with room for a dot each."""
    planned = track.planned
    length = abs(across.to_px(planned[-1]) - across.to_px(planned[0]))
    return list(planned[:: every(length / max(1, len(planned) - 1), ROOM)])


PADDING = 0.06
SNAP = 2.0
"""How far from a point of a curve, in pixels, a frame may stand that is marked there."""


@dataclass(frozen=True, slots=True, eq=False)
class PlotCurve:
    """Heights `ys` of a curve at `xs` as they are drawn, finite, ascending in x."""

    series: Series
    xs: F64
    ys: F64

    def at(self, position: float | F64) -> F64:
        """Heights at `position`, nan where the curve is not defined."""
        if not len(self.xs):
            return np.full(np.shape(position), np.nan)
        return np.asarray(np.interp(position, self.xs, self.ys, left=np.nan, right=np.nan))

    def points(self, positions: F64, across: AxisMap) -> F64:
        """Those of its own points (n, 2) that stand at `positions` on the screen: nothing between two is made up."""
        if not len(self.xs) or not len(positions):
            return np.empty((0, 2))
        above = np.minimum(np.searchsorted(self.xs, positions), len(self.xs) - 1)
        below = np.maximum(above - 1, 0)
        nearest = np.where(np.abs(self.xs[above] - positions) <= np.abs(self.xs[below] - positions), above, below)
        found = np.unique(nearest[np.abs(across.to_pxs(self.xs[nearest]) - across.to_pxs(positions)) <= SNAP])
        return np.stack([self.xs[found], self.ys[found]], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class PlotBand:
    """What lies between the heights `lows` and `highs` at `xs`, all finite."""

    hue: str
    xs: F64
    lows: F64
    highs: F64


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """All curves and bands of a plot as they are drawn, and the ends of their vertical axis."""

    curves: tuple[PlotCurve, ...]
    low: float
    high: float
    bands: tuple[PlotBand, ...] = ()

    @staticmethod
    def of(plot: Plot, log: bool) -> Curves:
        """The curves of `plot`, as log₁₀ where `log`."""
        curves = tuple(_curve(series, log) for series in plot.series)
        bands = tuple(_band(band, log) for band in plot.bands)
        return Curves(curves, *_limits(curves, None if log else plot.limits), bands)

    def ticks(self, count: float) -> list[float]:
        """Round heights for grid lines, `count` or fewer apart from one."""
        return ticks(self.low, self.high, round_step(self.high - self.low, count))


def thinned(xs: F64, ys: F64) -> tuple[F64, F64]:
    """The curve through pixels `xs`, ascending or descending, with no more than two points to a pixel column.

    Where there are more, the lowest and the highest of each column stay, so that no peak is lost.
    """
    columns = np.floor(xs)
    begins = np.flatnonzero(np.diff(columns, prepend=np.nan) != 0)
    if len(xs) <= 2 * len(begins):
        return xs, ys
    ends = np.stack([np.minimum.reduceat(ys, begins), np.maximum.reduceat(ys, begins)], axis=1)
    return np.repeat(columns[begins] + 0.5, 2), ends.ravel()


def _band(band: Band, log: bool) -> PlotBand:
    lows, highs = _drawn(band.low, log), _drawn(band.high, log)
    defined = np.isfinite(lows) & np.isfinite(highs)
    return PlotBand(band.hue, band.xs[defined], lows[defined], highs[defined])


def _curve(series: Series, log: bool) -> PlotCurve:
    ys = series.logs if log and series.logs is not None else _drawn(series.ys, log)
    defined = np.isfinite(ys)
    return PlotCurve(series, series.xs[defined], ys[defined])


def _drawn(heights: F64, log: bool) -> F64:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: F64 = np.log10(heights) if log else heights
    return found


def _limits(curves: tuple[PlotCurve, ...], fixed: tuple[float, float] | None) -> tuple[float, float]:
    heights = np.concatenate([np.empty(0), *(c.ys for c in curves)])
    low, high = fixed or ((float(heights.min()), float(heights.max())) if len(heights) else (0.0, 1.0))
    room = (high - low or abs(high) or 1.0) * PADDING
    return low - room, high + room


GAP, BETWEEN = 6, 12


class Legend(QWidget):
    """A piece of each curve's line before the name of its model; there while there is more than one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: tuple[Series, ...] = ()
        self.names: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Models by line"))
        self.hide()

    def show_curves(self, curves: Sequence[Series]) -> None:
        """Take the lines from `curves`, one for each model."""
        self._curves = tuple(curves)
        self.update()

    def show_names(self, names: Sequence[str]) -> None:
        """Name the models, in the order of the curves."""
        self.names = tuple(names)
        self.setAccessibleDescription(", ".join(names))
        self.setVisible(len(names) > 1)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for all lines and names."""
        widths = map(QFontMetricsF(theme.font(12)).horizontalAdvance, self.names)
        return QSize(round(sum(SAMPLE + GAP + width + BETWEEN for width in widths)), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint lines and names."""
        font, x = theme.font(12), 0.0
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font)
            for curve, name in zip(self._curves, self.names, strict=False):
                paint_sample(painter, curve, x)
                painter.setPen(theme.color("text"))
                painter.drawText(round(x + SAMPLE + GAP), round(HEIGHT / 2 + 4.5), name)
                x += SAMPLE + GAP + QFontMetricsF(font).horizontalAdvance(name) + BETWEEN
