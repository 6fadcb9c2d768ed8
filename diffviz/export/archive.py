"""Session files (`.diffviz`): runs with their requests, pictures and frames in one ZIP archive, read without pickle.

`diffviz.json` holds the record of the run on the screen and, under "session", all runs; `runs/I/NAME.npy` the fields of
the frames of run I, one array each, `runs/I/keyframe-K.safetensors` what it can be continued from. A session file may
be a stranger's: names, sizes and kinds are checked.
"""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

from diffviz.domain import atomic, export_settings, provenance, requests, tagged
from diffviz.domain.bookmarks import LONGEST_NAME, MOST, Bookmark, Bookmarks
from diffviz.domain.errors import ExportFailed, NoRunInside
from diffviz.domain.frames import Checkpoint, Frame
from diffviz.domain.serialization import Count, Line, Wire, builtins, convert, encode, opened, reading
from diffviz.domain.text import mark
from diffviz.export.plots import MEMBER, arrays_of, columns_of, put
from diffviz.export.stored_frames import StoredFrames
from diffviz.families import FAMILIES

SUFFIX = ".diffviz"
MOST_RUNS = 1 << 12
MOST_NESTED = 256
"""Most runs that are written with their requests in full, which every version reads."""
MOST_FRAMES = 1 << 17
MOST_KEYFRAMES = 64
MOST_LABS, MOST_FORMS, MOST_RANGES = 32, 16, 256
MOST_SECONDS = 1e9
MOST_KEYFRAME_BYTES = 1 << 28
MUCH_BYTES, MOST_PACKED = 16 << 20, 200
"""Beyond so many bytes a keyframe may be packed so many times smaller: weights hardly are, a bomb a thousand times."""


class BookmarkWire(Wire):
    """A bookmark as `diffviz.json` holds it."""

    position: float
    name: Line = ""


class LabWire(Wire):
    """What one lab shows, as `diffviz.json` holds it; pictures of its forms stand in the session's."""

    run: Count | None = None
    cursor: float = 0.0
    model: Line = ""
    forms: list[provenance.RecordWire] | None = None
    look: dict[str, Any] | None = None


class RangeWire(Wire):
    """A range that is chosen, from `begin` to `end`, on the axis from `low` to `high` of the runs of a lab."""

    lab: Line
    low: float
    high: float
    begin: float
    end: float


class RunWire(Wire):
    """One run as `diffviz.json` holds it; its pictures stand in the session's.

    Version 0.1.0 knows no bookmarks, none up to 0.5 how many seconds a run has taken.
    """

    record: provenance.RecordWire
    slot: str
    status: str
    parent: Count | None
    frames: Count
    kind: str
    name: str = ""
    keyframes: list[float] | None = None
    bookmarks: list[BookmarkWire] | None = None
    seconds: float = 0.0


class SessionWire(Wire):
    """A session as `diffviz.json` holds it; versions up to 0.5 know what was on the screen, and nothing of labs."""

    runs: list[RunWire]
    shown: Count | None
    cursor: float | None
    pinned: Count | None = None
    lab: Line = ""
    labs: dict[str, LabWire] | None = None
    ranges: list[RangeWire] | None = None


class ArchiveWire(provenance.RecordWire, kw_only=True):
    """All of `diffviz.json`: the record of the run on the screen, and the session."""

    session: SessionWire


@dataclass(frozen=True, slots=True, eq=False)
class SavedRun:
    """One run: what it is, the lab's slot it was in, the number of the run it continues, and its status by name.

    `frames` are those there are, in the order of computation; read lazily where it comes from a file. `checkpoints` are
    what it can be continued from; they are opaque here. `name` is what a person called it, `bookmarks` are the places
    that they come back to, `seconds` what it took to compute, 0 where nobody has measured that. `kind` names the class
    of frames that a file has and this program does not know.
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
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class SavedLab:
    """What one lab shows: the number of its run, the cursor on it, its model, the requests in its forms, its `look`.

    A look is plain data that nobody has looked at yet: see `diffviz.session.looks`.
    """

    run: int | None = None
    cursor: float = 0.0
    model: str = ""
    forms: tuple[provenance.Record, ...] = ()
    look: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SavedRange:
    """The range from `begin` to `end` of the axis from `low` to `high` of the runs of `lab`."""

    lab: str
    low: float
    high: float
    begin: float
    end: float


@dataclass(frozen=True, slots=True, eq=False)
class SavedSession:
    """All runs, the number of the one on the screen, the cursor, and the number of the run pinned beside it.

    `labs` say by name what each lab shows, `lab` which of them is shown, `ranges` what is chosen on axes.
    """

    runs: tuple[SavedRun, ...]
    shown: int | None
    cursor: float
    pinned: int | None = None
    lab: str = ""
    labs: Mapping[str, SavedLab] = field(default_factory=dict)
    ranges: tuple[SavedRange, ...] = ()


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
            wire, records, labs = _parsed(member.read(provenance.LIMIT + 1))
        session = wire.session
        saved = tuple(_run(path, i, *both, archive) for i, both in enumerate(zip(session.runs, records, strict=True)))
        ranges = tuple(SavedRange(**builtins(each)) for each in session.ranges or ())
        return SavedSession(
            saved, session.shown, session.cursor or 0.0, session.pinned, session.lab, labs, ranges[:MOST_RANGES]
        )


def _labs(wire: ArchiveWire, table: Sequence[requests.Request]) -> dict[str, SavedLab]:
    """What a file says of labs. Forms that are none are left out: runs do not depend on them."""
    images = wire.images or {}
    return {name: _lab(lab, table, images) for name, lab in list((wire.session.labs or {}).items())[:MOST_LABS]}


def _lab(wire: LabWire, table: Sequence[requests.Request], images: Mapping[str, provenance.PictureWire]) -> SavedLab:
    forms = []
    for form in (wire.forms or ())[:MOST_FORMS]:
        with suppress(ValueError):
            forms.append(provenance.record_from(form, table, images))
    return SavedLab(wire.run, wire.cursor, wire.model, tuple(forms), wire.look or {})


def _unwritable(path: Path, reason: str) -> ExportFailed:
    return ExportFailed(path, "other", reason)


def _manifest(saved: SavedSession) -> str:
    records = [run.record for run in saved.runs] + [form for lab in saved.labs.values() for form in lab.forms]
    images = {name: pixels for record in records for name, pixels in record.images.items()}
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
    session = SessionWire(
        runs=runs,
        shown=saved.shown,
        cursor=saved.cursor,
        pinned=saved.pinned,
        lab=saved.lab,
        labs={name: _lab_wire(lab, table) for name, lab in saved.labs.items()} or None,
        ranges=[RangeWire(*astuple(each)) for each in saved.ranges] or None,
    )
    return encode({**provenance.as_file(head), "session": session})


def _lab_wire(lab: SavedLab, table: tagged.RequestTable | None) -> LabWire:
    forms = [provenance.wire_of(dataclasses.replace(form, images={}), table) for form in lab.forms]
    return LabWire(run=lab.run, cursor=lab.cursor, model=lab.model, forms=forms, look=dict(lab.look))


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
        seconds=run.seconds,
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


def _parsed(text: str | bytes) -> tuple[ArchiveWire, tuple[provenance.Record, ...], dict[str, SavedLab]]:
    """What the manifest `text` says, the records of its runs, what labs show. Raises ValueError where it cannot be."""
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
    records = tuple(provenance.record_from(run.record, table, wire.images or {}) for run in session.runs)
    return wire, records, _labs(wire, table)


def _run(path: Path, i: int, wire: RunWire, record: provenance.Record, archive: zipfile.ZipFile) -> SavedRun:
    family = next((f for f in FAMILIES.values() if f.frame_tag == wire.kind and wire.kind), None)
    frames = StoredFrames(path, f"runs/{i}", family, wire.frames) if family and wire.frames else ()
    checkpoints = _checkpoints(archive, i, wire.keyframes or ())
    name = wire.name[:LONGEST_NAME]
    unknown = wire.kind[:64] if wire.frames and family is None else ""
    places = tuple(Bookmark(each.position, each.name[:LONGEST_NAME]) for each in wire.bookmarks or ())
    slot, status, seconds = wire.slot[:64], wire.status[:16], min(max(0.0, wire.seconds), MOST_SECONDS)
    return SavedRun(record, slot, status, wire.parent, frames, checkpoints, name, unknown, places, seconds)


def _checkpoints(archive: zipfile.ZipFile, i: int, positions: Sequence[float]) -> tuple[Checkpoint, ...]:
    found = []
    for k, position in enumerate(positions):
        told = archive.getinfo(_keyframe(i, k))
        if told.file_size > min(MOST_KEYFRAME_BYTES, max(MUCH_BYTES, MOST_PACKED * told.compress_size)):
            raise ValueError(mark("a keyframe in it is too large"))
        with archive.open(told) as member:
            found.append(Checkpoint(position, member.read(told.file_size)))
    return tuple(found)
