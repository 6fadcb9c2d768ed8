"""The diffusion training objective: predict ε, v or x_0 of x_t at a random t."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffviz.theory.schedules import NoiseSchedule


def diffusion_loss(
    net: nn.Module,
    x0: Tensor,
    y: Tensor,
    schedule: NoiseSchedule,
    prediction: str,
    generator: torch.Generator,
) -> Tensor:
    """Mean squared error of the prediction over a batch (Ho et al. 2020, eq. 14, for ε; Salimans & Ho 2022 for v and x_0).

    `x0` is (N, C, H, W) in [-1, 1], `y` (N,) class indices, the null label included. `generator` is on the CPU.
    """
    t = timesteps(len(x0), schedule.timesteps, generator)
    alpha = torch.from_numpy(schedule.alpha)[t].to(x0)[:, None, None, None]
    sigma = torch.from_numpy(schedule.sigma)[t].to(x0)[:, None, None, None]
    eps = torch.randn(x0.shape, generator=generator).to(x0)
    x = alpha * x0 + sigma * eps  # q(x_t | x_0)
    match prediction:
        case "eps":
            target = eps
        case "v":
            target = alpha * eps - sigma * x0  # Salimans & Ho 2022, appendix D
        case "x0":
            target = x0
        case _:
            raise ValueError(f"a network predicts eps, v or x0, not {prediction!r}")
    return F.mse_loss(net(x, t.to(x0.device, torch.float32), y), target)


def timesteps(n: int, last: int, generator: torch.Generator) -> Tensor:
    """`n` timesteps in 1 … `last`, each uniform, spread evenly over the batch (Kingma et al. 2021, appendix I.1)."""
    u = torch.rand(1, generator=generator, dtype=torch.float64)
    places = (u + torch.arange(n) / n) % 1
    return 1 + (places[torch.randperm(n, generator=generator)] * last).long().clamp(max=last - 1)


def drop_labels(y: Tensor, null: int, probability: float, generator: torch.Generator) -> Tensor:
    """`y` with each label replaced by `null` with `probability` (Ho & Salimans 2022, algorithm 1)."""
    dropped = torch.rand(len(y), generator=generator) < probability
    return torch.where(dropped, null, y)
