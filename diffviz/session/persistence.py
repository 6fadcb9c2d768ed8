"""Persistence: the session's file, the file that a crash leaves, and the guard that stands before the end.

Close guard: the window closes when what a person has computed is saved, kept for the next start, or given up.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from diffviz.session.file_task import Ending, Outcome, hung
from diffviz.session.files import Opening, Saving, SessionFiles, Task
from diffviz.session.looks import Looked
from diffviz.session.preferences import Preferences
from diffviz.session.recovery import Autosave
from diffviz.session.run import Run
from diffviz.session.session import Session


class Stage(Enum):
    """Where it stands: nobody closes, a person is being asked, a save has to end first, the window may close."""

    OPEN = "open"
    ASKING = "asking"
    SAVING = "saving"
    FREE = "free"


class CloseGuard(QObject):
    """Lets the window of `session` close without anything being lost that a person was not asked about.

    `settled` says that nothing has to be offered at the next start: all was saved, or given up. Signals: `question`
    (ask what to do with `session.unsaved`, and answer by `save`, `discard` or `stay`), `granted` (the window may close
    now), `changed` (the stage).
    """

    question = Signal()
    granted = Signal()
    changed = Signal()

    def __init__(
        self,
        session: Session,
        files: SessionFiles,
        autosave: Autosave,
        preferences: Preferences,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._files, self._autosave, self._preferences = session, files, autosave, preferences
        self.stage = Stage.OPEN
        self.settled = False
        self._hurried = False
        self._dealt_with: set[Run] = set()
        files.ended.connect(self._on_ended)

    def may_close(self) -> bool:
        """Whether the window can close at once; where not, `question` or, once a save has ended, `granted` follows."""
        if self.stage is Stage.OPEN:
            self._advance()
        return self.stage is Stage.FREE

    def save(self, path: Path) -> None:
        """Answer: save the session to `path`, then close."""
        self._dealt_with = set(self._session.unsaved)
        self._files.save(path)
        self._enter(Stage.SAVING)

    def discard(self) -> None:
        """Answer: close without saving."""
        self.settled = True
        self._enter(Stage.FREE)
        self.granted.emit()

    def stay(self) -> None:
        """Answer: do not close."""
        if self.stage is Stage.ASKING:
            self._enter(Stage.OPEN)

    def call_off(self) -> None:
        """The window does not close after all, though it may: whoever closes it later is asked anew."""
        if self.stage is Stage.FREE:
            self.settled = False
            self._dealt_with.clear()
            self._enter(Stage.OPEN)

    def hurry(self) -> None:
        """The system ends the program: nothing is asked, a save comes to its end, what is unsaved is kept."""
        self._hurried = True
        if self.stage in (Stage.OPEN, Stage.ASKING):
            self._go_on()

    def _go_on(self) -> None:
        self._advance()
        if self.stage is Stage.FREE:
            self.granted.emit()

    def _advance(self) -> None:
        if self._files.saving:
            self._enter(Stage.SAVING)
        elif not self._left():
            self.settled = True
            self._enter(Stage.FREE)
        elif self._hurried or (not self._preferences["ask_unsaved"] and self._autosave.flush()):
            self._enter(Stage.FREE)  # unsettled: it is kept when the program ends
        else:
            self._enter(Stage.ASKING)

    def _left(self) -> bool:
        return any(run not in self._dealt_with for run in self._session.unsaved)

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self.changed.emit()
        if stage is Stage.ASKING:
            self._dealt_with.clear()
            self.question.emit()

    @Slot(object, object)
    def _on_ended(self, _task: Task, outcome: Outcome) -> None:
        if self.stage is not Stage.SAVING or self._files.saving:
            return
        if outcome.ending is Ending.DONE or self._hurried:
            self._go_on()
        else:
            self._dealt_with.clear()
            self._enter(Stage.OPEN)


class Persistence(QObject):
    """All that keeps the runs of `session`; it outlives the window. Recovery files are in `folder`."""

    def __init__(self, session: Session, folder: Path, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.files = SessionFiles(session, self)
        self.autosave = Autosave(session, folder, self)
        self.guard = CloseGuard(session, self.files, self.autosave, preferences, self)
        self.files.ended.connect(self._on_ended)

    def look_at(self, looked: Looked) -> None:
        """From now on `looked` says what the window shows when something is written."""
        self.files.looked = self.autosave.looked = looked

    def restore(self, path: Path) -> None:
        """Put the runs that the recovery file `path` has kept into the session, and keep them anew."""
        if self.autosave.hold(path):
            self.files.open(path, recovered=True)

    @Slot(object, object)
    def _on_ended(self, task: Task, outcome: Outcome) -> None:
        """Have a recovery file on offer as long as its runs are nowhere else."""
        done = outcome.ending is Ending.DONE
        match task:
            case Opening(recovered=True) if done and self._came_whole(task):
                self.autosave.restored(task.path)
            case Opening(recovered=True):
                self.autosave.let_go(task.path)
            case Saving() if done and all(run in task.marks for run in self._session.runs if run.lasting):
                self.autosave.put_away()

    def _came_whole(self, task: Opening) -> bool:
        """Whether every run of the file is in the session now, with its frames: only then nobody needs the file."""
        found = task.found[0]
        return found.whole and not found.problems and [each.adopted for each in task.came] == [len(found.saved.runs)]

    def close(self) -> bool:
        """End, keeping what is unsaved and was not given up for the next start; whether every thread has ended."""
        self.files.close()
        keep = bool(self._session.unsaved) and not self.guard.settled
        if keep:
            self.autosave.flush()
        self.autosave.close(keep=keep)
        return not hung()
