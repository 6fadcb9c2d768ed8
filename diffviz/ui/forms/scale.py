"""Scales: how a number lies on a slider, is rounded there, stepped by a key and written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from diffviz.domain.settings import Bounds

WIDE_RATIO = 100
DIVISIONS = 100
KEYS_PER_DECADE = 20
DIGITS = 2


@dataclass(frozen=True, slots=True)
class NumberScale:
    """Numbers from `low` to `high`, rounded to `step`; with `log` they lie by their logarithm and have two digits."""

    low: float
    high: float
    step: float
    log: bool
    whole: bool

    @classmethod
    def of(cls, bounds: Bounds, *, whole: bool) -> NumberScale:
        """The scale of a setting with `bounds`, logarithmic where it says so or spans a wide range of whole numbers."""
        log = bounds.log or (whole and bounds.low > 0 and bounds.high / bounds.low >= WIDE_RATIO)
        step = bounds.step or (1.0 if whole else (bounds.high - bounds.low) / DIVISIONS)
        return cls(bounds.low, bounds.high, step, log, whole)

    def share(self, value: float) -> float:
        """Where `value` lies, 0 at the low end and 1 at the high end."""
        if self.log:
            value = max(value, self.low)
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0

    def value(self, share: float) -> float:
        """The rounded number at `share` of the way."""
        share = min(max(share, 0.0), 1.0)
        if self.log:
            return self._within(self._rounded(self.low * (self.high / self.low) ** share))
        steps = round(share * (self.high - self.low) / self.step)
        return self._within(self.low + steps * self.step)

    def stepped(self, value: float, steps: int) -> float:
        """The number `steps` key presses away from `value`."""
        if not self.log or self.whole:
            return self._within(value + steps * self.step)
        return self._within(self._rounded(value * 10 ** (steps / KEYS_PER_DECADE)))

    @property
    def decimals(self) -> int:
        """Decimals that an editor must keep."""
        if self.whole:
            return 0
        return 8 if self.log else max(2, 2 - math.floor(math.log10(self.step)))

    def text(self, value: float) -> str:
        """`value` as it is written: at least two decimals, or three digits on a logarithmic scale."""
        if self.log:
            return f"{value:.3g}"
        plain = f"{value:.{self.decimals}f}".rstrip("0")
        whole, _, rest = plain.partition(".")
        return f"{whole}.{rest.ljust(2, '0')}"

    def _rounded(self, value: float) -> float:
        rounded = float(f"{value:.{DIGITS}g}")
        return float(round(rounded)) if self.whole else rounded

    def _within(self, value: float) -> float:
        return min(max(round(value, 12), self.low), self.high)
