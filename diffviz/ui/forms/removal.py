"""Removing a run so that it can be undone: its request computes it again, to the same pictures."""

from __future__ import annotations

from PySide6.QtGui import QUndoCommand

from diffviz.domain.text import tr
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.naming import describe


class Removal(QUndoCommand):
    """Forgets `run` and its frames; undone, the request is computed anew."""

    def __init__(self, session: Session, run: Run) -> None:
        super().__init__(tr("Delete {run}").format(run=describe(run.request, session.cards)))
        self._session, self._run = session, run

    def redo(self) -> None:
        if self._run in self._session.runs:
            self._session.remove(self._run)

    def undo(self) -> None:
        self._run = self._session.start(self._run.request, self._run.slot)
