"""The dialog on a fault that nobody foresaw: what happened, and how to report it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.text import tr
from diffviz.session.faults import Fault
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.controls import label
from diffviz.ui.widgets.fitting import room_on
from diffviz.ui.window.help_menu import Support

WANTED = QSize(640, 420)
ICON = 28


class CrashDialog(QDialog):
    """Says that `fault` happened and that the program goes on; it does not stop what is being computed."""

    def __init__(self, fault: Fault, support: Support, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._support = support
        self.setWindowTitle(tr("Something went wrong"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.details = self._details(fault)
        self.copy = QPushButton(tr("Copy diagnostics"))
        self.copy.setToolTip(tr("Copy versions, device and the last errors, to paste into a report"))
        self.copy.clicked.connect(self._on_copy)
        self.log = QPushButton(tr("Show the log"))
        self.log.setToolTip(tr("Open the folder of the log of errors"))
        self.log.setVisible(support.log is not None)
        self.log.clicked.connect(self._on_log)
        self.problem = label("", "error", wrap=True)
        self.problem.hide()
        self.go_on = QPushButton(tr("Continue"))
        self.go_on.setToolTip(tr("Close this and go on (Esc)"))
        self.go_on.setProperty("role", "primary")
        self.go_on.setDefault(True)
        self.go_on.clicked.connect(self.accept)
        self._arrange()
        self.go_on.setFocus()
        self.resize(WANTED.boundedTo(room_on(self).size()))

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 18)
        column.setSpacing(12)
        column.addLayout(self._head())
        text = tr(
            "diffviz goes on, but what is on the screen may be wrong. Save the session under another name and start "
            "diffviz anew. To report this, copy the diagnostics into the report: they hold no pictures and no prompts."
        )
        column.addWidget(label(text, "text", wrap=True))
        column.addWidget(self.details, 1)
        column.addWidget(self.problem)
        row = QHBoxLayout()
        row.addWidget(self.copy)
        row.addWidget(self.log)
        row.addStretch(1)
        row.addWidget(self.go_on)
        column.addLayout(row)

    def _head(self) -> QHBoxLayout:
        mark = QLabel()
        mark.setPixmap(theme.icon("triangle-alert", "error").pixmap(ICON, ICON))
        title = label(tr("Something went wrong that nobody foresaw"), "title")
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(mark)
        row.addWidget(title, 1)
        return row

    def _details(self, fault: Fault) -> QPlainTextEdit:
        shown = QPlainTextEdit(f"{fault.title}\n\n{fault.details.rstrip()}")
        shown.setReadOnly(True)
        shown.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        shown.setTabChangesFocus(True)
        shown.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        shown.setAccessibleName(tr("What happened, as programmers read it"))
        return shown

    @Slot()
    def _on_log(self) -> None:
        failed = self._support.show_log()
        self.problem.setText(failed)
        self.problem.setVisible(bool(failed))

    @Slot()
    def _on_copy(self) -> None:
        self._support.copy()
        self.copy.setText(tr("Copied"))
