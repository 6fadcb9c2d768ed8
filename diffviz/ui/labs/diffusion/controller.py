"""The runs that a person asks for in the Diffusion lab: in the form, on the stage, in the list."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QObject, Signal, Slot

from diffviz.domain import cards, ideal, sampling
from diffviz.domain.requests import (
    MAX_SAMPLES,
    ForwardRequest,
    Image,
    Request,
    ReverseRequest,
    Step,
)
from diffviz.families.diffusion import branch
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.run_actions import pair
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
