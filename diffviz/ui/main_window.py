"""The main window: the bar with labs, model and device, the lab below it, the line of hints at the bottom."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
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
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QPushButton, QToolButton, QVBoxLayout, QWidget

from diffviz.domain.cards import Card
from diffviz.domain.errors import DiffvizError
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr, trn
from diffviz.session.costs import Costs
from diffviz.session.player import Player
from diffviz.session.preferences import Preferences
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui import theme
from diffviz.ui.export_dialog import ExportDialog
from diffviz.ui.forms.naming import describe
from diffviz.ui.gallery import pictures_in
from diffviz.ui.hint_line import HintLine
from diffviz.ui.labs.diffusion import DiffusionLab
from diffviz.ui.menus import choice_menu, devices, settings_menu
from diffviz.ui.model_picker import ModelPicker
from diffviz.ui.shortcuts import ShortcutsDialog, rows_of
from diffviz.ui.tab_order import follow_layout

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
        self._damaged = damaged
        self._last_width = 0
        self.setMinimumSize(900, 620)
        self.setAcceptDrops(True)
        self.lab = DiffusionLab(session, player, undo, preferences, costs)
        self._arrange()
        self._add_actions()
        self._restore_layout()
        session.device_changed.connect(self._on_device_changed)
        session.runs_changed.connect(self._on_runs_changed)
        session.frames_arrived.connect(self._on_runs_changed)
        session.shown_changed.connect(self._on_runs_changed)
        preferences.changed.connect(self._on_preference_changed)
        self.lab.stage.readout_changed.connect(self._hints.say)
        self._on_device_changed()
        self._on_runs_changed()
        self._mirror()
        self._choose_first_model()
        follow_layout(self)

    def cards(self) -> list[Card]:
        """Models that the lab can use, those that people make first by name."""
        return sorted((c for c in self._session.cards.values() if c.family == "diffusion"), key=lambda c: c.id)

    def _arrange(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._bar())
        column.addWidget(self.lab, 1)
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
        lab = QLabel(tr("Diffusion"))
        lab.setProperty("role", "lab")
        self._model = ModelPicker(self.cards(), self._damaged)
        self._model.currentIndexChanged.connect(self._on_model_chosen)
        self._device = QToolButton()
        self._device.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._device.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._device.setIcon(theme.icon("cpu", "quiet"))
        self._device.setToolTip(tr("Where networks are computed"))
        self._device.setMenu(choice_menu(self._preferences, "device", devices(), self))
        self._export = QPushButton(tr("Export…"))
        self._export.setToolTip(tr("Write the frames as PNG or GIF (Ctrl+E)"))
        self._export.clicked.connect(self.export)
        row.addWidget(brand)
        row.addWidget(lab)
        row.addStretch(1)
        for widget in (self._model, self._device, self._settings_button(), self._drawer_button(), self._export):
            row.addWidget(widget)
        return bar

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
        self._drawer.toggled.connect(self.lab.set_drawer)
        return self._drawer

    def _add_actions(self) -> None:
        undo, redo = self._undo.createUndoAction(self, tr("Undo")), self._undo.createRedoAction(self, tr("Redo"))
        undo.setShortcut(QKeySequence.StandardKey.Undo)
        redo.setShortcuts([QKeySequence(QKeySequence.StandardKey.Redo), QKeySequence("Ctrl+Y")])
        undo.setWhatsThis(tr("Undo"))
        redo.setWhatsThis(tr("Redo"))
        self._own_actions = [undo, redo]
        for text, keys, slot in (
            (tr("Export"), "Ctrl+E", self.export),
            (tr("Figures of this instant"), "I", self._drawer.toggle),
            (tr("Keyboard shortcuts"), "?", self.show_shortcuts),
            (tr("Open a picture"), "Ctrl+O", self.lab.form.open_picture),
            (tr("Quit"), "Ctrl+Q", self.close),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(slot)
            self._own_actions.append(action)
        self.addActions([*self._own_actions, *self.lab.actions_of()])

    def _choose_first_model(self) -> None:
        wanted = self._model.findData(self._preferences["model"] or "fashion-ddpm")
        self._model.setCurrentIndex(max(0, wanted))
        self._on_model_chosen()

    @Slot()
    def _on_model_chosen(self) -> None:
        card = self._session.cards.get(self._model.currentData() or "")
        self._model.show_details(card)
        if card:
            self._preferences["model"] = card.id
        self.lab.set_model(card)

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
            ExportDialog(run, self._session.cursor, self._session.cards, self._preferences, self).exec()

    @Slot()
    def show_shortcuts(self) -> None:
        """List all shortcuts."""
        ShortcutsDialog({**self.lab.shortcuts(), tr("Window"): rows_of(self._own_actions)}, self).exec()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures, wherever they are dropped."""
        if pictures_in(event.mimeData()):
            event.acceptProposedAction()
            self._hints.say(tr("Drop it: the picture goes into the gallery of the forward process."))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Say no more of a drop."""
        self._hints.say("")

    def dropEvent(self, event: QDropEvent) -> None:
        """Let pictures into the gallery."""
        self._hints.say("")
        event.acceptProposedAction()
        self.lab.form.import_pictures(pictures_in(event.mimeData()))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the desktop's theme."""
        if event.type() == QEvent.Type.ThemeChange and not self._preferences["theme"]:
            self.rebuild_wanted.emit()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the right column below 1200 px of width and the plots below 760 px of height."""
        super().resizeEvent(event)
        wide = self.width() >= DRAWER_WIDTH
        self.lab.set_narrow(not wide)
        if wide != (self._last_width >= DRAWER_WIDTH) or not self._last_width:
            self._drawer.setChecked(wide)
            self.lab.set_drawer(wide)
        self._last_width = self.width()
        self.lab.set_compact(self.height() < COMPACT_HEIGHT)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the layout and say goodbye."""
        self._preferences.keep_layout("window", self.saveGeometry())
        self._preferences.keep_layout("splitter", self.lab.splitter.saveState())
        self.lab.close_lab()
        super().closeEvent(event)
        self.closed.emit()

    def _restore_layout(self) -> None:
        self.resize(1440, 900)
        geometry, splitter = self._preferences.layout("window"), self._preferences.layout("splitter")
        if geometry is not None:
            self.restoreGeometry(geometry)
        if splitter is not None:
            self.lab.splitter.restoreState(splitter)
