"""The main window: the bar with labs, model and device, the lab below it, the line of hints at the bottom."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QResizeEvent, QUndoStack
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.cards import Card
from diffviz.domain.errors import DiffvizError
from diffviz.domain.sentences import sentence
from diffviz.domain.text import LANGUAGES, tr, trn
from diffviz.session.costs import Costs
from diffviz.session.player import Player
from diffviz.session.preferences import Preferences
from diffviz.session.session import Session
from diffviz.theory.about import about_of
from diffviz.ui import theme
from diffviz.ui.export_dialog import ExportDialog
from diffviz.ui.labs.diffusion import DiffusionLab
from diffviz.ui.shortcuts import ShortcutsDialog

DRAWER_WIDTH = 1200
COMPACT_HEIGHT = 760
PREDICTIONS = {"eps": "ε", "v": "v", "x0": "x₀"}


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
        self.setWindowTitle("diffviz")
        self.setMinimumSize(900, 620)
        self.lab = DiffusionLab(session, player, undo, preferences, costs)
        self._arrange()
        self._add_actions()
        self._restore_layout()
        session.device_changed.connect(self._on_device_changed)
        session.runs_changed.connect(self._on_runs_changed)
        session.frames_arrived.connect(self._on_runs_changed)
        preferences.changed.connect(self._on_preference_changed)
        self._on_device_changed()
        self._on_runs_changed()
        self.lab.timeline.set_mirrored(preferences["mirrored"])
        self._choose_first_model()

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
        column.addWidget(self._hints())
        self.setCentralWidget(body)

    def _bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(14, 10, 14, 0)
        row.setSpacing(10)
        brand = QLabel("diffviz")
        brand.setFont(theme.font(17, 700))
        lab = QPushButton(tr("Diffusion"))
        lab.setProperty("role", "segment")
        lab.setCheckable(True)
        lab.setChecked(True)
        lab.clicked.connect(lambda: lab.setChecked(True))
        lab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._model = self._model_picker()
        self._device = QToolButton()
        self._device.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._device.setToolTip(tr("Where networks are computed"))
        self._device.setMenu(self._choices("device", _devices()))
        self._export = QPushButton(tr("Export…"))
        self._export.setToolTip(tr("Write the frames as PNG or GIF (Ctrl+E)"))
        self._export.clicked.connect(self.export)
        row.addWidget(brand)
        row.addWidget(lab)
        row.addStretch(1)
        for widget in (self._model, self._device, self._settings_button(), self._drawer_button(), self._export):
            row.addWidget(widget)
        return bar

    def _model_picker(self) -> QComboBox:
        picker = QComboBox()
        picker.setAccessibleName(tr("Model"))
        picker.setToolTip(tr("The trained model that runs use"))
        for card in self.cards():
            picker.addItem(_describe(card), card.id)
        for name, error in self._damaged.items():
            picker.addItem(tr("{name} · cannot be used").format(name=name), None)
            picker.setItemData(picker.count() - 1, sentence(error), Qt.ItemDataRole.ToolTipRole)
            picker.setItemData(picker.count() - 1, 0, Qt.ItemDataRole.UserRole - 1)  # Qt's own way to disable an item
        picker.setMinimumWidth(180)
        picker.currentIndexChanged.connect(self._on_model_chosen)
        return picker

    def _settings_button(self) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon("settings"))
        button.setToolTip(tr("Settings"))
        button.setAccessibleName(tr("Settings"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        for title, name, choices in (
            (tr("Language"), "language", {"": tr("The desktop's"), **LANGUAGES}),
            (tr("Theme"), "theme", {"": tr("The desktop's"), "dark": tr("Dark"), "light": tr("Light")}),
            (tr("Device"), "device", _devices()),
            (tr("Memory for frames"), "budget_mb", {n: tr("{n} MB").format(n=n) for n in (128, 256, 512, 1024, 4096)}),
        ):
            submenu = self._choices(name, choices)
            submenu.setTitle(title)
            menu.addMenu(submenu)
        mirrored = QAction(tr("x_T on the left"), menu, checkable=True, checked=self._preferences["mirrored"])
        mirrored.toggled.connect(lambda on: self._set_preference("mirrored", on))
        menu.addAction(mirrored)
        menu.addSeparator()
        menu.addAction(tr("Keyboard shortcuts…"), self.show_shortcuts)
        button.setMenu(menu)
        return button

    def _drawer_button(self) -> QToolButton:
        self._drawer = QToolButton()
        self._drawer.setIcon(theme.icon("panel-right"))
        self._drawer.setCheckable(True)
        self._drawer.setToolTip(tr("Show the figures of this instant (I)"))
        self._drawer.setAccessibleName(tr("Figures of this instant"))
        self._drawer.toggled.connect(self.lab.set_drawer)
        return self._drawer

    def _choices(self, name: str, choices: dict[object, str] | dict[str, str] | dict[int, str]) -> QMenu:
        menu = QMenu(self)
        for value, text in choices.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(self._preferences[name] == value)
            action.triggered.connect(self._setter(name, value))
        menu.aboutToShow.connect(lambda: self._mark(menu, name, list(choices)))
        return menu

    def _setter(self, name: str, value: object) -> Callable[[], None]:
        return lambda: self._set_preference(name, value)

    def _mark(self, menu: QMenu, name: str, values: list[object]) -> None:
        for action, value in zip(menu.actions(), values, strict=True):
            action.setChecked(self._preferences[name] == value)

    def _set_preference(self, name: str, value: object) -> None:
        self._preferences[name] = value

    def _hints(self) -> QLabel:
        hints = QLabel(
            " · ".join(
                (
                    tr("Space plays"),
                    tr("← → one step"),
                    tr("Home x₀"),
                    tr("End x_T"),
                    tr("Ctrl+Return runs"),
                    tr("Esc cancels"),
                    tr("? all shortcuts"),
                )
            )
        )
        hints.setProperty("role", "quiet")
        hints.setContentsMargins(16, 0, 16, 8)
        return hints

    def _add_actions(self) -> None:
        undo, redo = self._undo.createUndoAction(self, tr("Undo")), self._undo.createRedoAction(self, tr("Redo"))
        undo.setShortcut(QKeySequence.StandardKey.Undo)
        redo.setShortcuts([QKeySequence(QKeySequence.StandardKey.Redo), QKeySequence("Ctrl+Y")])
        self.addActions([undo, redo, *self.lab.actions_of()])
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
            self.addAction(action)

    def _choose_first_model(self) -> None:
        wanted = self._model.findData(self._preferences["model"] or "fashion-ddpm")
        self._model.setCurrentIndex(max(0, wanted))
        self._on_model_chosen()

    @Slot()
    def _on_model_chosen(self) -> None:
        card = self._session.cards.get(self._model.currentData() or "")
        self._model.setToolTip(_details(card) if card else "")
        if card:
            self._preferences["model"] = card.id
        self.lab.set_model(card)

    @Slot()
    def _on_device_changed(self) -> None:
        device, error = self._session.device, self._session.device_error
        if error is not None:
            self._device.setText(tr("no device"))
            self._device.setToolTip(sentence(error))
        elif device is None:
            self._device.setText(tr("loading torch…"))
        else:
            threads = trn("{n} thread", "{n} threads", device.threads).format(n=device.threads)
            self._device.setText(f"{device.kind.upper()} · {threads if device.kind == 'cpu' else device.name}")
            self._device.setToolTip(tr("Where networks are computed: {name}").format(name=device.name))

    @Slot()
    def _on_runs_changed(self) -> None:
        run = self._session.a
        self._export.setEnabled(run is not None and len(run.store) > 0)

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
                self.lab.timeline.set_mirrored(self._preferences["mirrored"])
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
        ShortcutsDialog(self.actions(), self).exec()

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


def _devices() -> dict[str, str]:
    return {"auto": tr("automatic"), "cuda": "CUDA", "mps": "MPS", "cpu": "CPU"}


def _describe(card: Card) -> str:
    channels, height, width = card.shape
    size = f"{height}×{width}" + (" RGB" if channels == 3 else "")
    schedule = type(card.schedule).__name__.lower() if card.schedule else ""
    return tr("{name} · {size} · {millions:.1f} M · {prediction}-prediction · {schedule}, T = {timesteps}").format(
        name=card.name,
        size=size,
        millions=card.parameters / 1e6,
        prediction=PREDICTIONS.get(card.prediction, card.prediction),
        schedule=schedule,
        timesteps=card.timesteps,
    )


def _details(card: Card) -> str:
    seen = card.training.get("images_seen")
    return tr("{name}: trained on {dataset}, {seen} images seen. Licence {licence}.").format(
        name=card.name,
        dataset=card.dataset.get("name", "?"),
        seen=f"{seen:,}" if isinstance(seen, int) else "?",
        licence=card.licence,
    )
