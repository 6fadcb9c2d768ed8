"""One editor for each kind of setting: all keep to the protocol `Editor`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from diffviz.domain.cards import Card
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.settings import Bounds, Setting
from diffviz.domain.text import tr
from diffviz.ui.forms.class_picker import ClassPicker
from diffviz.ui.forms.controls import Combo, IconButton
from diffviz.ui.forms.draft import Draft
from diffviz.ui.forms.fields import is_class
from diffviz.ui.forms.numbers import NumberEditor
from diffviz.ui.forms.scale import NumberScale

ANY = Bounds(-1e9, 1e9)


class Editor(Protocol):
    """What a form asks of an editor."""

    @property
    def edited(self) -> SignalInstance:
        """Carries a value that a person chose, also while it is dragged or typed."""

    @property
    def settled(self) -> SignalInstance:
        """The person has finished this change."""

    def set_value(self, value: Any) -> None:
        """Show `value`; nothing is emitted."""


class ChoiceEditor(QWidget):
    """One of several named values. Signals: `edited(key)`, `settled`."""

    edited = Signal(object)
    settled = Signal()

    def __init__(self, choices: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.combo = Combo(self)
        for key, text in choices.items():
            self.combo.addItem(tr(text), key)
        _fill(self, self.combo)
        self.combo.picked.connect(self._on_picked)

    def set_value(self, value: str) -> None:
        """Show the choice `value`."""
        self.combo.set_data(value)

    @Slot(object)
    def _on_picked(self, key: str) -> None:
        self.edited.emit(key)
        self.settled.emit()


class CheckEditor(QWidget):
    """Yes or no. Signals: `edited(bool)`, `settled`."""

    edited = Signal(object)
    settled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(self)
        _fill(self, self.box)
        self.box.clicked.connect(self._on_clicked)

    def set_value(self, value: bool) -> None:
        """Show `value`."""
        self.box.setChecked(value)
        self.box.setText(tr("on") if value else tr("off"))

    @Slot(bool)
    def _on_clicked(self, on: bool) -> None:
        self.edited.emit(on)
        self.settled.emit()


class SeedEditor(QWidget):
    """A seed with dice for a new one, and a lock that keeps it from run to run. Signals: `edited(int)`, `settled`."""

    edited = Signal(object)
    settled = Signal()

    def __init__(self, bounds: Bounds, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self.number = NumberEditor(NumberScale.of(bounds, whole=True), track=False)
        self.dice = IconButton("dices", tr("A new random seed"))
        self.lock = IconButton("lock", "")
        self.lock.setCheckable(True)
        row = _fill(self, self.number, self.dice, self.lock)
        row.setStretch(0, 1)
        self.number.spin.setGroupSeparatorShown(False)
        self.setFocusProxy(self.number)
        self.number.edited.connect(self.edited)
        self.number.settled.connect(self.settled)
        self.dice.clicked.connect(draft.roll)
        self.lock.clicked.connect(draft.lock_seed)
        draft.changed.connect(self._show_lock)
        self._show_lock()

    def set_value(self, value: int) -> None:
        """Show the seed `value`."""
        self.number.set_value(value)

    @Slot()
    def _show_lock(self) -> None:
        locked = self._draft.seed_locked
        self.lock.setChecked(locked)
        if locked:
            self.lock.set_face("lock", tr("Locked: every run uses this seed"))
        else:
            self.lock.set_face("lock-open", tr("Unlocked: every run uses a new seed"), "quiet")


def editor_for(setting: Setting, draft: Draft, card: Card | None) -> Any:
    """A new editor for `setting`.

    Where it is the class, a reverse run is offered one class after the other, and an objective each picture's own.
    """
    if is_class(setting):
        each, own = isinstance(draft.request, ReverseRequest), isinstance(draft.request, ObjectiveRequest)
        return ClassPicker(card.classes if card else (), each=each, own=own)
    if setting.choices is not None:
        return ChoiceEditor(setting.choices)
    if setting.kind is bool:
        return CheckEditor()
    if setting.path == ("seed",):
        return SeedEditor(setting.bounds or ANY, draft)
    if setting.kind in (int, float):
        return NumberEditor(NumberScale.of(setting.bounds or ANY, whole=setting.kind is int))
    raise TypeError(f"no editor for {setting.path} of type {setting.kind}")


def _fill(owner: QWidget, *widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(owner)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget)
    owner.setFocusProxy(widgets[0])
    return row


__all__ = ["CheckEditor", "ChoiceEditor", "ClassPicker", "Editor", "NumberEditor", "SeedEditor", "editor_for"]
