"""The main window: the bar with labs, model and device, the lab below it, the line of hints at the bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal, Slot
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
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.cards import Card
from diffviz.domain.errors import DiffvizError
from diffviz.domain.ideal import is_ideal
from diffviz.domain.latent import PathRequest
from diffviz.domain.requests import Request
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr, trn
from diffviz.session.costs import Costs
from diffviz.session.player import Player
from diffviz.session.preferences import Preferences
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.theory.about import about_of
from diffviz.ui import theme
from diffviz.ui.documents import Documents, files_in
from diffviz.ui.export_dialog import ExportDialog
from diffviz.ui.file_menu import FileButton
from diffviz.ui.forms.naming import describe
from diffviz.ui.hint_line import HintLine
from diffviz.ui.labs.diffusion import DiffusionLab
from diffviz.ui.labs.lab import Lab
from diffviz.ui.labs.vae import VaeLab
from diffviz.ui.menus import choice_menu, devices, settings_menu
from diffviz.ui.model_picker import ModelPicker
from diffviz.ui.notice import Notice
from diffviz.ui.shortcuts import ShortcutsDialog, rows_of
from diffviz.ui.tab_order import follow_layout

DRAWER_WIDTH = 1200
COMPACT_HEIGHT = 760
PREFERENCES = {"diffusion": ("model", "fashion-ddpm"), "vae": ("vae_model", "fashion-vae-2d")}
"""Where each lab's model is kept, and which one is chosen at first."""
LAYOUTS = {"diffusion": "splitter", "vae": "vae-splitter"}


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
        self._damaged = damaged
        self._last_width = 0
        self.setMinimumSize(900, 620)
        self.setAcceptDrops(True)
        self.lab = DiffusionLab(session, player, undo, preferences, costs)
        self.vae = VaeLab(session, player, undo, costs)
        self.labs: dict[str, Lab] = {lab.name: lab for lab in (self.lab, self.vae) if self._has_content(lab)}
        self.shown: Lab = self.lab
        self._kept: dict[str, tuple[Run | None, float]] = {}
        self._arrange()
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
        self._on_device_changed()
        self._on_runs_changed()
        self._mirror()
        for lab in self.labs.values():
            lab.set_model(self._session.cards.get(self._preferred(lab)))
        self.lab.set_active(True)
        self._offer_models()
        follow_layout(self)

    def cards(self) -> list[Card]:
        """Models that the shown lab can use: networks by name, and then the exact ones."""
        return self._cards_of(self.shown)

    def open_lab(self, name: str) -> None:
        """Show the lab called `name`, with the run that was on its stage when it was left."""
        self._tabs[name].setChecked(True)
        if self.labs[name] is not self.shown:
            self._kept[self.shown.name] = (self._session.a, self._session.cursor)
            self.shown.set_active(False)
            self._bring_up(self.labs[name])
            self._go_on(self.labs[name])

    def _bring_up(self, lab: Lab) -> None:
        """Put `lab` in place of the other, with its models and shortcuts; the session stays as it is."""
        self.shown.set_active(False)
        self._tabs[lab.name].setChecked(True)
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
        lab = self.labs.get(self._session.a.slot.partition("/")[0]) if self._session.a else None
        if lab is not None and lab is not self.shown:
            self._bring_up(lab)
            lab.set_active(True)

    def state(self) -> dict[str, Any]:
        """What a new window needs to go on from here; see `restore`."""
        return {"shown": self.shown.name, "kept": self._kept, **{n: lab.state() for n, lab in self.labs.items()}}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state` of another window of the same session."""
        self._kept = dict(state["kept"])
        if state["shown"] in self.labs and state["shown"] != self.shown.name:
            self._bring_up(self.labs[state["shown"]])
        for name, lab in self.labs.items():
            if name in state:
                lab.restore(state[name])
        self.shown.set_active(True)

    def _has_content(self, lab: Lab) -> bool:
        """Whether there is a model for it; the forward process needs none."""
        return lab is self.lab or any(card.family == lab.families[0] for card in self._cards_of(lab))

    def _cards_of(self, lab: Lab) -> list[Card]:
        fits = (c for c in self._session.cards.values() if c.family in lab.families)
        return sorted(fits, key=lambda c: (is_ideal(c), c.id))

    def _preferred(self, lab: Lab) -> str:
        """Id of the model that was chosen last in `lab`, or of the first there is."""
        name, first = PREFERENCES[lab.name]
        known = [card.id for card in self._cards_of(lab)]
        wanted = self._preferences[name] or first
        return wanted if wanted in known else next(iter(known), "")

    def _go_on(self, lab: Lab) -> None:
        run, cursor = self._kept.get(lab.name, (None, 0.0))
        lab.set_active(True)
        self._session.show(run if run in self._session.runs else None)
        if run is not None:
            self._session.seek(cursor)
        lab.start_first()
        self._session.warm_up(self._preferred(lab) or None)

    def _arrange(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.notice = Notice()
        self.documents = Documents(self._session, self._preferences, self, self.notice, self)
        column.addWidget(self._bar())
        column.addWidget(self.notice)
        self._stack = QStackedWidget()
        for lab in self.labs.values():
            self._stack.addWidget(lab)
        column.addWidget(self._stack, 1)
        self._hints = HintLine()
        column.addWidget(self._hints)
        self.setCentralWidget(body)

    def _bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(14, 10, 14, 0)
        row.setSpacing(10)
        brand = QLabel("diffviz")
        brand.setFont(theme.font(17, 700))
        self._model = ModelPicker((), self._damaged)
        self._model.currentIndexChanged.connect(self._on_model_chosen)
        self._device = QToolButton()
        self._device.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._device.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._device.setIcon(theme.icon("cpu", "quiet"))
        self._device.setToolTip(tr("Where networks are computed"))
        self._device.setMenu(choice_menu(self._preferences, "device", devices(), self))
        self._files = FileButton(self.documents, self.export)
        self._export = QPushButton(tr("Export…"))
        self._export.setToolTip(tr("Write pictures, a film, arrays or curves (Ctrl+E)"))
        self._export.clicked.connect(self.export)
        row.addWidget(brand)
        row.addWidget(self._make_tabs())
        row.addStretch(1)
        for widget in (
            self._model,
            self._device,
            self._files,
            self._settings_button(),
            self._drawer_button(),
            self._export,
        ):
            row.addWidget(widget)
        return bar

    def _make_tabs(self) -> QWidget:
        """One tab for each lab that has content; a name alone where there is only one."""
        titles = {"diffusion": tr("Diffusion"), "vae": tr("VAE")}
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        group = QButtonGroup(holder)
        self._tabs: dict[str, QPushButton] = {}
        for number, name in enumerate(self.labs, 1):
            tab = QPushButton(titles[name])
            tab.setProperty("role", "segment")
            tab.setCheckable(True)
            tab.setChecked(name == self.shown.name)
            tab.setToolTip(tr("{lab} lab (Ctrl+{n})").format(lab=titles[name], n=number))
            tab.clicked.connect(lambda _on, name=name: self.open_lab(name))
            group.addButton(tab)
            row.addWidget(tab)
            self._tabs[name] = tab
        return holder

    def _settings_button(self) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon("settings"))
        button.setToolTip(tr("Settings"))
        button.setAccessibleName(tr("Settings"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(settings_menu(self._preferences, self.show_shortcuts, button))
        return button

    def _drawer_button(self) -> QToolButton:
        self._drawer = QToolButton()
        self._drawer.setIcon(theme.icon("panel-right"))
        self._drawer.setCheckable(True)
        self._drawer.setToolTip(tr("Show the figures of this instant (I)"))
        self._drawer.setAccessibleName(tr("Figures of this instant"))
        self._drawer.toggled.connect(lambda on: self.shown.set_drawer(on))
        return self._drawer

    def _add_actions(self) -> None:
        undo, redo = self._undo.createUndoAction(self, tr("Undo")), self._undo.createRedoAction(self, tr("Redo"))
        undo.setShortcut(QKeySequence.StandardKey.Undo)
        redo.setShortcuts([QKeySequence(QKeySequence.StandardKey.Redo), QKeySequence("Ctrl+Y")])
        undo.setWhatsThis(tr("Undo"))
        redo.setWhatsThis(tr("Redo"))
        self._own_actions = [undo, redo, *self._files.shortcuts]
        for text, keys, slot in (
            (tr("Figures of this instant"), "I", self._drawer.toggle),
            (tr("Keyboard shortcuts"), "?", self.show_shortcuts),
            (tr("Quit"), "Ctrl+Q", self.close),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(slot)
            self._own_actions.append(action)
        for number, name in enumerate(self.labs, 1):
            action = QAction(self._tabs[name].text(), self)
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
            action.triggered.connect(lambda _on=False, name=name: self.open_lab(name))
            self._own_actions.append(action)
        self.addActions([*self._own_actions, *self.lab.actions_of()])

    def _offer_models(self) -> None:
        """Offer the models of the shown lab; the one it uses is chosen."""
        with QSignalBlocker(self._model):
            self._model.set_cards(self.cards())
            self._model.set_data(self._preferred(self.shown))
        self._model.show_details(self._session.cards.get(self._model.currentData() or ""))

    @Slot()
    def _on_model_chosen(self) -> None:
        card = self._session.cards.get(self._model.currentData() or "")
        self._model.show_details(card)
        if card:
            self._preferences[PREFERENCES[self.shown.name][0]] = card.id
        self.shown.set_model(card)

    @Slot(str)
    def _on_model_wanted(self, name: str) -> None:
        self._model.setCurrentIndex(max(0, self._model.findData(name)))

    @Slot()
    def _on_device_changed(self) -> None:
        device, error = self._session.device, self._session.device_error
        if error is not None:
            self._say_device(tr("no device"))
            self._device.setToolTip(sentence(error))
        elif device is None:
            self._say_device(tr("loading torch…"))
        else:
            threads = trn("{n} thread", "{n} threads", device.threads).format(n=device.threads)
            self._say_device(f"{device.kind.upper()} · {threads if device.kind == 'cpu' else device.name}")
            self._device.setToolTip(tr("Where networks are computed: {name}").format(name=device.name))

    def _say_device(self, text: str) -> None:
        self._device.setText(f" {text}")  # Qt leaves next to no room beside the icon

    @Slot()
    def _on_runs_changed(self) -> None:
        run = self._session.a
        self._export.setEnabled(run is not None and len(run.store) > 0)
        title = self._title(run)
        if title != self.windowTitle():
            self.setWindowTitle(title)

    def _title(self, run: Run | None) -> str:
        """What is on the screen, and how far it is."""
        if run is None:
            return "diffviz"
        name = describe(run.request, self._session.cards)
        done = "" if run.status.final else f"{run.progress:.0%} · "
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
        run = self._session.a
        if run is not None and len(run.store):
            device = self._session.device.kind if self._session.device else ""
            about = about_of(run.request, self._session.images, self._session.cards, device)
            ExportDialog(run, self._session.cursor, self._session.cards, self._preferences, self, about=about).exec()

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
        self.open_lab("vae" if isinstance(request, PathRequest) and "vae" in self.labs else "diffusion")
        at = self._model.findData(getattr(request, "model", None) or self._model.currentData())
        self._model.setCurrentIndex(max(0, at))
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
            self._drawer.setChecked(wide)
        self._last_width = self.width()
        self._fold()

    def _fold(self) -> None:
        """Fold what the window's size leaves no room for in the shown lab."""
        self.shown.set_narrow(self.width() < DRAWER_WIDTH)
        self.shown.set_drawer(self._drawer.isChecked())
        self.shown.set_compact(self.height() < COMPACT_HEIGHT)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the layout and say goodbye."""
        self._preferences.keep_layout("window", self.saveGeometry())
        self.documents.close()
        for lab in (self.lab, self.vae):
            self._preferences.keep_layout(LAYOUTS[lab.name], lab.splitter.saveState())
            lab.close_lab()
        super().closeEvent(event)
        self.closed.emit()

    def _restore_layout(self) -> None:
        self.resize(1440, 900)
        geometry = self._preferences.layout("window")
        if geometry is not None:
            self.restoreGeometry(geometry)
        for lab in self.labs.values():
            splitter = self._preferences.layout(LAYOUTS[lab.name])
            if splitter is not None:
                lab.splitter.restoreState(splitter)
