"""The bar at the top: labs, model, device, files, settings, export."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from diffviz.domain.messages import Device
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr, trn
from diffviz.session.preferences import Preferences
from diffviz.ui.widgets import theme
from diffviz.ui.window.documents import Documents
from diffviz.ui.window.help_menu import HelpButton
from diffviz.ui.window.menus import FileButton, choice_menu, devices, settings_menu
from diffviz.ui.window.model_folders import ModelFolders
from diffviz.ui.window.model_picker import ModelPicker

BRAND_WIDTH, DEVICE_WIDTH = 1000, 860


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
        folders: ModelFolders,
        help_button: HelpButton,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.models = ModelPicker()
        self.models.open_asked.connect(folders.ask)
        self.files = FileButton(documents, folders.ask, self.export_asked.emit)
        self.device = _device_button(preferences, self)
        self.drawer = self._drawer_button()
        self.export = QPushButton(tr("Export…"))
        self.export.setToolTip(tr("Write pictures, a film, arrays or curves (Ctrl+E)"))
        self.export.clicked.connect(self.export_asked)
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
        settings = _settings_button(preferences)
        for widget in (self.models, self.device, self.files, settings, self.help, self.drawer, self.export):
            row.addWidget(widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what is only pleasant to have where there is little width."""
        super().resizeEvent(event)
        self._brand.setVisible(self.width() >= BRAND_WIDTH)
        style = Qt.ToolButtonStyle
        wide = self.width() >= DEVICE_WIDTH
        self.device.setToolButtonStyle(style.ToolButtonTextBesideIcon if wide else style.ToolButtonIconOnly)

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
        self.device.setToolTip(tip)

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


def _settings_button(preferences: Preferences) -> QToolButton:
    button = QToolButton()
    button.setIcon(theme.icon("settings"))
    button.setToolTip(tr("Settings"))
    button.setAccessibleName(tr("Settings"))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(settings_menu(preferences, button))
    return button
