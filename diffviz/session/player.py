"""The player: moves the session's cursor along the shown run, in time or one step at a time."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

from diffviz.domain.arrays import nearest_index
from diffviz.session.session import Session

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
TICK_MILLISECONDS = 33
SECONDS_AT_ONE = 6.0


class Player(QObject):
    """Plays the computed frames of the shown run in the run's own direction.

    At speed 1 the whole axis takes `SECONDS_AT_ONE`, evenly over its length. Signals: `changed` (playing, speed or
    loop changed).
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.playing = False
        self.loop = False
        self.speed = 1.0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)
        session.shown_changed.connect(self._on_shown_changed)

    def play(self) -> None:
        """Start playing; from the beginning where the cursor stands at the run's end."""
        positions = self._positions()
        if len(positions) < 2:
            return
        if self._session.cursor == self._last(positions):
            self._session.seek(self._first(positions))
        self.playing = True
        self._clock.start()
        self._timer.start()
        self.changed.emit()

    def pause(self) -> None:
        """Stand still."""
        if self.playing:
            self.playing = False
            self._timer.stop()
            self.changed.emit()

    def toggle(self) -> None:
        """Play or pause."""
        self.pause() if self.playing else self.play()

    def set_loop(self, loop: bool) -> None:
        """Begin again at the end, or stop there."""
        self.loop = loop
        self.changed.emit()

    def change_speed(self, by: int) -> None:
        """Go `by` places up or down the list of speeds."""
        at = bisect.bisect_left(SPEEDS, self.speed)
        self.speed = SPEEDS[min(max(at + by, 0), len(SPEEDS) - 1)]
        self.changed.emit()

    def step(self, by: int) -> None:
        """Go `by` computed frames along the axis (positive: towards larger positions)."""
        positions = self._positions()
        if not positions:
            return
        self.pause()
        at = nearest_index(positions, self._session.cursor)
        self._session.seek(positions[min(max(at + by, 0), len(positions) - 1)])

    def jump(self, end: int) -> None:
        """Go to the first (-1) or last (+1) computed position on the axis."""
        positions = self._positions()
        if positions:
            self.pause()
            self._session.seek(positions[0] if end < 0 else positions[-1])

    @Slot()
    def _on_shown_changed(self) -> None:
        self.pause()

    @Slot()
    def _on_tick(self) -> None:
        positions = self._positions()
        if len(positions) < 2 or self._session.a is None:
            self.pause()
            return
        run = self._session.a
        by = self._clock.restart() / 1000 * self.speed / SECONDS_AT_ONE
        share = run.scale.share(self._session.cursor) + run.plan.direction * by
        self._advance(positions, run.scale.position(share))

    def _advance(self, positions: Sequence[float], to: float) -> None:
        low, high = positions[0], positions[-1]
        if low <= to <= high:
            self._session.seek(to)
        elif self.loop:
            self._session.seek(self._first(positions))
        else:
            self._session.seek(self._last(positions))
            self.pause()

    def _positions(self) -> Sequence[float]:
        run = self._session.a
        return run.positions() if run else ()

    def _first(self, positions: Sequence[float]) -> float:
        assert self._session.a
        return positions[0] if self._session.a.plan.direction > 0 else positions[-1]

    def _last(self, positions: Sequence[float]) -> float:
        assert self._session.a
        return positions[-1] if self._session.a.plan.direction > 0 else positions[0]
