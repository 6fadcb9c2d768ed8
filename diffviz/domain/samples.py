"""Sample pictures that ship with the program: of the data sets that the bundled models were trained on.

The test pictures are those that are shown and chosen; the training pictures are what samples are held against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diffviz import paths
from diffviz.domain.arrays import U8
from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.requests import TEST, digest
from diffviz.domain.serialization import Count, Line, Lines, Text, Wire, convert, decode, opened, read_bytes, reading
from diffviz.domain.text import mark, tr

ABOUT = "dataset.json"
LARGEST_ABOUT = 1 << 20


class Info(Wire):
    """What `dataset.json` says of a data set; `counts` are the pictures by part, `shape` is (C, H, W)."""

    name: Line | None = None
    classes: Lines | None = None
    source: Text | None = None
    licence: Text | None = None
    counts: dict[Line, Count] | None = None
    shape: tuple[Count, Count, Count] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Labelled pictures: `images` uint8 (N, H, W) or (N, H, W, 3), `labels` int64 (N,), indices into `classes`."""

    name: str
    classes: tuple[str, ...]
    images: U8
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one picture, (H, W) or (H, W, 3)."""
        return self.images.shape[1:]

    @property
    def dark(self) -> bool:
        """Whether the ground, taken at the pictures' edges, is dark."""
        return bool(np.median(self.images[:256, 0]) < 64)

    def indices(self, label: int | None = None) -> NDArray[np.int64]:
        """Numbers of all pictures, or of those of class `label`."""
        return np.arange(len(self)) if label is None else np.flatnonzero(self.labels == label)

    def one_of_each(self, count: int) -> tuple[int, ...]:
        """Numbers of `count` pictures (fewer where there are not as many), as evenly over the classes as can be."""
        by_class = [self.indices(label) for label in range(len(self.classes))] if self.classes else [self.indices()]
        longest = max(map(len, by_class), default=0)
        turns = (int(group[i]) for i in range(longest) for group in by_class if i < len(group))
        return tuple(number for number, _ in zip(turns, range(count), strict=False))


def datasets() -> tuple[str, ...]:
    """Names of the sample data sets there are."""
    return tuple(name for name, _ in folders())


def has(name: str) -> bool:
    """Whether there are sample pictures of data set `name`."""
    return _folder(name) is not None


def load(name: str, part: str = TEST) -> Dataset:
    """The test or training pictures (`TEST`, `TRAIN`) of data set `name`, read once.

    Raises `DataUnsuitable` where they are missing or damaged.
    """
    return _load(folder_of(name), part)


def file_of(folder: Path, part: str) -> Path:
    """Where the pictures of `part` of the data set in `folder` are."""
    return folder / f"{part}.npz"


def folder_of(name: str) -> Path:
    """Folder of data set `name`, with its train.npz and test.npz. Raises `DataUnsuitable` where there is none."""
    folder = _folder(name)
    if folder is None:
        raise DataUnsuitable(_root() / name, mark("there are no sample pictures of this data set"))
    return folder


def about(name: str) -> Info:
    """What `dataset.json` says of data set `name`. Raises `DataUnsuitable`."""
    return read_info(folder_of(name) / ABOUT)


def read_info(path: Path) -> Info:
    """What the file `path` says of a data set. Raises `DataUnsuitable`."""
    with reading(path, _unreadable):
        return convert(decode(read_bytes(path, LARGEST_ABOUT), LARGEST_ABOUT), Info)


def located(names: Sequence[str]) -> tuple[str, tuple[int, ...]] | None:
    """Folder name of the data set that has all pictures of SHA-256 `names`, and their numbers; None where none has."""
    for _, each in folders():
        numbers = _numbers(each)
        if names and all(name in numbers for name in names):
            return each.name, tuple(numbers[name] for name in names)
    return None


def labels_of(dataset: str, names: Sequence[str]) -> tuple[int | None, ...]:
    """Class of each of the pictures of SHA-256 `names` in data set `dataset`; None for one that is not of it."""
    folder = _folder(dataset)
    numbers = _numbers(folder) if folder else {}
    if not folder or not numbers:
        return (None,) * len(names)
    labels = _load(folder).labels
    return tuple(int(labels[numbers[name]]) if name in numbers else None for name in names)


@lru_cache(maxsize=8)
def _numbers(folder: Path) -> Mapping[str, int]:
    try:
        images = _load(folder).images
    except DataUnsuitable:
        return {}
    # from the last to the first: of equal pictures, the first counts
    return {digest(images[i]): i for i in range(len(images) - 1, -1, -1)}


@lru_cache(maxsize=8)
def _load(folder: Path, part: str = TEST) -> Dataset:
    path = file_of(folder, part)
    images, labels = _arrays(path)
    info = read_info(folder / ABOUT)
    classes = info.classes or ()
    if len(labels) and not 0 <= labels.min() <= labels.max() < max(1, len(classes)):
        raise DataUnsuitable(path, tr("labels must lie from 0 to {last}").format(last=len(classes) - 1))
    return Dataset(info.name or folder.name, classes, images, labels)


def _arrays(path: Path) -> tuple[U8, NDArray[np.int64]]:
    with reading(path, _unreadable), opened(path) as raw, np.load(raw, allow_pickle=False) as file:
        images, labels = np.asarray(file["images"]), np.asarray(file["labels"])
    grey, colour = images.ndim == 3, images.ndim == 4 and images.shape[-1] == 3
    if images.dtype != np.uint8 or not (grey or colour) or labels.shape != images.shape[:1] or not len(images):
        raise DataUnsuitable(path, mark("it needs uint8 images (N, H, W) or (N, H, W, 3) and as many labels"))
    images.flags.writeable = False
    return images, labels.astype(np.int64)


def _unreadable(path: Path, reason: str) -> DataUnsuitable:
    return DataUnsuitable(path, tr("it cannot be read ({error})").format(error=tr(reason)))


def _folder(name: str) -> Path | None:
    """Folder of the data set that calls itself `name`, or whose folder is called so."""
    wanted = name.casefold()
    return next((f for title, f in folders() if wanted in (title.casefold(), f.name.casefold())), None)


def folders() -> list[tuple[str, Path]]:
    """Name and folder of each of the sample data sets there are."""
    root = _root()
    if not root.is_dir():
        return []
    return [(_title(f), f) for f in sorted(root.iterdir()) if (f / ABOUT).is_file()]


def _title(folder: Path) -> str:
    try:
        return read_info(folder / ABOUT).name or folder.name
    except DataUnsuitable:
        return folder.name


def _root() -> Path:
    return paths.resources() / "samples"
