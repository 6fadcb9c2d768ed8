"""How far a run is, in whole percent: never all before all is there."""

from __future__ import annotations

import pytest

from diffviz.domain.gan import GanRequest
from diffviz.domain.messages import Finished, FramesReady, Loading, Paused, Resumed, Started
from diffviz.domain.requests import ReverseRequest
from diffviz.ui.forms import train_panel
from diffviz.ui.forms.run_panel import percent_text, progress_text, share_of
from tests.ui.forms.fakes import Stage, card, frames_at


@pytest.mark.parametrize(("frames", "said"), [(0, ""), (1, "0%"), (2, "1%"), (58, "57%"), (100, "99%"), (101, "")])
def test_a_part_is_rounded_down_and_the_whole_is_no_part(qapp: object, frames: int, said: str) -> None:
    stage = Stage(card())
    run = stage.session.start(ReverseRequest(model="toy", steps=100, samples=1), "r")
    stage.compute(run, frames)
    assert len(run.plan.positions) == 101
    assert share_of(run) == frames / 101
    assert percent_text(run) == said


@pytest.mark.parametrize(("frames", "said"), [(0, ""), (5, ""), (11, "10%"), (20, "10%"), (100, "90%"), (101, "")])
def test_longer_steps_are_rounded_down_too(qapp: object, frames: int, said: str) -> None:
    stage = Stage(card())
    run = stage.session.start(ReverseRequest(model="toy", steps=100, samples=1), "r")
    stage.compute(run, frames)
    assert percent_text(run, 10) == said


def test_what_is_loaded_of_a_network_is_said_in_bytes(qapp: object) -> None:
    stage = Stage(card())
    run = stage.session.start(ReverseRequest(model="toy", steps=100, samples=1), "r")
    stage.say(Started(run.id))
    assert "torch" in progress_text(run, stage.session)
    stage.say(Loading(run.id, 30_000_000, 120_000_000))
    assert progress_text(run, stage.session).replace("\xa0", " ") == "loading the model: 30 MB of 120 MB"
    stage.compute(run, 2)
    assert "model" not in progress_text(run, stage.session)


class Training(Stage):
    """A training of 40,000 steps, the time of which is the test's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.now = 100.0
        monkeypatch.setattr("diffviz.session.run.time.monotonic", lambda: self.now)
        self.run = self.session.start(GanRequest(steps=40_000, every=100), "gan/training")

    def reach(self, position: float, after: float) -> str:
        """What is said when `position` is there, `after` seconds later."""
        self.now += after
        self.say(FramesReady(self.run.id, frames_at([position])))
        return self.told()

    def told(self) -> str:
        return train_panel.training_text(self.run, self.session).replace("\xa0", " ")


@pytest.fixture
def training(qapp: object, monkeypatch: pytest.MonkeyPatch) -> Training:
    made = Training(monkeypatch)
    made.say(Started(made.run.id))
    return made


def test_a_speed_is_told_once_it_is_one(training: Training) -> None:
    """What was waited for before the first frame is no part of it, nor one frame that came at once."""
    assert training.reach(0, 30.0) == "0 / 40,000 steps · measuring the speed…"
    assert training.reach(100, 0.5) == "100 / 40,000 steps · measuring the speed…"
    assert training.reach(200, 0.5) == "200 / 40,000 steps · 200 steps/s · 3 min 19 s left"


def test_a_speed_is_that_of_late(training: Training) -> None:
    for step in range(40):
        training.reach(100.0 * step, 10.0)
    for step in range(40, 70):
        told = training.reach(100.0 * step, 1.0)
    assert told == "6,900 / 40,000 steps · 100 steps/s · 5 min 31 s left"


def test_a_speed_that_says_nothing_of_the_time_is_not_told(training: Training) -> None:
    training.reach(0, 1.0)
    assert training.reach(0, 100.0) == "0 / 40,000 steps · measuring the speed…"
    assert "left" not in training.reach(1, 1000.0)


def test_held_time_is_no_part_of_the_speed(training: Training) -> None:
    for step in range(3):
        training.reach(100.0 * step, 1.0)
    training.say(Paused(training.run.id))
    training.now += 1000.0
    assert training.reach(300, 1.0) == "paused at 300 / 40,000 steps"
    training.say(Resumed(training.run.id))
    assert "measuring" in training.reach(400, 1.0)
    assert training.reach(500, 1.0) == "500 / 40,000 steps · 100 steps/s · 6 min 35 s left"


def test_the_end_of_a_training_is_said_once(training: Training) -> None:
    training.reach(0, 3.0)
    training.reach(40_000, 80.0)
    training.say(Finished(training.run.id))
    assert training.told() == "done: 40,000 steps in 1 min 23 s"
    said, kept = train_panel.told_text(training.run, training.session).splitlines()
    assert said.replace("\xa0", " ") == training.told()
    assert "list of runs" in kept
    assert "Ctrl+S" in kept
    training.run.saved = training.run.mark
    assert train_panel.told_text(training.run, training.session).endswith("Saved with the session.")
