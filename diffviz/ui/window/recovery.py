"""Recovery notices: runs that an earlier program has left unsaved, and an autosave that fails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.session.autosave import Autosave, left_behind, mark_seen, unseen
from diffviz.ui.widgets.notice import Message, Notice
from diffviz.ui.window.documents import Documents


class Recovery(QObject):
    """Offers in `notice` what was left behind, and says once when `autosave` fails, until it succeeds."""

    def __init__(self, autosave: Autosave, documents: Documents, notice: Notice) -> None:
        super().__init__(documents)
        self._autosave, self._documents, self._notice = autosave, documents, notice
        self._trouble: Message | None = None
        autosave.ended.connect(self._on_ended)
        self._on_ended()

    def offer(self) -> None:
        """Offer what was left behind, once."""
        found = unseen(left_behind(self._autosave.folder))
        if not found:
            return

        def restore() -> None:
            for path in reversed(found):  # the newest is the one on the screen in the end
                self._documents.open_session(mark_seen(path), recovered=True)

        text = tr("The last time diffviz ended, not all runs were saved; they were kept.")
        self._notice.say(Message(text, ((tr("Restore them"), restore),), closed=lambda: _mark_all(found)))

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


def _mark_all(paths: Sequence[Path]) -> None:
    for path in paths:
        mark_seen(path)
