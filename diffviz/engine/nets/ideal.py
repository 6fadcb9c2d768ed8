"""The ideal denoiser of a finite set of images: no weights, the answer is computed from the images themselves."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from diffviz.domain import samples
from diffviz.domain.cards import Card
from diffviz.engine.datasets import to_unit
from diffviz.theory.schedules import NoiseSchedule


class Ideal(nn.Module):
    """E[x_0 | x_t] where x_0 is one of N images, each as probable: their mean weighed by q(x_t | x_0).

    It is what every network would become that minimised the simple loss (Ho et al. 2020, eq. 14) on these images alone
    (Karras et al. 2022, eq. 57). In float64 on the CPU: near t = 0 the weights' logarithms reach 10⁷.
    """

    def __init__(self, images: Tensor, labels: Tensor, classes: int, schedule: NoiseSchedule) -> None:
        """`images` float (N, C, H, W) in [-1, 1], `labels` (N,) from 0 to `classes` − 1."""
        super().__init__()
        self._flat = images.to("cpu", torch.float64).flatten(1)
        self._half_squares = 0.5 * (self._flat**2).sum(1)
        self._others = labels[None] != torch.arange(classes + 1)[:, None]  # (classes + 1, N): what a class leaves out
        self._others[classes] = False
        self._alpha, self._sigma = torch.tensor(schedule.alpha), torch.tensor(schedule.sigma)

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
        """x̂0 (N, C, H, W) of `x` at timesteps `t` (N,), t ≥ 1; of the images of a class where `labels` name one."""
        at = t.round().long().cpu()
        alpha, sigma = self._alpha[at, None], self._sigma[at, None]
        flat = x.detach().to("cpu", torch.float64).flatten(1)
        # log q(x_t | x_0) but for what is the same for every image: (α x·x_0 − α²|x_0|²/2) / σ²
        logs = (alpha * (flat @ self._flat.T) - alpha**2 * self._half_squares) / sigma**2  # (N, images)
        if labels is not None:
            logs = logs.masked_fill(self._others[labels.cpu()], -torch.inf)
        mean = logs.softmax(1) @ self._flat
        return mean.reshape(x.shape).to(x)


def ideal(card: Card) -> Ideal:
    """The ideal denoiser that `card` describes. Raises `DataUnsuitable` where its images are missing or damaged."""
    assert card.schedule is not None, "a diffusion model's card has a noise schedule"
    data = samples.load(str(card.dataset.get("name")))
    pixels = data.images[:, None] if data.images.ndim == 3 else data.images.transpose(0, 3, 1, 2)
    schedule = NoiseSchedule.from_settings(card.schedule)
    return Ideal(torch.from_numpy(to_unit(pixels)), torch.from_numpy(data.labels), len(card.classes), schedule)
