"""Generators with what trains them: VAEs, AEs and GANs.

A small convolutional encoder and decoder, for VAE and AE alike, cheap enough for a CPU.

Every convolution of the encoder has stride 2, so that none works at the full size; the decoder's last one works at half
the size and makes four pixels at a time.

Generators and discriminators: small perceptrons for points, small convolutional networks for images.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

SMALLEST = 4
LOWEST, HIGHEST = -14.0, 8.0
FIRST_SCALE = -1.0


@dataclass(frozen=True, slots=True)
class VaeConfig:
    """Shape of the network.

    `kind` is "vae" (the encoder gives a mean and a variance) or "ae" (a code alone). `outputs` counts the decoder's
    parameters for each value of a pixel; `scaled` says whether the likelihood has one learnt scale.
    """

    kind: str = "vae"
    channels: int = 1
    height: int = 28
    width: int = 28
    latent: int = 2
    features: int = 48
    outputs: int = 1
    scaled: bool = False

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """(H, W) from the full size down, each the half of the one before, rounded up."""
        sizes = [(self.height, self.width)]
        while min(sizes[-1]) > SMALLEST or len(sizes) < 3:
            height, width = sizes[-1]
            sizes.append(((height + 1) // 2, (width + 1) // 2))
        return tuple(sizes)


class Vae(nn.Module):
    """q(z | x) and the parameters of p(x | z)."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = config
        hidden = 2 * config.features
        flat = config.features * config.sizes[-1][0] * config.sizes[-1][1]
        codes = config.latent * (2 if config.kind == "vae" else 1)
        before = (config.channels, *[config.features] * (len(config.sizes) - 2))
        downs = [nn.Conv2d(n, config.features, 3, stride=2, padding=1) for n in before]
        self.downs = nn.ModuleList(downs)
        self.inwards = nn.Sequential(nn.Linear(flat, hidden), nn.SiLU(), nn.Linear(hidden, codes))
        self.outwards = nn.Sequential(nn.Linear(config.latent, hidden), nn.SiLU(), nn.Linear(hidden, flat), nn.SiLU())
        ups = [nn.Conv2d(config.features, config.features, 3, padding=1) for _ in config.sizes[1:-1]]
        self.ups = nn.ModuleList(ups)
        self.head = nn.Conv2d(config.features, 4 * config.outputs * config.channels, 3, padding=1)
        self.log_scale = nn.Parameter(torch.tensor(FIRST_SCALE)) if config.scaled else None

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """μ and log σ² of q(z | x), (N, latent) each, of images (N, C, H, W) in [-1, 1]. An AE's σ is 0."""
        h = x.contiguous(memory_format=torch.channels_last)
        for down in self.downs:
            h = F.silu(down(h))
        codes = self.inwards(h.flatten(1)).float()
        if self.config.kind == "ae":
            return codes, torch.full_like(codes, -torch.inf)
        mu, log_var = codes.chunk(2, 1)
        return mu, log_var.clamp(LOWEST, HIGHEST)

    def decode(self, z: Tensor) -> Tensor:
        """Parameters of p(x | z), (N, outputs, C, H, W) float32, of latents (N, latent)."""
        config = self.config
        h: Tensor = self.outwards(z).reshape(len(z), config.features, *config.sizes[-1])
        h = h.contiguous(memory_format=torch.channels_last)
        for up, size in zip(self.ups, reversed(config.sizes[1:-1]), strict=True):
            h = F.silu(up(F.interpolate(h, size=size)))
        out = F.pixel_shuffle(self.head(h), 2)[..., : config.height, : config.width].float()
        return out.reshape(len(z), config.outputs, config.channels, config.height, config.width)

    def forward(self, x: Tensor) -> Tensor:
        """Parameters of p(x | z) at the mean of q(z | x)."""
        return self.decode(self.encode(x)[0])

    def __call__(self, *args: Any) -> Tensor:
        """As `forward`."""
        out: Tensor = super().__call__(*args)
        return out


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
