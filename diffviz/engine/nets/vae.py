"""A small convolutional encoder and decoder, for VAE and AE alike, cheap enough for a CPU.

Every convolution of the encoder has stride 2, so that none works at the full size; the decoder's last one works at half
the size and makes four pixels at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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
