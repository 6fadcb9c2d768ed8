"""The training pictures nearest to generated ones in a classifier's features, which take a while to be seen all."""

from __future__ import annotations

import hashlib
import io
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from diffviz import paths
from diffviz.domain import samples
from diffviz.domain.cards import Card
from diffviz.domain.gan import NearestReal, Neighbours
from diffviz.domain.requests import TRAIN
from diffviz.engine.boundary import array, tensor
from diffviz.engine.families.forward import unit
from diffviz.engine.nets.classifier import Classifier
from diffviz.engine.zoo import write_whole
from diffviz.theory.nearest import Nearest

Floats = NDArray[np.float32]
AT_ONCE = 20
SECONDS = 0.05


class TrainingPictures:
    """The training pictures of a data set, and the features of those that the classifier has seen so far.

    Every answer is about these, and lets it see some more: in `SECONDS`, in an order that favours no class. Once all
    have been seen, their features are kept in the cache folder.
    """

    def __init__(self, dataset: str, classifier: Card, net: nn.Module, device: torch.device) -> None:
        """Raises `DataUnsuitable` without the pictures."""
        assert isinstance(net, Classifier), "a classifier's card describes a classifier"
        self._net, self._device = net, device
        self._pixels = samples.load(dataset, TRAIN).images
        self._order = np.random.default_rng(0).permutation(len(self._pixels))
        self._file = _file(self._pixels, classifier)
        self._features = _kept(self._file, len(self._pixels), net.config.features)
        self._known = Nearest(self._features)

    def answer(self, query: NearestReal) -> Neighbours:
        """The nearest of the pictures seen so far, some more than before."""
        self._see_more()
        mine = self._of(query.images)
        rows = self._known.rows(mine)
        return Neighbours(
            unit(self._pixels[self._order[rows]]),
            self._known.distances(mine, rows).astype(np.float32),
            len(self._known),
            len(self._pixels),
            query.key,
        )

    def _see_more(self) -> None:
        until, seen = time.monotonic() + SECONDS, len(self._known)
        parts = [self._features]
        while seen < len(self._pixels) and (len(parts) == 1 or time.monotonic() < until):
            parts.append(self._of(unit(self._pixels[self._order[seen : seen + AT_ONCE]])))
            seen += len(parts[-1])
        if len(parts) > 1:
            self._features = np.concatenate(parts)
            self._known = Nearest(self._features)
            if seen == len(self._pixels):
                _keep(self._file, self._features)

    @torch.inference_mode()
    def _of(self, images: Floats) -> Floats:
        return array(self._net.features(tensor(images, self._device)))


def _file(pixels: NDArray[np.uint8], classifier: Card) -> Path:
    """Where the features are kept that this classifier has of these pictures."""
    name = hashlib.sha256(classifier.sha256.encode() + pixels.tobytes()).hexdigest()
    return paths.cache_home() / "features" / f"{name[:32]}.npy"


def _kept(file: Path, count: int, width: int) -> Floats:
    """The features (`count`, `width`) in `file`; none where it is missing or is something else."""
    none = np.empty((0, width), np.float32)
    try:
        found = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return none
    fitting = isinstance(found, np.ndarray) and found.dtype == np.float32 and found.shape == (count, width)
    return found if fitting else none


def _keep(file: Path, features: Floats) -> None:
    """Write `features`; where that cannot be done they are computed again next time."""
    data = io.BytesIO()
    np.save(data, features)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, data.getvalue())
    except OSError:
        return
