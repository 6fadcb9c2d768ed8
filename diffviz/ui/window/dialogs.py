"""What the window asks and tells: unsaved runs, faults, runs of an earlier program.

Close question: what is to become of unsaved runs, asked once over the window.

The dialog on a fault that nobody foresaw: what happened, and how to report it.

Recovery notices: runs that an earlier program has left unsaved, and an autosave that fails.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr, trn
from diffviz.session import persistence, runtime
from diffviz.session.recovery import forget, left_behind
from diffviz.session.session import Session
from diffviz.session.storage import nbytes_of
from diffviz.ui.widgets import controls, layout, theme
from diffviz.ui.widgets.format import size
from diffviz.ui.widgets.notice import Message, Notice
from diffviz.ui.window.documents import Documents
from diffviz.ui.window.menus import Support

MOST_NAMED = 4
Role = QMessageBox.ButtonRole


class CloseQuestion(QObject):
    """Asks over `window` when `guard` wants to know, and passes the answer on.

    Return saves, Esc stays. Saving asks for a file where there is none; thinking better of that stays, too.
    """

    def __init__(self, guard: persistence.CloseGuard, session: Session, documents: Documents, window: QWidget) -> None:
        super().__init__(window)
        self._guard, self._session, self._documents, self._window = guard, session, documents, window
        guard.question.connect(self._on_question)
        guard.changed.connect(self._on_changed)
        self._on_changed()

    def close(self) -> None:
        """Ask nothing more."""
        self._guard.question.disconnect(self._on_question)
        self._guard.changed.disconnect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        self._documents.set_closing(self._guard.stage is persistence.Stage.SAVING)

    @Slot()
    def _on_question(self) -> None:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(tr("Unsaved runs"))
        box.setWindowModality(Qt.WindowModality.WindowModal)
        box.setTextFormat(Qt.TextFormat.PlainText)
        count = len(self._session.unsaved)
        box.setText(trn("{n} run is not saved.", "{n} runs are not saved.", count).format(n=count))
        box.setInformativeText(self._details())
        save = box.addButton(tr("Save") if self._documents.files.path else tr("Save…"), Role.AcceptRole)
        discard = box.addButton(tr("Close without saving"), Role.DestructiveRole)
        stay = box.addButton(tr("Cancel"), Role.RejectRole)
        box.setDefaultButton(save)
        box.setEscapeButton(stay)

        def answered() -> None:
            box.deleteLater()
            if box.clickedButton() is save:
                self._save()
            elif box.clickedButton() is discard:
                self._guard.discard()
            else:
                self._guard.stay()

        box.finished.connect(answered)
        box.open()

    def _details(self) -> str:
        """The names of the first few, and which of them have not come to their end."""
        unsaved = self._session.unsaved
        names = [self._session.names.of(run) for run in unsaved[:MOST_NAMED]]
        more = len(unsaved) - len(names)
        lines = [f"•  {name}" for name in names]
        if more:
            lines.append(trn("and {n} more", "and {n} more", more).format(n=more))
        count = sum(run.computing for run in unsaved)
        if count:
            text = trn(
                "{n} run is still being computed: it ends here, saved with the frames it has.",
                "{n} runs are still being computed: they end here, saved with the frames they have.",
                count,
            )
            lines += ["", text.format(n=count)]
        return "\n".join(lines)

    def _save(self) -> None:
        path = self._documents.target()
        if path is None:
            self._guard.stay()
        else:
            self._guard.save(path)


WANTED = QSize(640, 420)
ICON = 28


class CrashDialog(QDialog):
    """Says that `fault` happened and that the program goes on; it does not stop what is being computed."""

    def __init__(self, fault: runtime.Fault, support: Support, parent: QWidget | None = None) -> None:
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
        self.problem = controls.label("", "error", wrap=True)
        self.problem.hide()
        self.go_on = QPushButton(tr("Continue"))
        self.go_on.setToolTip(tr("Close this and go on (Esc)"))
        self.go_on.setProperty("role", "primary")
        self.go_on.setDefault(True)
        self.go_on.clicked.connect(self.accept)
        self._arrange()
        self.go_on.setFocus()
        self.resize(WANTED.boundedTo(layout.room_on(self).size()))

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 18)
        column.setSpacing(12)
        column.addLayout(self._head())
        text = tr(
            "diffviz goes on, but what is on the screen may be wrong. Save the session under another name and start "
            "diffviz anew. To report this, copy the diagnostics into the report: they hold no pictures and no prompts."
        )
        column.addWidget(controls.label(text, "text", wrap=True))
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
        title = controls.label(tr("Something went wrong that nobody foresaw"), "title")
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(mark)
        row.addWidget(title, 1)
        return row

    def _details(self, fault: runtime.Fault) -> QPlainTextEdit:
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


class Recovery(QObject):
    """Offers in `notice` what was left behind, and says once when keeping runs fails, until it succeeds."""

    def __init__(self, kept: persistence.Persistence, documents: Documents, notice: Notice) -> None:
        super().__init__(documents)
        self._kept, self._documents, self._notice = kept, documents, notice
        self._autosave = autosave = kept.autosave
        self._trouble: Message | None = None
        autosave.ended.connect(self._on_ended)
        self._on_ended()

    def offer(self) -> None:
        """Offer what was left behind; where nobody answers it is kept, and offered at the next start."""
        found = left_behind(self._autosave.folder)
        if not found:
            return

        def restore() -> None:
            for path in reversed(found):  # the newest is the one on the screen in the end
                self._kept.restore(path)

        def delete() -> None:
            for path in found:
                forget(path)

        text = tr("The last time diffviz ended, not all runs were saved; they were kept ({size}).")
        text = text.format(size=size(sum(map(nbytes_of, found))))
        self._notice.say(Message(text, ((tr("Restore them"), restore), (tr("Delete them"), delete))))

    def close(self) -> None:
        """Follow the autosave no longer."""
        self._autosave.ended.disconnect(self._on_ended)

    @Slot()
    def _on_ended(self) -> None:
        error = self._autosave.error
        if error is None and self._trouble is not None:
            self._notice.withdraw(self._trouble)
            self._trouble = None
        elif error is not None and self._trouble is None:
            lost = tr("Should diffviz crash now, unsaved runs are lost: they cannot be kept.")
            actions = (tr("Save session as…"), self._documents.save_as), (tr("Try again"), self._try_again)
            self._trouble = Message(f"{lost} {sentence(error)}", actions, error=True)
            self._notice.say(self._trouble)

    def _try_again(self) -> None:
        self._trouble = None  # it was put away by this: a failure is to be said anew
        self._autosave.save()
