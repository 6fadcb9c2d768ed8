"""How an axis is spread over its length: evenly, where noise grows over decades by its logarithm, or by what grows
along it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
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
ENOUGH = 3
TINY = 1e-9
MINUS = "−"
Form = Callable[[float], str]
Seen = tuple[float, float]
Breaks = tuple[tuple[float, float], ...]


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

    def ticks(self, count: float, seen: Seen | None = None) -> list[float]:
        """Round positions, about `count` of them at most, of all or of what is `seen`, from one position to another."""
        low, high = seen or (self.low, self.high)
        if self.knee and (seen is None or self._whole_decades(low, high)):
            return self._decades(count, seen)
        return ticks(low, high, round_step(high - low or 1.0, count))

    def small_ticks(self, count: float, seen: Seen | None = None) -> list[float]:
        """Round positions between `ticks(count, seen)`."""
        low, high = seen or (self.low, self.high)
        if self.knee and (seen is None or self._whole_decades(low, high)):
            return [n * power for power in self._powers for n in range(1, DECADE) if low <= n * power <= high]
        return ticks(low, high, round_step(high - low or 1.0, count) / 5)

    def text(self, position: float, form: Form) -> str:
        """What is written at `position`, as `form` writes positions."""
        return form(position)

    @property
    def breaks(self) -> Breaks:
        """None: it shows what it is, all the way."""
        return ()

    @property
    def _powers(self) -> list[float]:
        """The powers of ten above the knee."""
        return [10.0**n for n in range(math.ceil(math.log10(self.knee)), math.floor(math.log10(self.high)) + 1)]

    def _whole_decades(self, low: float, high: float) -> bool:
        """Whether powers of ten tell enough of what is seen."""
        return sum(low <= power <= high for power in self._powers) >= ENOUGH

    def _decades(self, count: float, seen: Seen | None) -> list[float]:
        """The ends, powers of ten between them, thrice them where there is room."""
        steps = (1, 3) if 2 * len(self._powers) + 2 <= count else (1,)
        between = (n * power for power in self._powers for n in steps)
        if seen is not None:
            return [t for t in between if seen[0] <= t <= seen[1]]
        return [self.low, *(t for t in between if NEAR_END < self.share(t) < 1 - NEAR_END), self.high]

    def _bent(self, position: float) -> float:
        return math.copysign(math.log1p(abs(position) / self.knee), position) if self.knee else position


@dataclass(frozen=True, slots=True, eq=False)
class TabledScale:
    """Positions spread by another quantity, that rises or falls along them all the way: linearly between nodes.

    At the ascending nodes `at` (n,) it has the `values` (n,) and they lie on the ascending `spots` (n,), 0 … 1. A first
    or last value may be ±∞, or nan, where there is none: that end is `breaks`, as far as the node beside it. Values are
    `whole` numbers or any.
    """

    at: F64
    spots: F64
    values: F64
    whole: bool = False

    @property
    def low(self) -> float:
        """The smallest position."""
        return float(self.at[0])

    @property
    def high(self) -> float:
        """The largest position."""
        return float(self.at[-1])

    def share(self, position: float) -> float:
        """Where `position` lies, 0 or 1 where it is beyond the ends."""
        return float(np.interp(position, self.at, self.spots))

    def shares(self, positions: F64) -> F64:
        """Where each of `positions` lies."""
        return np.asarray(np.interp(positions, self.at, self.spots))

    def position(self, share: float) -> float:
        """What lies at `share`, the inverse of `share`."""
        return float(np.interp(share, self.spots, self.at))

    def ticks(self, count: float, seen: Seen | None = None) -> list[float]:
        """Positions of round values, about `count` of them at most, and of ends that have none."""
        found, (low, high) = self._round(count, 1, seen), seen or (self.low, self.high)
        ends = [end for end in self._endless if low <= end <= high]
        return sorted((*found, *ends))

    def small_ticks(self, count: float, seen: Seen | None = None) -> list[float]:
        """Positions of round values between `ticks(count, seen)`."""
        return self._round(count, 5, seen)

    def text(self, position: float, form: Form) -> str:  # noqa: ARG002  of the other kind of scale
        """The value at `position`; ∞ at an end where it is endless, nothing where there is none."""
        value = self.value(position)
        if math.isnan(value):
            return ""
        if math.isinf(value):
            return "∞" if value > 0 else f"{MINUS}∞"
        return f"{round(value) if self.whole else value:.4g}".replace("-", MINUS) if abs(value) > TINY else "0"

    def value(self, position: float) -> float:
        """The quantity at `position`, interpolated between nodes; an infinite one up to the node beside it."""
        if position in (self.low, self.high):
            return float(self.values[0 if position == self.low else -1])
        known = np.isfinite(self.values)
        return float(np.interp(position, self.at[known], self.values[known]))

    @property
    def breaks(self) -> Breaks:
        """The shares from one to another that stand for an end without a finite value."""
        ends = ((0, 1), (-2, -1))
        return tuple(
            (float(self.spots[a]), float(self.spots[b]))
            for a, b in ends
            if not (math.isfinite(self.values[a]) and math.isfinite(self.values[b]))
        )

    @property
    def _endless(self) -> list[float]:
        return [float(self.at[end]) for end in (0, -1) if math.isinf(self.values[end])]

    def _round(self, count: float, parts: int, seen: Seen | None) -> list[float]:
        """Positions of the multiples of a round step, divided into `parts`, between the values of what is seen."""
        known = np.isfinite(self.values)
        at, values = self.at[known], self.values[known]
        low, high = sorted(np.interp(seen or (self.low, self.high), at, values).tolist())
        step = max(round_step(high - low or 1.0, count), 1.0 if self.whole else 0.0) / parts
        rising = 1 if values[-1] >= values[0] else -1
        wanted = ticks(low, high, max(step, 1.0) if self.whole else step)
        return sorted(np.interp(wanted, values[::rising], at[::rising]).tolist())


Scale = AxisScale | TabledScale
"""How an axis is spread over its length."""


def scale_of(plan: requests.Plan) -> AxisScale:
    """The scale of the axis of a run of `plan`."""
    return AxisScale(plan.low, plan.high, KNEE if isinstance(plan.schedule, sampling.VarianceExploding) else 0.0)
