"""The window's menus: files, and what can be set once and for all.

The window's menu of help: shortcuts, and what to tell where something went wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from diffviz.domain.text import LANGUAGES, tr
from diffviz.session.preferences import Preferences
from diffviz.theory.shared_time import SHARED_BY
from diffviz.theory.time_axes import TIME_AXES
from diffviz.ui.widgets import controls, notice, theme, words
from diffviz.ui.window.documents import Documents

MEGABYTES = (128, 256, 512, 1024, 4096)
SCALES = (80, 90, 100, 110, 125, 150, 175, 200)
"""Sizes of all type and spacing, in percent."""


def devices() -> dict[str, str]:
    """Kinds of device by their key in the preferences."""
    return {"auto": tr("automatic"), "cuda": "CUDA", "mps": "MPS", "cpu": "CPU"}


def settings_menu(preferences: Preferences, show_storage: Callable[[], None], parent: QWidget) -> QMenu:
    """All settings; `show_storage` says what is kept on disk."""
    menu = QMenu(parent)
    desktop = {"": tr("The desktop's")}
    for title, name, choices in (
        (tr("Language"), "language", {**desktop, **LANGUAGES}),
        (tr("Theme"), "theme", {**desktop, "dark": tr("Dark"), "light": tr("Light")}),
        (tr("Interface size"), "scale", {n: f"{n} %" for n in SCALES}),
        (tr("Device"), "device", devices()),
        (tr("Runs of other processes have at the cursor"), "shared_by", {k: tr(w) for k, w in SHARED_BY.items()}),
        (tr("Timeline of diffusion over"), "time_axis", {key: tr(name) for key, name in TIME_AXES.items()}),
        (tr("Memory for frames"), "budget_mb", {n: tr("{n} MB").format(n=n) for n in MEGABYTES}),
    ):
        submenu = choice_menu(preferences, name, choices, menu)
        submenu.setTitle(title)
        menu.addMenu(submenu)
    for name, text in (
        ("mirrored", tr("Noise on the left")),
        ("ask_unsaved", tr("Ask about unsaved runs before closing")),
    ):
        menu.addAction(_switch(preferences, name, text, menu))
    menu.addSeparator()
    menu.addAction(tr("Kept on disk…"), show_storage)
    return menu


def choice_menu(preferences: Preferences, name: str, choices: Mapping[Any, str], parent: QWidget) -> QMenu:
    """One of `choices` for the preference `name`; the one in force is marked whenever the menu opens."""
    menu = QMenu(parent)
    group = QActionGroup(menu)
    for value, text in choices.items():
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setData(value)
        group.addAction(action)
    group.triggered.connect(lambda action: _set(preferences, name, action.data()))
    menu.aboutToShow.connect(lambda: _mark(menu, preferences[name]))
    return menu


def _switch(preferences: Preferences, name: str, text: str, menu: QMenu) -> QAction:
    action = QAction(text, menu, checkable=True)
    action.toggled.connect(_setter(preferences, name))
    menu.aboutToShow.connect(lambda: action.setChecked(preferences[name]))
    return action


def _mark(menu: QMenu, value: object) -> None:
    for action in menu.actions():
        action.setChecked(action.data() == value)


def _setter(preferences: Preferences, name: str) -> Callable[[object], None]:
    return lambda value: _set(preferences, name, value)


def _set(preferences: Preferences, name: str, value: object) -> None:
    preferences[name] = value


class FileButton(QToolButton):
    """A button with the menu of files. `shortcuts` are its actions that have one."""

    def __init__(
        self,
        documents: Documents,
        open_model: Callable[[], None],
        export: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._documents = documents
        self.setIcon(theme.icon("folder-open"))
        self.setToolTip(tr("Open, save, copy"))
        self.setAccessibleName(tr("Files"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.shortcuts: list[QAction] = []
        menu = QMenu(self)
        self._add(menu, tr("Open…"), tr("Open a session, an exported file or a picture"), "Ctrl+O", documents.ask)
        self._add(menu, tr("Open model folder…"), tr("Open a model's folder"), "Ctrl+Shift+O", open_model)
        self.recent = menu.addMenu(tr("Open recent"))
        menu.addSeparator()
        self._add(menu, tr("Save session"), tr("Save the session"), "Ctrl+S", documents.save)
        self._add(
            menu, tr("Save session as…"), tr("Save the session as another file"), "Ctrl+Shift+S", documents.save_as
        )
        self._add(menu, tr("Export…"), tr("Export"), "Ctrl+E", export)
        menu.addSeparator()
        self._add(menu, tr("Copy as command"), tr("Copy the run as a command"), "Ctrl+Shift+C", documents.copy_command)
        self._add(menu, tr("Copy as Python"), tr("Copy the run as Python"), "Ctrl+Shift+P", documents.copy_python)
        menu.aboutToShow.connect(self._list_recent)
        self.setMenu(menu)

    def _add(self, menu: QMenu, text: str, what: str, keys: str, act: Callable[[], None]) -> None:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setWhatsThis(what)
        action.triggered.connect(act)
        menu.addAction(action)
        self.shortcuts.append(action)

    def _list_recent(self) -> None:
        self.recent.clear()
        for path in self._documents.recent:
            action = self.recent.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(partial(self._documents.open_all, [path]))
        self.recent.setEnabled(not self.recent.isEmpty())


@dataclass(frozen=True)
class Support:
    """What a report is made of: `diagnostics` as text, and the file of the log, None where none is kept."""

    diagnostics: Callable[[], str]
    log: Path | None

    def copy(self) -> None:
        """Put the diagnostics into the clipboard."""
        QGuiApplication.clipboard().setText(self.diagnostics())

    def show_log(self) -> str:
        """Open the folder of the log in the desktop's own program; a sentence where there is none for it."""
        return "" if self.log is None else controls.launch(self.log.parent)


class HelpButton(QToolButton):
    """A button with the menu of help; `say` shows what came of it. `shortcuts` are its actions that have one."""

    def __init__(
        self,
        support: Support,
        show_shortcuts: Callable[[], None],
        say: Callable[[notice.Message], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._support, self._say = support, say
        self.setIcon(theme.icon("circle-question-mark"))
        self.setToolTip(tr("Help: shortcuts, diagnostics"))
        self.setAccessibleName(tr("Help"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        keys = self._add(menu, tr("Keyboard shortcuts…"), tr("Keyboard shortcuts"), show_shortcuts)
        keys.setShortcuts([QKeySequence("?"), QKeySequence("F1")])
        here = self._add(
            menu,
            tr("What the words here mean…"),
            tr("List the words and figures in sight, each with what it means"),
            lambda: words.show_words(self.window()),
        )
        here.setShortcut(QKeySequence("Shift+F1"))
        menu.addSeparator()
        copy = self._add(
            menu,
            tr("Copy diagnostics"),
            tr("Copy versions, device and the last errors, to paste into a report"),
            self._copy,
        )
        copy.setShortcut(QKeySequence("Ctrl+Shift+D"))
        self.shortcuts = [keys, here, copy]
        log = self._add(menu, tr("Show the log"), tr("Open the folder of the log of errors"), self._show_log)
        log.setEnabled(support.log is not None)
        self.setMenu(menu)

    def _add(self, menu: QMenu, text: str, what: str, act: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.setWhatsThis(what)
        action.setToolTip(what)
        action.triggered.connect(lambda: act())
        menu.addAction(action)
        return action

    def _copy(self) -> None:
        self._support.copy()
        self._say(notice.Message(tr("Copied: versions, device and the last errors, to paste into a report.")))

    def _show_log(self) -> None:
        failed = self._support.show_log()
        if failed:
            self._say(notice.Message(failed, error=True))
