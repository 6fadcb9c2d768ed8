"""Divergences between two one-dimensional Gaussians, with the integrands that they are the areas of."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64
from diffviz.theory import gaussian

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
    forward = float(gaussian.kl(mean_p, std_p**2, mean_q, std_q**2))
    reverse = float(gaussian.kl(mean_q, std_q**2, mean_p, std_p**2))
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
