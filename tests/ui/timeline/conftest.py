"""A timeline on a bench, drawn as a lab draws it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from diffviz.ui.widgets import theme
from tests.ui.timeline.toys import Bench


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication) -> Iterator[Bench]:
    theme.apply(qapp, "dark")
    made = Bench()
    qtbot.addWidget(made.timeline)
    made.timeline.resize(820, 330)
    with qtbot.waitExposed(made.timeline):
        made.timeline.show()
    yield made
    made.close()
    made.timeline.hide()
