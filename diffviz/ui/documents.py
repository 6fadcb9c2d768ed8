"""Files that the window opens and saves: sessions, exported files, pictures; the recent ones; what a crash has left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from diffviz.domain.errors import DiffvizError
from diffviz.domain.recording import record_of
from diffviz.domain.requests import Request
from diffviz.domain.restoring import differences, missing
from diffviz.domain.scripts import command_of, python_of
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr, trn
from diffviz.export import archive, reading
from diffviz.export.archive import SUFFIX
from diffviz.export.progress import Progress
from diffviz.session.autosave import left_behind, mark_seen, unseen
from diffviz.session.job import Job
from diffviz.session.preferences import Preferences
from diffviz.session.run import Run
from diffviz.session.saving import Opened, load, reopen, saved_of
from diffviz.session.session import Session
from diffviz.ui import pictures
from diffviz.ui.instruments.instrument import COMMAND, PYTHON
from diffviz.ui.notice import Action, Message, Notice

MOST_RECENT = 8
ALL = tuple(sorted({SUFFIX, *reading.SUFFIXES, *pictures.SUFFIXES}))


class Window(Protocol):
    """What documents need of the window."""

    def run(self, request: Request) -> None:
        """Put `request` into the form and compute it."""

    def import_pictures(self, paths: Sequence[Path]) -> None:
        """Take pictures in."""


class Documents(QObject):
    """Opens and saves for `window`, and says in `notice` what came of it. `path` is the session file in use.

    Signals: `changed`: the file in use, or the list of recent ones.
    """

    changed = Signal()

    def __init__(
        self, session: Session, preferences: Preferences, view: Window, notice: Notice, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._preferences, self._view, self._notice = session, preferences, view, notice
        self._window = parent
        self.path: Path | None = None
        self.job: Job | None = None

    @property
    def recent(self) -> tuple[Path, ...]:
        """Files opened or saved lately, the newest first, as far as they are still there."""
        lines = str(self._preferences["recent"]).splitlines()
        return tuple(path for path in map(Path, lines) if path.exists())

    def open_all(self, paths: Sequence[Path]) -> None:
        """Open `paths`, each as what it is; pictures without a run go to the gallery together."""
        plain = []
        for path in paths:
            if path.suffix.lower() == SUFFIX:
                self.open_session(path)
            elif reading.has_record(path):
                self.open_run(path)
            elif path.suffix.lower() in pictures.SUFFIXES:
                plain.append(path)
            else:
                self._fail(_why(path))
        if plain:
            self._view.import_pictures(plain)

    def open_run(self, path: Path) -> None:
        """Compute the run inside the exported file `path` again, or say what is missing."""
        try:
            record = reading.read_record(path)
        except DiffvizError as error:
            self._fail(sentence(error))
            return
        lacks = missing(record, self._session.cards)
        if lacks:
            self._fail(" ".join(lacks))
            return
        for pixels in record.images.values():
            self._session.add_image(pixels)
        try:
            self._session.plan(record.request)
        except DiffvizError as error:
            self._fail(sentence(error))
            return
        self._view.run(record.request)
        self._remember(path)
        text = tr("The run inside {name} is computed again.").format(name=path.name)
        self._notice.say(Message(" ".join((text, *differences(record, self._session.cards)))))

    def open_session(self, path: Path, *, recovered: bool = False) -> None:
        """Read the session file `path` on another thread, and put its runs behind those there are."""
        try:
            saved = archive.read(path)
        except DiffvizError as error:
            self._fail(sentence(error))
            return
        found: list[Opened] = []

        def work(progress: Progress) -> None:
            found.append(load(saved, self._session, progress))

        self._begin(Job(work, path, self), tr("Opening {name}…").format(name=path.name), lambda _: None)
        assert self.job is not None
        self.job.finished.connect(partial(self._on_opened, found, recovered))

    def save(self) -> None:
        """Save the session into the file in use, or ask for one."""
        if self.path is None:
            self.save_as()
        else:
            self.save_to(self.path)

    def save_as(self) -> None:
        """Ask for a file and save the session there."""
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            tr("Save the session"),
            str(self._folder() / f"session{SUFFIX}"),
            tr("Sessions (*{suffix})").format(suffix=SUFFIX),
        )
        if name:
            path = Path(name)
            self.save_to(path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX))

    def save_to(self, path: Path) -> None:
        """Write the session to `path` on another thread."""
        work: Callable[[Progress], None] = partial(_write, saved_of(self._session), path)
        self._begin(Job(work, path, self), tr("Saving {name}…").format(name=path.name), self._on_saved)

    def ask(self) -> None:
        """Ask for files, and open them."""
        patterns = " ".join(f"*{suffix}" for suffix in ALL)
        names, _ = QFileDialog.getOpenFileNames(
            self._window,
            tr("Open"),
            str(self._folder()),
            tr("Sessions, exported files and pictures ({patterns})").format(patterns=patterns),
        )
        self.open_all([Path(name) for name in names])

    def offer_recovery(self, folder: Path) -> None:
        """Offer what a crash has left in `folder`, once."""
        found = unseen(left_behind(folder))
        if not found:
            return
        newest = found[0]

        def restore() -> None:
            self.open_session(mark_seen(newest), recovered=True)

        self._notice.say(
            Message(
                tr("diffviz ended unexpectedly the last time; its runs were kept."),
                ((tr("Restore them"), restore),),
                closed=lambda: _mark_all(found),
            )
        )
        for path in found[1:]:
            mark_seen(path)

    def copy_command(self) -> None:
        """Put the run on the screen into the clipboard, as a command."""
        self.copy(self._session.a, COMMAND)

    def copy_python(self) -> None:
        """Put the run on the screen into the clipboard, as a Python program."""
        self.copy(self._session.a, PYTHON)

    def copy(self, run: Run | None, how: str) -> None:
        """Put `run`, where it is one, into the clipboard, as `COMMAND` or `PYTHON`."""
        if run is None:
            return
        record = record_of(run.request, self._session.images, self._session.cards)
        if how == COMMAND:
            text, said = command_of(record, self._session.cards), tr("Copied: a command for this run.")
        else:
            text, said = python_of(record), tr("Copied: a Python program for this run.")
        QGuiApplication.clipboard().setText(text)
        self._notice.say(Message(said))

    def close(self) -> None:
        """End what is being read or written."""
        if self.job is not None:
            self.job.close()
            self.job = None

    def _begin(self, job: Job, text: str, finished: Callable[[Path], None]) -> None:
        self.close()
        self.job = job
        cancel: Action = (tr("Cancel"), job.cancel)
        self._notice.say(Message(text, (cancel,)))
        job.finished.connect(finished)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._ended)
        job.start()

    def _on_opened(self, found: list[Opened], recovered: bool, path: Path) -> None:
        self._ended()
        opened = found[0]
        reopen(self._session, opened)
        if not recovered:
            self.path = path
            self._remember(path)
        shown = self._session.a
        if shown is not None and not len(shown.store):
            self._view.run(shown.request)
        count = len(opened.saved.runs)
        text = trn("{n} run opened.", "{n} runs opened.", count).format(n=count)
        self._notice.say(Message(" ".join((text, *opened.problems)), error=bool(opened.problems)))

    @Slot(object)
    def _on_saved(self, path: Path) -> None:
        self._ended()
        self.path = path
        self._remember(path)
        self._notice.say(Message(tr("Saved: {path}").format(path=path)))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._ended()
        self._fail(sentence(error))

    @Slot()
    def _ended(self) -> None:
        self._notice.put_away()
        if self.job is not None:
            self.job.deleteLater()
            self.job = None

    def _fail(self, text: str) -> None:
        self._notice.say(Message(text, error=True))

    def _folder(self) -> Path:
        last = self.recent[:1]
        return last[0].parent if last else Path.home()

    def _remember(self, path: Path) -> None:
        paths = (path.absolute(), *(p for p in self.recent if p != path.absolute()))
        self._preferences["recent"] = "\n".join(map(str, paths[:MOST_RECENT]))
        self.changed.emit()


def files_in(data: QMimeData) -> list[Path]:
    """Files among what is dragged that can be opened, and folders of an exported sequence."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if _can_be_opened(path)]


def _can_be_opened(path: Path) -> bool:
    return reading.has_record(path) if path.is_dir() else path.suffix.lower() in ALL and path.is_file()


def _write(saved: archive.SavedSession, path: Path, progress: Progress) -> None:
    archive.write(saved, path, progress)


def _mark_all(paths: Sequence[Path]) -> None:
    for path in paths:
        mark_seen(path)


def _why(path: Path) -> str:
    try:
        reading.read_record(path)
    except DiffvizError as error:
        return sentence(error)
    return ""
