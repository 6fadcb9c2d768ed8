"""Gaussians in closed form: marginals, the optimal denoiser, divergences and their integrands."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64


def marginal(mean: float, std: float, alpha: float, sigma: float) -> tuple[float, float]:
    """Mean α m and standard deviation √(α² s² + σ²) of x_t = α x_0 + σ ε for x_0 ~ N(m, s²)."""
    return alpha * mean, math.sqrt(alpha**2 * std**2 + sigma**2)


def optimal_x0(x: F64, mean: float, std: float, alpha: float, sigma: float) -> F64:
    """E[x_0 | x_t]: what a perfect network's x̂0 is, in the shape of `x`. Needs std > 0 or σ > 0."""
    centre, spread = marginal(mean, std, alpha, sigma)
    gain = alpha * std**2 / spread**2
    return mean + gain * (x - centre)


def optimal_eps(x: F64, mean: float, std: float, alpha: float, sigma: float) -> F64:
    """E[ε | x_t]: what a perfect network's ε̂ is, in the shape of `x`. Needs std > 0 or σ > 0."""
    centre, spread = marginal(mean, std, alpha, sigma)
    return sigma / spread**2 * (x - centre)


def x0_variance(std: float, alpha: float, sigma: float) -> float:
    """Var[x_0 | x_t = α x_0 + σ ε], the same for every x_t: what even the perfect x̂0 cannot know."""
    return sigma**2 * std**2 / (alpha**2 * std**2 + sigma**2)


def kl(mean_p: ArrayLike, var_p: ArrayLike, mean_q: ArrayLike, var_q: ArrayLike) -> F64:
    """KL(p ‖ q) in nats between one-dimensional Gaussians, elementwise.

    Infinite where var_p = 0, as for q(x_0 | x_0) against N(0, 1). Needs var_q > 0.
    """
    m_p, v_p, m_q, v_q = (np.asarray(value, np.float64) for value in (mean_p, var_p, mean_q, var_q))
    with np.errstate(divide="ignore"):
        ratio = np.log(v_q) - np.log(v_p)
    nats: F64 = 0.5 * (ratio + (v_p + (m_p - m_q) ** 2) / v_q - 1)
    return nats


REACH, POINTS = 10.0, 4001


@dataclass(frozen=True, slots=True)
class Divergences:
    """KL both ways and JS in nats; JS is at most log 2."""

    forward: float
    reverse: float
    js: float


def divergences(mean_p: float, std_p: float, mean_q: float, std_q: float) -> Divergences:
    """KL(p ‖ q) and KL(q ‖ p) in closed form, JS by quadrature: the mixture of two Gaussians has no closed form.

    Deviations are above 0.
    """
    forward = float(kl(mean_p, std_p**2, mean_q, std_q**2))
    reverse = float(kl(mean_q, std_q**2, mean_p, std_p**2))
    return Divergences(forward, reverse, _js(mean_p, std_p, mean_q, std_q))


def kl_integrand(x: ArrayLike, mean_p: float, std_p: float, mean_q: float, std_q: float) -> F64:
    """p(x) log(p(x) / q(x)): its area is KL(p ‖ q); it is negative where q is above p."""
    log_p, log_q = log_density(x, mean_p, std_p), log_density(x, mean_q, std_q)
    return np.exp(log_p) * (log_p - log_q)


def js_integrand(x: ArrayLike, mean_p: float, std_p: float, mean_q: float, std_q: float) -> F64:
    """½ p log(p/m) + ½ q log(q/m) with m = ½ (p + q), nowhere negative: its area is JS(p, q)."""
    log_p, log_q = log_density(x, mean_p, std_p), log_density(x, mean_q, std_q)
    log_m = np.logaddexp(log_p, log_q) - math.log(2)
    found: F64 = 0.5 * np.exp(log_p) * (log_p - log_m) + 0.5 * np.exp(log_q) * (log_q - log_m)
    return found


def log_density(x: ArrayLike, mean: float, std: float) -> F64:
    """log N(x; mean, std²)."""
    z = (np.asarray(x, np.float64) - mean) / std
    return -0.5 * z**2 - math.log(std * math.sqrt(2 * math.pi))


def _js(mean_p: float, std_p: float, mean_q: float, std_q: float) -> float:
    """Over points as dense as each Gaussian needs: one may be far narrower than the other."""
    z = np.linspace(-REACH, REACH, POINTS)
    xs = np.unique(np.concatenate([mean_p + std_p * z, mean_q + std_q * z]))
    area = float(np.trapezoid(js_integrand(xs, mean_p, std_p, mean_q, std_q), xs))
    return min(max(0.0, area), math.log(2))
