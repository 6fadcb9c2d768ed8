"""Autosave: the session in a recovery file, written anew every minute, and what an earlier crash has left of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Slot

from diffviz.domain.requests import ForwardRequest, Step
from diffviz.export import archive
from diffviz.export.archive import SUFFIX
from diffviz.session.job import Job
from diffviz.session.run import ASIDE
from diffviz.session.saving import saved_of
from diffviz.session.session import Session

MILLISECONDS = 60_000
KEPT = 3
MOST_BYTES = 256 << 20
SEEN = ".seen"


class Autosave(QObject):
    """Keeps `session` in a file of its own in `folder` as long as the program runs; a clean end removes it.

    `error` is what the last attempt ended with, None where it succeeded.
    """

    def __init__(self, session: Session, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._folder = session, folder
        self.path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}{SUFFIX}"
        self._lock = QLockFile(str(_lock_of(self.path)))
        self._lock.setStaleLockTime(0)
        self._known: object = None
        self.job: Job | None = None
        self.error: Exception | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(MILLISECONDS)
        self._timer.timeout.connect(self.save)
        self._timer.start()

    @Slot()
    def save(self) -> None:
        """Write what there is, unless nothing has changed, nothing is worth it, or it is still being written."""
        state = [(run.id, len(run.store), run.status, run.name) for run in self._session.runs]
        if self.job is not None or state == self._known or not worth_keeping(self._session):
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.error = error
            return
        self._lock.tryLock(0)
        self._known = state
        work: Callable[..., None] = partial(archive.write, saved_of(self._session, MOST_BYTES), self.path)
        self.job = Job(work, self.path, self)
        self.job.finished.connect(self._on_finished)
        self.job.failed.connect(self._on_failed)
        self.job.start()

    def close(self) -> None:
        """The program ends well: there will be nothing to recover."""
        self._timer.stop()
        if self.job is not None:
            self.job.close()
            self.job = None
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._lock.unlock()

    @Slot(object)
    def _on_finished(self, _path: Path) -> None:
        self._ended(None)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._ended(error)

    def _ended(self, error: Exception | None) -> None:
        self.error = error
        if self.job is not None:
            self.job.deleteLater()
            self.job = None


def worth_keeping(session: Session) -> bool:
    """Whether a person has computed something: more than the noising that the program begins with."""
    runs = [run for run in session.runs if not run.slot.startswith(ASIDE) or isinstance(run.request.start, Step)]
    plain = (isinstance(run.request, ForwardRequest) and run.request.model is None for run in runs)
    return len(runs) > 1 or not all(plain)


def left_behind(folder: Path) -> list[Path]:
    """Recovery files whose program ended without a word, the newest first; all but the last `KEPT` are removed."""
    try:
        found = sorted((path for path in folder.iterdir() if path.suffix == SUFFIX), reverse=True)
    except OSError:
        return []
    orphans = [path for path in found if _abandoned(path)]
    for path in orphans[KEPT:]:
        with suppress(OSError):
            path.unlink()
    return orphans[:KEPT]


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
