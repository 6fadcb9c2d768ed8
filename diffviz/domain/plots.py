"""Plots as data: curves over the axis of a run, declared once for window, pictures, vectors and tables; round numbers.

A family makes its plots of what is known of a run (`PlotData`), with labels in the language in force. Before anything
is known they have the same curves, without points: that is what can be chosen from.

Rows of numbers that come one after the other: room doubles, so that appending takes no longer as there are more.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64
from diffviz.domain.frames import Frame

FIRST = 64
PLAIN = 4
"""Digits up to which a multiple of a power of ten is written out."""
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Rows:
    """Rows of `width` float64 each. A look at them stays as it is while more are appended."""

    def __init__(self, width: int) -> None:
        self._room = np.empty((FIRST, width))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> F64:
        """All rows (N, width), read-only."""
        seen = self._room[: self._count]
        seen.flags.writeable = False
        return seen

    def extend(self, rows: ArrayLike) -> None:
        """Append `rows` (K, width)."""
        new = np.asarray(rows, np.float64)
        new = new.reshape(-1, self._room.shape[1]) if new.size else np.empty((0, self._room.shape[1]))
        needed = self._count + len(new)
        if needed > len(self._room):
            larger = np.empty((max(needed, 2 * len(self._room)), self._room.shape[1]))
            larger[: self._count] = self._room[: self._count]
            self._room = larger
        self._room[self._count : needed] = new
        self._count = needed


@dataclass(frozen=True, slots=True, eq=False)
class FigureColumns:
    """Named numbers (N,) at `positions` (N,), ascending; a look at what grows, that stays as it is."""

    positions: F64
    columns: Mapping[str, F64]

    def __getitem__(self, name: str) -> F64:
        return self.columns[name]


class ColumnReader:
    """Reads the numbers `names` of every frame: `values(frame)` in their order. A `FigureReader`."""

    def __init__(self, names: Sequence[str], values: Callable[[Frame], Sequence[float]]) -> None:
        self._names, self._values = tuple(names), values
        self._rows = Rows(1 + len(self._names))
        self._seen: FigureColumns | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, frame: Frame, begin: float = -math.inf, end: float = math.inf) -> None:
        """Append the numbers of the next `frame`; frames come along the axis, in either direction."""
        if begin <= frame.position < end:
            self._rows.extend([(frame.position, *self._values(frame))])
            self._seen = None

    @property
    def figures(self) -> FigureColumns:
        """What has been read: the same object until more is."""
        if self._seen is None:
            rows = self._rows.values
            rows = rows[::-1] if len(rows) and rows[0, 0] > rows[-1, 0] else rows
            self._seen = FigureColumns(rows[:, 0], {name: rows[:, i + 1] for i, name in enumerate(self._names)})
        return self._seen


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve: heights `ys` at `xs`, ascending, nan where it is not defined.

    `key` names it in tables and among what is switched on, `label` is in the notation of `diffviz.domain.text`,
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


@dataclass(frozen=True, slots=True)
class RoundValues:
    """Round values of an axis and their names, and the small ones between, which have none."""

    values: tuple[float, ...]
    names: tuple[str, ...]
    small: tuple[float, ...] = ()


def round_values(low: float, high: float, count: float) -> RoundValues:
    """About `count` round values from `low` to `high`."""
    found = ticks(low, high, round_step(high - low, max(2.0, count)))
    return RoundValues(tuple(found), tuple(f"{value:.6g}".replace("-", "−") for value in found))


def decades(low: float, high: float, count: float) -> RoundValues:
    """About `count` round values of a logarithmic axis; they and its ends `low` and `high` are logarithms to base ten.

    They are powers of ten; where fewer than two lie there, twice and five times them too, and where these are too few,
    multiples of one step.
    """
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    step = max(1, round(round_step(last - first, max(1.0, count))))
    powers = [n for n in range(first, last + 1) if n % step == 0]
    while len(powers) < 2 and step > 1:  # there is room for two, and there are decades
        step -= 1
        powers = [n for n in range(first, last + 1) if n % step == 0]
    known = [(n, m) for n in range(first - 1, last + 1) for m in range(1, 10) if low <= n + math.log10(m) <= high]
    if len(powers) > 1:
        small = tuple(n + math.log10(m) for n, m in known if m > 1) if step == 1 else ()
        return RoundValues(tuple(map(float, powers)), tuple(f"10{str(n).translate(RAISED)}" for n in powers), small)
    few = [(n, m) for n, m in known if m in (1, 2, 5)]
    if len(few) > 1:
        return RoundValues(tuple(n + math.log10(m) for n, m in few), tuple(_multiple(m, n) for n, m in few))
    found = round_values(10.0**low, 10.0**high, count)
    some = [(math.log10(value), name) for value, name in zip(found.values, found.names, strict=True) if value > 0]
    return RoundValues(tuple(value for value, _ in some), tuple(name for _, name in some))


def _multiple(m: int, n: int) -> str:
    """`m` times the `n`-th power of ten."""
    return f"{m * 10.0**n:.6g}" if abs(n) < PLAIN else f"{m}·10{str(n).translate(RAISED)}"
