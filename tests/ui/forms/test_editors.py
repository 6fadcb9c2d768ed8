"""Every kind of setting has an editor that says what a person chose, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QUndoStack, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from diffviz.domain.requests import ForwardRequest, ReverseRequest
from diffviz.domain.settings import Bounds, Setting, every_setting
from diffviz.ui.forms.draft import Draft
from diffviz.ui.forms.editors import CheckEditor, ChoiceEditor, SeedEditor, editor_for
from diffviz.ui.widgets.number_slider import NumberEditor, NumberScale
from tests import waiting
from tests.ui.forms.fakes import card


def heard(editor: Any) -> list[object]:
    values: list[object] = []
    editor.edited.connect(values.append)
    return values


@pytest.fixture
def eta(qtbot: QtBot) -> NumberEditor:
    editor = NumberEditor(NumberScale.of(Bounds(0, 1, step=0.05), whole=False))
    qtbot.addWidget(editor)
    editor.resize(140, 30)
    editor.show()
    return editor


@pytest.mark.parametrize(
    "setting", [*every_setting(ForwardRequest), *every_setting(ReverseRequest)], ids=lambda s: s.name
)
def test_every_setting_of_every_request_has_an_editor_that_shows_its_default(setting: Setting, qtbot: QtBot) -> None:
    draft = Draft(ReverseRequest(), QUndoStack())
    editor = editor_for(setting, draft, card())
    qtbot.addWidget(editor)
    values = heard(editor)
    editor.set_value(setting.default)
    assert values == []


def test_stepping_changes_by_what_the_bounds_say(eta: NumberEditor, qtbot: QtBot) -> None:
    values = heard(eta)
    QTest.keyClick(eta.spin, Qt.Key.Key_Up)
    assert values == [0.05]


def test_typing_is_heard_while_it_goes_on_and_settles_with_return(eta: NumberEditor, qtbot: QtBot) -> None:
    values = heard(eta)
    eta.spin.selectAll()
    QTest.keyClicks(eta.spin, "0.5")
    assert values[-1] == 0.5
    with qtbot.waitSignal(eta.settled):
        QTest.keyClick(eta.spin, Qt.Key.Key_Return)


def test_powers_of_ten_can_be_typed(qtbot: QtBot) -> None:
    editor = NumberEditor(NumberScale.of(Bounds(1e-6, 0.5, log=True), whole=False))
    qtbot.addWidget(editor)
    editor.set_value(0.01)
    editor.spin.selectAll()
    QTest.keyClicks(editor.spin, "2e-4")
    QTest.keyClick(editor.spin, Qt.Key.Key_Return)
    assert editor.value() == 2e-4
    editor.spin.selectAll()
    QTest.keyClicks(editor.spin, "word")
    QTest.keyClick(editor.spin, Qt.Key.Key_Return)
    assert editor.value() == 2e-4


def test_the_handle_is_dragged_along_the_whole_range(eta: NumberEditor, qtbot: QtBot) -> None:
    values = heard(eta)
    handle = eta.handle
    assert handle is not None
    grip = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=grip)
    QTest.mouseMove(handle, handle.mapFromParent(QPoint(eta.width() // 2, grip.y())))
    assert eta.value() == pytest.approx(0.5, abs=0.05)
    QTest.mouseMove(handle, handle.mapFromParent(QPoint(eta.width() + 50, grip.y())))
    assert values[-1] == eta.value() == 1.0
    with qtbot.waitSignal(eta.settled):
        QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=grip)


def wheel(widget: QWidget) -> QWheelEvent:
    center = QPointF(widget.rect().center())
    event = QWheelEvent(
        center,
        widget.mapToGlobal(center),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event


def test_the_wheel_scrolls_the_form_unless_the_editor_has_the_focus(eta: NumberEditor, qtbot: QtBot) -> None:
    eta.spin.clearFocus()
    wheel(eta.spin)
    assert eta.value() == 0.0
    waiting.stand_on(qtbot, eta.spin)
    wheel(eta.spin)
    assert eta.value() == 0.05


def test_undo_keys_are_left_to_the_window(eta: NumberEditor, qtbot: QtBot) -> None:
    line = eta.spin.lineEdit()
    eta.spin.selectAll()
    QTest.keyClicks(eta.spin, "0.5")
    press = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    press.ignore()
    QApplication.sendEvent(line, press)
    assert not press.isAccepted()


def test_a_choice_is_heard_once(qtbot: QtBot) -> None:
    editor = ChoiceEditor({"a": "first", "b": "second"}, {})
    qtbot.addWidget(editor)
    editor.set_value("a")
    values = heard(editor)
    waiting.stand_on(qtbot, editor.combo)
    QTest.keyClick(editor.combo, Qt.Key.Key_Down)
    assert values == ["b"]
    assert editor.combo.currentText() == "second"


def test_a_check_box_is_worked_by_keyboard(qtbot: QtBot) -> None:
    editor = CheckEditor()
    qtbot.addWidget(editor)
    editor.set_value(True)
    values = heard(editor)
    QTest.keyClick(editor.box, Qt.Key.Key_Space)
    assert values == [False]


def test_dice_and_lock_of_the_seed(qtbot: QtBot) -> None:
    draft = Draft(ReverseRequest(), QUndoStack())
    draft.seeds = lambda: 1234
    editor = SeedEditor(Bounds(0, 2**31 - 1), draft)
    qtbot.addWidget(editor)
    assert editor.lock.isChecked()
    QTest.mouseClick(editor.dice, Qt.MouseButton.LeftButton)
    assert draft.request.seed == 1234
    QTest.mouseClick(editor.lock, Qt.MouseButton.LeftButton)
    assert not draft.seed_locked
    assert "new seed" in editor.lock.toolTip()
    QTest.mouseClick(editor.lock, Qt.MouseButton.LeftButton)
    assert draft.seed_locked


def test_a_setting_of_an_unknown_type_is_a_mistake(qtbot: QtBot) -> None:
    with pytest.raises(TypeError, match="no editor"):
        editor_for(Setting(("x",), bytes, "X", b""), Draft(ReverseRequest(), QUndoStack()), None)
