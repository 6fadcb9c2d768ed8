"""Particles in the plane as a run of frames: by the exact score of a known density, and by a network beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from diffviz.domain import requests, sampling, settings
from diffviz.domain.arrays import F32
from diffviz.domain.frames import Frame
from diffviz.domain.planar import ARROWS, CELLS, PlanarFrame, PlanarRequest, grid, scale_of
from diffviz.engine.denoiser import Denoiser, Visit, visits_of
from diffviz.engine.samplers import SAMPLERS, SamplerStep, checked
from diffviz.engine.tensors import array
from diffviz.engine.zoo import Models
from diffviz.families.planar import data_of
from diffviz.theory import forward, gan_distributions, processes
from diffviz.theory.gaussians import Mixture

Score = Callable[[F32, Visit], F32]


def run(request: PlanarRequest, plan: requests.Plan, models: Models, origin: Frame | None) -> Iterator[PlanarFrame]:
    """The frames of `request`; `origin` is the frame of another run that it goes on from."""
    data = gan_distributions.mixture_of(data_of(request, models.cards))
    learnt = models.denoiser(models.cards[request.model], (), clip=False) if request.model else None
    start = beginning(request, origin, processes.process_in(plan).start_std)
    yield from frames(request, data, visits_of(plan), learnt, models.device, start)


def frames(
    request: PlanarRequest,
    data: Mixture,
    visits: list[Visit],
    learnt: Denoiser | None,
    device: torch.device,
    start: tuple[F32, F32] | None = None,
) -> Iterator[PlanarFrame]:
    """One frame per visit; `learnt` is the network's denoiser on `device`, None without one.

    `start` is where the particles are at the first visit, N(0, I) unless given; see `beginning`.
    """
    x, learnt_x = start or beginning(request, None)
    exact = _steps(request, ideal(data), visits, torch.from_numpy(x).double())
    beside = _steps(request, learnt, visits, torch.from_numpy(learnt_x).to(device)) if learnt else repeat(None)
    score = _score(learnt, device) if learnt else None
    for step, other in zip(exact, beside, strict=False):  # `repeat` has no end
        yield _frame(data, step, other, score)


def ideal(data: Mixture) -> Denoiser:
    """E[x_0 | x_t] and E[ε | x_t] of points (N, 2), float64."""

    def denoise(x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
        x0 = torch.from_numpy(data.denoised(x.numpy(), t.alpha, t.sigma))
        return x0, (x - t.alpha * x0) / t.sigma

    return denoise


def beginning(request: PlanarRequest, origin: Frame | None, std: float = 1.0) -> tuple[F32, F32]:
    """Where the particles (N, 2) start by the exact score, and by the network: noise of deviation `std`.

    `origin` is the frame that `request` goes on from: the network's particles go on from the network's, where it has
    some.
    """
    if not isinstance(origin, PlanarFrame) or not isinstance(request.start, requests.Step):
        x = np.float32(std) * _drawn(request, forward.START)
        return x, x
    count, one = request.particles, request.start.sample
    chosen = np.arange(count) % len(origin.x) if one is None else np.full(count, one % len(origin.x))
    return origin.x[chosen], (origin.x if origin.learnt_x is None else origin.learnt_x)[chosen]


def _drawn(request: PlanarRequest, step: int) -> F32:
    """One stream for all: the first particles' numbers do not depend on how many follow."""
    return forward.normal(request.seed, 0, step, (request.particles, 2))


def _steps(request: PlanarRequest, denoise: Denoiser, visits: list[Visit], x: Tensor) -> Iterator[SamplerStep]:
    """The sampler's steps from `x`; the noise is the same for every denoiser, and for a particle in any number.

    Raises `NotFinite` at the first whose values are not numbers.
    """
    sample = SAMPLERS[settings.variant_key(sampling.SAMPLERS, request.sampler)]
    return checked(
        sample(
            denoise, x, visits, request.sampler, lambda t: torch.from_numpy(_drawn(request, forward.step_of(t.t))).to(x)
        )
    )


def _score(learnt: Denoiser, device: torch.device) -> Score:
    @torch.inference_mode()
    def score(points: F32, t: Visit) -> F32:
        _, eps = learnt(torch.from_numpy(points).to(device), t)
        return array(-eps / t.sigma)  # ∇ log q_t = −E[ε | x_t] / σ_t

    return score


def _frame(data: Mixture, step: SamplerStep, other: SamplerStep | None, score: Score | None) -> PlanarFrame:
    t, noised = step.t, data.noised(step.t.alpha, step.t.sigma)
    scale = scale_of(t.alpha, t.sigma)
    learnt, error = (None, np.nan) if score is None else _compared(noised, array(step.x), t, score)
    return PlanarFrame(
        position=t.t,
        alpha=t.alpha,
        sigma=t.sigma,
        std=step.std,
        x=array(step.x),
        x0=array(step.x0),
        eps=array(step.eps),
        score=_kept(noised.score(scale * grid(ARROWS))),
        density=_kept(noised.density(scale * grid(CELLS))),
        error=float(error),
        learnt_x=array(other.x) if other else None,
        learnt_x0=array(other.x0) if other else None,
        learnt_eps=array(other.eps) if other else None,
        learnt_score=learnt,
    )


def _compared(noised: Mixture, x: F32, t: Visit, score: Score) -> tuple[F32, float]:
    """The network's score on the grid, and how far it is from the exact one at the particles."""
    field = (ARROWS, ARROWS, 2)
    if t.sigma == 0:
        return _kept(np.full(field, np.nan)), np.nan
    arrows = scale_of(t.alpha, t.sigma) * grid(ARROWS).reshape(-1, 2)
    found = score(np.concatenate([arrows.astype(np.float32), x]), t)
    apart = found[ARROWS**2 :] - noised.score(x)
    return _kept(found[: ARROWS**2].reshape(field)), float(np.sqrt(np.mean((apart**2).sum(1))))


def _kept(values: NDArray[np.floating]) -> F32:
    kept = np.array(values, np.float32)
    kept.flags.writeable = False
    return kept
