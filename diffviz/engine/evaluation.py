"""Measuring the quality of models: samples beside real data.

Measuring quality: a model's samples beside real images, seen through a classifier's features.

Measuring a network for points in the plane: where its particles arrive, beside those of the exact score.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from diffviz.domain import evaluation, messages, planar, sampling, settings
from diffviz.domain.arrays import F32, U8
from diffviz.domain.cards import Card
from diffviz.engine import engine, tensors
from diffviz.engine.datasets import TrainingSet, to_unit
from diffviz.engine.denoiser import Visit, denoiser, visit
from diffviz.engine.nets.unet import Classifier
from diffviz.engine.samplers import SAMPLERS
from diffviz.families.planar import data_of
from diffviz.theory import forward, processes, statistics
from diffviz.theory.gan_distributions import Coverage, coverage, mixture_of, modes_of

Images = U8 | F32
Q = TypeVar("Q")
CHUNK = 100
LEAST_RECOGNISED = 0.95


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a measurement is done, in images of one step."""

    done: int
    total: int


class Judge:
    """A classifier and the real images that samples are compared with, `train` and held-out `test`."""

    def __init__(self, name: str, net: Classifier, train: TrainingSet, test: TrainingSet) -> None:
        self.name = name
        self._net = tensors.channels_last(net)
        self.train, self.test = train, test
        self.labels = test.labels
        self.train_features = self.features(train.images)
        self.test_features = self.features(test.images)
        self._test_moments = statistics.moments(self.test_features)

    def features(self, images: Images) -> F32:
        """Features (N, D) of images, uint8 or float32 in [-1, 1]."""
        return self._mapped(images, self._net.features)

    def classes(self, images: Images) -> NDArray[np.int64]:
        """The class (N,) that the classifier finds most probable."""
        return np.asarray(self._mapped(images, self._net).argmax(1), np.int64)

    def probabilities(self, images: Images) -> F32:
        """p(y | x) (N, classes) of images, as the classifier sees them."""
        return self._mapped(images, lambda x: self._net(x).softmax(1))

    def recognised(self, images: Images, labels: NDArray[np.int64]) -> evaluation.Share:
        """How many of `images` the classifier takes for their `labels`."""
        return share(int((self.classes(images) == labels).sum()), len(labels))

    def accuracy(self) -> evaluation.Share:
        """How many held-out images are recognised."""
        return self.recognised(self.test.images, self.test.labels)

    def distance(self, features: F32) -> float:
        """Fréchet distance of `features` to those of the held-out images."""
        return statistics.frechet(*statistics.moments(features), *self._test_moments)

    def frechet(self, features: F32, seed: int) -> evaluation.Frechet:
        """Distance of samples' `features`, of as many training images and of as much noise."""
        rng, n = np.random.default_rng(seed), len(features)
        some = rng.permutation(len(self.train_features))[:n]
        noise = rng.standard_normal((n, *self.train.shape), np.float32).clip(-1, 1)
        floor = self.distance(self.train_features[some])
        return evaluation.Frechet(self.distance(features), floor, self.distance(self.features(noise)), n)

    def nearest(self, features: F32, seed: int) -> evaluation.NearestDistances:
        """Median distance to the nearest training image, of samples and of as many held-out images."""
        some = np.random.default_rng(seed).permutation(len(self.test_features))[: len(features)]
        return evaluation.NearestDistances(self._to_training(features), self._to_training(self.test_features[some]))

    def diversity(self, features: F32, labels: NDArray[np.int64]) -> evaluation.Diversity:
        """Mean distance within a class, of samples and of as many held-out images of each class."""
        most = int(np.bincount(labels).max())
        return evaluation.Diversity(
            within_class(features, labels, most), within_class(self.test_features, self.test.labels, most)
        )

    def _to_training(self, features: F32) -> float:
        return float(np.median(statistics.nearest(features, self.train_features)))

    @torch.inference_mode()
    def _mapped(self, images: Images, function: Callable[[Tensor], Tensor]) -> F32:
        parts = []
        for start in range(0, len(images), CHUNK):
            part = images[start : start + CHUNK]
            x = torch.from_numpy(_unit(part)).contiguous(memory_format=torch.channels_last)
            parts.append(tensors.array(function(x)))
        return np.concatenate(parts)


def share(found: int, count: int) -> evaluation.Share:
    """`found` of `count` with Wilson's 95 % interval."""
    return evaluation.Share(found / count, *statistics.wilson(found, count), count)


def within_class(features: F32, labels: NDArray[np.int64], most: int) -> float:
    """Mean Euclidean distance between two different images of the same class, over the first `most` of each class."""
    means = []
    for label in np.unique(labels):
        group = features[labels == label][:most].astype(np.float64)
        if len(group) > 1:
            squares = (group**2).sum(1)
            distances = np.sqrt(np.maximum(0, squares[:, None] + squares - 2 * group @ group.T))
            means.append(distances[np.triu_indices(len(group), 1)].mean())
    return float(np.mean(means)) if means else 0.0


def asked(count: int, classes: int) -> NDArray[np.int64]:
    """The class of each sample: all classes in turn."""
    return np.arange(count) % max(1, classes)


def draw(net: torch.nn.Module, card: Card, request: evaluation.EvaluateRequest, out: F32) -> Iterator[int]:
    """Fill `out` (N, C, H, W) with samples, their classes as `asked` says. Yields the images moved by each step."""
    assert card.schedule is not None, "a diffusion model has a noise schedule"
    process = processes.process_of(card.schedule)
    steps = [visit(process, t) for t in process.visits(request.steps, "trailing")]
    labels = torch.from_numpy(asked(len(out), len(card.classes)))
    sample = SAMPLERS[settings.variant_key(sampling.SAMPLERS, request.sampler)]
    for start in range(0, len(out), CHUNK):
        ids = range(start, min(start + CHUNK, len(out)))
        shape = out.shape[1:]
        x = process.start_std * _normals(request.seed, ids, forward.START, shape)
        chosen = labels[ids.start : ids.stop] if card.conditional else None
        denoise = denoiser(net, card.prediction, chosen, len(card.classes), request.guidance)
        for step in sample(denoise, x, steps, request.sampler, partial(_noise, request.seed, ids, shape)):
            if step.t.t > 0:
                yield len(ids)
        out[ids.start : ids.stop] = tensors.array(step.x)


def drawing(net: torch.nn.Module, card: Card, request: evaluation.EvaluateRequest, out: F32) -> Iterator[Progress]:
    """Draw samples into `out` (N, C, H, W) as `request` says, and tell how far that is."""
    done = 0
    for moved in draw(net, card, request, out):
        done += moved
        yield Progress(done, request.samples * request.steps)


def evaluate(
    net: torch.nn.Module, card: Card, judge: Judge, request: evaluation.EvaluateRequest
) -> Iterator[Progress | evaluation.Quality]:
    """Draw samples and measure them; the last item is the `Quality`. Closing the iterator gives up."""
    images = np.empty((request.samples, *card.shape), np.float32)
    yield from drawing(net, card, request, images)
    yield measure(images, card, judge, request)


def measure(images: F32, card: Card, judge: Judge, request: evaluation.EvaluateRequest) -> evaluation.Quality:
    """The figures of samples (N, C, H, W) that were drawn as `request` says."""
    labels = asked(len(images), len(card.classes))
    judged = slice(0, request.judged)
    features = judge.features(images)
    return evaluation.Quality(
        sampler=settings.variant_key(sampling.SAMPLERS, request.sampler),
        settings=dataclasses.asdict(request.sampler),
        steps=request.steps,
        guidance=request.guidance,
        seed=request.seed,
        classifier=judge.name,
        recognised=judge.recognised(images[judged], labels[judged]),
        frechet=judge.frechet(features, request.seed),
        nearest=judge.nearest(features[judged], request.seed),
        diversity=judge.diversity(features[judged], labels[judged]),
    )


def at_scales(
    evaluated: Callable[[evaluation.EvaluateRequest], Iterator[Progress | Q]],
    request: evaluation.EvaluateRequest,
    scales: Sequence[float],
) -> Iterator[Progress | Q]:
    """What `evaluated` gives for `request` at each of the guidance `scales`, as one piece of work."""
    for i, scale in enumerate(scales):
        for item in evaluated(dataclasses.replace(request, guidance=scale)):
            if isinstance(item, Progress):
                yield Progress(i * item.total + item.done, len(scales) * item.total)
            else:
                yield item


def sweep(
    net: torch.nn.Module, card: Card, judge: Judge, request: evaluation.EvaluateRequest, scales: Sequence[float]
) -> Iterator[Progress | evaluation.Quality]:
    """Measure `request` at each of the guidance `scales`; yields a `Quality` for each."""
    return at_scales(partial(evaluate, net, card, judge), request, scales)


def best(found: Sequence[evaluation.Quality]) -> evaluation.Quality:
    """The one with the smallest Fréchet distance among those recognised well enough, else the one recognised best."""
    good = [q for q in found if q.recognised.value >= LEAST_RECOGNISED]
    if good:
        return min(good, key=lambda q: q.frechet.samples)
    return max(found, key=lambda q: q.recognised.value)


def accuracy(net: Classifier, test: TrainingSet) -> evaluation.ClassifierAccuracy:
    """Accuracy of a classifier on held-out images."""
    judge = Judge("", net, test, test)
    return evaluation.ClassifierAccuracy(judge.accuracy())


def _unit(images: Images) -> F32:
    return to_unit(images.astype(np.uint8)) if images.dtype == np.uint8 else np.array(images, np.float32)


def _noise(seed: int, ids: range, shape: tuple[int, ...], t: Visit) -> Tensor:
    return _normals(seed, ids, int(t.t), shape)


def _normals(seed: int, ids: range, step: int, shape: tuple[int, ...]) -> Tensor:
    """The noise of samples `ids`, (N, C, H, W): the same in whichever chunk they are drawn."""
    return torch.from_numpy(forward.normals(seed, len(ids), step, shape, first=ids.start))


MOST = 2000


def evaluate_planar(card: Card, request: evaluation.EvaluateRequest) -> dict[str, Any]:
    """Figures of `card` for its card.

    `within_3_deviations` and `modes` are the quality and the covered modes of `theory.gan.distributions.Coverage`, of
    the network's particles, of those of the exact score with the same sampler, and of as many draws of the data.
    `noise_error` is the root mean square of ε̂ − E[ε | x_t] at the exact particles, over all visited t.
    """
    count, cards = min(MOST, request.samples), {card.id: card}
    asked = planar.PlanarRequest(
        model=card.id, sampler=request.sampler, steps=request.steps, particles=count, seed=request.seed
    )
    made: list[Any] = list(engine.LocalEngine(cards, "cpu").frames(asked, messages.RunInputs()))
    data, last = data_of(asked, cards), made[-1]
    draws = mixture_of(data).sample(count, np.random.default_rng(request.seed))
    modes = modes_of(data)
    found: dict[str, Coverage] = {"exact": coverage(last.x, modes), "data": coverage(draws, modes)}
    if last.learnt_x is not None:
        found = {"network": coverage(last.learnt_x, modes), **found}
    errors = [(frame.sigma * frame.error) ** 2 for frame in made[:-1]]
    return {
        "sampler": settings.variant_key(sampling.SAMPLERS, request.sampler),
        "settings": dataclasses.asdict(request.sampler),
        "steps": request.steps,
        "seed": request.seed,
        "particles": count,
        "within_3_deviations": {name: each.quality for name, each in found.items()},
        "modes": {**{name: each.covered for name, each in found.items()}, "of": modes.count},
        "noise_error": float(np.sqrt(np.mean(errors))),
    }
