"""Words explained where they stand: one way for figures, legends and read-outs, by pointer, key and screen reader.

What `explain` is told is the tooltip of a widget, what Qt gives to screen readers as help, and a line in the list of
all words that are in sight, which a key opens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.text import tr
from diffviz.ui.widgets import controls, focus, math_label
from diffviz.ui.widgets.format import NOTHING

MEANING, WHY = "meaning", "why"
"""Properties of a widget: what it says, and why it says nothing."""
ROOM = QSize(620, 460)


@dataclass(frozen=True, slots=True)
class Word:
    """A word or symbol, what stands beside it, and what it means."""

    word: str
    value: str
    meaning: str

    @property
    def line(self) -> str:
        """The word and what stands beside it."""
        return f"{self.word}   {self.value}" if self.value else self.word


@runtime_checkable
class PaintedWords(Protocol):
    """A widget that paints words of its own."""

    def explained_words(self) -> Iterator[Word]:
        """Those in it, in the order of reading."""


def explain(widget: QWidget, meaning: str, word: str = "") -> None:
    """Let `widget`, whose figure is called `word`, say what that means."""
    widget.setProperty(MEANING, meaning)
    if word:
        widget.setAccessibleName(math_label.plain(word))
    _write(widget)


def excuse(widget: QWidget, why: str) -> None:
    """Say why there is a dash in `widget`; an empty `why` where there is a figure."""
    if (widget.property(WHY) or "") != why:
        widget.setProperty(WHY, why)
        _write(widget)


def show_figure(shown: QLabel, text: str, why: str) -> None:
    """Write `text` into `shown`, and where it is a dash, `why` no figure is there."""
    shown.setText(text)
    excuse(shown, why if text == NOTHING else "")


def _write(widget: QWidget) -> None:
    lines = [part for part in (widget.property(MEANING), _because(widget)) if part]
    widget.setToolTip("<br>".join(math_label.rich(line) for text in lines for line in text.split("\n")))
    widget.setWhatsThis(math_label.plain("\n".join(lines)))


def _because(widget: QWidget) -> str:
    why = widget.property(WHY)
    return f"{NOTHING}: {why}" if why else ""


def words_in(root: QWidget) -> Iterator[tuple[QWidget, Word]]:
    """All words in sight that are explained in `root`, in the order of reading, with their widgets."""
    for widget in focus.in_order(root):
        if isinstance(widget, PaintedWords):
            yield from ((widget, word) for word in widget.explained_words())
        elif widget.property(MEANING):
            yield widget, Word(widget.accessibleName(), _value(widget), widget.whatsThis())


def _value(widget: QWidget) -> str:
    """What is written in `widget`, unless that is its name."""
    text = getattr(widget, "text", None)
    if text is None or isinstance(widget, QAbstractButton):
        return ""
    said = math_label.plain(str(text()))
    return "" if said == widget.accessibleName() else said


class WordsDialog(QDialog):
    """A list of `found`, each word with its figure and what it means; `here` has the keyboard, or the pointer."""

    def __init__(self, found: list[tuple[QWidget, Word]], here: QWidget | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("What the words here mean"))
        self.resize(ROOM)
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(self.windowTitle())
        for _, word in found:
            self.list.addItem(QListWidgetItem(f"{word.line}\n{word.meaning}"))
        near = next((row for row, (widget, _) in enumerate(found) if here is not None and _around(widget, here)), 0)
        self.list.setCurrentRow(near)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 18)
        column.setSpacing(12)
        if not found:
            column.addWidget(controls.label(tr("Nothing in sight is explained here."), "quiet"))
        column.addWidget(self.list, 1)
        column.addWidget(buttons)
        self.list.setFocus()


def _around(widget: QWidget, here: QWidget) -> bool:
    return widget is here or widget.isAncestorOf(here)


def show_words(window: QWidget) -> None:
    """List the words in `window`, beginning at what the keyboard is at, else at what is under the pointer."""
    found = list(words_in(window))
    held = [QApplication.focusWidget(), QApplication.widgetAt(QCursor.pos())]
    here = next((each for each in held if each and any(_around(widget, each) for widget, _ in found)), None)
    WordsDialog(found, here, window).open()
