"""Recovery: what is unsaved in a file of its own, written anew every minute; files that earlier programs have left.

Kept are the files of programs that run, and those that nobody has been asked about or has answered for. What was
restored and is kept elsewhere, and what a person did not want, is removed at once.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal, Slot

from diffviz.domain import atomic, errors
from diffviz.domain.text import tr
from diffviz.export import archive
from diffviz.export.archive import SUFFIX
from diffviz.families import family_of
from diffviz.session.file_task import Ending, FileTask, Outcome
from diffviz.session.looks import Looked, WindowLook
from diffviz.session.run import Run
from diffviz.session.saving import saved_of
from diffviz.session.session import Session

MILLISECONDS = 60_000
RETRY_MILLISECONDS, DOUBLINGS = 15_000, 5
FLUSH_MILLISECONDS = 20_000
LATE_SECONDS = 120.0
MOST_BYTES = 256 << 20
LOCK = ".lock"
ANSWERED = ".seen"
"""How the names of files end that versions before 0.5 kept though they had been answered for."""


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
        self._lock = _lock_of(self.path)
        self.looked: Looked = WindowLook
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
        if state != self._kept or not self.path.exists():  # somebody may have removed what is kept
            self._write(state)

    def hold(self, path: Path) -> bool:
        """Keep the recovery file `path` for this program, which restores it; False where another does, or it is."""
        lock = _lock_of(path)
        if path in self._held or not (lock.tryLock(0) or lock.error() != QLockFile.LockError.LockFailedError):
            return False
        self._held[path] = lock
        return True

    def restored(self, path: Path) -> None:
        """Take note that the runs of the file `path` are in the session now, and keep them anew at once."""
        if path in self._held:
            self._restored.add(path)
            self.save()

    def let_go(self, path: Path, *, needed: bool = True) -> None:
        """Hold `path` no longer: it is offered at the next start where it is `needed`, else removed."""
        lock = self._held.pop(path, None)
        self._restored.discard(path)
        if lock is not None:
            if not needed:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
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
        """Remove the restored files `paths`, or all: their runs are kept elsewhere, or nobody wants them."""
        for path in tuple(self._restored if paths is None else paths):
            self.let_go(path, needed=False)

    def _write(self, state: object) -> None:
        with suppress(OSError):  # writing will say what is wrong
            self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.tryLock(0)
        self._state, self._began = state, time.monotonic()
        saved = saved_of(self._session, MOST_BYTES, self.looked())
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
    """Recovery files whose program has ended, the newest first. What nobody needs any more is removed."""
    _tidy(folder)
    return [path for path in reversed(_files(folder, SUFFIX)) if _abandoned(path)]


def _tidy(folder: Path) -> None:
    """Remove answered files that earlier versions kept, locks without a file, and what killed writers have left."""
    atomic.sweep(folder)
    for path in _files(folder, SUFFIX):
        if path.stem.endswith(ANSWERED):
            forget(path)
    for lock in _files(folder, LOCK):
        if not lock.with_suffix(SUFFIX).exists():
            _abandoned(lock)  # to ask is to take it, and to let it go removes it


def forget(path: Path) -> None:
    """Remove the recovery file `path`, unless a program that runs has it."""
    with _held(path) as free, suppress(OSError):
        if free:
            path.unlink(missing_ok=True)


def _files(folder: Path, suffix: str) -> list[Path]:
    """What is called so in `folder`, by name; none where it cannot be looked into."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == suffix)
    except OSError:
        return []


def _abandoned(path: Path) -> bool:
    """Whether no running program holds `path`."""
    with _held(path) as free:
        return free


@contextmanager
def _held(path: Path) -> Iterator[bool]:
    """Hold `path` meanwhile; whether nobody else does."""
    lock = _lock_of(path)
    free = lock.tryLock(0)
    try:
        yield free
    finally:
        lock.unlock()


def _lock_of(path: Path) -> QLockFile:
    """What a program holds as long as it has the recovery file `path`; it grows stale with its program alone."""
    lock = QLockFile(str(path.with_suffix(LOCK)))
    lock.setStaleLockTime(0)
    return lock
