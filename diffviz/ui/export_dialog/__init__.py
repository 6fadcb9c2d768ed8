"""The export dialog: what to write, where to, how it will look, how far it is.

It is opened from here: what it draws with is imported then, and no start waits for it.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu, QWidget

from diffviz.domain.text import tr
from diffviz.families.naming import names_of
from diffviz.session.preferences import Preferences
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.theory.shared_time import link
from diffviz.ui.forms.run_actions import compared

if TYPE_CHECKING:
    from diffviz.export.run_info import RunInfo
    from diffviz.ui.export_dialog.output import ComparedRun


class Exporting(QObject):
    """Opens the export dialog over the window of `button`, under which it asks where there is a choice of runs."""

    def __init__(self, session: Session, preferences: Preferences, button: QWidget) -> None:
        super().__init__(button)
        self._session, self._preferences, self._button = session, preferences, button

    @Slot()
    def ask(self) -> None:
        """Ask what to export of the run on the screen; of which one, or all, first where two are compared."""
        runs = compared(self._session)
        if len(runs) > 1:
            self.choices(runs).popup(self._button.mapToGlobal(self._button.rect().bottomLeft()))
        for run in runs.values() if len(runs) == 1 else ():
            self.export(run, self._session.cursor)

    def choices(self, runs: dict[str, Run]) -> QMenu:
        """All `runs` side by side, or one of them, by their letters."""
        menu = QMenu(self._button.window())
        menu.aboutToHide.connect(menu.deleteLater)
        first, cursor_of = next(iter(runs.values())), self._session.cursor_of
        both = tr("{runs} side by side").format(runs=" + ".join(runs))
        menu.addAction(both, lambda: self.export(first, cursor_of(first), together=True))
        for letter, run in runs.items():
            name = f"{letter}   {self._session.names.of(run)}"
            menu.addAction(name, partial(self.export, run, cursor_of(run)))
        return menu

    @Slot(object, float)
    def export(self, run: Run, position: float, together: bool = False) -> None:
        """Ask what to export of `run`, where it has frames: the one at `position` first.

        Those that it is compared with can be shown beside it, and are at first with `together`.
        """
        from diffviz.ui.export_dialog.dialog import ExportDialog

        if len(run.store):
            about, others = self._known(run)
            window, session = self._button.window(), self._session
            chosen = session.places.range_on(run, session.a, session.link(run))
            ExportDialog(
                run,
                position,
                self._session.cards,
                self._preferences,
                window,
                about=about,
                chosen=chosen,
                others=others,
                together=together,
            ).exec()

    def _known(self, run: Run) -> tuple[RunInfo, list[ComparedRun]]:
        """What is known of `run`, and the runs that it is compared with."""
        from diffviz.export.comparison import lettered, titles_of
        from diffviz.ui.export_dialog.output import ComparedRun

        runs = compared(self._session)
        letters = {"A": run, **{letter: other for letter, other in runs.items() if other is not run}}
        if run not in runs.values():
            return self._about(run), []
        if runs.get("B") is run:
            letters = {"B": run, "A": runs["A"]}
        names = names_of([each.request for each in letters.values()], self._session.cards)
        named = [each.name or name for each, name in zip(letters.values(), names, strict=True)]
        titles = lettered(titles_of(named))
        others = [(letter, each, title) for (letter, each), title in zip(letters.items(), titles, strict=True)]
        session = self._session
        return self._about(run, titles[0]), [
            ComparedRun(letter, each, self._about(each, title), link(run.process, each.process, session.shared_by))
            for letter, each, title in others[1:]
        ]

    def _about(self, run: Run, title: str = "") -> RunInfo:
        from diffviz.export.run_info import about_of

        device = self._session.device.kind if self._session.device else ""
        about = about_of(run.request, self._session.images, self._session.cards, device)
        record, before = self._session.record(run), tuple(run.earlier())
        return dataclasses.replace(about, record=record, title=title, before=before)
