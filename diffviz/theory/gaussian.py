"""Gaussians, where everything is known in closed form: marginals, the optimal denoiser, divergences.

`mean` and `std` are those of the data x_0 ~ N(mean, std²), `alpha_bar` is ᾱ_t with 0 < ᾱ_t ≤ 1.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64


def marginal(mean: float, std: float, alpha_bar: float) -> tuple[float, float]:
    """Mean √ᾱ_t m and standard deviation √(ᾱ_t s² + 1 − ᾱ_t) of x_t."""
    return math.sqrt(alpha_bar) * mean, math.sqrt(alpha_bar * std**2 + 1 - alpha_bar)


def optimal_x0(x: F64, mean: float, std: float, alpha_bar: float) -> F64:
    """E[x_0 | x_t]: what a perfect network's x̂0 is, in the shape of `x`. Needs std > 0 or ᾱ_t < 1."""
    centre, spread = marginal(mean, std, alpha_bar)
    gain = math.sqrt(alpha_bar) * std**2 / spread**2
    return mean + gain * (x - centre)


def optimal_eps(x: F64, mean: float, std: float, alpha_bar: float) -> F64:
    """E[ε | x_t]: what a perfect network's ε̂ is, in the shape of `x`. Needs std > 0 or ᾱ_t < 1."""
    centre, spread = marginal(mean, std, alpha_bar)
    return math.sqrt(1 - alpha_bar) / spread**2 * (x - centre)


def x0_variance(std: float, alpha_bar: float) -> float:
    """Var[x_0 | x_t], the same for every x_t: what even the perfect x̂0 cannot know."""
    _, spread = marginal(0.0, std, alpha_bar)
    return (1 - alpha_bar) * std**2 / spread**2


def kl(mean_p: ArrayLike, var_p: ArrayLike, mean_q: ArrayLike, var_q: ArrayLike) -> F64:
    """KL(p ‖ q) in nats between one-dimensional Gaussians, elementwise.

    Infinite where var_p = 0, as for q(x_0 | x_0) against N(0, 1). Needs var_q > 0.
    """
    m_p, v_p, m_q, v_q = (np.asarray(value, np.float64) for value in (mean_p, var_p, mean_q, var_q))
    with np.errstate(divide="ignore"):
        ratio = np.log(v_q) - np.log(v_p)
    nats: F64 = 0.5 * (ratio + (v_p + (m_p - m_q) ** 2) / v_q - 1)
    return nats
