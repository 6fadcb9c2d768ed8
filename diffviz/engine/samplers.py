"""Samplers: each is a generator of the visited steps and the paper on the page, nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from diffviz.domain.sampling import Ddim, Ddpm, DpmPlusPlus, Euler, Heun
from diffviz.engine.denoiser import Denoiser, Visit, finite, pair
from diffviz.theory import posterior, schedules

Noise = Callable[[Visit], Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class SamplerStep:
    """One visited timestep: x_t, the estimates at it, and the σ of the noise that the step leaving it adds."""

    t: Visit
    x: Tensor
    x0: Tensor
    eps: Tensor
    std: float


@torch.inference_mode()
def ddpm(denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: Ddpm, noise: Noise) -> Iterator[SamplerStep]:
    """Denoising diffusion probabilistic model (Ho et al. 2020, algorithm 2), on the visited pairs.

    `x` is x_T, shape (N, C, H, W). Yields one step per visited t, the last one at t = 0.
    """
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)  # both (N, C, H, W)
        of_x0, of_xt = posterior.mean_weights(pair(t, t_prev))  # eq. 7
        std = posterior.ddpm_std(pair(t, t_prev), settings.variance)
        yield SamplerStep(t, x, x0, eps, std)
        x = of_x0 * x0 + of_xt * x
        if std > 0:
            x = x + std * noise(t)
    yield SamplerStep(visits[-1], x, x, torch.zeros_like(x), 0.0)


@torch.inference_mode()
def ddim(denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: Ddim, noise: Noise) -> Iterator[SamplerStep]:
    """Denoising diffusion implicit model (Song et al. 2021, eq. 12 and 16).

    `x` is x_T, shape (N, C, H, W). Yields one step per visited t, the last one at t = 0.
    """
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)  # both (N, C, H, W)
        std = float(posterior.ddim_std(pair(t, t_prev), settings.eta))  # eq. 16; eta = 1 is DDPM
        yield SamplerStep(t, x, x0, eps, std)
        direction = max(t_prev.sigma**2 - std**2, 0.0) ** 0.5  # "pointing to x_t" in eq. 12
        x = t_prev.alpha * x0 + direction * eps
        if std > 0:
            x = x + std * noise(t)
    yield SamplerStep(visits[-1], x, x, torch.zeros_like(x), 0.0)


@torch.inference_mode()
def euler(
    denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: Euler, noise: Noise
) -> Iterator[SamplerStep]:
    """Euler's method for dx̄/dσ̂ = ε̂, x̄ = x/α, σ̂ = σ/α (Karras et al. 2022, eq. 1 with their σ our σ̂).

    The step x̄ + (σ̂_prev − σ̂) ε̂ is x̂0 + σ̂_prev ε̂, since x̄ = x̂0 + σ̂ ε̂: written so, it holds for α = 0 as well.
    """
    del settings, noise
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)  # both (N, C, H, W)
        yield SamplerStep(t, x, x0, eps, 0.0)
        x = t_prev.alpha * x0 + t_prev.sigma * eps  # x̄ at t_prev, times α
    yield SamplerStep(visits[-1], x, x, torch.zeros_like(x), 0.0)


@torch.inference_mode()
def heun(denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: Heun, noise: Noise) -> Iterator[SamplerStep]:
    """Heun's method for the same ODE (Karras et al. 2022, algorithm 1): the slope is the mean of both ends'.

    Steps that `corrected` leaves out are Euler's. x̂0 and ε̂ of a step are those at its beginning.
    """
    del settings, noise
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)  # both (N, C, H, W)
        yield SamplerStep(t, x, x0, eps, 0.0)
        x = t_prev.alpha * x0 + t_prev.sigma * eps  # Euler's step
        if schedules.corrected((t.alpha, t.sigma), (t_prev.alpha, t_prev.sigma)):
            _, eps_there = denoise(x, t_prev)
            step = t_prev.sigma - t_prev.alpha * t.sigma / t.alpha  # σ̂_prev − σ̂, times α at t_prev
            x = x + step * (eps_there - eps) / 2  # line 8: the slope is (ε̂ + ε̂_there) / 2
    yield SamplerStep(visits[-1], x, x, torch.zeros_like(x), 0.0)


@torch.inference_mode()
def dpmpp_2m(
    denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: DpmPlusPlus, noise: Noise
) -> Iterator[SamplerStep]:
    """DPM-Solver++(2M) (Lu et al. 2022, algorithm 2), λ = log(α/σ).

    The first step and the last, to σ = 0 where λ is infinite, are of first order: those of DDIM with η = 0. A run that
    continues another one begins with a first step, since the other's x̂0 before is not in its frame.
    """
    del settings, noise
    before: Tensor | None = None
    h_before = 0.0
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)  # both (N, C, H, W)
        yield SamplerStep(t, x, x0, eps, 0.0)
        last = t_prev.sigma == 0
        h = t_prev.half_log_snr - t.half_log_snr
        ahead = x0
        if before is not None and not last:
            r = h_before / h
            ahead = (1 + 1 / (2 * r)) * x0 - 1 / (2 * r) * before  # D_i
        x = t_prev.sigma / t.sigma * x - t_prev.alpha * math.expm1(-h) * ahead
        before, h_before = x0, h
    yield SamplerStep(visits[-1], x, x, torch.zeros_like(x), 0.0)


def checked(steps: Iterator[SamplerStep]) -> Iterator[SamplerStep]:
    """`steps` as far as they are numbers. Raises `NotFinite` at the first that is not: x̂0 that grows without bound."""
    for step in steps:
        finite(step.x, step.t)
        finite(step.x0, step.t)
        yield step


Generator = Callable[[Denoiser, Tensor, Sequence[Visit], Any, Noise], Iterator[SamplerStep]]
SAMPLERS: Mapping[str, Generator] = MappingProxyType(
    {"ddim": ddim, "ddpm": ddpm, "euler": euler, "heun": heun, "dpmpp_2m": dpmpp_2m}
)
