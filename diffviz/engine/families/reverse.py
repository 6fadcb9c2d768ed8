"""The reverse process as a run of frames: a network and a sampler, from pure noise or another run's frame.

What a model makes of the states of a forward run.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from diffviz.domain import errors, messages, sampling, settings
from diffviz.domain.arrays import F32
from diffviz.domain.frames import Frame, ReverseFrame
from diffviz.domain.requests import ForwardRequest, Plan, ReverseRequest, Step, labels_of
from diffviz.engine import device_context, zoo
from diffviz.engine.denoiser import Denoiser, Visit, visit, visits_of
from diffviz.engine.families.forward import Look, fitting
from diffviz.engine.samplers import SAMPLERS, checked
from diffviz.engine.tensors import array, tensor
from diffviz.families.diffusion import model_of
from diffviz.theory.forward import START, normals, step_of
from diffviz.theory.processes import Process, process_in


def run(request: ReverseRequest, plan: Plan, models: zoo.Models, origin: Frame | None) -> Iterator[ReverseFrame]:
    """The frames of `request`; `origin` is the frame of another run that it goes on from.

    Raises `ImageWrongSize` where that one does not fit the model, and what is wrong with the model or its device.
    """
    card = model_of(request, models.cards)
    x = beginning(request, card.shape, origin, process_in(plan).start_std)
    if x.shape[1:] != card.shape:
        raise errors.ImageWrongSize(x.shape[1:], card.shape)
    visits = visits_of(plan)
    with device_context.explained(models.device, request.samples):
        labels = labels_of(request.label, request.samples, len(card.classes))
        denoise = models.denoiser(card, labels, request.guidance, clip=request.clip)
        yield from frames(request, denoise, visits, x, models.device)


def frames(
    request: ReverseRequest, denoise: Denoiser, visits: list[Visit], x: F32, device: torch.device
) -> Iterator[ReverseFrame]:
    """Denoise `x`, float32 (N, C, H, W), the state at the first of `visits`. One frame per visit.

    Raises `NotFinite` at the first visit whose values are not numbers.
    """
    shape = x.shape[1:]

    def noise(t: Visit) -> Tensor:
        return tensor(normals(request.seed, len(x), step_of(t.t), shape), device)

    sample = SAMPLERS[settings.variant_key(sampling.SAMPLERS, request.sampler)]
    last = len(visits) - 1
    for i, step in enumerate(checked(sample(denoise, tensor(x, device), visits, request.sampler, noise))):
        if i % request.every and i < last:
            continue
        yield ReverseFrame(
            position=step.t.t,
            alpha=step.t.alpha,
            sigma=step.t.sigma,
            std=step.std,
            x=array(step.x),
            x0=array(step.x0),
            eps=array(step.eps),
        )


def beginning(request: ReverseRequest, shape: tuple[int, int, int], origin: Frame | None, std: float = 1.0) -> F32:
    """The state that `request` starts from: x_T, noise of deviation `std`, or x of the parent's frame `origin`."""
    if not isinstance(request.start, Step):
        return np.float32(std) * normals(request.seed, request.samples, START, shape)
    parent: F32 = origin.arrays()["x"] if origin else np.empty((0, *shape), np.float32)
    if request.start.sample is not None:
        return np.repeat(parent[[request.start.sample % len(parent)]], request.samples, axis=0)
    return parent[np.arange(request.samples) % len(parent)]


def look(request: ForwardRequest, materials: messages.RunInputs, process: Process, models: zoo.Models) -> Look:
    """x̂0 and ε̂ of the request's model. Raises `ImagesMissing`, and `ImageWrongSize` where they do not fit it."""
    card = model_of(request, models.cards)
    count = len(fitting(request, materials, card))
    denoise = models.denoiser(card, labels_of(request.label, count, len(card.classes)), clip=False)
    device = models.device

    def seen(x: F32, t: float) -> tuple[F32, F32]:
        if t == 0:
            return x, np.zeros_like(x)
        with torch.inference_mode(), device_context.explained(device, len(x)):
            x0, eps = denoise(tensor(x, device), visit(process, t))  # ε̂ as the loss takes it: unclipped
            return array(x0.clamp(-1, 1)), array(eps)

    return seen
