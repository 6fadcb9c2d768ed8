"""Plots as data: which curves a timeline draws, in which colours, from what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from diffviz.domain.text import mark
from diffviz.theory.schedules import NoiseSchedule
from diffviz.ui import highlight as terms
from diffviz.ui.views.distance import Distances, DistanceSource
from diffviz.ui.views.view import Shown

Floats = NDArray[np.float64]
Solid, Dashed, Dotted = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine


@dataclass(frozen=True, slots=True, eq=False)
class CurveSpec:
    """One curve. `values(source)` are its heights at the plot's positions, nan where it is not defined.

    `label` is in the notation of `diffviz.ui.stage.symbol`, `hue` names a colour of the palette, `title` says what it
    is (English, translated when shown), `term` is what it stands for in equations (see `diffviz.ui.highlight`).
    """

    label: str
    hue: str
    style: Qt.PenStyle
    title: str
    values: Callable[[Any], Floats]
    on: bool = True
    term: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class BandSpec:
    """What lies between two curves, filled with a pale `hue`: `low(source)` and `high(source)` are their heights."""

    hue: str
    low: Callable[[Any], Floats]
    high: Callable[[Any], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class PlotSpec:
    """Curves over one vertical axis. `limits` are its ends, or None to fit the curves.

    `log` says whether it is drawn as log₁₀ at first; None where that cannot be chosen. `source` picks what the curves
    are computed from; they are kept as long as it is the same object. `positions(source)` are where curves have their
    values, None for 0, 1, 2 … of the axis. With `together` all curves are switched by the chip of the first. `bands`
    and the dashed lines at the heights `levels` lie behind the curves; `dots` mark the frames that have come.
    `source_b` picks what the pinned run's curves are computed from; the same object as `source` gives no others. An
    `optional` plot is there only while it has a source.
    """

    name: str
    curves: tuple[CurveSpec, ...]
    source: Callable[[Shown], object | None]
    limits: tuple[float, float] | None = None
    log: bool | None = None
    always_log: bool = False
    positions: Callable[[Any], Floats] | None = None
    together: bool = False
    bands: tuple[BandSpec, ...] = ()
    levels: tuple[float, ...] = ()
    dots: bool = True
    source_b: Callable[[Shown], object | None] | None = None
    optional: bool = False


def diffusion_plots() -> tuple[PlotSpec, ...]:
    """β_t; ᾱ_t with its two roots; the signal-to-noise ratio, at first off; how far two runs are apart."""
    return (
        PlotSpec("β_t", (BETA,), _schedule, log=True, source_b=_schedule_b),
        PlotSpec("ᾱ_t", (ALPHA_BAR, ALPHA, SIGMA), _schedule, limits=(0.0, 1.0), source_b=_schedule_b),
        PlotSpec("SNR", (SNR,), _schedule, always_log=True, source_b=_schedule_b),
        PlotSpec("A − B", (APART, APART_X0), DistanceSource(), positions=_where, optional=True),
    )


def _where(distances: Distances) -> Floats:
    return distances.positions


def _schedule_b(shown: Shown) -> NoiseSchedule | None:
    return shown.schedule_b


def _schedule(shown: Shown) -> NoiseSchedule | None:
    return shown.schedule


def _snr(schedule: NoiseSchedule) -> Floats:
    return np.where(np.isfinite(schedule.snr), schedule.snr, np.nan)


BETA = CurveSpec("β_t", "beta", Solid, mark("variance that step t adds"), lambda s: s.beta, term=terms.BETA)
ALPHA_BAR = CurveSpec(
    "ᾱ_t",
    "alpha_bar",
    Solid,
    mark("share of the signal's variance that is left"),
    lambda s: s.alpha_bar,
    term=terms.ALPHA_BAR,
)
ALPHA = CurveSpec("√ᾱ_t", "data", Dashed, mark("factor of the clean image in x_t"), lambda s: s.alpha, term=terms.ALPHA)
SIGMA = CurveSpec("√(1−ᾱ_t)", "noise", Dotted, mark("factor of the noise in x_t"), lambda s: s.sigma, term=terms.SIGMA)
SNR = CurveSpec("SNR", "loss", Solid, mark("signal-to-noise ratio ᾱ_t / (1 − ᾱ_t)"), _snr, on=False, term=terms.SNR)
APART = CurveSpec(
    "|Δx_t|", "noisy", Solid, mark("root mean square of x_t of A minus that of B"), lambda d: d.x, term=terms.X
)
APART_X0 = CurveSpec(
    "|Δx̂_0|", "data", Dashed, mark("root mean square of x̂_0 of A minus that of B"), lambda d: d.x0, term=terms.X0
)
