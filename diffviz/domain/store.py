"""Frame stores: a run's frames in growing chunks, in memory up to a budget, then in files that vanish with it."""

from __future__ import annotations

import bisect
import contextlib
import dataclasses
import mmap
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import Part, nearest_index
from diffviz.domain.frames import FILE_BYTES, Frame, SpillFile

CHUNK_BYTES = 4 << 20
MEBIBYTE = 1 << 20


class Budget:
    """Bytes of memory that a session may take: all its frame stores together, and what its engine keeps of past steps.

    Any thread may ask. `spill` is the folder for what does not fit (created when needed).
    """

    def __init__(self, limit: int = 512 * MEBIBYTE, spill: Path | None = None) -> None:
        self.used = 0
        self._limit = limit
        self._spill = spill
        self._counts: NDArray[np.int64] | None = None
        self._leads = True
        self._files: WeakSet[SpillFile] = WeakSet()
        self._lock = threading.Lock()  # session files are read, and weights kept, on other threads

    @property
    def limit(self) -> int:
        """The most that may be in use."""
        return self._limit if self._leads or self._counts is None else int(self._counts[2])

    @limit.setter
    def limit(self, limit: int) -> None:
        self._limit = limit
        self._tell()

    def share(self, counts: NDArray[np.int64], *, leads: bool) -> None:
        """Count together with another process from now on.

        `counts` int64 (3,) lie in memory of both: the bytes that the one which `leads` has taken, those of the other,
        and the limit, which the first one sets.
        """
        with self._lock:
            self._counts, self._leads = counts, leads
        self._tell()

    def share_no_more(self) -> None:
        """The other process is gone, with what it had taken."""
        with self._lock:
            self._counts, self._leads = None, True

    def take(self, nbytes: int) -> bool:
        """Reserve `nbytes` of memory; False where they are not left."""
        with self._lock:
            if not self._fits(nbytes):
                return False
            self.used += nbytes
        self._tell()
        return True

    def take_anyway(self, nbytes: int) -> bool:
        """Reserve `nbytes` of memory, left or not; whether they were left."""
        with self._lock:
            self.used += nbytes
            left = self._fits(0)
        self._tell()
        return left

    def give_back(self, nbytes: int) -> None:
        """Return `nbytes` that were taken."""
        with self._lock:
            self.used -= nbytes
        self._tell()

    def spill_file(self, nbytes: int) -> SpillFile:
        """A file with room for at least `nbytes`. Raises OSError."""
        made = SpillFile(self._spill or Path(tempfile.gettempdir()), max(nbytes, FILE_BYTES))
        self._files.add(made)
        return made

    @property
    def spilled(self) -> int:
        """Bytes that lie on disk now."""
        return sum(file.size for file in list(self._files))

    def _fits(self, nbytes: int) -> bool:
        elsewhere = 0 if self._counts is None else int(self._counts[1 if self._leads else 0])
        return self.used + elsewhere + nbytes <= self.limit

    def _tell(self) -> None:
        """Let the other process know."""
        with self._lock:
            if self._counts is not None:
                self._counts[0 if self._leads else 1] = self.used
                if self._leads:
                    self._counts[2] = self._limit


class FrameStore:
    """Frames of one run in the order they came, found by their position.

    All frames have the fields of the first: arrays of equal shape, floats, and None where the first has None. A frame
    for which there is no room raises OSError (the disk) or MemoryError; those before it stay.
    """

    def __init__(self, budget: Budget | None = None) -> None:
        self._budget = budget or Budget()
        self._reset()

    def _reset(self) -> None:
        self._cls: type[Frame] | None = None
        self._names: tuple[str, ...] = ()
        self._arrays: dict[str, NDArray[Any]] = {}
        self._shapes: list[tuple[str, tuple[int, ...]]] = []
        self._chunks: list[_Chunk] = []
        self._file: SpillFile | None = None
        self._per_chunk = 1
        self._scalars: list[tuple[Any, ...]] = []
        self._arrived: list[float] = []
        self._direction = 0
        self._sorted: list[tuple[float, int]] | None = None

    def __len__(self) -> int:
        return len(self._scalars)

    def __getitem__(self, index: int) -> Frame:
        """Frame number `index` in the order of computation; its arrays are read-only views."""
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        assert self._cls is not None
        chunk, row = divmod(index % len(self), self._per_chunk)
        arrays = self._chunks[chunk].rows(row) if self._chunks else {}
        scalars = dict(zip(self._names, self._scalars[index], strict=True))
        return self._cls(**{**scalars, **arrays})

    def __iter__(self) -> Iterator[Frame]:
        return (self[i] for i in range(len(self)))

    def append(self, frame: Frame) -> None:
        """Add the next frame; its arrays are copied. Raises ValueError where its fields are not the first one's."""
        if self._cls is None:
            self._begin(frame)
        arrays, scalars = self._parts(frame)
        chunk, row = divmod(len(self), self._per_chunk)
        if self._arrays and chunk == len(self._chunks):
            self._chunks.append(self._chunk())
        if self._arrays:
            self._chunks[chunk].put(row, arrays)
        self._place(frame.position)
        self._scalars.append(scalars)

    def positions(self) -> Sequence[float]:
        """Positions of all frames so far, ascending; a look that stays as it is while more come."""
        if self._sorted is not None:
            return tuple(position for position, _ in self._sorted)
        return Part(self._arrived, 0, len(self), backwards=self._direction < 0)

    def arrived(self, first: int = 0) -> Sequence[float]:
        """Positions of the frames from number `first` on, in the order they came."""
        return Part(self._arrived, min(first, len(self)), len(self))

    def nearest(self, position: float) -> Frame:
        """Frame nearest to `position`. Raises IndexError where there is none."""
        return self[self.index_of(position)]

    def index_of(self, position: float) -> int:
        """Index of the frame nearest to `position`. Raises IndexError where there is none."""
        positions = self.positions()
        if not positions:
            raise IndexError("no frames yet")
        at = nearest_index(positions, position)
        if self._sorted is not None:
            return self._sorted[at][1]
        return at if self._direction >= 0 else len(self) - 1 - at

    @property
    def nbytes(self) -> int:
        """Bytes held for arrays, in memory and in files."""
        return sum(chunk.nbytes for chunk in self._chunks)

    @property
    def spilled(self) -> int:
        """Bytes of them that are in files."""
        return sum(chunk.nbytes for chunk in self._chunks if chunk.in_file)

    def clear(self) -> None:
        """Forget all frames and give their memory back."""
        for chunk in self._chunks:
            chunk.release(self._budget)
        self._reset()

    def _place(self, position: float) -> None:
        """Take note of the next frame's position. Runs go one way; only of others an order is kept."""
        last = self._arrived[-1] if self._arrived else position
        step = (position > last) - (position < last)
        if self._sorted is None and step * self._direction < 0:
            self._sorted = sorted((earlier, i) for i, earlier in enumerate(self._arrived))
        if self._sorted is not None:
            bisect.insort(self._sorted, (position, len(self)))
        self._direction = self._direction or step
        self._arrived.append(position)

    def _begin(self, first: Frame) -> None:
        self._cls = type(first)
        self._names = tuple(f.name for f in dataclasses.fields(first))
        self._arrays = dict(first.arrays())
        self._shapes = [(name, array.shape) for name, array in self._arrays.items()]
        size = max(first.nbytes, 1)
        self._per_chunk = max(1, CHUNK_BYTES // size)

    def _chunk(self) -> _Chunk:
        nbytes = sum(array.nbytes for array in self._arrays.values()) * self._per_chunk
        in_file = not self._budget.take(nbytes)
        block = self._in_file(nbytes) if in_file else self._in_memory(nbytes)
        return _Chunk(self._arrays, self._per_chunk, block, in_file)

    def _in_memory(self, nbytes: int) -> mmap.mmap:
        try:
            return _memory(nbytes)
        except OSError as error:
            self._budget.give_back(nbytes)
            raise MemoryError from error

    def _in_file(self, nbytes: int) -> memoryview:
        block = self._file.cut(nbytes) if self._file else None
        if block is None:
            self._file = self._budget.spill_file(nbytes)
            block = self._file.cut(nbytes)
            assert block is not None, "a new file has room for what it was made for"
        return block

    def _parts(self, frame: Frame) -> tuple[dict[str, NDArray[Any]], tuple[Any, ...]]:
        """The arrays of `frame`, and all its fields in order with None for arrays. Raises ValueError."""
        if type(frame) is self._cls:
            values = [getattr(frame, name) for name in self._names]
            found = [isinstance(value, np.ndarray) for value in values]
            arrays = {name: value for name, value, there in zip(self._names, values, found, strict=True) if there}
            if [(name, array.shape) for name, array in arrays.items()] == self._shapes:
                return arrays, tuple(None if there else value for value, there in zip(values, found, strict=True))
        raise ValueError(f"{type(frame).__name__} does not match the frames before it")


class _Chunk:
    """Room for a fixed number of frames: one block of bytes, cut into one array per field."""

    def __init__(self, like: dict[str, NDArray[Any]], count: int, block: mmap.mmap | memoryview, in_file: bool) -> None:
        self.nbytes = len(block)
        self.in_file = in_file
        self._fields: dict[str, NDArray[Any]] = {}
        offset = 0
        for name, array in like.items():
            flat = np.frombuffer(block, array.dtype, count * array.size, offset)
            self._fields[name] = flat.reshape(count, *array.shape)
            offset += array.nbytes * count

    def put(self, row: int, arrays: Any) -> None:
        for name, field in self._fields.items():
            field[row] = arrays[name]

    def rows(self, row: int) -> dict[str, NDArray[Any]]:
        return {name: _read_only(field[row]) for name, field in self._fields.items()}

    def release(self, budget: Budget) -> None:
        self._fields.clear()
        if not self.in_file:
            budget.give_back(self.nbytes)


def _memory(nbytes: int) -> mmap.mmap:
    """Fresh memory, in huge pages where the system has them: a fault for each small page would cost ten times more."""
    if sys.platform == "win32":
        return mmap.mmap(-1, nbytes)
    block = mmap.mmap(-1, nbytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            block.madvise(mmap.MADV_HUGEPAGE)
    return block


def _read_only(view: NDArray[Any]) -> NDArray[Any]:
    view.flags.writeable = False
    return view
