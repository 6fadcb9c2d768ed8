"""Which settings of a request a form shows for a model, within which bounds, and one editor for each kind.

Choosing a class: a list with a search that serves two classes as well as a thousand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QCheckBox, QCompleter, QHBoxLayout, QLineEdit, QWidget

from diffviz.domain.cards import Card
from diffviz.domain.glossary import choice_meaning
from diffviz.domain.ideal import is_ideal, sample_size, suited
from diffviz.domain.objective import OWN
from diffviz.domain.requests import EACH, NO_CLASS, Request
from diffviz.domain.settings import Bounds, Setting, settings_of, value_at
from diffviz.domain.text import tr
from diffviz.families import family_of
from diffviz.ui.forms.draft import Draft
from diffviz.ui.widgets.controls import Combo, IconButton
from diffviz.ui.widgets.number_slider import NumberEditor, NumberScale, share_undo

TEXT_INSET = 2
"""A line edit keeps its text this far from its edge: without it, the text stands where that of other combo boxes is."""


class SearchCombo(Combo):
    """A combo box whose items are found by typing any part of them; what matches nothing is put back.

    Signals: `picked(data)`, by a person.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: object = None
        self._entry = QLineEdit()
        self.setLineEdit(self._entry)
        self._entry.setTextMargins(-TEXT_INSET, 0, 0, 0)
        self.setStyleSheet("QComboBox { padding-right: 4px; }")  # the entry leaves room for the arrow by itself
        self.setInsertPolicy(Combo.InsertPolicy.NoInsert)
        self._completer = QCompleter(self.model(), self)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(self._completer)
        share_undo(self)
        self._entry.installEventFilter(self)
        self._entry.editingFinished.connect(self._on_entered)
        self.activated.connect(self._on_activated)

    def set_data(self, data: object) -> None:
        """Show the item of `data`; nothing is emitted."""
        self._shown = data
        super().set_data(data)
        self._entry.setCursorPosition(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click into the text lists everything, as in a combo box that cannot be searched, and typing narrows it."""
        if event.type() == QEvent.Type.MouseButtonRelease and not self._entry.hasSelectedText():
            self._entry.selectAll()
            self._completer.setCompletionPrefix("")
            self._completer.complete()
        return super().eventFilter(watched, event)

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self._shown = self.itemData(index)
        self._entry.setCursorPosition(0)

    @Slot()
    def _on_entered(self) -> None:
        """Take the item that the text names, or the first that contains it; else put the shown one back."""
        found = self._find(self._entry.text())
        if found < 0 or self.itemData(found) == self._shown:
            self.set_data(self._shown)
            return
        self.set_data(self.itemData(found))
        self.picked.emit(self._shown)

    def _find(self, text: str) -> int:
        text = text.strip()
        if not text:
            return -1
        exact = self.findText(text, Qt.MatchFlag.MatchFixedString)
        return exact if exact >= 0 else self.findText(text, Qt.MatchFlag.MatchContains)


class ClassPicker(QWidget):
    """Which class a model is told: one after the other (with `each`), each picture's own (with `own`), none (unless not
    with `none`), or one of `classes`.

    Signals: `edited(label)` with `EACH`, `OWN`, `NO_CLASS` or an index; `settled`.
    """

    edited = Signal(object)
    settled = Signal()

    def __init__(
        self,
        classes: Sequence[str],
        *,
        each: bool = True,
        own: bool = False,
        none: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.combo = SearchCombo(self)
        if each:
            self.combo.addItem(tr("one of each class"), EACH)
        if own:
            self.combo.addItem(tr("each picture's own"), OWN)
        if none:
            self.combo.addItem(tr("none · p(x)"), NO_CLASS)
        for index, name in enumerate(classes):
            self.combo.addItem(tr(name), index)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.combo)
        self.setFocusProxy(self.combo)
        self.combo.picked.connect(self._on_picked)

    def set_value(self, value: str | int) -> None:
        """Show the class `value`."""
        self.combo.set_data(value)

    @Slot(object)
    def _on_picked(self, label: str | int) -> None:
        self.edited.emit(label)
        self.settled.emit()


SEED, IMAGES = ("seed",), ("images",)


def fields_of(request: Request, card: Card | None) -> tuple[Setting, ...]:
    """Settings to show, the seed last: those that have an effect, within the bounds of the model of `card`."""
    card = suited(card, request) if card else None
    shown = [_bounded(s, request, card) for s in settings_of(request) if _matters(s, request, card)]
    return tuple(sorted(shown, key=lambda setting: setting.path == SEED))


def fitted(request: Request, card: Card | None) -> Request:
    """`request` for the model of `card`: no more steps than it has timesteps, no class that it does not know."""
    fit: Request = family_of(request).fit(request, suited(card, request) if card else None)
    return fit


def choice_meanings(setting: Setting) -> dict[str, str]:
    """What those of its choices mean that do not say it by their names."""
    found = {key: choice_meaning(setting.name, key) for key in setting.choices or ()}
    return {key: text for key, text in found.items() if text}


def is_class(setting: Setting) -> bool:
    """Whether the setting is the class that a model is told."""
    return setting.name == "class"


def _matters(setting: Setting, request: Request, card: Card | None) -> bool:
    conditional = card is not None and card.conditional
    if is_class(setting):
        return conditional
    if setting.name == "guidance" and card is not None:
        return conditional and not card.always_told and value_at(request, ("label",)) != NO_CLASS
    return family_of(request).matters(setting, request, card)


def _bounded(setting: Setting, request: Request, card: Card | None) -> Setting:
    """There are only so many timesteps that a run can visit, and only so many pictures."""
    if setting.path == IMAGES and card is not None and is_ideal(card):
        most: float | None = sample_size(card)
    else:
        most = family_of(request).most(setting, card)
    return _limited(setting, setting.bounds, most) if setting.bounds and most is not None else setting


def _limited(setting: Setting, bounds: Bounds, most: float) -> Setting:
    high = min(bounds.high, most)
    bounds = dataclasses.replace(bounds, high=high)
    return dataclasses.replace(setting, bounds=bounds, default=min(setting.default, high))


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
    """One of several named values; `meanings` are said of those that have one. Signals: `edited(key)`, `settled`."""

    edited = Signal(object)
    settled = Signal()

    def __init__(self, choices: Mapping[str, str], meanings: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.combo = Combo(self)
        for row, (key, text) in enumerate(choices.items()):
            self.combo.addItem(tr(text), key)
            self.combo.setItemData(row, meanings.get(key), Qt.ItemDataRole.ToolTipRole)
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

    Where it is the class, some families are offered one class after the other, or each picture's own.
    """
    if is_class(setting):
        others = family_of(draft.request).classes
        classes, none = (card.classes, not card.always_told) if card else ((), True)
        return ClassPicker(classes, each=EACH in others, own=OWN in others, none=none)
    if setting.choices is not None:
        return ChoiceEditor(setting.choices, choice_meanings(setting))
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
