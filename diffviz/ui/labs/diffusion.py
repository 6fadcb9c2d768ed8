"""The Diffusion lab: the form, the stage over the timeline, and the instant, for one family of models."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QShowEvent, QUndoStack
from PySide6.QtWidgets import QVBoxLayout, QWidget

from diffviz.domain.branches import branch
from diffviz.domain.cards import Card
from diffviz.domain.frames import Frame
from diffviz.domain.ideal import card_for, suited
from diffviz.domain.panes import labelled, panes_of
from diffviz.domain.queries import Recognise, Recognised
from diffviz.domain.requests import ForwardRequest, Image, Request, ReverseRequest, Step, labels_of
from diffviz.domain.samplers import Ddpm
from diffviz.domain.text import tr
from diffviz.session.costs import Costs
from diffviz.session.player import Player
from diffviz.session.preferences import Preferences
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.theory.plans import schedule_of, schedule_settings
from diffviz.ui.forms.diffusion_form import DiffusionForm
from diffviz.ui.forms.draft import Drafts
from diffviz.ui.forms.form_scroll import BAR
from diffviz.ui.forms.naming import name_of
from diffviz.ui.highlight import Highlight
from diffviz.ui.instruments.instrument import Services
from diffviz.ui.instruments.page import InstrumentPage
from diffviz.ui.instruments.table import COMPUTED_BY
from diffviz.ui.labs.comparing import pair
from diffviz.ui.labs.diffusion_pages import INSTRUMENTS, stage_and_instruments
from diffviz.ui.labs.lab import FORM_WIDTH, PADDING, Lab, panel
from diffviz.ui.labs.patience import Patience
from diffviz.ui.labs.repaint import Repaint
from diffviz.ui.shortcuts import Rows, rows_of
from diffviz.ui.stage import Stage
from diffviz.ui.timeline import Timeline
from diffviz.ui.views.histogram import HistogramView
from diffviz.ui.views.instant import InstantView
from diffviz.ui.views.view import Shown, View

FORWARD_SLOT, REVERSE_SLOT, BESIDE_SLOT = "diffusion/forward", "diffusion/reverse", "diffusion/beside"
VIEW, VIEW_BESIDE = "diffusion/recognise", "diffusion/recognise-beside"
INSTANT_WIDTH = 288
ASK_MILLISECONDS = 80
FIRST_LOOK = 0.3


class DiffusionLab(Lab):
    """Watches noising and denoising. It starts runs, and draws its views when the session changes.

    Signals: `drawer_wanted` (the right column has to be shown or hidden by the window's width); `model_wanted(id)`
    (what is to be computed needs another model than the chosen one); `export_wanted(run, position)` of a run that is
    not on the stage.
    """

    name = "diffusion"
    families = ("diffusion",)
    drawer_wanted = Signal()
    model_wanted = Signal(str)
    export_wanted = Signal(object, float)
    copy_wanted = Signal(object, str)

    def __init__(
        self,
        session: Session,
        player: Player,
        undo: QUndoStack,
        preferences: Preferences,
        costs: Costs,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._preferences, self._costs = session, preferences, costs
        self._card: Card | None = None
        self._compact = False
        self._seen: dict[str, Recognised | None] = {VIEW: None, VIEW_BESIDE: None}
        self.form = DiffusionForm(session, undo, self._seconds)
        self.stage = Stage()
        self.timeline = Timeline(session, player)
        self.instant = InstantView()
        self.histogram = HistogramView()
        self.highlight = Highlight(self)
        self.stage.set_highlight(self.highlight)
        self.timeline.plots.set_highlight(self.highlight)
        self.instant.set_highlight(self.highlight)
        services = Services(
            session,
            self.highlight,
            lambda: self._card,
            lambda: self.timeline.sample,
            self._soon,
            Drafts(undo, self),
            self._seconds,
            self.export_wanted.emit,
            self.copy_wanted.emit,
        )
        self.instruments = InstrumentPage(services, preferences)
        self.pages = stage_and_instruments(self.stage, self.instruments)
        self._arrange()
        self._connect()

    def actions_of(self) -> list[QAction]:
        """Actions with shortcuts that the window installs."""
        return [*self.timeline.actions(), *self.form.deeds.actions_of(), self.pages.action]

    def shortcuts(self) -> dict[str, Rows]:
        """Keys by what they are for."""
        runs = [
            (tr("Ctrl+Return"), tr("Run")),
            ("Esc", tr("Cancel the run, or back to all samples")),
            *rows_of([*self.form.deeds.actions_of(), self.pages.action]),
            ("F2", tr("Rename the run that is chosen in the list")),
            (tr("Del"), tr("Delete the run that is chosen in the list")),
        ]
        timeline = rows_of(self.timeline.actions())
        return {tr("Runs"): runs, tr("Timeline"): timeline, tr("Stage"): self.stage.shortcuts()}

    def set_model(self, card: Card | None) -> None:
        """Use the model of `card` from the next run on."""
        self._card = card
        self.form.set_model(card)
        self._repaint.soon()

    def start_first(self) -> None:
        """Put a forward run on the stage, unless there are runs already."""
        if not self._session.runs:
            self._on_live_changed(self.form.request_for("forward"))
            if self._session.a:
                self._session.seek(FIRST_LOOK * self._session.a.plan.high)
        self.draw()
        self.take_keyboard()

    def run(self, request: Request) -> None:
        """Put `request` into the form, or into the instrument that is about such requests, and compute it."""
        if type(request) in COMPUTED_BY:
            self.pages.open(INSTRUMENTS)
            self.instruments.compute(COMPUTED_BY[type(request)], request)
            return
        self.form.set_request(request)
        self._on_run_asked(request)

    def take_keyboard(self) -> None:
        """Keys go to the timeline until something else is chosen: Space plays, arrows step."""
        self.timeline.slider.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_lab(self) -> None:
        """Stop all timers."""
        self._repaint.stop()
        self._patience.stop()
        self._ask_timer.stop()
        self.instruments.close_page()

    def set_compact(self, compact: bool) -> None:
        """Little height: plots become tabs; beside instruments they always are."""
        self._compact = compact
        self.timeline.set_compact(compact or self.pages.page == INSTRUMENTS)

    def set_drawer(self, shown: bool) -> None:
        """Show or hide the right column."""
        super().set_drawer(shown)
        self._repaint.soon()

    def open_picture(self) -> None:
        """Ask for picture files and take them in."""
        self.form.open_picture()

    def import_pictures(self, paths: Sequence[Path]) -> None:
        """Take picture files in."""
        self.form.import_pictures(paths)

    def state(self) -> Request:
        """The request in the form."""
        return self.form.request()

    def restore(self, state: Request) -> None:
        """Put the request of another window's form into this one's."""
        self.form.set_request(state)

    def draw(self) -> None:
        """Draw every view that is visible; where the lab is not, it is drawn when it comes into sight."""
        if not self.active or not self.isVisible():
            return
        shown = self.shown()
        self.form.refresh()
        self.stage.set_denoise_available(self._can_denoise(shown.a))
        for view in self._views():
            if view.isVisible():
                view.draw(shown)
        waiting = shown.a is not None and shown.frame is None
        self._patience.watch(waiting)
        if shown.a is None or (waiting and (shown.a.status.final or self._patience.over)):
            self._clear()
        self._ask_timer.start()  # from the last change on: the classifier is asked where the cursor rests

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has come meanwhile."""
        super().showEvent(event)
        self._repaint.soon()

    @Slot()
    def _clear(self) -> None:
        if not self.active:
            return
        for view in self._views():
            if view.isVisible():
                view.clear(self._session.a)

    def shown(self) -> Shown:
        """What the views are handed."""
        run = self._session.a
        if run is None or not isinstance(run.request, ForwardRequest | ReverseRequest):
            return Shown(None, self._session.cursor, self._card)
        cards = self._session.cards
        card = card_for(run.request, cards)
        schedule = schedule_of(run.request, cards)
        b = self._beside()
        if b is None:
            return Shown(run, self._session.cursor, card, schedule)
        names = name_of(run, cards), name_of(b, cards)
        return Shown(run, self._session.cursor, card, schedule, b, schedule_of(b.request, cards), names)

    def _beside(self) -> Run | None:
        """The pinned run, where it is another one than the one shown, and one of this lab."""
        b = self._session.b
        if b is None or b is self._session.a or not isinstance(b.request, ForwardRequest | ReverseRequest):
            return None
        return b

    def _views(self) -> tuple[View, ...]:
        return self.stage, self.timeline, self.instant, self.histogram, self.instruments

    @Slot()
    def _soon(self) -> None:
        self._repaint.soon()

    @Slot()
    def _on_page_changed(self) -> None:
        self.set_compact(self._compact)
        self._repaint.soon()

    def _arrange(self) -> None:
        left = panel(self.form, right=PADDING - BAR)
        left.setFixedWidth(FORM_WIDTH)
        self._right = panel(self.instant, self.histogram)
        self._right.setFixedWidth(INSTANT_WIDTH)
        below = self._right.layout()
        assert isinstance(below, QVBoxLayout)
        below.addStretch(1)
        self._lay_columns(left, self.pages, self.timeline, [420, 380], share=1)
        self.splitter.setObjectName("stage-timeline")

    def _connect(self) -> None:
        self._repaint = Repaint(self._session, self.draw, self)
        self._patience = Patience(self)
        self._patience.ended.connect(self._clear)
        self._ask_timer = QTimer(self)
        self._ask_timer.setSingleShot(True)
        self._ask_timer.setInterval(ASK_MILLISECONDS)
        self._ask_timer.timeout.connect(self._ask)
        self.pages.changed.connect(self._on_page_changed)
        self._asked: dict[str, tuple[object, ...]] = {VIEW: (), VIEW_BESIDE: ()}
        self.form.run_asked.connect(self._on_run_asked)
        self.form.live_changed.connect(self._on_live_changed)
        self.form.cancel_asked.connect(self._on_cancel_asked)
        self.form.deeds.branch_asked.connect(self._on_branch_asked)
        self.form.deeds.compare_asked.connect(self._on_compare_asked)
        self.stage.denoise_asked.connect(self._on_denoise_asked)
        self.stage.focus_changed.connect(self._on_focus_changed)
        self._session.answered.connect(self._on_answered)
        self._session.shown_changed.connect(self._on_shown_changed)
        self._session.pinned_changed.connect(self._on_pinned_changed)

    def _seconds(self, request: Request) -> float | None:
        return self._costs.estimate(request, self._session.plan(request))

    @Slot(object)
    def _on_run_asked(self, request: Request) -> None:
        slot = FORWARD_SLOT if isinstance(request, ForwardRequest) else REVERSE_SLOT
        self._session.start(request, slot)

    @Slot(object)
    def _on_live_changed(self, request: Request) -> None:
        if isinstance(request, ForwardRequest) and isinstance(request.start, Image) and request.start.sha256:
            self._session.start(request, FORWARD_SLOT, replace=True)

    @Slot()
    def _on_cancel_asked(self) -> None:
        if self._session.a:
            self._session.cancel(self._session.a)

    @Slot(object)
    def _on_denoise_asked(self, sample: int | None) -> None:
        run, card = self._session.a, self._card
        if run is None or card is None:
            return
        form = self.form.request_for("reverse")
        assert isinstance(form, ReverseRequest)
        request = dataclasses.replace(
            form,
            start=Step(run.request, run.plan.nearest(self._session.cursor), sample),
            sampler=Ddpm(),
            samples=self.stage.copies,
            label=self.form.no_class(),
        )
        self.form.set_request(request)
        self._on_run_asked(request)

    @Slot()
    def _on_branch_asked(self) -> None:
        """Put a run that goes on from the frame at the cursor into the form: a person changes what is to differ."""
        run = self._session.a
        if run is None:
            return
        if isinstance(run.request, ForwardRequest):
            self._on_denoise_asked(self.stage.focus)
        elif isinstance(run.request, ReverseRequest):
            if self._card is None or run.request.model != self._card.id:
                self.model_wanted.emit(run.request.model)
            at = run.plan.nearest(self._session.cursor)
            self.form.set_request(branch(run.request, at, self.stage.focus))
            self.form.point_out_start()

    @Slot(str)
    def _on_compare_asked(self, key: str) -> None:
        """Show a run and pin one that differs in one thing; what was computed before is not computed again."""
        if self._card is None:
            return
        request = self.form.request_for("reverse")
        assert isinstance(request, ReverseRequest)
        a, b = pair(key, request, suited(self._card, request).timesteps)
        self.form.set_request(a)
        there = self._session.computed(a)
        if there is not None:
            self._session.show(there)
        else:
            self._session.start(a, REVERSE_SLOT)
        self._session.pin(self._session.computed(b) or self._session.start(b, BESIDE_SLOT, show=False))

    @Slot(object)
    def _on_focus_changed(self, sample: int | None) -> None:
        self.timeline.sample = sample or 0
        self._repaint.soon()

    @Slot()
    def _on_shown_changed(self) -> None:
        if not self.active:
            return
        self._seen[VIEW], self._asked[VIEW] = None, ()
        self.instruments.forget()
        run = self._session.a
        if run:
            with QSignalBlocker(self.form):
                self.form.show_direction("forward" if isinstance(run.request, ForwardRequest) else "reverse")
        self._tell_labels()

    @Slot()
    def _on_pinned_changed(self) -> None:
        self._seen[VIEW_BESIDE], self._asked[VIEW_BESIDE] = None, ()
        if self.active:
            self._tell_labels()

    @Slot()
    def _ask(self) -> None:
        """Ask the classifier what it sees in the frames at the cursor, unless that is known."""
        if not self.active:
            return
        shown = self.shown()
        self._ask_about(VIEW, shown.a, shown.frame)
        self._ask_about(VIEW_BESIDE, shown.b, shown.frame_b)

    def _ask_about(self, view: str, run: Run | None, frame: Frame | None) -> None:
        card = self._model_of(run)
        pane = labelled(panes_of(frame)) if frame else None
        if run is None or frame is None or pane is None or card is None or self._session.device is None:
            return
        images, key = frame.arrays()[pane.field], (run.id, frame.position)
        if key != self._asked[view] and images.shape[1:] == card.shape:
            self._asked[view] = key
            self._session.ask(view, Recognise(str(card.dataset.get("name")), images, key))

    @Slot(str, object)
    def _on_answered(self, view: str, answer: object) -> None:
        if view in self._seen and isinstance(answer, Recognised) and self.active:
            self._seen[view] = answer
            self._tell_labels()

    def _tell_labels(self) -> None:
        self.stage.set_labels(self._told(self._session.a), self._seen[VIEW])
        self.stage.set_labels_beside(self._told(self._beside()), self._seen[VIEW_BESIDE])

    def _told(self, run: Run | None) -> tuple[str | None, ...]:
        """The classes that `run` was asked for, one per sample and None for p(x)."""
        card = self._model_of(run)
        if not run or not card or not isinstance(run.request, ReverseRequest):
            return ()
        indices = labels_of(run.request.label, run.request.samples, len(card.classes))
        return tuple(None if i is None else tr(card.classes[i]) for i in indices)

    def _model_of(self, run: Run | None) -> Card | None:
        """The model that `run` uses, or, for a forward run without one, the model chosen above."""
        name = getattr(run.request, "model", None) if run else None
        return self._session.cards.get(name) if name else self._card

    def _can_denoise(self, run: Run | None) -> bool:
        """Whether the chosen model can go on from `run`: its pictures and its noise schedule are the model's own."""
        if run is None or self._card is None or not isinstance(run.request, ForwardRequest):
            return False
        frame = run.at(self._session.cursor)
        settings = schedule_settings(run.request, self._session.cards)
        wanted = suited(self._card, self.form.request_for("reverse")).schedule
        return settings == wanted and frame is not None and frame.arrays()["x"].shape[1:] == self._card.shape
