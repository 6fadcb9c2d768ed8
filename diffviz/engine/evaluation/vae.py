"""Measuring a VAE or an AE: its bound, its reconstructions, its codes and its draws from the prior."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from diffviz.domain.arrays import F32, F64
from diffviz.domain.evaluation import (
    Distances,
    Elbo,
    EvaluateRequest,
    PriorFrechet,
    Share,
    Sharpness,
    VaeQuality,
)
from diffviz.domain.latent import Faults
from diffviz.domain.likelihoods import key_of
from diffviz.engine.datasets import to_unit
from diffviz.engine.evaluation.denoiser import Judge, Progress, share
from diffviz.engine.families import latent_quality
from diffviz.engine.families.autoencoder import Autoencoder
from diffviz.engine.noise import normals
from diffviz.theory import divergences, statistics

CHUNK = 250
DRAWN, SAMPLED = 1, 1000


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceFigures:
    """Training images as the reference, test images held out."""

    judge: Judge
    x: F32
    held_out: F32

    def reference_distances(self, x: F32) -> F32:
        """Distance (N,) to the nearest training image in the classifier's features."""
        return statistics.nearest(self.judge.features(x), self.judge.train_features).astype(np.float32)


@dataclass(slots=True, eq=False)
class Seen:
    """What became of held-out images, (N, …) each."""

    codes: F32
    means: F32
    samples: F32
    log_p: F64
    kl: F64


def evaluate(model: Autoencoder, judge: Judge, request: EvaluateRequest) -> Iterator[Progress | VaeQuality]:
    """Measure `model`; the last item is the `VaeQuality`. Closing the iterator gives up."""
    count = min(request.samples, len(judge.test))
    x = to_unit(judge.test.images[:count])
    parts: list[Seen] = []
    for start in range(0, count, CHUNK):
        parts.append(_seen(model, x[start : start + CHUNK], request.seed, start))
        yield Progress(min(start + CHUNK, count), 2 * count)
    seen = Seen(*(np.concatenate([getattr(p, name) for p in parts]) for name in Seen.__dataclass_fields__))
    train = model.encode(to_unit(judge.train.images))[0]
    means, samples = _prior(model, train, request.seed, count)
    yield Progress(2 * count, 2 * count)
    yield VaeQuality(
        seed=request.seed,
        classifier=judge.name,
        images=count,
        error=float(np.mean((seen.means - x) ** 2, dtype=np.float64)),
        elbo=_elbo(model, seen, x[0].size),
        sharpness=_sharpness(x, seen, means, samples),
        frechet=_frechet(judge, seen, means, samples, request.seed),
        neighbours=_neighbours(judge, seen.codes[: request.judged], train),
        distances=_distances(model, judge, request),
    )


def _seen(model: Autoencoder, x: F32, seed: int, first: int) -> Seen:
    mu, sigma = model.encode(x)
    eps = normals(seed, len(x), DRAWN + first, mu.shape[1:])
    z = (mu + sigma * eps).astype(np.float32)
    kl = divergences.kl(mu, sigma.astype(np.float64) ** 2, 0.0, 1.0) if model.variational else np.zeros(mu.shape)
    means, samples = model.both(mu, seed + SAMPLED + first)
    return Seen(mu, means, samples, model.log_p_each(x, z), kl)


def _prior(model: Autoencoder, codes: F32, seed: int, count: int) -> tuple[F32, F32]:
    z = normals(seed, count, latent_quality.PRIOR, (model.card.latent,))
    z = z if model.variational else latent_quality.like_codes(codes, z)
    parts = [model.both(z[i : i + CHUNK], seed + SAMPLED + i) for i in range(0, count, CHUNK)]
    means, samples = (np.concatenate(values) for values in zip(*parts, strict=True))
    return means, samples


def _elbo(model: Autoencoder, seen: Seen, values: int) -> Elbo | None:
    if not model.variational or model.card.likelihood is None:
        return None
    bound = seen.log_p - seen.kl.sum(1)
    return Elbo(
        nats=float(bound.mean()),
        standard_error=float(bound.std(ddof=1) / np.sqrt(len(bound))),
        bits_per_dimension=float(-bound.mean() / values / np.log(2)),
        log_p=float(seen.log_p.mean()),
        kl=tuple(float(value) for value in seen.kl.mean(0)),
        likelihood=key_of(model.card.likelihood),
        of="masses of 256 grey levels" if model.masses else "cross-entropy",
    )


def _sharpness(x: F32, seen: Seen, means: F32, samples: F32) -> Sharpness:
    real, *others = (float(statistics.sharpness(v).mean()) for v in (x, seen.means, seen.samples, means, samples))
    return Sharpness(*(other / real for other in others))


def _frechet(judge: Judge, seen: Seen, means: F32, samples: F32, seed: int) -> PriorFrechet:
    of_means = judge.frechet(judge.features(means), seed)
    of_samples, of_seen = (judge.distance(judge.features(images)) for images in (samples, seen.means))
    return PriorFrechet(of_means.samples, of_samples, of_seen, of_means.floor, of_means.noise, of_means.count)


def _neighbours(judge: Judge, codes: F32, train: F32) -> Share:
    found = judge.train.labels[statistics.nearest_rows(codes, train)]
    return share(int((found == judge.test.labels[: len(codes)]).sum()), len(codes))


def _distances(model: Autoencoder, judge: Judge, request: EvaluateRequest) -> Distances:
    reference = ReferenceFigures(judge, to_unit(judge.train.images), to_unit(judge.test.images))
    count = min(request.judged, len(judge.test))
    report = latent_quality.report(Faults(model.card.id, seed=request.seed, count=count), model, reference)
    return Distances(**{name: group.median for name, group in report.groups.items()})
