"""The plots of a noise schedule: the same curves as below the timeline, over t = 0 … T."""

from __future__ import annotations

import numpy as np

from diffviz.domain.plots import Floats, Plot, Series
from diffviz.domain.text import mark as _
from diffviz.theory.schedules import NoiseSchedule


def plots_of(schedule: NoiseSchedule) -> tuple[Plot, ...]:
    """β_t; ᾱ_t with its two roots; the signal-to-noise ratio."""
    t = np.arange(schedule.timesteps + 1, dtype=np.float64)
    snr = np.where(np.isfinite(schedule.snr), schedule.snr, np.nan)

    def series(key: str, label: str, title: str, hue: str, ys: Floats, style: str = "solid") -> Series:
        return Series(key, label, title, hue, t, ys, style)

    return (
        Plot("beta", "β_t", (series("beta", "β_t", _("variance that step t adds"), "beta", schedule.beta),), log=True),
        Plot(
            "alpha_bar",
            "ᾱ_t",
            (
                series(
                    "alpha_bar",
                    "ᾱ_t",
                    _("share of the signal's variance that is left"),
                    "alpha_bar",
                    schedule.alpha_bar,
                ),
                series(
                    "sqrt_alpha_bar",
                    "√ᾱ_t",
                    _("factor of the clean image in x_t"),
                    "data",
                    schedule.alpha,
                    "dashed",
                ),
                series(
                    "sqrt_one_minus_alpha_bar",
                    "√(1−ᾱ_t)",
                    _("factor of the noise in x_t"),
                    "noise",
                    schedule.sigma,
                    "dotted",
                ),
            ),
            limits=(0.0, 1.0),
        ),
        Plot(
            "snr",
            "SNR",
            (series("snr", "SNR", _("signal-to-noise ratio ᾱ_t / (1 − ᾱ_t)"), "loss", snr),),
            log=True,
        ),
    )
