"""The ring around what has the keyboard, where that goes without a word."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from diffviz.ui.widgets import theme
from diffviz.ui.widgets.focus import ring_of
from diffviz.ui.widgets.keyboard import Keyboard, KeyedWindow, Region


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
    window.show()
    window.activateWindow()
    buttons[1].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is buttons[1])
    with qtbot.waitSignal(buttons[2].clicked):
        QTest.mouseClick(buttons[2], Qt.MouseButton.LeftButton)
    window.keyboard.close()
    assert len(homes) == 1
