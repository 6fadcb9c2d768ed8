"""Autosave: what is unsaved in a recovery file, written anew every minute; files that earlier programs have left."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal, Slot

from diffviz.domain.errors import ExportFailed
from diffviz.domain.text import tr
from diffviz.export import archive
from diffviz.export.archive import SUFFIX
from diffviz.families import family_of
from diffviz.session.file_task import Ending, FileTask, Outcome
from diffviz.session.run import Run
from diffviz.session.saving import saved_of
from diffviz.session.session import Session

MILLISECONDS = 60_000
RETRY_MILLISECONDS, DOUBLINGS = 15_000, 5
FLUSH_MILLISECONDS = 20_000
LATE_SECONDS = 120.0
KEPT = 3
MOST_BYTES = 256 << 20
SEEN = ".seen"


class Autosave(QObject):
    """Keeps what is unsaved of `session` in a file of its own in `folder`, as long as there is something unsaved.

    A write that fails is tried again, at first soon and then ever later. `error` is what the last one ended with, None
    where it succeeded or nothing has to be kept; one that is late has failed until it ends. Signals: `ended`, after
    every attempt.
    """

    ended = Signal()

    def __init__(self, session: Session, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self.folder = session, folder
        self.path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}{SUFFIX}"
        self._lock = QLockFile(str(_lock_of(self.path)))
        self._lock.setStaleLockTime(0)
        self._kept: object = None
        self._state: object = None
        self._failures = 0
        self._began = 0.0
        self.job: FileTask | None = None
        self.error: Exception | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(MILLISECONDS)
        self._timer.timeout.connect(self.save)
        self._timer.start()

    @property
    def milliseconds(self) -> int:
        """How long it is from one attempt to the next."""
        return self._timer.interval()

    @Slot()
    def save(self) -> None:
        """Write what there is, unless it is kept already or being written; remove the file where nothing is unsaved."""
        if self.job is not None:
            if time.monotonic() - self._began > LATE_SECONDS:
                self._settle(self._slow())
            return
        if not worth_keeping(self._session):
            self._remove()
            if self.error is not None:
                self._settle(None)
            return
        state = [(run.id, run.status, run.mark) for run in self._session.runs if run.lasting]
        if state != self._kept:
            self._write(state)

    def flush(self) -> bool:
        """Write what there is now and wait for it; whether all of it is kept."""
        if not self._drop_job():  # another one would not come further
            self._settle(self._slow())
            return False
        self.save()
        if self.job is not None:
            outcome = self.job.wait(FLUSH_MILLISECONDS)
            if outcome is None or outcome.ending is Ending.CANCELLED:
                outcome = Outcome(self.path, Ending.FAILED, self._slow())
            self._on_ended(outcome)
        return self.error is None

    def close(self, *, keep: bool) -> None:
        """End; `keep` leaves the file for the next start to offer, otherwise there will be nothing to recover."""
        self._timer.stop()
        self._drop_job()
        if not keep:
            self._remove()
        self._lock.unlock()

    def _write(self, state: object) -> None:
        with suppress(OSError):  # writing will say what is wrong
            self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.tryLock(0)
        self._state, self._began = state, time.monotonic()
        work: Callable[..., None] = partial(archive.write, saved_of(self._session, MOST_BYTES), self.path)
        self.job = FileTask(work, self.path, self)
        self.job.ended.connect(self._on_ended)
        self.job.start()

    @Slot(object)
    def _on_ended(self, outcome: Outcome) -> None:
        if self.job is not None:
            self.job.deleteLater()
            self.job = None
        if outcome.ending is Ending.DONE:
            self._kept = self._state
        self._settle(outcome.error)

    def _settle(self, error: Exception | None) -> None:
        """Note how an attempt ended, and when the next one is due."""
        self.error = error
        self._failures = self._failures + 1 if error is not None else 0
        later = RETRY_MILLISECONDS << min(self._failures - 1, DOUBLINGS) if error is not None else MILLISECONDS
        self._timer.setInterval(later)
        self.ended.emit()

    def _slow(self) -> ExportFailed:
        return ExportFailed(self.path, "other", tr("it takes too long"))

    def _drop_job(self) -> bool:
        """Let go of what is being written; whether it ended in time."""
        job, self.job = self.job, None
        return job is None or job.close()

    def _remove(self) -> None:
        self._kept = None
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def worth_keeping(session: Session) -> bool:
    """Whether a crash would cost a person something: more than noise on pictures, which follows the form at once."""
    return any(run.changed and (run.unsaved or not _instant(run)) for run in session.runs)


def _instant(run: Run) -> bool:
    return family_of(run.request).instant(run.request)


def left_behind(folder: Path) -> list[Path]:
    """Recovery files whose program has ended, the newest first; of those seen all but the last `KEPT` are removed."""
    try:
        found = sorted((path for path in folder.iterdir() if path.suffix == SUFFIX), reverse=True)
    except OSError:
        return []
    orphans = [path for path in found if _abandoned(path)]
    fresh = unseen(orphans)
    old = [path for path in orphans if path not in fresh]
    for path in old[KEPT:]:
        with suppress(OSError):
            path.unlink()
    return [path for path in orphans if path in fresh or path in old[:KEPT]]


def unseen(paths: list[Path]) -> list[Path]:
    """Those of `paths` that were not offered yet."""
    return [path for path in paths if not path.stem.endswith(SEEN)]


def mark_seen(path: Path) -> Path:
    """Keep the recovery file `path` without offering it again; where it is now."""
    if path.stem.endswith(SEEN):
        return path
    with suppress(OSError):
        return path.rename(path.with_name(f"{path.stem}{SEEN}{SUFFIX}"))
    return path


def _abandoned(path: Path) -> bool:
    """Whether no running program holds `path`."""
    lock = QLockFile(str(_lock_of(path)))
    lock.setStaleLockTime(0)
    free = lock.tryLock(0)
    lock.unlock()
    return free


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")
