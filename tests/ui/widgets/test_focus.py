"""The ring around what has the keyboard, where that goes without a word; the order of Tab."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete, getAllValidWrappers

from diffviz.ui.widgets import theme
from diffviz.ui.widgets.focus import ring_of, stops
from diffviz.ui.widgets.keyboard import Keyboard, KeyedWindow, Region
from tests import waiting


def test_the_ring_goes_with_a_widget_that_is_deleted(qtbot: QtBot) -> None:
    window, panel = QWidget(), QWidget()
    qtbot.addWidget(window)
    outer, inner = QVBoxLayout(window), QVBoxLayout(panel)
    button, other = QPushButton("one"), QPushButton("two")
    outer.addWidget(panel)
    inner.addWidget(button)
    inner.addWidget(other)
    window.resize(300, 200)
    window.show()
    qtbot.waitExposed(window)
    ring = ring_of(window)
    ring.follow(button)
    assert ring.isVisible()
    delete(button)
    panel.move(9, 9)
    window.resize(400, 300)
    assert not ring.isVisible()
    ring.follow(other)
    assert ring.isVisible()


def test_a_click_gives_the_keyboard_back_once_where_home_is_a_button_itself(qtbot: QtBot, qapp: QApplication) -> None:
    """Without a run the keys of a lab go to its button: a mouse gives it none, and asked for home again and again."""
    theme.apply(qapp, "dark")
    window, panel, homes = KeyedWindow(), QWidget(), []
    qtbot.addWidget(window)
    column, buttons = QVBoxLayout(panel), [QPushButton(text) for text in "abc"]
    for button in buttons:
        column.addWidget(button)
    window.setCentralWidget(panel)

    def home() -> None:
        homes.append(1)
        buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    window.keyboard = Keyboard(window, lambda: [Region(panel)], home)
    waiting.stand_on(qtbot, buttons[1])
    with qtbot.waitSignal(buttons[2].clicked):
        QTest.mouseClick(buttons[2], Qt.MouseButton.LeftButton)
    window.keyboard.close()
    assert len(homes) == 1


def test_tab_goes_in_the_order_of_layouts_and_holds_none_of_their_items(qtbot: QtBot) -> None:
    """Qt deletes an item with its widget and tells PySide nothing: what is made there next would be taken for it."""
    window = QWidget()
    qtbot.addWidget(window)
    column, row = QVBoxLayout(window), QHBoxLayout()
    first, second, third, last = (QPushButton(name, window) for name in ("1", "2", "3", "4"))
    column.addWidget(first)
    column.addLayout(row)
    row.addWidget(second)
    row.addWidget(third)
    column.addWidget(last)
    window.show()
    qtbot.waitExposed(window)
    before = _items()
    assert list(stops(window)) == [first, second, third, last]
    assert _items() == before


def _items() -> list[object]:
    """What PySide holds of the items of layouts, layouts themselves aside."""
    return [each for each in getAllValidWrappers() if type(each).__name__ in ("QWidgetItem", "QSpacerItem")]
