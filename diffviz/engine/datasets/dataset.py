"""A data set in memory, as training and evaluation use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32, U8


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

    def in_order(self, classes: Sequence[str]) -> TrainingSet:
        """The same with its classes in the order of `classes`, where these are the same."""
        if tuple(classes) == self.classes or sorted(classes) != sorted(self.classes):
            return self
        places = np.array([list(classes).index(name) for name in self.classes])
        return replace(self, classes=tuple(classes), labels=places[self.labels])


def to_unit(images: U8) -> F32:
    """uint8 0 … 255 to float32 −1 … 1."""
    return images.astype(np.float32) / np.float32(127.5) - np.float32(1)
