"""What the classifier sees in the pictures of the Diffusion lab, beside what was asked for."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from diffviz.domain.cards import Card
from diffviz.domain.frames import Frame
from diffviz.domain.messages import Recognise, Recognised
from diffviz.domain.panes import Role, labelled
from diffviz.domain.requests import DIRECTIONS, ReverseRequest, labels_of
from diffviz.domain.text import tr
from diffviz.families.panes import panes_of, scaled_values
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.comparison import beside
from diffviz.ui.sample_viewer.viewer import SampleViewer

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
        self.card: Card | None = None
        self.seen: dict[str, Recognised | None] = {VIEW: None, VIEW_BESIDE: None}
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

    def _ask(self, view: str, run: Run, frame: Frame) -> None:
        card, pane = self._model_of(run), labelled(panes_of(frame))
        if pane is None or card is None or self._session.device is None:
            return
        images, key = frame.arrays()[pane.field], (run.id, frame.position)
        if pane.role is Role.NOISY and run.spreads:
            images = scaled_values(frame, images)
        if key != self._asked[view] and images.shape[1:] == card.shape:
            self._asked[view] = key
            self._session.ask(view, Recognise(str(card.dataset.get("name")), images, key))

    @Slot(str, object)
    def _on_answered(self, view: str, answer: object) -> None:
        if view in self.seen and isinstance(answer, Recognised) and self.active:
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

    def _model_of(self, run: Run | None) -> Card | None:
        """The model that `run` uses, or, for a forward run without one, the model chosen above."""
        name = getattr(run.request, "model", None) if run else None
        return self._session.cards.get(name) if name else self.card
