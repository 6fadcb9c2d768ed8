"""What runs are called wherever they are named: by a person, or by what tells each from its neighbours in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from diffviz.domain.text import language
from diffviz.families import naming
from diffviz.session.run import ASIDE, Run

if TYPE_CHECKING:
    from diffviz.session.session import Session


def list_of(run: Run) -> str:
    """The list that `run` is in: that of its lab, or of the instrument that computes it."""
    return run.slot if run.slot.startswith(ASIDE) else run.slot.partition("/")[0]


class RunNames(QObject):
    """Names of the runs of `session`, made anew only where runs or models have come or gone since."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._parts: dict[int, naming.Parts] = {}
        self._names: dict[int, str] = {}
        self._language = ""
        session.runs_changed.connect(self._on_runs_changed)
        session.cards_changed.connect(self._on_cards_changed)

    def of(self, run: Run) -> str:
        """What `run` is called: its own name, or what tells it from the others of its list."""
        if run.name:
            return run.name
        self._follow_language()
        if run.id not in self._names:
            self._read(run)
        return self._names[run.id]

    def described(self, run: Run) -> str:
        """All that its settings have words for, whatever other runs there are."""
        self._follow_language()
        return naming.in_words(self._parts_of(run))

    def _parts_of(self, run: Run) -> naming.Parts:
        if run.id not in self._parts:
            self._parts[run.id] = naming.parts_of(run.request, self._session.cards)
        return self._parts[run.id]

    def _follow_language(self) -> None:
        if self._language != language():
            self._language = language()
            self._on_cards_changed()

    def _read(self, run: Run) -> None:
        """Name all runs of the list of `run`, which may have left it."""
        listed = list_of(run)
        runs = {each.id: each for each in (*self._session.runs, run) if list_of(each) == listed}
        requests = [each.request for each in runs.values()]
        names = naming.told(requests, [self._parts_of(each) for each in runs.values()], self._session.cards)
        self._names.update(zip(runs, names, strict=True))

    @Slot()
    def _on_runs_changed(self) -> None:
        self._names.clear()
        there = {run.id for run in self._session.runs}
        self._parts = {number: parts for number, parts in self._parts.items() if number in there}

    @Slot()
    def _on_cards_changed(self) -> None:
        self._parts.clear()
        self._names.clear()
