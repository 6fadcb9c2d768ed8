"""Files that the window opens and saves: sessions, exported files, pictures; the recent ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from diffviz import imaging
from diffviz.domain import cards, errors, foreign, provenance
from diffviz.domain.requests import Request
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr, trn
from diffviz.export import reading, run_info
from diffviz.export.archive import SUFFIX
from diffviz.paths import cache_home, exists, recovery_home
from diffviz.session.file_task import Ending, Outcome
from diffviz.session.files import Opening, Saving, SessionFiles, Task
from diffviz.session.folders import ANY, EXPORTS, Folders, answering, there
from diffviz.session.preferences import Preferences, keepable, lines_of
from diffviz.session.recovery import forget
from diffviz.session.run import Run
from diffviz.session.storage import Storage
from diffviz.ui.instruments.instrument import COMMAND, PYTHON
from diffviz.ui.widgets.notice import OPENING, Action, Message, Notice

MOST_RECENT = 8
ALL = tuple(sorted({SUFFIX, *reading.SUFFIXES, *imaging.SUFFIXES}))


class Window(Protocol):
    """What documents need of the window."""

    def run(self, request: Request) -> None:
        """Put `request` into the form and compute it."""

    def import_pictures(self, paths: Sequence[Path]) -> None:
        """Take pictures in."""

    def open_model(self, path: Path) -> None:
        """Open the model whose folder, card or weights `path` is."""


class Documents(QObject):
    """Opens and saves for `window`, and says in `notice` what goes on with `files` and what came of it.

    Signals: `changed`: the file in use, or the list of recent ones; `opened(seen)`: what its window showed.
    """

    changed = Signal()
    opened = Signal(object)

    def __init__(
        self, files: SessionFiles, preferences: Preferences, view: Window, notice: Notice, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.files, self._session = files, files.session
        self._preferences, self._view, self._notice = preferences, view, notice
        self._window, self._unfinished = parent, files.unfinished
        self._closing = False
        self._going_on: Message | None = None
        files.begun.connect(self._say_going_on)
        files.ended.connect(self._on_ended)
        self._say_going_on()  # begun in another window of the same session

    @property
    def recent(self) -> tuple[Path, ...]:
        """Files opened or saved lately, the newest first, as far as they are still there."""
        return tuple(answering(map(Path, lines_of(self._preferences["recent"])), there))

    def open_all(self, paths: Sequence[Path]) -> None:
        """Open `paths`, each as what it is; pictures without a run go to the gallery together."""
        plain = []
        for path in paths:
            if path.suffix.lower() == SUFFIX:
                self.open_session(path)
            elif cards.model_folder(path):
                self._view.open_model(path)
            elif reading.has_record(path):
                self.open_run(path)
            elif imaging.is_picture(path):
                plain.append(path)
            else:
                self._fail(_why(path))
        if plain:
            self._view.import_pictures(plain)

    def open_run(self, path: Path) -> None:
        """Compute the run inside the exported file `path` again, or say what is missing."""
        try:
            record = reading.read_record(path)
        except errors.DiffvizError as error:
            self._fail(sentence(error))
            return
        record = provenance.located(record, self._session.offered)
        records = (record, *record.beside)
        lacks = [text for each in records for text in provenance.missing(each, self._session.offered)]
        if lacks:
            self._fail(" ".join(dict.fromkeys(lacks)))
            return
        for pixels in (pixels for each in records for pixels in each.images.values()):
            self._session.add_image(pixels)
        try:
            for each in records:
                self._session.plan(each.request)
        except errors.DiffvizError as error:
            self._fail(sentence(error))
            return
        self._view.run(record.request)
        self._put_beside(record)
        self.remember(path)
        count = len(records)
        text = trn("The run inside {name} is computed again.", "The runs inside {name} are computed again.", count)
        unlike = [text for each in records for text in provenance.differences(each, self._session.cards)]
        self._notice.say(Message(" ".join((text.format(name=path.name), *dict.fromkeys(unlike)))))

    def _put_beside(self, record: provenance.Record) -> None:
        """Compute the runs that the file of `record` shows beside its own too, each in its own slot; pin the first.

        The next export begins with all of them.
        """
        shown = self._session.a
        if shown is None or not record.beside:
            return
        lab = shown.slot.partition("/")[0]
        requests = [each.request for each in record.beside]
        runs = [
            self._session.computed(request) or self._session.start(request, f"{lab}/beside{i or ''}", show=False)
            for i, request in enumerate(requests)
        ]
        self._session.pin(runs[0])
        titles = (record.title, *(each.title for each in record.beside))
        shown.lineup = tuple(zip((shown, *runs), titles, strict=True))

    def open_session(self, path: Path) -> None:
        """Put the runs of the session file `path` behind those there are, once what was asked for before is done."""
        self.files.open(path)

    @Slot()
    def save(self) -> None:
        """Save the session into the file in use, or ask for one."""
        path = self.target()
        if path is not None:
            self.save_to(path)

    @Slot()
    def save_as(self) -> None:
        """Ask for a file and save the session there."""
        path = self._asked()
        if path is not None:
            self.save_to(path)

    def save_to(self, path: Path) -> None:
        """Write the session as it is now to `path`."""
        self.files.save(path)

    def target(self) -> Path | None:
        """The file in use, or one that is asked for; None where a person thought better of it."""
        return self.files.path or self._asked()

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

    def show_storage(self) -> None:
        """Show what is kept on disk, and let a person clear it."""
        from diffviz.ui.window.storage import StorageDialog

        storage = Storage(recovery_home(), cache_home(), self._session.budget)
        StorageDialog(storage, self._window).open()

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
        record = self._session.record(run)
        if how == COMMAND:
            text, said = run_info.command_of(record, self._session.cards), tr("Copied: a command for this run.")
        else:
            text, said = run_info.python_of(record, self._session.cards), tr("Copied: a Python program for this run.")
        QGuiApplication.clipboard().setText(text)
        self._notice.say(Message(said))

    def close(self) -> None:
        """Follow what is read and written no longer; it goes on."""
        self.files.begun.disconnect(self._say_going_on)
        self.files.ended.disconnect(self._on_ended)

    def set_closing(self, closing: bool) -> None:
        """Say of a save that the window closes when it has ended, or no longer."""
        if closing != self._closing:
            self._closing = closing
            self._say_going_on()

    @Slot()
    def _say_going_on(self) -> None:
        """Say what is read or written now, in place of what was said before."""
        if self._going_on is not None:
            self._notice.withdraw(self._going_on)
            self._going_on = None
        task = self.files.current
        if task is None:
            return
        if isinstance(task, Opening):
            text = tr("Opening {name}…")
        else:
            text = tr("Saving {name}… diffviz closes afterwards.") if self._closing else tr("Saving {name}…")
        self._going_on = Message(text.format(name=task.path.name), ((tr("Cancel"), self.files.cancel),))
        self._notice.say(self._going_on)

    @Slot(object, object)
    def _on_ended(self, task: Task, outcome: Outcome) -> None:
        self._say_going_on()
        match outcome.ending:
            case Ending.FAILED:
                assert outcome.error is not None
                recovered = isinstance(task, Opening) and task.recovered
                delete: Action = (tr("Delete what was kept"), partial(forget, task.path))
                self._fail(sentence(outcome.error), (delete,) if recovered else ())
            case Ending.CANCELLED:
                saving = isinstance(task, Saving)
                text = tr("Cancelled; {name} was not saved.") if saving else tr("Cancelled; {name} was not opened.")
                self._notice.say(Message(text.format(name=task.path.name)))
            case Ending.DONE if isinstance(task, Saving):
                self.remember(task.path)
                self._notice.say(Message(tr("Saved: {path}").format(path=task.path)))
            case Ending.DONE:
                self._say_opened(task)

    def _say_opened(self, task: Opening) -> None:
        if not task.recovered:
            self.remember(task.path)
        [opened] = task.found
        [came] = task.came
        self.opened.emit(came.seen)
        count, waiting = len(opened.saved.runs), len(came.waiting)
        said = [trn("{n} run opened.", "{n} runs opened.", count).format(n=count)]
        actions: list[Action] = []
        if waiting:
            unfinished = trn(
                "{n} of them was not computed to its end.", "{n} of them were not computed to their end.", waiting
            )
            said.append(unfinished.format(n=waiting))
            actions.append(
                (trn("Compute it", "Compute them", waiting), partial(self._unfinished.compute, came.waiting))
            )
        self._notice.say(Message(" ".join((*said, *opened.problems)), actions, error=bool(opened.problems)))

    def _fail(self, text: str, actions: Sequence[Action] = ()) -> None:
        self._notice.say(Message(text, actions, error=True, kind=OPENING))

    def _asked(self) -> Path | None:
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            tr("Save the session"),
            str(self._folder() / f"session{SUFFIX}"),
            tr("Sessions (*{suffix})").format(suffix=SUFFIX),
        )
        path = Path(name)
        return (path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX)) if name else None

    def _folder(self) -> Path:
        return Folders(self._preferences).first(ANY, EXPORTS)

    def remember(self, path: Path) -> None:
        """Something was read from `path` or written there: have it as the first of the recent ones."""
        Folders(self._preferences).succeeded(path)
        known = map(Path, lines_of(self._preferences["recent"]))
        paths = (path.absolute(), *(p for p in known if p != path.absolute()))
        names = [name for name in map(str, paths) if keepable(name) and "\n" not in name]
        self._preferences["recent"] = "\n".join(names[:MOST_RECENT])
        self.changed.emit()


def files_in(data: QMimeData) -> list[Path]:
    """Files among what is dragged that can be opened, folders of an exported sequence, and those of models."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if _can_be_opened(path)]


def _can_be_opened(path: Path) -> bool:
    """By its ending; what looks like a picture and is none that is read here is said when it is opened."""
    if not exists(path):
        return False
    if cards.model_folder(path) or foreign.alone(path):
        return True
    if path.is_dir():
        return reading.has_record(path)
    return path.suffix.lower() in ALL or imaging.named_as_picture(path)


def _why(path: Path) -> str:
    if error := foreign.alone(path):
        return sentence(error)
    try:
        reading.read_record(path)
    except errors.DiffvizError as error:
        return sentence(error)
    return ""
