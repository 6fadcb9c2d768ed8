"""Training of the small classifier: cross-entropy on images shifted and mirrored a little."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.text import mark
from diffviz.domain.training import TrainClassifier
from diffviz.engine.datasets import TrainingSet, load, to_unit
from diffviz.engine.datasets.part import check_least
from diffviz.engine.nets.classifier import Classifier, ClassifierConfig
from diffviz.engine.nets.layout import channels_last
from diffviz.engine.training.loop import batch_indices

SHIFT = 2
SMALLEST = 8  # images are halved three times


class ClassifierTask:
    """What is particular to training the classifier."""

    family = "classifier"

    def __init__(self, request: TrainClassifier, data: TrainingSet | None = None) -> None:
        self.request = request
        self.data = data or load(Path(request.data), "train", request.size)
        if not self.data.classes:
            raise DataUnsuitable(Path(request.data), mark("a classifier needs classes: put each class in a subfolder"))
        check_least(Path(request.data), self.data.shape, SMALLEST)
        width = request.width
        self.config = ClassifierConfig(self.data.shape[0], len(self.data.classes), (width, 2 * width, 3 * width))
        self._labels = torch.from_numpy(self.data.labels)

    def net(self) -> Classifier:
        """A fresh network, the same for the same seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.request.seed)
            return channels_last(Classifier(self.config))

    def loss(self, net: torch.nn.Module, seen: int, generator: torch.Generator) -> Tensor:
        """Cross-entropy with label smoothing 0.05 on the batch after `seen` images."""
        at = batch_indices(self.request.seed, seen, self.request.batch, len(self.data))
        device = next(net.parameters()).device
        x = shifted(torch.from_numpy(to_unit(self.data.images[at])), generator)
        x = x.to(device, memory_format=torch.channels_last)
        return F.cross_entropy(net(x), self._labels[torch.from_numpy(at)].to(device), label_smoothing=0.05)

    def decay(self) -> float:
        """Decay of the moving average of the weights."""
        return 0.99

    def card(self) -> dict[str, Any]:
        """What the card says of this model, without its weights and its quality."""
        return {"architecture": {"net": "classifier", **dataclasses.asdict(self.config)}}


def shifted(x: Tensor, generator: torch.Generator) -> Tensor:
    """Each image moved by up to `SHIFT` pixels in both directions; what comes in is the darkest value."""
    n, c, height, width = x.shape
    padded = F.pad(x, (SHIFT,) * 4, value=-1.0)
    windows = padded.unfold(2, height, 1).unfold(3, width, 1)  # (N, C, 2s+1, 2s+1, H, W)
    down, right = torch.randint(0, 2 * SHIFT + 1, (2, n), generator=generator)
    return windows[torch.arange(n), :, down, right].reshape(n, c, height, width)
