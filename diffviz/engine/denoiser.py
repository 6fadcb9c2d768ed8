"""One denoiser convention: whatever a network predicts, samplers see x̂0 and ε̂.

The ideal denoiser of a finite set of images: no weights, the answer is computed from the images themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from diffviz.domain import cards, errors, requests, samples
from diffviz.domain.arrays import F64
from diffviz.domain.ideal import part_of, set_size
from diffviz.theory.processes import Process, process_in, process_of
from diffviz.theory.schedules import Pair, pair_between

TINIEST = 1e-300


@dataclass(frozen=True, slots=True)
class Visit:
    """One visited time: t, α and σ there, and log α, finite where α is too small for a float, −∞ where it is 0.

    `process` is the one that it is a time of; only a sampler that asks for other times than the visited needs it.
    """

    t: float
    alpha: float
    sigma: float
    log_alpha: float
    process: Process | None = field(default=None, compare=False, repr=False)

    @property
    def ratio(self) -> float:
        """σ̂ = σ/α: ∞ where α is 0."""
        return self.sigma / self.alpha if self.alpha else math.inf

    @property
    def largest_ratio(self) -> float:
        """The σ̂ at T of its process."""
        assert self.process is not None, "the visit of a process"
        return self.process.largest_ratio

    def at_ratio(self, ratio: float) -> Visit:
        """The time of the same process whose σ̂ is `ratio` > 0; the nearest end where that lies beyond one."""
        assert self.process is not None, "the visit of a process"
        return visit(self.process, self.process.time(-2 * math.log(ratio)))

    @property
    def half_log_snr(self) -> float:
        """λ = log(α/σ): ∞ where σ is 0, at t = 0 only, and −∞ where α is."""
        return math.inf if self.sigma == 0 else self.log_alpha - math.log(self.sigma)


Denoiser = Callable[[Tensor, Visit], tuple[Tensor, Tensor]]


def visit(process: Process, t: float) -> Visit:
    """The visit of time `t` on `process`."""
    return Visit(float(t), *process.at(t), process.log_alpha(t), process)


def visits_of(plan: requests.Plan) -> list[Visit]:
    """What a sampler visits by `plan`."""
    process = process_in(plan)
    return [visit(process, t) for t in plan.visited]


def pair(t: Visit, t_prev: Visit) -> Pair[float]:
    """The visited pair of `t` and `t_prev`."""
    return pair_between((t.alpha, t.sigma), (t_prev.alpha, t_prev.sigma), t.log_alpha - t_prev.log_alpha)


def both(prediction: str, out: Tensor, x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
    """x̂0 and ε̂ from what the network said of `x` at `t`; x = α x̂0 + σ ε̂ holds for each prediction.

    "v" is v = α ε − σ x_0 (Salimans & Ho 2022, appendix D), whose length with x is that of (x_0, ε) times √(α² + σ²);
    "u" is u = ε − x_0, on flow dx_t/dt given x_0 and ε (Lipman et al. 2023).
    The ends: where σ = 0, at t = 0, there is nothing to predict. Where α is 0 or too small for a float32, ε̂ says
    nothing of x_0: x̂0 from it is ±∞, the limit for α → 0, which `clipped` brings to ±1; x̂0 from x̂0 is what it is, and
    ε̂ is x/σ.
    """
    match prediction:
        case "eps":
            return _over_alpha(x - t.sigma * out, t.alpha), out
        case "v":
            square = t.alpha**2 + t.sigma**2  # 1 where the variance is preserved
            alpha, sigma = t.alpha / square, t.sigma / square
            return alpha * x - sigma * out, sigma * x + alpha * out
        case "x0":
            return out, (x - t.alpha * out) / t.sigma
        case "u":
            both_parts = t.alpha + t.sigma  # 1 where it is flow
            return (x - t.sigma * out) / both_parts, (x + t.alpha * out) / both_parts
        case _:
            raise ValueError(f"unknown prediction {prediction!r}")


def denoiser(
    net: nn.Module,
    prediction: str,
    labels: Tensor | None = None,
    none: int = 0,
    guidance: float = 1.0,
    clip: bool = True,
) -> Denoiser:
    """A denoiser over `net`, whose forward is net(x, t, labels), t (N,) of the type `net.times`, float32 without one.

    `labels` (N,) are class indices, `none` the index of "no class"; None is an unconditional network. Guidance other
    than 1
    evaluates with and without the class in one batch: ε̂ = ε_u + s (ε_c − ε_u) (Ho & Salimans 2022, eq. 6). `clip`
    keeps x̂0 in [−1, 1] and takes ε̂ from it, so that x = α x̂0 + σ ε̂ still holds: a sampler that adds a clipped x̂0 to
    another ε̂ drifts away from q(x_t), far under guidance (Dhariwal & Nichol 2021's code does the same). The denoiser
    raises `NotFinite` where the network's answer is not a number.
    """
    guided = labels is not None and guidance != 1.0 and bool((labels != none).any())
    unlabelled = torch.full_like(labels, none) if labels is not None else None
    times = getattr(net, "times", torch.float32)

    def predict(x: Tensor, t: Visit) -> Tensor:
        if labels is None or unlabelled is None or not guided:
            out: Tensor = net(x, _times(x, t, times), labels)
            return out
        both_labels = torch.cat([labels, unlabelled])
        with_class, without = net(torch.cat([x, x]), _times(x, t, times, 2), both_labels).chunk(2)
        mixed: Tensor = without + guidance * (with_class - without)
        return mixed

    def denoise(x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
        x0, eps = both(prediction, finite(predict(x, t), t), x, t)
        return clipped(x0, eps, x, t) if clip else (x0, eps)

    return denoise


def clipped(x0: Tensor, eps: Tensor, x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
    """x̂0 kept in [−1, 1], and the ε̂ that belongs to it: α x̂0 + σ ε̂ is still `x`."""
    kept = x0.clamp(-1, 1)
    return kept, torch.where(kept == x0, eps, (x - t.alpha * kept) / t.sigma)


def finite(values: Tensor, t: Visit) -> Tensor:
    """`values`, what was computed at `t`. Raises `NotFinite` where one of them is not a number, or infinite."""
    if not bool(torch.isfinite(values).all()):
        raise errors.NotFinite(t.t)
    return values


def _over_alpha(scaled: Tensor, alpha: float) -> Tensor:
    """`scaled` / `alpha`, ±∞ where that is beyond the type of `scaled`: a tensor's own division rounds `alpha` to 0."""
    if alpha >= torch.finfo(scaled.dtype).tiny:
        return scaled / alpha
    return (scaled.double() / max(alpha, TINIEST)).to(scaled.dtype)


def _times(x: Tensor, t: Visit, dtype: torch.dtype, copies: int = 1) -> Tensor:
    return torch.full((copies * len(x),), t.t, dtype=dtype, device=x.device)


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


def ideal(card: cards.Card) -> Ideal:
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
