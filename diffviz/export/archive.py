"""Session files (`.diffviz`): runs with their requests, pictures and frames in one ZIP archive, read without pickle.

`diffviz.json` holds the record of the run on the screen and, under "session", all runs; `runs/I/NAME.npy` the fields of
the frames of run I, one array each, `runs/I/keyframe-K.safetensors` what it can be continued from. A session file may
be a stranger's: names, sizes and kinds are checked.
"""

from __future__ import annotations

import dataclasses
import math
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from diffviz.domain import atomic, export_settings, provenance, requests, tagged
from diffviz.domain.bookmarks import LONGEST_NAME, MOST, Bookmark, Bookmarks
from diffviz.domain.errors import ExportFailed, NoRunInside
from diffviz.domain.frames import Checkpoint, Frame
from diffviz.domain.serialization import Count, Line, Wire, convert, encode, opened, reading
from diffviz.domain.text import mark
from diffviz.export.plots import MEMBER, arrays_of, columns_of, put
from diffviz.families import FAMILIES
from diffviz.families.family import Family

SUFFIX = ".diffviz"
MOST_RUNS = 1 << 12
MOST_NESTED = 256
"""Most runs that are written with their requests in full, which every version reads."""
MOST_FRAMES = 1 << 17
MOST_BYTES = 1 << 36
MOST_KEYFRAMES = 64
MOST_KEYFRAME_BYTES = 1 << 28
MUCH_BYTES, MOST_PACKED = 16 << 20, 200
"""Beyond so many bytes a keyframe may be packed so many times smaller: weights hardly are, a bomb a thousand times."""


class BookmarkWire(Wire):
    """A bookmark as `diffviz.json` holds it."""

    position: float
    name: Line = ""


class RunWire(Wire):
    """One run as `diffviz.json` holds it; its pictures stand in the session's. Version 0.1.0 knows no bookmarks."""

    record: provenance.RecordWire
    slot: str
    status: str
    parent: Count | None
    frames: Count
    kind: str
    name: str = ""
    keyframes: list[float] | None = None
    bookmarks: list[BookmarkWire] | None = None


class SessionWire(Wire):
    """A session as `diffviz.json` holds it."""

    runs: list[RunWire]
    shown: Count | None
    cursor: float | None
    pinned: Count | None = None


class ArchiveWire(provenance.RecordWire, kw_only=True):
    """All of `diffviz.json`: the record of the run on the screen, and the session."""

    session: SessionWire


@dataclass(frozen=True, slots=True, eq=False)
class SavedRun:
    """One run: what it is, the lab's slot it was in, the number of the run it continues, and its status by name.

    `frames` are those there are, in the order of computation; read lazily where it comes from a file. `checkpoints` are
    what it can be continued from; they are opaque here. `name` is what a person called it, `bookmarks` are the places
    that they come back to. `kind` names the class of frames that a file has and this program does not know.
    """

    record: provenance.Record
    slot: str
    status: str
    parent: int | None = None
    frames: Sequence[Frame] = ()
    checkpoints: Sequence[Checkpoint] = ()
    name: str = ""
    kind: str = ""
    bookmarks: Bookmarks = ()


@dataclass(frozen=True, slots=True, eq=False)
class SavedSession:
    """All runs, the number of the one on the screen, the cursor, and the number of the run pinned beside it."""

    runs: tuple[SavedRun, ...]
    shown: int | None
    cursor: float
    pinned: int | None = None


def write(saved: SavedSession, path: Path, progress: export_settings.Progress = export_settings.unwatched) -> None:
    """Write `saved` to `path`, whole or not at all. Raises `ExportFailed` and what `progress` raises.

    What could not be opened again is not written: it might take the place of a file that can be.
    """
    total, done = sum(len(run.frames) for run in saved.runs), 0
    manifest = _manifest(saved)
    with reading(path, _unwritable):
        _parsed(manifest)
    with atomic.replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo(MEMBER), manifest, zipfile.ZIP_DEFLATED)
        progress(0, total)
        for i, run in enumerate(saved.runs):
            if _tag(run):
                _put_frames(archive, f"runs/{i}", run.frames, lambda n, before=done: progress(before + n, total))
            for k, checkpoint in enumerate(run.checkpoints):
                archive.writestr(zipfile.ZipInfo(_keyframe(i, k)), checkpoint.data, zipfile.ZIP_DEFLATED)
            done += len(run.frames)
            progress(done, total)


def read(path: Path) -> SavedSession:
    """The session in `path`; its frames are read when they are asked for. Raises `NoRunInside` or `FileTooNew`."""
    with reading(path, NoRunInside), opened(path) as file, zipfile.ZipFile(file) as archive:
        with archive.open(MEMBER) as member:
            wire, records = _parsed(member.read(provenance.LIMIT + 1))
        session = wire.session
        saved = tuple(_run(path, i, *both, archive) for i, both in enumerate(zip(session.runs, records, strict=True)))
        return SavedSession(saved, session.shown, session.cursor or 0.0, session.pinned)


def _unwritable(path: Path, reason: str) -> ExportFailed:
    return ExportFailed(path, "other", reason)


def _manifest(saved: SavedSession) -> str:
    images = {name: pixels for run in saved.runs for name, pixels in run.record.images.items()}
    shown = saved.runs[saved.shown].record if saved.shown is not None else None
    table = tagged.RequestTable() if _large(saved) else None
    runs = [_run_wire(run, table) for run in saved.runs]
    head = (
        provenance.wire_of(dataclasses.replace(shown, images=images), table)
        if shown
        else provenance.RecordWire(images={name: provenance.packed(pixels) for name, pixels in images.items()})
    )
    if table is not None:
        head.requests = table.rows
    session = SessionWire(runs=runs, shown=saved.shown, cursor=saved.cursor, pinned=saved.pinned)
    return encode({**provenance.as_file(head), "session": session})


def _large(saved: SavedSession) -> bool:
    """Whether requests in full would be too much: every run's has all those that it continues in it."""
    return len(saved.runs) > MOST_NESTED or any(
        len(requests.ancestry(run.record.request)) > provenance.NESTED for run in saved.runs
    )


def _tag(run: SavedRun) -> str:
    """What its frames are called in the file; empty where there are none to keep."""
    kinds = {family.frame: family.frame_tag for family in FAMILIES.values()}
    return kinds.get(type(run.frames[0]), "") if run.frames else ""


def _run_wire(run: SavedRun, table: tagged.RequestTable | None) -> RunWire:
    return RunWire(
        record=provenance.wire_of(dataclasses.replace(run.record, images={}), table),
        slot=run.slot,
        status=run.status,
        parent=run.parent,
        name="".join(filter(str.isprintable, run.name))[:LONGEST_NAME],
        frames=len(run.frames),
        kind=_tag(run),
        keyframes=[checkpoint.position for checkpoint in run.checkpoints],
        bookmarks=[BookmarkWire(each.position, each.name) for each in run.bookmarks] or None,
    )


def _put_frames(archive: zipfile.ZipFile, folder: str, frames: Sequence[Frame], each: Any) -> None:
    for name, values in columns_of(frames).items():
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


def _parsed(text: str | bytes) -> tuple[ArchiveWire, tuple[provenance.Record, ...]]:
    """What the manifest `text` says, and the records of its runs. Raises ValueError where that cannot be."""
    wire = convert(provenance.parsed(text), ArchiveWire)
    session = wire.session
    if len(session.runs) > MOST_RUNS:
        raise ValueError(mark("there are too many runs in it"))
    if any(number is not None and number >= len(session.runs) for number in (session.shown, session.pinned)):
        raise ValueError(mark("the run on the screen is not in it"))
    for i, run in enumerate(session.runs):
        if run.frames > MOST_FRAMES:
            raise ValueError(mark("a run in it has an impossible number of frames"))
        if run.parent is not None and run.parent >= i:
            raise ValueError(mark("a run in it continues one that comes later"))
        if len(run.keyframes or ()) > MOST_KEYFRAMES:
            raise ValueError(mark("a run in it has an impossible number of keyframes"))
        if len(run.bookmarks or ()) > MOST:
            raise ValueError(mark("a run in it has an impossible number of bookmarks"))
    table = tagged.requests_in(wire.requests or ())
    return wire, tuple(provenance.record_from(run.record, table, wire.images or {}) for run in session.runs)


def _run(path: Path, i: int, wire: RunWire, record: provenance.Record, archive: zipfile.ZipFile) -> SavedRun:
    family = next((f for f in FAMILIES.values() if f.frame_tag == wire.kind and wire.kind), None)
    frames = StoredFrames(path, f"runs/{i}", family, wire.frames) if family and wire.frames else ()
    checkpoints = _checkpoints(archive, i, wire.keyframes or ())
    name = wire.name[:LONGEST_NAME]
    unknown = wire.kind[:64] if wire.frames and family is None else ""
    places = tuple(Bookmark(each.position, each.name[:LONGEST_NAME]) for each in wire.bookmarks or ())
    return SavedRun(record, wire.slot[:64], wire.status[:16], wire.parent, frames, checkpoints, name, unknown, places)


def _checkpoints(archive: zipfile.ZipFile, i: int, positions: Sequence[float]) -> tuple[Checkpoint, ...]:
    found = []
    for k, position in enumerate(positions):
        told = archive.getinfo(_keyframe(i, k))
        if told.file_size > min(MOST_KEYFRAME_BYTES, max(MUCH_BYTES, MOST_PACKED * told.compress_size)):
            raise ValueError(mark("a keyframe in it is too large"))
        with archive.open(told) as member:
            found.append(Checkpoint(position, member.read(told.file_size)))
    return tuple(found)


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
