"""Real trainings in the engine's process: killed at any moment, out of memory, and in the window of the program."""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import sys
import threading
from collections.abc import Iterator
from typing import NoReturn

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.errors import ProcessLost
from diffviz.domain.gan import AskD, GanFrame, GanRequest, Judged, Pictures
from diffviz.domain.requests import Step
from diffviz.domain.sentences import sentence
from diffviz.domain.store import Budget
from diffviz.domain.wire import Setup
from diffviz.families import plan_of
from diffviz.session.child_client import ChildClient, host_command
from diffviz.session.engines import Engines, WorkerClient
from diffviz.session.run import Run, Status
from diffviz.session.session import Session

LONG = 120_000
ENDLESS = GanRequest(steps=500_000, every=5, batch=16, capacity=8)
LIMITED = """
import resource, sys
from diffviz.engine import host
def make_engine(setup, budget):
    engine = host.local_engine(setup, budget)
    engine.warm_up(None)
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (400 << 20), resource.RLIM_INFINITY))
    return engine
host.main(sys.argv[1:], make_engine)
"""


class Program:
    """A session over both engines, as the program has it."""

    def __init__(self, qtbot: QtBot, command: tuple[str, ...] = ()) -> None:
        self._qtbot = qtbot
        budget = Budget(1 << 26)
        self.child = ChildClient(Setup({}, "cpu"), budget, command)
        self.session = Session(Engines(WorkerClient(no_engine), self.child), plan_of, {}, budget)

    def until(self, run: Run, frames: int) -> None:
        self._qtbot.waitUntil(lambda: len(run.store) >= frames or run.status.final, timeout=LONG)

    def ended(self, run: Run) -> Run:
        self._qtbot.waitUntil(lambda: run.status.final, timeout=LONG)
        return run


def no_engine() -> NoReturn:
    raise AssertionError("trainings are for the process")


@pytest.fixture
def program(qtbot: QtBot) -> Iterator[Program]:
    made = Program(qtbot)
    yield made
    assert made.session.close()


def in_order(run: Run) -> bool:
    """Whether the frames of `run` are the first that it should have."""
    return [frame.position for frame in run.store] == list(run.plan.positions[: len(run.store)])


def test_killed_while_it_trains(program: Program) -> None:
    """What came is kept, the next use starts another process, and the training can go on from its last keyframe."""
    rng = random.Random(0)
    for n in range(2):
        request = dataclasses.replace(ENDLESS, seed=n)
        run = program.session.start(request, "gan")
        program.until(run, 1 + rng.randrange(8))
        threading.Event().wait(rng.uniform(0, 0.05))
        assert program.child.pid is not None
        os.kill(program.child.pid, signal.SIGKILL)
        program.ended(run)
        assert run.status is Status.FAILED
        assert isinstance(run.error, ProcessLost)
        assert len(run.store) > 0
        assert in_order(run)
    last = run.store[-1].position
    on = dataclasses.replace(request, start=Step(request, last), steps=int(last) + 10)
    child = program.ended(program.session.start(on, "gan"))
    assert child.status is Status.FINISHED, child.details
    whole = program.ended(program.session.start(dataclasses.replace(request, steps=int(last) + 10), "gan"))
    one, other = child.store[-1], whole.store[-1]
    assert isinstance(one, GanFrame)
    assert isinstance(other, GanFrame)
    np.testing.assert_array_equal(one.fake, other.fake)


def test_killed_while_it_starts(program: Program) -> None:
    run = program.session.start(ENDLESS, "gan")
    assert program.child.pid is not None
    os.kill(program.child.pid, signal.SIGKILL)
    assert program.ended(run).status is Status.FAILED
    short = program.session.start(dataclasses.replace(ENDLESS, steps=5), "gan")
    assert program.ended(short).status is Status.FINISHED, short.details


def test_the_networks_of_past_steps_are_asked_where_they_are(program: Program, qtbot: QtBot) -> None:
    request = dataclasses.replace(ENDLESS, steps=20)
    run = program.ended(program.session.start(request, "gan"))
    frame = run.store[1]
    assert isinstance(frame, GanFrame)
    with qtbot.waitSignal(program.session.answered, timeout=LONG) as answered:
        program.session.ask("hover", AskD(request, frame.position, frame.fake))
    (_, answer) = answered.args
    assert isinstance(answer, Judged)
    np.testing.assert_allclose(answer.d, frame.d_fake, rtol=1e-5)


@pytest.mark.skipif(sys.platform != "linux", reason="limits are not obeyed everywhere")
def test_without_memory_it_is_said_what_to_do(qtbot: QtBot) -> None:
    program = Program(qtbot, (sys.executable, "-c", LIMITED))
    large = GanRequest(data=Pictures("fashion-mnist"), batch=4096, capacity=512, steps=10, every=1)
    run = program.ended(program.session.start(large, "gan"))
    assert run.status is Status.FAILED
    assert run.error is not None
    assert any(part in sentence(run.error) for part in ("choose 2048 or fewer", "start it again, with a smaller batch"))
    small = program.ended(program.session.start(dataclasses.replace(ENDLESS, steps=5), "gan"))
    assert small.status is Status.FINISHED, small.details
    assert program.session.close()


def test_the_command_is_that_of_the_program() -> None:
    assert host_command()[-3:] == ("-m", "diffviz", "--engine-host")
