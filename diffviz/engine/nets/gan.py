"""Generators and discriminators: small perceptrons for points, small convolutional networks for images."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

SLOPE = 0.2
DEPTH = 3
LATENT = {True: 2, False: 32}
SIZES = 4  # images are halved twice


@dataclass(frozen=True, slots=True)
class GanConfig:
    """Shape of both networks: `shape` (2,) for points or (C, H, W) for images, `width` of their layers.

    `generator` is a key of `diffviz.domain.gan.GENERATORS`; `spectral_norm` divides D's layers by their norms.
    """

    shape: tuple[int, ...] = (2,)
    width: int = 64
    generator: str = "network"
    spectral_norm: bool = False

    @property
    def planar(self) -> bool:
        """Whether the data are points."""
        return len(self.shape) == 1

    @property
    def latent(self) -> int:
        """Length of z."""
        return LATENT[self.planar]

    @property
    def channels(self) -> int:
        """Channels of an image; 1 for points."""
        return 1 if self.planar else self.shape[0]

    @property
    def classes(self) -> int:
        """GANs here are not told a class."""
        return 0


class Gan(nn.Module):
    """G and D. `g` maps z (N, latent) to samples (N, …), `d` maps samples to (N,): logits or a critic's values."""

    def __init__(self, config: GanConfig) -> None:
        super().__init__()
        self.config = config
        self.g: nn.Module = generator(config)
        self.d: nn.Module = discriminator(config)


class Perceptron(nn.Sequential):
    """`DEPTH` hidden layers with leaky rectifiers."""

    def __init__(self, inputs: int, width: int, outputs: int) -> None:
        sizes = [inputs, *[width] * DEPTH]
        hidden = (_layer(a, b) for a, b in pairwise(sizes))
        super().__init__(*(module for pair in hidden for module in pair), nn.Linear(width, outputs))
        self._linear = tuple(module for module in self if isinstance(module, nn.Linear))

    def forward(self, x: Tensor) -> Tensor:
        """The layers one after the other; without calling the modules, which costs as much as they compute."""
        *hidden, last = self._linear
        for layer in hidden:
            x = F.leaky_relu_(F.linear(x, layer.weight, layer.bias), SLOPE)
        return F.linear(x, last.weight, last.bias)


class Residual(nn.Module):
    """x + f(x) for draws x of the data, with f = 0 at the start: a generator that begins perfect."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.f = Perceptron(2, width, 2)
        _to_zero(self.f[-1])

    def forward(self, x: Tensor) -> Tensor:
        """Samples (N, 2) from draws of the data (N, 2)."""
        out: Tensor = x + self.f(x)
        return out


class ImageGenerator(nn.Module):
    """z (N, latent) to images (N, C, H, W) in [-1, 1] by two doublings (Radford et al. 2016, without its depth)."""

    def __init__(self, config: GanConfig) -> None:
        super().__init__()
        width, (channels, height, width_) = config.width // 2, config.shape
        self.size = (2 * width, -(-height // SIZES), -(-width_ // SIZES))
        self.crop = (height, width_)
        self.embed = nn.Linear(config.latent, prod(self.size), bias=False)
        self.norm = nn.BatchNorm2d(2 * width)
        self.up = nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False)
        self.up_norm = nn.BatchNorm2d(width)
        self.out = nn.ConvTranspose2d(width, channels, 4, 2, 1)

    def forward(self, z: Tensor) -> Tensor:
        """Images of z."""
        h = F.relu(self.norm(self.embed(z).view(-1, *self.size)))  # (N, 2W, H/4, W/4)
        h = F.relu(self.up_norm(self.up(h)))  # (N, W, H/2, W/2)
        height, width = self.crop
        return torch.tanh(self.out(h))[..., :height, :width]


class ImageDiscriminator(nn.Module):
    """Images (N, C, H, W) to (N, 1) by two halvings."""

    def __init__(self, config: GanConfig) -> None:
        super().__init__()
        width, channels = config.width // 2, config.shape[0]
        self.first = nn.Conv2d(channels, width, 4, 2, 1)
        self.second = nn.Conv2d(width, 2 * width, 4, 2, 1)
        with torch.device("meta"):  # the size that two halvings leave
            left = nn.Conv2d(width, 1, 4, 2, 1)(nn.Conv2d(channels, width, 4, 2, 1)(torch.empty(1, *config.shape)))
        self.out = nn.Linear(2 * width * left[0].numel(), 1)

    def forward(self, x: Tensor) -> Tensor:
        """One number for each image."""
        h = F.leaky_relu(self.first(x), SLOPE)  # (N, W, H/2, W/2)
        h = F.leaky_relu(self.second(h), SLOPE)  # (N, 2W, H/4, W/4)
        out: Tensor = self.out(h.flatten(1))
        return out


def generator(config: GanConfig) -> nn.Module:
    """A fresh generator; the identity where it draws from the data itself."""
    match config.generator:
        case "exact":
            return nn.Identity()
        case "residual":
            return Residual(config.width)
        case _:
            return Perceptron(config.latent, config.width, 2) if config.planar else ImageGenerator(config)


def discriminator(config: GanConfig) -> nn.Module:
    """A fresh discriminator; beside a generator that starts perfect it starts at D = 1/2."""
    net: nn.Module = Perceptron(2, config.width, 1) if config.planar else ImageDiscriminator(config)
    layers = _layers(net)
    if config.generator == "residual":
        _to_zero(layers.pop())  # and is left as it is: 0 has no norm to be divided by
    for layer in layers if config.spectral_norm else ():
        spectral_norm(layer)
    return net


def plain_state(net: nn.Module) -> dict[str, Tensor]:
    """Weights and buffers of `net`, named alike with and without spectral normalisation."""
    return {plain_name(name): value for name, value in net.state_dict().items()}


def load_plain(net: nn.Module, state: dict[str, Tensor]) -> None:
    """Take over `state` of `plain_state`. What normalisation keeps is taken where both have it.

    Raises RuntimeError or KeyError where the weights are not those of such a network.
    """
    own = net.state_dict()
    extra = {name for name in own if _norm(name)}
    net.load_state_dict({n: state[plain_name(n)] if n not in extra or plain_name(n) in state else own[n] for n in own})


def plain_name(name: str) -> str:
    """Name of a weight or buffer without what spectral normalisation adds to it."""
    return name.replace("parametrizations.weight.original", "weight").replace("parametrizations.weight.0.", "norm.")


def _norm(name: str) -> bool:
    return "parametrizations.weight.0." in name


def _layers(net: nn.Module) -> list[nn.Module]:
    return [module for module in net.modules() if isinstance(module, nn.Linear | nn.Conv2d)]


def _layer(inputs: int, outputs: int) -> tuple[nn.Module, nn.Module]:
    return nn.Linear(inputs, outputs), nn.LeakyReLU(SLOPE)


def _to_zero(layer: nn.Module) -> None:
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
