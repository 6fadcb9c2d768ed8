"""Close question: what is to become of unsaved runs, asked once over the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from diffviz.domain.text import tr, trn
from diffviz.session.close_guard import CloseGuard, Stage
from diffviz.session.session import Session
from diffviz.ui.forms.run_names import name_of
from diffviz.ui.window.documents import Documents

MOST_NAMED = 4
Role = QMessageBox.ButtonRole


class CloseQuestion(QObject):
    """Asks over `window` when `guard` wants to know, and passes the answer on.

    Return saves, Esc stays. Saving asks for a file where there is none; thinking better of that stays, too.
    """

    def __init__(self, guard: CloseGuard, session: Session, documents: Documents, window: QWidget) -> None:
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
        self._documents.set_closing(self._guard.stage is Stage.SAVING)

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
        names = [name_of(run, self._session.cards) for run in unsaved[:MOST_NAMED]]
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
