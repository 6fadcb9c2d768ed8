"""The actions with shortcuts that the window has in every lab."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import QWidget

from diffviz.domain.text import tr
from diffviz.ui.window.top_bar import TopBar


def window_actions(window: QWidget, bar: TopBar, undo: QUndoStack, open_lab: Callable[[str], None]) -> list[QAction]:
    """All of them, in the order in which they are listed."""
    actions = [*_history(window, undo), *bar.files.shortcuts, *bar.help.shortcuts]
    for text, keys, act in (
        (tr("Figures of this instant"), ("I",), bar.drawer.toggle),
        (tr("Quit"), ("Ctrl+Q",), window.close),
    ):
        actions.append(_action(window, text, keys, act))
    for number, (name, tab) in enumerate(bar.tabs.items(), 1):
        actions.append(_action(window, tab.text(), (f"Ctrl+{number}",), lambda _on=False, name=name: open_lab(name)))
    return actions


def _history(window: QObject, undo: QUndoStack) -> tuple[QAction, QAction]:
    back, again = undo.createUndoAction(window, tr("Undo")), undo.createRedoAction(window, tr("Redo"))
    back.setShortcut(QKeySequence.StandardKey.Undo)
    again.setShortcuts([QKeySequence(QKeySequence.StandardKey.Redo), QKeySequence("Ctrl+Y")])
    back.setWhatsThis(tr("Undo"))
    again.setWhatsThis(tr("Redo"))
    return back, again


def _action(window: QObject, text: str, keys: tuple[str, ...], act: Callable[..., object]) -> QAction:
    action = QAction(text, window)
    action.setShortcuts([QKeySequence(key) for key in keys])
    action.triggered.connect(act)
    return action
