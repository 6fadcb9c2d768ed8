"""The training pictures nearest to generated ones in a classifier's features, which take a while to be seen all."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from diffviz.domain import samples
from diffviz.domain.cards import Card
from diffviz.domain.gan import NearestReal, Neighbours
from diffviz.domain.requests import TRAIN
from diffviz.engine.families.forward import unit
from diffviz.engine.families.seen import FeatureCache
from diffviz.theory.nearest import Nearest


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
