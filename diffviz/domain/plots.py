"""Plots as data: curves over the axis of a run, for window, pictures and tables; round numbers for axes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from diffviz.domain.arrays import F64


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve: heights `ys` at `xs`, ascending, nan where it is not defined.

    `key` names it in tables, `label` is in the notation of `diffviz.domain.mathtext`, `title` says what it is (English,
    translated when shown), `hue` names a colour of the palette, `style` is "solid", "dashed" or "dotted". `logs` are
    log₁₀ of the heights where these can be too small for a float, and so 0.
    """

    key: str
    label: str
    title: str
    hue: str
    xs: F64
    ys: F64
    style: str = "solid"
    logs: F64 | None = None


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

    Dashed lines at the heights `levels` and the `bands` lie behind the curves.
    """

    key: str
    label: str
    series: tuple[Series, ...]
    limits: tuple[float, float] | None = None
    log: bool = False
    levels: tuple[float, ...] = ()
    bands: tuple[Band, ...] = ()


def round_step(span: float, count: float) -> float:
    """1, 2 or 5 times a power of ten: the smallest that divides `span` into no more than `count` parts."""
    rough = span / max(count, 1e-9)
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next((power * n for n in (1, 2, 5) if power * n >= rough * 0.999), power * 10)


def ticks(low: float, high: float, step: float) -> list[float]:
    """Multiples of `step` from `low` to `high`, both included."""
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [i * step for i in range(first, last + 1)]
