"""What a chart draws: curves, and points that can be dragged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diffviz.domain.arrays import F64

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
