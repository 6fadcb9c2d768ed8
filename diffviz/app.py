"""The composition root: the only module that wires the layers together.

A person's folders that may not be written, and what is therefore not kept.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, Qt, QTimer, QTranslator, Slot
from PySide6.QtGui import QGuiApplication, QIcon, QUndoStack
from PySide6.QtWidgets import QApplication, QDialog

from diffviz import crash_reporting, families, paths
from diffviz.cli import streams, window
from diffviz.domain import store, wire
from diffviz.domain.cards import Card
from diffviz.domain.engine import Engine
from diffviz.domain.sentences import sentence
from diffviz.domain.text import desktop_language, language, set_language, tr
from diffviz.log import without_home
from diffviz.session import child_client, folders, runtime
from diffviz.session.catalogue import Catalogue, CatalogueChange
from diffviz.session.engines import NICENESS, Engines, WorkerClient
from diffviz.session.persistence import Persistence, Stage
from diffviz.session.player import Player
from diffviz.session.preferences import Preferences, lines_of, scaled
from diffviz.session.run import RuntimeEstimator
from diffviz.session.session import Session
from diffviz.ui.widgets import notice, theme
from diffviz.ui.window import dialogs, main_window, menus

if TYPE_CHECKING:
    from diffviz.session.inbox import Inbox


def writable(folder: Path) -> bool:
    """Whether files can be written into `folder`, which is made where it is missing: not on a full disk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            return file.write(b"diffviz\n" * 512) > 0
    except OSError:
        return False


def frames_home() -> Path:
    """Folder for frames that do not fit into memory: in the cache, or where all temporary files go."""
    own = paths.cache_home() / "frames"
    return own if writable(own.parent) else Path(tempfile.gettempdir())


def what_is_not_kept(*, settings: bool, log: bool) -> str:
    """One sentence on what is not kept from this start to the next; empty where everything is.

    `settings` and `log` say whether those two can be written: who writes them has found out.
    """
    recovery, cache = paths.recovery_home(), paths.cache_home()
    places: Sequence[tuple[str, Path, bool]] = (
        (tr("settings"), paths.config_home(), settings),
        (tr("the log of errors"), paths.log_file().parent, log),
        (tr("runs in case of a crash"), recovery, writable(recovery)),
        (tr("frames on disk, which go to the folder for temporary files"), cache, writable(cache)),
    )
    lost = [f"{what} ({without_home(str(folder))})" for what, folder, is_kept in places if not is_kept]
    text = tr("Some folders cannot be written, so this is not kept: {list}.")
    return text.format(list=", ".join(lost)) if lost else ""


logger = logging.getLogger(__name__)

# How long a thread may keep the interpreter while another waits. With Python's 5 ms the sampler, which asks for it
# after every small operation of torch, is about a tenth slower while its run is watched; the window is as quick.
SWITCH_SECONDS = 0.0005
BY_SIGNAL = 128


def make_engine(cards: Mapping[str, Card], device: str, budget: store.Budget) -> Engine:
    """The engine, made on the worker's thread: importing it there keeps torch away from this one."""
    from diffviz.engine.engine import LocalEngine

    return LocalEngine(cards, device, budget)


class App(QObject):
    """Everything that lives as long as the program: preferences, link, session, player, and the window."""

    def __init__(
        self,
        application: QApplication,
        device: str = "",
        reporting: crash_reporting.CrashReporting | None = None,
        preferences: Preferences | None = None,
    ) -> None:
        super().__init__()
        self._reporting = reporting
        self.exit_code = 0
        self._inbox: Inbox | None = None
        self.support = menus.Support(self.diagnostics, paths.log_file() if reporting and reporting.log.kept else None)
        if reporting is not None:
            reporting.faults.noticed.connect(self.show_fault, Qt.ConnectionType.QueuedConnection)
        sys.setswitchinterval(SWITCH_SECONDS)
        self._application = application
        self.preferences = preferences or read_preferences()
        self.preferences.setParent(self)
        self.preferences.changed.connect(self._on_preference_changed)
        folders.keep_in(self.preferences)
        self._translator = QTranslator(self)
        self.collector = runtime.GcTimer(self)
        opened = lines_of(self.preferences["opened"])
        self.catalogue = Catalogue(paths.model_roots(), [Path(line) for line in opened], self)
        cards = self.catalogue.cards
        budget = store.Budget(self.preferences["budget_mb"] << 20, frames_home())
        device = device or self.preferences["device"]
        near = WorkerClient(partial(make_engine, cards, device, budget))
        self.link = Engines(
            near, child_client.ChildClient(wire.Setup(dict(cards), device, NICENESS), budget), self, cards
        )
        self.session = Session(self.link, families.plan_of, cards, budget, self)
        self.catalogue.changed.connect(self._on_catalogue_changed)
        application.applicationStateChanged.connect(self.catalogue.look_soon)  # not every disk tells of changes
        self.session.share_by(self.preferences["shared_by"])
        self.player = Player(self.session, self)
        self.player.set_ending(self.preferences["playing"])
        self.player.changed.connect(self._on_player_changed)
        self.costs = RuntimeEstimator()
        self.session.runs_changed.connect(self._on_runs_changed)  # before any view asks what a run will cost
        self.undo = QUndoStack(self)
        self.persistence = Persistence(self.session, paths.recovery_home(), self.preferences, self)
        application.commitDataRequest.connect(self._on_logged_out)
        self.window = self._make_window()

    def show(self) -> None:
        """Show the window, put a forward run on its stage, then let torch load."""
        self.window.show()
        self.window.lab.start_first()
        if problems := self._problems():
            self.window.notice.say(notice.Message(" ".join(problems), error=True))
        if self._reporting is not None and self._reporting.crashes:
            text = tr("diffviz crashed the last time. To report it, copy the diagnostics into the report.")
            self.window.notice.say(notice.Message(text, ((tr("Copy diagnostics"), self.support.copy),), error=True))
        self.window.recovery.offer()
        self.window.folders.say_lost()
        QTimer.singleShot(0, self, self._on_shown)

    def listen(self) -> None:
        """Take files from the program when it is started again."""
        try:
            from diffviz.session.inbox import Inbox
        except ImportError:  # a system library that Qt's network module needs is missing
            logger.warning("Files from a second start are not taken", exc_info=True)
            return
        self._inbox = Inbox(paths.windows_home(), self)
        self._inbox.received.connect(self.take)

    @Slot(object)
    def take(self, files: Sequence[Path]) -> None:
        """Come to the front, and open `files`."""
        window = self.window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.raise_()
        window.activateWindow()
        window.documents.open_all(files)

    @Slot(object)
    def show_fault(self, fault: runtime.Fault) -> None:
        """Show `fault`, which nobody caught, unless another one is being shown."""
        shown = (window for window in self._application.topLevelWidgets() if window.isVisible())
        if not any(isinstance(window, dialogs.CrashDialog) for window in shown):
            dialogs.CrashDialog(fault, self.support, self._application.activeModalWidget() or self.window).open()

    def diagnostics(self) -> str:
        """What a report of a fault has to tell, as text."""
        errors = self._reporting.log.last_errors() if self._reporting else None
        return crash_reporting.report(crash_reporting.known(self.session.device, errors=errors))

    @Slot(int)
    def end_by(self, number: int) -> None:
        """The system ends the program by signal `number`: nothing is asked, what is unsaved is kept."""
        self.exit_code = BY_SIGNAL + number
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.done(QDialog.DialogCode.Rejected)
        self.persistence.guard.hurry()

    @Slot()
    def _on_closed(self) -> None:
        self._application.exit(self.exit_code)

    @Slot(object)
    def _on_logged_out(self, _manager: object) -> None:
        self.persistence.autosave.flush()

    def close(self) -> bool:
        """End everything; whether every thread ended in time."""
        if self._inbox is not None:
            self._inbox.close()
        self.catalogue.close()
        self.player.pause()
        self.preferences.save()
        folders.keep_in({})
        written = self.persistence.close()
        self.collector.close()
        self._application.removeTranslator(self._translator)
        return self.session.close() and written

    def _problems(self) -> list[str]:
        """What is wrong with the settings and the folders that they are kept in, in sentences."""
        found = []
        if self.preferences.set_aside:
            names = ", ".join(self.preferences.set_aside)
            found.append(tr("These settings could not be read and were set aside: {names}.").format(names=names))
        if self.preferences.newer:
            found.append(sentence(self.preferences.newer))
        log = self._reporting is None or self._reporting.log.kept
        if lost := what_is_not_kept(settings=self.preferences.writable, log=log):
            found.append(lost)
        return found

    @Slot(str)
    def _on_preference_changed(self, name: str) -> None:
        if name == "scale":
            text = tr("Type and spacing are at {n} % from the next start of diffviz on.")
            self.window.notice.say(notice.Message(text.format(n=self.preferences[name])))

    @Slot()
    def _on_player_changed(self) -> None:
        self.preferences["playing"] = self.player.ending

    @Slot()
    def _on_runs_changed(self) -> None:
        for run in self.session.runs:
            if run.status.final:
                self.costs.observe(run)

    @Slot(object)
    def _on_catalogue_changed(self, change: CatalogueChange) -> None:
        self.session.take_cards(self.catalogue.cards, change.renewed)

    @Slot()
    def _on_shown(self) -> None:
        self.session.warm_up(self.preferences["model"] or None)

    def _make_window(self) -> main_window.MainWindow:
        set_language(self.preferences["language"] or desktop_language(QLocale.system().uiLanguages()))
        self._translate_qt()
        theme.apply(self._application, self.preferences["theme"] or _desktop_theme())
        window = main_window.MainWindow(
            self.session,
            self.persistence,
            self.player,
            self.preferences,
            self.costs,
            self.undo,
            self.catalogue,
            self.support,
        )
        window.rebuild_wanted.connect(self._on_rebuild_wanted)
        window.closed.connect(self._on_closed)
        return window

    @Slot()
    def _on_rebuild_wanted(self) -> None:
        QTimer.singleShot(0, self, self._rebuild)

    @Slot()
    def _rebuild(self) -> None:
        if self.persistence.guard.stage is Stage.FREE:
            return  # the program ends
        above = QApplication.activeModalWidget()
        if isinstance(above, QDialog):  # its window stays until it is answered
            above.finished.connect(self._on_rebuild_wanted, Qt.ConnectionType.UniqueConnection)
            return
        old = self.window
        state = old.state()
        old.closed.disconnect()
        old.retire()
        self.undo.clear()
        self.window = self._make_window()
        self.window.restore(state)
        self.window.show()
        self.window.shown.draw()
        self.window.shown.take_keyboard()
        self.window.recovery.offer()
        old.close()  # not before the new one stands in its place
        old.deleteLater()

    def _translate_qt(self) -> None:
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        self._application.removeTranslator(self._translator)
        if self._translator.load(QLocale(language()), "qtbase", "_", folder):
            self._application.installTranslator(self._translator)


def read_preferences() -> Preferences:
    """The person's own settings."""
    return Preferences(paths.config_home() / "diffviz.ini")


def run(argv: Sequence[str] = (), device: str = "", file: Path | None = None) -> int:
    """Open the window, with `file` in it, and stay until it is closed; the exit code."""
    with crash_reporting.CrashReporting() as reporting:
        code, ended = _run(argv, device, file, reporting)
    if not ended:
        _leave(code)
    return code


def _run(
    argv: Sequence[str], device: str, file: Path | None, reporting: crash_reporting.CrashReporting
) -> tuple[int, bool]:
    """The exit code, and whether the worker ended in time."""
    preferences = read_preferences()
    with scaled(preferences["scale"]):
        application = QApplication([sys.argv[0], *argv])
    if QGuiApplication.primaryScreen() is None:
        window.leave_without_window(reporting.messages.said)
    reporting.messages.opened()
    application.setApplicationName("diffviz")
    application.setDesktopFileName("diffviz")
    application.setWindowIcon(QIcon(str(paths.resources() / "icons" / "diffviz.png")))
    app = App(application, device, reporting, preferences)
    termination = runtime.Termination(app)
    termination.asked.connect(app.end_by)
    app.show()
    app.listen()
    if file is not None:
        app.window.documents.open_all([file])
    code = application.exec()
    ended = app.close()
    termination.close()
    return code, ended


def _leave(code: int) -> NoReturn:
    """End now: the worker hangs in a step, and to destroy its running thread would abort the process."""
    with suppress(OSError):
        streams.write_out()
    os._exit(code)


def _desktop_theme() -> str:
    return "light" if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light else "dark"
