"""Rows of numbers that come one after the other: room doubles, so that appending takes no longer as there are more."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64
from diffviz.domain.frames import Frame

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


@dataclass(frozen=True, slots=True, eq=False)
class FigureColumns:
    """Named numbers (N,) at `positions` (N,), ascending; a look at what grows, that stays as it is."""

    positions: F64
    columns: Mapping[str, F64]

    def __getitem__(self, name: str) -> F64:
        return self.columns[name]


class ColumnReader:
    """Reads the numbers `names` of every frame: `values(frame)` in their order. A `FigureReader`."""

    def __init__(self, names: Sequence[str], values: Callable[[Frame], Sequence[float]]) -> None:
        self._names, self._values = tuple(names), values
        self._rows = Rows(1 + len(self._names))
        self._seen: FigureColumns | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, frame: Frame, begin: float = -math.inf, end: float = math.inf) -> None:
        """Append the numbers of the next `frame`; frames come along the axis, in either direction."""
        if begin <= frame.position < end:
            self._rows.extend([(frame.position, *self._values(frame))])
            self._seen = None

    @property
    def figures(self) -> FigureColumns:
        """What has been read: the same object until more is."""
        if self._seen is None:
            rows = self._rows.values
            rows = rows[::-1] if len(rows) and rows[0, 0] > rows[-1, 0] else rows
            self._seen = FigureColumns(rows[:, 0], {name: rows[:, i + 1] for i, name in enumerate(self._names)})
        return self._seen
