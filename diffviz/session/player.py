"""The player: moves the session's cursor along the shown run, in time or one step at a time."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

from diffviz.domain.arrays import nearest_index
from diffviz.domain.axis_scale import Scale
from diffviz.domain.bookmarks import LOOP, STOP, SWING, beyond
from diffviz.session.run import Run
from diffviz.session.session import Session

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
TICK_MILLISECONDS = 33
SECONDS_AT_ONE = 6.0


class Player(QObject):
    """Plays the computed frames of the shown run in the run's own direction: those of the chosen range, or all.

    At speed 1 the whole axis takes `SECONDS_AT_ONE`, evenly over its length as it is shown. `ending` is one of
    `ENDINGS`. Signals: `changed` (playing, speed or ending changed).
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.playing = False
        self.ending = STOP
        self.speed = 1.0
        self._heading = 1
        self._scale: tuple[Run | None, Scale | None] = None, None
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)
        session.shown_changed.connect(self._on_shown_changed)

    def play(self) -> None:
        """Start playing; where the cursor stands at the end, from the beginning, or back from there."""
        ends = self._ends()
        if ends is None:
            return
        first, last = ends
        self._heading = 1
        if self._session.cursor == last and self.ending == SWING:
            self._heading = -1
        elif self._session.cursor == last or not min(ends) <= self._session.cursor <= max(ends):
            self._session.seek(first)
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

    @property
    def loop(self) -> bool:
        """Whether it begins again at the end."""
        return self.ending == LOOP

    @loop.setter
    def loop(self, loop: bool) -> None:
        self.set_ending(LOOP if loop else STOP)

    def set_ending(self, ending: str) -> None:
        """What comes at the end, one of `ENDINGS`, from now on."""
        if ending != self.ending:
            self.ending, self._heading = ending, 1
            self.changed.emit()

    def pace(self, run: Run, scale: Scale) -> None:
        """Play `run` evenly over `scale`, by which its axis is shown."""
        self._scale = run, scale

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

    def go_to_mark(self, by: int) -> None:
        """Go to the next bookmark of the shown run above the cursor (`by` > 0) or below it."""
        run = self._session.a
        mark = beyond(run.bookmarks, self._session.cursor, by) if run else None
        if mark is not None:
            self.pause()
            self._session.seek(mark.position)

    @Slot()
    def _on_shown_changed(self) -> None:
        self.pause()

    @Slot()
    def _on_tick(self) -> None:
        run, ends = self._session.a, self._ends()
        if run is None or ends is None:
            self.pause()
            return
        scale = self._scale[1] if self._scale[0] is run and self._scale[1] else run.scale
        by = self._clock.restart() / 1000 * self.speed / SECONDS_AT_ONE
        share = scale.share(self._session.cursor) + run.plan.direction * self._heading * by
        self._advance(ends, scale.position(share) if 0 <= share <= 1 else None)

    def _advance(self, ends: tuple[float, float], to: float | None) -> None:
        """Go on to `to`; where that is beyond the first or the last of `ends`, or None, do what comes there."""
        first, last = ends
        if to is not None and min(ends) <= to <= max(ends):
            self._session.seek(to)
        elif self.ending == SWING:
            self._session.seek(last if self._heading > 0 else first)
            self._heading = -self._heading
        elif self.ending == LOOP:
            self._session.seek(first)
        else:
            self._session.seek(last)
            self.pause()

    def _positions(self) -> Sequence[float]:
        run = self._session.a
        return run.positions() if run else ()

    def _ends(self) -> tuple[float, float] | None:
        """Where playing begins and where it ends: of the chosen range, where it has frames; None without two frames."""
        run, positions = self._session.a, self._positions()
        if run is None or len(positions) < 2:
            return None
        chosen = self._session.places.range_of(run)
        low, high = (chosen.of(positions) if chosen else None) or (positions[0], positions[-1])
        return (low, high) if run.plan.direction > 0 else (high, low)
