"""Choosing a class: a list with a search that serves two classes as well as a thousand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QWidget

from diffviz.domain.objective import OWN
from diffviz.domain.requests import EACH, NO_CLASS
from diffviz.domain.text import tr
from diffviz.ui.widgets.controls import Combo
from diffviz.ui.widgets.number_slider import share_undo

TEXT_INSET = 2
"""A line edit keeps its text this far from its edge: without it, the text stands where that of other combo boxes is."""


class SearchCombo(Combo):
    """A combo box whose items are found by typing any part of them; what matches nothing is put back.

    Signals: `picked(data)`, by a person.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: object = None
        self._entry = QLineEdit()
        self.setLineEdit(self._entry)
        self._entry.setTextMargins(-TEXT_INSET, 0, 0, 0)
        self.setStyleSheet("QComboBox { padding-right: 4px; }")  # the entry leaves room for the arrow by itself
        self.setInsertPolicy(Combo.InsertPolicy.NoInsert)
        self._completer = QCompleter(self.model(), self)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(self._completer)
        share_undo(self)
        self._entry.installEventFilter(self)
        self._entry.editingFinished.connect(self._on_entered)
        self.activated.connect(self._on_activated)

    def set_data(self, data: object) -> None:
        """Show the item of `data`; nothing is emitted."""
        self._shown = data
        super().set_data(data)
        self._entry.setCursorPosition(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click into the text lists everything, as in a combo box that cannot be searched, and typing narrows it."""
        if event.type() == QEvent.Type.MouseButtonRelease and not self._entry.hasSelectedText():
            self._entry.selectAll()
            self._completer.setCompletionPrefix("")
            self._completer.complete()
        return super().eventFilter(watched, event)

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self._shown = self.itemData(index)
        self._entry.setCursorPosition(0)

    @Slot()
    def _on_entered(self) -> None:
        """Take the item that the text names, or the first that contains it; else put the shown one back."""
        found = self._find(self._entry.text())
        if found < 0 or self.itemData(found) == self._shown:
            self.set_data(self._shown)
            return
        self.set_data(self.itemData(found))
        self.picked.emit(self._shown)

    def _find(self, text: str) -> int:
        text = text.strip()
        if not text:
            return -1
        exact = self.findText(text, Qt.MatchFlag.MatchFixedString)
        return exact if exact >= 0 else self.findText(text, Qt.MatchFlag.MatchContains)


class ClassPicker(QWidget):
    """Which class a model is told: one after the other (with `each`), each picture's own (with `own`), none, or one of
    `classes`.

    Signals: `edited(label)` with `EACH`, `OWN`, `NO_CLASS` or an index; `settled`.
    """

    edited = Signal(object)
    settled = Signal()

    def __init__(
        self, classes: Sequence[str], *, each: bool = True, own: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.combo = SearchCombo(self)
        if each:
            self.combo.addItem(tr("one of each class"), EACH)
        if own:
            self.combo.addItem(tr("each picture's own"), OWN)
        self.combo.addItem(tr("none · p(x)"), NO_CLASS)
        for index, name in enumerate(classes):
            self.combo.addItem(tr(name), index)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.combo)
        self.setFocusProxy(self.combo)
        self.combo.picked.connect(self._on_picked)

    def set_value(self, value: str | int) -> None:
        """Show the class `value`."""
        self.combo.set_data(value)

    @Slot(object)
    def _on_picked(self, label: str | int) -> None:
        self.edited.emit(label)
        self.settled.emit()
