"""One denoiser convention: whatever a network predicts, samplers see x̂0 and ε̂."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from diffviz.domain.errors import NotFinite
from diffviz.domain.plan import Plan
from diffviz.theory.pairs import Pair, pair_between
from diffviz.theory.processes import Process, process_in

TINIEST = 1e-300


@dataclass(frozen=True, slots=True)
class Visit:
    """One visited time: t, α and σ there, and log α, finite where α is too small for a float, −∞ where it is 0."""

    t: float
    alpha: float
    sigma: float
    log_alpha: float

    @property
    def half_log_snr(self) -> float:
        """λ = log(α/σ): ∞ where σ is 0, at t = 0 only, and −∞ where α is."""
        return math.inf if self.sigma == 0 else self.log_alpha - math.log(self.sigma)


Denoiser = Callable[[Tensor, Visit], tuple[Tensor, Tensor]]


def visit(process: Process, t: float) -> Visit:
    """The visit of time `t` on `process`."""
    return Visit(float(t), *process.at(t), process.log_alpha(t))


def visits_of(plan: Plan) -> list[Visit]:
    """What a sampler visits by `plan`."""
    process = process_in(plan)
    return [visit(process, t) for t in plan.visited]


def pair(t: Visit, t_prev: Visit) -> Pair[float]:
    """The visited pair of `t` and `t_prev`."""
    return pair_between((t.alpha, t.sigma), (t_prev.alpha, t_prev.sigma), t.log_alpha - t_prev.log_alpha)


def both(prediction: str, out: Tensor, x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
    """x̂0 and ε̂ from what the network said of `x` at `t`; x = α x̂0 + σ ε̂ holds for each prediction.

    "v" is v = α ε − σ x_0 (Salimans & Ho 2022, appendix D), whose length with x is that of (x_0, ε) times √(α² + σ²).
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
        raise NotFinite(t.t)
    return values


def _over_alpha(scaled: Tensor, alpha: float) -> Tensor:
    """`scaled` / `alpha`, ±∞ where that is beyond the type of `scaled`: a tensor's own division rounds `alpha` to 0."""
    if alpha >= torch.finfo(scaled.dtype).tiny:
        return scaled / alpha
    return (scaled.double() / max(alpha, TINIEST)).to(scaled.dtype)


def _times(x: Tensor, t: Visit, dtype: torch.dtype, copies: int = 1) -> Tensor:
    return torch.full((copies * len(x),), t.t, dtype=dtype, device=x.device)
