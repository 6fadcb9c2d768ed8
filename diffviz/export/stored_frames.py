"""Frames in a session file: one array for each of their fields, read row by row when they are asked for."""

from __future__ import annotations

import dataclasses
import math
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from diffviz.domain.errors import NoRunInside
from diffviz.domain.frames import Frame
from diffviz.domain.serialization import opened, reading
from diffviz.domain.text import mark
from diffviz.families.family import Family

MOST_BYTES = 1 << 36


class StoredFrames(Sequence[Frame]):
    """The frames of one run of `family` in a session file; each is read when the iteration comes to it."""

    def __init__(self, path: Path, folder: str, family: Family, count: int) -> None:
        self._path, self._folder, self._family, self._count = path, folder, family, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        return list(self)[index]

    def __iter__(self) -> Iterator[Frame]:
        """Raises `NoRunInside` where the arrays are not those of such frames."""
        frames = self._read()
        while True:
            with reading(self._path, NoRunInside):
                frame = next(frames, None)
            if frame is None:
                return
            yield frame

    def _read(self) -> Iterator[Frame]:
        with ExitStack() as stack:
            archive = stack.enter_context(zipfile.ZipFile(stack.enter_context(opened(self._path))))
            there = set(archive.namelist())
            names = [f.name for f in dataclasses.fields(self._family.frame) if f"{self._folder}/{f.name}.npy" in there]
            columns = {
                name: Column(stack.enter_context(archive.open(f"{self._folder}/{name}.npy")), self._count)
                for name in names
            }
            if not self._family.alike({name: column.shape for name, column in columns.items()}):
                raise ValueError(mark("frames in it are of different shapes"))
            for _ in range(self._count):
                frame = self._family.frame(**{name: column.next() for name, column in columns.items()})
                frame.check()
                yield frame


class Column:
    """One field of all frames, read row by row: float64 numbers (n,) or float32 arrays (n, …) of `shape`."""

    def __init__(self, member: IO[bytes], count: int) -> None:
        if npy.read_magic(member) != (2, 0):
            raise ValueError(mark("an array in it is of another version"))
        shape, fortran, dtype = npy.read_array_header_2_0(member)
        number = len(shape) == 1
        if shape[:1] != (count,) or fortran or dtype != (np.float64 if number else np.float32) or len(shape) > 5:
            raise ValueError(mark("an array in it is of another kind"))
        self.shape = shape[1:]
        self._size = math.prod(self.shape) * dtype.itemsize
        if self._size * count > MOST_BYTES:
            raise ValueError(mark("an array in it is too large"))
        self._member, self._dtype = member, dtype

    def next(self) -> Any:
        """The next row: a float, or a read-only array."""
        data = self._member.read(self._size)
        if len(data) != self._size:
            raise ValueError(mark("an array in it is cut short"))
        row = np.frombuffer(data, self._dtype).reshape(self.shape)
        return row if self.shape else float(row)
