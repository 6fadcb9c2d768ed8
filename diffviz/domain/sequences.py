"""Looks at sequences that only grow: taken in no time, and the same for good while more is appended."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar, overload

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


def nearest_index(ascending: Sequence[float], position: float) -> int:
    """Index of the one of `ascending`, at least one, nearest to `position`; of two as near the larger one."""
    right = min(bisect_left(ascending, position), len(ascending) - 1)
    left = max(right - 1, 0)
    return left if abs(ascending[left] - position) < abs(ascending[right] - position) else right


def _within(index: int, length: int) -> int:
    if not -length <= index < length:
        raise IndexError(index)
    return index % length
