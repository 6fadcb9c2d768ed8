"""When views are drawn: at most once per display frame, and less often while a run is only being watched."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Slot

from diffviz.session.session import Session

CURSOR_MILLISECONDS = 16
WATCH_MILLISECONDS = 33


class Repaint(QObject):
    """Calls `draw` after the session changed: at once for a moved cursor, at most 30 times a second for new frames."""

    def __init__(self, session: Session, draw: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._draw = draw
        self._since = QElapsedTimer()
        self._since.start()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.now)
        session.cursor_changed.connect(self._on_cursor_changed)
        session.frames_arrived.connect(self._on_frames_arrived)
        session.shown_changed.connect(self.soon)
        session.runs_changed.connect(self.soon)

    @Slot()
    def soon(self) -> None:
        """Draw in the next display frame."""
        self._within(CURSOR_MILLISECONDS)

    @Slot()
    def now(self) -> None:
        """Draw now."""
        self._timer.stop()
        self._since.restart()
        self._draw()

    def stop(self) -> None:
        """Draw no more."""
        self._timer.stop()

    @Slot()
    def _on_cursor_changed(self) -> None:
        self._within(WATCH_MILLISECONDS if self._session.following else CURSOR_MILLISECONDS)

    @Slot()
    def _on_frames_arrived(self) -> None:
        self._within(WATCH_MILLISECONDS)

    def _within(self, gap: int) -> None:
        wait = max(0, gap - self._since.elapsed())
        if not self._timer.isActive() or self._timer.remainingTime() > wait:
            self._timer.start(int(wait))
