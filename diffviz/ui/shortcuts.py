"""The list of all keyboard shortcuts, read from the actions themselves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from diffviz.domain.text import tr


class ShortcutsDialog(QDialog):
    """Keys on the left, what they do on the right."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        column = QVBoxLayout(self)
        form = QFormLayout()
        form.setHorizontalSpacing(28)
        for keys, text in _rows(actions):
            label = QLabel(text)
            label.setProperty("role", "quiet")
            form.addRow(keys, label)
        column.addLayout(form)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)


def _rows(actions: Sequence[QAction]) -> list[tuple[str, str]]:
    native = QKeySequence.SequenceFormat.NativeText
    rows = [(" / ".join(k.toString(native) for k in a.shortcuts()), a.text().replace("&", "")) for a in actions]
    own = [(tr("Ctrl+Return"), tr("Run")), ("Esc", tr("Cancel, or back to all samples"))]
    return [(keys, text) for keys, text in rows if keys] + own
