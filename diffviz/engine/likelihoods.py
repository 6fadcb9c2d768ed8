"""Likelihoods p(x | z): what a decoder's outputs mean. Pixels are independent given z.

`out` is (N, outputs, C, H, W), `x` (N, C, H, W) in [−1, 1], `scale` the log of the one learnt scale. Results over
pixels are (N, C, H, W). The 256 grey levels are x_k = k / 127.5 − 1; each has a cell of width 2/255 around it, and the
first and the last take all that lies beyond, so that masses of different likelihoods are comparable and sum to one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from diffviz.domain import likelihoods as names

HALF = 1 / 255
LEAST = 1e-12
NEAR_ZERO = 1e-3
SMALLEST_LOG_SCALE = -7.0
LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """One likelihood with its settings.

    `outputs` counts the decoder's numbers for a value of a pixel, `scaled` says whether one scale is learnt beside
    them. `objective(out, scale, x)` is the log-density or log-mass that training maximises, `log_mass` that of the
    grey level's cell (None where there is none), `mean(out, scale)` the mean of p(x | z) and `sample(out, scale,
    generator)` a draw from it.
    """

    outputs: int
    scaled: bool
    objective: Callable[[Tensor, Tensor, Tensor], Tensor]
    mean: Callable[[Tensor, Tensor], Tensor]
    sample: Callable[[Tensor, Tensor, torch.Generator], Tensor]
    log_mass: Callable[[Tensor, Tensor, Tensor], Tensor] | None


def likelihood(settings: names.Likelihood) -> Likelihood:
    """The likelihood that `settings` describe."""
    return MAKERS[names.key_of(settings)](settings)


def optimal_gaussian(_settings: names.OptimalGaussian) -> Likelihood:
    """One σ for all pixels, learnt: the maximum is at σ² = mean squared error (Rybkin et al. 2021, eq. 6)."""
    return Likelihood(1, True, _gaussian_log, _location, _gaussian_draw, _gaussian_mass)


def fixed_gaussian(settings: names.Gaussian) -> Likelihood:
    """One σ for all pixels, given."""
    sigma = torch.tensor(math.log(settings.sigma))
    return Likelihood(
        1,
        False,
        lambda out, _scale, x: _gaussian_log(out, sigma.to(out), x),
        _location,
        lambda out, _scale, generator: _gaussian_draw(out, sigma.to(out), generator),
        lambda out, _scale, x: _gaussian_mass(out, sigma.to(out), x),
    )


def laplace(_settings: names.Laplace) -> Likelihood:
    """One b for all pixels, learnt."""
    return Likelihood(1, True, _laplace_log, _location, _laplace_draw, _laplace_mass)


def bernoulli(_settings: names.Bernoulli) -> Likelihood:
    """Grey levels of [0, 1] as if they were probabilities: it has no masses of grey levels."""
    return Likelihood(
        1,
        False,
        lambda out, _scale, x: -F.binary_cross_entropy_with_logits(out[:, 0], _unit(x), reduction="none"),
        lambda out, _scale: 2 * out[:, 0].sigmoid() - 1,
        lambda out, _scale, generator: torch.where(_uniform(out[:, 0], generator) < out[:, 0].sigmoid(), 1.0, -1.0),
        None,
    )


def continuous_bernoulli(_settings: names.ContinuousBernoulli) -> Likelihood:
    """p(u) = η e^{ηu} / (e^η − 1) on u in [0, 1], η the decoder's logit (Loaiza-Ganem & Cunningham 2019, eq. 6)."""
    return Likelihood(
        1,
        False,
        lambda out, _scale, x: _truncated_log(out[:, 0], _unit(x)),
        lambda out, _scale: _truncated_mean(out[:, 0]),
        lambda out, _scale, generator: 2 * _truncated_draw(out[:, 0], generator) - 1,
        lambda out, _scale, x: _truncated_mass(out[:, 0], x),
    )


def logistic(settings: names.Logistic) -> Likelihood:
    """K weights, locations and log-scales for a value of a pixel (Salimans et al. 2017, eq. 2), trained on masses."""
    k = settings.components

    def log_mass(out: Tensor, _scale: Tensor, x: Tensor) -> Tensor:
        logits, location, log_scale = _mixture(out, k)
        parts = _logistic_mass(location, log_scale, x[:, None])
        return torch.logsumexp(logits.log_softmax(1) + parts, 1)

    def mean(out: Tensor, _scale: Tensor) -> Tensor:
        logits, location, log_scale = _mixture(out, k)
        mixed: Tensor = (logits.softmax(1) * _clipped_logistic_mean(location, log_scale)).sum(1)
        return mixed

    def sample(out: Tensor, _scale: Tensor, generator: torch.Generator) -> Tensor:
        logits, location, log_scale = _mixture(out, k)
        gumbel = -torch.log(-torch.log(_uniform(logits, generator)))
        chosen = (logits + gumbel).argmax(1, keepdim=True)
        u = _uniform(chosen, generator)[:, 0]
        picked, log_s = location.gather(1, chosen)[:, 0], log_scale.gather(1, chosen)[:, 0]
        return _rounded(picked + log_s.exp() * torch.logit(u))

    return Likelihood(3 * k, False, log_mass, mean, sample, log_mass)


def grey_level_mass(mean: Tensor, std: float, x: Tensor) -> Tensor:
    """log of the mass that N(`mean`, `std`²) puts into the cell of each grey level `x` (Ho et al. 2020, eq. 13)."""
    return _gaussian_mass(mean[:, None], torch.tensor(math.log(std)).to(mean), x)


def _location(out: Tensor, _scale: Tensor) -> Tensor:
    return out[:, 0]


def _gaussian_log(out: Tensor, scale: Tensor, x: Tensor) -> Tensor:
    z = (x - out[:, 0]) * torch.exp(-scale)
    return -0.5 * (z**2 + LOG_2PI) - scale


def _gaussian_mass(out: Tensor, scale: Tensor, x: Tensor) -> Tensor:
    low, high = _cell(x)
    a, b = ((edge - out[:, 0]) * torch.exp(-scale) for edge in (low, high))
    above = a > 0  # mirrored, so that both ends lie in the left tail, where log Φ is accurate
    a, b = torch.where(above, -b, a), torch.where(above, -a, b)
    log_a, log_b = torch.special.log_ndtr(a), torch.special.log_ndtr(b)
    mass: Tensor = log_b + torch.log(-torch.expm1(log_a - log_b))
    return mass


def _gaussian_draw(out: Tensor, scale: Tensor, generator: torch.Generator) -> Tensor:
    eps = torch.randn(out[:, 0].shape, generator=generator).to(out)
    return _rounded(out[:, 0] + torch.exp(scale) * eps)


def _laplace_log(out: Tensor, scale: Tensor, x: Tensor) -> Tensor:
    return -((x - out[:, 0]) * torch.exp(-scale)).abs() - scale - math.log(2)


def _laplace_mass(out: Tensor, scale: Tensor, x: Tensor) -> Tensor:
    low, high = _cell(x)
    a, b = ((edge - out[:, 0]) * torch.exp(-scale) for edge in (low, high))
    beside = -torch.minimum(a.abs(), b.abs()) + torch.log(-torch.expm1(-(b - a))) - math.log(2)
    across = torch.log((-0.5 * (torch.expm1(-b.clamp(min=0)) + torch.expm1(a.clamp(max=0)))).clamp(min=LEAST))
    return torch.where((a < 0) & (b > 0), across, beside)


def _laplace_draw(out: Tensor, scale: Tensor, generator: torch.Generator) -> Tensor:
    u = _uniform(out[:, 0], generator) - 0.5
    return _rounded(out[:, 0] - torch.exp(scale) * u.sign() * torch.log1p(-2 * u.abs()))


def _mixture(out: Tensor, k: int) -> tuple[Tensor, Tensor, Tensor]:
    """Weights' logits, locations and log-scales, (N, K, C, H, W) each."""
    logits, location, log_scale = torch.split(out, k, 1)
    return logits, location, (log_scale - 2).clamp(min=SMALLEST_LOG_SCALE)


def _logistic_mass(location: Tensor, log_scale: Tensor, x: Tensor) -> Tensor:
    """log of F(b) − F(a) = F(b) (1 − F(a)) (1 − e^{−(b − a)}) for the logistic F, which needs no difference."""
    inverse = torch.exp(-log_scale)
    first, last = _ends(x)
    below = F.logsigmoid((x + HALF - location) * inverse)  # log F(b)
    above = F.logsigmoid(-(x - HALF - location) * inverse)  # log (1 − F(a))
    inside = below + above + torch.log(-torch.expm1(-2 * HALF * inverse))
    return torch.where(first, below, torch.where(last, above, inside))


def _clipped_logistic_mean(location: Tensor, log_scale: Tensor) -> Tensor:
    """Mean of a logistic variable held in [−1, 1], 1 − ∫ F: within half a grey level of the discretised one's."""
    s = torch.exp(log_scale)
    return 1 - s * (F.softplus((1 - location) / s) - F.softplus((-1 - location) / s))


def _truncated_log(eta: Tensor, u: Tensor) -> Tensor:
    return eta * u - _log_integral(eta)


def _log_integral(eta: Tensor) -> Tensor:
    """log of ∫_0^1 e^{ηu} du = log((e^η − 1) / η); its series near 0."""
    safe = torch.where(eta.abs() < NEAR_ZERO, torch.ones_like(eta), eta).abs()
    exact = torch.log(-torch.expm1(-safe)) - torch.log(safe) + eta.clamp(min=0)
    return torch.where(eta.abs() < NEAR_ZERO, eta / 2 + eta**2 / 24, exact)


def _truncated_mass(eta: Tensor, x: Tensor) -> Tensor:
    """log of ∫_a^b e^{ηu} du / ∫_0^1: over a cell of width w around m it is w e^{ηm} sinh(ηw/2)/(ηw/2)."""
    low, high = (_unit(edge.clamp(-1, 1)) for edge in _cell(x))
    width = high - low
    return eta * low + torch.log(width) + _log_integral(eta * width) - _log_integral(eta)


def _truncated_mean(eta: Tensor) -> Tensor:
    """E[2u − 1] = coth(η/2) − 2/η."""
    safe = torch.where(eta.abs() < 0.05, torch.ones_like(eta), eta)
    return torch.where(eta.abs() < 0.05, eta / 6 - eta**3 / 360, 1 / torch.tanh(safe / 2) - 2 / safe)


def _truncated_draw(eta: Tensor, generator: torch.Generator) -> Tensor:
    u = _uniform(eta, generator)
    safe = torch.where(eta.abs() < NEAR_ZERO, torch.full_like(eta, NEAR_ZERO), eta).abs()
    high = 1 + torch.log(u + (1 - u) * torch.exp(-safe)) / safe
    return torch.where(eta < 0, 1 - high, high).clamp(0, 1)


def _unit(x: Tensor) -> Tensor:
    return (x + 1) / 2


def _ends(x: Tensor) -> tuple[Tensor, Tensor]:
    """Where the first and where the last of the 256 grey levels is."""
    return x < -1 + HALF, x > 1 - HALF


def _cell(x: Tensor) -> tuple[Tensor, Tensor]:
    """Ends of the cell of each grey level."""
    first, last = _ends(x)
    return torch.where(first, -torch.inf, x - HALF), torch.where(last, torch.inf, x + HALF)


def _rounded(x: Tensor) -> Tensor:
    """`x` at the nearest of the 256 grey levels."""
    return ((x + 1) * 127.5).round().clamp(0, 255) / 127.5 - 1


def _uniform(like: Tensor, generator: torch.Generator) -> Tensor:
    """Uniform on (0, 1), never 0 or 1; drawn on the CPU, so that devices agree."""
    return torch.rand(like.shape, generator=generator).clamp(1e-7, 1 - 1e-7).to(like.device)


MAKERS: Mapping[str, Callable[[Any], Likelihood]] = MappingProxyType(
    {
        "gaussian": optimal_gaussian,
        "gaussian_fixed": fixed_gaussian,
        "laplace": laplace,
        "bernoulli": bernoulli,
        "continuous_bernoulli": continuous_bernoulli,
        "logistic": logistic,
    }
)
