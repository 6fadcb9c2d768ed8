"""Tab stops at what stands next on the screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from diffviz.ui.widgets.layout import follow_layout, stops


def test_tab_follows_the_layout_and_not_the_order_of_making(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column, row = QVBoxLayout(window), QHBoxLayout()
    last, second, first, third = QPushButton("4"), QLineEdit("2"), QPushButton("1"), QLineEdit("3")
    column.addWidget(first)
    column.addWidget(QLabel("between"))
    column.addLayout(row)
    row.addWidget(second)
    row.addWidget(third)
    column.addWidget(last)
    last.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    follow_layout(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    first.setFocus()
    met: list[QWidget | None] = []
    for _ in range(4):
        met.append(QApplication.focusWidget())
        qtbot.keyClick(met[-1], Qt.Key.Key_Tab)
    assert met == [first, second, third, last]


def test_a_holder_hands_tab_to_what_it_holds(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    inner, unreachable = QLineEdit(holder), QPushButton(holder)
    unreachable.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    holder.setFocusProxy(inner)
    assert list(stops(holder)) == [inner]


def test_what_no_layout_holds_comes_after_what_it_does(qtbot: QtBot) -> None:
    scrolled = QScrollArea()
    qtbot.addWidget(scrolled)
    scrolled.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    content = QWidget()
    free, held = QPushButton(content), QPushButton(content)
    QVBoxLayout(content).addWidget(held)
    scrolled.setWidget(content)
    assert list(stops(scrolled)) == [scrolled, held, free]
