"""The export dialog: what to write, where to, how it will look, how far it is.

It is opened from here: what it draws with is imported then, and no start waits for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu, QWidget

from diffviz.domain.provenance import LETTERS
from diffviz.domain.text import tr
from diffviz.families.naming import names_of
from diffviz.session.preferences import Preferences
from diffviz.session.run import Lineup, Run
from diffviz.session.run_names import list_of
from diffviz.session.session import Session
from diffviz.theory.shared_time import link
from diffviz.ui.forms.run_actions import compared

if TYPE_CHECKING:
    from diffviz.export.run_info import RunInfo
    from diffviz.ui.export_dialog.line_up import ExportCompany


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
            self.export(run, self._session.cursor, together=True)

    def choices(self, runs: dict[str, Run]) -> QMenu:
        """All `runs` side by side, with those that they were exported with, or one of them, by their letters."""
        menu = QMenu(self._button.window())
        menu.aboutToHide.connect(menu.deleteLater)
        first, cursor_of = next(iter(runs.values())), self._session.cursor_of
        both = tr("{runs} side by side").format(runs=" + ".join(LETTERS[: len(self.lineup(first))]))
        menu.addAction(both, lambda: self.export(first, cursor_of(first), together=True))
        for letter, run in runs.items():
            name = f"{letter}   {self._session.names.of(run)}"
            menu.addAction(name, partial(self.export, run, cursor_of(run)))
        return menu

    def lineup(self, run: Run) -> Lineup:
        """`run`, the one it is compared with on the screen, and those that it was exported with last."""
        last = run.lineup or ((run, ""),)
        known = {each for each, _ in last}
        more = [(each, "") for each in compared(self._session).values() if each not in known and each is not run]
        there = [(each, title) for each, title in last[1:] if each in self._session.runs]
        return (last[0], *more, *there)[: len(LETTERS)]

    @Slot(object, float)
    def export(self, run: Run, position: float, together: bool = False) -> None:
        """Ask what to export of `run`, where it has frames: the one at `position` first.

        Others of the list can be shown beside it; with `together` those of its `lineup` are at first.
        """
        from diffviz.ui.export_dialog.dialog import ExportDialog

        if len(run.store):
            window, session = self._button.window(), self._session
            ExportDialog(
                run,
                position,
                session.cards,
                self._preferences,
                window,
                about=self._about(run),
                chosen=session.places.range_on(run, session.a, session.link(run)),
                company=self._company(run),
                lineup=self.lineup(run) if together else (),
            ).exec()

    def _company(self, run: Run) -> ExportCompany:
        """The other runs of the lists, those of the list of `run` first."""
        from diffviz.ui.export_dialog.line_up import Candidate, ExportCompany

        session = self._session
        others = sorted((each for each in session.listed if each is not run), key=lambda o: list_of(o) != list_of(run))
        candidates = (
            Candidate(
                each,
                session.names.of(each),
                partial(self._about, each),
                link(run.process, each.process, session.shared_by),
            )
            for each in others
        )
        return ExportCompany(tuple(candidates), self._titles)

    def _titles(self, runs: Sequence[Run]) -> Sequence[str]:
        """What `runs` are called beside each other."""
        from diffviz.export.comparison import titles_of

        names = names_of([run.request for run in runs], self._session.cards)
        return titles_of([run.name or name for run, name in zip(runs, names, strict=True)])

    def _about(self, run: Run) -> RunInfo:
        from diffviz.export.run_info import about_of

        device = self._session.device.kind if self._session.device else ""
        about = about_of(run.request, self._session.images, self._session.cards, device)
        return dataclasses.replace(about, record=self._session.record(run), before=tuple(run.earlier()))
