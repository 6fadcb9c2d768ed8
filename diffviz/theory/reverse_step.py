"""The exact reverse step in one dimension: what q(x_s | x_t) is for a mixture, and the Gaussian that replaces it.

`pair` is that of t and an earlier s, at any distance. The reverse of the chain is a chain as well; that its steps are
Gaussian is an approximation, good for small ones (Feller 1949; Sohl-Dickstein et al. 2015, section 2.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.theory import divergences, posterior
from diffviz.theory.mixtures import Mixture
from diffviz.theory.pairs import Pair

REACH, POINTS = 8.0, 4001


@dataclass(frozen=True, slots=True, eq=False)
class ReverseStep:
    """q(x_s | x_t) at one x_t: `exact` (a mixture in one dimension) and the Gaussian of its `mean` and `std`.

    `modes` counts the maxima of the exact density; `divergence` is KL(exact ‖ Gaussian) in nats.
    """

    exact: Mixture
    mean: float
    std: float
    modes: int
    divergence: float


def reverse_step(data: Mixture, x: float, pair: Pair[float]) -> ReverseStep:
    """The reverse step from `x` at t to s, for data x_0 ~ `data`, a mixture with D = 1."""
    exact = exact_step(data, x, pair)
    mean, std = float(exact.mean[0]), math.sqrt(float(exact.covariance[0, 0]))
    xs = np.linspace(mean - REACH * std, mean + REACH * std, POINTS)
    return ReverseStep(exact, mean, std, modes(exact), _divergence(exact, xs, mean, std))


def exact_step(data: Mixture, x: float, pair: Pair[float]) -> Mixture:
    """q(x_s | x_t): Bayes' rule with the marginal q(x_s) and the forward step from s to t, itself Gaussian."""
    marginal = data.noised(pair.alpha_prev, pair.sigma_prev)
    return marginal.posterior([x], float(pair.keep), math.sqrt(pair.added))


def given_x0(x0: float, x: float, pair: Pair[float]) -> tuple[float, float]:
    """Mean and standard deviation of q(x_s | x_t, x_0), Gaussian for any step size (Ho et al. 2020, eq. 6 and 7)."""
    of_x0, of_xt = posterior.mean_weights(pair)
    return of_x0 * x0 + of_xt * x, math.sqrt(float(posterior.variance(pair)))


def modes(mixture: Mixture) -> int:
    """Number of maxima of the density of a mixture in one dimension, on a grid finer than its narrowest part."""
    low = float((mixture.means[:, 0] - 4 * mixture.stds).min())
    high = float((mixture.means[:, 0] + 4 * mixture.stds).max())
    count = min(200_000, max(POINTS, int((high - low) / float(mixture.stds.min()) * 20)))
    heights = mixture.log_density(np.linspace(low, high, count)[:, None])
    rises = np.diff(heights) > 0
    return int((rises[:-1] & ~rises[1:]).sum())


def optimal_variance(std: float, pair: Pair[float]) -> float:
    """Var[x_s | x_t] for data x_0 ~ N(m, std²): the best σ_t² of a Gaussian reverse step.

    It is β̃ for std = 0, one known x_0, and β for std = 1 (Ho et al. 2020, section 3.2); in between for a std in
    between.
    """
    of_x0, _ = posterior.mean_weights(pair)
    known = float(posterior.variance(pair))
    return known + of_x0**2 * divergences.x0_variance(std, pair.alpha, pair.sigma)


def _divergence(exact: Mixture, xs: F64, mean: float, std: float) -> float:
    log_p = exact.log_density(xs[:, None])
    log_q = -0.5 * ((xs - mean) / std) ** 2 - math.log(std * math.sqrt(2 * math.pi))
    return max(0.0, float(np.trapezoid(np.exp(log_p) * (log_p - log_q), xs)))
