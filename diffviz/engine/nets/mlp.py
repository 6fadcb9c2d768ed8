"""A small fully connected network for diffusion in two dimensions."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

FREQUENCIES = 16
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class MlpConfig:
    """Shape of the network: `depth` hidden layers of `width`. Raises ValueError for what is no such network."""

    width: int = 128
    depth: int = 3
    dims: int = 2

    def __post_init__(self) -> None:
        for name, low, high in (("width", 4, 4096), ("depth", 1, 16), ("dims", 1, 64)):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} lies between {low} and {high}, not {getattr(self, name)}")


class Mlp(nn.Module):
    """Predicts ε, v or x_0 (as it was trained) from noisy points and their timestep."""

    def __init__(self, config: MlpConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        before = config.dims + 2 * FREQUENCIES
        for _ in range(config.depth):
            layers += [nn.Linear(before, config.width), nn.SiLU()]
            before = config.width
        self.body = nn.Sequential(*layers, nn.Linear(before, config.dims))

    def forward(self, x: Tensor, t: Tensor, _labels: Tensor | None = None) -> Tensor:
        """Prediction (N, D) for points `x` (N, D) at timesteps `t` (N,)."""
        out: Tensor = self.body(torch.cat([x, embedded(t)], 1))
        return out


def embedded(t: Tensor) -> Tensor:
    """Sines and cosines (N, 2 · FREQUENCIES) of `t` (N,), periods from 2π to 2π · LONGEST (Vaswani et al. 2017)."""
    rates = torch.exp(-math.log(LONGEST) * torch.arange(FREQUENCIES, device=t.device) / (FREQUENCIES - 1))
    angles = t[:, None].float() * rates
    return torch.cat([angles.sin(), angles.cos()], 1)
