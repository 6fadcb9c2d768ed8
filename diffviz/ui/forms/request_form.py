"""The form of one request: a row for each of its settings, made from what the request declares."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.cards import Card
from diffviz.domain.settings import Path, Setting, value_at
from diffviz.domain.text import tr
from diffviz.ui.forms.draft import Draft
from diffviz.ui.forms.editors import choice_meanings, editor_for, fields_of
from diffviz.ui.widgets import controls, math_label, words

LABEL_WIDTH = 92
ROW_SPACING = 5


class SettingRow(QWidget):
    """Label, reset and editor of one setting. The reset shows itself only where the value is not the default."""

    def __init__(self, setting: Setting, draft: Draft, card: Card | None, label_width: int) -> None:
        super().__init__()
        self.setting = setting
        self._draft = draft
        self._name = math_label.plain(tr(setting.label))
        self.editor = editor_for(setting, draft, card)
        self.reset = controls.IconButton("rotate-ccw", tr("Back to {value}").format(value=self._default()), 20, 12)
        self._arrange(label_width)
        self.editor.edited.connect(self._on_edited)
        self.editor.settled.connect(draft.settle)
        self.reset.clicked.connect(self._on_reset)

    def show_value(self) -> None:
        """Read the value from the draft."""
        value = self.setting.held(value_at(self._draft.request, self.setting.path))
        self.editor.set_value(value)
        changed = value != self.setting.default
        if not changed and self.reset.hasFocus():
            self.editor.setFocus()
        self.reset.setVisible(changed)

    def _arrange(self, label_width: int) -> None:
        help_ = tr(self.setting.help)
        named = tr(self.setting.label)
        label = QLabel(math_label.rich(named) if "_{" in named else self._name)
        label.setProperty("role", "quiet")
        label.setBuddy(self.editor)
        self.setToolTip(math_label.rich(help_))
        _describe(self.editor, self._name, "\n".join((help_, *choice_meanings(self.setting).values())))
        self.reset.framed = False
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        left = field_label(label, self.reset, width=label_width)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left)
        row.addWidget(self.editor, 1)

    def _default(self) -> str:
        choices, value = self.setting.choices, self.setting.default
        if choices is not None:
            return tr(choices[value])
        if isinstance(value, bool):
            return tr("on") if value else tr("off")
        return f"{value:g}" if isinstance(value, float) else str(value)

    @Slot(object)
    def _on_edited(self, value: Any) -> None:
        self._draft.set_value(self.setting.path, value, self._name)

    @Slot()
    def _on_reset(self) -> None:
        self._draft.settle()
        self._draft.set_value(self.setting.path, self.setting.default, self._name)
        self._draft.settle()


class RequestForm(QWidget):
    """Shows the settings of a draft for the model of a card; rows come and go as the request changes.

    Labels are `label_width` pixels wide; settings at the paths `without` are chosen elsewhere. What a person changes
    goes through the draft, which this form follows.
    """

    def __init__(
        self,
        draft: Draft,
        parent: QWidget | None = None,
        label_width: int = LABEL_WIDTH,
        without: Collection[Path] = (),
    ) -> None:
        super().__init__(parent)
        self._label_width, self._without = label_width, without
        self._draft = draft
        self._card: Card | None = None
        self._rows: dict[Hashable, SettingRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(ROW_SPACING)
        draft.changed.connect(self.refresh)
        self.refresh()

    def set_card(self, card: Card | None) -> None:
        """Offer what the model of `card` can do."""
        self._card = card
        self.refresh()

    def row(self, *path: str) -> SettingRow | None:
        """The row of the setting at `path`, where it is shown."""
        return next((row for row in self._rows.values() if row.setting.path == path), None)

    def paths(self) -> tuple[Path, ...]:
        """Paths of the settings shown, from top to bottom."""
        rows = sorted(self._rows.values(), key=self._column.indexOf)
        return tuple(row.setting.path for row in rows)

    @Slot()
    def refresh(self) -> None:
        """Read the draft: keep the rows that still fit, make and remove others."""
        fields = fields_of(self._draft.request, self._card)
        wanted = {self._key(setting): setting for setting in fields if setting.path not in self._without}
        for key in self._rows.keys() - wanted.keys():
            self._remove(self._rows.pop(key))
        new = wanted.keys() - self._rows.keys()
        for place, (key, setting) in enumerate(wanted.items()):
            if key in new:
                self._rows[key] = SettingRow(setting, self._draft, self._card, self._label_width)
                self._column.insertWidget(place, self._rows[key])
            self._rows[key].show_value()

    def _key(self, setting: Setting) -> Hashable:
        """What a row is made from: rows of equal keys are the same row."""
        classes = self._card.classes if self._card and setting.name == "class" else ()
        choices = tuple((setting.choices or {}).items())
        return setting.path, setting.kind, setting.bounds, setting.default, choices, classes

    def _remove(self, row: SettingRow) -> None:
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()


def field_label(text: QLabel, *extra: QWidget, width: int = LABEL_WIDTH) -> QWidget:
    """The left column of a row: a label, cut short where it must be, and what stands at its end."""
    left = QWidget()
    left.setFixedWidth(width)
    text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    row = QHBoxLayout(left)
    row.setContentsMargins(0, 0, 6, 0)
    row.setSpacing(2)
    row.addWidget(text, 1)
    for widget in extra:
        row.addWidget(widget)
    return left


def _describe(editor: QWidget, name: str, help_: str) -> None:
    """Say what `editor` is, and what of it has the keyboard."""
    widget: QWidget | None = editor
    while widget is not None:
        widget.setAccessibleName(name)
        widget.setAccessibleDescription(math_label.plain(help_))
        widget = widget.focusProxy()
    words.explain(editor, help_)
