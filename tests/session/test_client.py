"""Runs over the link, by transcript: what the worker emits, in order, for every way a run can go."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.cards import Card
from diffviz.domain.messages import (
    AddCard,
    Advance,
    Answered,
    Ask,
    Cancel,
    Failed,
    FramesReady,
    Pause,
    RemoveCard,
    Resume,
    Start,
    Unready,
    UseDevice,
    WarmUp,
)
from diffviz.session.engines import WorkerClient
from tests.session.toys import Count, Echo, Recorder, ToyEngine, Transcript

TERMINAL = {"Finished", "Cancelled", "Failed"}


class Bench:
    """A link to a toy engine and what came over it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.engine = ToyEngine()
        self.link = WorkerClient(lambda: self.engine)
        self.recorder = Recorder()
        self.link.received.connect(self.recorder.take)

    @property
    def transcript(self) -> Transcript:
        return self.recorder.transcript

    def until(self, *names: str, run_id: int | None = None, count: int = 1) -> None:
        self.qtbot.waitUntil(lambda: sum(n in names for n in self.transcript.names(run_id)) >= count)

    def frames(self, run_id: int, count: int) -> None:
        self.qtbot.waitUntil(lambda: len(self.transcript.frames(run_id)) >= count)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench(qtbot)
    yield bench
    bench.engine.gate.release(1000)
    assert bench.link.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is the thread's priority")
def test_the_window_goes_first(qtbot: QtBot) -> None:
    found: list[int] = []

    def make_engine() -> ToyEngine:
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return ToyEngine()

    link = WorkerClient(make_engine)
    link.send(WarmUp())
    qtbot.waitUntil(lambda: bool(found))
    assert link.close()
    assert found[0] > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_finish(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=5)))
    bench.until("Finished")
    assert bench.transcript.squeezed(1) == ["Started", "FramesReady", "Finished"]
    assert bench.transcript.frames(1) == [0, 1, 2, 3, 4]
    assert bench.engine.closed == [42]


def test_frames_are_gathered(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=2000)))
    bench.until("Finished")
    assert bench.transcript.names(1).count("FramesReady") < 1000
    assert len(bench.transcript.frames(1)) == 2000


def test_cancel_between_two_steps(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=1000, gate=True)))
    bench.engine.gate.release(3)
    bench.frames(1, 3)
    bench.link.send(Cancel(1))
    bench.engine.gate.release()
    bench.until("Cancelled")
    assert bench.transcript.names(1)[-1] == "Cancelled"
    assert bench.transcript.frames(1)[:3] == [0, 1, 2]
    assert bench.engine.closed == [42]


def test_cancel_reaches_into_a_long_step(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(block=True)))
    bench.until("Started")
    bench.link.send(Cancel(1))
    bench.until("Cancelled")
    assert [n for n in bench.transcript.names(1) if n in TERMINAL] == ["Cancelled"]


def test_superseded_in_the_same_slot(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(block=True, seed=1)))
    bench.until("Started")
    bench.link.send(Start(2, "a", Count(to=3, seed=2)))
    bench.until("Finished", run_id=2)
    assert bench.transcript.squeezed(1) == ["Started", "Cancelled"]
    assert bench.transcript.squeezed(2)[-2:] == ["FramesReady", "Finished"]
    names = bench.transcript.names()
    assert names.index("Cancelled") < names.index("Finished")


def test_two_slots_wait_for_each_other(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=3, gate=True, seed=1)))
    bench.link.send(Start(2, "b", Count(to=2, seed=2)))
    bench.engine.gate.release(3)
    bench.until("Finished", count=2)
    assert bench.transcript.squeezed(1) == ["Started", "FramesReady", "Finished"]
    assert bench.transcript.squeezed(2) == ["Queued", "Started", "FramesReady", "Finished"]
    events = bench.transcript.events
    ended = next(i for i, e in enumerate(events) if type(e).__name__ == "Finished" and getattr(e, "run_id", 0) == 1)
    started = next(i for i, e in enumerate(events) if type(e).__name__ == "Started" and getattr(e, "run_id", 0) == 2)
    assert ended < started


def test_queued_run_can_be_cancelled(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=1, gate=True)))
    bench.link.send(Start(2, "b", Count(to=2)))
    bench.link.send(Cancel(2))
    bench.engine.gate.release(2)
    bench.until("Finished", run_id=1)
    bench.until("Cancelled", run_id=2)
    assert "Started" not in bench.transcript.names(2)


def test_query_during_a_run_newest_wins(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=2, gate=True)))
    bench.until("Started")
    for word in ("old", "older", "new"):
        bench.link.send(Ask("hover", Echo(word)))
    bench.link.send(Ask("other", Echo("else")))
    bench.engine.gate.release(2)
    bench.until("Answered", count=2)
    bench.until("Finished")
    answers = [(e.view, e.answer) for e in bench.transcript.events if isinstance(e, Answered)]
    assert sorted(answers) == [("hover", "new"), ("other", "else")]
    assert bench.transcript.frames(1) == [0, 1]


def test_a_query_that_is_not_ready_is_asked_again_after_a_step_of_the_run_and_after_others(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=4, gate=True)))
    bench.until("Started")
    bench.link.send(Ask("slow", Echo("later")))
    bench.link.send(Ask("quick", Echo("at once")))
    bench.engine.gate.release(4)
    bench.until("Answered", count=2)
    bench.until("Finished")
    events = bench.transcript.events
    answers = [e.view for e in events if isinstance(e, Answered)]
    assert answers == ["quick", "slow"]
    assert bench.engine.asked == ["later", "at once", "later", "later"]
    slow = next(i for i, e in enumerate(events) if isinstance(e, Answered) and e.view == "slow")
    assert sum(len(e.frames) for e in events[:slow] if isinstance(e, FramesReady)) >= 2


def test_a_newer_query_takes_the_place_of_one_that_is_not_ready(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=2, gate=True)))
    bench.until("Started")
    bench.link.send(Ask("hover", Echo("later")))
    bench.engine.gate.release(1)
    bench.until("FramesReady")
    bench.link.send(Ask("hover", Echo("new")))
    bench.engine.gate.release(1)
    bench.until("Answered")
    bench.until("Finished")
    assert [e.answer for e in bench.transcript.events if isinstance(e, Answered)] == ["new"]


def test_what_a_run_needs_first_is_no_frame_and_queries_are_answered_meanwhile(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=2, parts=4)))
    bench.until("Started")
    bench.link.send(Ask("hover", Echo("quick")))
    bench.until("Finished")
    events = bench.transcript.events
    kinds = [type(event).__name__ for event in events]
    assert kinds.index("Answered") < kinds.index("FramesReady")
    assert bench.transcript.frames(1) == [0.0, 1.0]


def test_a_step_by_hand_comes_after_what_the_run_needs_first(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=3, parts=2), held=True))
    bench.link.send(Advance(1, 1))
    bench.until("FramesReady")
    assert bench.transcript.frames(1) == [0.0]
    bench.link.send(Advance(1, 1))
    bench.until("FramesReady", count=2)
    assert bench.transcript.frames(1) == [0.0, 1.0]
    bench.link.send(Cancel(1))
    bench.until("Cancelled")


def test_query_when_idle_and_query_that_fails(bench: Bench) -> None:
    bench.link.send(Ask("hover", Echo("trouble")))
    bench.until("Answered")
    answer = bench.transcript.events[0]
    assert isinstance(answer, Answered)
    assert isinstance(answer.answer, RuntimeError)


def test_pause_advance_and_resume(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=10, gate=True)))
    bench.engine.gate.release(2)
    bench.frames(1, 2)
    bench.link.send(Pause(1))
    bench.engine.gate.release()
    bench.until("Paused")
    held = len(bench.transcript.frames(1))
    bench.engine.gate.release(100)
    bench.link.send(Ask("hover", Echo("still here")))
    bench.until("Answered")
    assert len(bench.transcript.frames(1)) == held
    bench.link.send(Advance(1, 2))
    bench.frames(1, held + 2)
    bench.link.send(Ask("hover", Echo("and here")))
    bench.until("Answered", count=2)
    assert len(bench.transcript.frames(1)) == held + 2
    bench.link.send(Resume(1))
    bench.until("Finished")
    assert bench.transcript.frames(1) == list(range(10))


def test_paused_run_lets_another_go_on(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=3, gate=True, seed=1)))
    bench.link.send(Pause(1))
    bench.link.send(Start(2, "b", Count(to=2, seed=2)))
    bench.engine.gate.release(1)
    bench.until("Finished", run_id=2)
    assert "Finished" not in bench.transcript.names(1)


def test_a_step_asked_for_by_hand_does_not_wait_for_a_long_run(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=10**6, gate=True, seed=1)))
    bench.engine.gate.release(1)
    bench.frames(1, 1)
    bench.link.send(Start(2, "b", Count(to=5, seed=2)))
    bench.link.send(Pause(2))
    bench.link.send(Advance(2, 2))
    bench.engine.gate.release(1)  # for the step that has begun
    bench.frames(2, 2)
    assert bench.transcript.frames(2) == [0, 1]
    bench.link.send(Cancel(1))
    bench.engine.gate.release()
    bench.until("Cancelled", run_id=1)


def test_a_run_resumed_while_another_advances_waits_and_says_so(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=3, gate=True, seed=1)))
    bench.engine.gate.release(1)
    bench.frames(1, 1)
    bench.link.send(Pause(1))
    bench.engine.gate.release(1)  # for the step that may have begun
    bench.until("Paused")
    bench.link.send(Start(2, "b", Count(to=4, gate=True, seed=2)))
    bench.until("Started", run_id=2)
    bench.link.send(Resume(1))
    bench.engine.gate.release(20)
    bench.until("Finished", count=2)
    assert bench.transcript.squeezed(1)[-4:] == ["Queued", "Resumed", "FramesReady", "Finished"]
    assert bench.transcript.frames(1) == [0, 1, 2]
    order = [(type(e).__name__, getattr(e, "run_id", 0)) for e in bench.transcript.events]
    assert order.index(("Finished", 2)) < order.index(("Resumed", 1))


def test_runtime_error_becomes_failed(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=5, trouble=3)))
    bench.until("Failed")
    failed = bench.transcript.events[-1]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, RuntimeError)
    assert "trouble" in failed.details
    assert failed.error.__traceback__ is None  # it would keep the tensors of the step that failed
    assert bench.transcript.frames(1) == [0, 1, 2]
    bench.link.send(Start(2, "a", Count(to=1)))
    bench.until("Finished", run_id=2)


def test_cancel_when_idle_does_nothing(bench: Bench) -> None:
    bench.link.send(Cancel(7))
    bench.link.send(Ask("hover", Echo("here")))
    bench.until("Answered")
    assert bench.transcript.names() == ["Answered"]


def test_device_and_warm_up(bench: Bench) -> None:
    bench.link.send(WarmUp(None))
    bench.until("Ready")
    bench.link.send(UseDevice("cuda"))
    bench.link.send(WarmUp("missing"))
    bench.until("Unready", count=2)
    assert all(isinstance(e.error, RuntimeError) for e in bench.transcript.events if isinstance(e, Unready))


@pytest.mark.parametrize("request_", [Count(to=10**9), Count(block=True)])
def test_quit_while_running(qtbot: QtBot, request_: Count) -> None:
    bench = Bench(qtbot)
    bench.link.send(Start(1, "a", request_))
    bench.until("Started")
    assert bench.link.close()
    assert bench.engine.closed == [42]


@pytest.mark.parametrize("commands", [1, 2, 3])
def test_exactly_one_terminal_event(bench: Bench, commands: int) -> None:
    for i in range(commands):
        bench.link.send(Start(i, "a", Count(to=50, seed=i)))
        bench.link.send(Cancel(i))
    for i in range(commands):
        bench.until(*TERMINAL, run_id=i)
        assert sum(n in TERMINAL for n in bench.transcript.names(i)) == 1
        assert bench.transcript.names(i)[-1] in TERMINAL


def test_models_come_and_go_between_two_steps(bench: Bench) -> None:
    card = Card("toy", "Toy", "diffusion", Path("toy"), (1, 4, 4))
    bench.link.send(Start(1, "a", Count(to=3, gate=True)))
    bench.link.send(AddCard(card))
    bench.link.send(AddCard(replace(card, id="other")))
    bench.link.send(RemoveCard("toy"))
    bench.engine.gate.release(3)
    bench.until("Finished", run_id=1)
    assert bench.engine.models == ["other"]
