"""A class is found among two as well as among a thousand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.domain.requests import EACH, NO_CLASS
from diffviz.ui.forms.editors import ClassPicker

THOUSAND = tuple(f"class {i:04d}" for i in range(1000))


def picker(qtbot: QtBot, *classes: str, each: bool = True) -> tuple[ClassPicker, list[object]]:
    made = ClassPicker(classes, each=each)
    qtbot.addWidget(made)
    made.show()
    made.set_value(EACH if each else NO_CLASS)
    values: list[object] = []
    made.edited.connect(values.append)
    return made, values


def enter(qtbot: QtBot, made: ClassPicker, text: str) -> None:
    entry = made.combo.lineEdit()
    assert entry is not None
    entry.selectAll()
    QTest.keyClicks(entry, text)
    QTest.keyClick(entry, Qt.Key.Key_Return)


def test_two_classes_come_after_each_and_none(qtbot: QtBot) -> None:
    made, _ = picker(qtbot, "cat", "dog")
    data = [made.combo.itemData(i) for i in range(made.combo.count())]
    assert data == [EACH, NO_CLASS, 0, 1]
    assert picker(qtbot, "cat", each=False)[0].combo.count() == 2


def test_a_network_that_was_always_told_a_class_is_not_told_none(qtbot: QtBot) -> None:
    made = ClassPicker(("cat", "dog"), none=False)
    qtbot.addWidget(made)
    assert [made.combo.itemData(i) for i in range(made.combo.count())] == [EACH, 0, 1]


@pytest.mark.parametrize("text", ["class 0731", "0731", "CLASS 0731"])
def test_one_of_a_thousand_is_found_by_any_part_of_its_name(qtbot: QtBot, text: str) -> None:
    made, values = picker(qtbot, *THOUSAND)
    enter(qtbot, made, text)
    assert values == [731]
    assert made.combo.currentText() == "class 0731"


def test_completions_contain_what_is_typed(qtbot: QtBot) -> None:
    made, _ = picker(qtbot, *THOUSAND)
    completer = made.combo.completer()
    assert completer is not None
    completer.setCompletionPrefix("99")
    found = {completer.completionModel().index(row, 0).data() for row in range(completer.completionModel().rowCount())}
    assert found == {name for name in THOUSAND if "99" in name}


def test_what_matches_nothing_is_put_back(qtbot: QtBot) -> None:
    made, values = picker(qtbot, "cat", "dog")
    enter(qtbot, made, "zebra")
    assert values == []
    assert made.combo.currentText() == "one of each class"


def test_leaving_without_a_change_says_nothing(qtbot: QtBot) -> None:
    made, values = picker(qtbot, "cat", "dog")
    made.set_value(1)
    enter(qtbot, made, "dog")
    assert set(values) <= {1}
    assert made.combo.currentText() == "dog"


def test_the_keyboard_goes_from_class_to_class(qtbot: QtBot) -> None:
    made, values = picker(qtbot, "cat", "dog")
    made.set_value(0)
    QTest.keyClick(made.combo, Qt.Key.Key_Down)
    assert values == [1]
