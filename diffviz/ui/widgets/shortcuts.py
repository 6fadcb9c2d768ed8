"""The list of all keyboard shortcuts, read from what has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from diffviz.domain.text import tr
from diffviz.ui.widgets.controls import heading, label
from diffviz.ui.widgets.fitting import Fitting

Rows = Sequence[tuple[str, str]]
ARROWS = {"Left": "←", "Right": "→"}
GAP = 14
BESIDE = QSize(44, 90)  # margins and the button


class ShortcutsDialog(QDialog):
    """Groups of shortcuts in two columns: keys on the left, what they do on the right."""

    def __init__(self, groups: Mapping[str, Rows], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 18)
        column.setSpacing(GAP)
        listed = QWidget()
        beside = QHBoxLayout(listed)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(40)
        titles = list(groups)
        half = (len(titles) + 1) // 2
        for some in (titles[:half], titles[half:]):
            beside.addLayout(_column({title: groups[title] for title in some}))
        column.addWidget(Fitting(listed, BESIDE))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)


def rows_of(actions: Sequence[QAction]) -> Rows:
    """The keys of `actions` and what they do: their "what's this" where they have one, else their text."""
    rows = [(_keys(action), (action.whatsThis() or action.text()).replace("&", "")) for action in actions]
    return [(keys, text) for keys, text in rows if keys]


def _keys(action: QAction) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    names = dict.fromkeys(keys.toString(native) for keys in action.shortcuts())
    return " / ".join(ARROWS.get(name, name) for name in names)


def _column(groups: Mapping[str, Rows]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(6)
    for title, rows in groups.items():
        _add(grid, title, rows)
    grid.setRowStretch(grid.rowCount(), 1)
    return grid


def _add(grid: QGridLayout, title: str, rows: Rows) -> None:
    if grid.rowCount() > 1:
        grid.setRowMinimumHeight(grid.rowCount(), GAP - 6)
    grid.addWidget(heading(title), grid.rowCount(), 0, 1, 2)
    for keys, text in rows:
        row = grid.rowCount()
        shown = QLabel(keys)
        shown.setProperty("role", "key")
        grid.addWidget(shown, row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(label(text, "text"), row, 1)
