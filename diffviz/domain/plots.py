"""Plots as data: curves over the axis of a run, declared once for window, pictures, vectors and tables; round numbers.

A family makes its plots of what is known of a run (`PlotData`), with labels in the language in force. Before anything
is known they have the same curves, without points: that is what can be chosen from.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.domain.frames import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve: heights `ys` at `xs`, ascending, nan where it is not defined.

    `key` names it in tables and among what is switched on, `label` is in the notation of `diffviz.domain.mathtext`,
    `title` says what it is, `hue` names a colour of the palette, `style` is "solid", "dashed" or "dotted". `logs` are
    log₁₀ of the heights where these can be too small for a float, and so 0. `term` is what it stands for in equations,
    empty for nothing. A curve that is not `on` waits in the window to be switched on.
    """

    key: str
    label: str
    title: str
    hue: str
    xs: F64
    ys: F64
    style: str = "solid"
    logs: F64 | None = None
    term: str = ""
    on: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """What lies between the heights `low` and `high` at `xs`, in a pale `hue`; `label` says what that is."""

    hue: str
    xs: F64
    low: F64
    high: F64
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """Curves over one vertical axis: `limits` are its ends, or None to fit them; `log` draws log₁₀ of the heights.

    Dashed lines at the heights `levels` and the `bands` lie behind the curves. In the window `log` is what it begins
    with where there is a `switch` to the other axis, `dots` mark the frames that have come, and the curves of a plot
    `together` are one for each of several models, switched as one. Where some plots of a run are its `subject`, a file
    of plots has those where none is asked for.
    """

    key: str
    label: str
    series: tuple[Series, ...]
    limits: tuple[float, float] | None = None
    log: bool = False
    levels: tuple[float, ...] = ()
    bands: tuple[Band, ...] = ()
    switch: bool = False
    dots: bool = True
    together: bool = False
    subject: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PlotData:
    """What plots are made of: a run's `process`, the `figures` that were read of its frames, the names of its `models`.

    Curves have points at `positions`, those of its frames, too. None and empty are what is not known.
    """

    process: Any = None
    figures: Any = None
    models: tuple[str, ...] = ()
    positions: tuple[float, ...] = ()


class FigureReader(Protocol):
    """Reads what is plotted of frames, each once and in the order in which a run computes them."""

    def take(self, frame: Frame, begin: float = -math.inf, end: float = math.inf) -> None:
        """Read the next `frame`, as far as it tells of positions from `begin` up to `end`, that one left out."""

    @property
    def figures(self) -> Any:
        """What has been read: the same object until more is."""


def drawable(plots: Iterable[Plot]) -> tuple[Plot, ...]:
    """`plots` without the curves that have no points, and without those that then have none."""
    kept = (dataclasses.replace(plot, series=tuple(filter(_known, plot.series))) for plot in plots)
    return tuple(plot for plot in kept if plot.series)


def _known(series: Series) -> bool:
    return bool(np.isfinite(series.ys).any())


def round_step(span: float, count: float) -> float:
    """1, 2 or 5 times a power of ten: the smallest that divides `span` into no more than `count` parts."""
    rough = span / max(count, 1e-9)
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next((power * n for n in (1, 2, 5) if power * n >= rough * 0.999), power * 10)


def ticks(low: float, high: float, step: float) -> list[float]:
    """Multiples of `step` from `low` to `high`, both included."""
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [i * step for i in range(first, last + 1)]
