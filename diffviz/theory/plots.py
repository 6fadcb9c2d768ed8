"""The plots of a noise schedule over t = 0 … T: the one place that says what they are called, for window and files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.domain.plots import Plot, Series
from diffviz.domain.text import mark as _
from diffviz.theory.schedules import NoiseSchedule

Values = Callable[[NoiseSchedule], F64]


@dataclass(frozen=True, slots=True)
class ScheduleCurve:
    """One curve: its name in tables, its symbol, what it says (English), and its heights (T + 1,).

    `values` are nan where it is not defined; `logs` are log₁₀ of them where they can be too small for a float.
    """

    key: str
    label: str
    title: str
    hue: str
    values: Values
    style: str = "solid"
    logs: Values | None = None


@dataclass(frozen=True, slots=True)
class SchedulePlot:
    """Curves over one vertical axis, of the ends `limits` or, with `log`, drawn as log₁₀."""

    key: str
    label: str
    curves: tuple[ScheduleCurve, ...]
    limits: tuple[float, float] | None = None
    log: bool = False


def _snr(schedule: NoiseSchedule) -> F64:
    return np.where(np.isfinite(schedule.snr), schedule.snr, np.nan)


def _log_snr(schedule: NoiseSchedule) -> F64:
    found: F64 = np.where(np.isfinite(schedule.log_snr), schedule.log_snr, np.nan) / np.log(10)
    return found


SCHEDULE_PLOTS = (
    SchedulePlot(
        "beta",
        "β_t",
        (ScheduleCurve("beta", "β_t", _("variance that step t adds"), "beta", lambda s: s.beta),),
        log=True,
    ),
    SchedulePlot(
        "alpha_bar",
        "ᾱ_t",
        (
            ScheduleCurve(
                "alpha_bar", "ᾱ_t", _("share of the signal's variance that is left"), "alpha_bar", lambda s: s.alpha_bar
            ),
            ScheduleCurve(
                "sqrt_alpha_bar", "√ᾱ_t", _("factor of the clean image in x_t"), "data", lambda s: s.alpha, "dashed"
            ),
            ScheduleCurve(
                "sqrt_one_minus_alpha_bar",
                "√(1−ᾱ_t)",
                _("factor of the noise in x_t"),
                "noise",
                lambda s: s.sigma,
                "dotted",
            ),
        ),
        limits=(0.0, 1.0),
    ),
    SchedulePlot(
        "snr",
        "SNR",
        (ScheduleCurve("snr", "SNR", _("signal-to-noise ratio ᾱ_t / (1 − ᾱ_t)"), "loss", _snr, logs=_log_snr),),
        log=True,
    ),
)
"""β_t; ᾱ_t with its two roots; the signal-to-noise ratio."""


def plots_of(schedule: NoiseSchedule) -> tuple[Plot, ...]:
    """`SCHEDULE_PLOTS` of `schedule`."""
    t = np.arange(schedule.timesteps + 1, dtype=np.float64)

    def series(curve: ScheduleCurve) -> Series:
        logs = curve.logs(schedule) if curve.logs else None
        return Series(curve.key, curve.label, curve.title, curve.hue, t, curve.values(schedule), curve.style, logs)

    return tuple(
        Plot(plot.key, plot.label, tuple(map(series, plot.curves)), plot.limits, plot.log) for plot in SCHEDULE_PLOTS
    )
