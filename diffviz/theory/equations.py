"""The numbers in the equations of one step, all of them of its visited pair (t, t_prev)."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from diffviz.domain.samplers import Ddim, Ddpm, Euler, Sampler
from diffviz.theory import posterior
from diffviz.theory.pairs import Pair
from diffviz.theory.processes import Process

LARGEST_EXPONENT = math.log(sys.float_info.max)


@dataclass(frozen=True, slots=True)
class Equations:
    """Every coefficient of the derivation, at the visited pair (t, t_prev).

    Markov step (Ho et al. 2020, eq. 2): x_t = `sqrt_one_minus_beta` x_prev + `sqrt_beta` ε_t. Closed form (eq. 4):
    x_t = `alpha` x_0 + `sigma` ε. Posterior (eq. 7): μ̃ = `mu_x0` x_0 + `mu_xt` x_t, variance `beta_tilde`. DDPM step
    (algorithm 2): x_prev = `inverse` (x_t − `removed` ε̂) + σ_t z, σ_t = `ddpm_std`. DDIM step (Song et al. 2021, eq.
    12): x_prev = `ddim_x0` x̂_0 + `ddim_eps` ε̂ + `ddim_std` z. Objective (eq. 12): the weight of ‖ε − ε̂‖² in L_{t−1}
    in nats, `weight`, nan where σ_t = 0; the simple form (eq. 14) has 1. p(x_T) = N(0, I) has no number. `inverse` and
    `weight` are ∞ where the step keeps less of x_prev than a float can say.
    """

    t: float
    t_prev: float
    beta: float
    alpha_bar: float
    alpha_bar_prev: float
    alpha: float
    sigma: float
    sqrt_one_minus_beta: float
    sqrt_beta: float
    mu_x0: float
    mu_xt: float
    beta_tilde: float
    inverse: float
    removed: float
    ddpm_std: float
    ddim_x0: float
    ddim_eps: float
    ddim_std: float
    weight: float


@dataclass(frozen=True, slots=True)
class Terms:
    """A step as a sum of pictures: x_prev = `x0` · x̂_0 + `eps` · ε̂ + `std` · z with z ~ N(0, I)."""

    x0: float
    eps: float
    std: float


def equations(t: float, t_prev: float, pair: Pair[float], variance: str = "posterior", eta: float = 0.0) -> Equations:
    """The numbers of the step from t to t_prev.

    `variance` is a key of `diffviz.domain.samplers.VARIANCES` and makes σ_t of the DDPM step, `eta` is DDIM's η.
    """
    beta, sigma = float(pair.added), pair.sigma
    mu_x0, mu_xt = posterior.mean_weights(pair)
    std = ddpm_std(pair, variance)
    ddim = terms(Ddim(eta), pair)
    assert ddim is not None, "a DDIM step is a sum of three terms"
    return Equations(
        t=t,
        t_prev=t_prev,
        beta=beta,
        alpha_bar=pair.alpha**2,
        alpha_bar_prev=pair.alpha_prev**2,
        alpha=pair.alpha,
        sigma=sigma,
        sqrt_one_minus_beta=float(pair.keep),
        sqrt_beta=math.sqrt(beta),
        mu_x0=mu_x0,
        mu_xt=mu_xt,
        beta_tilde=float(posterior.variance(pair)),
        inverse=_exp(-pair.log_keep),
        removed=beta / sigma,
        ddpm_std=std,
        ddim_x0=ddim.x0,
        ddim_eps=ddim.eps,
        ddim_std=ddim.std,
        weight=_exp(-2 * pair.log_keep) * beta**2 / (2 * std**2 * sigma**2) if std > 0 else math.nan,
    )


def ddpm_std(pair: Pair[float], variance: str) -> float:
    """Deviation of the noise of an ancestral step, by `variance`: the posterior's √β̃, or "beta", the forward step's √β.

    For a process without β these are the posterior's variance and what its forward step adds. The last step adds no
    noise (Ho et al. 2020, algorithm 2, line 3).
    """
    if pair.sigma_prev == 0:
        return 0.0
    return math.sqrt(pair.added if variance == "beta" else posterior.variance(pair))


def terms(sampler: Sampler, pair: Pair[float]) -> Terms | None:
    """The step of `sampler` as a sum of x̂_0, ε̂ and z; None for one that uses more than one evaluation."""
    match sampler:
        case Ddpm(variance=variance):
            return _terms(pair, float(posterior.variance(pair)), ddpm_std(pair, variance))
        case Ddim(eta=eta):
            std = float(posterior.ddim_std(pair, eta))
            return _terms(pair, std**2, std)
        case Euler():
            return _terms(pair, 0.0, 0.0)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class VisitedStep:
    """One step of a sampler: from t to t_prev, with their pair and the deviation of the noise that it adds."""

    t: float
    t_prev: float
    pair: Pair[float]
    std: float


def visited_steps(path: Sequence[float], process: Process, sampler: Sampler) -> tuple[VisitedStep, ...]:
    """The steps along `path`, visited times in falling order."""
    return tuple(_step(t, t_prev, process.pair(t, t_prev), sampler) for t, t_prev in pairwise(path))


def _step(t: float, t_prev: float, pair: Pair[float], sampler: Sampler) -> VisitedStep:
    parts = terms(sampler, pair)
    return VisitedStep(t, t_prev, pair, parts.std if parts else 0.0)


def _terms(pair: Pair[float], variance: float, std: float) -> Terms:
    return Terms(pair.alpha_prev, math.sqrt(max(0.0, pair.sigma_prev**2 - variance)), std)


def _exp(exponent: float) -> float:
    return math.exp(exponent) if exponent < LARGEST_EXPONENT else math.inf
