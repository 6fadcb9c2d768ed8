"""The list of instruments, each with a box to choose it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QWidget

from diffviz.domain.text import tr
from diffviz.ui.instruments.table import Entry
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.math_label import plain, rich

WIDTH = 164
ROW = 26


class InstrumentList(QListWidget):
    """`entries` by key, those of `kept` chosen. Signals: `switched(key, on)`, by a person or by `choose`."""

    switched = Signal(str, bool)

    def __init__(self, entries: Mapping[str, Entry], kept: Collection[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setFont(theme.font(12))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListWidget { background: transparent; border: none; }")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Instruments"))
        self._items = {key: _item(key, entry, on=key in kept) for key, entry in entries.items()}
        for item in self._items.values():
            self.addItem(item)
        self.itemChanged.connect(self._on_item_changed)

    def chosen(self) -> list[str]:
        """Keys of those that are chosen, in the order of the list."""
        return [key for key, item in self._items.items() if item.checkState() is Qt.CheckState.Checked]

    def choose(self, key: str, on: bool) -> None:
        """Choose `key`, or choose it no more."""
        state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if self._items[key].checkState() != state:
            self._items[key].setCheckState(state)

    @Slot(QListWidgetItem)
    def _on_item_changed(self, item: QListWidgetItem) -> None:
        key = str(item.data(Qt.ItemDataRole.UserRole))
        self.switched.emit(key, item.checkState() is Qt.CheckState.Checked)


def _item(key: str, entry: Entry, *, on: bool) -> QListWidgetItem:
    item = QListWidgetItem(plain(tr(entry.title)))
    item.setData(Qt.ItemDataRole.UserRole, key)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setToolTip(rich(tr(entry.source)))
    item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
    item.setSizeHint(QSize(0, ROW))
    return item
