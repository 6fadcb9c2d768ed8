"""Views wait a moment for a first frame, and say so when it is long in coming."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from diffviz.ui.labs.drawing import MILLISECONDS, FirstFrameTimeout


def test_a_long_wait_ends_once(qtbot: QtBot) -> None:
    patience = FirstFrameTimeout()
    ends: list[None] = []
    patience.ended.connect(lambda: ends.append(None))
    with qtbot.waitSignal(patience.ended):
        patience.watch(True)
        patience.watch(True)
    patience.watch(True)
    assert patience.over
    assert len(ends) == 1


def test_a_frame_ends_the_wait_without_a_word(qtbot: QtBot) -> None:
    patience = FirstFrameTimeout()
    with qtbot.assertNotEmitted(patience.ended, wait=2 * MILLISECONDS):
        patience.watch(True)
        patience.watch(False)
    assert not patience.over
