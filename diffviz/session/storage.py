"""Storage: what the program keeps on disk beside what a person has saved, how much that is, and how it goes.

Three things: recovery files, frames that memory has no room for, and caches. What a program that runs needs stays.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from diffviz.domain import atomic, export_settings
from diffviz.domain.store import Budget
from diffviz.session import recovery
from diffviz.session.file_task import FileTask, Outcome

RECOVERY, FRAMES, CACHES = "recovery", "frames", "caches"
KINDS = (RECOVERY, FRAMES, CACHES)
SPILLED, FEATURES = "frames", "features"
"""Folder of the caches for frames. Where the system lets files be open without a name, nothing is seen in it."""


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """Bytes that something takes on disk, and how many of them nothing needs that runs."""

    nbytes: int
    free: int


def nbytes_of(path: Path) -> int:
    """Bytes in the file `path`, or in all files below that folder; 0 for what is not there."""
    atomic.go_on()
    with suppress(OSError):
        return path.lstat().st_size if not path.is_dir() else sum(map(nbytes_of, _files_below(path)))
    return 0


def _files_below(folder: Path) -> Iterator[Path]:
    """All files below `folder`. No link is followed, `folder` itself included: it leads to a person's own place."""
    if folder.is_symlink():
        return
    for place, _folders, names in os.walk(folder):
        atomic.go_on()
        yield from (Path(place, name) for name in names)


class Storage(QObject):
    """Counts and clears, on a thread of its own, what is in the folders `recovered` and `cache`, and the frames of
    `budget` that are on disk.

    `found` has what was counted, by kind; empty before that. Signals: `changed`, when it was counted anew.
    """

    changed = Signal()

    def __init__(self, recovered: Path, cache: Path, budget: Budget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recovered, self._cache, self._budget = recovered, cache, budget
        self.found: dict[str, StoredBytes] = {}
        self._job: FileTask | None = None

    def count(self) -> None:
        """Count anew."""
        self._start(lambda: None)

    def clear(self, kind: str) -> None:
        """Remove what is kept of `kind` and not needed, and count anew."""
        self._start({RECOVERY: self._clear_recovery, FRAMES: self._clear_frames, CACHES: self._clear_caches}[kind])

    def close(self) -> None:
        """Stop at the next file, and wait for nothing: there may be very many, on a disk that does not answer."""
        if self._job is not None:
            self._job.leave()
            self._job = None

    def _start(self, first: Callable[[], None]) -> None:
        self.close()
        counted: dict[str, StoredBytes] = {}

        def work(progress: export_settings.Progress) -> None:
            first()
            for number, kind in enumerate(KINDS):
                progress(number, len(KINDS))
                counted[kind] = self._count(kind)

        self._job = FileTask(work, self._cache, self)
        self._job.ended.connect(lambda outcome: self._on_ended(outcome, counted))
        self._job.start()

    @Slot(object)
    def _on_ended(self, _outcome: Outcome, counted: dict[str, StoredBytes]) -> None:
        if self._job is not None:
            self._job.deleteLater()
            self._job = None
        self.found = counted
        self.changed.emit()

    def _count(self, kind: str) -> StoredBytes:
        if kind == RECOVERY:
            return StoredBytes(nbytes_of(self._recovered), _sum(recovery.left_behind(self._recovered)))
        if kind == FRAMES:
            lying = _sum(self._lying())
            return StoredBytes(self._budget.spilled + lying, lying)
        caches = _sum(self._cached())
        return StoredBytes(caches, caches)

    def _lying(self) -> Iterable[Path]:
        """Files of frames with a name: on Windows those of programs that run too, which cannot be removed there."""
        return list(_files_below(self._cache / SPILLED))

    def _cached(self) -> Iterable[Path]:
        """What the program computes and can compute again; whatever else lies in the folder is not its own."""
        return [] if self._cache.is_symlink() else list(_files_below(self._cache / FEATURES))

    def _clear_recovery(self) -> None:
        for path in recovery.left_behind(self._recovered):
            recovery.forget(path)

    def _clear_frames(self) -> None:
        _remove(self._lying())

    def _clear_caches(self) -> None:
        _remove(self._cached())


def _sum(paths: Iterable[Path]) -> int:
    return sum(map(nbytes_of, paths))


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        atomic.go_on()
        with suppress(OSError):
            path.unlink(missing_ok=True)
