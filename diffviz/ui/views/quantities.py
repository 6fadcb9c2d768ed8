"""The numbers of one instant: what the noise schedule says at t, and what the step that leaves it does."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diffviz.domain.frames import ForwardFrame, ReverseFrame
from diffviz.session.run import Run
from diffviz.theory import posterior
from diffviz.theory.schedules import NoiseSchedule


@dataclass(frozen=True, slots=True)
class Quantities:
    """Of timestep `t`: β_t, ᾱ_t and what follows; nan for what is not defined there.

    `previous` is the next smaller visited timestep, None where there is none; `beta_tilde` is β̃, the variance of
    q(x_previous | x_t, x_0) of that pair.
    """

    t: float
    beta: float
    alpha_bar: float
    alpha: float
    sigma: float
    snr: float
    previous: float | None
    previous_alpha_bar: float
    beta_tilde: float


def quantities(run: Run, frame: ForwardFrame | ReverseFrame, schedule: NoiseSchedule | None) -> Quantities:
    """The quantities of `frame`, from `schedule` where its t is whole, else from the frame's own α and σ."""
    alpha_bar = alpha_bar_at(schedule, frame.position, frame.alpha**2)
    rest = 1 - alpha_bar
    previous = visited_before(run, frame.position)
    before = math.nan if previous is None else alpha_bar_at(schedule, previous, math.nan)
    pair = not math.isnan(before) and 0 < alpha_bar < before
    return Quantities(
        t=frame.position,
        beta=beta_at(schedule, frame.position),
        alpha_bar=alpha_bar,
        alpha=math.sqrt(alpha_bar),
        sigma=math.sqrt(rest),
        snr=alpha_bar / rest if rest > 0 else math.inf,
        previous=previous,
        previous_alpha_bar=before,
        beta_tilde=float(posterior.variance(alpha_bar, before)) if pair else math.nan,
    )


def alpha_bar_at(schedule: NoiseSchedule | None, t: float, otherwise: float) -> float:
    """ᾱ_t; between two timesteps log ᾱ is interpolated; `otherwise` without a schedule that reaches t."""
    if schedule is None or not 0 <= t <= schedule.timesteps:
        return otherwise
    if t == int(t):
        return float(schedule.alpha_bar[int(t)])
    below = int(t)
    low, high = np.log(schedule.alpha_bar[below : below + 2])
    return float(np.exp(low + (t - below) * (high - low)))


def beta_at(schedule: NoiseSchedule | None, t: float) -> float:
    """β_t, linear between two timesteps, nan at t = 0 and without a schedule that reaches t."""
    if schedule is None or not 0 < t <= schedule.timesteps:
        return math.nan
    below = int(t)
    if t == below or below == 0:
        return float(schedule.beta[max(1, below)])
    low, high = schedule.beta[below : below + 2]
    return float(low + (t - below) * (high - low))


def visited_before(run: Run, t: float) -> float | None:
    """The next smaller timestep that `run` visits."""
    return max((position for position in run.plan.positions if position < t), default=None)
