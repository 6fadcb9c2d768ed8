"""Arrays: their kinds by name, floats as bytes, and looks at sequences that only grow.

The kinds of arrays there are, by name.

Numbers as bytes of a picture: the one way from floats to 8 bits, for the window, files and cards.

What is not a number is mid-grey in a picture and clear in a layer over one, never black or white; infinities are the
ends of the range. What is stored as numbers keeps its nan.

Looks at sequences that only grow: taken in no time, and the same for good while more is appended.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import neg
from typing import Any, Generic, Protocol, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]


MIDDLE = 128
"""Also what 0 is in the data range −1 … 1."""


def levels(values: ArrayLike, low: float = -1.0, high: float = 1.0) -> U8:
    """`values` from `low` to `high` as 0 … 255, rounded to the nearest and clipped, in their shape.

    For −1 … 1 the inverse of p / 127.5 − 1.
    """
    factor = 255 / (high - low)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.atleast_1d(np.asarray(values, np.float32) * np.float32(factor))
        scaled += np.float32(0.5 - low * factor)  # half a level: the bytes are truncated
    np.clip(scaled, 0, 255, out=scaled)
    if scaled.size and np.isnan(scaled.min()):  # the least of some numbers and a nan is nan
        scaled[np.isnan(scaled)] = MIDDLE
    return scaled.astype(np.uint8).reshape(np.shape(values))


def opacities(shares: ArrayLike, most: float = 1.0) -> U8:
    """`shares` 0 … 1 of the opacity `most` (0 … 1), in their shape."""
    return levels(np.nan_to_num(np.asarray(shares), nan=0.0) * most, 0.0, 1.0)


Item = TypeVar("Item")
Given = TypeVar("Given", covariant=True)


class ByNumber(Protocol[Given]):
    """What has items by their number, from 0 on."""

    def __getitem__(self, index: int, /) -> Given:
        """Item number `index`."""


class Part(Sequence[Item], Generic[Item]):
    """The items `first` … `last` − 1 of `whole`, or those `backwards`; nothing before `last` may change in `whole`."""

    __slots__ = ("_backwards", "_first", "_last", "_whole")

    def __init__(self, whole: ByNumber[Item], first: int, last: int, *, backwards: bool = False) -> None:
        self._whole, self._first, self._last, self._backwards = whole, first, max(first, last), backwards

    def __len__(self) -> int:
        return self._last - self._first

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        at = _within(index, len(self))
        return self._whole[self._last - 1 - at if self._backwards else self._first + at]

    def bisected(self: Part[float], position: float) -> int:
        """How many of these numbers, ascending, lie below `position`: in a list that is looked at directly."""
        whole: Any = self._whole
        if self._backwards:
            return self._last - bisect_right(whole, -position, self._first, self._last, key=neg)
        return bisect_left(whole, position, self._first, self._last) - self._first


class Chain(Sequence[Item], Generic[Item]):
    """The items of a few sequences, one after the other."""

    __slots__ = ("_lengths", "_parts")

    def __init__(self, parts: Sequence[Sequence[Item]]) -> None:
        self._parts = [part for part in parts if len(part)]
        self._lengths = [len(part) for part in self._parts]

    def __len__(self) -> int:
        return sum(self._lengths)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        at = _within(index, len(self))
        for part, length in zip(self._parts, self._lengths, strict=True):
            if at < length:
                return part[at]
            at -= length
        raise IndexError(index)


def count_below(ascending: Sequence[float], position: float) -> int:
    """How many of `ascending` lie below `position`."""
    return ascending.bisected(position) if isinstance(ascending, Part) else bisect_left(ascending, position)


def nearest_index(ascending: Sequence[float], position: float) -> int:
    """Index of the one of `ascending`, at least one, nearest to `position`; of two as near the larger one."""
    right = min(count_below(ascending, position), len(ascending) - 1)
    left = max(right - 1, 0)
    return left if abs(ascending[left] - position) < abs(ascending[right] - position) else right


def _within(index: int, length: int) -> int:
    if not -length <= index < length:
        raise IndexError(index)
    return index % length
