"""Two engines behind one link: what goes where, and how they share the threads."""

from __future__ import annotations

import numpy as np
import pytest

from diffviz.domain import messages
from diffviz.domain.gan import AskD, GanRequest
from diffviz.domain.messages import Event
from diffviz.domain.requests import Request, ReverseRequest
from diffviz.session.engines import Engines
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
