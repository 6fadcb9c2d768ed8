"""The ideal denoiser of a finite set of images: no weights, the answer is computed from the images themselves."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from diffviz.domain import samples
from diffviz.domain.arrays import F64
from diffviz.domain.cards import Card
from diffviz.domain.ideal import part_of, set_size
from diffviz.theory.processes import Process, process_of

LEAST = -40.0
"""The logarithm of a share that float64 does not notice beside 1; numbers far below take a product ages."""


class FiniteSet:
    """N images, each as probable. In float64 on the CPU: near t = 0 the logarithms of shares reach 10⁷."""

    def __init__(self, images: Tensor, labels: Tensor, classes: int) -> None:
        """`images` float (N, C, H, W) in [-1, 1], `labels` (N,) from 0 to `classes` − 1."""
        self._flat = images.to("cpu", torch.float64).flatten(1)
        self._half_squares = 0.5 * torch.linalg.vecdot(self._flat, self._flat).numpy()
        self._others = labels.numpy()[None] != np.arange(classes + 1)[:, None]  # (classes + 1, N): left out by a class
        self._others[classes] = False

    def mean(self, x: Tensor, alpha: Tensor, sigma: Tensor, labels: Tensor | None) -> Tensor:
        """E[x_0 | x_t = x] (N, C, H, W) for x_t = α x_0 + σ ε, `alpha` and `sigma` (N, 1), σ > 0.

        x_0 is one of the images, or of those of a class where `labels` (N,) name one. Raises ValueError for a class of
        which there is no image.
        """
        flat = x.detach().to("cpu", torch.float64).flatten(1)
        shares = self._shares((flat @ self._flat.T).numpy(), alpha.numpy(), sigma.numpy(), labels)
        return self._mixed(shares).reshape(x.shape).to(x)

    def known(self, label: int | None) -> int:
        """How many images the mean is over: all, or those of a class."""
        return len(self._flat) if label is None else int((~self._others[label]).sum())

    def _shares(self, products: F64, alpha: F64, sigma: F64, labels: Tensor | None) -> F64:
        """What each image weighs (N, images), from x · x_0. In numpy: torch would share these few out among threads."""
        # log q(x_t | x_0) but for what is the same for every image: (α x·x_0 − α²|x_0|²/2) / σ²
        logs = (alpha * products - alpha**2 * self._half_squares) / sigma**2
        if labels is not None:
            others = self._others[labels.cpu().numpy()]
            if others.all(1).any():
                raise ValueError("a class of which there is no image has no mean")
            logs[others] = -np.inf
        logs -= logs.max(1, keepdims=True)
        weights = np.where(logs > LEAST, np.exp(np.maximum(logs, LEAST)), 0.0)
        shares: F64 = weights / weights.sum(1, keepdims=True)
        return shares

    def _mixed(self, shares: F64) -> Tensor:
        """Mean (N, D) of the images with `shares` (N, images); most of the way only few of them have one."""
        seen = np.flatnonzero(shares.any(0))
        if 4 * len(seen) > len(self._flat):
            return torch.from_numpy(shares) @ self._flat
        return torch.from_numpy(shares[:, seen]) @ self._flat[torch.from_numpy(seen)]


class Ideal(nn.Module):
    """E[x_0 | x_t] where x_0 is one of finitely many images: their mean weighed by q(x_t | x_0).

    It is what every network would become that minimised the simple loss (Ho et al. 2020, eq. 14) on these images alone
    (Karras et al. 2022, eq. 57), for any process. It takes times in float64: near an end of a process α or σ is a small
    difference of t.
    """

    times = torch.float64

    def __init__(self, images: FiniteSet, process: Process) -> None:
        super().__init__()
        self._images, self._process = images, process

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
        """x̂0 (N, C, H, W) of `x` at times `t` (N,), t > 0; of the images of a class where `labels` name one."""
        at = torch.tensor([self._process.at(each) for each in t.tolist()], dtype=torch.float64)
        return self._images.mean(x, at[:, :1], at[:, 1:], labels)


def ideal(card: Card) -> Ideal:
    """The ideal denoiser that `card` describes. Raises `DataUnsuitable` where its images are missing or damaged."""
    assert card.schedule is not None, "a diffusion model's card has a process"
    images = finite_set(str(card.dataset.get("name")), part_of(card), set_size(card))
    return Ideal(images, process_of(card.schedule))


@lru_cache(maxsize=2)
def finite_set(dataset: str, part: str, count: int) -> FiniteSet:
    """`count` pictures of `part` of sample data set `dataset`, as evenly over the classes as can be; all there are.

    10,000 of 28 × 28 take 63 MB. Raises `DataUnsuitable`.
    """
    data = samples.load(dataset, part)
    chosen = np.array(data.one_of_each(count)) if count < len(data) else data.indices()
    pixels = data.images[chosen]
    pixels = pixels[:, None] if pixels.ndim == 3 else pixels.transpose(0, 3, 1, 2)
    labels = torch.from_numpy(data.labels[chosen])
    images = torch.from_numpy(np.ascontiguousarray(pixels)).to(torch.float64).div_(127.5).sub_(1)
    return FiniteSet(images, labels, len(data.classes))
