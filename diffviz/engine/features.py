"""Pictures in a classifier's features: a cache, the nearest ones, and what is recognised.

Feature cache, filled incrementally: pictures in a classifier's features, and the real ones to compare with.

Nearest pictures: under the ideal denoiser, and among training pictures in a classifier's features.

What a data set's classifier makes of images.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import nn

from diffviz import paths
from diffviz.domain import errors, samples, serialization
from diffviz.domain.arrays import F32, U8
from diffviz.domain.atomic import write_whole
from diffviz.domain.cards import Card
from diffviz.domain.gan import NearestReal, Neighbours
from diffviz.domain.ideal import AskIdeal, IdealFound, NearestFound, NearestImage
from diffviz.domain.messages import Later, Recognise, Recognised
from diffviz.domain.requests import TRAIN
from diffviz.engine import denoiser, zoo
from diffviz.engine.families import forward, gan_evaluate
from diffviz.engine.nets.unet import Classifier
from diffviz.engine.tensors import array, tensor
from diffviz.theory.statistics import Nearest

AT_ONCE = 20
SECONDS = 0.05


class FeatureCache:
    """Pictures uint8 (N, H, W) or (N, H, W, 3), and `features` (M, F) of the first M, which were seen so far.

    Once all have been seen, their features are kept in the cache folder.
    """

    def __init__(self, pixels: U8, classifier: Card, net: nn.Module, device: torch.device) -> None:
        assert isinstance(net, Classifier), "a classifier's card describes a classifier"
        self.pixels = pixels
        self._net, self._device = net, device
        self._file = _file(pixels, classifier)
        self.features = _kept(self._file, len(pixels), net.config.features)

    @property
    def complete(self) -> bool:
        """Whether all were seen."""
        return len(self.features) == len(self.pixels)

    def see_more(self, seconds: float | None = None) -> bool:
        """See some more of them, for about `seconds` (`SECONDS`); whether there were any."""
        until, seen = time.monotonic() + (SECONDS if seconds is None else seconds), len(self.features)
        parts = [self.features]
        while seen < len(self.pixels) and (len(parts) == 1 or time.monotonic() < until):
            parts.append(self.of(forward.unit(self.pixels[seen : seen + AT_ONCE])))
            seen += len(parts[-1])
        if len(parts) > 1:
            self.features = np.concatenate(parts)
            if self.complete:
                _keep(self._file, self.features)
        return len(parts) > 1

    @torch.inference_mode()
    def of(self, images: F32) -> F32:
        """Features (N, F) of images (N, C, H, W) in [−1, 1]."""
        return array(self._net.features(tensor(images, self._device)))


def _file(pixels: U8, classifier: Card) -> Path:
    """Where the features are kept that this classifier has of these pictures."""
    name = hashlib.sha256(classifier.sha256.encode() + pixels.tobytes()).hexdigest()
    return paths.cache_home() / "features" / f"{name[:32]}.npy"


def _kept(file: Path, count: int, width: int) -> F32:
    """The features (`count`, `width`) in `file`; none where it is missing or is something else."""
    none = np.empty((0, width), np.float32)
    try:
        with serialization.opened(file) as raw:
            found = np.load(raw, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return none
    fitting = isinstance(found, np.ndarray) and found.dtype == np.float32 and found.shape == (count, width)
    return found if fitting else none


def _keep(file: Path, features: F32) -> None:
    """Write `features`; where that cannot be done they are computed again next time."""
    data = io.BytesIO()
    np.save(data, features)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, data.getvalue())
    except (OSError, errors.ExportFailed):
        return


CHUNK = 100


class RealImages:
    """Sample pictures of a data set, `x` (N, C, H, W), and their features.

    The even ones are the reference that held-out images are compared with, the odd ones are held out. Their features
    take the classifier seconds, the first time: `seeing` lets it see them bit by bit; what is asked before that
    waits for the rest.
    """

    def __init__(self, seen: FeatureCache, x: F32) -> None:
        self.x = x
        self._seen = seen

    @staticmethod
    def of(model: Card, classifier: Card, net: nn.Module, device: torch.device) -> RealImages | None:
        """Those of `model`'s data set; None where there are none of its size."""
        dataset = str(model.dataset.get("name"))
        if not samples.has(dataset) or classifier.shape != model.shape:
            return None
        pixels = samples.load(dataset).images
        x = forward.unit(pixels)
        return RealImages(FeatureCache(pixels, classifier, net, device), x) if x.shape[1:] == model.shape else None

    def seeing(self) -> Iterator[Later]:
        """A `Later` after each part of what is left to be seen, but for the last."""
        while self._seen.see_more():
            if not self._seen.complete:
                yield Later()

    @property
    def held_out(self) -> F32:
        """Pictures that are not in the reference."""
        return self.x[1::2]

    def features(self, x: F32) -> F32:
        """Features (N, F) of pictures (N, C, H, W)."""
        return np.concatenate([self._seen.of(x[i : i + CHUNK]) for i in range(0, len(x), CHUNK)])

    def distances(self, x: F32) -> F32:
        """Distance (N,) of pictures to the nearest of all."""
        return _distances(self.features(x), self._all)

    def reference_distances(self, x: F32) -> F32:
        """Distance (N,) of pictures to the nearest of the reference."""
        return _distances(self.features(x), self._reference)

    @cached_property
    def scale(self) -> float:
        """Median distance of a held-out picture to the reference."""
        return float(np.median(_distances(self._features[1::2], self._reference)))

    @cached_property
    def _all(self) -> Nearest:
        return Nearest(self._features)

    @cached_property
    def _reference(self) -> Nearest:
        return Nearest(np.ascontiguousarray(self._features[::2]))

    @property
    def _features(self) -> F32:
        for _ in self.seeing():
            pass
        return self._seen.features


def _distances(features: F32, known: Nearest) -> F32:
    return known.distances(features, known.rows(features)).astype(np.float32)


Real = Callable[[Card], RealImages | None]


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
        images = denoiser.finite_set(query.dataset, query.part, query.count)
        mean = _mean(query, images)
        estimate = None if query.estimate is None else _nearest(query.dataset, query.estimate)
        return IdealFound(mean, images.known(query.label), _nearest(query.dataset, mean), estimate, query.key)


def _needed(query: AskIdeal) -> Mapping[Hashable, Callable[[], object]]:
    """What is read for `query`, by name; each is kept by those who read it."""
    name, part, count = query.dataset, query.part, query.count
    return {
        (name, part): lambda: samples.load(name, part),
        (name, part, count): lambda: denoiser.finite_set(name, part, count),
        (name, TRAIN): lambda: samples.load(name, TRAIN),
        (name,): lambda: forward.kept(name, TRAIN),
    }


@torch.inference_mode()
def _mean(query: AskIdeal, images: denoiser.FiniteSet) -> F32:
    if query.sigma == 0:
        return query.x
    label = None if query.label is None else torch.tensor([query.label])
    alpha, sigma = (torch.tensor([[value]], dtype=torch.float64) for value in (query.alpha, query.sigma))
    found: F32 = array(images.mean(torch.tensor(query.x)[None], alpha, sigma, label))[0]
    return found


def _nearest(dataset: str, image: F32) -> NearestFound:
    return forward.answer(NearestImage(dataset, image[None], TRAIN))


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
            forward.unit(self._seen.pixels[rows]),
            self._known.distances(mine, rows).astype(np.float32),
            len(self._known),
            len(self._seen.pixels),
            query.key,
        )


class References:
    """Real images and training pictures, seen through the classifiers among `models`."""

    def __init__(self, models: zoo.Models) -> None:
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
        except errors.ModelNotFound:
            return None
        return RealImages.of(card, classifier, self._models.net(classifier), self._models.device)


@torch.inference_mode()
def answer(query: Recognise, models: zoo.Models) -> Recognised:
    """The probabilities of the classes. Raises `ModelNotFound` where no classifier knows the data set."""
    card = models.classifier(query.dataset)
    logits = models.net(card)(tensor(query.images, models.device))
    return Recognised(array(logits.softmax(1)), card.classes, query.key)


def counting(dataset: str, models: zoo.Models) -> gan_evaluate.Classify | None:
    """What counts images of `dataset` by class; None where no classifier knows it."""
    try:
        card = models.classifier(dataset)
    except errors.ModelNotFound:
        return None

    @torch.inference_mode()
    def count(images: F32) -> F32:
        seen = models.net(card)(tensor(images, models.device)).argmax(1)
        return torch.bincount(seen, minlength=len(card.classes)).float().cpu().numpy()

    return count
