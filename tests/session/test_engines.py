"""Two engines behind one link: what goes where, and how they share the threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffviz.domain import messages, run_loop
from diffviz.domain.cards import read_card
from diffviz.domain.gan import AskD, GanRequest
from diffviz.domain.messages import Event
from diffviz.domain.requests import Request, ReverseRequest, Step
from diffviz.session.engines import Engines
from tests.foreign_folders import pipeline
from tests.session.toys import FakeLink, Recorder

TRAINING, REVERSE = GanRequest(), ReverseRequest()


class Pair:
    """Both engines are the test's."""

    def __init__(self) -> None:
        self.near, self.far = FakeLink(), FakeLink()
        self.link = Engines(self.near, self.far)
        self.recorder = Recorder()
        self.link.received.connect(self.recorder.take)

    def start(self, run_id: int, request: Request, slot: str = "", held: bool = False) -> None:
        self.link.send(messages.Start(run_id, slot or str(run_id), request, held=held))

    def parts(self) -> list[int]:
        """What the threads were shared among, in the order it was said; both hear the same."""
        found = [[c.among for c in e.sent if isinstance(c, messages.ShareThreads)] for e in (self.near, self.far)]
        assert found[0] == found[1]
        return found[0]

    def sent(self, engine: FakeLink, kind: type[object]) -> list[object]:
        return [command for command in engine.sent if isinstance(command, kind)]


@pytest.fixture
def pair(qapp: object) -> Pair:
    return Pair()


def test_trainings_go_to_the_process_and_what_is_said_of_them(pair: Pair) -> None:
    pair.start(1, TRAINING)
    pair.start(2, REVERSE)
    commands: list[messages.Command] = [
        messages.Pause(1),
        messages.Advance(1, 1, "D"),
        messages.Resume(1),
        messages.Cancel(1),
    ]
    for command in commands:
        pair.link.send(command)
    pair.link.send(messages.Cancel(2))
    assert [c for c in pair.far.sent if not isinstance(c, messages.Start | messages.ShareThreads)] == commands
    assert pair.near.sent[-1] == messages.Cancel(2)


def test_a_run_supersedes_that_of_its_slot_in_the_other_engine(pair: Pair) -> None:
    pair.start(1, TRAINING, "slot")
    pair.start(2, REVERSE, "slot")
    assert pair.sent(pair.far, messages.Cancel) == [messages.Cancel(1)]
    assert len(pair.sent(pair.near, messages.Start)) == 1
    pair.start(3, TRAINING, "slot")
    assert pair.sent(pair.near, messages.Cancel) == [messages.Cancel(2)]


def test_runs_of_other_programs_models_go_to_the_process(pair: Pair, tmp_path: Path) -> None:
    card = read_card(pipeline(tmp_path / "tiny"))
    asked = ReverseRequest(model="tiny")
    pair.start(1, asked)
    assert len(pair.sent(pair.near, messages.Start)) == 1, "nobody knows what it is yet"
    pair.link.send(messages.AddCard(card))
    pair.link.send(messages.WarmUp("tiny"))
    assert pair.near.sent[-1] == messages.WarmUp(None), "its library is loaded in the process only"
    pair.start(2, asked)
    pair.start(3, ReverseRequest(model="other", start=Step(asked, 500.0)))
    pair.start(4, ReverseRequest(model="other"))
    assert [each.run_id for each in pair.sent(pair.far, messages.Start)] == [2, 3]  # type: ignore[attr-defined]


class Weighty:
    """An engine whose network is read in three parts, two of them at once."""

    def interrupt_when(self, cancelled: Callable[[], bool]) -> None:
        del cancelled

    def frames(self, *_: object) -> Iterator[messages.Later]:
        yield messages.Later(0, 9)
        yield messages.Later(4, 9)
        yield messages.Later(9, 9)


def test_what_is_read_of_a_network_is_said_once_in_a_while() -> None:
    said: list[Event] = []
    made: Any = Weighty
    loop = run_loop.RunLoop(made, said.append, run_loop.Interrupts())
    loop.receive(messages.Start(1, "slot", REVERSE))
    while loop.waiting:
        loop.turn()
    assert said == [messages.Started(1), messages.Loading(1, 9, 9), messages.Finished(1)]


def test_questions_go_where_the_run_lives(pair: Pair) -> None:
    about = messages.Ask("hover", AskD(TRAINING, 5.0, np.zeros((1, 2), np.float32)))
    pair.link.send(about)
    assert pair.near.sent == [about], "a recorded training is looked into without a process"
    pair.start(1, TRAINING)
    pair.link.send(about)
    assert pair.far.sent[-1] == about
    pair.far.sent.clear()  # another process, which knows none of them
    pair.link.send(about)
    assert pair.near.sent[-1] == about


def test_what_is_for_all_goes_to_both_and_the_device_is_said_once(pair: Pair) -> None:
    pair.link.send(messages.UseDevice("cpu"))
    pair.link.send(messages.WarmUp())
    assert pair.far.sent == [messages.UseDevice("cpu")]
    assert pair.near.sent == [messages.UseDevice("cpu"), messages.WarmUp()]
    ready: Event = messages.Ready(messages.Device("cpu", "x", 1))
    for engine in (pair.near, pair.far):
        engine.received.emit(ready)
    assert pair.recorder.transcript.events == [ready]


def test_threads_are_shared_while_both_compute(pair: Pair) -> None:
    pair.start(1, TRAINING)
    pair.start(2, TRAINING)
    assert pair.parts() == []
    pair.start(3, REVERSE)
    assert pair.parts() == [2]
    pair.near.received.emit(messages.Finished(3))
    assert pair.parts() == [2, 1]
    pair.start(4, REVERSE, held=True)
    assert pair.parts() == [2, 1]
    pair.near.received.emit(messages.Resumed(4))
    pair.far.received.emit(messages.Paused(1))
    pair.far.received.emit(messages.Failed(2, RuntimeError(), ""))
    assert pair.parts() == [2, 1, 2, 1]
    pair.far.received.emit(messages.Resumed(1))
    assert pair.parts() == [2, 1, 2, 1, 2]


def test_both_end(pair: Pair) -> None:
    assert pair.link.close()
