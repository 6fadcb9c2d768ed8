"""Mixtures of isotropic Gaussians: every density in one and two dimensions that the program teaches with.

Noising a mixture gives a mixture, so marginals, scores and the optimal denoiser are exact (Ho et al. 2020, eq. 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64


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
