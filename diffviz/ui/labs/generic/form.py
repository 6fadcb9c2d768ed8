"""The left column of the generic lab: the settings of a request, how its run goes, and what has been computed."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from diffviz.domain.requests import Request
from diffviz.domain.text import tr
from diffviz.families.family import Family
from diffviz.session.session import Session
from diffviz.ui.forms.draft import Draft
from diffviz.ui.forms.editors import fitted
from diffviz.ui.forms.request_form import RequestForm
from diffviz.ui.forms.run_list import RunList
from diffviz.ui.forms.run_panel import RunPanel, SecondsFor
from diffviz.ui.widgets.controls import heading
from diffviz.ui.widgets.form_scroll import beside_bar, lay_form


class GenericRunList(RunList):
    """Runs of one family; the stage shows one at a time."""

    pinnable = False


class GenericForm(QWidget):
    """Puts a request of `family` together. Signals: `run_asked(request)`; `cancel_asked`."""

    run_asked = Signal(object)
    cancel_asked = Signal()

    def __init__(
        self,
        session: Session,
        undo: QUndoStack,
        family: Family,
        seconds_for: SecondsFor,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._slots = session, f"{family.name}/"
        self.draft = Draft(family.request(), undo, lambda request: fitted(request, None), self)
        self.settings = RequestForm(self.draft)
        self.panel = RunPanel(session, seconds_for)
        self.runs = GenericRunList(session, undo, slots=self._slots)
        self._heading = heading(tr("Runs"))
        self._arrange()
        self.draft.changed.connect(self.refresh)
        self.panel.run_asked.connect(self._on_run_asked)
        self.panel.cancel_asked.connect(self.cancel_asked)
        self.panel.settings_asked.connect(self._on_settings_asked)
        for signal in (session.runs_changed, session.shown_changed, session.frames_arrived, session.device_changed):
            signal.connect(self.refresh)
        self.refresh()

    def set_request(self, request: Request) -> None:
        """Put `request` into the form."""
        self.draft.replace(request, tr("Settings"))

    @Slot()
    def refresh(self) -> None:
        """Read the session and the draft."""
        self.panel.refresh(self.draft.request)
        self.runs.refresh()
        there = any(run.slot.startswith(self._slots) for run in self._session.runs)
        for widget in (self._heading, self.runs):
            widget.setVisible(there)

    def _arrange(self) -> None:
        below = beside_bar(self.panel), beside_bar(self._heading, self.runs)
        lay_form(self, [self.settings], *below, above=[beside_bar(heading(tr("Run")))])

    @Slot()
    def _on_run_asked(self) -> None:
        self.draft.settle()
        if not self.draft.seed_locked:
            self.set_request(dataclasses.replace(self.draft.request, seed=self.draft.seeds()))
        self.run_asked.emit(self.draft.request)

    @Slot()
    def _on_settings_asked(self) -> None:
        run = self._session.a
        if run is not None and type(run.request) is type(self.draft.request):
            self.draft.replace(run.request, tr("Back to the run's settings"))
