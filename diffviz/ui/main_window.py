"""The main window: the bar with labs, model and device, the lab below it, the line of hints at the bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSignalBlocker, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
    QUndoStack,
)
from PySide6.QtWidgets import (
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.cards import Card
from diffviz.domain.errors import DiffvizError
from diffviz.domain.gan import GanRequest
from diffviz.domain.latent import PathRequest
from diffviz.domain.requests import Request
from diffviz.domain.text import tr
from diffviz.session.costs import Costs
from diffviz.session.player import Player
from diffviz.session.preferences import Preferences
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.theory.about import about_of
from diffviz.ui.documents import Documents, files_in
from diffviz.ui.export_dialog import ExportDialog
from diffviz.ui.forms.naming import describe
from diffviz.ui.hint_line import HintLine
from diffviz.ui.labs.diffusion import DiffusionLab
from diffviz.ui.labs.lab import Lab
from diffviz.ui.labs.shelf import LABS, Shelf, Tools
from diffviz.ui.notice import Notice
from diffviz.ui.shortcuts import ShortcutsDialog, rows_of
from diffviz.ui.tab_order import follow_layout
from diffviz.ui.top_bar import TopBar

if TYPE_CHECKING:
    from diffviz.ui.labs.gan import GanLab
    from diffviz.ui.labs.vae import VaeLab

DRAWER_WIDTH = 1200
COMPACT_HEIGHT = 760


class MainWindow(QMainWindow):
    """The program's window. It is made anew for another language or theme: everything it shows is in the session.

    Signals: `rebuild_wanted` (language or theme changed), `closed`.
    """

    rebuild_wanted = Signal()
    closed = Signal()

    def __init__(
        self,
        session: Session,
        player: Player,
        preferences: Preferences,
        costs: Costs,
        undo: QUndoStack,
        damaged: dict[str, DiffvizError],
    ) -> None:
        super().__init__()
        self._session, self._preferences, self._undo = session, preferences, undo
        self._last_width = 0
        self._titled: tuple[object, ...] | None = ()
        self._retired = False
        self.setMinimumSize(900, 620)
        self.setAcceptDrops(True)
        self.labs = Shelf(Tools(session, player, undo, preferences, costs), self)
        self._kept: dict[str, tuple[Run | None, float]] = {}
        self._arrange(damaged)
        self.labs.made.connect(self._on_lab_made)
        self.shown: Lab = self.lab
        self._add_actions()
        self._restore_layout()
        session.device_changed.connect(self._on_device_changed)
        session.runs_changed.connect(self._on_runs_changed)
        session.frames_arrived.connect(self._on_runs_changed)
        session.shown_changed.connect(self._on_runs_changed)
        session.shown_changed.connect(self._follow_run)
        preferences.changed.connect(self._on_preference_changed)
        self.lab.stage.readout_changed.connect(self._hints.say)
        self.lab.model_wanted.connect(self._on_model_wanted)
        self.lab.export_wanted.connect(self.export_run)
        self.lab.copy_wanted.connect(self.documents.copy)
        self._on_device_changed()
        self._on_runs_changed()
        self._mirror()
        self._bar.tabs[self.lab.name].setChecked(True)
        self.lab.set_active(True)
        self._offer_models()

    @property
    def lab(self) -> DiffusionLab:
        """The Diffusion lab."""
        lab = self.labs["diffusion"]
        assert isinstance(lab, DiffusionLab)
        return lab

    @property
    def vae(self) -> VaeLab:
        """The VAE lab."""
        from diffviz.ui.labs.vae import VaeLab

        lab = self.labs["vae"]
        assert isinstance(lab, VaeLab)
        return lab

    @property
    def gan(self) -> GanLab:
        """The GAN lab."""
        from diffviz.ui.labs.gan import GanLab

        lab = self.labs["gan"]
        assert isinstance(lab, GanLab)
        return lab

    @Slot(object)
    def _on_lab_made(self, lab: Lab) -> None:
        """Give a lab its place, its model and the layout it had."""
        self._stack.addWidget(lab)
        lab.set_model(self._session.cards.get(self.labs.preferred(lab)))
        lab.choice_changed.connect(self._follow_choice)
        places = self._preferences.layout(LABS[lab.name].layout)
        if places is not None:
            lab.splitter.restoreState(places)
        follow_layout(self)

    def cards(self) -> list[Card]:
        """Models that the shown lab can use, networks by name, and then the exact ones."""
        return self.labs.cards_of(self.shown.name)

    def open_lab(self, name: str) -> None:
        """Show the lab called `name`, with the run that was on its stage when it was left."""
        self._bar.tabs[name].setChecked(True)
        if self.labs[name] is not self.shown:
            self._kept[self.shown.name] = (self._session.a, self._session.cursor)
            self.shown.set_active(False)
            self._bring_up(self.labs[name])
            self._go_on(self.labs[name])

    def _bring_up(self, lab: Lab) -> None:
        """Put `lab` in place of the other, with its models and shortcuts; the session stays as it is."""
        self.shown.set_active(False)
        self._bar.tabs[lab.name].setChecked(True)
        for action in self.shown.actions_of():
            self.removeAction(action)
        self.shown = lab
        self.addActions(lab.actions_of())
        self._stack.setCurrentWidget(lab)
        self._offer_models()
        self._fold()
        self._hints.set_lab(lab.name)

    @Slot()
    def _follow_run(self) -> None:
        """A run that is shown brings its own lab up, as one of a session file does."""
        name = self._session.a.slot.partition("/")[0] if self._session.a else ""
        if name in self.labs and name != self.shown.name:
            self._bring_up(self.labs[name])
            self.shown.set_active(True)

    def state(self) -> dict[str, Any]:
        """What a new window needs to go on from here; see `restore`."""
        return {"shown": self.shown.name, "kept": self._kept, **{lab.name: lab.state() for lab in self.labs.there()}}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state` of another window of the same session."""
        self._kept = dict(state["kept"])
        if state["shown"] in self.labs and state["shown"] != self.shown.name:
            self._bring_up(self.labs[state["shown"]])
        for name in self.labs:
            if name in state:
                self.labs[name].restore(state[name])
        self.shown.set_active(True)

    def _go_on(self, lab: Lab) -> None:
        run, cursor = self._kept.get(lab.name, (None, 0.0))
        lab.set_active(True)
        self._session.show(run if run in self._session.runs else None)
        if run is not None:
            self._session.seek(cursor)
        elif lab.choices() is not None and lab.name not in self._kept and self._preferences[LABS[lab.name].preference]:
            lab.choose(self.labs.preferred(lab))
        lab.start_first()
        self._session.warm_up(None if lab.choices() is not None else self.labs.preferred(lab) or None)

    def _arrange(self, damaged: dict[str, DiffvizError]) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.notice = Notice()
        self.documents = Documents(self._session, self._preferences, self, self.notice, self)
        titles = {name: tr(LABS[name].title) for name in self.labs}
        self._bar = TopBar(titles, self._preferences, self.documents, damaged, self.show_shortcuts)
        self._bar.lab_chosen.connect(self.open_lab)
        self._bar.export_asked.connect(self.export)
        self._bar.drawer_toggled.connect(self._on_drawer_toggled)
        self._model = self._bar.models
        self._model.currentIndexChanged.connect(self._on_model_chosen)
        self._stack = QStackedWidget()
        self._hints = HintLine()
        column.addWidget(self._bar)
        column.addWidget(self.notice)
        column.addWidget(self._stack, 1)
        column.addWidget(self._hints)
        self.setCentralWidget(body)

    @Slot(bool)
    def _on_drawer_toggled(self, shown: bool) -> None:
        self.shown.set_drawer(shown)

    def _add_actions(self) -> None:
        undo, redo = self._undo.createUndoAction(self, tr("Undo")), self._undo.createRedoAction(self, tr("Redo"))
        undo.setShortcut(QKeySequence.StandardKey.Undo)
        redo.setShortcuts([QKeySequence(QKeySequence.StandardKey.Redo), QKeySequence("Ctrl+Y")])
        undo.setWhatsThis(tr("Undo"))
        redo.setWhatsThis(tr("Redo"))
        self._own_actions = [undo, redo, *self._bar.files.shortcuts]
        for text, keys, slot in (
            (tr("Figures of this instant"), ("I",), self._bar.drawer.toggle),
            (tr("Keyboard shortcuts"), ("?", "F1"), self.show_shortcuts),
            (tr("Quit"), ("Ctrl+Q",), self.close),
        ):
            action = QAction(text, self)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.triggered.connect(slot)
            self._own_actions.append(action)
        for number, name in enumerate(self.labs, 1):
            action = QAction(self._bar.tabs[name].text(), self)
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
            action.triggered.connect(lambda _on=False, name=name: self.open_lab(name))
            self._own_actions.append(action)
        self.addActions([*self._own_actions, *self.lab.actions_of()])

    def _offer_models(self) -> None:
        """Offer the models of the shown lab, or what else it can be about; the one it uses is chosen."""
        choices = self.shown.choices()
        with QSignalBlocker(self._model):
            if choices is None:
                self._model.set_cards(self.cards())
                self._model.set_data(self.labs.preferred(self.shown))
            else:
                self._model.set_choices(choices)
                self._model.set_data(self.shown.chosen())
        self._model.show_details(self._session.cards.get(self._model.currentData() or ""))

    @Slot()
    def _follow_choice(self) -> None:
        """The shown lab is about something else now."""
        if self.sender() is self.shown and self._model.currentData() != self.shown.chosen():
            with QSignalBlocker(self._model):
                self._model.set_data(self.shown.chosen())

    @Slot()
    def _on_model_chosen(self) -> None:
        if self.shown.choices() is not None:
            self._preferences[LABS[self.shown.name].preference] = self._model.currentData()
            self.shown.choose(self._model.currentData())
            return
        card = self._session.cards.get(self._model.currentData() or "")
        self._model.show_details(card)
        if card:
            self._preferences[LABS[self.shown.name].preference] = card.id
        self.shown.set_model(card)

    @Slot(str)
    def _on_model_wanted(self, name: str) -> None:
        self._model.setCurrentIndex(max(0, self._model.findData(name)))

    @Slot()
    def _on_device_changed(self) -> None:
        self._bar.show_device(self._session.device, self._session.device_error)

    @Slot()
    def _on_runs_changed(self) -> None:
        run = self._session.a
        key = (run.id, run.name, run.status.final, _tenths(run), len(run.store) > 0) if run else None
        if key != self._titled:
            self._titled = key
            self._bar.export.setEnabled(run is not None and len(run.store) > 0)
            self.setWindowTitle(self._title(run))

    def _title(self, run: Run | None) -> str:
        """What is on the screen, and how far it is."""
        if run is None:
            return "diffviz"
        name = describe(run.request, self._session.cards)
        done = "" if run.status.final else f"{10 * _tenths(run)}% · "
        return f"{done}{name} – diffviz"

    def _mirror(self) -> None:
        self.lab.timeline.set_mirrored(self._preferences["mirrored"])
        self._hints.set_mirrored(self._preferences["mirrored"])

    @Slot(str)
    def _on_preference_changed(self, name: str) -> None:
        match name:
            case "language" | "theme":
                self.rebuild_wanted.emit()
            case "device":
                self._session.use_device(self._preferences["device"])
            case "budget_mb":
                self._session.budget.limit = self._preferences["budget_mb"] << 20
            case "mirrored":
                self._mirror()
            case _:
                pass

    @Slot()
    def export(self) -> None:
        """Ask what to export, and export it."""
        if self._session.a is not None:
            self.export_run(self._session.a, self._session.cursor)

    @Slot(object, float)
    def export_run(self, run: Run, position: float) -> None:
        """Ask what to export of `run`, where it has frames: the one at `position` first."""
        if len(run.store):
            device = self._session.device.kind if self._session.device else ""
            about = about_of(run.request, self._session.images, self._session.cards, device)
            ExportDialog(run, position, self._session.cards, self._preferences, self, about=about).exec()

    @Slot()
    def show_shortcuts(self) -> None:
        """List all shortcuts."""
        ShortcutsDialog({**self.shown.shortcuts(), tr("Window"): rows_of(self._own_actions)}, self).exec()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take sessions, exported files and pictures, wherever they are dropped."""
        if files_in(event.mimeData()):
            event.acceptProposedAction()
            self._hints.say(tr("Drop it: a run is opened, a picture goes into the gallery."))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Say no more of a drop."""
        self._hints.say("")

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self._hints.say("")
        event.acceptProposedAction()
        self.documents.open_all(files_in(event.mimeData()))

    def run(self, request: Request) -> None:
        """Open the lab of `request`, choose its model, put it into the form, and compute it."""
        wanted = {PathRequest: "vae", GanRequest: "gan"}.get(type(request), "diffusion")
        self.open_lab(wanted if wanted in self.labs else "diffusion")
        if self.shown.choices() is None:
            at = self._model.findData(getattr(request, "model", None) or self._model.currentData())
            if at >= 0:
                self._model.setCurrentIndex(at)
        self.shown.run(request)

    def import_pictures(self, paths: Sequence[Path]) -> None:
        """Take picture files into the gallery."""
        self.shown.import_pictures(paths)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the desktop's theme."""
        if event.type() == QEvent.Type.ThemeChange and not self._preferences["theme"]:
            self.rebuild_wanted.emit()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the right column below 1200 px of width and the plots below 760 px of height."""
        super().resizeEvent(event)
        wide = self.width() >= DRAWER_WIDTH
        if wide != (self._last_width >= DRAWER_WIDTH) or not self._last_width:
            self._bar.drawer.setChecked(wide)
        self._last_width = self.width()
        self._fold()

    def _fold(self) -> None:
        """Fold what the window's size leaves no room for in the shown lab."""
        self.shown.set_narrow(self.width() < DRAWER_WIDTH)
        self.shown.set_drawer(self._bar.drawer.isChecked())
        self.shown.set_compact(self.height() < COMPACT_HEIGHT)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the layout and say goodbye."""
        self.retire()
        super().closeEvent(event)
        self.closed.emit()

    def retire(self) -> None:
        """Keep the layout and follow the session no more; what is painted stays on the screen until it is closed."""
        if self._retired:
            return
        self._retired = True
        self._preferences.keep_layout("window", self.saveGeometry())
        self.documents.close()
        for lab in self.labs.there():
            self._preferences.keep_layout(LABS[lab.name].layout, lab.splitter.saveState())
            lab.close_lab()

    def _restore_layout(self) -> None:
        self.resize(1440, 900)
        geometry = self._preferences.layout("window")
        if geometry is not None:
            self.restoreGeometry(geometry)


def _tenths(run: Run) -> int:
    """How far `run` is, in steps that are worth a new title."""
    return int(10 * run.progress)
