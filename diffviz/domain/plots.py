"""Plots as data: curves over the axis of a run, for the window, for pictures and for tables."""

from __future__ import annotations

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
