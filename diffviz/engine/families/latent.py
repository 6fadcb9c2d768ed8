"""Answers to questions about one model's latent space, the true posterior p(z | x) in two dimensions among them.

Faults of a latent space: how far decoded images are from real ones, in the classifier's features.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Protocol

import numpy as np

from diffviz.domain import errors, evaluation, latent
from diffviz.domain.arrays import F32, F64
from diffviz.domain.messages import Later
from diffviz.domain.text import mark
from diffviz.engine import device_context, features
from diffviz.engine.families.path import Autoencoder, autoencoder
from diffviz.theory import gaussians, statistics
from diffviz.theory.forward import normal, normals

SHOWN = 6
AT_ONCE = 32
FAR = 0.9
PRIOR, PAIRS = 2, 3


class DecodedReference(Protocol):
    """Real images `x` (N, C, H, W), those that are held out, and distances to the nearest of the others."""

    @property
    def x(self) -> F32:
        """Images whose codes tell how an AE's are spread."""

    @property
    def held_out(self) -> F32:
        """Images that are not in the reference."""

    def reference_distances(self, x: F32) -> F32:
        """Distance (N,) of images in the classifier's features to the nearest of the reference."""


def report(query: latent.Faults, model: Autoencoder, real: DecodedReference) -> latent.FaultReport:
    """Held-out images, their reconstructions, points half-way between two of their codes, and draws from the prior."""
    *_, found = in_parts(query, model, real)
    assert isinstance(found, latent.FaultReport)
    return found


def in_parts(query: latent.Faults, model: Autoencoder, real: DecodedReference) -> Iterator[Later | latent.FaultReport]:
    """A `Later` after each `AT_ONCE` images of each kind, and the report."""
    rng = np.random.default_rng([query.seed, PAIRS])
    held_out = real.held_out
    first, second = (held_out[rng.permutation(len(held_out))[: query.count]] for _ in range(2))
    codes, others = model.encode(first)[0], model.encode(second)[0]
    yield Later()
    middles = ((codes + others) / 2).astype(np.float32)
    drawn = prior_draws(model, real, query.seed, query.count)
    yield Later()
    yield latent.FaultReport(
        real=(yield from _group(first, real)),
        reconstructed=(yield from _group(model.mean(codes), real)),
        paths=(yield from _group(model.mean(middles), real)),
        prior=(yield from _group(model.mean(drawn), real)),
        key=query.key,
    )


def prior_draws(model: Autoencoder, real: DecodedReference, seed: int, count: int) -> F32:
    """Draws (N, D) from N(0, I); an AE has no prior, its are from a Gaussian with its codes' mean and covariance."""
    eps = normals(seed, count, PRIOR, (model.card.latent,))
    return eps if model.variational else like_codes(model.encode(real.x)[0], eps)


def like_codes(codes: F32, eps: F32) -> F32:
    """Standard normal `eps` (N, D) given the mean and covariance of `codes`."""
    mean, covariance = statistics.moments(codes)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    return np.asarray(mean + eps @ root.T, np.float32)


def _group(images: F32, real: DecodedReference) -> Generator[Later, None, latent.FaultGroup]:
    parts = []
    for start in range(0, len(images), AT_ONCE):
        parts.append(real.reference_distances(images[start : start + AT_ONCE]))
        yield Later()
    distances = np.concatenate(parts)
    value, low, high = statistics.median_interval(distances)
    order = np.argsort(distances)[np.linspace(0, len(images) - 1, min(SHOWN, len(images))).round().astype(int)]
    median = evaluation.Median(value, low, high, len(images))
    return latent.FaultGroup(median, float(np.quantile(distances, FAR)), images[order], distances[order])


REACH, COARSE = 5.0, 40
SIGMAS, FINE = 8.0, 57


def grid(query: latent.Posterior, model: Autoencoder) -> latent.PosteriorGrid:
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
    return latent.PosteriorGrid(density.astype(np.float32), bounds, log_p, elbo, query.key)


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


DRAWS = 32
DRAWN = 1


def asked(query: latent.LatentQuery, bench: device_context.DeviceContext) -> object:
    """Answer `query` about its model, or do a part of it.

    Raises `ModelNotFound`, what `answer` does, and `DataUnsuitable` where it needs real images and there are none.
    """
    model = autoencoder(query.model, bench.models)
    real = bench.references.real(model.card) if compares(query) else None
    later = next(real.seeing(), None) if real else None
    if later is not None:
        return later
    match query:
        case latent.Faults():
            known = _needed(real, model)
            return bench.parts.answer(query, lambda: in_parts(query, model, known))
        case latent.DistanceShade():
            known = _needed(real, model)
            return bench.parts.answer(query, lambda: shade(query, model, known))
        case _:
            return answer(query, model)


def compares(query: latent.LatentQuery) -> bool:
    """Whether `query` needs real images to compare with."""
    return isinstance(query, latent.DistanceShade | latent.Faults)


def answer(query: latent.LatentQuery, model: Autoencoder) -> object:
    """Answer `query`, which compares nothing with real images. Raises `ImageWrongSize`."""
    match query:
        case latent.Encode():
            return latent.Encoded(*model.encode(model.unit(query.images)), query.key)
        case latent.Decode():
            return latent.Decoded(model.mean(query.z), query.key)
        case latent.Explain():
            return explain(query, model)
        case latent.Posterior():
            return grid(query, model)
        case latent.Blur():
            return blur(query, model)
        case _:
            raise TypeError(f"{type(query).__name__} is not answered here")


def shade(
    query: latent.DistanceShade, model: Autoencoder, real: features.RealImages
) -> Iterator[Later | latent.Shaded]:
    """A `Later` after each row of the plane but the last, and how far its decoded points are from all real images."""
    rows: list[F32] = []
    for row in query.z:
        if rows:
            yield Later()
        rows.append(real.distances(model.mean(row)))
    yield latent.Shaded(np.stack(rows), real.scale, query.key)


def explain(query: latent.Explain, model: Autoencoder) -> latent.Explained:
    """One picture through encoder, z = μ + σ ε, and decoder, with the terms of its ELBO."""
    [x] = model.unit(query.image[None])
    [mu], [sigma] = model.encode(x[None])
    eps = normal(query.seed, 0, 0, mu.shape) if model.variational else np.zeros_like(mu)
    z = mu + sigma * eps
    [mean], [sample] = model.both(z[None], query.seed)
    kl = gaussians.kl(mu, sigma.astype(np.float64) ** 2, 0.0, 1.0) if model.variational else np.zeros(len(mu))
    log_p, elbo, error = _bound(query, model, x, mu, sigma, z, float(kl.sum()))
    return latent.Explained(
        mu=mu,
        sigma=sigma,
        eps=eps,
        z=z,
        mean=mean,
        sample=sample,
        error=float(np.mean((mean - x) ** 2)),
        kl=kl.astype(np.float32),
        log_p=log_p,
        elbo=elbo,
        elbo_error=error,
        draws=DRAWS if model.variational else 0,
        masses=model.masses,
        values=x.size,
        key=query.key,
    )


def _bound(
    query: latent.Explain, model: Autoencoder, x: F32, mu: F32, sigma: F32, z: F32, kl: float
) -> tuple[float | None, float | None, float]:
    """log p(x | z) at this z, and the ELBO over `DRAWS` draws of z with its standard error."""
    if not model.variational:
        return None, None, 0.0
    draws = mu + sigma * normals(query.seed, DRAWS, DRAWN, mu.shape)
    found = model.log_p(x, np.concatenate([z[None], draws]).astype(np.float32))
    return float(found[0]), float(found[1:].mean()) - kl, float(found[1:].std(ddof=1) / np.sqrt(DRAWS))


def blur(query: latent.Blur, model: Autoencoder) -> latent.Blurred:
    """A reconstruction and draws from the prior, means and samples apart.

    An AE has no prior; nothing is drawn from it here.
    """
    x = model.unit(query.image[None])
    mean, sample = model.both(model.encode(x)[0], query.seed)
    count = query.count if model.variational else 0
    z = normals(query.seed, query.count, DRAWN, (model.card.latent,))[:count]
    prior_means, prior_samples = model.both(z, query.seed + 1)
    own = float(statistics.sharpness(x)[0]) or 1.0
    of_mean, of_sample = (float(statistics.sharpness(image)[0]) / own for image in (mean, sample))
    return latent.Blurred(mean[0], sample[0], prior_means, prior_samples, of_mean, of_sample, query.key)


def _needed(real: features.RealImages | None, model: Autoencoder) -> features.RealImages:
    if real is None:
        raise errors.DataUnsuitable(
            model.card.folder, mark("there are no real images or no classifier to compare its images with")
        )
    return real
