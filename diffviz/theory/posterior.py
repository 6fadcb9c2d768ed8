"""One reverse step: the posterior q(x_s | x_t, x_0), the exact step without x_0, and the terms of the bound.

The forward process's posterior for a visited pair of times, and the noise that a DDIM step adds.

It is a Gaussian for every (α, σ) (Kingma et al. 2021, appendix A); for consecutive timesteps of a variance-preserving
process these are the paper's quantities (Ho et al. 2020, eq. 6 and 7). All are finite for any pair with σ_t > 0, also
where α_t is 0 or too small for a float.

The exact reverse step in one dimension: what q(x_s | x_t) is for a mixture, and the Gaussian that replaces it.

`pair` is that of t and an earlier s, at any distance. The reverse of the chain is a chain as well; that its steps are
Gaussian is an approximation, good for small ones (Feller 1949; Sohl-Dickstein et al. 2015, section 2.2).

The numbers in the equations of one step, all of them of its visited pair (t, t_prev).

The terms of the bound on −log p(x_0) of a DDPM chain, in float64 (Ho et al. 2020, eq. 5).

−log p(x_0) ≤ L_T + Σ_{t=2}^T L_{t−1} + L_0 with L_T = KL(q(x_T | x_0) ‖ p(x_T)), L_{t−1} the mean over q(x_t | x_0) of
KL(q(x_{t−1} | x_t, x_0) ‖ p(x_{t−1} | x_t)), and L_0 that of −log p(x_0 | x_1), a mass of grey levels (eq. 13).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.domain.sampling import Ddim, Ddpm, Euler, Sampler
from diffviz.domain.solvers import DpmPlusPlusSde, EulerAncestral, FlowSde, HeunChurn
from diffviz.theory import gaussians, processes
from diffviz.theory.gaussians import Mixture
from diffviz.theory.schedules import NoiseSchedule, Pair, Value


def posterior_variance(pair: Pair[Value]) -> Value:
    """The variance of q(x_prev | x_t, x_0), added · σ_prev² / σ_t²: β̃ of Ho et al. 2020, eq. 7; 0 where σ_prev is 0."""
    return pair.sigma_prev**2 / pair.sigma**2 * pair.added


def mean_weights(pair: Pair[float]) -> tuple[float, float]:
    """Weights of x_0 and of x_t in μ̃, the mean of q(x_prev | x_t, x_0): α_prev added / σ_t², keep σ_prev² / σ_t²."""
    of_x0 = pair.alpha_prev * pair.added / pair.sigma**2
    of_xt = pair.keep * pair.sigma_prev**2 / pair.sigma**2
    return float(of_x0), float(of_xt)


def posterior_mean(x0: F64, xt: F64, pair: Pair[float]) -> F64:
    """μ̃, the mean of q(x_prev | x_t, x_0) (Ho et al. 2020, eq. 6 and 7), in the shape of `x0` and `xt`."""
    of_x0, of_xt = mean_weights(pair)
    return of_x0 * x0 + of_xt * xt


def ddim_std(pair: Pair[Value], eta: float) -> Value:
    """σ(η) = η √β̃ of a DDIM step (Song et al. 2021, eq. 16), β̃ the posterior's variance; η = 1 is DDPM's."""
    std: Value = eta * np.sqrt(posterior_variance(pair))
    return std


REACH, POINTS = 8.0, 4001


@dataclass(frozen=True, slots=True, eq=False)
class ReverseStep:
    """q(x_s | x_t) at one x_t: `exact` (a mixture in one dimension) and the Gaussian of its `mean` and `std`.

    `modes` counts the maxima of the exact density; `divergence` is KL(exact ‖ Gaussian) in nats.
    """

    exact: Mixture
    mean: float
    std: float
    modes: int
    divergence: float


def reverse_step(data: Mixture, x: float, pair: Pair[float]) -> ReverseStep:
    """The reverse step from `x` at t to s, for data x_0 ~ `data`, a mixture with D = 1."""
    exact = exact_step(data, x, pair)
    mean, std = float(exact.mean[0]), math.sqrt(float(exact.covariance[0, 0]))
    xs = np.linspace(mean - REACH * std, mean + REACH * std, POINTS)
    return ReverseStep(exact, mean, std, modes(exact), _divergence(exact, xs, mean, std))


def exact_step(data: Mixture, x: float, pair: Pair[float]) -> Mixture:
    """q(x_s | x_t): Bayes' rule with the marginal q(x_s) and the forward step from s to t, itself Gaussian."""
    marginal = data.noised(pair.alpha_prev, pair.sigma_prev)
    return marginal.posterior([x], float(pair.keep), math.sqrt(pair.added))


def given_x0(x0: float, x: float, pair: Pair[float]) -> tuple[float, float]:
    """Mean and standard deviation of q(x_s | x_t, x_0), Gaussian for any step size (Ho et al. 2020, eq. 6 and 7)."""
    of_x0, of_xt = mean_weights(pair)
    return of_x0 * x0 + of_xt * x, math.sqrt(float(posterior_variance(pair)))


def modes(mixture: Mixture) -> int:
    """Number of maxima of the density of a mixture in one dimension, on a grid finer than its narrowest part."""
    low = float((mixture.means[:, 0] - 4 * mixture.stds).min())
    high = float((mixture.means[:, 0] + 4 * mixture.stds).max())
    count = min(200_000, max(POINTS, int((high - low) / float(mixture.stds.min()) * 20)))
    heights = mixture.log_density(np.linspace(low, high, count)[:, None])
    rises = np.diff(heights) > 0
    return int((rises[:-1] & ~rises[1:]).sum())


def optimal_variance(std: float, pair: Pair[float]) -> float:
    """Var[x_s | x_t] for data x_0 ~ N(m, std²): the best σ_t² of a Gaussian reverse step.

    It is β̃ for std = 0, one known x_0, and β for std = 1 (Ho et al. 2020, section 3.2); in between for a std in
    between.
    """
    of_x0, _ = mean_weights(pair)
    known = float(posterior_variance(pair))
    return known + of_x0**2 * gaussians.x0_variance(std, pair.alpha, pair.sigma)


def _divergence(exact: Mixture, xs: F64, mean: float, std: float) -> float:
    log_p = exact.log_density(xs[:, None])
    log_q = -0.5 * ((xs - mean) / std) ** 2 - math.log(std * math.sqrt(2 * math.pi))
    return max(0.0, float(np.trapezoid(np.exp(log_p) * (log_p - log_q), xs)))


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

    `variance` is a key of `diffviz.domain.sampling.VARIANCES` and makes σ_t of the DDPM step, `eta` is DDIM's η.
    """
    beta, sigma = float(pair.added), pair.sigma
    mu_x0, mu_xt = mean_weights(pair)
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
        beta_tilde=float(posterior_variance(pair)),
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
    return math.sqrt(pair.added if variance == "beta" else posterior_variance(pair))


def terms(sampler: Sampler, pair: Pair[float]) -> Terms | None:
    """The step of `sampler` as a sum of x̂_0, ε̂ and z; None for one that uses more than one evaluation."""
    match sampler:
        case Ddpm(variance=variance):
            return _terms(pair, float(posterior_variance(pair)), ddpm_std(pair, variance))
        case Ddim(eta=eta) | EulerAncestral(eta=eta):
            std = float(ddim_std(pair, eta))
            return _terms(pair, std**2, std)
        case FlowSde(strength=strength):
            std = sde_std(pair, strength)
            return _terms(pair, std**2, std)
        case Euler():
            return _terms(pair, 0.0, 0.0)
        case _:
            return None


def sde_std(pair: Pair[float], strength: float) -> float:
    """σ_prev √(1 − ρ²), ρ = (σ_prev/σ)^(s/2) the share that ε̂ keeps over a step of `FlowSde`."""
    if pair.sigma_prev == 0:
        return 0.0
    return pair.sigma_prev * math.sqrt(-math.expm1(strength * math.log(pair.sigma_prev / pair.sigma)))


def multistep_std(pair: Pair[float]) -> float:
    """σ_prev √(1 − e^(−2h)), h = λ_prev − λ: the noise of SDE-DPM-Solver++ (Lu et al. 2022, eq. 18)."""
    left = math.exp(-2 * rise(pair))
    return pair.sigma_prev * math.sqrt(1 - left)


def rise(pair: Pair[float]) -> float:
    """h = λ_prev − λ, λ = log(α/σ), of a step; ∞ from where α is 0, and to where σ is."""
    if pair.sigma_prev == 0:
        return math.inf
    return math.log(pair.sigma / pair.sigma_prev) - pair.log_keep


def churned(sampler: HeunChurn, pair: Pair[float], steps: int, most: float) -> float:
    """1 + γ, by which a step of `pair` of a run of `steps` raises σ̂ (Karras et al. 2022, algorithm 2, line 4).

    No further than to `most`, the σ̂ of the process at T.
    """
    if not sampler.least * pair.alpha <= pair.sigma <= sampler.largest * pair.alpha:
        return 1.0
    return min(1 + min(sampler.churn / steps, math.sqrt(2) - 1), max(1.0, most * pair.alpha / pair.sigma))


def added_std(sampler: Sampler, pair: Pair[float], steps: int, most: float) -> float:
    """Deviation of the fresh noise in the step of `pair` of a run of `steps`; `most` as for `churned`."""
    match sampler:
        case DpmPlusPlusSde():
            return multistep_std(pair)
        case HeunChurn():
            return sampler.spread * pair.sigma * math.sqrt(churned(sampler, pair, steps, most) ** 2 - 1)
        case _:
            parts = terms(sampler, pair)
            return parts.std if parts else 0.0


@dataclass(frozen=True, slots=True)
class VisitedStep:
    """One step of a sampler: from t to t_prev, with their pair and the deviation of the noise that it adds."""

    t: float
    t_prev: float
    pair: Pair[float]
    std: float


def visited_steps(path: Sequence[float], process: processes.Process, sampler: Sampler) -> tuple[VisitedStep, ...]:
    """The steps along `path`, visited times in falling order."""
    pairs = [(t, t_prev, process.pair(t, t_prev)) for t, t_prev in pairwise(path)]
    most = process.largest_ratio
    return tuple(VisitedStep(t, t_prev, pair, added_std(sampler, pair, len(pairs), most)) for t, t_prev, pair in pairs)


def _terms(pair: Pair[float], variance: float, std: float) -> Terms:
    return Terms(pair.alpha_prev, math.sqrt(max(0.0, pair.sigma_prev**2 - variance)), std)


def _exp(exponent: float) -> float:
    return math.exp(exponent) if exponent < LARGEST_EXPONENT else math.inf


def prior(x0: F64, alpha_bar: float) -> F64:
    """KL(q(x_t | x_0) ‖ N(0, I)) of images (N, C, H, W) in nats, (N,); L_T with ᾱ_T. Nothing in it can be learnt."""
    dims, squares = x0[0].size, (x0**2).reshape(len(x0), -1).sum(1)
    found: F64 = 0.5 * (alpha_bar * (squares - dims) - dims * math.log1p(-alpha_bar))
    return found


def reverse_std(schedule: NoiseSchedule, t: int, variance: str) -> float:
    """σ_t of p(x_{t−1} | x_t): √β_t, or √β̃_t with β̃_2 in place of β̃_1 = 0 (Nichol & Dhariwal 2021, section 3.1)."""
    if t == 1 and variance == "beta":
        return math.sqrt(float(schedule.beta[1]))
    at = max(t, min(2, schedule.timesteps))
    return ddpm_std(schedule.pair(at, at - 1), variance)


def step_term(x0: F64, x0_hat: F64, schedule: NoiseSchedule, t: int, variance: str) -> F64:
    """KL(q(x_{t−1} | x_t, x_0) ‖ p(x_{t−1} | x_t)) in nats, (N,), for t ≥ 2 and images (N, C, H, W).

    Both means are the same weights of x_t, so they differ by that of x_0 times x_0 − x̂_0.
    """
    of_x0, _ = mean_weights(schedule.pair(t, t - 1))
    apart = (of_x0 * (x0 - x0_hat)) ** 2
    std = reverse_std(schedule, t, variance)
    found: F64 = apart.reshape(len(x0), -1).sum(1) / (2 * std**2) + x0[0].size * constant(schedule, t, variance)
    return found


def weight(schedule: NoiseSchedule, t: int, variance: str) -> float:
    """What turns ‖ε − ε̂‖² into L_{t−1} in nats, but for `constant`: β²/(2 σ² α (1 − ᾱ)), t ≥ 2 (eq. 12)."""
    return equations(float(t), float(t - 1), schedule.pair(t, t - 1), variance).weight


def constant(schedule: NoiseSchedule, t: int, variance: str) -> float:
    """What L_{t−1} keeps in nats a dimension where ε̂ = ε: 0 with β̃, the KL of N(0, β̃) to N(0, β) with β; t ≥ 2."""
    if variance != "beta":
        return 0.0
    tilde = float(posterior_variance(schedule.pair(t, t - 1)))
    ratio = tilde / float(schedule.beta[t])
    return 0.5 * (ratio - 1 - math.log(ratio))


def mean_and_error(values: F64) -> tuple[F64, F64]:
    """Mean and its standard error over the first axis, at least two rows."""
    return values.mean(0), values.std(0, ddof=1) / math.sqrt(len(values))
