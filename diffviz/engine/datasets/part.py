"""What every kind of data has in common: a part of it is a source of pictures, and of a class for each of them.

The parts of a data set, training and test, by the names that people give them.

A data set in memory, as training and evaluation use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32, U8
from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.text import tr
from diffviz.engine import available_bytes

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


TRAIN, TEST = "train", "test"
# Each part with its names, the better one first: where there are two, the other one is not used.
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        TRAIN: ("train", "training", "trainset", "trn"),
        TEST: ("test", "testing", "testset", "t10k", "val", "valid", "validation", "eval", "evaluation", "dev"),
    }
)
T = TypeVar("T")


def part_of(name: str) -> str:
    """The part, "train" or "test", that `name` stands for in any case; "" where it stands for none."""
    return next((part for part, names in NAMES.items() if name.casefold() in names), "")


def best(named: Iterable[tuple[str, T]]) -> tuple[dict[str, T], list[str]]:
    """Of things with the names of parts, the best named one of each part, and the names of the others."""
    by_name = {name.casefold(): (name, thing) for name, thing in named}
    chosen: dict[str, T] = {}
    left = set(by_name)
    for part, names in NAMES.items():
        name = next((name for name in names if name in by_name), None)
        if name is not None:
            chosen[part] = by_name[name][1]
            left.discard(name)
    return chosen, sorted(by_name[name][0] for name in left)


def are_parts(names: Iterable[str]) -> bool:
    """Whether folders of these names are the parts of a data set, not classes of which one happens to be "train"."""
    parts = [part_of(name) for name in names]
    return bool(parts) and all(parts)


def stem(path: Path) -> str:
    """Name of the file `path` without its endings."""
    return path.name.split(".", 1)[0]


HELD_OUT = 10


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """Images uint8 (N, C, H, W) with labels int64 (N,) and the names of the classes (empty: no classes).

    `notes` are sentences on what was guessed, changed or left out when it was read, `passed_over` on what is no data.
    """

    name: str
    images: U8
    labels: NDArray[np.int64]
    classes: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    notes: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of an image."""
        _, channels, height, width = self.images.shape
        return channels, height, width

    def __len__(self) -> int:
        return len(self.images)

    def parted(self) -> tuple[TrainingSet, TrainingSet]:
        """Those to train on, and every `HELD_OUT`-th, which are held out. Of one picture alone both are that."""
        held = np.arange(len(self)) % HELD_OUT == 0
        note = tr("No test part: {n:,} of its {all:,} images are held out of training.")
        kept = held if held.all() else ~held
        notes = (*self.notes, note.format(n=int(held.sum()), all=len(self)))
        train = replace(self, images=self.images[kept], labels=self.labels[kept], notes=notes)
        return train, replace(self, images=self.images[held], labels=self.labels[held])

    def in_order(self, classes: Sequence[str]) -> TrainingSet:
        """The same with its classes in the order of `classes`, where these are the same."""
        if tuple(classes) == self.classes or sorted(classes) != sorted(self.classes):
            return self
        places = np.array([list(classes).index(name) for name in self.classes])
        return replace(self, classes=tuple(classes), labels=places[self.labels])


def to_unit(images: U8) -> F32:
    """uint8 0 … 255 to float32 −1 … 1."""
    return images.astype(np.float32) / np.float32(127.5) - np.float32(1)
