"""The recorded training that ships with the program."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from diffviz import paths
from diffviz.domain.cards import Card, read_card
from diffviz.domain.frames import Checkpoint
from diffviz.domain.gan import GanFrame, GanRequest, Pictures
from diffviz.domain.store import Budget
from diffviz.engine.families.gan_data import source_of
from diffviz.engine.families.gan_evaluate import judge
from diffviz.engine.families.gan_trainer import Trainer
from diffviz.families import plan_of
from diffviz.session.run import Run, Status
from diffviz.session.saving import open_recorded, recordings
from diffviz.session.session import Session
from tests.session.toys import FakeLink

MOST_BYTES = 12 << 20


@pytest.fixture
def card() -> Card:
    return read_card(paths.models() / "fashion-gan")


@pytest.fixture
def run(card: Card, qapp: object) -> Iterator[Run]:
    session = Session(FakeLink(), plan_of, {card.id: card}, Budget(1 << 28))
    yield open_recorded(card, session, "gan/recorded")
    session.close()


def newest(run: Run) -> Checkpoint:
    return run.keyframes.all()[-1]


def trainer_at(run: Run) -> Trainer:
    assert isinstance(run.request, GanRequest)
    trainer = Trainer(run.request, source_of(run.request), torch.device("cpu"))
    trainer.restore(newest(run))
    return trainer


def test_it_ships_and_is_small(card: Card) -> None:
    assert recordings({card.id: card}) == (card,)
    assert sum(path.stat().st_size for path in card.folder.iterdir()) < MOST_BYTES


def test_it_is_a_whole_timeline_of_images(run: Run) -> None:
    assert run.status is Status.FINISHED
    assert isinstance(run.request, GanRequest)
    assert isinstance(run.request.data, Pictures)
    assert not run.request.data.folder
    assert len(run.store) >= 20
    assert run.store[-1].position == run.request.steps == newest(run).position


def test_its_samples_became_more_varied_and_harder_to_tell(run: Run) -> None:
    frames = [frame for frame in run.store if isinstance(frame, GanFrame)]
    classes = [int((frame.per_mode >= 0.02 * frame.per_mode.sum()).sum()) for frame in frames]
    assert classes[0] <= 2
    assert classes[-1] >= 9
    early, late = (np.mean([f.accuracy for f in part]) for part in (frames[1:6], frames[-5:]))
    assert late < early


def test_its_newest_keyframe_is_the_run_it_shows(run: Run) -> None:
    trainer, frame = trainer_at(run), run.store[-1]
    assert isinstance(frame, GanFrame)
    assert trainer.position == frame.position
    assert judge(trainer, frame.fake) == pytest.approx(frame.d_fake, abs=0.02)  # its images are of 256 levels
    assert list(trainer.losses_d) == pytest.approx(frame.loss_d.tolist())
