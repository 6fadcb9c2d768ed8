"""When views are drawn: at most once per display frame, and less often while a run is only being watched."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Slot

from diffviz.session.session import Session

CURSOR_MILLISECONDS = 16
WATCH_MILLISECONDS = 33
WATCH_SHARE = 0.06


class RedrawScheduler(QObject):
    """Calls `draw` after the session changed: at once for a moved cursor, at most 30 times a second for new frames.

    A cursor that is moved waits for the display frame of the move before, never for that of a frame that came.
    Watching takes at most `share` of the time, paint included, so that it hardly slows the run down: on a slow
    screen it is drawn less often.
    """

    def __init__(
        self, session: Session, draw: Callable[[], None], parent: QObject | None = None, share: float = WATCH_SHARE
    ) -> None:
        super().__init__(parent)
        self._share = share
        self._session = session
        self._draw = draw
        self._cost = 0
        self._since, self._since_move = QElapsedTimer(), QElapsedTimer()
        self._since.start()
        self._since_move.start()
        self._moved = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.now)
        self._painted = QTimer(self)  # paint events come before it
        self._painted.setSingleShot(True)
        self._painted.timeout.connect(self._on_painted)
        session.cursor_changed.connect(self._on_cursor_changed)
        session.frames_arrived.connect(self._on_frames_arrived)
        session.shown_changed.connect(self.soon)
        session.pinned_changed.connect(self.soon)
        session.runs_changed.connect(self.soon)

    @Slot()
    def soon(self) -> None:
        """Draw in the next display frame."""
        self._within(CURSOR_MILLISECONDS - self._since.elapsed())

    @Slot()
    def now(self) -> None:
        """Draw now."""
        self._timer.stop()
        self._since.restart()
        if self._moved:
            self._since_move.restart()
            self._moved = False
        self._draw()
        self._painted.start(0)

    def stop(self) -> None:
        """Draw no more."""
        self._timer.stop()
        self._painted.stop()

    @property
    def watch_gap(self) -> int:
        """Milliseconds between two draws of a run that is being watched."""
        return max(WATCH_MILLISECONDS, round(self._cost / self._share))

    @Slot()
    def _on_painted(self) -> None:
        self._cost = self._since.elapsed()

    @Slot()
    def _on_cursor_changed(self) -> None:
        if self._session.following:
            self._within(self.watch_gap - self._since.elapsed())
        else:
            self._moved = True
            self._within(CURSOR_MILLISECONDS - self._since_move.elapsed())

    @Slot()
    def _on_frames_arrived(self) -> None:
        self._within(self.watch_gap - self._since.elapsed())

    def _within(self, wait: int) -> None:
        if not self._timer.isActive() or self._timer.remainingTime() > wait:
            self._timer.start(max(0, wait))
