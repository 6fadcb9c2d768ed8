"""Nearest pictures: under the ideal denoiser, and among training pictures in a classifier's features."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

import numpy as np
import torch
from torch import nn

from diffviz.domain import samples
from diffviz.domain.arrays import F32
from diffviz.domain.cards import Card
from diffviz.domain.errors import ModelNotFound
from diffviz.domain.gan import NearestReal, Neighbours
from diffviz.domain.ideal import AskIdeal, IdealFound, NearestFound, NearestImage
from diffviz.domain.messages import Later
from diffviz.domain.requests import TRAIN
from diffviz.engine.families.forward import unit
from diffviz.engine.features import pixel_neighbours
from diffviz.engine.features.cache import FeatureCache, RealImages
from diffviz.engine.nets.ideal import FiniteSet, finite_set
from diffviz.engine.tensors import array
from diffviz.engine.zoo import Models
from diffviz.theory.statistics import Nearest


class Exact:
    """Answers `AskIdeal`; what has to be read first is read one thing an answer."""

    def __init__(self) -> None:
        self._read: set[Hashable] = set()

    def answer(self, query: AskIdeal) -> IdealFound | Later:
        """The answer to `query`. Raises `DataUnsuitable` without the data set, `ImageWrongSize`."""
        for name, read in _needed(query).items():
            if name not in self._read:
                read()
                self._read.add(name)
                return Later()
        images = finite_set(query.dataset, query.part, query.count)
        mean = _mean(query, images)
        estimate = None if query.estimate is None else _nearest(query.dataset, query.estimate)
        return IdealFound(mean, images.known(query.label), _nearest(query.dataset, mean), estimate, query.key)


def _needed(query: AskIdeal) -> Mapping[Hashable, Callable[[], object]]:
    """What is read for `query`, by name; each is kept by those who read it."""
    name, part, count = query.dataset, query.part, query.count
    return {
        (name, part): lambda: samples.load(name, part),
        (name, part, count): lambda: finite_set(name, part, count),
        (name, TRAIN): lambda: samples.load(name, TRAIN),
        (name,): lambda: pixel_neighbours.kept(name, TRAIN),
    }


@torch.inference_mode()
def _mean(query: AskIdeal, images: FiniteSet) -> F32:
    if query.sigma == 0:
        return query.x
    label = None if query.label is None else torch.tensor([query.label])
    alpha, sigma = (torch.tensor([[value]], dtype=torch.float64) for value in (query.alpha, query.sigma))
    found: F32 = array(images.mean(torch.tensor(query.x)[None], alpha, sigma, label))[0]
    return found


def _nearest(dataset: str, image: F32) -> NearestFound:
    return pixel_neighbours.answer(NearestImage(dataset, image[None], TRAIN))


class TrainingPictures:
    """The training pictures of a data set, as far as the classifier has seen them, in an order that favours no class.

    Every answer is about these, and lets it see some more.
    """

    def __init__(self, dataset: str, classifier: Card, net: nn.Module, device: torch.device) -> None:
        """Raises `DataUnsuitable` without the pictures."""
        pixels = samples.load(dataset, TRAIN).images
        order = np.random.default_rng(0).permutation(len(pixels))
        self._seen = FeatureCache(pixels[order], classifier, net, device)
        self._known = Nearest(self._seen.features)

    def answer(self, query: NearestReal) -> Neighbours:
        """The nearest of the pictures seen so far, some more than before."""
        if self._seen.see_more():
            self._known = Nearest(self._seen.features)
        mine = self._seen.of(query.images)
        rows = self._known.rows(mine)
        return Neighbours(
            unit(self._seen.pixels[rows]),
            self._known.distances(mine, rows).astype(np.float32),
            len(self._known),
            len(self._seen.pixels),
            query.key,
        )


class References:
    """Real images and training pictures, seen through the classifiers among `models`."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._real: dict[tuple[str, tuple[int, ...]], RealImages | None] = {}
        self._training: dict[str, TrainingPictures] = {}

    def real(self, card: Card) -> RealImages | None:
        """The real images that those of `card` are compared with; None without them or a classifier."""
        dataset = str(card.dataset.get("name"))
        key = dataset, card.shape
        if key not in self._real:
            self._real[key] = self._read(dataset, card)
        return self._real[key]

    def nearest(self, query: NearestReal) -> Neighbours | Later:
        """The answer to `query`. Raises `ModelNotFound` without a classifier, `DataUnsuitable` without the pictures."""
        card = self._models.classifier(query.dataset)
        if card.id not in self._training:
            net, device = self._models.net(card), self._models.device
            self._training[card.id] = TrainingPictures(query.dataset, card, net, device)
            return Later()  # they have been read: enough for one answer
        return self._training[card.id].answer(query)

    def forget(self) -> None:
        """Look for classifiers anew: there may be others now."""
        self._real.clear()
        self._training.clear()

    def _read(self, dataset: str, card: Card) -> RealImages | None:
        try:
            classifier = self._models.classifier(dataset)
        except ModelNotFound:
            return None
        return RealImages.of(card, classifier, self._models.net(classifier), self._models.device)
