"""A session without a worker, a model without weights and pictures without files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from diffviz.domain.cards import Card
from diffviz.domain.frames import ReverseFrame
from diffviz.domain.messages import Event, Failed, Finished, FramesReady, Started
from diffviz.domain.samples import Dataset
from diffviz.domain.sampling import Cosine
from diffviz.families import plan_of
from diffviz.session.run import Run
from diffviz.session.session import Session
from tests.session.toys import FakeLink

CLASSES = ("T-shirt", "Trouser", "Pullover", "Dress")


class Stage:
    """A session with its link: what a worker would say is said by the test."""

    def __init__(self, *cards: Card) -> None:
        self.link = FakeLink()
        self.session = Session(self.link, plan_of, {card.id: card for card in cards})

    def say(self, *events: Event) -> None:
        for event in events:
            self.link.received.emit(event)

    def compute(self, run: Run, frames: int) -> None:
        """Let `run` start and make its first `frames` frames."""
        self.say(Started(run.id))
        if frames:
            self.say(FramesReady(run.id, frames_at(run.plan.positions[:frames])))

    def finish(self, run: Run) -> None:
        self.compute(run, len(run.plan.positions))
        self.say(Finished(run.id))

    def fail(self, run: Run, error: Exception, details: str = "Traceback: here") -> None:
        self.compute(run, 3)
        self.say(Failed(run.id, error, details))


def card(
    name: str = "toy",
    classes: Sequence[str] = CLASSES,
    timesteps: int = 100,
    shape: tuple[int, int, int] = (1, 8, 8),
    dataset: str = "toys",
) -> Card:
    """A model's card."""
    return Card(
        id=name,
        name=name.title(),
        family="diffusion",
        folder=Path(name),
        shape=shape,
        classes=tuple(classes),
        prediction="eps",
        schedule=Cosine(timesteps=timesteps),
        dataset={"name": dataset},
    )


def dataset(count: int = 40, shape: tuple[int, ...] = (8, 8)) -> Dataset:
    """Pictures of noise, no two alike, labelled in turn."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, *shape), np.uint8)
    return Dataset("toys", CLASSES, images, np.arange(count) % len(CLASSES))


def frames_at(positions: Sequence[float]) -> tuple[ReverseFrame, ...]:
    """Frames of almost nothing."""
    x = np.zeros((1, 1, 2, 2), np.float32)
    return tuple(ReverseFrame(p, 1.0, 0.0, 0.0, x, x, x) for p in positions)
