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

from diffviz.domain import solvers
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


@torch.inference_mode()
def midpoint(
    denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: solvers.Midpoint, noise: Noise
) -> Iterator[SamplerStep]:
    """The explicit midpoint method for dx̄/dσ̂ = ε̂: the slope at (σ̂ + σ̂_prev)/2 is that of the whole step.

    Steps that `corrected` leaves out are Euler's. x̂0 and ε̂ of a step are those at its beginning.
    """
    del settings, noise
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)  # both (N, C, H, W)
        yield SamplerStep(t, x, x0, eps, 0.0)
        slope = eps
        if schedules.corrected((t.alpha, t.sigma), (t_prev.alpha, t_prev.sigma)):
            halfway = t.at_ratio((t.ratio + t_prev.ratio) / 2)
            _, slope = denoise(halfway.alpha * x0 + halfway.sigma * eps, halfway)
        # x̄ + (σ̂_prev − σ̂) slope, times α at t_prev, with x̄ = x̂0 + σ̂ ε̂: finite for α = 0, where slope is ε̂
        x = t_prev.alpha * x0 + t_prev.sigma * slope
        if slope is not eps:
            x = x + t_prev.alpha * t.ratio * (eps - slope)
    yield SamplerStep(visits[-1], x, x, torch.zeros_like(x), 0.0)


@torch.inference_mode()
def unipc(
    denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: solvers.UniPc, noise: Noise
) -> Iterator[SamplerStep]:
    """UniPC-2 with B(h) = e^h − 1 on x̂0 (Zhao et al. 2023, algorithms 1 and 2).

    x̂0 found at t first corrects the step that led there, then x goes on from the corrected x. x, x̂0 and ε̂ of a step
    are those that were evaluated, before the correction. The first step and the last are of first order; one from
    where α is 0, of infinite h, is not corrected.
    """
    del settings, noise
    before: _Multistep | None = None
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)  # both (N, C, H, W)
        yield SamplerStep(t, x, x0, eps, 0.0)
        if before is not None and math.isfinite(before.h):
            x = before.corrected(t, x0)
        h = t_prev.half_log_snr - t.half_log_snr
        before = _Multistep(t, x, x0, h, before)
        x = before.predicted(t_prev)
    yield SamplerStep(visits[-1], x, x, torch.zeros_like(x), 0.0)


class _Multistep:
    """A step of UniPC from visit `t`: its x, x̂0 and h, and x̂0 and h of the one `before`, where that had an end to h."""

    def __init__(self, t: Visit, x: Tensor, x0: Tensor, h: float, before: _Multistep | None) -> None:
        self.t, self.x, self.x0, self.h = t, x, x0, h
        self._before = (before.x0, before.h) if before is not None and math.isfinite(before.h) else None

    def predicted(self, to: Visit) -> Tensor:
        """x at `to` by UniP (eq. 8): of second order where there is a step before and an end to h."""
        x = self._first(to)
        if self._before is None or to.sigma == 0:
            return x
        return x - to.alpha * math.expm1(-self.h) * 0.5 * self._slope(*self._before)

    def corrected(self, to: Visit, x0: Tensor) -> Tensor:
        """x at `to` by UniC (eq. 6), with `x0`, which was found there."""
        change = x0 - self.x0
        scale = to.alpha * math.expm1(-self.h)
        if self._before is None:
            return self._first(to) - scale * 0.5 * change
        first, last = self._weights(self._before[1])
        return self._first(to) - scale * (first * self._slope(*self._before) + last * change)

    def _first(self, to: Visit) -> Tensor:
        return to.sigma / self.t.sigma * self.x - to.alpha * math.expm1(-self.h) * self.x0

    def _slope(self, x0_before: Tensor, h_before: float) -> Tensor:
        """D_1 / r_1 of the paper, r_1 = (λ before − λ) / h < 0."""
        return (x0_before - self.x0) / (-h_before / self.h)

    def _weights(self, h_before: float) -> tuple[float, float]:
        """a with R a = b of eq. 5 for p = 2: of D_1 / r_1, and of the change of x̂0 over the step."""
        hh, r = -self.h, -h_before / self.h
        b_h = math.expm1(hh)
        phi_2 = b_h / hh - 1
        phi_3 = phi_2 / hh - 0.5
        b_1, b_2 = phi_2 / b_h, 2 * phi_3 / b_h
        first = (b_1 - b_2) / (1 - r)  # of [1 1; r 1] a = b
        return first, b_1 - first


@torch.inference_mode()
def euler_ancestral(
    denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: solvers.EulerAncestral, noise: Noise
) -> Iterator[SamplerStep]:
    """Euler's step to σ̂_down and fresh noise of σ̂_up, σ̂_down² + σ̂_up² = σ̂_prev² (k-diffusion).

    With their σ̂_up = η σ̂_prev √(σ̂² − σ̂_prev²) / σ̂, α σ̂_up is σ(η) of DDIM: it is that step.
    """
    yield from ddim(denoise, x, visits, Ddim(settings.eta), noise)


@torch.inference_mode()
def dpmpp_2m_sde(
    denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: solvers.DpmPlusPlusSde, noise: Noise
) -> Iterator[SamplerStep]:
    """SDE-DPM-Solver++(2M), midpoint form (Lu et al. 2022, eq. 18 and algorithm 2, with the SDE's noise).

    The first step and the last are of first order, as with `dpmpp_2m`.
    """
    del settings
    before: Tensor | None = None
    h_before = 0.0
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)  # both (N, C, H, W)
        h = t_prev.half_log_snr - t.half_log_snr
        std = posterior.multistep_std(pair(t, t_prev))
        yield SamplerStep(t, x, x0, eps, std)
        ahead = x0
        if before is not None and t_prev.sigma > 0:
            ahead = x0 + h / h_before / 2 * (x0 - before)
        x = t_prev.sigma / t.sigma * math.exp(-h) * x - t_prev.alpha * math.expm1(-2 * h) * ahead
        if std > 0:
            x = x + std * noise(t)
        before, h_before = x0, h
    yield SamplerStep(visits[-1], x, x, torch.zeros_like(x), 0.0)


@torch.inference_mode()
def flow_sde(
    denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: solvers.FlowSde, noise: Noise
) -> Iterator[SamplerStep]:
    """An SDE with the marginals of the flow, its noise turned over exactly (Ma et al. 2024, SiT, eq. 4)."""
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)  # both (N, C, H, W)
        parts = posterior.terms(settings, pair(t, t_prev))
        assert parts is not None, "its step is a sum of three terms"
        yield SamplerStep(t, x, x0, eps, parts.std)
        x = parts.x0 * x0 + parts.eps * eps
        if parts.std > 0:
            x = x + parts.std * noise(t)
    yield SamplerStep(visits[-1], x, x, torch.zeros_like(x), 0.0)


@torch.inference_mode()
def heun_churn(
    denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: solvers.HeunChurn, noise: Noise
) -> Iterator[SamplerStep]:
    """Heun's method from noise that has been raised (Karras et al. 2022, algorithm 2).

    Shown are x as it comes to t, x̂0 of the raised x, and the ε̂ with which they make x at t.
    """
    steps, most = len(visits) - 1, visits[0].largest_ratio
    for t, t_prev in pairwise(visits):
        of_pair = pair(t, t_prev), steps, most
        raised, std = posterior.churned(settings, *of_pair), posterior.added_std(settings, *of_pair)
        hat = t.at_ratio(raised * t.ratio) if raised > 1 else t  # lines 4 and 5
        there = x if std == 0 else hat.alpha / t.alpha * (x + std * noise(t))  # line 6
        x0, eps = denoise(there, hat)  # both (N, C, H, W)
        yield SamplerStep(t, x, x0, eps if std == 0 else (x - t.alpha * x0) / t.sigma, std)
        x = t_prev.alpha * x0 + t_prev.sigma * eps
        if schedules.corrected((t.alpha, t.sigma), (t_prev.alpha, t_prev.sigma)):
            _, eps_there = denoise(x, t_prev)
            x = x + (t_prev.sigma - t_prev.alpha * hat.ratio) * (eps_there - eps) / 2  # line 11
    yield SamplerStep(visits[-1], x, x, torch.zeros_like(x), 0.0)


def checked(steps: Iterator[SamplerStep]) -> Iterator[SamplerStep]:
    """`steps` as far as they are numbers. Raises `NotFinite` at the first that is not: x̂0 that grows without bound."""
    for step in steps:
        finite(step.x, step.t)
        finite(step.x0, step.t)
        yield step


Generator = Callable[[Denoiser, Tensor, Sequence[Visit], Any, Noise], Iterator[SamplerStep]]
SAMPLERS: Mapping[str, Generator] = MappingProxyType(
    {
        "ddim": ddim,
        "ddpm": ddpm,
        "euler": euler,
        "heun": heun,
        "midpoint": midpoint,
        "dpmpp_2m": dpmpp_2m,
        "unipc": unipc,
        "euler_a": euler_ancestral,
        "dpmpp_2m_sde": dpmpp_2m_sde,
        "flow_sde": flow_sde,
        "heun_churn": heun_churn,
    }
)
