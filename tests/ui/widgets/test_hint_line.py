"""The line of hints is never cut off: it has as many as there is room for, and always the one that tells of all."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from diffviz.ui.widgets.shortcuts import HintLine


@pytest.mark.parametrize("lab", ["diffusion", "vae", "gan"])
def test_hints_fit_their_line(qtbot: QtBot, lab: str) -> None:
    line = HintLine()
    qtbot.addWidget(line)
    line.set_lab(lab)
    line.show()
    counts = []
    for width in (1600, 900, 640, 300, 1600):
        line.resize(width, 24)
        assert line.sizeHint().width() <= width
        assert "all shortcuts" in line.text()
        counts.append(line.text().count(" · "))
    assert counts[0] == counts[-1] >= counts[1] > counts[2] > counts[3]


def test_what_is_said_stays_until_it_is_over(qtbot: QtBot) -> None:
    line = HintLine()
    qtbot.addWidget(line)
    line.show()
    line.resize(900, 24)
    line.say("pixel 3, 4")
    line.resize(400, 24)
    assert line.text() == "pixel 3, 4"
    line.say("")
    assert "all shortcuts" in line.text()
    assert line.sizeHint().width() <= 400
