"""How an axis is spread over its length: evenly, or, where noise grows over decades, by its logarithm."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diffviz.domain import requests, sampling
from diffviz.domain.arrays import F64
from diffviz.domain.plots import round_step, ticks

KNEE = 0.05
"""σ of a variance-exploding process below which its axis is about even, above which about logarithmic.

More than half of the visits of Karras et al. 2022 are below σ = 4 of 80, the first twentieth of an even axis.
"""
DECADE = 10
NEAR_END = 0.06


@dataclass(frozen=True, slots=True)
class AxisScale:
    """Positions `low` … `high` on shares 0 … 1 of a length: evenly, or by log(1 + position/`knee`) where that is not 0.

    A logarithmic one is odd about 0, so that what lies beyond its ends has a place too.
    """

    low: float
    high: float
    knee: float = 0.0

    def share(self, position: float) -> float:
        """Where `position` lies; beyond 0 and 1 where it is beyond the ends."""
        low, high = self._bent(self.low), self._bent(self.high)
        return (self._bent(position) - low) / (high - low or 1.0)

    def shares(self, positions: F64) -> F64:
        """Where each of `positions` lies."""
        bent = np.copysign(np.log1p(np.abs(positions) / self.knee), positions) if self.knee else positions
        low, high = self._bent(self.low), self._bent(self.high)
        return np.asarray((bent - low) / (high - low or 1.0))

    def position(self, share: float) -> float:
        """What lies at `share`, the inverse of `share`."""
        low, high = self._bent(self.low), self._bent(self.high)
        bent = low + share * (high - low or 1.0)
        return math.copysign(self.knee * math.expm1(abs(bent)), bent) if self.knee else bent

    def ticks(self, count: float) -> list[float]:
        """Round positions, about `count` of them at most."""
        if self.knee:
            return self._decades(count)
        return ticks(self.low, self.high, round_step(self.high - self.low or 1.0, count))

    def small_ticks(self, count: float) -> list[float]:
        """Round positions between `ticks(count)`."""
        if self.knee:
            return [n * power for power in self._powers for n in range(1, DECADE) if self.low <= n * power <= self.high]
        return ticks(self.low, self.high, round_step(self.high - self.low or 1.0, count) / 5)

    @property
    def _powers(self) -> list[float]:
        """The powers of ten above the knee."""
        return [10.0**n for n in range(math.ceil(math.log10(self.knee)), math.floor(math.log10(self.high)) + 1)]

    def _decades(self, count: float) -> list[float]:
        """The ends, powers of ten between them, thrice them where there is room."""
        steps = (1, 3) if 2 * len(self._powers) + 2 <= count else (1,)
        between = (n * power for power in self._powers for n in steps)
        return [self.low, *(t for t in between if NEAR_END < self.share(t) < 1 - NEAR_END), self.high]

    def _bent(self, position: float) -> float:
        return math.copysign(math.log1p(abs(position) / self.knee), position) if self.knee else position


def scale_of(plan: requests.Plan) -> AxisScale:
    """The scale of the axis of a run of `plan`."""
    return AxisScale(plan.low, plan.high, KNEE if isinstance(plan.schedule, sampling.VarianceExploding) else 0.0)
