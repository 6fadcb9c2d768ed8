"""The plots of a noising process over t: what families of diffusion have in common."""

from __future__ import annotations

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.domain.plots import Plot, PlotData, Series
from diffviz.domain.text import tr
from diffviz.theory.processes import Process, VariancePreserving, course
from diffviz.theory.schedules import NoiseSchedule

_NOTHING = NoiseSchedule(*(np.empty(0),) * 6)


def plots(data: PlotData) -> tuple[Plot, ...]:
    """The plots of the process of `data`, a `Process` or a `NoiseSchedule`.

    Of one that preserves the variance: β_t, ᾱ_t with its two roots, the signal-to-noise ratio, at every timestep; of
    others α and σ, and that ratio. Where none is known yet, those of the first.
    """
    process = data.process
    if isinstance(process, Process) and not isinstance(process, VariancePreserving):
        t = course(process, data.positions).t
        return _alpha_sigma(process, t), _snr(t, np.array([process.log_snr(float(at)) for at in t]))
    schedule = process.schedule if isinstance(process, VariancePreserving) else process or _NOTHING
    t = np.arange(schedule.timesteps + 1, dtype=np.float64)
    return _beta(schedule, t), _alpha_bar(schedule, t), _snr(t, schedule.log_snr, schedule.snr)


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


def _alpha_sigma(process: Process, t: F64) -> Plot:
    alpha, sigma = np.array([process.at(float(at)) for at in t]).T
    clean, noise = tr("factor of the clean image in x_t"), tr("factor of the noise in x_t")
    series = (
        Series("alpha", "α_t", clean, "data", t, alpha, "dashed", term="alpha"),
        Series("sigma", "σ_t", noise, "noise", t, sigma, "dotted", term="sigma"),
    )
    return Plot("alpha_sigma", "α_t, σ_t", series, limits=(0.0, 1.0) if max(alpha.max(), sigma.max()) <= 1 else None)


def _snr(t: F64, log_snr: F64, ratio: F64 | None = None) -> Plot:
    """Over hundreds of powers of ten: there is no other axis than a logarithmic one."""
    logs = _finite(log_snr)
    heights = np.exp(logs) if ratio is None else _finite(ratio)
    title = tr("signal-to-noise ratio: factor of the clean image over that of the noise, squared")
    series = Series("snr", "SNR", title, "loss", t, heights, logs=logs / np.log(10), term="snr", on=False)
    return Plot("snr", "SNR", (series,), log=True)


def _finite(values: F64) -> F64:
    return np.where(np.isfinite(values), values, np.nan)
