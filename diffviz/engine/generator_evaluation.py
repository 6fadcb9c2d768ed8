"""Measuring what generates pictures at once: VAEs, AEs and GANs; and models of pixel faces, by counting.

Measuring a VAE or an AE: its bound, its reconstructions, its codes and its draws from the prior.

Measuring a GAN's images: their distance from real ones, whether they are recognised, and which classes there are.

Measuring models of pixel faces: their samples are read back and counted, no classifier is needed.
"""

from __future__ import annotations

import dataclasses
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from diffviz.domain import errors, evaluation, likelihoods, requests, samples, sampling, serialization, settings
from diffviz.domain.arrays import F32, F64, U8, levels
from diffviz.domain.cards import Card
from diffviz.domain.latent import Faults
from diffviz.domain.text import mark
from diffviz.engine.datasets import to_unit
from diffviz.engine.evaluation import Judge, Progress, asked, at_scales, drawing, share
from diffviz.engine.families import latent
from diffviz.engine.families.path import Autoencoder
from diffviz.engine.nets.generators import Gan
from diffviz.engine.tensors import array
from diffviz.theory import gaussians, statistics
from diffviz.theory.forward import START, normals
from diffviz.theory.pixel_face_design import FOLDER, SIDE, bundled_design
from diffviz.theory.pixel_faces import FaceJudge

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


def evaluate(
    model: Autoencoder, judge: Judge, request: evaluation.EvaluateRequest
) -> Iterator[Progress | evaluation.VaeQuality]:
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
    yield evaluation.VaeQuality(
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
    kl = gaussians.kl(mu, sigma.astype(np.float64) ** 2, 0.0, 1.0) if model.variational else np.zeros(mu.shape)
    means, samples = model.both(mu, seed + SAMPLED + first)
    return Seen(mu, means, samples, model.log_p_each(x, z), kl)


def _prior(model: Autoencoder, codes: F32, seed: int, count: int) -> tuple[F32, F32]:
    z = normals(seed, count, latent.PRIOR, (model.card.latent,))
    z = z if model.variational else latent.like_codes(codes, z)
    parts = [model.both(z[i : i + CHUNK], seed + SAMPLED + i) for i in range(0, count, CHUNK)]
    means, samples = (np.concatenate(values) for values in zip(*parts, strict=True))
    return means, samples


def _elbo(model: Autoencoder, seen: Seen, values: int) -> evaluation.Elbo | None:
    if not model.variational or model.card.likelihood is None:
        return None
    bound = seen.log_p - seen.kl.sum(1)
    return evaluation.Elbo(
        nats=float(bound.mean()),
        standard_error=float(bound.std(ddof=1) / np.sqrt(len(bound))),
        bits_per_dimension=float(-bound.mean() / values / np.log(2)),
        log_p=float(seen.log_p.mean()),
        kl=tuple(float(value) for value in seen.kl.mean(0)),
        likelihood=likelihoods.key_of(model.card.likelihood),
        of="masses of 256 grey levels" if model.masses else "cross-entropy",
    )


def _sharpness(x: F32, seen: Seen, means: F32, samples: F32) -> evaluation.Sharpness:
    real, *others = (float(statistics.sharpness(v).mean()) for v in (x, seen.means, seen.samples, means, samples))
    return evaluation.Sharpness(*(other / real for other in others))


def _frechet(judge: Judge, seen: Seen, means: F32, samples: F32, seed: int) -> evaluation.PriorFrechet:
    of_means = judge.frechet(judge.features(means), seed)
    of_samples, of_seen = (judge.distance(judge.features(images)) for images in (samples, seen.means))
    return evaluation.PriorFrechet(
        of_means.samples, of_samples, of_seen, of_means.floor, of_means.noise, of_means.count
    )


def _neighbours(judge: Judge, codes: F32, train: F32) -> evaluation.Share:
    found = judge.train.labels[statistics.nearest_rows(codes, train)]
    return share(int((found == judge.test.labels[: len(codes)]).sum()), len(codes))


def _distances(model: Autoencoder, judge: Judge, request: evaluation.EvaluateRequest) -> evaluation.Distances:
    reference = ReferenceFigures(judge, to_unit(judge.train.images), to_unit(judge.test.images))
    count = min(request.judged, len(judge.test))
    report = latent.report(Faults(model.card.id, seed=request.seed, count=count), model, reference)
    return evaluation.Distances(**{name: group.median for name, group in report.groups.items()})


IMAGES_AT_ONCE = 100
SURE = 0.9
LEAST_SHARE = 0.1


def evaluate_gan(
    net: Gan, judge: Judge, request: evaluation.EvaluateRequest
) -> Iterator[Progress | evaluation.GanQuality]:
    """Draw samples and measure them; the last item is the `GanQuality`. Closing the iterator gives up."""
    z = normals(request.seed, request.samples, START, (net.config.latent,))
    parts: list[F32] = []
    for start in range(0, len(z), IMAGES_AT_ONCE):
        with torch.inference_mode():
            parts.append(array(net.g(torch.from_numpy(z[start : start + IMAGES_AT_ONCE]))))
        yield Progress(min(start + IMAGES_AT_ONCE, len(z)), len(z))
    yield measure_gan(np.concatenate(parts), judge, request)


def measure_gan(images: F32, judge: Judge, request: evaluation.EvaluateRequest) -> evaluation.GanQuality:
    """The figures of samples (N, C, H, W)."""
    features, judged = judge.features(images), images[: request.judged]
    seen, real = judge.probabilities(judged), judge.probabilities(judge.test.images[: request.judged])
    names = judge.train.classes
    shares = np.bincount(seen.argmax(1), minlength=len(names)) / len(seen)
    there = np.bincount(judge.train.labels, minlength=len(names)) / len(judge.train)
    return evaluation.GanQuality(
        seed=request.seed,
        classifier=judge.name,
        sure=SURE,
        recognised=share(int((seen.max(1) >= SURE).sum()), len(seen)),
        recognised_held_out=share(int((real.max(1) >= SURE).sum()), len(real)),
        classes={name: float(value) for name, value in zip(names, shares, strict=True)},
        covered=int((shares >= LEAST_SHARE * there).sum()),
        frechet=judge.frechet(features, request.seed),
        nearest=judge.nearest(features[: request.judged], request.seed),
    )


def are_faces(card: Card) -> bool:
    """Whether the model of `card` was trained on the pixel faces that ship."""
    return (
        card.shape == (3, SIDE, SIDE) and samples.has(FOLDER) and card.dataset.get("name") == samples.about(FOLDER).name
    )


def judge_of(data: Path | None) -> FaceJudge:
    """The judge that knows the pictures in folder `data`, or those that ship. Raises `DataUnsuitable`."""
    tables = {part: _attributes(samples.file_of(data or samples.folder_of(FOLDER), part)) for part in requests.PARTS}
    return FaceJudge(bundled_design(), tables[requests.TRAIN], tables[requests.TEST])


def evaluate_faces(
    net: torch.nn.Module, card: Card, judge: FaceJudge, request: evaluation.EvaluateRequest
) -> Iterator[Progress | evaluation.FaceQuality]:
    """Draw samples and count; the last item is the `FaceQuality`. Closing the iterator gives up."""
    images = np.empty((request.samples, *card.shape), np.float32)
    yield from drawing(net, card, request, images)
    yield measure_faces(images, card, judge, request)


def measure_faces(
    images: F32, card: Card, judge: FaceJudge, request: evaluation.EvaluateRequest
) -> evaluation.FaceQuality:
    """The figures of samples (N, 3, 16, 16) in −1 … 1 that were drawn as `request` says."""
    classes = asked(len(images), len(card.classes)) if card.conditional else None
    return evaluation.FaceQuality(
        sampler=settings.variant_key(sampling.SAMPLERS, request.sampler),
        settings=dataclasses.asdict(request.sampler),
        steps=request.steps,
        guidance=request.guidance,
        seed=request.seed,
        faces=judge.counts(levels(images).transpose(0, 2, 3, 1), classes),
    )


def sweep(
    net: torch.nn.Module, card: Card, judge: FaceJudge, request: evaluation.EvaluateRequest, scales: Sequence[float]
) -> Iterator[Progress | evaluation.FaceQuality]:
    """Measure `request` at each of the guidance `scales`; yields a `FaceQuality` for each."""
    return at_scales(partial(evaluate_faces, net, card, judge), request, scales)


def best(found: Sequence[evaluation.FaceQuality]) -> evaluation.FaceQuality:
    """The one with the most valid faces, of the class asked for where one was; the first of equals."""
    return max(found, key=lambda q: (q.faces.as_asked or q.faces.valid).value)


def _attributes(path: Path) -> U8:
    """The attributes of the pictures in `path`. Raises `DataUnsuitable`."""
    try:
        with serialization.opened(path) as raw, np.load(raw, allow_pickle=False) as file:
            table = np.asarray(file["attributes"])
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise errors.DataUnsuitable(path, mark("it does not say which attributes its faces have")) from error
    if table.dtype != np.uint8 or table.ndim != 2 or table.shape[1] != len(bundled_design().names) or not len(table):
        raise errors.DataUnsuitable(path, mark("it does not say which attributes its faces have"))
    return table
