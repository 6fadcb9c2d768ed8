"""An export on a thread of its own: progress, cancel, and one outcome."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal, Slot

from diffviz.domain.errors import Interrupted
from diffviz.domain.export import ExportSettings
from diffviz.domain.frames import Frame
from diffviz.domain.store import FrameStore
from diffviz.export.formats import export

REPORT_SECONDS = 0.03
WAIT_MILLISECONDS = 5000


def snapshot(store: FrameStore) -> tuple[Frame, ...]:
    """The frames that `store` has now, for another thread to read. Called on the thread that appends to it.

    The frames are views: no pixel is copied. Reading them is safe while the store grows, since each row of its
    blocks is written once, before its frame can be had; and after the store was cleared, since a view keeps its
    block alive.
    """
    return tuple(store)


class ExportJob(QObject):
    """Writes frames to a file off the calling thread.

    Signals, on the thread that made the job: `progress(done, total)` in frames, then exactly one of `finished(path)`,
    `failed(error)` and `cancelled()`. The thread has ended when that one is emitted.
    """

    progress = Signal(int, int)
    finished = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(
        self, frames: Sequence[Frame], path: Path, settings: ExportSettings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._path = path
        self._thread = _Thread(frames, path, settings)
        self._thread.progress.connect(self._on_progress)
        self._thread.finished.connect(self._on_finished)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._thread.isRunning()

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def cancel(self) -> None:
        """End before the next frame; what was there before stays."""
        self._thread.stop.set()

    def close(self) -> bool:
        """Cancel without an outcome, and wait for the thread; whether it ended in time."""
        self.cancel()
        self._thread.progress.disconnect(self._on_progress)
        self._thread.finished.disconnect(self._on_finished)
        return self._thread.wait(WAIT_MILLISECONDS)

    @Slot(int, int)
    def _on_progress(self, done: int, total: int) -> None:
        self.progress.emit(done, total)

    @Slot()
    def _on_finished(self) -> None:
        self._thread.wait()
        match self._thread.error:
            case None:
                self.finished.emit(self._path)
            case Interrupted():
                self.cancelled.emit()
            case error:
                self.failed.emit(error)


class _Thread(QThread):
    """Runs one export. `error` is what ended it early, None while it runs and where it succeeded."""

    progress = Signal(int, int)

    def __init__(self, frames: Sequence[Frame], path: Path, settings: ExportSettings) -> None:
        super().__init__()
        self.setObjectName("diffviz-export")
        self.stop = threading.Event()
        self.error: Exception | None = None
        self._arguments = frames, path, settings
        self._reported = 0.0

    def run(self) -> None:
        """Export; every error becomes the outcome."""
        try:
            export(*self._arguments, self._report)
        except Exception as error:
            self.error = error

    def _report(self, done: int, total: int) -> None:
        if self.stop.is_set():
            raise Interrupted
        now = time.monotonic()
        if done == total or now - self._reported >= REPORT_SECONDS:
            self._reported = now
            self.progress.emit(done, total)
