"""Values of pictures as 256 levels, by one rule wherever they come from.

8 bits are taken as they are. Other values say by their range what they mean, over all pictures of a set together:

| found | black … white |
| --- | --- |
| floating-point numbers from 0 to 1 | 0 … 1 |
| floating-point numbers from −1 to 1 | −1 … 1, which is said |
| other numbers from 0 up | 0 … 2ⁿ − 1, the first n of `DEPTHS` that holds them; said where it is not the file's own |
| what remains | the smallest … the largest, which is said |
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import U8
from diffviz.domain.levels import levels
from diffviz.domain.text import tr

DEPTHS = (1, 8, 10, 12, 14, 16, 24, 32)
ROUNDING = 1e-3
CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class ValueRange:
    """Range of the finite values of some pictures.

    `whole` says that they are integers, `unknown` that some are not finite; `room` is how many bits they are stored in
    and `bits` how many their file says that they have, 0 where that is not known. `low` is greater than `high` where no
    value is finite.
    """

    low: float
    high: float
    whole: bool
    unknown: bool = False
    room: int = 0
    bits: int = 0

    def with_(self, other: ValueRange) -> ValueRange:
        """The range of both."""
        return ValueRange(
            min(self.low, other.low),
            max(self.high, other.high),
            self.whole and other.whole,
            self.unknown or other.unknown,
            self.room if self.room == other.room else 0,
            self.bits if self.bits == other.bits else 0,
        )


@dataclass(frozen=True, slots=True)
class LevelScale:
    """Which values are black and white. `notes` are sentences on what had to be guessed."""

    black: float
    white: float
    notes: tuple[str, ...] = ()

    def levels(self, values: NDArray[np.generic]) -> U8:
        """`values` as levels from 0 to 255, rounded; what is no number is mid-grey."""
        return levels(values, self.black, max(self.white, np.nextafter(self.black, np.inf)))


def extent(values: NDArray[np.generic], bits: int = 0) -> ValueRange:
    """The range of `values`, numbers of any kind. Reads an array on a disk part by part."""
    flat = values.reshape(-1)
    parts = (_extent(np.asarray(flat[i : i + CHUNK]), bits) for i in range(0, max(1, len(flat)), CHUNK))
    return joined(parts)


def joined(extents: Iterable[ValueRange]) -> ValueRange:
    """The range of them all, at least one."""
    return reduce(ValueRange.with_, extents)


def _extent(values: NDArray[np.generic], bits: int) -> ValueRange:
    if values.dtype.kind in "bui":
        room = {"b": 1, "u": 8 * values.dtype.itemsize}.get(values.dtype.kind, 0)
        return ValueRange(int(values.min()), int(values.max()), True, False, room, bits)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (np.inf, -np.inf)
    return ValueRange(low, high, False, finite.size < values.size, 0, bits)


def scale_of(found: ValueRange) -> LevelScale:
    """How values in the range `found` become levels."""
    scale = _scale(found)
    if not found.unknown:
        return scale
    return LevelScale(scale.black, scale.white, (*scale.notes, tr("Values that are no numbers are mid-grey.")))


def _scale(found: ValueRange) -> LevelScale:
    low, high = found.low, found.high
    if low > high:
        return LevelScale(0, 1)
    if not found.whole and low >= -ROUNDING and high <= 1 + ROUNDING:
        return LevelScale(0, 1)
    if not found.whole and low >= -1 - ROUNDING and high <= 1 + ROUNDING:
        text = tr("The values reach from {low:.3g} to {high:.3g}: −1 is black, 1 is white.")
        return LevelScale(-1, 1, (text.format(low=low, high=high),))
    if low >= 0 and high < 2 ** DEPTHS[-1]:
        return _of_depth(found)
    text = tr("The values reach from {low:.6g} to {high:.6g}: the smallest is black, the largest is white.")
    return LevelScale(low, high, (text.format(low=low, high=high),))


def _of_depth(found: ValueRange) -> LevelScale:
    if found.bits and found.high < 2**found.bits:
        return LevelScale(0, 2**found.bits - 1)
    bits = next(n for n in DEPTHS if found.high < 2**n)
    if bits == found.room:
        return LevelScale(0, 2**bits - 1)
    text = tr("The values reach from {low:.6g} to {high:.6g} and are taken as of {bits} bits: {white} is white.")
    white = 2**bits - 1
    return LevelScale(0, white, (text.format(low=found.low, high=found.high, bits=bits, white=white),))
