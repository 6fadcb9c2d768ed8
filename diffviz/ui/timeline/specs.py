"""Plots as data: which curves a timeline draws, in which colours, from what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt

from diffviz.domain.arrays import F64
from diffviz.domain.text import mark
from diffviz.theory.plots import SCHEDULE_PLOTS, ScheduleCurve, SchedulePlot
from diffviz.theory.schedules import NoiseSchedule
from diffviz.ui.timeline.run_distance import DistanceSource, RunDistances
from diffviz.ui.widgets import highlight as terms
from diffviz.ui.widgets.view import Shown

Solid, Dashed, Dotted = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine


@dataclass(frozen=True, slots=True, eq=False)
class CurveSpec:
    """One curve. `values(source)` are its heights at the plot's positions, nan where it is not defined.

    `label` is in the notation of `domain.notation`, `hue` names a colour of the palette, `title` says what it
    is (English, translated when shown), `term` is what it stands for in equations (see `diffviz.ui.widgets.highlight`).
    `logs(source)` are log₁₀ of its heights where these can be too small for a float.
    """

    label: str
    hue: str
    style: Qt.PenStyle
    title: str
    values: Callable[[Any], F64]
    on: bool = True
    term: str = ""
    logs: Callable[[Any], F64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BandSpec:
    """What lies between two curves, filled with a pale `hue`: `low(source)` and `high(source)` are their heights."""

    hue: str
    low: Callable[[Any], F64]
    high: Callable[[Any], F64]


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
    positions: Callable[[Any], F64] | None = None
    together: bool = False
    bands: tuple[BandSpec, ...] = ()
    levels: tuple[float, ...] = ()
    dots: bool = True
    source_b: Callable[[Shown], object | None] | None = None
    optional: bool = False


STYLES = {"solid": Solid, "dashed": Dashed, "dotted": Dotted}
TERMS = {
    "beta": terms.BETA,
    "alpha_bar": terms.ALPHA_BAR,
    "sqrt_alpha_bar": terms.ALPHA,
    "sqrt_one_minus_alpha_bar": terms.SIGMA,
    "snr": terms.SNR,
}
AT_FIRST_OFF = frozenset({"snr"})


def diffusion_plots() -> tuple[PlotSpec, ...]:
    """The plots of a noise schedule, the signal-to-noise ratio at first off; how far two runs are apart."""
    apart = PlotSpec("A − B", (APART, APART_X0), DistanceSource(), positions=_where, optional=True)
    return (*map(_plot, SCHEDULE_PLOTS), apart)


def _plot(plot: SchedulePlot) -> PlotSpec:
    chosen = plot.log and plot.key not in AT_FIRST_OFF  # a ratio over hundreds of powers of ten has no other axis
    return PlotSpec(
        plot.label,
        tuple(map(_curve, plot.curves)),
        _schedule,
        limits=plot.limits,
        log=True if chosen else None,
        always_log=plot.log and not chosen,
        source_b=_schedule_b,
    )


def _curve(curve: ScheduleCurve) -> CurveSpec:
    return CurveSpec(
        curve.label,
        curve.hue,
        STYLES[curve.style],
        curve.title,
        curve.values,
        curve.key not in AT_FIRST_OFF,
        TERMS[curve.key],
        curve.logs,
    )


def _where(distances: RunDistances) -> F64:
    return distances.positions


def _schedule_b(shown: Shown) -> NoiseSchedule | None:
    return shown.schedule_b


def _schedule(shown: Shown) -> NoiseSchedule | None:
    return shown.schedule


APART = CurveSpec(
    "|Δx_t|", "noisy", Solid, mark("root mean square of x_t of A minus that of B"), lambda d: d.x, term=terms.X
)
APART_X0 = CurveSpec(
    "|Δx̂_0|", "data", Dashed, mark("root mean square of x̂_0 of A minus that of B"), lambda d: d.x0, term=terms.X0
)
