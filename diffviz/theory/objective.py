"""The terms of the bound on −log p(x_0) of a DDPM chain, in float64 (Ho et al. 2020, eq. 5).

−log p(x_0) ≤ L_T + Σ_{t=2}^T L_{t−1} + L_0 with L_T = KL(q(x_T | x_0) ‖ p(x_T)), L_{t−1} the mean over q(x_t | x_0) of
KL(q(x_{t−1} | x_t, x_0) ‖ p(x_{t−1} | x_t)), and L_0 that of −log p(x_0 | x_1), a mass of grey levels (eq. 13).
"""

from __future__ import annotations

import math

from diffviz.domain.arrays import F64
from diffviz.theory import posterior
from diffviz.theory.equations import ddpm_std, equations
from diffviz.theory.schedules import NoiseSchedule


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
    of_x0, _ = posterior.mean_weights(schedule.pair(t, t - 1))
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
    tilde = float(posterior.variance(schedule.pair(t, t - 1)))
    ratio = tilde / float(schedule.beta[t])
    return 0.5 * (ratio - 1 - math.log(ratio))


def bits_per_dim(nats: F64, dims: int) -> F64:
    """nats / (D ln 2)."""
    found: F64 = nats / (dims * math.log(2))
    return found


def mean_and_error(values: F64) -> tuple[F64, F64]:
    """Mean and its standard error over the first axis, at least two rows."""
    return values.mean(0), values.std(0, ddof=1) / math.sqrt(len(values))
