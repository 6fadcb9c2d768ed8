"""Rows of numbers that come one after the other: room doubles, so that appending takes no longer as there are more."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64

FIRST = 64


class Rows:
    """Rows of `width` float64 each. A look at them stays as it is while more are appended."""

    def __init__(self, width: int) -> None:
        self._room = np.empty((FIRST, width))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> F64:
        """All rows (N, width), read-only."""
        seen = self._room[: self._count]
        seen.flags.writeable = False
        return seen

    def extend(self, rows: ArrayLike) -> None:
        """Append `rows` (K, width)."""
        new = np.asarray(rows, np.float64)
        new = new.reshape(-1, self._room.shape[1]) if new.size else np.empty((0, self._room.shape[1]))
        needed = self._count + len(new)
        if needed > len(self._room):
            larger = np.empty((max(needed, 2 * len(self._room)), self._room.shape[1]))
            larger[: self._count] = self._room[: self._count]
            self._room = larger
        self._room[self._count : needed] = new
        self._count = needed
