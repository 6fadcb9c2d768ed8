"""The Markov property, measured: does x_{t−1} say more of x_{t+1} than x_t does?

In the forward chain x_{t+1} given x_t is Gaussian around √(1 − β) x_t with fresh noise, so the partial correlation of
x_{t+1} and x_{t−1} given x_t is 0 for any data. DDIM's process has the same marginals and x_0 in every step (Song et
al. 2021, eq. 7): it is not Markov.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.theory import posterior
from diffviz.theory.pairs import Pair
from diffviz.theory.schedules import NoiseSchedule
from diffviz.theory.statistics import Z95


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


def chain_triples(x0: F64, schedule: NoiseSchedule, t: int, gap: int, rng: np.random.Generator) -> Triples:
    """Of the forward chain from the values `x0` (N,) (Ho et al. 2020, eq. 2). Needs gap < t ≤ T − gap.

    The chain's many small steps between the three instants are drawn as one, whose distribution is theirs.
    """
    earlier, later = _pairs(schedule, t, gap)
    before = _noised(x0, earlier.alpha_prev, earlier.sigma_prev, rng)
    now = _noised(before, earlier.keep, math.sqrt(earlier.added), rng)
    return Triples(before, now, _noised(now, later.keep, math.sqrt(later.added), rng))


def ddim_triples(x0: F64, schedule: NoiseSchedule, t: int, gap: int, eta: float, rng: np.random.Generator) -> Triples:
    """Of the process that DDIM reverses, with the same marginals given x_0 (Song et al. 2021, eq. 7).

    x_{t+gap} from q(x_{t+gap} | x_0), then each earlier one given the next and x_0. With η = 1 it is the chain, with
    η = 0 one noise goes through all.
    """
    earlier, later = _pairs(schedule, t, gap)
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


def _pairs(schedule: NoiseSchedule, t: int, gap: int) -> tuple[Pair[float], Pair[float]]:
    """Those of (t, t − gap) and of (t + gap, t)."""
    if not (gap >= 1 and gap < t <= schedule.timesteps - gap):
        raise ValueError(f"t − gap and t + gap lie between 1 and {schedule.timesteps}, not {t} ∓ {gap}")
    return schedule.pair(t, t - gap), schedule.pair(t + gap, t)


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
    z, half = math.atanh(max(-1 + 1e-15, min(1 - 1e-15, r))), Z95 / math.sqrt(freedom)
    return Correlation(r, math.tanh(z - half), math.tanh(z + half))
