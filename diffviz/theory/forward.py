"""The forward process q: a Markov chain that adds Gaussian noise (Ho et al. 2020, eq. 2 and 4).

Images and noise are float64 arrays of any shape, `beta` and `alpha_bar` those of one timestep.

Noise drawn on the CPU from a counter keyed by (seed, sample, step): the same in any batch and on any device.

The forward and the reverse process draw from streams of their own: a reverse run that starts at a forward run's x_t
with the same seed must not be given the very noise that made that x_t.

Why √(1 − β_t): the chain with and without the factor that scales x down before noise is added.

Without it the process is variance-exploding: a choice of its own, that needs larger β to drown the data (Song et al.
2021, Score-based generative modeling through SDEs, section 3.4).

The Markov property, measured: does x_{t−1} say more of x_{t+1} than x_t does?

In the forward chain x_{t+1} given x_t is Gaussian around √(1 − β) x_t with fresh noise, so the partial correlation of
x_{t+1} and x_{t−1} given x_t is 0 for any data. DDIM's process has the same marginals and x_0 in every step (Song et
al. 2021, eq. 7): it is not Markov.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32, F64
from diffviz.theory import posterior, statistics
from diffviz.theory.processes import Process
from diffviz.theory.schedules import NoiseSchedule, Pair


def step(x: F64, beta: float, eps: F64, *, scaled: bool = True) -> F64:
    """One step of the chain, x_t from x_{t−1} and fresh ε_t ~ N(0, I) (Ho et al. 2020, eq. 2).

    Without `scaled` the factor √(1 − β_t) is left out: x_0 keeps its coefficient 1 and the variance grows by β_t.
    """
    keep = math.sqrt(1 - beta) if scaled else 1.0
    return keep * x + math.sqrt(beta) * eps


def marginal(x0: F64, alpha_bar: float, eps: F64) -> F64:
    """x_t in closed form, √ᾱ_t x_0 + √(1 − ᾱ_t) ε (Ho et al. 2020, eq. 4).

    One fixed ε for all t has the right marginals but is not a path of the chain; the chain's noise is `combined`.
    """
    return math.sqrt(alpha_bar) * x0 + math.sqrt(1 - alpha_bar) * eps


def combine(noise: F64, eps: F64, before: float, added: float, sigma: float) -> F64:
    """ε̄_t from ε̄_prev and ε_t, so that the chain's x_t is α_t x_0 + σ_t ε̄_t.

    The recursion of `combined`, for any process: `before` is keep · σ_prev, `added` the deviation that the step adds
    and `sigma` σ_t. ε̄_0 counts for nothing (σ_0 = 0).
    """
    combined_noise: F64 = (before * noise + added * eps) / sigma
    return combined_noise


def combined(eps: F64, schedule: NoiseSchedule, t: int) -> F64:
    """ε̄_t = Σ_{s≤t} √(β_s ᾱ_t / ᾱ_s) ε_s / √(1 − ᾱ_t), N(0, I) again; `eps[s - 1]` is ε_s, s = 1 … t, t ≥ 1."""
    s = np.arange(1, t + 1)
    kept = schedule.pairs(np.full(t, t), s).kept  # ᾱ_t / ᾱ_s
    weights = np.sqrt(schedule.beta[s] * kept) / schedule.sigma[t]
    total: F64 = np.tensordot(weights, eps[:t], axes=1)
    return total


START = 1 << 32
"""The step of x_T itself."""
REVERSE, FORWARD, OBJECTIVE = 0, 1, 2


def step_of(t: float) -> int:
    """The step that noise at time `t` is drawn for: t itself where it is whole, else its bits."""
    return int(t) if t == int(t) else int(np.float64(t).view(np.int64))


def normal(seed: int, sample: int, step: int, shape: tuple[int, ...], stream: int = REVERSE) -> F32:
    """Standard normal values of `shape` for step `step` of sample `sample`; `START` is the step of x_T itself."""
    bits = np.random.Philox(key=[seed, sample], counter=[0, 0, stream, step])
    return np.random.Generator(bits).standard_normal(shape, np.float32)


def normals(seed: int, samples: int, step: int, shape: tuple[int, ...], stream: int = REVERSE, first: int = 0) -> F32:
    """`normal` for `samples` samples from number `first` on, stacked."""
    out = np.empty((samples, *shape), np.float32)
    for at in range(samples):
        out[at] = normal(seed, first + at, step, shape, stream)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Along t: the coefficient of x_0 in x_t, and the variance of x_t; arrays of equal length."""

    t: NDArray[np.int64]
    coefficient: F64
    variance: F64


def moments(schedule: NoiseSchedule, variance: float, *, scaled: bool = True) -> Moments:
    """In theory, at every t = 0 … T, for data of `variance`.

    Scaled: √ᾱ_t and ᾱ_t v + 1 − ᾱ_t, which tends to 1. Unscaled: 1 and v + Σ_{s≤t} β_s.
    """
    t = np.arange(schedule.timesteps + 1)
    if scaled:
        return Moments(t, schedule.alpha, schedule.alpha_bar * variance + 1 - schedule.alpha_bar)
    added = np.concatenate([[0.0], np.cumsum(schedule.beta[1:])])
    return Moments(t, np.ones(len(t)), variance + added)


def simulated(
    x0: F64, schedule: NoiseSchedule, rng: np.random.Generator, *, scaled: bool = True, every: int = 10
) -> Moments:
    """Measured on chains that start at the values `x0` (N,), at t = 0, `every`, 2 `every`, …

    The coefficient is the slope of x_t over x_0. Raises ValueError where all of `x0` are equal.
    """
    apart = x0 - x0.mean()
    if not apart.any():
        raise ValueError("a slope needs values of x_0 that differ")
    x, kept = x0.astype(np.float64), [(0, 1.0, float(np.var(x0)))]
    for t in range(1, schedule.timesteps + 1):
        x = step(x, float(schedule.beta[t]), rng.standard_normal(len(x)), scaled=scaled)
        if t % every == 0:
            kept.append((t, float(apart @ x / (apart @ apart)), float(np.var(x))))
    ts, coefficients, variances = zip(*kept, strict=True)
    return Moments(np.array(ts), np.array(coefficients), np.array(variances))


@dataclass(frozen=True, slots=True, eq=False)
class Triples:
    """`before` = x_{t−gap}, `now` = x_t, `after` = x_{t+gap} of N trajectories, each (N,)."""

    before: F64
    now: F64
    after: F64


@dataclass(frozen=True, slots=True)
class Correlation:
    """A correlation coefficient and its 95 % interval."""

    value: float
    low: float
    high: float


def chain_triples(x0: F64, process: Process, t: float, gap: float, rng: np.random.Generator) -> Triples:
    """Of the forward chain from the values `x0` (N,) (Ho et al. 2020, eq. 2). Needs 0 < gap < t ≤ T − gap.

    The chain's many small steps between the three instants are drawn as one, whose distribution is theirs.
    """
    earlier, later = _pairs(process, t, gap)
    before = _noised(x0, earlier.alpha_prev, earlier.sigma_prev, rng)
    now = _noised(before, earlier.keep, math.sqrt(earlier.added), rng)
    return Triples(before, now, _noised(now, later.keep, math.sqrt(later.added), rng))


def ddim_triples(x0: F64, process: Process, t: float, gap: float, eta: float, rng: np.random.Generator) -> Triples:
    """Of the process that DDIM reverses, with the same marginals given x_0 (Song et al. 2021, eq. 7).

    x_{t+gap} from q(x_{t+gap} | x_0), then each earlier one given the next and x_0. With η = 1 it is the chain, with
    η = 0 one noise goes through all.
    """
    earlier, later = _pairs(process, t, gap)
    after = _noised(x0, later.alpha, later.sigma, rng)
    now = _backwards(x0, after, later, eta, rng)
    return Triples(_backwards(x0, now, earlier, eta, rng), now, after)


def correlation(a: F64, b: F64) -> Correlation:
    """Pearson's correlation of `a` and `b` (N,), N ≥ 4, with the interval of Fisher's z."""
    return _interval(float(np.corrcoef(a, b)[0, 1]), len(a) - 3)


def partial_correlation(triples: Triples) -> Correlation:
    """Correlation of x_{t+gap} and x_{t−gap} after what is linear in x_t is taken out of both (Fisher 1924).

    Undefined, and nan, where nothing is left of either: a trajectory that x_t determines.
    """
    left = [_residual(values, triples.now) for values in (triples.before, triples.after)]
    if min(float(np.var(r)) for r in left) < 1e-20:
        return Correlation(math.nan, math.nan, math.nan)
    return _interval(float(np.corrcoef(left[0], left[1])[0, 1]), len(triples.now) - 4)


def _pairs(process: Process, t: float, gap: float) -> tuple[Pair[float], Pair[float]]:
    """Those of (t, t − gap) and of (t + gap, t)."""
    if not 0 < gap < t <= process.T - gap:
        raise ValueError(f"t − gap and t + gap lie between 0 and {process.T:g}, not {t:g} ∓ {gap:g}")
    return process.pair(t, t - gap), process.pair(t + gap, t)


def _noised(x: F64, keep: float, std: float, rng: np.random.Generator) -> F64:
    found: F64 = keep * x + std * rng.standard_normal(x.shape)
    return found


def _backwards(x0: F64, x: F64, pair: Pair[float], eta: float, rng: np.random.Generator) -> F64:
    eps, std = (x - pair.alpha * x0) / pair.sigma, float(posterior.ddim_std(pair, eta))
    direction = math.sqrt(max(0.0, pair.sigma_prev**2 - std**2))
    found: F64 = pair.alpha_prev * x0 + direction * eps + std * rng.standard_normal(x.shape)
    return found


def _residual(values: F64, given: F64) -> F64:
    apart, centred = given - given.mean(), values - values.mean()
    left: F64 = centred - (apart @ centred) / (apart @ apart) * apart
    return left


def _interval(r: float, freedom: int) -> Correlation:
    if freedom < 1:
        raise ValueError("a correlation's interval needs more values")
    z, half = math.atanh(max(-1 + 1e-15, min(1 - 1e-15, r))), statistics.Z95 / math.sqrt(freedom)
    return Correlation(r, math.tanh(z - half), math.tanh(z + half))
