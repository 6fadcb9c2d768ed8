"""The forward process q: a Markov chain that adds Gaussian noise (Ho et al. 2020, eq. 2 and 4).

Images and noise are float64 arrays of any shape, `beta` and `alpha_bar` those of one timestep.
"""

from __future__ import annotations

import math

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.theory.schedules import NoiseSchedule


def step(x: F64, beta: float, eps: F64, *, scaled: bool = True) -> F64:
    """One step of the chain, x_t from x_{t−1} and fresh ε_t ~ N(0, I) (Ho et al. 2020, eq. 2).

    Without `scaled` the factor √(1 − β_t) is left out: x_0 keeps its coefficient 1 and the variance grows by β_t.
    """
    keep = math.sqrt(1 - beta) if scaled else 1.0
    return keep * x + math.sqrt(beta) * eps


def marginal(x0: F64, alpha_bar: float, eps: F64) -> F64:
    """x_t in closed form, √ᾱ_t x_0 + √(1 − ᾱ_t) ε (Ho et al. 2020, eq. 4).

    One fixed ε for all t has the right marginals but is not a path of the chain; the chain's noise is `combined`.
    """
    return math.sqrt(alpha_bar) * x0 + math.sqrt(1 - alpha_bar) * eps


def combine(noise: F64, eps: F64, before: float, added: float, sigma: float) -> F64:
    """ε̄_t from ε̄_prev and ε_t, so that the chain's x_t is α_t x_0 + σ_t ε̄_t.

    The recursion of `combined`, for any process: `before` is keep · σ_prev, `added` the deviation that the step adds
    and `sigma` σ_t. ε̄_0 counts for nothing (σ_0 = 0).
    """
    combined_noise: F64 = (before * noise + added * eps) / sigma
    return combined_noise


def combined(eps: F64, schedule: NoiseSchedule, t: int) -> F64:
    """ε̄_t = Σ_{s≤t} √(β_s ᾱ_t / ᾱ_s) ε_s / √(1 − ᾱ_t), N(0, I) again; `eps[s - 1]` is ε_s, s = 1 … t, t ≥ 1."""
    s = np.arange(1, t + 1)
    kept = schedule.pairs(np.full(t, t), s).kept  # ᾱ_t / ᾱ_s
    weights = np.sqrt(schedule.beta[s] * kept) / schedule.sigma[t]
    total: F64 = np.tensordot(weights, eps[:t], axes=1)
    return total
