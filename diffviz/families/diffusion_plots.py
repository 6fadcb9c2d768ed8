"""The plots of a diffusion process over t: what families of diffusion have in common."""

from __future__ import annotations

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.domain.plots import Plot, PlotData, Series
from diffviz.domain.text import tr
from diffviz.theory.processes import Process, VariancePreserving, course
from diffviz.theory.schedules import NoiseSchedule

_NOTHING = NoiseSchedule(*(np.empty(0),) * 6)


def plots(data: PlotData) -> tuple[Plot, ...]:
    """The plots of the process of `data`, those of its `Process.plots`.

    Of a noise schedule, and while none is known, β_t, ᾱ_t with its two roots and the signal-to-noise ratio; of a
    process without β α_t with σ_t, and that ratio.
    """
    process: Process | None = data.process
    if process is not None and not isinstance(process, VariancePreserving):
        return _without_beta(process, data.positions)
    schedule = process.schedule if process else _NOTHING
    t = np.arange(schedule.timesteps + 1, dtype=np.float64)
    return _beta(schedule, t), _alpha_bar(schedule, t), _snr(schedule, t)


def _without_beta(process: Process, positions: tuple[float, ...]) -> tuple[Plot, ...]:
    found = course(process, positions)
    clean, noise = tr("factor of the clean image in x_t"), tr("factor of the noise in x_t")
    both = (
        Series("alpha", "α_t", clean, "data", found.t, found.alpha, "dashed", term="alpha"),
        Series("sigma", "σ_t", noise, "noise", found.t, found.sigma, "dotted", term="sigma"),
    )
    logs = found.log_snr / np.log(10)
    ratio = Series("snr", "SNR", _snr_title(), "loss", found.t, 10.0**logs, logs=logs, term="snr", on=False)
    return Plot("alpha_sigma", "α_t, σ_t", both), Plot("snr", "SNR", (ratio,), log=True)


def _beta(schedule: NoiseSchedule, t: F64) -> Plot:
    beta = Series("beta", "β_t", tr("variance that step t adds"), "beta", t, schedule.beta, term="beta")
    return Plot("beta", "β_t", (beta,), log=True, switch=True)


def _alpha_bar(schedule: NoiseSchedule, t: F64) -> Plot:
    left = tr("share of the signal's variance that is left")
    clean, noise = tr("factor of the clean image in x_t"), tr("factor of the noise in x_t")
    series = (
        Series("alpha_bar", "ᾱ_t", left, "alpha_bar", t, schedule.alpha_bar, term="alpha_bar"),
        Series("sqrt_alpha_bar", "√ᾱ_t", clean, "data", t, schedule.alpha, "dashed", term="alpha"),
        Series("sqrt_one_minus_alpha_bar", "√(1−ᾱ_t)", noise, "noise", t, schedule.sigma, "dotted", term="sigma"),
    )
    return Plot("alpha_bar", "ᾱ_t", series, limits=(0.0, 1.0))


def _snr(schedule: NoiseSchedule, t: F64) -> Plot:
    """Over hundreds of powers of ten: there is no other axis than a logarithmic one."""
    ratio, logs = _finite(schedule.snr), _finite(schedule.log_snr) / np.log(10)
    return Plot(
        "snr", "SNR", (Series("snr", "SNR", _snr_title(), "loss", t, ratio, logs=logs, term="snr", on=False),), log=True
    )


def _snr_title() -> str:
    """The same for every process: the curve stays where another run has another."""
    return tr("signal-to-noise ratio: factor of the clean image over that of the noise, squared")


def _finite(values: F64) -> F64:
    return np.where(np.isfinite(values), values, np.nan)
