"""The actions with shortcuts that the window has in every lab, and its title."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import QWidget

from diffviz.domain.cards import Card
from diffviz.domain.text import tr
from diffviz.session.run import Run, Status
from diffviz.ui.forms.progress import percent_text
from diffviz.ui.forms.run_names import name_of
from diffviz.ui.window.top_bar import TopBar

STEP = 10


def title(run: Run | None, cards: Mapping[str, Card]) -> str:
    """What is on the screen, and how far it is, as the list of runs says it; in tens of a percent while it goes on."""
    if run is None:
        return "diffviz"
    said = (_how_far(run), name_of(run, cards))
    return f"{' · '.join(text for text in said if text)} – diffviz"


def title_key(run: Run | None) -> object:
    """Equal for two looks at a run between which nothing happened that the bar or the title would tell."""
    return (run.id, run.name, run.status.final, _how_far(run), len(run.store) > 0) if run else None


def _how_far(run: Run) -> str:
    """A desktop takes long to show another title: one for every percent would slow a quick run down."""
    return percent_text(run, STEP if run.status is Status.RUNNING else 1)


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
    again.setShortcuts([QKeySequence(QKeySequence.StandardKey.Redo), QKeySequence("Ctrl+Y")])
    back.setWhatsThis(tr("Undo"))
    again.setWhatsThis(tr("Redo"))
    return back, again


def _action(window: QObject, text: str, keys: tuple[str, ...], act: Callable[..., object]) -> QAction:
    action = QAction(text, window)
    action.setShortcuts([QKeySequence(key) for key in keys])
    action.triggered.connect(act)
    return action
