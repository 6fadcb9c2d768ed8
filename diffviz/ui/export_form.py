"""The form of an export, derived from its settings: one editor for each, those shown that apply to the format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QSpinBox, QWidget

from diffviz.domain.export import ExportSettings, Pane
from diffviz.domain.settings import Setting, settings_of, value_at, with_value
from diffviz.domain.text import tr
from diffviz.ui import theme
from diffviz.ui.forms.controls import Combo, Segments, label
from diffviz.ui.stage.symbol import plain

POSITIONS = frozenset({"at", "low", "high"})
SECONDS = frozenset({"hold", "hold_first"})


class ExportForm(QWidget):
    """Edits `settings`. `axis` are the ends of the run's axis. Signals: `changed`, by a person."""

    changed = Signal()

    def __init__(
        self,
        settings: ExportSettings,
        panes: tuple[Pane, ...],
        axis: tuple[float, float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self._panes, self._axis = panes, axis
        self.editors: dict[str, QWidget] = {}
        self.panes: dict[str, QCheckBox] = {}
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(16)
        for setting in settings_of(settings, every=True):
            self._add(setting)
        self._show_applicable()

    def _add(self, setting: Setting) -> None:
        editor = self._editor(setting)
        editor.setToolTip(tr(setting.help) if setting.name != "panes" else tr("What is shown side by side."))
        editor.setAccessibleName(tr(setting.label))
        self.editors[setting.path[-1]] = editor
        self._form.addRow(label(tr(setting.label), "quiet"), editor)

    def _editor(self, setting: Setting) -> QWidget:
        name, value = setting.path[-1], value_at(self.settings, setting.path)
        if name == "panes":
            return self._pane_boxes()
        if name in POSITIONS:
            return self._real(name, value, *self._axis, 1.0)
        if setting.kind is bool:
            return self._box(name, value)
        if setting.choices is not None:
            return self._choice(name, value, setting.choices)
        assert setting.bounds
        low, high = setting.bounds.low, setting.bounds.high
        if setting.kind is int:
            return self._whole(name, value, int(low), int(high))
        return self._real(name, value, low, high, setting.bounds.step or 1.0)

    def _pane_boxes(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        for pane in self._panes:
            box = QCheckBox(plain(tr(pane.label)))
            box.setChecked(pane.key in self.settings.panes)
            box.toggled.connect(self._on_panes_toggled)
            self.panes[pane.key] = box
            row.addWidget(box)
        row.addStretch(1)
        return holder

    def _box(self, name: str, value: bool) -> QCheckBox:
        box = QCheckBox()
        box.setChecked(value)
        box.toggled.connect(lambda on: self._set(name, on))
        return box

    def _choice(self, name: str, value: str, choices: Mapping[str, str]) -> QWidget:
        labels = {key: tr(label) for key, label in choices.items()}
        if name == "format":
            segments = Segments(labels, tr("Format"))
            segments.set_current(value)
            segments.chosen.connect(lambda key: self._set(name, key))
            return segments
        combo = Combo()
        for key, text in labels.items():
            combo.addItem(text, key)
        combo.set_data(value)
        combo.picked.connect(lambda key: self._set(name, key))
        return combo

    def _whole(self, name: str, value: int, low: int, high: int) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(low, high)
        if name == "scale":
            spin.setSpecialValueText(tr("automatic"))
        spin.setValue(value)
        theme.inset(spin)
        spin.valueChanged.connect(lambda n: self._set(name, n))
        return spin

    def _real(self, name: str, value: float, low: float, high: float, step: float) -> QDoubleSpinBox:
        spin = QDoubleSpinBox()
        spin.setDecimals(0 if name in POSITIONS else 1)
        spin.setRange(low, high)
        spin.setSingleStep(step)
        spin.setValue(value)
        spin.setSuffix(f" {tr('s')}" if name in SECONDS else "")
        theme.inset(spin)
        spin.valueChanged.connect(lambda x: self._set(name, x))
        return spin

    @Slot()
    def _on_panes_toggled(self) -> None:
        self._set("panes", tuple(key for key, box in self.panes.items() if box.isChecked()))

    def _set(self, name: str, value: Any) -> None:
        self.settings = with_value(self.settings, (name,), value)
        self._show_applicable()
        self.changed.emit()

    def _show_applicable(self) -> None:
        names = {setting.path[-1] for setting in settings_of(self.settings)}
        for name, editor in self.editors.items():
            self._form.setRowVisible(editor, name in names)
