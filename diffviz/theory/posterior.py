"""The forward process's posterior for a visited pair of timesteps, and the noise that a DDIM step adds.

For consecutive timesteps these are the paper's quantities. All are finite for any pair with ᾱ_t < 1, also where √ᾱ_t is
too small for a float.
"""

from __future__ import annotations

import math

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.theory.pairs import Pair, Value


def variance(pair: Pair[Value]) -> Value:
    """β̃, the variance of q(x_prev | x_t, x_0) (Ho et al. 2020, eq. 7); 0 where ᾱ_prev is 1."""
    return (1 - pair.alpha_bar_prev) / (1 - pair.alpha_bar) * pair.beta


def mean_weights(pair: Pair[float]) -> tuple[float, float]:
    """Weights of x_0 and of x_t in μ̃, the mean of q(x_prev | x_t, x_0) (Ho et al. 2020, eq. 7)."""
    of_x0 = math.sqrt(pair.alpha_bar_prev) * pair.beta / (1 - pair.alpha_bar)
    of_xt = math.sqrt(pair.kept) * (1 - pair.alpha_bar_prev) / (1 - pair.alpha_bar)
    return float(of_x0), float(of_xt)


def mean(x0: F64, xt: F64, pair: Pair[float]) -> F64:
    """μ̃, the mean of q(x_prev | x_t, x_0) (Ho et al. 2020, eq. 6 and 7), in the shape of `x0` and `xt`."""
    of_x0, of_xt = mean_weights(pair)
    return of_x0 * x0 + of_xt * xt


def ddim_std(pair: Pair[Value], eta: float) -> Value:
    """σ(η) = η √β̃ of a DDIM step (Song et al. 2021, eq. 16); η = 1 is DDPM's."""
    std: Value = eta * np.sqrt(variance(pair))
    return std
