"""What instruments need, without a worker or a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from diffviz.domain.cards import Card
from diffviz.domain.frames import ReverseFrame
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.sampling import Sampler
from diffviz.session.run import Run
from diffviz.theory import posterior
from diffviz.theory.processes import VariancePreserving
from diffviz.ui.forms.draft import Drafts
from diffviz.ui.instruments.instrument import Instrument, Services
from diffviz.ui.widgets.view import Highlight, Shown
from tests.ui.forms.fakes import Stage, card
from tests.ui.sample_viewer.runs import GREY, SCHEDULE, VISITED, noise, run_of

DATASET = "Fashion-MNIST"


def real_card() -> Card:
    """A model of real pictures, with T = 100."""
    return card(shape=GREY, dataset=DATASET, classes=tuple(f"class {i}" for i in range(10)))


@dataclass
class Desk:
    """Services over a session whose link goes nowhere.

    `undo` has what was changed, `sample` is in focus, `asked` counts calls of `soon`, `exported` has what was asked to
    be written, `copied` what was to be copied.
    """

    qtbot: QtBot
    stage: Stage
    services: Services
    undo: QUndoStack
    sample: int = 0
    asked: int = 0
    exported: list[tuple[Run, float]] = field(default_factory=list)
    copied: list[tuple[Run, str]] = field(default_factory=list)

    def show(self, make: Callable[[str, Services], Instrument], key: str = "it", width: int = 420) -> Instrument:
        """The instrument, on the screen."""
        made = make(key, self.services)
        self.place(made, width)
        return made

    def place(self, widget: QWidget, width: int = 420) -> None:
        """Put `widget` on the screen."""
        self.qtbot.addWidget(widget)
        widget.resize(width, 500)
        widget.show()


def desk(qtbot: QtBot) -> Desk:
    """A desk with the card of `real_card`."""
    stage = Stage(real_card())
    made: list[Desk] = []

    def soon() -> None:
        made[0].asked += 1

    def exported(run: Run, position: float) -> None:
        made[0].exported.append((run, position))

    def copied(run: Run, how: str) -> None:
        made[0].copied.append((run, how))

    undo = QUndoStack(stage.session)
    drafts = Drafts(undo, stage.session)
    services = Services(
        stage.session,
        Highlight(),
        real_card,
        lambda: made[0].sample,
        soon,
        drafts,
        lambda _request: None,
        exported,
        copied,
    )
    made.append(Desk(qtbot, stage, services, undo))
    return made[0]


def stepping_run(sampler: Sampler, *, run_id: int = 1, count: int = 3, every: int = 1) -> Run:
    """A run whose frames follow from each other as `sampler`'s steps say, with noise that was drawn."""
    x, frames = noise(count, GREY, 99), []
    for t, before in zip(VISITED, (*VISITED[1:], None), strict=True):
        if before is None:
            frames.append(ReverseFrame(t, 1.0, 0.0, 0.0, x, x, np.zeros_like(x)))
            break
        x0, eps = np.clip(noise(count, GREY, int(t)), -1, 1), noise(count, GREY, int(t) + 1)
        parts = posterior.terms(sampler, SCHEDULE.pair(int(t), int(before)))
        assert parts is not None
        frames.append(
            ReverseFrame(t, float(SCHEDULE.alpha[int(t)]), float(SCHEDULE.sigma[int(t)]), parts.std, x, x0, eps)
        )
        drawn = noise(count, GREY, int(t) + 2)
        x = (parts.x0 * x0 + parts.eps * eps + parts.std * drawn).astype(np.float32)
    request = ReverseRequest(model="toy", sampler=sampler, samples=count, steps=3, every=every, label="none")
    return run_of(frames, request, run_id=run_id)


def at(run: Run, cursor: float) -> Shown:
    """What a view is handed."""
    return Shown(run, cursor, real_card(), VariancePreserving(SCHEDULE))
