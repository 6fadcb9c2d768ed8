"""Measuring a GAN's images: their distance from real ones, whether they are recognised, and which classes there are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from diffviz.domain.arrays import F32
from diffviz.domain.evaluation import EvaluateRequest, GanQuality
from diffviz.engine.evaluation.denoiser import Judge, Progress, share
from diffviz.engine.nets.gan import Gan
from diffviz.engine.noise import START, normals
from diffviz.engine.tensors import array

CHUNK = 100
SURE = 0.9
LEAST_SHARE = 0.1


def evaluate(net: Gan, judge: Judge, request: EvaluateRequest) -> Iterator[Progress | GanQuality]:
    """Draw samples and measure them; the last item is the `GanQuality`. Closing the iterator gives up."""
    z = normals(request.seed, request.samples, START, (net.config.latent,))
    parts: list[F32] = []
    for start in range(0, len(z), CHUNK):
        with torch.inference_mode():
            parts.append(array(net.g(torch.from_numpy(z[start : start + CHUNK]))))
        yield Progress(min(start + CHUNK, len(z)), len(z))
    yield measure(np.concatenate(parts), judge, request)


def measure(images: F32, judge: Judge, request: EvaluateRequest) -> GanQuality:
    """The figures of samples (N, C, H, W)."""
    features, judged = judge.features(images), images[: request.judged]
    seen, real = judge.probabilities(judged), judge.probabilities(judge.test.images[: request.judged])
    names = judge.train.classes
    shares = np.bincount(seen.argmax(1), minlength=len(names)) / len(seen)
    there = np.bincount(judge.train.labels, minlength=len(names)) / len(judge.train)
    return GanQuality(
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
