"""How long views keep showing a run that has given its place to one without frames."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

MILLISECONDS = 300
"""A run that is being computed brings its first frame sooner: its views change once, not twice."""


class FirstFrameTimeout(QObject):
    """`over` says whether the wait has taken longer than `MILLISECONDS`. Signals: `ended`, when it has."""

    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting = False
        self.over = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(MILLISECONDS)
        self._timer.timeout.connect(self._on_timeout)

    def watch(self, waiting: bool) -> None:
        """Whether a first frame is being waited for, told as often as one likes."""
        if waiting and not self._waiting:
            self._timer.start()
        elif not waiting:
            self._timer.stop()
        self._waiting = waiting
        self.over = self.over and waiting

    def stop(self) -> None:
        """Wait no more."""
        self._timer.stop()

    @Slot()
    def _on_timeout(self) -> None:
        self.over = True
        self.ended.emit()
