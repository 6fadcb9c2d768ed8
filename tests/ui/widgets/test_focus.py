"""The ring around what has the keyboard, where that goes without a word; the order of Tab, which leaves nothing behind."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLayoutItem, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete, getAllValidWrappers

from diffviz.ui.widgets.focus import ring_of, stops


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


def _items() -> list[QLayoutItem]:
    """What PySide holds of the items of layouts, layouts themselves aside."""
    return [each for each in getAllValidWrappers() if type(each).__name__ in ("QWidgetItem", "QSpacerItem")]
