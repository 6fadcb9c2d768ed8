"""Widgets in a row that goes on below where there is too little width."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """A layout of rows, `gap` pixels between widgets and `line` between rows."""

    def __init__(self, left: int = 0, gap: int = 3, line: int = 2) -> None:
        super().__init__()
        self._left, self._gap, self._line = left, gap, line
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arranged(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        self._arranged(area, place=True)

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = self._left + sum(size.width() + self._gap for size in sizes)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        width = max((size.width() for size in sizes), default=0)
        return QSize(self._left + width, max((size.height() for size in sizes), default=0))

    def _arranged(self, area: QRect, *, place: bool) -> int:
        """Place the widgets within `area`; the height that they take."""
        x, y, row = area.left() + self._left, area.top(), 0
        for item in self._items:
            size = item.sizeHint()
            if item.isEmpty():
                continue
            if x + size.width() > area.left() + area.width() and x > area.left() + self._left:
                x, y, row = area.left() + self._left, y + row + self._line, 0
            if place:
                item.setGeometry(QRect(x, y, size.width(), size.height()))
            x, row = x + size.width() + self._gap, max(row, size.height())
        return y + row - area.top()


class Flowing(QWidget):
    """A widget over a `FlowLayout`, never lower than its rows: dialogs do not ask layouts for a height by width."""

    def __init__(self, flow: FlowLayout, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = flow
        self.setLayout(flow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height that this width needs."""
        super().resizeEvent(event)
        self.setMinimumHeight(self._flow.heightForWidth(self.width()))
