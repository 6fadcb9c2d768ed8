"""Arrays with names, in an .npz file, an .npy file or a folder of these: which are the pictures, which the labels.

Nothing is unpickled, and nothing is decoded before its header says that it fits into memory.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.serialization import opened, reading
from diffviz.domain.text import mark, tr
from diffviz.engine.datasets.arrays import check_pictures, is_pictures, pictures_of, shown, values_of
from diffviz.engine.datasets.part import (
    NAMES,
    TEST,
    TRAIN,
    DecodedPictures,
    Target,
    Values,
    check_memory,
    part_of,
    unreadable,
)

# Names of arrays without case, part and separators, the better one first.
IMAGES = ("images", "image", "imgs", "x", "pictures", "data", "samples", "inputs", "features", "arr0", "")
LABELS = ("labels", "label", "y", "targets", "target", "finelabels", "classids", "class", "arr1")
CLASSES = ("classes", "classnames", "labelnames", "names", "categories")
SHOWN = 8
HEADERS: Mapping[tuple[int, int], Callable[..., tuple[tuple[int, ...], bool, np.dtype[np.generic]]]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


@dataclass(frozen=True, slots=True)
class NamedArray:
    """An array by its `name`, not read yet."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    read: Callable[[], NDArray[np.generic]]

    @property
    def split(self) -> tuple[str, str]:
        """The word in the name that names a part ("" for none), and the rest, to be looked up in `IMAGES` and so on."""
        words = [word for word in re.split(r"[-_ ]", self.name.casefold()) if word]
        if part := next((word for word in words if part_of(word)), ""):
            return part, "".join(word for word in words if word != part)
        plain = "".join(words)
        for part in (name for names in NAMES.values() for name in names):
            for rest in (plain.removeprefix(part), plain.removesuffix(part)):
                if rest != plain and rest in (*IMAGES, *LABELS):
                    return part, rest
        return "", plain


class ArrayFile:
    """The pictures in an array of the file or folder `path`, of the classes in another, called as a third one says."""

    def __init__(self, path: Path, images: NamedArray, labels: NamedArray | None, classes: NamedArray | None) -> None:
        self.path, self._images, self._labels, self._classes = path, images, labels, classes
        self.notes: list[str] = []

    @property
    def used(self) -> set[str]:
        """Names of the arrays that are read."""
        return {member.name for member in (self._images, self._labels, self._classes) if member}

    def labels(self) -> Values | None:
        """One number or name a picture. Raises `DataUnsuitable`."""
        if self._labels is None:
            return None
        return values_of(self._labels.read(), self._images.shape[0], self.path)

    def class_names(self) -> Sequence[str]:
        """Those that an array of names says."""
        if self._classes is None:
            return ()
        return [n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in self._classes.read().tolist()]

    def pictures(self, wanted: Target) -> DecodedPictures:
        """The pictures. Raises `DataUnsuitable`."""
        made = pictures_of(self._images.read(), wanted, self.path)
        made.notes.extend(self.notes)
        return made


def sources(members: Sequence[NamedArray], path: Path) -> tuple[dict[str, ArrayFile], list[str]]:
    """The parts in the file or folder `path` of `members`, by "train" and "test", and the arrays that are not used.

    Raises `DataUnsuitable`.
    """
    found: dict[str, ArrayFile] = {}
    for part, words in ((TRAIN, (*NAMES[TRAIN], "")), (TEST, NAMES[TEST])):
        sets = ([m for m in members if m.split[0] == word] for word in words)
        source = next((made for each in sets if (made := _source(each, members, path))), None)
        if source:
            found[part] = source
    if not found:
        listed = ", ".join(f"“{m.name}” {m.dtype} {shown(m.shape)}" for m in members[:SHOWN])
        text = tr('it needs "images" (N, H, W) or (N, H, W, 3) and "labels" (N,), and it holds {arrays}')
        raise DataUnsuitable(path, text.format(arrays=listed or "–"))
    used = set().union(*(source.used for source in found.values()))
    return found, [m.name for m in members if m.name not in used]


def _source(members: Sequence[NamedArray], all_members: Sequence[NamedArray], path: Path) -> ArrayFile | None:
    """The source in `members`, which share the word for a part; None where nothing there can be pictures."""
    said = (m for m in all_members if m.split[1] in CLASSES and m.dtype.kind in "US" and len(m.shape) == 1)
    images, labels, names = _called(members, IMAGES), _called(members, LABELS), next(said, None)
    if images is not None:
        check_pictures(images.shape, images.dtype, path)
        return ArrayFile(path, images, labels, names if labels else None)
    guessed = [m for m in members if is_pictures(m.shape, m.dtype)]
    if len(guessed) != 1:
        return None
    alike = None if labels else _alike(members, guessed[0])
    made = ArrayFile(path, guessed[0], labels or alike, names if labels or alike else None)
    if len(all_members) > 1:
        made.notes.append(tr("The array “{name}” is taken for the pictures.").format(name=guessed[0].name))
    if alike:
        made.notes.append(tr("The array “{name}” is taken for the labels.").format(name=alike.name))
    return made


def _called(members: Sequence[NamedArray], names: Sequence[str]) -> NamedArray | None:
    there = [m for m in members if m.split[1] in names and any(m.split)]
    return min(there, key=lambda m: names.index(m.split[1]), default=None)


def _alike(members: Sequence[NamedArray], images: NamedArray) -> NamedArray | None:
    """The one array of a value a picture, where there is one."""
    fitting = [m for m in members if m is not images and m.shape[:1] == images.shape[:1] and len(m.shape) <= 2]
    return fitting[0] if len(fitting) == 1 else None


def members_of(path: Path) -> list[NamedArray]:
    """The arrays in an .npz or .npy file, or in the .npy files of a folder. Raises `DataUnsuitable`."""
    with reading(path, unreadable):
        if path.is_dir():
            return [member for file in sorted(path.glob("*.npy")) for member in members_of(file)]
        if path.suffix.lower() == ".npy":
            return [_in_npy(path)]
        with opened(path) as file, zipfile.ZipFile(file) as archive:
            inside = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
            return [_in_npz(path, archive, entry) for entry in inside]


def _in_npy(path: Path) -> NamedArray:
    with opened(path) as file:
        shape, dtype = _header(file, os.fstat(file.fileno()).st_size, path)

    def read() -> NDArray[np.generic]:
        with reading(path, unreadable):
            return cast("NDArray[np.generic]", np.load(path, mmap_mode="r", allow_pickle=False))

    return NamedArray(path.stem, shape, dtype, read)


def _in_npz(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NamedArray:
    with archive.open(entry) as file:
        shape, dtype = _header(cast(BinaryIO, file), entry.file_size, path)

    def read() -> NDArray[np.generic]:
        check_memory(path, entry.file_size)
        if dtype.hasobject:
            raise DataUnsuitable(path, mark("it holds pickled objects, which are not read: save plain arrays"))
        with reading(path, unreadable), opened(path) as again, zipfile.ZipFile(again).open(entry.filename) as file:
            return cast("NDArray[np.generic]", npy.read_array(file, allow_pickle=False))

    return NamedArray(entry.filename.removesuffix(".npy"), shape, dtype, read)


def _header(file: BinaryIO, size: int, path: Path) -> tuple[tuple[int, ...], np.dtype[np.generic]]:
    """Shape and type of the array in `file` of `size` bytes. Raises `DataUnsuitable` where it cannot be read safely."""
    version = npy.read_magic(file)
    if version not in HEADERS:
        raise DataUnsuitable(path, mark("it is not an .npy file of a version that is read"))
    shape, _, dtype = HEADERS[version](file)
    if not dtype.hasobject and file.tell() + int(np.prod(shape, dtype=object)) * dtype.itemsize > size:
        raise DataUnsuitable(path, mark("it is cut short"))
    return shape, dtype
