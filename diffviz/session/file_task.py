"""Work on a file on a thread of its own: progress, cancel, and one outcome. Exports are such work."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from diffviz.domain import atomic, errors
from diffviz.domain.export_settings import ExportSettings, Progress
from diffviz.domain.frames import Frame
from diffviz.domain.store import FrameStore
from diffviz.export.run_info import NOTHING, RunInfo

logger = logging.getLogger(__name__)
REPORT_SECONDS = 0.03
WAIT_MILLISECONDS = 5000
PATIENCE_MILLISECONDS = 1000
_hung: list[QThread] = []


class Ending(Enum):
    """How work on a file can end."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """How work on the file `path` ended, and where it failed, why."""

    path: Path
    ending: Ending
    error: Exception | None = None


class FileTask(QObject):
    """Does `work` for the file `path` off the calling thread; what it raises from `Progress` ends it.

    `outcome` is None until the work has ended. Signals, on the thread that made the job: `progress(done, total)`, then
    once `ended(outcome)`; the thread has ended by then. A job that is closed or waited for says nothing more.
    """

    progress = Signal(int, int)
    ended = Signal(object)
    _cancel_asked = Signal()

    def __init__(self, work: Callable[[Progress], None], path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self.outcome: Outcome | None = None
        self._silent = False
        self._thread = _Thread(work)
        self._thread.progress.connect(self._on_progress)
        self._thread.finished.connect(self._on_finished)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self.give_up)
        self._cancel_asked.connect(self._on_cancel_asked)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._thread.isRunning()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cancel(self) -> None:
        """End at the next step; what was there before stays. Any thread may ask.

        Where no step comes in `PATIENCE_MILLISECONDS`, as with a disk that does not answer, the work is given up.
        """
        self._thread.stop.set()
        self._cancel_asked.emit()

    @Slot()
    def _on_cancel_asked(self) -> None:
        if not self._silent:
            self._patience.start(PATIENCE_MILLISECONDS)

    @Slot()
    def give_up(self) -> None:
        """Come to an end as cancelled, now: a call that the system does not come back from is left to itself.

        Where it does come back one day, what was written still takes no place.
        """
        if self._silent or not self.running:
            return  # it has ended, and will say so
        self._thread.stop.set()
        self._silent = True
        _leave(self._thread)
        self.outcome = Outcome(self._path, Ending.CANCELLED)
        self.ended.emit(self.outcome)

    def wait(self, milliseconds: int) -> Outcome | None:
        """Block until it has ended, or give it up after `milliseconds`; its outcome, None where there is none."""
        self._silent = True  # to disconnect would not be enough: word of the end may be on its way already
        self._patience.stop()
        if not self._thread.wait(milliseconds):
            self._thread.stop.set()
            if not self._thread.wait(WAIT_MILLISECONDS):
                _leave(self._thread)
                return None
        self.outcome = self._outcome()
        return self.outcome

    def leave(self) -> None:
        """Cancel, say nothing more, and wait for nothing: the thread ends at its next step, or is left to itself."""
        self._silent = True
        self._patience.stop()
        self._thread.stop.set()
        if self.running:
            _leave(self._thread)

    def close(self) -> bool:
        """Cancel, and wait for the thread; whether it ended in time."""
        self._thread.stop.set()
        return self.wait(0) is not None

    def _outcome(self) -> Outcome:
        match self._thread.error:
            case None:
                return Outcome(self._path, Ending.DONE)
            case errors.Interrupted():
                return Outcome(self._path, Ending.CANCELLED)
            case error:
                return Outcome(self._path, Ending.FAILED, error)

    @Slot(int, int)
    def _on_progress(self, done: int, total: int) -> None:
        if not self._silent:
            self.progress.emit(done, total)

    @Slot()
    def _on_finished(self) -> None:
        if self._silent:
            return
        self._patience.stop()
        self._thread.wait()
        self.outcome = self._outcome()
        self.ended.emit(self.outcome)


def _leave(thread: QThread) -> None:
    """Hold `thread` as long as it runs, whoever else has forgotten it."""
    _hung[:] = [left for left in _hung if left.isRunning()]
    _hung.append(thread)


def hung() -> bool:
    """Whether the thread of a job that was closed still runs: to destroy it would abort the process."""
    return any(thread.isRunning() for thread in _hung)


class _Thread(QThread):
    """Does one piece of work. `error` is what ended it early, None while it runs and where it succeeded."""

    progress = Signal(int, int)

    def __init__(self, work: Callable[[Progress], None]) -> None:
        super().__init__()
        self.setObjectName("diffviz-file")
        self.stop = threading.Event()
        self.error: Exception | None = None
        self._work = work
        self._reported = 0.0

    def run(self) -> None:
        """Work; every error becomes the outcome."""
        try:
            with atomic.asking(self._agree):
                self._work(self._report)
        except errors.Interrupted as error:
            self.error = error
        except Exception as error:
            logger.exception("A file was not read or written")
            self.error = error

    def _agree(self) -> None:
        if self.stop.is_set():
            raise errors.Interrupted

    def _report(self, done: int, total: int) -> None:
        self._agree()
        now = time.monotonic()
        if done == total or now - self._reported >= REPORT_SECONDS:
            self._reported = now
            self.progress.emit(done, total)


def snapshot(store: FrameStore) -> tuple[Frame, ...]:
    """The frames that `store` has now, for another thread to read. Called on the thread that appends to it.

    The frames are views: no pixel is copied. Reading them is safe while the store grows, since each row of its
    blocks is written once, before its frame can be had; and after the store was cleared, since a view keeps its
    block alive.
    """
    return tuple(store)


class ExportJob(FileTask):
    """Writes frames to a file off the calling thread; `about` is what is known of their run."""

    def __init__(
        self,
        frames: Sequence[Frame],
        path: Path,
        settings: ExportSettings,
        parent: QObject | None = None,
        about: RunInfo = NOTHING,
    ) -> None:
        from diffviz.export import formats  # here and not with this module: the start does not wait for it

        def work(progress: Progress) -> None:
            formats.export(frames, path, settings, progress, about)

        super().__init__(work, path, parent)
