"""Objectives of discriminators and generators as functions of D's raw outputs, each returning one value a sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PENALTY = 10.0


@dataclass(frozen=True, slots=True)
class Loss:
    """L_D of real and of generated samples (with the target for real ones), L_G of generated ones, and D's outputs.

    `threshold` is the output, as shown, above which D says "real"; None where it has to be fitted. `shown` maps raw
    outputs to what is shown: a probability, or themselves.
    """

    real: Callable[[Tensor, float], Tensor]
    fake: Callable[[Tensor], Tensor]
    g: Callable[[Tensor], Tensor]
    threshold: float | None
    shown: Callable[[Tensor], Tensor]
    penalty: float = 0.0


def _log_real(logits: Tensor, target: float) -> Tensor:
    """−target · log D − (1 − target) · log(1 − D); a target below 1 is one-sided smoothing."""
    return target * F.softplus(-logits) + (1 - target) * F.softplus(logits)


def _same(values: Tensor) -> Tensor:
    return values


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        # −log D, −log(1 − D); G: −log D (Goodfellow et al. 2014, section 3)
        "non_saturating": Loss(_log_real, F.softplus, lambda f: F.softplus(-f), 0.5, torch.sigmoid),
        # G: log(1 − D), whose gradient vanishes where D is sure (eq. 1)
        "saturating": Loss(_log_real, F.softplus, lambda f: -F.softplus(f), 0.5, torch.sigmoid),
        # Mao et al. 2017, eq. 9
        "least_squares": Loss(
            lambda r, _: 0.5 * (r - 1) ** 2, lambda f: 0.5 * f**2, lambda f: 0.5 * (f - 1) ** 2, 0.5, _same
        ),
        # Lim & Ye 2017
        "hinge": Loss(lambda r, _: F.relu(1 - r), lambda f: F.relu(1 + f), lambda f: -f, 0.0, _same),
        # Gulrajani et al. 2017, eq. 3
        "wasserstein": Loss(lambda r, _: -r, lambda f: f, lambda f: -f, None, _same, PENALTY),
    }
)


def r1(d: nn.Module, x: Tensor) -> Tensor:
    """½ E ‖∇D‖² on real `x`, without its weight γ (Mescheder et al. 2018, eq. 9)."""
    x = x.detach().requires_grad_()
    [gradient] = torch.autograd.grad(d(x).sum(), x, create_graph=True)
    return 0.5 * (gradient**2).flatten(1).sum(1).mean()


def gradient_penalty(d: nn.Module, real: Tensor, fake: Tensor, share: Tensor) -> Tensor:
    """E (‖∇D‖ − 1)² between `real` and `fake`, at `share` (N, 1, …) of the way (Gulrajani et al. 2017, eq. 3)."""
    between = torch.lerp(real, fake, share).requires_grad_()
    [gradient] = torch.autograd.grad(d(between).sum(), between, create_graph=True)
    # a root has no gradient at 0, where a critic that is constant stands
    return ((gradient.flatten(1).square().sum(1) + 1e-12).sqrt() - 1).square().mean()
