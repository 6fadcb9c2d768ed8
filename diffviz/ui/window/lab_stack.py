"""The labs in one place: which is shown, and the run that each comes back with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from diffviz.session.preferences import Preferences
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.labs.lab import Lab
from diffviz.ui.labs.pages import Pages
from diffviz.ui.labs.registry import LabRegistry


class LabStack(QStackedWidget):
    """The labs of `shelf`, made when they are first needed; the one called `first` is `shown` at first.

    Signals: `brought_up`, when another lab has come to be shown; the session has not followed it yet.
    """

    brought_up = Signal()

    def __init__(
        self, shelf: LabRegistry, session: Session, preferences: Preferences, first: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._shelf, self._session, self._preferences = shelf, session, preferences
        self._kept: dict[str, tuple[Run | None, float]] = {}
        shelf.made.connect(self._on_made)
        self.shown: Lab = shelf[first]
        session.shown_changed.connect(self._follow_run)

    def open(self, name: str) -> None:
        """Show the lab called `name`, with the run that was on its stage when it was left."""
        if self._shelf[name] is not self.shown:
            self._kept[self.shown.name] = (self._session.a, self._session.cursor)
            self._bring_up(self._shelf[name])
            self._go_on(self._shelf[name])

    def state(self) -> dict[str, Any]:
        """What another stack needs to go on from here; see `restore`."""
        there = {lab.name: lab.state() for lab in self._shelf.there()}
        pages = {lab.name: [one.state() for one in lab.findChildren(Pages)] for lab in self._shelf.there()}
        return {"shown": self.shown.name, "kept": self._kept, "pages": pages, **there}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state` of another stack over the same session."""
        self._kept = dict(state["kept"])
        if state["shown"] in self._shelf and state["shown"] != self.shown.name:
            self._bring_up(self._shelf[state["shown"]])
        for name in self._shelf:
            if name in state:
                self._shelf[name].restore(state[name])
                for pages, kept in zip(self._shelf[name].findChildren(Pages), state["pages"][name], strict=True):
                    pages.restore(kept)
        self.shown.set_active(True)

    def close_labs(self) -> None:
        """Keep the layout of the labs and stop their timers."""
        for lab in self._shelf.there():
            for pages in lab.findChildren(Pages):
                pages.settle()
            self._preferences.keep_layout(self._shelf.specs[lab.name].layout, lab.splitter.saveState())
            lab.close_lab()

    @Slot(object)
    def _on_made(self, lab: Lab) -> None:
        """Give a lab its place, its model and the layout it had."""
        self.addWidget(lab)
        lab.set_model(self._session.cards.get(self._shelf.preferred(lab)))
        places = self._preferences.layout(self._shelf.specs[lab.name].layout)
        if places is not None:
            lab.splitter.restoreState(places)

    def _bring_up(self, lab: Lab) -> None:
        """Put `lab` in place of the other; the session stays as it is."""
        self.shown.set_active(False)
        self.shown = lab
        self.setCurrentWidget(lab)
        self.brought_up.emit()

    @Slot()
    def _follow_run(self) -> None:
        """A run that is shown brings its own lab up, as one of a session file does."""
        name = self._session.a.slot.partition("/")[0] if self._session.a else ""
        if name in self._shelf and name != self.shown.name:
            self._bring_up(self._shelf[name])
            self.shown.set_active(True)

    def _go_on(self, lab: Lab) -> None:
        run, cursor = self._kept.get(lab.name, (None, 0.0))
        lab.set_active(True)
        self._session.show(run if run in self._session.runs else None)
        if run is not None:
            self._session.seek(cursor)
        elif lab.choices() is not None and lab.name not in self._kept and self._shelf.remembered(lab):
            lab.choose(self._shelf.preferred(lab))
        lab.start_first()
        self._session.warm_up(None if lab.choices() is not None else self._shelf.preferred(lab) or None)
