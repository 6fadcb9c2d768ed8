"""Session files: saves and openings, one after another in the order they were asked for, each with an outcome.

Runs of a file that had not been computed to their end: they are offered, and computed where a person asks for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from diffviz.domain import export_settings
from diffviz.domain.requests import Step
from diffviz.export import archive
from diffviz.export.archive import SavedSession
from diffviz.session.file_task import WAIT_MILLISECONDS, Ending, FileTask, Outcome
from diffviz.session.looks import Looked, WindowLook
from diffviz.session.run import Mark, Run, Status
from diffviz.session.saving import Opened, Reopened, keep_marks, load, marks_of, reopen, saved_of
from diffviz.session.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Saving:
    """The session as it was when its save was asked for, on its way to `path`; `marks` are those of its runs then."""

    path: Path
    saved: SavedSession
    marks: Mapping[Run, Mark]

    def work(self, progress: export_settings.Progress) -> None:
        archive.write(self.saved, self.path, progress)


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """The session file at `path`, on its way into `session`; `found` has it once it has been read.

    `came` has what came of it in the session.
    """

    path: Path
    session: Session
    recovered: bool = False
    found: list[Opened] = field(default_factory=list)
    came: list[Reopened] = field(default_factory=list)

    def work(self, progress: export_settings.Progress) -> None:
        self.found.append(load(archive.read(self.path), self.session, progress))


Task = Saving | Opening


class SessionFiles(QObject):
    """Saves `session` and opens files into it; a task waits for those asked for before it, and none is dropped.

    `path` is the file in use: the one that was saved or opened last. `current` is the task that goes on. `looked` asks
    the window what it shows.
    Signals: `begun(task)`, `ended(task, outcome)`, when the session has what came of it.
    """

    begun = Signal(object)
    ended = Signal(object, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.looked: Looked = WindowLook
        self.unfinished = Unfinished(session, self)
        self.path: Path | None = None
        self.current: Task | None = None
        self._job: FileTask | None = None
        self._waiting: deque[Task] = deque()

    @property
    def saving(self) -> bool:
        """Whether a save goes on or waits."""
        return any(isinstance(task, Saving) for task in (self.current, *self._waiting))

    def save(self, path: Path) -> None:
        """Write the session as it is now to `path`."""
        task = Saving(path, saved_of(self.session, seen=self.looked()), marks_of(self.session))
        newest = self._waiting[-1] if self._waiting else None
        if isinstance(newest, Saving) and newest.path == path:
            self._waiting.pop()  # it would be written over at once
        self._put(task)

    def open(self, path: Path, *, recovered: bool = False) -> None:
        """Put the runs of the file at `path` behind those there are; nothing where it is being opened already."""
        there = (task.path for task in (self.current, *self._waiting) if isinstance(task, Opening))
        if path not in there:
            self._put(Opening(path, self.session, recovered))

    @Slot()
    def cancel(self) -> None:
        """End what goes on at its next step, or give it up where none comes: file and session stay as they were."""
        if self._job is not None:
            self._job.cancel()

    def close(self) -> None:
        """Let a save come to its end, as far as that takes a few seconds, and read and write nothing more."""
        if self._job is not None and isinstance(self.current, Saving):
            self._job.wait(WAIT_MILLISECONDS)
        elif self._job is not None:
            self._job.close()
        self._waiting.clear()
        self._job = self.current = None

    def _put(self, task: Task) -> None:
        self._waiting.append(task)
        if self.current is None:
            self._next()

    def _next(self) -> None:
        if not self._waiting:
            return
        task = self.current = self._waiting.popleft()
        self._job = FileTask(task.work, task.path, self)
        self._job.ended.connect(self._on_ended)
        self._job.start()
        self.begun.emit(task)

    @Slot(object)
    def _on_ended(self, outcome: Outcome) -> None:
        task, job = self.current, self._job
        assert task is not None
        assert job is not None
        job.deleteLater()
        self.current = self._job = None
        if outcome.ending is Ending.DONE:
            self._take_over(task)
        self.ended.emit(task, outcome)
        if self.current is None:  # a slot may have asked for the next one
            self._next()

    def _take_over(self, task: Task) -> None:
        """Make what `task` has done the session's state."""
        match task:
            case Saving():
                keep_marks(task.marks)
                self.path = task.path
            case Opening():
                [opened] = task.found
                task.came.append(reopen(self.session, opened, recovered=task.recovered))
                if opened.whole and not task.recovered:
                    self.path = task.path


class Unfinished(QObject):
    """Computes runs of `session` that came out of a file without their end, once `compute` asks for them.

    Each gives its place to one that is computed anew from the same request, to the same pictures; a training that has
    frames stays, and another goes on from its last one. Of those that would supersede one another each waits for the
    one before, and none begins when that was cancelled.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._waiting: deque[Run] = deque()
        self._begun: dict[str, Run] = {}
        self._beginning = False
        session.runs_changed.connect(self._go_on)

    def compute(self, runs: Sequence[Run]) -> None:
        """Compute `runs`, as far as they are still there."""
        self._waiting.extend(runs)
        self._go_on()

    @Slot()
    def _go_on(self) -> None:
        """Begin those whose turn it is."""
        if self._beginning:
            return
        self._beginning = True
        for run in list(self._waiting):
            before = self._begun.get(run.slot)
            if before is None or before.status.final:
                self._waiting.remove(run)
                if run in self._session.runs and (before is None or before.status is Status.FINISHED):
                    self._begun[run.slot] = self._begin(run)
        if not self._waiting:
            self._begun.clear()
        self._beginning = False

    def _begin(self, run: Run) -> Run:
        session, shown = self._session, run is self._session.a
        if run.plan.between and len(run.store):
            return session.start(replace(run.request, start=Step(run.request, run.newest)), run.slot, show=shown)
        made = session.start(run.request, run.slot, show=shown)
        session.rename(made, run.name)
        made.bookmarks = run.bookmarks
        for other in session.runs:
            if other.parent is run:
                other.parent = made
        if run is session.b:
            session.pin(made)
        session.remove(run)
        return made
