"""IDX files (MNIST's format), gzipped or not, under the names that people have them under."""

from __future__ import annotations

import gzip
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.serialization import opened, reading
from diffviz.domain.text import mark, tr
from diffviz.engine.datasets.arrays import pictures_of, values_of
from diffviz.engine.datasets.part import DecodedPictures, Target, Values, check_memory, part_of, unreadable

TYPES: Mapping[int, str] = MappingProxyType(
    {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
)
ROLES = MappingProxyType({"images": "images", "image": "images", "labels": "labels", "label": "labels"})
TURNED = "emnist"


@dataclass(frozen=True, slots=True)
class IdxName:
    """What the name of an IDX file says: which data set it is of ("" where it says none), which part, which role."""

    path: Path
    series: str
    part: str
    role: str


def named(path: Path) -> IdxName | None:
    """What the name of `path` says, None where it is not that of an IDX file."""
    words = re.split(r"[-_.]", path.name.lower())
    if not any(word == "ubyte" or re.fullmatch(r"idx\d?", word) for word in words):
        return None
    role = next((ROLES[word] for word in words if word in ROLES), "")
    at = next((i for i, word in enumerate(words) if part_of(word)), None)
    if not role or at is None:
        return None
    return IdxName(path, "-".join(words[:at]), part_of(words[at]), role)


def files_in(folder: Path) -> list[IdxName]:
    """The IDX files in `folder`, in a folder `raw` in it, or in those `raw` one folder deeper (torchvision's)."""
    for places in ([folder], [folder / "raw"], sorted(folder.glob("*/raw"))):
        found = [_idx_in(place) for place in places if place.is_dir()]
        filled = [files for files in found if any(file.role == "images" for file in files)]
        if len(filled) > 1:
            names = ", ".join(files[0].path.parent.parent.name for files in filled)
            text = tr("it holds several data sets ({names}): name the folder of one")
            raise DataUnsuitable(folder, text.format(names=names))
        if filled:
            return filled[0]
    return []


def _idx_in(folder: Path) -> list[IdxName]:
    return [name for path in sorted(folder.iterdir()) if path.is_file() and (name := named(path))]


class IdxFiles:
    """Images of one file, with the labels of another where there is one."""

    def __init__(self, images: IdxName, labels: IdxName | None) -> None:
        self.path, self._images, self._labels = images.path, images, labels

    def labels(self) -> Values | None:
        """One number a picture. Raises `DataUnsuitable`."""
        if self._labels is None:
            return None
        return values_of(read_idx(self._labels.path), _shape(self.path)[0], self._labels.path)

    def class_names(self) -> Sequence[str]:
        """None: IDX files hold numbers."""
        return ()

    def pictures(self, wanted: Target) -> DecodedPictures:
        """The pictures. Raises `DataUnsuitable`."""
        values = read_idx(self.path)
        if not self._images.series.startswith(TURNED):
            return pictures_of(values, wanted, self.path)
        made = pictures_of(values.swapaxes(1, 2), wanted, self.path)
        made.notes.append(tr("EMNIST stores its pictures turned: they are turned upright."))
        return made


def sources(files: Sequence[IdxName], folder: Path) -> dict[str, IdxFiles]:
    """The parts that `files` are of, by "train" and "test". Raises `DataUnsuitable` for those of several data sets."""
    series = sorted({file.series for file in files if file.role == "images"})
    if len(series) > 1:
        names = ", ".join(name or "–" for name in series)
        text = tr("it holds several data sets ({names}): name the file of one's images")
        raise DataUnsuitable(folder, text.format(names=names))
    found: dict[str, IdxFiles] = {}
    for images in (file for file in files if file.role == "images"):
        same = [f for f in files if (f.series, f.part, f.role) == (images.series, images.part, "labels")]
        found.setdefault(images.part, IdxFiles(images, same[0] if same else None))
    return found


def read_idx(path: Path) -> NDArray[np.generic]:
    """The array in an IDX file, gzipped or not; no more is read than its header says. Raises `DataUnsuitable`."""
    with reading(path, unreadable), _unpacked(path) as file:
        dtype, shape = _header(file, path)
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        check_memory(path, size)
        if path.suffix.lower() != ".gz" and path.stat().st_size < size:
            raise EOFError(mark("it is cut short"))
        raw = file.read(size + 1)
    if len(raw) != size:
        raise DataUnsuitable(path, mark("it is not an IDX file, or it is cut short"))
    return np.frombuffer(raw, dtype).reshape(shape)


def is_idx(path: Path) -> bool:
    """Whether `path` begins as an IDX file does."""
    try:
        _shape(path)
    except DataUnsuitable:
        return False
    return True


def _shape(path: Path) -> tuple[int, ...]:
    with reading(path, unreadable), _unpacked(path) as file:
        return _header(file, path)[1]


@contextmanager
def _unpacked(path: Path) -> Iterator[BinaryIO]:
    with opened(path) as file:
        if path.suffix.lower() != ".gz":
            yield file
            return
        with gzip.open(file) as unpacked:
            yield cast(BinaryIO, unpacked)


def _header(file: BinaryIO, path: Path) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    zeros, kind, dims = struct.unpack(">HBB", file.read(4))
    if zeros or kind not in TYPES or not 1 <= dims <= 4:
        raise DataUnsuitable(path, mark("it is not an IDX file, or it is cut short"))
    return np.dtype(TYPES[kind]), struct.unpack(f">{dims}I", file.read(4 * dims))
