"""Visited pairs of times: what the quantities of one step of a sampler are functions of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from diffviz.domain.arrays import F64

Value = TypeVar("Value", float, F64)


@dataclass(frozen=True, slots=True)
class Pair(Generic[Value]):
    """Time t and the next smaller visited one, t_prev: α and σ of both, and the forward step between them.

    From t_prev to t that step is x_t = keep · x_prev + √added · ε with keep = α_t / α_prev (Kingma et al. 2021,
    appendix A). All fields are floats, or all arrays of one shape. `log_keep` and `added` are fields of their own:
    where both α are too small for a float, and so 0, they do not tell what the step does any more, and its logarithm
    still does. `log_keep` is −∞ where α_t is 0 and α_prev is not.
    """

    alpha: Value
    sigma: Value
    alpha_prev: Value
    sigma_prev: Value
    log_keep: Value
    added: Value

    @property
    def keep(self) -> Value:
        """α_t / α_prev, the factor of x_prev in x_t."""
        found: Value = np.exp(self.log_keep)
        return found

    @property
    def kept(self) -> Value:
        """(α_t / α_prev)², the share of the signal's variance that the step keeps: ᾱ_t / ᾱ_prev."""
        found: Value = np.exp(2 * self.log_keep)
        return found

    @property
    def gone(self) -> Value:
        """1 − SNR_t / SNR_prev, the share of the signal-to-noise ratio that the step takes: added / σ_t²."""
        return self.added / self.sigma**2


def pair_between(now: tuple[float, float], before: tuple[float, float], log_keep: float) -> Pair[float]:
    """The pair of the (α, σ) at t, `now`, and at t_prev, `before`, for any Gaussian process.

    Its added variance is σ_t² − keep² σ_prev², written as σ_t² (1 − SNR_t / SNR_prev) so that no digits cancel.
    """
    sigma, sigma_prev = now[1], before[1]
    with np.errstate(divide="ignore"):
        log_ratio = 2 * (log_keep + float(np.log(sigma_prev / sigma)))
    return Pair(*now, *before, log_keep, float(-(sigma**2) * np.expm1(log_ratio)))


def preserving(alpha_bar: Value, alpha_bar_prev: Value, log_kept: Value) -> Pair[Value]:
    """The pair of two ᾱ of a variance-preserving process, and log(ᾱ_t / ᾱ_prev): what it adds is β = 1 − ᾱ_t / ᾱ_prev.

    For consecutive timesteps that is the paper's β_t (Ho et al. 2020, eq. 2).
    """
    now, before = (np.sqrt(alpha_bar), np.sqrt(1 - alpha_bar)), (np.sqrt(alpha_bar_prev), np.sqrt(1 - alpha_bar_prev))
    return Pair(*now, *before, log_kept / 2, -np.expm1(log_kept))


def pair_of(alpha_bar: float, alpha_bar_prev: float) -> Pair[float]:
    """The pair of two ᾱ that a float can tell from 0; ᾱ_t may be 0, as where α = 0 at the end of a process."""
    with np.errstate(divide="ignore"):
        log_kept = float(np.log(alpha_bar) - np.log(alpha_bar_prev))
    return preserving(alpha_bar, alpha_bar_prev, log_kept)
