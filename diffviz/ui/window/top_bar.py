"""The bar at the top: labs, model, device, files, settings, export.

The actions with shortcuts that the window has in every lab, and its title.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QUndoStack
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from diffviz.domain.messages import Device
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr, trn
from diffviz.session.preferences import Preferences
from diffviz.session.run import Run, Status
from diffviz.session.run_names import RunNames
from diffviz.ui.forms import run_panel
from diffviz.ui.widgets import theme
from diffviz.ui.window import lab_stack, model_picker
from diffviz.ui.window.documents import Documents
from diffviz.ui.window.menus import FileButton, HelpButton, choice_menu, devices, settings_menu

BRIEFEST = 2


class TopBar(QWidget):
    """What stands above the lab. `titles` are those of the labs by name.

    Signals: `lab_chosen(name)`, `export_asked`, `drawer_toggled(shown)`. The picker `models` has signals of its own.
    """

    lab_chosen = Signal(str)
    export_asked = Signal()
    drawer_toggled = Signal(bool)

    def __init__(
        self,
        titles: Mapping[str, str],
        preferences: Preferences,
        documents: Documents,
        folders: lab_stack.ModelFolders,
        help_button: HelpButton,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.models = model_picker.ModelPicker()
        self.models.open_asked.connect(folders.ask)
        self.files = FileButton(documents, folders.ask, self.export_asked.emit)
        self.device = _device_button(preferences, self)
        self.drawer = self._drawer_button()
        self.export = QPushButton(tr("Export…"))
        self.export.setToolTip(tr("Write pictures, a film, arrays or curves (Ctrl+E)"))
        self.export.clicked.connect(self.export_asked)
        self.setAccessibleName(tr("Labs, model and files"))
        self.tabs: dict[str, QPushButton] = {}
        self._brand = QLabel("diffviz")
        self._brand.setFont(theme.font(17, 700))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 14, 0)
        row.setSpacing(10)
        row.addWidget(self._brand)
        row.addWidget(self._make_tabs())
        self.set_labs(titles)
        row.addStretch(1)
        self.help = help_button
        settings = _settings_button(preferences, documents.show_storage)
        for widget in (self.models, self.device, self.files, settings, self.help, self.drawer, self.export):
            row.addWidget(widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what is only pleasant to have where there is little width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Have the longest bar that there is room for."""
        row = self.layout()
        for level in range(BRIEFEST + 1):
            self._shorten(level)
            if row is not None and row.minimumSize().width() <= self.width():
                return

    def _shorten(self, level: int) -> None:
        """Have a shorter bar, from 0, with all there is, to `BRIEFEST`."""
        style = Qt.ToolButtonStyle
        self._brand.setVisible(level < 1)
        self.device.setToolButtonStyle(style.ToolButtonTextBesideIcon if level < 2 else style.ToolButtonIconOnly)

    def show_device(self, device: Device | None, error: Exception | None) -> None:
        """Say where networks are computed, that torch is still loading, or what is wrong."""
        if error is not None:
            self._say_device(tr("no device"), sentence(error))
        elif device is None:
            self._say_device(tr("loading torch…"), tr("Where networks are computed"))
        else:
            threads = trn("{n} thread", "{n} threads", device.threads).format(n=device.threads)
            detail = threads if device.kind == "cpu" else device.name
            where = tr("Where networks are computed: {name}").format(name=device.name)
            self._say_device(f"{device.kind.upper()} · {detail}", where)

    def _say_device(self, text: str, tip: str) -> None:
        self.device.setText(f" {text}")  # Qt leaves next to no room beside the icon
        self.device.setToolTip(f"{text}\n{tip}")
        self._fit()

    def set_labs(self, titles: Mapping[str, str]) -> None:
        """One tab for each lab that has content, in the order of `titles`."""
        for name in self.tabs.keys() - titles.keys():
            tab = self.tabs.pop(name)
            tab.hide()
            tab.deleteLater()
        self.tabs = {name: self.tabs.get(name) or self._make_tab(name, title) for name, title in titles.items()}
        for number, tab in enumerate(self.tabs.values()):
            self._tabs.insertWidget(number, tab)
            tab.setToolTip(tr("{lab} lab (Ctrl+{n})").format(lab=tab.text(), n=number + 1))

    def _make_tabs(self) -> QWidget:
        holder = QWidget()
        self._tabs, self._group = QHBoxLayout(holder), QButtonGroup(holder)
        self._tabs.setContentsMargins(0, 0, 0, 0)
        self._tabs.setSpacing(4)
        return holder

    def _make_tab(self, name: str, title: str) -> QPushButton:
        tab = QPushButton(title)
        tab.setProperty("role", "segment")
        tab.setCheckable(True)
        tab.clicked.connect(lambda: self.lab_chosen.emit(name))
        self._group.addButton(tab)
        return tab

    def _drawer_button(self) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon("panel-right"))
        button.setCheckable(True)
        button.setToolTip(tr("Show the figures of this instant (I)"))
        button.setAccessibleName(tr("Figures of this instant"))
        button.toggled.connect(self.drawer_toggled)
        return button


def _device_button(preferences: Preferences, parent: QWidget) -> QToolButton:
    button = QToolButton()
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setIcon(theme.icon("cpu", "quiet"))
    button.setMenu(choice_menu(preferences, "device", devices(), parent))
    return button


def _settings_button(preferences: Preferences, show_storage: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setIcon(theme.icon("settings"))
    button.setToolTip(tr("Settings"))
    button.setAccessibleName(tr("Settings"))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(settings_menu(preferences, show_storage, button))
    return button


STEP = 10


def title(run: Run | None, names: RunNames) -> str:
    """What is on the screen, and how far it is, as the list of runs says it; in tens of a percent while it goes on."""
    if run is None:
        return "diffviz"
    said = (_how_far(run), names.of(run))
    return f"{' · '.join(text for text in said if text)} – diffviz"


def title_key(run: Run | None, names: RunNames) -> object:
    """Equal for two looks at a run between which nothing happened that the bar or the title would tell."""
    return (run.id, names.of(run), run.status.final, _how_far(run), len(run.store) > 0) if run else None


def _how_far(run: Run) -> str:
    """A desktop takes long to show another title: one for every percent would slow a quick run down."""
    return run_panel.percent_text(run, STEP if run.status is Status.RUNNING else 1)


def window_actions(window: QWidget, bar: TopBar, undo: QUndoStack) -> list[QAction]:
    """All of them, in the order in which they are listed."""
    actions = [*_history(window, undo), *bar.files.shortcuts, *bar.help.shortcuts]
    for text, keys, act in (
        (tr("Figures of this instant"), ("I",), bar.drawer.toggle),
        (tr("Quit"), ("Ctrl+Q",), window.close),
    ):
        actions.append(_action(window, text, keys, act))
    return actions


def tab_actions(window: QWidget, bar: TopBar, open_lab: Callable[[str], None]) -> list[QAction]:
    """Those of the labs that have a tab."""
    return [
        _action(window, tab.text(), (f"Ctrl+{number}",), lambda _on=False, name=name: open_lab(name))
        for number, (name, tab) in enumerate(bar.tabs.items(), 1)
    ]


def _history(window: QObject, undo: QUndoStack) -> tuple[QAction, QAction]:
    back, again = undo.createUndoAction(window, tr("Undo")), undo.createRedoAction(window, tr("Redo"))
    back.setShortcut(QKeySequence.StandardKey.Undo)
    usual, also = QKeySequence(QKeySequence.StandardKey.Redo), QKeySequence("Ctrl+Y")
    again.setShortcuts([usual, also] if usual != also else [also])  # the same key twice would be ambiguous
    back.setWhatsThis(tr("Undo"))
    again.setWhatsThis(tr("Redo"))
    return back, again


def _action(window: QObject, text: str, keys: tuple[str, ...], act: Callable[..., object]) -> QAction:
    action = QAction(text, window)
    action.setShortcuts([QKeySequence(key) for key in keys])
    action.triggered.connect(act)
    return action
