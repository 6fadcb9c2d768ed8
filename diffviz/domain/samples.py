"""Sample pictures that ship with the program: of the data sets that the bundled models were trained on.

The test pictures are those that are shown and chosen; the training pictures are what samples are held against.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffviz import paths
from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.requests import TEST, digest
from diffviz.domain.text import mark, tr

ABOUT = "dataset.json"


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Labelled pictures: `images` uint8 (N, H, W) or (N, H, W, 3), `labels` int64 (N,), indices into `classes`."""

    name: str
    classes: tuple[str, ...]
    images: NDArray[np.uint8]
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
    return tuple(name for name, _ in _folders())


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


def about(name: str) -> Mapping[str, Any]:
    """What `dataset.json` says of data set `name`. Raises `DataUnsuitable`."""
    return _about(folder_of(name))


def located(names: Sequence[str]) -> tuple[str, tuple[int, ...]] | None:
    """Folder name of the data set that has all pictures of SHA-256 `names`, and their numbers; None where none has."""
    for _, each in _folders():
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
    about = _about(folder)
    classes = tuple(str(name) for name in about.get("classes") or ())
    if len(labels) and not 0 <= labels.min() <= labels.max() < max(1, len(classes)):
        raise DataUnsuitable(path, tr("labels must lie from 0 to {last}").format(last=len(classes) - 1))
    return Dataset(str(about.get("name") or folder.name), classes, images, labels)


def _arrays(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            images, labels = np.asarray(file["images"]), np.asarray(file["labels"])
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataUnsuitable(path, tr("it cannot be read ({error})").format(error=error)) from error
    grey, colour = images.ndim == 3, images.ndim == 4 and images.shape[-1] == 3
    if images.dtype != np.uint8 or not (grey or colour) or labels.shape != images.shape[:1] or not len(images):
        raise DataUnsuitable(path, mark("it needs uint8 images (N, H, W) or (N, H, W, 3) and as many labels"))
    images.flags.writeable = False
    return images, labels.astype(np.int64)


def _about(folder: Path) -> dict[str, Any]:
    path = folder / ABOUT
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataUnsuitable(path, tr("it cannot be read ({error})").format(error=error)) from error
    if not isinstance(raw, dict):
        raise DataUnsuitable(path, mark("it is not a JSON object"))
    return raw


def _folder(name: str) -> Path | None:
    """Folder of the data set that calls itself `name`, or whose folder is called so."""
    wanted = name.casefold()
    return next((f for title, f in _folders() if wanted in (title.casefold(), f.name.casefold())), None)


def _folders() -> list[tuple[str, Path]]:
    root = _root()
    if not root.is_dir():
        return []
    return [(_title(f), f) for f in sorted(root.iterdir()) if (f / ABOUT).is_file()]


def _title(folder: Path) -> str:
    try:
        return str(_about(folder).get("name") or folder.name)
    except DataUnsuitable:
        return folder.name


def _root() -> Path:
    return paths.resources() / "samples"
