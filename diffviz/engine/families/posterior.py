"""The true posterior p(z | x) of a VAE with two latent dimensions, by quadrature over the plane."""

from __future__ import annotations

import numpy as np

from diffviz.domain.arrays import F32, F64
from diffviz.domain.latent import Posterior, PosteriorGrid
from diffviz.engine.families.autoencoder import Autoencoder

REACH, COARSE = 5.0, 40
SIGMAS, FINE = 8.0, 57


def grid(query: Posterior, model: Autoencoder) -> PosteriorGrid:
    """p(z | x) near q(z | x), with log p(x) over a fine grid there and a coarse one over the rest of the prior."""
    assert model.variational, "asked of a VAE"
    assert model.card.latent == 2, "drawn in two dimensions"
    [x] = model.unit(query.image[None])
    [mu], [sigma] = (values.astype(np.float64) for values in model.encode(x[None]))
    low, high = mu - SIGMAS * sigma, mu + SIGMAS * sigma
    near, area = centres(low, high, FINE)
    far, coarse_area = centres(np.full(2, -REACH), np.full(2, REACH), COARSE)
    inside = ((far > low) & (far < high)).all(1)
    joint_near = _joint(model, x, near)
    joint_far = _joint(model, x, far[~inside])
    log_p = float(np.logaddexp(_log_sum(joint_near) + np.log(area), _log_sum(joint_far) + np.log(coarse_area)))
    density = np.exp(joint_near - log_p).reshape(FINE, FINE)
    bounds = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    elbo = expected_elbo(joint_near, near, mu, sigma)
    return PosteriorGrid(density.astype(np.float32), bounds, log_p, elbo, query.key)


def centres(low: F64, high: F64, count: int) -> tuple[F64, float]:
    """Centres (count², 2) of equal cells, rows of growing y, and the area of one."""
    size = (high - low) / count
    x, y = (low[d] + size[d] * (np.arange(count) + 0.5) for d in range(2))
    columns, rows = np.meshgrid(x, y)
    return np.stack([columns.ravel(), rows.ravel()], 1), float(size.prod())


def expected_elbo(joint: F64, z: F64, mu: F64, sigma: F64) -> float:
    """E_q[log p(x, z) − log q(z | x)] with q's weights on the grid brought to a sum of one."""
    log_q = -0.5 * (((z - mu) / sigma) ** 2).sum(1) - np.log(2 * np.pi * sigma.prod())
    weights = np.exp(log_q - log_q.max())
    return float(np.sum(weights / weights.sum() * (joint - log_q)))


def _joint(model: Autoencoder, x: F32, z: F64) -> F64:
    prior = -0.5 * (z**2).sum(1) - np.log(2 * np.pi)
    joint: F64 = model.log_p(x, z.astype(np.float32)) + prior
    return joint


def _log_sum(values: F64) -> float:
    return float(np.logaddexp.reduce(values)) if len(values) else -np.inf
