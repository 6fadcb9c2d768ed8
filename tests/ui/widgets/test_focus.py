"""The ring around what has the keyboard, where that goes without a word."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from diffviz.ui.widgets.focus import ring_of


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
