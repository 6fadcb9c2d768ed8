"""The objective as a run of frames: the terms of the bound at every t, estimated with draws of the noise."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from diffviz.domain.arrays import F32, F64
from diffviz.domain.messages import RunInputs
from diffviz.domain.objective import MOST_ROWS, ObjectiveFrame, ObjectiveRequest, told
from diffviz.engine import device_context, likelihoods, zoo
from diffviz.engine.denoiser import Denoiser, visit
from diffviz.engine.families.forward import fitting
from diffviz.engine.tensors import array, tensor
from diffviz.families import diffusion, objective
from diffviz.theory import forward, posterior, processes
from diffviz.theory.schedules import NoiseSchedule

Make = Callable[[int], Denoiser]


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """Of one t, for every draw and picture, (draws, N): the term in nats, and the mean of (ε − ε̂)²."""

    term: F64
    simple: F64


def run(
    request: ObjectiveRequest, materials: RunInputs, schedule: NoiseSchedule, models: zoo.Models
) -> Iterator[ObjectiveFrame]:
    """The frames of `request`. Raises what is wrong with its pictures, its model or the device."""
    card = diffusion.model_of(request, models.cards)
    x0 = fitting(request, materials, card)
    labels = told(request, len(x0), len(card.classes))

    def make(copies: int) -> Denoiser:
        return models.denoiser(card, copies * labels, clip=request.clip)

    with device_context.explained(models.device, len(x0)):
        yield from frames(request, x0, make, schedule, models.device)


def frames(
    request: ObjectiveRequest, x0: F32, make: Make, schedule: NoiseSchedule, device: torch.device
) -> Iterator[ObjectiveFrame]:
    """A frame for every t of the request, from t = 1 up, for pictures `x0` (N, C, H, W).

    `make(k)` is the denoiser of a batch of k times all pictures, one after the other.
    """
    bits = 1 / (x0[0].size * math.log(2))
    prior = posterior.prior(x0.astype(np.float64), float(schedule.alpha_bar[-1])) * bits
    nothing = 0.0 if request.every == 1 else math.nan  # a sum that leaves terms out bounds nothing
    total, variance = prior + nothing, np.full(len(x0), nothing)
    for t in objective.steps_of(request, schedule.timesteps):
        losses = _losses(request, x0, make, schedule, t, device)
        term, error = posterior.mean_and_error(losses.term * bits)
        total, variance = total + term, variance + error**2
        yield _frame(request, schedule, t, losses, prior, total, np.sqrt(variance), bits)


@torch.inference_mode()
def _losses(
    request: ObjectiveRequest,
    x0: F32,
    make: Make,
    schedule: NoiseSchedule,
    t: int,
    device: torch.device,
) -> Losses:
    drawn = forward.normals(request.seed, len(x0), t, (request.draws, *x0.shape[1:]), forward.OBJECTIVE).swapaxes(0, 1)
    at_once = max(1, MOST_ROWS // len(x0))
    parts = []
    for first in range(0, request.draws, at_once):
        eps = drawn[first : first + at_once].astype(np.float64)  # (draws, N, C, H, W)
        x = forward.marginal(x0[None].astype(np.float64), float(schedule.alpha_bar[t]), eps)
        denoise = make(len(eps))
        rows = tensor(x.reshape(-1, *x0.shape[1:]).astype(np.float32), device)
        x0_hat, eps_hat = (
            array(part).astype(np.float64) for part in denoise(rows, visit(processes.VariancePreserving(schedule), t))
        )
        parts.append(_compared(request, x0, eps, x0_hat, eps_hat, schedule, t))
    return Losses(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("term", "simple")))


def _compared(
    request: ObjectiveRequest,
    x0: F32,
    eps: F64,
    x0_hat: F64,
    eps_hat: F64,
    schedule: NoiseSchedule,
    t: int,
) -> Losses:
    """What the estimates (draws · N, C, H, W) are worth."""
    clean = np.tile(x0.astype(np.float64), (len(eps), 1, 1, 1))
    shape = eps.shape[:2]
    simple = ((eps.reshape(x0_hat.shape) - eps_hat) ** 2).reshape(*shape, -1).mean(2)
    if t == 1:
        std = posterior.reverse_std(schedule, 1, request.variance)
        masses = likelihoods.grey_level_mass(torch.from_numpy(x0_hat), std, torch.from_numpy(clean))  # μ(x_1) is x̂_0
        return Losses(-masses.flatten(1).sum(1).numpy().reshape(shape), simple)
    return Losses(posterior.step_term(clean, x0_hat, schedule, t, request.variance).reshape(shape), simple)


def _frame(
    request: ObjectiveRequest,
    schedule: NoiseSchedule,
    t: int,
    losses: Losses,
    prior: F64,
    total: F64,
    total_error: F64,
    bits: float,
) -> ObjectiveFrame:
    term, term_error = posterior.mean_and_error(losses.term * bits)
    simple, simple_error = posterior.mean_and_error(losses.simple)
    step = t >= 2  # L_0 is no weighted squared error
    return ObjectiveFrame(
        position=float(t),
        alpha=float(schedule.alpha[t]),
        sigma=float(schedule.sigma[t]),
        std=posterior.reverse_std(schedule, t, request.variance),
        weight=posterior.weight(schedule, t, request.variance) / math.log(2) if step else math.nan,
        constant=posterior.constant(schedule, t, request.variance) / math.log(2) if step else math.nan,
        term=_kept(term),
        term_error=_kept(term_error),
        simple=_kept(simple),
        simple_error=_kept(simple_error),
        prior=_kept(prior),
        total=_kept(total),
        total_error=_kept(total_error),
        draws=float(request.draws),
    )


def _kept(values: F64) -> F32:
    kept = values.astype(np.float32)
    kept.flags.writeable = False
    return kept
