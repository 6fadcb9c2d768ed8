"""What went wrong, said in place: one sentence, a way out where there is one, and the details behind a disclosure."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.errors import DeviceLost
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.controls import label

DETAILS_HEIGHT = 150


class Problem(QWidget):
    """An error's sentence with its details. Signals: `cpu_asked` (after a device was lost)."""

    cpu_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[BaseException | None, str] = (None, "")
        self.text = label("", "error", wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cpu = QPushButton(tr("Use the CPU"))
        self.cpu.setToolTip(tr("Compute on the CPU from the next run on"))
        self.cpu.clicked.connect(self.cpu_asked)
        self.more = QPushButton(tr("Details"))
        self.more.setProperty("role", "flat")
        self.more.setStyleSheet("padding: 4px 8px 4px 4px;")
        self.more.setCheckable(True)
        self.more.setToolTip(tr("Show where it went wrong"))
        self.more.toggled.connect(self._on_toggled)
        self.details = _details()
        self._arrange()
        self.show_error(None)

    def show_error(self, error: BaseException | None, details: str = "") -> None:
        """Say what `error` is; None hides everything."""
        self.setVisible(error is not None)
        if (error, details) == self._shown:
            return
        self._shown = (error, details)
        self.text.setText(sentence(error) if error else "")
        self.details.setPlainText(details)
        self.cpu.setVisible(isinstance(error, DeviceLost))
        self.more.setChecked(False)
        self.more.setVisible(bool(details))
        self._on_toggled(False)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.text)
        row = QHBoxLayout()
        row.addWidget(self.cpu)
        row.addWidget(self.more)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.details)

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        self.details.setVisible(shown)
        self.more.setIcon(theme.icon("chevron-down" if shown else "chevron-right", "quiet"))


def _details() -> QPlainTextEdit:
    box = QPlainTextEdit()
    box.setReadOnly(True)
    box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    fixed.setPixelSize(11)
    box.setFont(fixed)
    box.setFixedHeight(DETAILS_HEIGHT)
    box.setAccessibleName(tr("Details"))
    return box
