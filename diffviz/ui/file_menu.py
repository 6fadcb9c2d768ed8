"""The window's menu of files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from diffviz.domain.text import tr
from diffviz.ui.widgets import theme
from diffviz.ui.window.documents import Documents


class FileButton(QToolButton):
    """A button with the menu of files. `shortcuts` are its actions that have one."""

    def __init__(self, documents: Documents, export: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._documents = documents
        self.setIcon(theme.icon("folder-open"))
        self.setToolTip(tr("Open, save, copy"))
        self.setAccessibleName(tr("Files"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.shortcuts: list[QAction] = []
        menu = QMenu(self)
        self._add(menu, tr("Open…"), tr("Open a session, an exported file or a picture"), "Ctrl+O", documents.ask)
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
