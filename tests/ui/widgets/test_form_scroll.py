"""The scrolling part of a form: nothing moves when its bar comes, and what is said there is seen."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from diffviz.ui.widgets import theme
from diffviz.ui.widgets.layout import FormScroll


def page(rows: int) -> tuple[QWidget, QLabel]:
    content, word = QWidget(), QLabel("at the very end")
    column = QVBoxLayout(content)
    for number in range(rows):
        column.addWidget(QPushButton(f"{number}"))
    column.addWidget(word)
    return content, word


def test_the_bar_takes_no_width_from_the_page(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    content, _ = page(12)
    scroll = FormScroll(content)
    qtbot.addWidget(scroll)
    scroll.resize(240, 900)
    scroll.show()
    qtbot.waitUntil(lambda: not scroll.verticalScrollBar().isVisible())
    wide = content.width()
    scroll.resize(240, 150)
    qtbot.waitUntil(scroll.verticalScrollBar().isVisible)
    qtbot.waitUntil(lambda: content.width() == wide)


def test_what_is_revealed_is_in_sight(qtbot: QtBot) -> None:
    content, word = page(30)
    scroll = FormScroll(content)
    qtbot.addWidget(scroll)
    scroll.resize(240, 200)
    scroll.show()
    scroll.reveal(word)
    qtbot.waitUntil(
        lambda: scroll.viewport().rect().contains(word.mapTo(scroll.viewport(), QPoint(2, word.height() // 2)))
    )
