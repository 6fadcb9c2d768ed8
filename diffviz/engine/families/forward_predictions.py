"""What a model makes of the states of a forward run."""

from __future__ import annotations

import numpy as np
import torch

from diffviz.domain.arrays import F32
from diffviz.domain.messages import RunInputs
from diffviz.domain.requests import ForwardRequest, labels_of
from diffviz.engine import device_context
from diffviz.engine.denoiser import visit
from diffviz.engine.families.forward import Look, fitting
from diffviz.engine.tensors import array, tensor
from diffviz.engine.zoo import Models
from diffviz.families.diffusion import model_of
from diffviz.theory.processes import Process


def look(request: ForwardRequest, materials: RunInputs, process: Process, models: Models) -> Look:
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
