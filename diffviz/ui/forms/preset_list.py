"""Presets as buttons, one of which may be what the form shows."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.gan import GanRequest
from diffviz.domain.gan_presets import Preset
from diffviz.domain.text import tr


class PresetList(QWidget):
    """Signals: `chosen(key)`, by a person."""

    chosen = Signal(str)

    def __init__(self, presets: Mapping[str, Preset], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets = presets
        self.buttons: dict[str, QPushButton] = {}
        self.setAccessibleName(tr("Presets"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for key, preset in presets.items():
            column.addWidget(self._button(key, preset))

    def show_request(self, request: GanRequest) -> None:
        """Mark the preset that `request` is."""
        for key, preset in self._presets.items():
            self.buttons[key].setChecked(preset.request == request)

    def _button(self, key: str, preset: Preset) -> QPushButton:
        button = QPushButton(tr(preset.label))
        button.setProperty("role", "segment")
        button.setStyleSheet("padding: 4px 8px;")
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.setToolTip(tr(preset.sentence))
        button.setAccessibleDescription(tr(preset.sentence))
        button.clicked.connect(lambda: self._on_clicked(key))
        self.buttons[key] = button
        return button

    def _on_clicked(self, key: str) -> None:
        self.buttons[key].setChecked(True)
        self.chosen.emit(key)
