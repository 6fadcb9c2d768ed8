"""What is done to runs in their list, so that it can be undone."""

from __future__ import annotations

from PySide6.QtGui import QUndoCommand

from diffviz.domain.text import tr
from diffviz.session.run import ASIDE, Run
from diffviz.session.session import Session
from diffviz.ui.forms.run_names import name_of


class RemoveRuns(QUndoCommand):
    """Forgets `run` and its frames; undone, the request is computed anew, to the same pictures.

    Its name, its place beside the shown run and the runs that continue it come back with it.
    """

    def __init__(self, session: Session, run: Run) -> None:
        super().__init__(tr("Delete {run}").format(run=name_of(run, session.cards)))
        self._session, self._run = session, run
        self._pinned = False

    def redo(self) -> None:
        if self._run in self._session.runs:
            self._pinned = self._run is self._session.b
            self._session.remove(self._run)

    def undo(self) -> None:
        gone, session = self._run, self._session
        shown = not self._pinned and not gone.slot.startswith(ASIDE)
        self._run = session.start(gone.request, gone.slot, show=shown)
        for run in session.runs:
            if run.parent is gone:
                run.parent = self._run
        session.rename(self._run, gone.name)
        if self._pinned:
            session.pin(self._run)


class RenameRun(QUndoCommand):
    """Calls `run` `name`."""

    def __init__(self, session: Session, run: Run, name: str) -> None:
        super().__init__(tr("Rename {run}").format(run=name_of(run, session.cards)))
        self._session, self._run, self._name, self._before = session, run, name, run.name

    def redo(self) -> None:
        self._session.rename(self._run, self._name)

    def undo(self) -> None:
        self._session.rename(self._run, self._before)
