"""The forward process's posterior for a visited pair of timesteps, and the noise that a DDIM step adds.

`alpha_bar` is ᾱ_t and `alpha_bar_prev` that of the next smaller visited timestep, 1 ≥ ᾱ_prev > ᾱ_t > 0: both floats,
or both arrays of one shape. For consecutive timesteps these are the paper's quantities. Where ᾱ_prev is too small for a
float, and so 0, a pair of ᾱ does not tell β any more: what follows from it is nan.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Value = TypeVar("Value", float, Floats)


def beta_between(alpha_bar: Value, alpha_bar_prev: Value) -> Value:
    """β of the one step from t_prev to t: 1 − ᾱ_t / ᾱ_prev."""
    return 1 - _ratio(alpha_bar, alpha_bar_prev)


def variance(alpha_bar: Value, alpha_bar_prev: Value) -> Value:
    """β̃, the variance of q(x_prev | x_t, x_0) (Ho et al. 2020, eq. 7), for the visited pair; 0 where ᾱ_prev is 1."""
    return (1 - alpha_bar_prev) / (1 - alpha_bar) * beta_between(alpha_bar, alpha_bar_prev)


def mean_weights(alpha_bar: float, alpha_bar_prev: float) -> tuple[float, float]:
    """Weights of x_0 and of x_t in μ̃, the mean of q(x_prev | x_t, x_0) (Ho et al. 2020, eq. 7), for the pair."""
    of_x0 = math.sqrt(alpha_bar_prev) * beta_between(alpha_bar, alpha_bar_prev) / (1 - alpha_bar)
    of_xt = math.sqrt(_ratio(alpha_bar, alpha_bar_prev)) * (1 - alpha_bar_prev) / (1 - alpha_bar)
    return float(of_x0), float(of_xt)


def mean(x0: Floats, xt: Floats, alpha_bar: float, alpha_bar_prev: float) -> Floats:
    """μ̃, the mean of q(x_prev | x_t, x_0) (Ho et al. 2020, eq. 6 and 7), in the shape of `x0` and `xt`."""
    of_x0, of_xt = mean_weights(alpha_bar, alpha_bar_prev)
    return of_x0 * x0 + of_xt * xt


def ddim_std(alpha_bar: Value, alpha_bar_prev: Value, eta: float) -> Value:
    """σ(η) = η √β̃ of a DDIM step (Song et al. 2021, eq. 16); η = 1 is DDPM's."""
    std: Value = eta * np.sqrt(variance(alpha_bar, alpha_bar_prev))
    return std


def _ratio(alpha_bar: Value, alpha_bar_prev: Value) -> Value:
    with np.errstate(invalid="ignore"):
        ratio: Value = np.divide(alpha_bar, alpha_bar_prev)
    return ratio
