"""What a person does to a training: begin it, hold it, step it, end it, branch off from it.

What the GAN lab can be about: data sets to train on, and trainings that were recorded.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Slot

from diffviz.domain import samples, settings
from diffviz.domain.gan import DATA, DATA_LABELS, GanRequest, Pictures, unstarted
from diffviz.domain.requests import Step
from diffviz.domain.text import tr
from diffviz.families.gan import changes, needs_fresh_networks
from diffviz.session.run import Run, Status
from diffviz.session.saving import open_recorded, recordings
from diffviz.session.session import Session
from diffviz.ui.forms.draft import Draft
from diffviz.ui.labs.lab import Choice
from diffviz.ui.timeline import Mark

SLOT = "gan/training"
REST_MILLISECONDS = 500


class TrainingController(QObject):
    """Starts and steers the runs of the GAN lab with the settings of `draft`.

    A setting that is changed while a run is being computed starts a branch at its newest step, once it has not been
    changed for `REST_MILLISECONDS`.
    """

    def __init__(self, session: Session, draft: Draft, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._draft = session, draft
        self._undone: tuple[Run, GanRequest] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MILLISECONDS)
        self._rest.timeout.connect(self._on_rest)

    @property
    def run(self) -> Run | None:
        """The shown run, where it is one of this lab."""
        run = self._session.a
        return run if run is not None and isinstance(run.request, GanRequest) else None

    def stop(self) -> None:
        """Start nothing more."""
        self._rest.stop()

    @Slot()
    def toggle(self) -> None:
        """Train, pause, or go on."""
        run = self.run
        if run is None or run.status.final:
            self.train()
        elif run.status is Status.PAUSED:
            self._session.resume(run)
            self._session.follow()
        else:
            self._session.pause(run)

    def train(self, *, held: bool = False, roll: bool = True) -> Run:
        """Train with the draft's settings from the start; with another seed, unless that is kept."""
        self._rest.stop()
        self._draft.settle()
        if roll and not self._draft.seed_locked:
            self._draft.roll()
        return self._session.start(unstarted(self._request), SLOT, held=held)

    @Slot(object)
    def train_preset(self, before: GanRequest) -> None:
        """Train with the draft's settings, which took the place of `before`: they may come back, and change no run."""
        self._undone = self.train(roll=False), before

    @Slot()
    def go_on(self) -> None:
        """Branch off from the shown run at the cursor, with the draft's settings."""
        run = self.run
        frame = run.at(self._session.cursor) if run else None
        if run is not None and frame is not None and not self._fresh(run):
            self.branch(run, frame.position)

    def branch(self, run: Run, at: float, *, held: bool = False) -> Run:
        """A run that goes on from `run` at `at` with the draft's settings."""
        owner, wanted = run.owner(at), self._request
        steps = wanted.steps if at < wanted.steps else math.floor(at) + wanted.steps
        request = dataclasses.replace(wanted, steps=steps, start=Step(owner.request, at))
        made = self._session.start(request, SLOT, held=held)
        self._draft.load(request)
        return made

    @Slot(str)
    def step(self, part: str) -> None:
        """Update D or G once, and hold."""
        run = self.run
        if run is None or run.status.final:
            run = self._held()
        elif run.status is not Status.PAUSED:
            self._session.pause(run)
        self._session.follow()
        self._session.advance(run, part=part)

    @Slot()
    def cancel(self) -> None:
        """End the run, keeping its frames."""
        if self.run is not None:
            self._session.cancel(self.run)

    @Slot()
    def on_edited(self) -> None:
        """Settings were changed by a person."""
        run = self.run
        back = (run, self._request) == self._undone
        if run is not None and run.status is Status.RUNNING and not back and not self._fresh(run):
            self._rest.start()
        else:
            self._rest.stop()

    def _fresh(self, run: Run) -> bool:
        return needs_fresh_networks(run.request, self._request)

    @property
    def _request(self) -> GanRequest:
        assert isinstance(self._draft.request, GanRequest)
        return self._draft.request

    def _held(self) -> Run:
        """A run that waits to be stepped: what the shown one goes on to, or a new one."""
        run = self.run
        frame = run.at(self._session.cursor) if run else None
        if run is not None and frame is not None and not self._fresh(run):
            made = self.branch(run, frame.position, held=True)
        else:
            made = self.train(held=True)
        self._session.advance(made)
        return made

    @Slot()
    def _on_rest(self) -> None:
        run = self.run
        if run is None or run.status is not Status.RUNNING or not len(run.store) or self._fresh(run):
            return
        if changes(run.request, self._request):
            self.branch(run, float(math.floor(run.store[-1].position)))


def marks_of(run: Run, runs: list[Run]) -> tuple[Mark, ...]:
    """Where `run` and those that it continues branched off, and where others branch off from it."""
    found: dict[float, str] = {}
    one: Run | None = run
    while one is not None and isinstance(one.request.start, Step):
        found[one.request.start.at] = _said(one)
        one = one.parent
    for child in runs:
        if child.parent is run and isinstance(child.request.start, Step):
            found.setdefault(child.request.start.at, _said(child))
    return tuple(Mark(position, text) for position, text in sorted(found.items()))


def _said(child: Run) -> str:
    assert isinstance(child.request.start, Step)
    return ", ".join(changes(child.request.start.of, child.request)) or tr("continued")


PICTURES, RECORDED = "pictures/", "recorded/"
RECORDED_SLOT = "gan/recorded/"


class GanDatasets:
    """Keys of what can be chosen: a key of `DATA`, "pictures/NAME" or "recorded/MODEL"."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> tuple[Choice, ...]:
        """All there is to choose from."""
        plane = (Choice(key, tr("{name} · 2-D").format(name=tr(DATA_LABELS[key]))) for key in DATA if key != "pictures")
        pictures = (
            Choice(PICTURES + name.casefold(), tr("{name} · images").format(name=name)) for name in samples.datasets()
        )
        return (*plane, *pictures, *self._recordings())

    def first(self) -> str:
        """What is shown at first: a recorded training, or nothing."""
        return next((choice.key for choice in self._recordings()), "")

    def of(self, request: GanRequest, shown: Run | None) -> str:
        """The key of what `request` and the shown run are about."""
        if shown is not None and shown.slot.startswith(RECORDED_SLOT):
            return RECORDED + shown.slot.removeprefix(RECORDED_SLOT)
        if isinstance(request.data, Pictures):
            return PICTURES + request.data.dataset.casefold()
        return settings.variant_key(DATA, request.data)

    def request(self, key: str) -> GanRequest | None:
        """The settings to begin with for data of `key`."""
        if key.startswith(PICTURES):
            return GanRequest(data=Pictures(key.removeprefix(PICTURES)))
        return GanRequest(data=DATA[key]()) if key in DATA else None

    def recorded(self, key: str) -> Run | None:
        """The recorded training of `key`, read when it is first wanted. Raises `ModelDamaged`."""
        card = self._session.cards.get(key.removeprefix(RECORDED)) if key.startswith(RECORDED) else None
        if card is None:
            return None
        slot = RECORDED_SLOT + card.id
        opened = next((run for run in self._session.runs if run.slot == slot), None)
        return opened or open_recorded(card, self._session, slot)

    def _recordings(self) -> Sequence[Choice]:
        cards = recordings(self._session.offered)
        text, tip = tr("{name} · recorded"), tr("A training that came with the program: to look at, and to continue")
        return [Choice(RECORDED + card.id, text.format(name=card.name), tip) for card in cards]
