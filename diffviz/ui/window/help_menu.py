"""The window's menu of help: shortcuts, and what to tell where something went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from diffviz.domain.text import tr
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.launcher import launch
from diffviz.ui.widgets.notice import Message


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
        return "" if self.log is None else launch(self.log.parent)


class HelpButton(QToolButton):
    """A button with the menu of help; `say` shows what came of it. `shortcuts` are its actions that have one."""

    def __init__(
        self,
        support: Support,
        show_shortcuts: Callable[[], None],
        say: Callable[[Message], None],
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
        menu.addSeparator()
        copy = self._add(
            menu,
            tr("Copy diagnostics"),
            tr("Copy versions, device and the last errors, to paste into a report"),
            self._copy,
        )
        copy.setShortcut(QKeySequence("Ctrl+Shift+D"))
        self.shortcuts = [keys, copy]
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
        self._say(Message(tr("Copied: versions, device and the last errors, to paste into a report.")))

    def _show_log(self) -> None:
        failed = self._support.show_log()
        if failed:
            self._say(Message(failed, error=True))
