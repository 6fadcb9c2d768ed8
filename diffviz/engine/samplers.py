"""Samplers: each is a generator of the visited steps and the paper on the page, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from diffviz.domain.samplers import Ddim, Ddpm
from diffviz.engine.denoiser import Denoiser, Visit
from diffviz.theory import posterior

Noise = Callable[[Visit], Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One visited timestep: x_t, the estimates at it, and the σ of the noise that the step leaving it adds."""

    t: Visit
    x: Tensor
    x0: Tensor
    eps: Tensor
    std: float


@torch.inference_mode()
def ddpm(denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: Ddpm, noise: Noise) -> Iterator[Step]:
    """Denoising diffusion probabilistic model (Ho et al. 2020, algorithm 2), on the visited pairs.

    `x` is x_T, shape (N, C, H, W). Yields one step per visited t, the last one at t = 0.
    """
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)  # both (N, C, H, W)
        of_x0, of_xt = posterior.mean_weights(t.alpha_bar, t_prev.alpha_bar)  # eq. 7
        std = _ddpm_std(t, t_prev, settings.variance)
        yield Step(t, x, x0, eps, std)
        x = of_x0 * x0 + of_xt * x
        if std > 0:
            x = x + std * noise(t)
    yield Step(visits[-1], x, x, torch.zeros_like(x), 0.0)


@torch.inference_mode()
def ddim(denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: Ddim, noise: Noise) -> Iterator[Step]:
    """Denoising diffusion implicit model (Song et al. 2021, eq. 12 and 16).

    `x` is x_T, shape (N, C, H, W). Yields one step per visited t, the last one at t = 0.
    """
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)  # both (N, C, H, W)
        std = float(posterior.ddim_std(t.alpha_bar, t_prev.alpha_bar, settings.eta))  # eq. 16; eta = 1 is DDPM
        yield Step(t, x, x0, eps, std)
        direction = max(t_prev.sigma**2 - std**2, 0.0) ** 0.5  # "pointing to x_t" in eq. 12
        x = t_prev.alpha * x0 + direction * eps
        if std > 0:
            x = x + std * noise(t)
    yield Step(visits[-1], x, x, torch.zeros_like(x), 0.0)


def _ddpm_std(t: Visit, t_prev: Visit, variance: str) -> float:
    """√β̃ or √β of the visited pair; the last step adds no noise (Ho et al. 2020, algorithm 2, line 3)."""
    if t_prev.alpha_bar == 1.0:
        return 0.0
    if variance == "beta":
        return float(posterior.beta_between(t.alpha_bar, t_prev.alpha_bar) ** 0.5)
    return float(posterior.variance(t.alpha_bar, t_prev.alpha_bar) ** 0.5)


Generator = Callable[[Denoiser, Tensor, Sequence[Visit], Any, Noise], Iterator[Step]]
SAMPLERS: Mapping[str, Generator] = MappingProxyType({"ddim": ddim, "ddpm": ddpm})
