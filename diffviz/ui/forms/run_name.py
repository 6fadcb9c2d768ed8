"""Naming a run in its place in the list."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from diffviz.domain.text import tr

LONGEST = 120
Index = QModelIndex | QPersistentModelIndex


class NameEditor(QStyledItemDelegate):
    """Edits what `name_of(number)` gives and hands `named(number, name)` the result.

    The number is an item's data of the role `UserRole`; the item's own text, with its letter and inset, stays as it is.
    """

    def __init__(
        self, name_of: Callable[[int], str], named: Callable[[int, str], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._name_of, self._named = name_of, named

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A line in the row's place."""
        line = QLineEdit(parent)
        line.setMaxLength(LONGEST)
        line.setAccessibleName(tr("Name of the run"))
        line.setPlaceholderText(tr("empty: named by its settings"))
        return line

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Begin with the name there is."""
        assert isinstance(editor, QLineEdit)
        if not editor.isModified():
            editor.setText(self._name_of(_number(index)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand over the name; the list writes it."""
        assert isinstance(editor, QLineEdit)
        self._named(_number(index), editor.text().strip())


def _number(index: Index) -> int:
    return int(index.data(Qt.ItemDataRole.UserRole))
