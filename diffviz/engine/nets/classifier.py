"""A small convolutional classifier: it recognises samples and gives the features that distances are measured in."""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class ClassifierConfig:
    """Shape of the network: channels of its three stages and length of its feature vector."""

    channels: int = 1
    classes: int = 10
    widths: tuple[int, ...] = (32, 64, 96)
    features: int = 64


class Classifier(nn.Module):
    """p(y | x) of an image: a discriminative model."""

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        before = config.channels
        for width in config.widths:
            layers += [*_conv(before, width), *_conv(width, width), nn.MaxPool2d(2)]
            before = width
        self.body = nn.Sequential(*layers)
        self.embed = nn.Linear(before, config.features)
        self.out = nn.Linear(config.features, config.classes)

    def features(self, x: Tensor) -> Tensor:
        """Feature vectors (N, features) of images (N, C, H, W) in [-1, 1], before the last layer."""
        return F.silu(self.embed(self.body(x).mean((2, 3))))

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, classes) of images (N, C, H, W) in [-1, 1]."""
        out: Tensor = self.out(self.features(x))
        return out


def _conv(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
