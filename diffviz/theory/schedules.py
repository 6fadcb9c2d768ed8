"""Noise schedules: β_t for t = 1 … T, and what follows from them.

Arrays over time have T + 1 entries and are indexed by t itself: `alpha_bar[t]` is ᾱ_t, ᾱ_0 = 1, β_0 is undefined (nan).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffviz.domain import schedules as names
from diffviz.domain.arrays import F64
from diffviz.theory.pairs import Pair

Times = NDArray[np.integer]
MAX_BETA = 0.999


def linear(settings: names.Linear) -> F64:
    """β_1 … β_T rising linearly (Ho et al. 2020, section 4)."""
    return np.linspace(settings.beta_start, settings.beta_end, settings.timesteps)


def scaled_linear(settings: names.ScaledLinear) -> F64:
    """√β rising linearly (Rombach et al. 2022)."""
    return np.linspace(settings.beta_start**0.5, settings.beta_end**0.5, settings.timesteps) ** 2


def cosine(settings: names.Cosine) -> F64:
    """β from ᾱ_t = f(t)/f(0), f(t) = cos²((t/T + s)/(1 + s) · π/2) (Nichol & Dhariwal 2021, eq. 17).

    β is clipped at 0.999 as they do, so ᾱ of the schedule is the product of 1 − β and not f(t)/f(0) near t = T.
    """
    t = np.arange(settings.timesteps + 1) / settings.timesteps
    f = np.cos((t + settings.s) / (1 + settings.s) * np.pi / 2) ** 2
    clipped: F64 = np.minimum(1 - f[1:] / f[:-1], MAX_BETA)
    return clipped


def sigmoid(settings: names.Sigmoid) -> F64:
    """β following the logistic function of −6 … 6 from β_start to β_end (Xu et al. 2022, GeoDiff)."""
    rise = 1 / (1 + np.exp(-np.linspace(-6, 6, settings.timesteps)))
    return rise * (settings.beta_end - settings.beta_start) + settings.beta_start


def constant(settings: names.Constant) -> F64:
    """The same β at every step."""
    return np.full(settings.timesteps, settings.beta)


BETAS: Mapping[str, Callable[[Any], F64]] = MappingProxyType(
    {
        "linear": linear,
        "cosine": cosine,
        "scaled_linear": scaled_linear,
        "sigmoid": sigmoid,
        "constant": constant,
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class NoiseSchedule:
    """A variance schedule and its derived quantities, read-only float64 arrays of length T + 1 indexed by t.

    `beta` is β_t (nan at 0), `alpha_bar` ᾱ_t, `alpha` √ᾱ_t, `sigma` √(1 − ᾱ_t), `snr` ᾱ_t/(1 − ᾱ_t) (∞ at 0).
    Large β bring ᾱ_t below the smallest float: it and what is a multiple of it are then 0, while `log_alpha_bar`, the
    natural logarithm of ᾱ_t, is finite for every t.
    """

    beta: F64
    alpha_bar: F64
    alpha: F64
    sigma: F64
    snr: F64
    log_alpha_bar: F64

    @property
    def timesteps(self) -> int:
        """T."""
        return len(self.beta) - 1

    @property
    def log_beta(self) -> F64:
        """log₁₀ β_t, nan at 0: what a logarithmic β axis shows."""
        return np.log10(self.beta)

    @property
    def log_snr(self) -> F64:
        """log ᾱ_t/(1 − ᾱ_t) in nats, finite but for ∞ at 0."""
        with np.errstate(divide="ignore"):
            found: F64 = self.log_alpha_bar - np.log(1 - self.alpha_bar)
        return found

    def pair(self, t: int, t_prev: int) -> Pair[float]:
        """The visited pair of timesteps `t` > `t_prev`; what its step adds is β, 1 − ᾱ_t / ᾱ_prev."""
        log_kept = float(self.log_alpha_bar[t] - self.log_alpha_bar[t_prev])
        alpha, sigma = float(self.alpha[t]), float(self.sigma[t])
        before = float(self.alpha[t_prev]), float(self.sigma[t_prev])
        return Pair(alpha, sigma, *before, log_kept / 2, float(-np.expm1(log_kept)))

    def pairs(self, ts: Times, prevs: Times) -> Pair[F64]:
        """The visited pairs of the timesteps `ts` with `prevs`, arrays of one shape."""
        log_kept = self.log_alpha_bar[ts] - self.log_alpha_bar[prevs]
        ends = self.alpha[ts], self.sigma[ts], self.alpha[prevs], self.sigma[prevs]
        return Pair(*ends, log_kept / 2, -np.expm1(log_kept))

    @staticmethod
    def from_betas(betas: ArrayLike) -> NoiseSchedule:
        """The schedule of β_1 … β_T, each in (0, 1). Raises ValueError otherwise."""
        steps = np.asarray(betas, np.float64)
        if steps.ndim != 1 or len(steps) == 0:
            raise ValueError(f"β_1 … β_T are a row of at least one number, not an array of shape {steps.shape}")
        if not np.all((steps > 0) & (steps < 1)):
            raise ValueError(f"every β_t lies between 0 and 1, not from {steps.min()} to {steps.max()}")
        beta = np.concatenate([[np.nan], steps])
        alpha_bar = np.concatenate([[1.0], np.cumprod(1 - steps)])
        rest = 1 - alpha_bar
        with np.errstate(divide="ignore"):
            snr = alpha_bar / rest
        log_alpha_bar = np.concatenate([[0.0], np.cumsum(np.log1p(-steps))])
        arrays = (beta, alpha_bar, np.sqrt(alpha_bar), np.sqrt(rest), snr, log_alpha_bar)
        for array in arrays:
            array.flags.writeable = False
        return NoiseSchedule(*arrays)

    @staticmethod
    def from_settings(settings: names.ProcessSettings) -> NoiseSchedule:
        """The schedule that `settings` describe; equal settings give the same object.

        Raises ValueError for a process without β.
        """
        return _from_settings(settings)


@lru_cache(maxsize=64)
def _from_settings(settings: names.ProcessSettings) -> NoiseSchedule:
    if names.key_of(settings) not in BETAS:
        raise ValueError(f"{type(settings).__name__} has no β")
    return NoiseSchedule.from_betas(BETAS[names.key_of(settings)](settings))
