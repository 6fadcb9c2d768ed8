"""The runs of particles that a session has: which one is shown, and what stands before a branch."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from diffviz.domain.planar import PlanarFrame, PlanarRequest
from diffviz.session.run import PLANE_SLOT, Run, Status
from diffviz.session.session import Session
from diffviz.ui.forms.run_list import ROW, RunList


class PlaneRuns(QObject):
    """Runs in slot `PLANE_SLOT` of `session`, of which `shown` is in the panel; they outlive it.

    Signals: `changed` (another one is shown).
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.shown: Run | None = None

    def all(self) -> list[Run]:
        """All runs, in the order they were begun."""
        return [run for run in self._session.runs if run.slot == PLANE_SLOT]

    def refresh(self) -> Run | None:
        """The run in the panel; the newest one where the session has it no longer, None where there is none."""
        runs = self.all()
        if self.shown not in runs:
            self.show(runs[-1] if runs else None)
        return self.shown

    def show(self, run: Run | None) -> None:
        """Put `run` into the panel."""
        if run is not self.shown:
            self.shown = run
            self.changed.emit()

    def start(self, request: PlanarRequest) -> None:
        """Show the run of `request`, computed unless it has been before. Raises what is wrong with it."""
        same = [run for run in self.all() if run.request == request]
        done = [run for run in same if run.status is Status.FINISHED]
        self.show(done[-1] if done else self._session.start(request, PLANE_SLOT, show=False))
        for run in same:
            if run not in done:
                self._session.remove(run)

    def owner(self, t: float) -> Run | None:
        """The run whose frame is shown at `t`: above a branch's start, that which it goes on from."""
        run, runs = self.shown, self.all()
        while run is not None and t > run.plan.positions[0] and run.parent in runs:
            run = run.parent
        return run

    def frame(self, t: float) -> PlanarFrame | None:
        """The frame shown at `t`."""
        return _frame(self.owner(t), t)

    def before(self, t: float) -> PlanarFrame | None:
        """What the run shown at `t` branches from, at that t."""
        run = self.owner(t)
        return _frame(run.parent, t) if run is not None and run.parent in self.all() else None

    def stop(self) -> None:
        """Cancel what has not ended."""
        for run in self.all():
            self._session.cancel(run)


class PlaneRunList(RunList):
    """The list of these runs: a click puts one into the panel, and none onto the stage."""

    pinnable = False
    wanted = 3 * ROW

    def __init__(self, runs: PlaneRuns, session: Session, undo: QUndoStack) -> None:
        self._runs = runs
        super().__init__(session, undo, slots=PLANE_SLOT)

    def shown_run(self) -> Run | None:
        """The run in the panel."""
        return self._runs.shown

    def show_run(self, run: Run) -> None:
        """Put `run` into the panel."""
        self._runs.show(run)


def _frame(run: Run | None, t: float) -> PlanarFrame | None:
    frame: Any = run.at(t) if run is not None else None
    found: PlanarFrame | None = frame  # these runs have no others
    return found
