"""What every kind of data has in common: a part of it is a source of pictures, and of a class for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import U8
from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.text import tr
from diffviz.engine.runtime import available_bytes

LARGEST = 512
Values = NDArray[np.int64] | NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Target:
    """What pictures are brought to: `size` (height, width) and `channels`; None and 0 leave them as they are."""

    size: tuple[int, int] | None = None
    channels: int = 0


@dataclass(slots=True, eq=False)
class DecodedPictures:
    """Pictures uint8 (N, C, H, W) as they were read, with what is to be said of that."""

    images: U8
    notes: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


class DataPart(Protocol):
    """One part of the data, training or test."""

    @property
    def path(self) -> Path:
        """Where it is."""

    def labels(self) -> Values | None:
        """The class of every picture, by number or by name (N,); None without classes. Raises `DataUnsuitable`."""

    def class_names(self) -> Sequence[str]:
        """Names of classes 0, 1, … where the data itself says them."""

    def pictures(self, wanted: Target) -> DecodedPictures:
        """The pictures, in the order of the labels. Raises `DataUnsuitable`."""


def check_side(path: Path, height: int, width: int) -> None:
    """Raise `DataUnsuitable` for pictures that are too large to train on."""
    if max(height, width) > LARGEST:
        text = tr("its images are larger than {n} pixels: choose a smaller size with --size")
        raise DataUnsuitable(path, text.format(n=LARGEST))


def check_least(path: Path, shape: tuple[int, int, int], least: int) -> None:
    """Raise `DataUnsuitable` for images of `shape` (C, H, W) that are too small for a network that halves them."""
    if min(shape[1:]) < least:
        text = tr("its images are of {width} × {height}, at least {n} × {n} are needed: bring them to a larger size")
        raise DataUnsuitable(path, text.format(height=shape[1], width=shape[2], n=least))


def check_memory(path: Path, needed: int) -> None:
    """Raise `DataUnsuitable` for data of more bytes than this machine can hold now."""
    there = available_bytes()
    if there is not None and needed > there:
        text = tr("it takes {needed:.1f} GB of memory, and {there:.1f} GB are free: choose a smaller --size, or fewer")
        raise DataUnsuitable(path, text.format(needed=needed / 1e9, there=there / 1e9))


def unreadable(path: Path, reason: str) -> DataUnsuitable:
    """The error for a damaged file `path`."""
    return DataUnsuitable(path, tr("it cannot be read ({error})").format(error=tr(reason)))
