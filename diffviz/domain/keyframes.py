"""Keyframes: the checkpoints of a run, thinned out so that they stay within a bound."""

from __future__ import annotations

import bisect

from diffviz.domain.frames import Checkpoint
from diffviz.domain.store import Budget

MOST = 64
MOST_BYTES = 64 << 20
FEWEST = 4


class Keyframes:
    """Checkpoints of one run in ascending order.

    Where there are too many, the one between the nearest two others goes: the first and the newest stay, and the rest
    stand about evenly. Their bytes count against `budget`: where it has no room left there are fewer, down to `FEWEST`,
    which are kept in any case.
    """

    def __init__(self, budget: Budget | None = None) -> None:
        self._budget = budget or Budget()
        self._kept: list[Checkpoint] = []

    def __len__(self) -> int:
        return len(self._kept)

    def all(self) -> tuple[Checkpoint, ...]:
        """Those that are kept."""
        return tuple(self._kept)

    def few(self, most_bytes: int) -> tuple[Checkpoint, ...]:
        """All of them where they take no more than `most_bytes`, else the newest alone."""
        return self.all() if self.nbytes <= most_bytes else tuple(self._kept[-1:])

    @property
    def nbytes(self) -> int:
        """Bytes of those that are kept."""
        return sum(len(checkpoint.data) for checkpoint in self._kept)

    def add(self, checkpoint: Checkpoint) -> None:
        """Keep `checkpoint`; one of the same position is replaced."""
        at = bisect.bisect_left(self._positions(), checkpoint.position)
        if at < len(self._kept) and self._kept[at].position == checkpoint.position:
            self._drop(at)
        self._kept.insert(at, checkpoint)
        room = self._budget.take_anyway(len(checkpoint.data))
        while len(self._kept) > MOST or (len(self._kept) > FEWEST and not (room and self.nbytes <= MOST_BYTES)):
            self._drop(self._least_missed())
            room = self._budget.take_anyway(0)

    def clear(self) -> None:
        """Forget all of them and give their memory back."""
        while self._kept:
            self._drop(-1)

    def before(self, position: float) -> Checkpoint | None:
        """The last one at or before `position`."""
        at = bisect.bisect_right(self._positions(), position)
        return self._kept[at - 1] if at else None

    def _least_missed(self) -> int:
        at = self._positions()
        return min(range(1, len(at) - 1), key=lambda i: at[i + 1] - at[i - 1])

    def _drop(self, at: int) -> None:
        self._budget.give_back(len(self._kept.pop(at).data))

    def _positions(self) -> list[float]:
        return [checkpoint.position for checkpoint in self._kept]
