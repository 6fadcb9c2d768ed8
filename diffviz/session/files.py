"""Session files: saves and openings, one after another in the order they were asked for, each with an outcome.

Autosave: what is unsaved in a recovery file, written anew every minute; files that earlier programs have left.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal, Slot

from diffviz.domain import errors, export_settings
from diffviz.domain.text import tr
from diffviz.export import archive
from diffviz.export.archive import SUFFIX, SavedSession
from diffviz.families import family_of
from diffviz.session.file_task import WAIT_MILLISECONDS, Ending, FileTask, Outcome
from diffviz.session.run import Mark, Run
from diffviz.session.saving import Opened, keep_marks, load, marks_of, reopen, saved_of
from diffviz.session.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Saving:
    """The session as it was when its save was asked for, on its way to `path`; `marks` are those of its runs then."""

    path: Path
    saved: SavedSession
    marks: Mapping[Run, Mark]

    def work(self, progress: export_settings.Progress) -> None:
        archive.write(self.saved, self.path, progress)


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """The session file at `path`, on its way into `session`; `found` has it once it has been read."""

    path: Path
    session: Session
    recovered: bool = False
    found: list[Opened] = field(default_factory=list)

    def work(self, progress: export_settings.Progress) -> None:
        self.found.append(load(archive.read(self.path), self.session, progress))


Task = Saving | Opening


class SessionFiles(QObject):
    """Saves `session` and opens files into it; a task waits for those asked for before it, and none is dropped.

    `path` is the file in use: the one that was saved or opened last. `current` is the task that goes on.
    Signals: `begun(task)`, `ended(task, outcome)`, when the session has what came of it.
    """

    begun = Signal(object)
    ended = Signal(object, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.path: Path | None = None
        self.current: Task | None = None
        self._job: FileTask | None = None
        self._waiting: deque[Task] = deque()

    @property
    def saving(self) -> bool:
        """Whether a save goes on or waits."""
        return any(isinstance(task, Saving) for task in (self.current, *self._waiting))

    def save(self, path: Path) -> None:
        """Write the session as it is now to `path`."""
        task = Saving(path, saved_of(self.session), marks_of(self.session))
        newest = self._waiting[-1] if self._waiting else None
        if isinstance(newest, Saving) and newest.path == path:
            self._waiting.pop()  # it would be written over at once
        self._put(task)

    def open(self, path: Path, *, recovered: bool = False) -> None:
        """Put the runs of the file at `path` behind those there are; nothing where it is being opened already."""
        there = (task.path for task in (self.current, *self._waiting) if isinstance(task, Opening))
        if path not in there:
            self._put(Opening(path, self.session, recovered))

    @Slot()
    def cancel(self) -> None:
        """End what goes on at its next step, or give it up where none comes: file and session stay as they were."""
        if self._job is not None:
            self._job.cancel()

    def close(self) -> None:
        """Let a save come to its end, as far as that takes a few seconds, and read and write nothing more."""
        if self._job is not None and isinstance(self.current, Saving):
            self._job.wait(WAIT_MILLISECONDS)
        elif self._job is not None:
            self._job.close()
        self._waiting.clear()
        self._job = self.current = None

    def _put(self, task: Task) -> None:
        self._waiting.append(task)
        if self.current is None:
            self._next()

    def _next(self) -> None:
        if not self._waiting:
            return
        task = self.current = self._waiting.popleft()
        self._job = FileTask(task.work, task.path, self)
        self._job.ended.connect(self._on_ended)
        self._job.start()
        self.begun.emit(task)

    @Slot(object)
    def _on_ended(self, outcome: Outcome) -> None:
        task, job = self.current, self._job
        assert task is not None
        assert job is not None
        job.deleteLater()
        self.current = self._job = None
        if outcome.ending is Ending.DONE:
            self._take_over(task)
        self.ended.emit(task, outcome)
        if self.current is None:  # a slot may have asked for the next one
            self._next()

    def _take_over(self, task: Task) -> None:
        """Make what `task` has done the session's state."""
        match task:
            case Saving():
                keep_marks(task.marks)
                self.path = task.path
            case Opening():
                [opened] = task.found
                reopen(self.session, opened, recovered=task.recovered)
                if opened.whole and not task.recovered:
                    self.path = task.path


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

    Files of earlier programs that are being restored are held: no other program offers them. They stay on offer for the
    next start until their runs are kept anew, or a person has saved or discarded these.
    """

    ended = Signal()

    def __init__(self, session: Session, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self.folder = session, folder
        self.path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}{SUFFIX}"
        self._lock = QLockFile(str(_lock_of(self.path)))
        self._lock.setStaleLockTime(0)
        self._held: dict[Path, QLockFile] = {}
        self._restored: set[Path] = set()
        self._written: set[Path] = set()
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

    def hold(self, path: Path) -> bool:
        """Keep the recovery file `path` for this program, which restores it; False where another does, or it is."""
        lock = QLockFile(str(_lock_of(path)))
        lock.setStaleLockTime(0)
        if path in self._held or not (lock.tryLock(0) or lock.error() != QLockFile.LockError.LockFailedError):
            return False
        self._held[path] = lock
        return True

    def restored(self, path: Path) -> None:
        """Take note that the runs of the file `path` are in the session now, and keep them anew at once."""
        if path in self._held:
            self._restored.add(path)
            self.save()

    def let_go(self, path: Path, *, seen: bool = False) -> None:
        """Hold `path` no longer: it is offered at the next start, unless it was `seen`."""
        lock = self._held.pop(path, None)
        self._restored.discard(path)
        if lock is not None:
            if seen:
                mark_seen(path)
            lock.unlock()

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
            self.put_away()
            self._remove()
        for path in tuple(self._held):
            self.let_go(path)
        self._lock.unlock()

    def put_away(self, paths: Iterable[Path] | None = None) -> None:
        """Offer the restored files `paths`, or all, no more: their runs are kept elsewhere, or nobody wants them."""
        for path in tuple(self._restored if paths is None else paths):
            self.let_go(path, seen=True)

    def _write(self, state: object) -> None:
        with suppress(OSError):  # writing will say what is wrong
            self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.tryLock(0)
        self._state, self._began = state, time.monotonic()
        saved = saved_of(self._session, MOST_BYTES)
        whole = sum(run.store.nbytes for run in self._session.runs if run.lasting) <= MOST_BYTES
        self._written = set(self._restored) if whole else set()
        work: Callable[..., None] = partial(archive.write, saved, self.path)
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
            self.put_away(self._written)
        self._settle(outcome.error)

    def _settle(self, error: Exception | None) -> None:
        """Note how an attempt ended, and when the next one is due."""
        self.error = error
        self._failures = self._failures + 1 if error is not None else 0
        later = RETRY_MILLISECONDS << min(self._failures - 1, DOUBLINGS) if error is not None else MILLISECONDS
        self._timer.setInterval(later)
        self.ended.emit()

    def _slow(self) -> errors.ExportFailed:
        return errors.ExportFailed(self.path, "other", tr("it takes too long"))

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
