"""The generic lab: form, stage, timeline and readout of any family, built from its row alone.

The left column of the generic lab: the settings of a request, how its run goes, and what has been computed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QUndoStack
from PySide6.QtWidgets import QWidget

from diffviz.domain.cards import Card
from diffviz.domain.requests import Request
from diffviz.domain.text import mark, tr
from diffviz.families import process_of
from diffviz.families.family import Family
from diffviz.session import looks
from diffviz.session.player import Player
from diffviz.session.run import Run, RuntimeEstimator
from diffviz.session.session import Session
from diffviz.ui.forms import editors, request_form, run_list, run_panel
from diffviz.ui.forms.draft import Draft, Following
from diffviz.ui.labs.drawing import QueuedNotice, RedrawScheduler
from diffviz.ui.labs.generic.fields import FieldThumbnails
from diffviz.ui.labs.generic.views import FieldStage, ScalarReadout
from diffviz.ui.labs.lab import RIGHT_WIDTH, Choice, Lab, form_side, views_side
from diffviz.ui.sample_viewer.panes import PaneButton
from diffviz.ui.timeline import Axis, RunPlots, Timeline
from diffviz.ui.widgets.controls import headed, heading
from diffviz.ui.widgets.layout import lay_runs_form
from diffviz.ui.widgets.shortcuts import Rows, rows_of
from diffviz.ui.widgets.view import Shown, View


class GenericRunList(run_list.RunList):
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
        seconds_for: run_panel.SecondsFor,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._slots = session, f"{family.name}/"
        self.draft = Draft(family.request(), undo, lambda request: editors.fitted(request, None), self)
        self._following = Following(self.draft)
        self.settings = request_form.RequestForm(self.draft)
        self.panel = run_panel.RunPanel(session, seconds_for)
        self.runs = GenericRunList(session, undo, slots=self._slots)
        self._heading = headed(tr("Runs"), run_list.TidyButton(self.runs))
        self._arrange()
        session.shown_changed.connect(self._on_shown_changed)
        self.draft.changed.connect(self.refresh)
        self.panel.run_asked.connect(self._on_run_asked)
        self.panel.cancel_asked.connect(self.cancel_asked)
        self.panel.settings_asked.connect(self._on_settings_asked)
        for signal in (session.runs_changed, session.shown_changed, session.frames_arrived, session.device_changed):
            signal.connect(self.refresh)
        self._on_shown_changed()
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
        page = (heading(tr("Run")), self.settings)
        lay_runs_form(self, page, self.panel, self._heading, self.runs, self.panel.usual_height)

    @Slot()
    def _on_shown_changed(self) -> None:
        self._following.show(self._session.a.request if self._session.a else None)

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


class GenericLab(Lab):
    """Watches runs of `family`, whatever that is. It starts runs, and draws its views when the session changes."""

    takes_pictures = False
    smallest = QSize(880, 450)

    def __init__(
        self,
        family: Family,
        session: Session,
        player: Player,
        undo: QUndoStack,
        costs: RuntimeEstimator,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.name = family.name
        self._family, self._session, self._costs = family, session, costs
        self.form = GenericForm(session, undo, family, self._seconds)
        self.stage = FieldStage(family)
        self.pictures = FieldThumbnails(family)
        self.timeline = Timeline(session, player, axis_of(family), RunPlots(family.request), 1, self.pictures)
        self.timeline.set_empty(tr("No run yet. Press Run, and every frame lands here."))
        self.readout = ScalarReadout(family)
        self.waiting = QueuedNotice(session, self.stage)
        self._arrange()
        self._repaint = RedrawScheduler(session, self.draw, self)
        self.form.run_asked.connect(self._on_run_asked)
        self.form.cancel_asked.connect(self._on_cancel_asked)

    def actions_of(self) -> list[QAction]:
        """Actions with shortcuts that the window installs."""
        return self.timeline.actions()

    def shortcuts(self) -> dict[str, Rows]:
        """Keys by what they are for."""
        runs = [
            (tr("Ctrl+Return"), tr("Run")),
            ("Esc", tr("Cancel the run")),
            ("F2", tr("Rename the run that is chosen in the list")),
            (tr("Del"), tr("Delete the run that is chosen in the list")),
        ]
        stage = self.stage.area.shortcuts()
        return {tr("Runs"): runs, tr("Timeline"): rows_of(self.timeline.actions()), tr("Stage"): stage}

    def panes(self) -> PaneButton:
        """The choice of panes of the stage."""
        return self.stage.area.button

    def choices(self) -> Sequence[Choice] | None:
        """It is about one thing, and needs no model."""
        return [Choice(self.name, tr(self._family.title))]

    def chosen(self) -> str:
        """That one thing."""
        return self.name

    def set_model(self, card: Card | None) -> None:
        """Its runs need no model."""

    def start_first(self) -> None:
        """Show the newest run there is."""
        if self._run() is None:
            runs = [run for run in self._session.runs if self._is_own(run)]
            self._session.show(runs[-1] if runs else None)
        self.draw()
        self.take_keyboard()

    def run(self, request: Request) -> None:
        """Put `request` into the form, and compute it."""
        self.form.set_request(request)
        self._on_run_asked(request)

    def take_keyboard(self) -> None:
        """Keys go to the timeline until something else is chosen: Space plays, arrows step."""
        there = self.timeline.slider.isEnabled()
        (self.timeline.slider if there else self.form.panel.run).setFocus(Qt.FocusReason.OtherFocusReason)

    def close_lab(self) -> None:
        """Stop all timers."""
        self._repaint.stop()
        self.waiting.stop()

    def forms(self) -> tuple[Request, ...]:
        """The request in the form."""
        return (self.form.draft.request,)

    def take(self, card: Card | None, forms: Sequence[Request]) -> None:
        """Have the last of `forms` in the form."""
        for request in forms[-1:]:
            self.form.draft.load(request)

    def look(self) -> looks.Look:
        """Which pane fills the stage."""
        return looks.look_of({"area": self.stage.area})

    def take_look(self, look: looks.Look) -> None:
        """Let the same fill it."""
        looks.show_look({"area": self.stage.area}, look)

    def draw(self) -> None:
        """Draw every view that is visible."""
        if not self.active:
            return
        run = self._run()
        process = process_of(run.request, self._session.cards) if run is not None else None
        shown = Shown(run, self._session.cursor, None, process)
        self._show_strip(run)
        views: tuple[View, ...] = (self.stage, self.timeline, self.readout)
        for view in views:
            if view.isVisible():
                view.draw(shown)
        if shown.frame is None and (run is None or run.status.final):
            self.stage.clear(run)
            self.readout.clear(run)
        self.waiting.follow(run)

    def _run(self) -> Run | None:
        run = self._session.a
        return run if run is not None and self._is_own(run) else None

    def _is_own(self, run: Run) -> bool:
        return isinstance(run.request, self._family.request)

    def _show_strip(self, run: Run | None) -> None:
        """Frames of numbers alone have no thumbnails."""
        there = run is None or not len(run.store) or self.pictures.field_of(run) is not None
        if self.timeline.filmstrip.isHidden() == there:
            self.timeline.filmstrip.setVisible(there)

    def _arrange(self) -> None:
        self._right = views_side(self.readout, width=RIGHT_WIDTH)
        self._lay_columns(form_side(self.form), self.stage, self.timeline, [420, 380], share=1)

    @Slot(object)
    def _on_run_asked(self, request: Request) -> None:
        self._session.start(request, f"{self.name}/run")

    @Slot()
    def _on_cancel_asked(self) -> None:
        run = self._run()
        if run is not None:
            self._session.cancel(run)


def axis_of(family: Family) -> Axis:
    """The axis of runs of `family`: called as its frames call it."""
    return Axis(family.frame.axis, "", "", mark("Position of the frame"), "{:g}".format, mark("frame"))
