"""Gaussians and mixtures of them in closed form, and what they say of what is left of the data at t.

Gaussians in closed form: marginals, the optimal denoiser, divergences and their integrands.

Mixtures of isotropic Gaussians: every density in one and two dimensions that the program teaches with.

Noising a mixture gives a mixture, so marginals, scores and the optimal denoiser are exact (Ho et al. 2020, eq. 4).

How much of the data is left at t: against N(0, I), in neighbouring pixels, and at the first visited timestep.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Σ_k w_k N(m_k, s_k² I) in D dimensions.

    `means` (K, D), `stds` (K,) above 0, `weights` (K,) that sum to 1. Points are arrays (…, D).
    """

    means: F64
    stds: F64
    weights: F64

    @staticmethod
    def of(means: ArrayLike, std: ArrayLike, weights: ArrayLike | None = None) -> Mixture:
        """A mixture at `means` (K, D) with one or K deviations; equal weights unless given, else made to sum to 1.

        Raises ValueError for no mean, a deviation or a weight that is not positive.
        """
        points = np.asarray(means, np.float64)
        if points.ndim != 2 or not len(points):
            raise ValueError(f"means have shape (K, D), not {points.shape}")
        stds = np.broadcast_to(np.asarray(std, np.float64), len(points)).copy()
        shares = np.ones(len(points)) if weights is None else np.asarray(weights, np.float64)
        if len(shares) != len(points) or not (stds > 0).all() or not (shares > 0).all():
            raise ValueError("deviations and weights are positive, one of each per mean")
        return Mixture(points, stds, shares / shares.sum())

    @property
    def dims(self) -> int:
        """D."""
        return int(self.means.shape[1])

    @property
    def mean(self) -> F64:
        """Mean (D,)."""
        return self.weights @ self.means

    @property
    def covariance(self) -> F64:
        """Covariance (D, D)."""
        apart = self.means - self.mean
        within: float = float(self.weights @ self.stds**2)
        return within * np.eye(self.dims) + (self.weights[:, None] * apart).T @ apart

    def sample(self, count: int, rng: np.random.Generator) -> F64:
        """`count` draws (count, D)."""
        which = rng.choice(len(self.weights), count, p=self.weights)
        found: F64 = self.means[which] + self.stds[which, None] * rng.standard_normal((count, self.dims))
        return found

    def log_parts(self, x: ArrayLike) -> F64:
        """log w_k N(x; m_k, s_k² I) in nats, (…, K)."""
        points = np.asarray(x, np.float64)
        norms = (points**2).sum(-1)[..., None] + (self.means**2).sum(-1)
        squared = np.maximum(norms - 2 * points @ self.means.T, 0.0)
        scale = self.dims * np.log(np.sqrt(2 * np.pi) * self.stds)
        found: F64 = np.log(self.weights) - scale - 0.5 * squared / self.stds**2
        return found

    def log_density(self, x: ArrayLike) -> F64:
        """log p(x) in nats, (…)."""
        parts = self.log_parts(x)
        most = parts.max(-1)
        total: F64 = most + np.log(np.exp(parts - most[..., None]).sum(-1))
        return total

    def density(self, x: ArrayLike) -> F64:
        """p(x), (…)."""
        found: F64 = np.exp(self.log_density(x))
        return found

    def responsibilities(self, x: ArrayLike) -> F64:
        """p(k | x), (…, K); rows sum to 1."""
        parts = self.log_parts(x)
        shares = np.exp(parts - parts.max(-1, keepdims=True))
        found: F64 = shares / shares.sum(-1, keepdims=True)
        return found

    def score(self, x: ArrayLike) -> F64:
        """∇ log p(x), (…, D)."""
        points = np.asarray(x, np.float64)
        pull = self.responsibilities(points) / self.stds**2
        found: F64 = pull @ self.means - pull.sum(-1, keepdims=True) * points
        return found

    def noised(self, alpha: float, sigma: float) -> Mixture:
        """Distribution of x_t = alpha · x_0 + sigma · ε; needs alpha² s_k² + sigma² > 0."""
        return Mixture(alpha * self.means, np.sqrt(alpha**2 * self.stds**2 + sigma**2), self.weights)

    def posterior(self, x: ArrayLike, alpha: float, sigma: float) -> Mixture:
        """q(x_0 | x_t) for one point `x` (D,): a mixture again. Needs sigma > 0."""
        point = np.asarray(x, np.float64)
        gain = alpha * self.stds**2 / (alpha**2 * self.stds**2 + sigma**2)
        means = self.means + gain[:, None] * (point - alpha * self.means)
        stds = self.stds * sigma / np.sqrt(alpha**2 * self.stds**2 + sigma**2)
        return Mixture(means, stds, self.noised(alpha, sigma).responsibilities(point))

    def denoised(self, x: ArrayLike, alpha: float, sigma: float) -> F64:
        """E[x_0 | x_t], what a perfect network's x̂0 is, (…, D). Needs alpha² s_k² + sigma² > 0."""
        points = np.asarray(x, np.float64)
        shares = self.noised(alpha, sigma).responsibilities(points)
        gain = alpha * self.stds**2 / (alpha**2 * self.stds**2 + sigma**2)
        held = (shares * (1 - alpha * gain)) @ self.means
        found: F64 = held + (shares @ gain)[..., None] * points
        return found


VISIBLE = 0.01


def kl_to_prior(x0: NDArray[np.floating], alpha: F64, sigma: F64, start_std: float = 1.0) -> F64:
    """KL(q(x_t | x_0) ‖ N(0, s² I)) in nats where α and σ are `alpha` and `sigma` (n,), and s is `start_std`: (n,).

    The mean over images `x0` (N, C, H, W); ∞ where σ is 0. It is ½ (α² ‖x_0‖²/s² + D (r − 1 − log r)) with r = σ²/s²,
    for D values an image: where the variance is preserved L_T at t = T (Ho et al. 2020, eq. 5). The mean over images is
    more than the KL of the marginal q(x_t).
    """
    values = np.asarray(x0, np.float64).reshape(len(x0), -1)
    dims, squares = values.shape[1], float((values**2).sum(1).mean())
    ratio = (sigma / start_std) ** 2
    with np.errstate(divide="ignore"):
        found: F64 = 0.5 * ((alpha / start_std) ** 2 * squares + dims * (ratio - 1 - np.log(ratio)))
    return found


def neighbour_correlation(x: NDArray[np.floating]) -> float:
    """Correlation of values that lie next to each other in a row, over all images (N, C, H, W) and channels.

    nan where nothing varies. Independent noise has 0.
    """
    left, right = (np.asarray(part, np.float64).ravel() for part in (x[..., :-1], x[..., 1:]))
    if left.std() == 0 or right.std() == 0:
        return math.nan
    return float(np.corrcoef(left, right)[0, 1])


def neighbour_curve(x0: NDArray[np.floating], alpha: F64, sigma: F64) -> F64:
    """Expected `neighbour_correlation` of x_t from images `x0` at each `alpha`, `sigma` (n,): noise adds variance."""
    left, right = (np.asarray(part, np.float64).ravel() for part in (x0[..., :-1], x0[..., 1:]))
    covariance = float(np.mean((left - left.mean()) * (right - right.mean())))
    kept, added = alpha**2, sigma**2
    spread = np.sqrt((kept * left.var() + added) * (kept * right.var() + added))
    found: F64 = kept * covariance / spread
    return found


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a sampler's first visited time leaves in: `alpha` = α/√(α² + σ²) there, `skipped` of the time above it.

    `signal` says that more than a hundredth of x_0 is left, so that to start there from pure noise asks the network for
    what it never saw (Lin et al. 2024, section 3.1).
    """

    first: float
    alpha: float
    skipped: float
    signal: bool


def beginning(first: float, alpha: float, sigma: float, last: float) -> Beginning:
    """Of a run that starts at pure noise at time `first` of 0 … `last`, where α and σ are `alpha` and `sigma`."""
    left = alpha / math.hypot(alpha, sigma)
    return Beginning(first, left, last - first, left > VISIBLE)
