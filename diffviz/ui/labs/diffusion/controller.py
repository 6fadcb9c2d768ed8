"""The runs that a person asks for in the Diffusion lab: in the form, on the stage, in the list.

What the classifier sees in the pictures of the Diffusion lab, beside what was asked for.
"""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from diffviz.domain import cards, frames, ideal, messages, panes, sampling
from diffviz.domain.requests import (
    DIRECTIONS,
    MAX_SAMPLES,
    ForwardRequest,
    Image,
    Request,
    ReverseRequest,
    Step,
    labels_of,
)
from diffviz.domain.text import tr
from diffviz.families import panes_of, scaled_values
from diffviz.families.diffusion import branch
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.run_actions import beside, pair
from diffviz.ui.labs.diffusion.form import DiffusionForm
from diffviz.ui.sample_viewer.viewer import SampleViewer

FORWARD_SLOT, REVERSE_SLOT, BESIDE_SLOT = "diffusion/forward", "diffusion/reverse", "diffusion/beside"


class DiffusionRuns(QObject):
    """Starts what is asked for in `form` and on `stage`; `card` is the chosen model.

    Signals: `model_wanted(id)` (what is to be computed needs another model than the chosen one).
    """

    model_wanted = Signal(str)

    def __init__(
        self, session: Session, form: DiffusionForm, stage: SampleViewer, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._form, self._stage = session, form, stage
        self.card: cards.Card | None = None
        form.run_asked.connect(self.start)
        form.live_changed.connect(self.start_live)
        form.cancel_asked.connect(self._on_cancel_asked)
        form.deeds.branch_asked.connect(self._on_branch_asked)
        form.deeds.compare_asked.connect(self._on_compare_asked)
        stage.denoise_asked.connect(self._on_denoise_asked)

    @Slot(object)
    def start(self, request: Request) -> None:
        """Compute `request` and show it."""
        slot = FORWARD_SLOT if isinstance(request, ForwardRequest) else REVERSE_SLOT
        self._session.start(request, slot)

    @Slot(object)
    def start_live(self, request: Request) -> None:
        """Compute `request` in place of the last one, where it noises pictures."""
        if isinstance(request, ForwardRequest) and isinstance(request.start, Image) and request.start.sha256:
            self._session.start(request, FORWARD_SLOT, replace=True)

    def can_denoise(self, run: Run | None) -> bool:
        """Whether the chosen model can go on from `run`: its pictures and its noise schedule are the model's own."""
        if run is None or self.card is None or not isinstance(run.request, ForwardRequest):
            return False
        frame = run.at(self._session.cursor)
        wanted = ideal.suited(self.card, self._form.request_for("reverse")).schedule
        return run.plan.schedule == wanted and frame is not None and frame.arrays()["x"].shape[1:] == self.card.shape

    @Slot()
    def _on_cancel_asked(self) -> None:
        if self._session.a:
            self._session.cancel(self._session.a)

    @Slot(object)
    def _on_denoise_asked(self, sample: int | None) -> None:
        run = self._session.a
        if run is None or self.card is None or not isinstance(run.request, ForwardRequest):
            return
        request = dataclasses.replace(
            self._reverse(),
            start=Step(run.request, run.plan.nearest(self._session.cursor), sample),
            sampler=sampling.Ddpm(),
            samples=self._restorations(run.request, sample),
            label=self._form.no_class(),
        )
        self._form.set_request(request)
        self.start(request)

    def _restorations(self, request: ForwardRequest, sample: int | None) -> int:
        """So many times as was asked for, each of the pictures or the one in focus, as far as there is room."""
        pictures = 1 if sample is not None else len(request.start.sha256) if isinstance(request.start, Image) else 1
        return pictures * max(1, min(self._stage.copies, MAX_SAMPLES // pictures))

    @Slot()
    def _on_branch_asked(self) -> None:
        """Put a run that goes on from the frame at the cursor into the form: a person changes what is to differ."""
        run = self._session.a
        if run is None:
            return
        if isinstance(run.request, ForwardRequest):
            self._on_denoise_asked(self._stage.focus)
        elif isinstance(run.request, ReverseRequest):
            if self.card is None or run.request.model != self.card.id:
                self.model_wanted.emit(run.request.model)
            at = run.plan.nearest(self._session.cursor)
            self._form.set_request(branch(run.request, at, self._stage.focus))
            self._form.point_out_start()

    @Slot(str)
    def _on_compare_asked(self, key: str) -> None:
        """Show a run and pin one that differs in one thing; what was computed before is not computed again."""
        if self.card is None:
            return
        request = self._reverse()
        a, b = pair(key, request, ideal.suited(self.card, request).timesteps)
        self._form.set_request(a)
        there = self._session.computed(a)
        if there is not None:
            self._session.show(there)
        else:
            self._session.start(a, REVERSE_SLOT)
        self._session.pin(self._session.computed(b) or self._session.start(b, BESIDE_SLOT, show=False))

    def _reverse(self) -> ReverseRequest:
        request = self._form.request_for("reverse")
        assert isinstance(request, ReverseRequest)
        return request


VIEW, VIEW_BESIDE = "diffusion/recognise", "diffusion/recognise-beside"
ASK_MILLISECONDS = 80


class ClassPredictions(QObject):
    """Labels the pictures on `stage`: of the run that is shown, and of the one beside it.

    The classifier is asked once the cursor has rested, about frames that it has not just seen. Nothing is asked while
    it is not `active`. `card` is the chosen model; `seen` is the last answer about each of the two runs.
    """

    def __init__(self, session: Session, stage: SampleViewer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._stage = session, stage
        self.active = False
        self.card: cards.Card | None = None
        self.seen: dict[str, messages.Recognised | None] = {VIEW: None, VIEW_BESIDE: None}
        self._asked: dict[str, tuple[object, ...]] = {VIEW: (), VIEW_BESIDE: ()}
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(ASK_MILLISECONDS)
        self._rest.timeout.connect(self._on_rest)
        session.answered.connect(self._on_answered)
        session.shown_changed.connect(self._on_shown_changed)
        session.pinned_changed.connect(self._on_pinned_changed)

    def follow(self) -> None:
        """Something was drawn anew: from the last change on there is a rest."""
        self._rest.start()

    def stop(self) -> None:
        """Ask nothing more."""
        self._rest.stop()

    @Slot()
    def _on_shown_changed(self) -> None:
        if self.active:
            self._forget(VIEW)

    @Slot()
    def _on_pinned_changed(self) -> None:
        self._forget(VIEW_BESIDE)

    def _forget(self, view: str) -> None:
        """Another run has the place."""
        self.seen[view], self._asked[view] = None, ()
        self._tell()

    @Slot()
    def _on_rest(self) -> None:
        for view, run in ((VIEW, self._session.a), (VIEW_BESIDE, beside(self._session))):
            frame = run.at(self._session.cursor_of(run)) if run else None
            if self.active and run is not None and frame is not None and isinstance(run.request, DIRECTIONS):
                self._ask(view, run, frame)

    def _ask(self, view: str, run: Run, frame: frames.Frame) -> None:
        card, pane = self._model_of(run), panes.labelled(panes_of(frame))
        if pane is None or card is None or self._session.device is None:
            return
        images, key = frame.arrays()[pane.field], (run.id, frame.position)
        if pane.role is panes.Role.NOISY and run.spreads:
            images = scaled_values(frame, images)
        if key != self._asked[view] and images.shape[1:] == card.shape:
            self._asked[view] = key
            self._session.ask(view, messages.Recognise(str(card.dataset.get("name")), images, key))

    @Slot(str, object)
    def _on_answered(self, view: str, answer: object) -> None:
        if view in self.seen and isinstance(answer, messages.Recognised) and self.active:
            self.seen[view] = answer
            self._tell()

    def _tell(self) -> None:
        if self.active:
            self._stage.set_labels(self._told(self._session.a), self.seen[VIEW])
            self._stage.set_labels_beside(self._told(beside(self._session)), self.seen[VIEW_BESIDE])

    def _told(self, run: Run | None) -> tuple[str | None, ...]:
        """The classes that `run` was asked for, one per sample and None for p(x)."""
        card = self._model_of(run)
        if not run or not card or not isinstance(run.request, ReverseRequest):
            return ()
        indices = labels_of(run.request.label, run.request.samples, len(card.classes))
        return tuple(None if i is None else tr(card.classes[i]) for i in indices)

    def _model_of(self, run: Run | None) -> cards.Card | None:
        """The model that `run` uses, or, for a forward run without one, the model chosen above."""
        name = getattr(run.request, "model", None) if run else None
        return self._session.cards.get(name) if name else self.card
