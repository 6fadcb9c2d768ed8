"""Watching a run leaves it most of the time, however slow the screen is."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from diffviz.ui.labs.drawing import CURSOR_MILLISECONDS, WATCH_MILLISECONDS, WATCH_SHARE, RedrawScheduler


class Places(QObject):
    changed = Signal()


class FakeSession(QObject):
    """Only what a repaint listens to."""

    cursor_changed = Signal()
    frames_arrived = Signal()
    shown_changed = Signal()
    runs_changed = Signal()
    pinned_changed = Signal()
    following = True

    def __init__(self) -> None:
        super().__init__()
        self.places = Places(self)


@pytest.mark.parametrize("cost", [0.0, 0.040])
def test_drawing_a_watched_run_takes_at_most_its_share(qtbot: QtBot, cost: float) -> None:
    drawn: list[float] = []

    def draw() -> None:
        drawn.append(time.monotonic())
        until = time.monotonic() + cost
        while time.monotonic() < until:
            pass

    session = FakeSession()
    repaint = RedrawScheduler(session, draw)  # type: ignore[arg-type]
    repaint.now()
    qtbot.waitUntil(lambda: repaint.watch_gap >= max(WATCH_MILLISECONDS, 1000 * cost / WATCH_SHARE))
    session.frames_arrived.emit()
    qtbot.waitUntil(lambda: len(drawn) == 2)
    assert drawn[1] - drawn[0] >= max(WATCH_MILLISECONDS / 1000, cost / WATCH_SHARE) - 0.002
    repaint.stop()


def test_a_moved_cursor_does_not_wait_for_frames_that_come(qtbot: QtBot) -> None:
    drawn: list[float] = []
    session = FakeSession()
    session.following = False
    repaint = RedrawScheduler(session, lambda: drawn.append(time.monotonic()))  # type: ignore[arg-type]
    began = time.monotonic()
    qtbot.waitUntil(lambda: time.monotonic() - began > 2 * CURSOR_MILLISECONDS / 1000)
    repaint.now()  # as for a frame that came
    session.cursor_changed.emit()
    assert repaint._timer.interval() == 0, "at once"
    qtbot.waitUntil(lambda: len(drawn) == 2)
    session.cursor_changed.emit()
    qtbot.waitUntil(lambda: len(drawn) == 3)
    assert drawn[2] - drawn[1] >= (CURSOR_MILLISECONDS - 2) / 1000
    repaint.stop()
