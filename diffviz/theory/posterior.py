"""The forward process's posterior for a visited pair of times, and the noise that a DDIM step adds.

It is a Gaussian for every (α, σ) (Kingma et al. 2021, appendix A); for consecutive timesteps of a variance-preserving
process these are the paper's quantities (Ho et al. 2020, eq. 6 and 7). All are finite for any pair with σ_t > 0, also
where α_t is 0 or too small for a float.
"""

from __future__ import annotations

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.theory.pairs import Pair, Value


def variance(pair: Pair[Value]) -> Value:
    """The variance of q(x_prev | x_t, x_0), added · σ_prev² / σ_t²: β̃ of Ho et al. 2020, eq. 7; 0 where σ_prev is 0."""
    return pair.sigma_prev**2 / pair.sigma**2 * pair.added


def mean_weights(pair: Pair[float]) -> tuple[float, float]:
    """Weights of x_0 and of x_t in μ̃, the mean of q(x_prev | x_t, x_0): α_prev added / σ_t², keep σ_prev² / σ_t²."""
    of_x0 = pair.alpha_prev * pair.added / pair.sigma**2
    of_xt = pair.keep * pair.sigma_prev**2 / pair.sigma**2
    return float(of_x0), float(of_xt)


def mean(x0: F64, xt: F64, pair: Pair[float]) -> F64:
    """μ̃, the mean of q(x_prev | x_t, x_0) (Ho et al. 2020, eq. 6 and 7), in the shape of `x0` and `xt`."""
    of_x0, of_xt = mean_weights(pair)
    return of_x0 * x0 + of_xt * xt


def ddim_std(pair: Pair[Value], eta: float) -> Value:
    """σ(η) = η √β̃ of a DDIM step (Song et al. 2021, eq. 16), β̃ the posterior's variance; η = 1 is DDPM's."""
    std: Value = eta * np.sqrt(variance(pair))
    return std
