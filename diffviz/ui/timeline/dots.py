"""Which steps of a run have a dot on its curves: those that are planned with room for a dot each, and have come."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.ui.timeline.axis import AxisMap, every
from diffviz.ui.timeline.track import RunProgress

ROOM = 7.0


def come(track: RunProgress, across: AxisMap, known: Sequence[float] = ()) -> F64:
    """The positions of `track` that have come and are to have a dot, without those that are `known`."""
    left_out = set(known)
    return np.asarray([p for p in _dotted(track, across) if track.has(p) and p not in left_out])


class DotCounts:
    """How many dots the tracks that are shown have, counted once for each look at a run."""

    def __init__(self) -> None:
        self._counts: dict[tuple[RunProgress, AxisMap], int] = {}

    def of(self, track: RunProgress, across: AxisMap, shown: Sequence[RunProgress | None]) -> int:
        """The number of `track`; those of tracks that are no longer `shown` are forgotten."""
        key = (track, across)
        if key not in self._counts:
            self._counts = {known: count for known, count in self._counts.items() if known[0] in shown}
            self._counts[key] = sum(map(track.has, _dotted(track, across)))
        return self._counts[key]


def _dotted(track: RunProgress, across: AxisMap) -> list[float]:
    """Planned positions with room for a dot each."""
    planned = track.planned
    length = abs(across.to_px(planned[-1]) - across.to_px(planned[0]))
    return list(planned[:: every(length / max(1, len(planned) - 1), ROOM)])
