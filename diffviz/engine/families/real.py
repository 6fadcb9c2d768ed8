"""The real images that decoded ones are compared with, seen through a classifier's features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from diffviz.domain import samples
from diffviz.domain.cards import Card
from diffviz.engine.boundary import array, tensor
from diffviz.engine.families.forward import unit
from diffviz.engine.nets.classifier import Classifier
from diffviz.theory import statistics

Floats = NDArray[np.float32]
CHUNK = 100


class RealImages:
    """Sample pictures `x` (N, C, H, W) of a data set and their features.

    The even ones are the reference that held-out images are compared with, the odd ones are held out.
    """

    def __init__(self, x: Floats, net: nn.Module, device: torch.device) -> None:
        assert isinstance(net, Classifier), "a classifier's card describes a classifier"
        self.x = x
        self._net, self._device = net, device
        self._features = self.features(x)

    @staticmethod
    def of(model: Card, classifier: Card, net: nn.Module, device: torch.device) -> RealImages | None:
        """Those of `model`'s data set; None where there are none of its size."""
        dataset = str(model.dataset.get("name"))
        if not samples.has(dataset) or classifier.shape != model.shape:
            return None
        x = unit(samples.load(dataset).images)
        return RealImages(x, net, device) if x.shape[1:] == model.shape else None

    @property
    def held_out(self) -> Floats:
        """Pictures that are not in the reference."""
        return self.x[1::2]

    @torch.inference_mode()
    def features(self, x: Floats) -> Floats:
        """Features (N, F) of pictures (N, C, H, W)."""
        parts = [x[i : i + CHUNK] for i in range(0, len(x), CHUNK)]
        return np.concatenate([array(self._net.features(tensor(part, self._device))) for part in parts])

    def distances(self, x: Floats) -> Floats:
        """Distance (N,) of pictures to the nearest of all."""
        return statistics.nearest(self.features(x), self._features).astype(np.float32)

    def reference_distances(self, x: Floats) -> Floats:
        """Distance (N,) of pictures to the nearest of the reference."""
        return statistics.nearest(self.features(x), self._features[::2]).astype(np.float32)

    @property
    def scale(self) -> float:
        """Median distance of a held-out picture to the reference."""
        return float(np.median(statistics.nearest(self._features[1::2], self._features[::2])))


Real = Callable[[Card], RealImages | None]
