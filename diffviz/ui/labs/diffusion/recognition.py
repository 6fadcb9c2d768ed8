"""What a classifier sees in the pictures of the Diffusion lab, frame by frame, beside what was asked for.

It is asked in batches ahead of the player, and what it saw of a frame is kept: no caption is of another frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from diffviz.domain import cards, frames, messages, panes
from diffviz.domain.arrays import F32, nearest_index
from diffviz.domain.requests import DIRECTIONS, Request, ReverseRequest, labels_of
from diffviz.domain.text import tr
from diffviz.families import panes_of, scaled_values
from diffviz.session.engines import apart
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.run_actions import beside
from diffviz.ui.sample_viewer.viewer import SampleViewer
from diffviz.ui.widgets.view import Shown

VIEW, VIEW_BESIDE = "diffusion/recognise", "diffusion/recognise-beside"
REST_MILLISECONDS = 80
BATCH = 128
"""About as many pictures are asked about at once: some 20 ms of the worker's time, which no run waits for longer."""


class SeenFrames:
    """What was seen in each frame of one run, by its position."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._known: dict[float, messages.Recognised] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._known)

    def at(self, position: float) -> messages.Recognised | None:
        """What was seen in the frame at `position`; its `key` is (run id, position)."""
        return self._known.get(position)

    def take(self, answer: messages.Recognised) -> None:
        """Keep what was seen in the frames that `answer.key` names after the run's id: rows of as many each."""
        positions = [float(str(position)) for position in answer.key[1:]]
        for position, rows in zip(positions, np.split(answer.probabilities, len(positions)), strict=True):
            key = (self._run.id, position)
            self._known[position] = messages.Recognised(np.ascontiguousarray(rows), answer.classes, key)

    def missing(self, shown: float) -> Iterator[float]:
        """Positions that nothing is known of: that of the frame `shown`, then from where the cursor will be then on.

        It goes on as it went since this was asked before; at the end it comes back from the beginning.
        """
        positions = self._run.positions()
        at = nearest_index(positions, shown)
        by = at - self._last
        self._last = at
        way = (1 if self._run.plan.direction > 0 else -1) if by == 0 else (1 if by > 0 else -1)
        ahead = (positions[(at + by + way * n) % len(positions)] for n in range(len(positions)))
        if shown not in self._known:
            yield shown
        yield from (position for position in ahead if position not in self._known and position != shown)


class ClassPredictions(QObject):
    """Labels the pictures on `stage`: of the run that is shown, and of the one beside it.

    While `playing()` the classifier is asked all the time; else once the cursor has rested. While a run is computed it
    is asked about the frames that are shown alone. Nothing is asked while it is not `active`. `card` is the chosen
    model. Signals: `known`, when more has been seen.
    """

    known = Signal()

    def __init__(
        self, session: Session, stage: SampleViewer, playing: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._stage, self._playing = session, stage, playing
        self.active = False
        self.card: cards.Card | None = None
        self._seen: dict[int, SeenFrames] = {}
        self._waiting: set[str] = set()
        self._refused: set[str] = set()
        self._classes: tuple[Request | None, cards.Card | None, tuple[str | None, ...]] = None, None, ()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MILLISECONDS)
        self._rest.timeout.connect(self._ask)
        session.answered.connect(self._on_answered)
        session.shown_changed.connect(self._on_shown_changed)
        session.pinned_changed.connect(self._on_shown_changed)
        session.cards_changed.connect(self._refused.clear)

    def follow(self, shown: Shown) -> None:
        """`shown` was drawn: from the last change on there is a rest."""
        self._tell(shown.frame, shown.frame_b)
        if self._playing():
            self._ask()
        else:
            self._rest.start()

    def stop(self) -> None:
        """Ask nothing more."""
        self._rest.stop()

    def of(self, run: Run, position: float) -> messages.Recognised | None:
        """What was seen in the frame of `run` at `position`, None where that is not known yet."""
        return self._seen[run.id].at(position) if run.id in self._seen else None

    @Slot()
    def _on_shown_changed(self) -> None:
        there = {run.id for run in self._session.runs}
        self._seen = {run: seen for run, seen in self._seen.items() if run in there}
        self._tell()

    def _both(self) -> tuple[tuple[str, Run | None], ...]:
        return (VIEW, self._session.a), (VIEW_BESIDE, beside(self._session))

    @Slot()
    def _ask(self) -> None:
        """Ask about what is shown, and about what comes next where no run needs the worker."""
        if self.active and self._session.device is not None:
            most = 0 if self._busy() else BATCH
            for view, run in self._both():
                if run is not None and view not in self._waiting and isinstance(run.request, DIRECTIONS):
                    self._ask_of(view, run, most)

    def _busy(self) -> bool:
        """Whether a run is being computed by what recognises too."""
        return any(run.computing and not apart(run.request) for run in self._session.runs)

    def _ask_of(self, view: str, run: Run, most: int) -> None:
        card, frame = self._model_of(run), run.at(self._session.cursor_of(run))
        if card is None or frame is None or dataset_of(card) in self._refused:
            return
        seen = self._seen.setdefault(run.id, SeenFrames(run))
        chosen = self._chosen(run, card, seen.missing(frame.position), frame.position, most)
        if chosen:
            self._waiting.add(view)
            key = (run.id, *(position for position, _images in chosen))
            images = np.concatenate([images for _position, images in chosen])
            self._session.ask(view, messages.Recognise(dataset_of(card), images, key))

    def _chosen(
        self, run: Run, card: cards.Card, missing: Iterator[float], shown: float, most: int
    ) -> Sequence[tuple[float, F32]]:
        """Frames to ask about with their pictures: the one shown, and others up to `most` pictures."""
        found: list[tuple[float, F32]] = []
        for position in missing:
            if position != shown and sum(len(images) for _at, images in found) >= most:
                break
            images = pictures(run, run.at(position))
            if images is None or images.shape[1:] != card.shape:
                break
            found.append((position, images))
        return found

    @Slot(str, object)
    def _on_answered(self, view: str, answer: object) -> None:
        if view not in (VIEW, VIEW_BESIDE):
            return
        self._waiting.discard(view)
        if isinstance(answer, messages.Recognised):
            if answer.key[0] in self._seen:
                self._seen[int(str(answer.key[0]))].take(answer)
            self._tell()
            self.known.emit()
            if self._playing() or not (self._busy() or self._rest.isActive()):
                self._ask()
        elif isinstance(answer, Exception):
            self._refused |= {dataset_of(card) for _v, run in self._both() if (card := self._model_of(run)) is not None}

    def _tell(self, *given: frames.Frame | None) -> None:
        """Let the stage show what is known of the frames that it shows, which are those `given`, if any are."""
        if self.active:
            both = self._session.a, beside(self._session)
            at = given or tuple(run.at(self._session.cursor_of(run)) if run else None for run in both)
            self._stage.set_labels(*self._known_of(both[0], at[0]))
            self._stage.set_labels_beside(*self._known_of(both[1], at[1]))

    def _known_of(
        self, run: Run | None, frame: frames.Frame | None
    ) -> tuple[tuple[str | None, ...], messages.Recognised | None]:
        """The classes that `run` was asked for, None for p(x), and what was seen in its `frame` at the cursor."""
        if run is None or frame is None:
            return self._told(run), None
        told, seen = self._told(run), self.of(run, frame.position)
        if not told and run.id in self._seen and len(self._seen[run.id]):
            told = (None,) * len(next(iter(frame.arrays().values())))  # captions keep their room while it is not known
        return told, seen

    def _told(self, run: Run | None) -> tuple[str | None, ...]:
        """The classes that `run` was asked for, one per sample and None for p(x)."""
        card = self._model_of(run)
        if not run or not card or not isinstance(run.request, ReverseRequest):
            return ()
        if self._classes[:2] != (run.request, card):
            indices = labels_of(run.request.label, run.request.samples, len(card.classes))
            told = tuple(None if i is None else tr(card.classes[i]) for i in indices)
            self._classes = run.request, card, told
        return self._classes[2]

    def _model_of(self, run: Run | None) -> cards.Card | None:
        """The model that `run` uses, or, for a forward run without one, the model chosen above."""
        name = getattr(run.request, "model", None) if run else None
        return self._session.cards.get(name) if name else self.card


def dataset_of(card: cards.Card) -> str:
    """The name of the data set that a classifier of the pictures of `card` knows."""
    return str(card.dataset.get("name"))


def pictures(run: Run, frame: frames.Frame | None) -> F32 | None:
    """The pictures of `frame` that a classifier is asked about, (N, C, H, W); None where it has none."""
    pane = panes.labelled(panes_of(frame)) if frame is not None else None
    if frame is None or pane is None:
        return None
    images = frame.arrays()[pane.field]
    return scaled_values(frame, images) if pane.role is panes.Role.NOISY and run.spreads else images
