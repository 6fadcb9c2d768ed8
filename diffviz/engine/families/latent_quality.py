"""Faults of a latent space: how far decoded images are from real ones, in the classifier's features."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Protocol

import numpy as np

from diffviz.domain.arrays import F32
from diffviz.domain.evaluation import Median
from diffviz.domain.latent import FaultGroup, FaultReport, Faults
from diffviz.domain.messages import Later
from diffviz.engine.families.autoencoder import Autoencoder
from diffviz.engine.noise import normals
from diffviz.theory import statistics

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


def report(query: Faults, model: Autoencoder, real: DecodedReference) -> FaultReport:
    """Held-out images, their reconstructions, points half-way between two of their codes, and draws from the prior."""
    *_, found = in_parts(query, model, real)
    assert isinstance(found, FaultReport)
    return found


def in_parts(query: Faults, model: Autoencoder, real: DecodedReference) -> Iterator[Later | FaultReport]:
    """A `Later` after each `AT_ONCE` images of each kind, and the report."""
    rng = np.random.default_rng([query.seed, PAIRS])
    held_out = real.held_out
    first, second = (held_out[rng.permutation(len(held_out))[: query.count]] for _ in range(2))
    codes, others = model.encode(first)[0], model.encode(second)[0]
    yield Later()
    middles = ((codes + others) / 2).astype(np.float32)
    drawn = prior_draws(model, real, query.seed, query.count)
    yield Later()
    yield FaultReport(
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


def _group(images: F32, real: DecodedReference) -> Generator[Later, None, FaultGroup]:
    parts = []
    for start in range(0, len(images), AT_ONCE):
        parts.append(real.reference_distances(images[start : start + AT_ONCE]))
        yield Later()
    distances = np.concatenate(parts)
    value, low, high = statistics.median_interval(distances)
    order = np.argsort(distances)[np.linspace(0, len(images) - 1, min(SHOWN, len(images))).round().astype(int)]
    median = Median(value, low, high, len(images))
    return FaultGroup(median, float(np.quantile(distances, FAR)), images[order], distances[order])
