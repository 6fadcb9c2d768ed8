"""Everything that the program writes and a person wants to find again: written in versions, read back whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image as Pillow

from diffviz.domain.errors import DiffvizError
from diffviz.domain.export_settings import FIGURES, ExportSettings
from diffviz.domain.frames import Frame, ReverseFrame
from diffviz.domain.provenance import Record
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.store import Budget, FrameStore
from diffviz.export import archive
from diffviz.export.archive import SavedRun, SavedSession
from diffviz.export.formats import FORMATS, export
from diffviz.export.reading import read_record
from diffviz.export.run_info import RunInfo

COUNT, SAMPLES, SIDE = 12, 4, 24
PICTURES = frozenset({"gif", "apng", "webp", "png"})
STEM = "out"


@dataclass(frozen=True, slots=True)
class Writer:
    """`write(folder, n)` writes version n > 0, whole or not at all; `read(folder)` is the version there, 0 for none.

    `write` raises one of `refusals` where it cannot (it may say nothing where not `says`); `read` raises whatever there
    is to raise for half a file. Where not `lasting`, nothing is left to be read.
    """

    write: Callable[[Path, int], None]
    read: Callable[[Path], int]
    refusals: tuple[type[Exception], ...] = (DiffvizError,)
    says: bool = True
    lasting: bool = True


def record(version: int) -> Record:
    """The record of a run that is as its `version` says."""
    return Record(ReverseRequest(model="toy", seed=version, steps=COUNT, samples=SAMPLES), {}, {"toy": "00ff"})


def frames(version: int) -> list[Frame]:
    """Its frames."""
    rng = np.random.default_rng(version)
    x = rng.uniform(-1, 1, (COUNT, SAMPLES, 1, SIDE, SIDE)).astype(np.float32)
    return [ReverseFrame(float(COUNT - 1 - i), 1.0, 0.5, 0.1, x[i], x[-1], x[0]) for i in range(COUNT)]


def _export(format_: str, folder: Path, version: int) -> None:
    about = RunInfo(record=record(version))
    settings = ExportSettings(format=format_, scale=2)
    export(frames(version), folder / (STEM + FORMATS[format_].suffix), settings, about=about)


def _exported(format_: str, folder: Path) -> int:
    path = folder / (STEM + FORMATS[format_].suffix)
    if not path.exists():
        return 0
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    versions = {read_record(file).request.seed for file in files}
    if len(versions) != 1:
        raise ValueError(f"versions {versions} side by side")
    for file in files if format_ in PICTURES or path.is_dir() else ():
        _decode(file)
    return versions.pop()


def _decode(path: Path) -> None:
    """Decode every picture of a file, to its end."""
    with Pillow.open(path) as film:
        for i in range(getattr(film, "n_frames", 1)):
            film.seek(i)
            film.load()


def saved(version: int) -> SavedSession:
    """A session whose one run is as its `version` says."""
    run = SavedRun(record(version), "diffusion/reverse", "finished", None, frames(version))
    return SavedSession((run,), 0, 0.0)


def _save(folder: Path, version: int) -> None:
    archive.write(saved(version), folder / f"{STEM}.diffviz")


def _opened(folder: Path) -> int:
    path = folder / f"{STEM}.diffviz"
    return session_version(path) if path.exists() else 0


def session_version(path: Path) -> int:
    """The version of the session in `path`, all of whose frames are read."""
    run = archive.read(path).runs[0]
    version = run.record.request.seed
    for one, other in zip(run.frames, frames(version), strict=True):
        if not all(np.array_equal(values, other.arrays()[name]) for name, values in one.arrays().items()):
            raise ValueError("frames of another version")
    return version


def _autosave(folder: Path, version: int) -> None:
    """The version as an open program keeps it for the case of a crash."""
    from tests.torture.autosaving import autosaved

    autosaved(folder, version)


def _recovered(folder: Path) -> int:
    from tests.torture.autosaving import prepare

    prepare()
    found = sorted(folder.glob("*.diffviz"), reverse=True)
    return max((session_version(path) for path in found), default=0)


def _prefer(folder: Path, version: int) -> None:
    from diffviz.session.preferences import Preferences

    preferences = Preferences(folder / "diffviz.ini")
    preferences["recent"] = f"version {version}\n" * 200
    preferences.save()


def _preferred(folder: Path) -> int:
    from diffviz.session.preferences import Preferences

    if not (folder / "diffviz.ini").exists():
        return 0
    lines = set(Preferences(folder / "diffviz.ini")["recent"].splitlines())
    if len(lines) != 1:
        raise ValueError(f"{len(lines)} versions")
    return int(lines.pop().rpartition(" ")[2])


def _train(folder: Path, version: int) -> None:
    from tests.torture.training import kept

    kept(folder, version)


def _trained(folder: Path) -> int:
    from tests.torture.training import version_of

    return version_of(folder)


def _spill(folder: Path, version: int) -> None:
    """Frames for which there is no memory."""
    store = FrameStore(Budget(0, folder))
    for frame in frames(version):
        store.append(dataclasses.replace(frame, position=float(len(store))))
    store.clear()


def _nothing(_: Path) -> int:
    return 0


def _exports() -> Iterable[tuple[str, Writer]]:
    for name, format_ in FORMATS.items():
        if not format_.missing() and name not in FIGURES | {"sheet"}:
            yield f"export-{name}", Writer(partial(_export, name), partial(_exported, name))


WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        "save": Writer(_save, _opened),
        "autosave": Writer(_autosave, _recovered),
        "checkpoint": Writer(_train, _trained, (DiffvizError, OSError)),
        "settings": Writer(_prefer, _preferred, says=False),
        **dict(_exports()),
    }
)
ALL_WRITERS: Mapping[str, Writer] = MappingProxyType(
    {**WRITERS, "spill": Writer(_spill, _nothing, (OSError, MemoryError), lasting=False)}
)
"""These, and the files of frames for which there is no memory: nobody finds them again, whatever happens."""
