"""The export dialog: what to write, where to, how it will look, how far it is.

It is opened from here: what it draws with is imported then, and no start waits for it.
"""

from __future__ import annotations

import dataclasses
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu, QWidget

from diffviz.session.preferences import Preferences
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.run_actions import compared


class Exporting(QObject):
    """Opens the export dialog over the window of `button`, under which it asks where there is a choice of runs."""

    def __init__(self, session: Session, preferences: Preferences, button: QWidget) -> None:
        super().__init__(button)
        self._session, self._preferences, self._button = session, preferences, button

    @Slot()
    def ask(self) -> None:
        """Ask what to export of the run on the screen; of which one first where two are compared."""
        runs = compared(self._session)
        if len(runs) > 1:
            self.choices(runs).popup(self._button.mapToGlobal(self._button.rect().bottomLeft()))
        for run in runs.values() if len(runs) == 1 else ():
            self.export(run, self._session.cursor)

    def choices(self, runs: dict[str, Run]) -> QMenu:
        """One of the `runs`, by their letters."""
        menu = QMenu(self._button.window())
        menu.aboutToHide.connect(menu.deleteLater)
        for letter, run in runs.items():
            name = f"{letter}   {self._session.names.of(run)}"
            menu.addAction(name, partial(self.export, run, self._session.cursor_of(run)))
        return menu

    @Slot(object, float)
    def export(self, run: Run, position: float) -> None:
        """Ask what to export of `run`, where it has frames: the one at `position` first."""
        from diffviz.export.run_info import about_of
        from diffviz.ui.export_dialog.dialog import ExportDialog

        if len(run.store):
            device = self._session.device.kind if self._session.device else ""
            about = about_of(run.request, self._session.images, self._session.cards, device)
            about = dataclasses.replace(about, record=self._session.record(run))
            window = self._button.window()
            chosen = self._session.range_on(run)
            ExportDialog(
                run, position, self._session.cards, self._preferences, window, about=about, chosen=chosen
            ).exec()
