"""The visited steps as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from diffviz.domain.samplers import Sampler
from diffviz.theory.equations import terms
from diffviz.theory.schedules import NoiseSchedule


@dataclass(frozen=True, slots=True)
class VisitedStep:
    """One step of a sampler: from t to t_prev, with ᾱ of both and the σ of the noise that it adds."""

    t: int
    t_prev: int
    alpha_bar: float
    alpha_bar_prev: float
    std: float


def visited_steps(path: Sequence[int], schedule: NoiseSchedule, sampler: Sampler) -> tuple[VisitedStep, ...]:
    """The steps along `path`, visited timesteps in falling order as `diffviz.theory.run_plan.visited` gives them."""
    return tuple(_step(t, t_prev, schedule, sampler) for t, t_prev in pairwise(path))


def _step(t: int, t_prev: int, schedule: NoiseSchedule, sampler: Sampler) -> VisitedStep:
    pair = schedule.pair(t, t_prev)
    parts = terms(sampler, pair)
    return VisitedStep(t, t_prev, pair.alpha_bar, pair.alpha_bar_prev, parts.std if parts else 0.0)
