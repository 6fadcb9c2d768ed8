"""Keyframes: the checkpoints of a run, thinned out so that they stay within a bound."""

from __future__ import annotations

import bisect

from diffviz.domain.frames import Checkpoint

MOST = 64
MOST_BYTES = 64 << 20
FEWEST = 4


class Keyframes:
    """Checkpoints of one run in ascending order.

    Where there are too many, every other one goes: the first and the newest stay, and any step is never farther from a
    keyframe before it than twice the distance that they came in, doubled with each thinning.
    """

    def __init__(self) -> None:
        self._kept: list[Checkpoint] = []

    def __len__(self) -> int:
        return len(self._kept)

    def all(self) -> tuple[Checkpoint, ...]:
        """Those that are kept."""
        return tuple(self._kept)

    @property
    def nbytes(self) -> int:
        """Bytes of those that are kept."""
        return sum(len(checkpoint.data) for checkpoint in self._kept)

    def add(self, checkpoint: Checkpoint) -> None:
        """Keep `checkpoint`; one of the same position is replaced."""
        at = bisect.bisect_left(self._positions(), checkpoint.position)
        if at < len(self._kept) and self._kept[at].position == checkpoint.position:
            self._kept[at] = checkpoint
        else:
            self._kept.insert(at, checkpoint)
        while len(self._kept) > MOST or (self.nbytes > MOST_BYTES and len(self._kept) > FEWEST):
            self._kept = [c for i, c in enumerate(self._kept) if i % 2 == 0 or i == len(self._kept) - 1]

    def before(self, position: float) -> Checkpoint | None:
        """The last one at or before `position`."""
        at = bisect.bisect_right(self._positions(), position)
        return self._kept[at - 1] if at else None

    def _positions(self) -> list[float]:
        return [checkpoint.position for checkpoint in self._kept]
