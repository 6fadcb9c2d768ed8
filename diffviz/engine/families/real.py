"""The real images that decoded ones are compared with, seen through a classifier's features."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
import torch
from torch import nn

from diffviz.domain import samples
from diffviz.domain.arrays import F32
from diffviz.domain.cards import Card
from diffviz.domain.queries import Later
from diffviz.engine.families.forward import unit
from diffviz.engine.families.seen import FeatureCache
from diffviz.theory.nearest import Nearest

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
        x = unit(pixels)
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
