"""Panes of any content: laid as they get largest, hidden and found again, one of them filling the stage."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from diffviz.ui.sample_viewer.arrangement import COLUMN, ROW
from diffviz.ui.sample_viewer.pane_area import AreaPane, PaneArea
from diffviz.ui.sample_viewer.panes import PaneChoice
from tests import waiting

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Stage(QWidget):
    """Three panes and what can be done to them."""

    def __init__(self) -> None:
        super().__init__()
        self.area = PaneArea()
        self.labels = {key: QLabel(key) for key in ("a", "b", "c")}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.area.tools())
        column.addWidget(self.area, 1)
        for each in self.labels.values():
            each.setMinimumSize(10, 10)
        self.area.set_panes({key: AreaPane(f"Pane {key}", each) for key, each in self.labels.items()})

    def seen(self) -> list[str]:
        return [key for key, each in self.labels.items() if each.isVisible()]

    def columns(self) -> int:
        return len({each.x() for each in self.labels.values() if each.isVisible()})


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    made = Stage()
    qtbot.addWidget(made)
    made.resize(900, 300)
    QCursor.setPos(4000, 4000)  # over no pane
    waiting.activate(qtbot, made)
    return made


def test_panes_lie_as_they_get_largest(stage: Stage, qtbot: QtBot) -> None:
    assert stage.columns() == 3
    stage.resize(300, 900)
    qtbot.waitUntil(lambda: stage.columns() == 1)
    stage.resize(600, 600)
    qtbot.waitUntil(lambda: stage.columns() == 2)


def test_keys_lay_and_hide_panes_and_settings_bring_it_back(stage: Stage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(stage.area.button.changed):
        QTest.keyClick(stage.area, Qt.Key.Key_V)
    assert stage.area.button.choice.how == ROW
    QTest.keyClick(stage.area, Qt.Key.Key_V)
    assert stage.area.button.choice.how == COLUMN
    qtbot.waitUntil(lambda: stage.columns() == 1)
    QTest.keyClick(stage.area, Qt.Key.Key_H)
    assert stage.seen() == ["b", "c"]
    assert stage.area.button.text() == " 2/3"
    kept = stage.area.button.choice.text()
    QTest.keyClick(stage.area, Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    assert stage.seen() == ["a", "b", "c"]
    stage.area.button.restore(PaneChoice.parse(kept))
    assert stage.seen() == ["b", "c"]


def test_a_double_click_on_a_head_a_key_and_a_button_let_a_pane_fill_the_stage_and_go_back(stage: Stage) -> None:
    head, body = QPoint(20, 5), QPoint(20, 200)
    QTest.mouseDClick(stage.labels["b"], LEFT, NO_KEYS, body)
    assert stage.seen() == ["a", "b", "c"]
    QTest.mouseDClick(stage.labels["b"], LEFT, NO_KEYS, head)
    assert stage.seen() == ["b"]
    QTest.mouseDClick(stage.labels["b"], LEFT, NO_KEYS, head)
    assert stage.seen() == ["a", "b", "c"]
    QTest.keyClick(stage.area, Qt.Key.Key_F)
    assert stage.seen() == ["a"]
    QTest.keyClick(stage.area, Qt.Key.Key_Escape)
    assert stage.seen() == ["a", "b", "c"]
    QTest.mouseClick(stage.area.fill, LEFT)
    assert len(stage.seen()) == 1
    QTest.mouseClick(stage.area.fill, LEFT)
    assert stage.seen() == ["a", "b", "c"]


def test_one_pane_alone_needs_no_choice(stage: Stage) -> None:
    stage.area.set_panes({"a": AreaPane("Pane a", stage.labels["a"])})
    assert not stage.area.button.isVisible()
    assert not stage.area.fill.isVisible()
    stage.area.set_panes({})
    assert stage.area.shown == []
