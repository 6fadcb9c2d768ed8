"""Why √(1 − β_t): the chain with and without the factor that scales x down before noise is added.

Without it the process is variance-exploding: a choice of its own, that needs larger β to drown the data (Song et al.
2021, Score-based generative modeling through SDEs, section 3.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F64
from diffviz.theory import forward
from diffviz.theory.schedules import NoiseSchedule


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
        x = forward.step(x, float(schedule.beta[t]), rng.standard_normal(len(x)), scaled=scaled)
        if t % every == 0:
            kept.append((t, float(apart @ x / (apart @ apart)), float(np.var(x))))
    ts, coefficients, variances = zip(*kept, strict=True)
    return Moments(np.array(ts), np.array(coefficients), np.array(variances))
