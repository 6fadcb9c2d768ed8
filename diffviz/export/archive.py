"""Session files (`.diffviz`): runs with their requests, pictures and frames in one ZIP archive, read without pickle.

`diffviz.json` holds the record of the run on the screen and, under "session", all runs; `runs/I/NAME.npy` the fields of
the frames of run I, one array each, `runs/I/keyframe-K.safetensors` what it can be continued from. A session file may
be a stranger's: names, sizes and kinds are checked.
"""

from __future__ import annotations

import dataclasses
import json
import math
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from diffviz.domain.errors import NoRunInside
from diffviz.domain.frame_shapes import alike
from diffviz.domain.frames import Checkpoint, ForwardFrame, Frame, PathFrame, ReverseFrame
from diffviz.domain.gan import GanFrame
from diffviz.domain.planar import PlanarFrame
from diffviz.domain.record import LIMIT, VERSION, Record, as_json, from_json, parsed
from diffviz.export.atomic import replacing
from diffviz.export.npz import MEMBER, arrays_of, numbers_of, put
from diffviz.export.progress import Progress, unwatched

SUFFIX = ".diffviz"
MOST_RUNS = 256
MOST_FRAMES = 1 << 17
LONGEST_NAME = 120
MOST_BYTES = 1 << 36
MOST_KEYFRAMES = 64
MOST_KEYFRAME_BYTES = 1 << 28
FRAMES: Mapping[str, type[Frame]] = MappingProxyType(
    {cls.__name__: cls for cls in (ForwardFrame, ReverseFrame, PathFrame, GanFrame, PlanarFrame)}
)
BROKEN = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    SyntaxError,
    OSError,
    EOFError,
    RuntimeError,
    OverflowError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)


@dataclass(frozen=True, slots=True, eq=False)
class SavedRun:
    """One run: what it is, the lab's slot it was in, the number of the run it continues, and its status by name.

    `frames` are those there are, in the order of computation; read lazily where it comes from a file. `checkpoints` are
    what it can be continued from; they are opaque here. `name` is what a person called it.
    """

    record: Record
    slot: str
    status: str
    parent: int | None = None
    frames: Sequence[Frame] = ()
    checkpoints: Sequence[Checkpoint] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SavedSession:
    """All runs, the number of the one on the screen, the cursor, and the number of the run pinned beside it."""

    runs: tuple[SavedRun, ...]
    shown: int | None
    cursor: float
    pinned: int | None = None


def write(saved: SavedSession, path: Path, progress: Progress = unwatched) -> None:
    """Write `saved` to `path`, whole or not at all. Raises `ExportFailed` and what `progress` raises."""
    total, done = sum(len(run.frames) for run in saved.runs), 0
    with replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo(MEMBER), json.dumps(_as_json(saved)), zipfile.ZIP_DEFLATED)
        progress(0, total)
        for i, run in enumerate(saved.runs):
            if run.frames and type(run.frames[0]).__name__ in FRAMES:
                _put_frames(archive, f"runs/{i}", run.frames, lambda n, before=done: progress(before + n, total))
            for k, checkpoint in enumerate(run.checkpoints):
                archive.writestr(zipfile.ZipInfo(_keyframe(i, k)), checkpoint.data, zipfile.ZIP_DEFLATED)
            done += len(run.frames)
            progress(done, total)


def read(path: Path) -> SavedSession:
    """The session in `path`; its frames are read when they are asked for. Raises `NoRunInside`."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as member:
            raw = parsed(member.read(LIMIT + 1))
            return _session(path, raw, archive)
    except NoRunInside:
        raise
    except BROKEN as error:
        raise NoRunInside(path, str(error) or type(error).__name__) from error


def _as_json(saved: SavedSession) -> dict[str, Any]:
    images = {name: pixels for run in saved.runs for name, pixels in run.record.images.items()}
    shown = saved.runs[saved.shown].record if saved.shown is not None else None
    head = as_json(dataclasses.replace(shown, images=images)) if shown else {}
    runs = [_run_as_json(run) for run in saved.runs]
    session = {"runs": runs, "shown": saved.shown, "cursor": saved.cursor, "pinned": saved.pinned}
    return {"diffviz": VERSION, **head, "session": session}


def _run_as_json(run: SavedRun) -> dict[str, Any]:
    return {
        "record": as_json(dataclasses.replace(run.record, images={})),
        "slot": run.slot,
        "status": run.status,
        "parent": run.parent,
        "name": run.name,
        "frames": len(run.frames),
        "kind": type(run.frames[0]).__name__ if run.frames else "",
        "keyframes": [checkpoint.position for checkpoint in run.checkpoints],
    }


def _put_frames(archive: zipfile.ZipFile, folder: str, frames: Sequence[Frame], each: Any) -> None:
    for name, values in numbers_of(frames).items():
        put(archive, f"{folder}/{name}", [values], values.shape)
    names = arrays_of(frames[0])
    for i, name in enumerate(names):
        shape = (len(frames), *frames[0].arrays()[name].shape)
        last = i == len(names) - 1
        put(archive, f"{folder}/{name}", (f.arrays()[name] for f in frames), shape, each if last else _checked(each))


def _checked(each: Any) -> Any:
    """Asks whether to go on without counting: a frame counts once, with its last field."""
    return lambda _: each(0)


def _keyframe(run: int, number: int) -> str:
    return f"runs/{run}/keyframe-{number}.safetensors"


def _session(path: Path, raw: Mapping[str, Any], archive: zipfile.ZipFile) -> SavedSession:
    session = raw["session"]
    runs = session["runs"]
    if not isinstance(runs, list) or len(runs) > MOST_RUNS:
        raise ValueError("there are too many runs in it")
    saved = tuple(_run(path, i, run, raw.get("images") or {}, archive) for i, run in enumerate(runs))
    shown, pinned, cursor = session["shown"], session.get("pinned"), float(session["cursor"])
    for number in (shown, pinned):
        if number is not None and (type(number) is not int or not 0 <= number < len(saved)):
            raise ValueError("the run on the screen is not in it")
    return SavedSession(saved, shown, cursor if math.isfinite(cursor) else 0.0, pinned)


def _run(path: Path, i: int, raw: Mapping[str, Any], images: Mapping[str, Any], archive: zipfile.ZipFile) -> SavedRun:
    record = from_json({**raw["record"], "images": images})
    count, kind, parent = raw["frames"], FRAMES.get(str(raw["kind"])), raw["parent"]
    if type(count) is not int or not 0 <= count <= MOST_FRAMES:
        raise ValueError("a run in it has an impossible number of frames")
    if parent is not None and (type(parent) is not int or not 0 <= parent < i):
        raise ValueError("a run in it continues one that comes later")
    frames = StoredFrames(path, f"runs/{i}", kind, count) if kind and count else ()
    checkpoints = _checkpoints(archive, i, raw.get("keyframes") or [])
    name = str(raw.get("name", ""))[:LONGEST_NAME]
    return SavedRun(record, str(raw["slot"])[:64], str(raw["status"])[:16], parent, frames, checkpoints, name)


def _checkpoints(archive: zipfile.ZipFile, i: int, positions: Any) -> tuple[Checkpoint, ...]:
    if not isinstance(positions, list) or len(positions) > MOST_KEYFRAMES:
        raise ValueError("a run in it has an impossible number of keyframes")
    found = []
    for k, position in enumerate(positions):
        with archive.open(_keyframe(i, k)) as member:
            data = member.read(MOST_KEYFRAME_BYTES + 1)
        if not math.isfinite(position) or len(data) > MOST_KEYFRAME_BYTES:
            raise ValueError("a keyframe in it is too large")
        found.append(Checkpoint(float(position), data))
    return tuple(found)


class StoredFrames(Sequence[Frame]):
    """The frames of one run in a session file, of class `kind`; each is read when the iteration comes to it."""

    def __init__(self, path: Path, folder: str, kind: type[Frame], count: int) -> None:
        self._path, self._folder, self._kind, self._count = path, folder, kind, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        return list(self)[index]

    def __iter__(self) -> Iterator[Frame]:
        """Raises `NoRunInside` where the arrays are not those of such frames."""
        try:
            yield from self._read()
        except BROKEN as error:
            raise NoRunInside(self._path, str(error) or type(error).__name__) from error

    def _read(self) -> Iterator[Frame]:
        with ExitStack() as stack:
            archive = stack.enter_context(zipfile.ZipFile(self._path))
            there = set(archive.namelist())
            names = [f.name for f in dataclasses.fields(self._kind) if f"{self._folder}/{f.name}.npy" in there]
            columns = {
                name: Column(stack.enter_context(archive.open(f"{self._folder}/{name}.npy")), self._count)
                for name in names
            }
            if not alike(self._kind, {name: column.shape for name, column in columns.items()}):
                raise ValueError("frames in it are of different shapes")
            for _ in range(self._count):
                yield self._kind(**{name: column.next() for name, column in columns.items()})


class Column:
    """One field of all frames, read row by row: float64 numbers (n,) or float32 arrays (n, …) of `shape`."""

    def __init__(self, member: IO[bytes], count: int) -> None:
        if npy.read_magic(member) != (2, 0):
            raise ValueError("an array in it is of another version")
        shape, fortran, dtype = npy.read_array_header_2_0(member)
        number = len(shape) == 1
        if shape[:1] != (count,) or fortran or dtype != (np.float64 if number else np.float32) or len(shape) > 5:
            raise ValueError("an array in it is of another kind")
        self.shape = shape[1:]
        self._size = math.prod(self.shape) * dtype.itemsize
        if self._size * count > MOST_BYTES:
            raise ValueError("an array in it is too large")
        self._member, self._dtype = member, dtype

    def next(self) -> Any:
        """The next row: a float, or a read-only array."""
        data = self._member.read(self._size)
        if len(data) != self._size:
            raise ValueError("an array in it is cut short")
        row = np.frombuffer(data, self._dtype).reshape(self.shape)
        return row if self.shape else float(row)
