"""What D says as a leaning, from −1, surely generated, to 1, surely real: the scale of its colours, for every picture.

The loss decides whether D's answer is a probability, and so how far from its threshold it is sure; the answers do not:
a critic's may happen to lie between 0 and 1. A WGAN critic is never sure, and is measured by its own answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64
from diffviz.domain.gan import GanFrame

PROBABILITIES = frozenset({"saturating", "non_saturating"})
"""Losses whose D says a probability."""
REACHES: Mapping[str, float] = MappingProxyType(
    {"saturating": 0.5, "non_saturating": 0.5, "least_squares": 0.5, "hinge": 1.0}
)
"""How far from the threshold D is sure, by loss; a WGAN critic has no such value."""
MOST = 0.9


@dataclass(frozen=True, slots=True)
class Leaning:
    """Answers `centre` ± `reach` as −1 … 1; `bounded` where they are probabilities."""

    centre: float = 0.5
    reach: float = 0.5
    bounded: bool = True

    def of(self, answers: ArrayLike) -> F64:
        """The leanings of `answers`, in their shape; 0 where one is not a number."""
        shares = (np.asarray(answers, np.float64) - self.centre) / self.reach
        found: F64 = np.clip(np.nan_to_num(shares, nan=0.0), -1, 1)
        return found


def leaning(loss: str, frame: GanFrame, reach: float | None = None) -> Leaning:
    """How what D says in `frame` is to be coloured; `reach` is that of a film, see `reach_of`."""
    bounded = loss in PROBABILITIES
    return Leaning(0.5 if bounded else frame.threshold, reach or reach_of(loss, (frame,)), bounded)


def reach_of(loss: str, frames: Iterable[GanFrame]) -> float:
    """How far from the threshold D is sure, one for all `frames`; of a critic what nine in ten answers keep within."""
    if loss in REACHES:
        return REACHES[loss]
    gaps = [np.abs(np.concatenate([frame.d_real, frame.d_fake]) - frame.threshold) for frame in frames]
    known = np.concatenate([np.empty(0), *(gap[np.isfinite(gap)] for gap in gaps)])
    return max(float(np.quantile(known, MOST)) if len(known) else 1.0, 1e-6)
