"""Curves of one plot as numbers, computed when what they come from changes, and the dots of visited steps on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.domain.plots import Band, Plot, Series
from diffviz.ui.timeline.axis import AxisMap, every, round_step, ticks
from diffviz.ui.timeline.run_progress import RunProgress

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
    heights = np.concatenate([c.ys for c in curves])
    low, high = fixed or ((float(heights.min()), float(heights.max())) if len(heights) else (0.0, 1.0))
    room = (high - low or abs(high) or 1.0) * PADDING
    return low - room, high + room
