"""One denoiser convention: whatever a network predicts, samplers see x̂0 and ε̂."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from diffviz.theory.schedules import NoiseSchedule


@dataclass(frozen=True, slots=True)
class Visit:
    """One visited timestep: t, ᾱ_t, √ᾱ_t and √(1 − ᾱ_t)."""

    t: float
    alpha_bar: float
    alpha: float
    sigma: float


Denoiser = Callable[[Tensor, Visit], tuple[Tensor, Tensor]]


def visit(schedule: NoiseSchedule, t: int) -> Visit:
    """The visit of timestep `t` on `schedule`."""
    return Visit(float(t), float(schedule.alpha_bar[t]), float(schedule.alpha[t]), float(schedule.sigma[t]))


def both(prediction: str, out: Tensor, x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
    """x̂0 and ε̂ from what the network said of `x` at `t`; x = α x̂0 + σ ε̂ holds for each prediction.

    "v" is v = α ε − σ x_0 (Salimans & Ho 2022, appendix D).
    """
    match prediction:
        case "eps":
            return (x - t.sigma * out) / t.alpha, out
        case "v":
            return t.alpha * x - t.sigma * out, t.sigma * x + t.alpha * out
        case "x0":
            return out, (x - t.alpha * out) / t.sigma
        case _:
            raise ValueError(f"unknown prediction {prediction!r}")


def denoiser(
    net: nn.Module,
    prediction: str,
    labels: Tensor | None = None,
    none: int = 0,
    guidance: float = 1.0,
    clip: bool = True,
) -> Denoiser:
    """A denoiser over `net`, whose forward is net(x, t, labels).

    `labels` (N,) are class indices, `none` the index of "no class"; None is an unconditional network. Guidance other
    than 1
    evaluates with and without the class in one batch: ε̂ = ε_u + s (ε_c − ε_u) (Ho & Salimans 2022, eq. 6). `clip`
    keeps x̂0 in [−1, 1] and takes ε̂ from it, so that x = α x̂0 + σ ε̂ still holds: a sampler that adds a clipped x̂0 to
    another ε̂ drifts away from q(x_t), far under guidance (Dhariwal & Nichol 2021's code does the same).
    """
    guided = labels is not None and guidance != 1.0 and bool((labels != none).any())
    unlabelled = torch.full_like(labels, none) if labels is not None else None

    def predict(x: Tensor, t: Visit) -> Tensor:
        if labels is None or unlabelled is None or not guided:
            out: Tensor = net(x, _times(x, t), labels)
            return out
        both_labels = torch.cat([labels, unlabelled])
        with_class, without = net(torch.cat([x, x]), _times(x, t, 2), both_labels).chunk(2)
        mixed: Tensor = without + guidance * (with_class - without)
        return mixed

    def denoise(x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
        x0, eps = both(prediction, predict(x, t), x, t)
        return clipped(x0, eps, t) if clip else (x0, eps)

    return denoise


def clipped(x0: Tensor, eps: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
    """x̂0 kept in [−1, 1], and the ε̂ that belongs to it: α x̂0 + σ ε̂ stays what it was."""
    kept = x0.clamp(-1, 1)
    return kept, eps + (t.alpha / t.sigma) * (x0 - kept)


def _times(x: Tensor, t: Visit, copies: int = 1) -> Tensor:
    return torch.full((copies * len(x),), t.t, device=x.device)
