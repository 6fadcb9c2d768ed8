"""The engine's process by transcript: it does what the worker does, and its end takes nothing along but its runs."""

from __future__ import annotations

import gc
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain import messages
from diffviz.domain.cards import Card
from diffviz.domain.channel import HEAD
from diffviz.domain.errors import ProcessLost
from diffviz.domain.frames import Checkpoint
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
    ShareThreads,
    Start,
    UseDevice,
)
from diffviz.domain.sentences import sentence
from diffviz.domain.serialization import pack
from diffviz.domain.store import Budget
from diffviz.domain.wire import Codec, Setup
from diffviz.session import child_client
from diffviz.session.child_client import ChildClient
from tests.session.toy_host import COMMAND, MORE
from tests.session.toys import Count, CountFrame, Echo, Recorder, Transcript

LONG = 30_000
TERMINAL = {"Finished", "Cancelled", "Failed"}
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


class Bench:
    """A process with a toy, and what came from it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.budget = Budget(1 << 20)
        self.link = ChildClient(Setup({}, "cpu", 3), self.budget, COMMAND, MORE)
        self.recorder = Recorder()
        self.link.received.connect(self.recorder.take)

    @property
    def transcript(self) -> Transcript:
        return self.recorder.transcript

    def until(self, *names: str, run_id: int | None = None, count: int = 1) -> None:
        self.qtbot.waitUntil(lambda: sum(n in names for n in self.transcript.names(run_id)) >= count, timeout=LONG)

    def frames(self, run_id: int, count: int) -> None:
        self.qtbot.waitUntil(lambda: len(self.transcript.frames(run_id)) >= count, timeout=LONG)

    def answer(self, word: str) -> object:
        asked = f"{word} {len(self.transcript.events)}"
        self.link.send(Ask(asked, Echo(word)))
        self.qtbot.waitUntil(lambda: any(a.view == asked for a in self.answers()), timeout=LONG)
        return next(a.answer for a in self.answers() if a.view == asked)

    def answers(self) -> list[Answered]:
        return [event for event in self.transcript.events if isinstance(event, Answered)]

    def started(self) -> int:
        assert self.answer("pid") == self.link.pid
        assert self.link.pid is not None
        return self.link.pid


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    threads = set(threading.enumerate())
    bench = Bench(qtbot)
    yield bench
    pid = bench.link.pid
    assert bench.link.close()
    assert set(threading.enumerate()) <= threads
    assert pid is None or gone(pid)


def gone(pid: int) -> bool:
    """Whether there is no process `pid`, not even one that nobody has asked how it ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_there_is_no_process_before_it_is_needed(bench: Bench) -> None:
    bench.link.send(Cancel(1))
    bench.link.send(UseDevice("mps"))
    bench.link.send(ShareThreads(2))
    assert bench.link.pid is None
    assert bench.answer("device") == "mps"


def test_models_come_and_go_before_it_is_there_and_after(bench: Bench) -> None:
    one, other = (Card(name, name, "gan", Path(), (1, 28, 28)) for name in ("one", "other"))
    bench.link.send(AddCard(one))
    bench.link.send(AddCard(other))
    bench.link.send(RemoveCard("one"))
    assert bench.answer("models") == ("other",)
    bench.link.send(AddCard(one))
    assert bench.answer("models") == ("other", "one")
    bench.answer("die 9")
    assert bench.answer("models") == ("other", "one"), "another process knows them as well"


def test_frames_come_whole_and_in_order(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=300, size=50_000)))
    bench.until("Finished")
    assert bench.transcript.squeezed(1) == ["Started", "FramesReady", "Finished"]
    frames = [frame for e in bench.transcript.events if isinstance(e, FramesReady) for frame in e.frames]
    assert [frame.position for frame in frames] == list(range(300))
    for frame in frames:
        assert isinstance(frame, CountFrame)
        assert np.array_equal(frame.value, np.full(50_000, frame.position, np.float32))
        assert not frame.value.flags.writeable


def test_a_frame_that_is_larger_than_the_shared_memory(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=3, size=12 << 20)))
    bench.until("Finished")
    assert bench.transcript.frames(1) == [0, 1, 2]


def test_it_waits_while_nobody_takes_its_frames(bench: Bench) -> None:
    bench.started()
    bench.link.send(Start(1, "a", Count(to=200, size=1 << 19)))
    child = bench.link._child
    assert child is not None
    size = len(child.ring._data)
    event = threading.Event()
    arrived = child._arrived
    come: list[int] = []

    def counted(*message: object) -> None:
        arrived(*message)
        if isinstance(message[1], FramesReady):
            come.append(sum(frame.nbytes for frame in message[1].frames))
        if sum(come) > size // 2:
            event.set()

    child._arrived = counted
    assert event.wait(20)  # the main thread takes nothing meanwhile
    assert sum(come) <= size
    bench.until("Finished")
    assert bench.transcript.frames(1) == list(range(200))


def test_cancel_reaches_into_a_long_step(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(block=True)))
    bench.until("Started")
    bench.link.send(Cancel(1))
    bench.until("Cancelled")
    assert [n for n in bench.transcript.names(1) if n in TERMINAL] == ["Cancelled"]
    bench.link.send(Start(2, "a", Count(block=True, seed=2)))
    bench.until("Started", run_id=2)
    bench.link.send(Start(3, "a", Count(to=2)))
    bench.until("Finished", run_id=3)
    assert bench.transcript.squeezed(2) == ["Started", "Cancelled"]


def test_pause_advance_resume_and_queries(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=10), held=True))
    bench.link.send(Advance(1, 2))
    bench.frames(1, 2)
    assert bench.answer("still here") == "still here"
    assert bench.transcript.frames(1) == [0, 1]
    bench.link.send(Resume(1))
    bench.until("Finished")
    assert bench.transcript.frames(1) == list(range(10))
    bench.link.send(Start(2, "a", Count(to=10**6, seconds=0.01)))
    bench.frames(2, 1)
    bench.link.send(Pause(2))
    bench.until("Paused", run_id=2)
    held = len(bench.transcript.frames(2))
    assert bench.answer("now") == "now"
    assert len(bench.transcript.frames(2)) == held


def test_runs_and_questions_that_fail(bench: Bench) -> None:
    bench.link.send(Start(1, "a", Count(to=5, trouble=3)))
    bench.until("Failed")
    failed = bench.transcript.events[-1]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, RuntimeError)
    assert 'raise RuntimeError("trouble")' in failed.details
    assert bench.transcript.frames(1) == [0, 1, 2]
    assert isinstance(bench.answer("trouble"), RuntimeError)
    assert isinstance(bench.answer("odd"), TypeError)
    assert bench.answer("here") == "here"


def test_what_libraries_print_is_no_message(bench: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    bench.answer("print")
    assert bench.answer("here") == "here"
    assert capfd.readouterr().err == "what a library has to say\n"


@pytest.mark.skipif(not hasattr(os, "nice"), reason="it is a flag of its start there")
def test_the_window_goes_first_and_threads_are_shared(bench: Bench) -> None:
    assert bench.answer("niceness") == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 3)
    bench.link.send(ShareThreads(2))
    assert bench.answer("among") == 2


def test_both_count_against_one_budget(bench: Bench) -> None:
    bench.started()
    assert bench.answer("take 600000") is True
    assert not bench.budget.take(600_000)
    assert bench.budget.take(300_000)
    assert bench.answer("take 200000") is False
    bench.budget.limit = 2 << 20
    assert bench.answer("take 200000") is True
    bench.answer("die 9")
    assert bench.budget.take((2 << 20) - 300_000), "what it had taken is free"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("die 9", "was killed, as the system does where memory runs out; what came of it is kept: start it again"),
        ("die 11", "ended by itself (signal 11); what came of it is kept: start it again."),
        ("leave 3", "ended by itself (exit code 3); what came of it is kept: start it again."),
        ("leave 0", "ended by itself (exit code 0); what came of it is kept: start it again."),
    ],
)
def test_its_end_is_said_and_the_next_run_starts_another(bench: Bench, word: str, expected: str) -> None:
    bench.link.send(Start(1, "a", Count(to=10**6, seconds=0.001)))
    bench.link.send(Start(2, "b", Count(to=10, seed=2)))
    bench.frames(1, 5)
    before = bench.link.pid
    error = bench.answer(word)
    bench.until("Failed", count=2)
    assert isinstance(error, ProcessLost)
    failed = [event for event in bench.transcript.events if isinstance(event, Failed)]
    assert {event.run_id for event in failed} == {1, 2}
    assert all(expected in sentence(event.error) for event in failed)
    assert len(bench.transcript.frames(1)) >= 5
    assert bench.link.pid is None
    bench.link.send(Start(3, "a", Count(to=3)))
    bench.until("Finished", run_id=3)
    assert bench.link.pid not in (None, before)


@LINUX
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_killed_at_any_moment(bench: Bench, seed: int) -> None:
    """Ten times each: whatever it was doing, there is one end of the run, what came is in order, the next one works."""
    rng = random.Random(seed)
    bench.started()
    before = held()
    for n in range(1, 11):
        request = Count(to=10**6, size=rng.choice([1, 1000, 1 << 16, 1 << 20]), seed=n)
        pid = bench.started()
        bench.link.send(Start(n, "a", request))
        if rng.random() < 0.7:
            bench.frames(n, rng.randrange(1, 60))
        threading.Event().wait(rng.uniform(0, 0.01))
        os.kill(pid, signal.SIGKILL)
        bench.until("Failed", run_id=n)
        assert [name for name in bench.transcript.names(n) if name in TERMINAL] == ["Failed"]
        came = [f for e in bench.transcript.events if isinstance(e, FramesReady) and e.run_id == n for f in e.frames]
        assert [frame.position for frame in came] == list(range(len(came)))
        assert all(isinstance(f, CountFrame) and (f.value == f.position).all() for f in came)
        assert gone(pid)
        bench.transcript.events.clear()
    bench.started()
    after = held()
    assert after[0] <= before[0]  # what an earlier test had open may be closed by now
    assert after[1] == before[1]


@LINUX
def test_a_run_sent_to_a_process_that_has_just_died(bench: Bench) -> None:
    pid = bench.started()
    child = bench.link._child
    assert child is not None
    os.kill(pid, signal.SIGKILL)
    child.process.wait()  # and the main thread has not heard of it
    bench.link.send(Start(1, "a", Count(to=3)))
    bench.until("Finished", run_id=1)


@LINUX
def test_one_that_hangs_is_ended_with_the_window(qtbot: QtBot) -> None:
    bench = Bench(qtbot)
    pid = bench.started()
    bench.link.send(Ask("view", Echo("hang")))
    assert bench.link.close()
    assert gone(pid)


def test_garbage_ends_it(bench: Bench) -> None:
    bench.started()
    child = bench.link._child
    assert child is not None
    child._channel._in.decode = lambda data: [].pop() if not data else (_ for _ in ()).throw(ValueError("x"))  # type: ignore[method-assign]
    error = bench.answer("here")
    assert isinstance(error, ProcessLost)
    assert bench.answer("here") == "here"


@LINUX
def test_one_that_answers_no_cancel_is_ended_and_the_next_run_starts_another(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = bench.started()
    bench.link.send(Start(1, "a", Count(to=10**6, seconds=0.001)))
    bench.link.send(Start(2, "b", Count(seed=2)))
    bench.frames(1, 3)
    monkeypatch.setattr(child_client, "ANSWER_SECONDS", 0.3)
    os.kill(pid, signal.SIGSTOP)
    bench.link.send(Cancel(1))
    bench.until("Cancelled", run_id=1)
    bench.until("Failed", run_id=2)
    [failed] = [event for event in bench.transcript.events if isinstance(event, Failed)]
    assert "did not answer" in sentence(failed.error)
    assert gone(pid)
    bench.link.send(Start(3, "a", Count(to=3)))
    bench.until("Finished", run_id=3)


def test_one_that_answers_is_left_alone(bench: Bench) -> None:
    pid = bench.started()
    bench.link.send(Start(1, "a", Count(block=True)))
    bench.until("Started")
    bench.link.send(Cancel(1))
    assert bench.link._impatience.isActive()
    bench.until("Cancelled")
    bench.link._end_stuck()
    assert (bench.link.pid, bench.link._cancelled) == (pid, {})


@LINUX
def test_of_runs_that_have_ended_the_newest_are_known(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_client, "KNOWN_RUNS", 2)
    short, long = [Count(to=n) for n in range(1, 4)], Count(to=10**6, seconds=0.01, seed=3)
    for run_id, request in enumerate(short):
        bench.link.send(Start(run_id, "a", request))
        bench.until("Finished", run_id=run_id)
    bench.link.send(Start(9, "b", long))
    bench.link.send(Start(10, "a", Count(to=7)))
    assert [bench.link.knows(request) for request in (*short, long)] == [False, True, True, True]
    bench.link.send(Cancel(9))
    bench.until("Cancelled", run_id=9)


def test_what_a_process_knows_ends_with_it(bench: Bench) -> None:
    """A run sent in the moment between the end of one and the word of it lives in the next one."""
    first, second = Count(to=3), Count(to=3, seed=2)
    pid = bench.started()
    bench.link.send(Start(1, "a", first))
    bench.until("Finished", run_id=1)
    assert bench.link.knows(first)
    child = bench.link._child
    assert child is not None
    bench.link.send(Start(2, "b", Count(to=10**6, seconds=0.01, seed=3)))
    os.kill(pid, signal.SIGKILL)
    child.process.wait()
    assert not bench.link.knows(first)
    bench.link.send(Start(3, "a", second))
    bench.until("Failed", run_id=2)
    bench.until("Finished", run_id=3)
    assert bench.link.knows(second)
    assert not bench.link.knows(first)


ODD = """
import os, sys
os.read(0, 1)
os.write(1, bytes.fromhex(sys.argv[1]))
while os.read(0, 1 << 16):
    pass
"""
NAMES = {
    "m": messages,
    "np": np,
    "one": np.zeros(1, np.float32),
    "Checkpoint": Checkpoint,
    "CountFrame": CountFrame,
    "ProcessLost": ProcessLost,
}


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("None", 0),
        ("5", 0),
        ("'text'", 0),
        ("np.zeros(3)", 0),
        ("m.Cancel(1)", 0),
        ("m.Finished('x')", 0),
        ("m.Finished(77)", 0),
        ("m.FramesReady(1, 7)", 0),
        ("m.FramesReady(1, ())", 0),
        ("m.FramesReady(1, (5, 'x'))", 0),
        ("m.FramesReady(1, (CountFrame('x', one),))", 0),
        ("m.FramesReady(1, (CountFrame(float('nan'), one),))", 0),
        ("m.FramesReady(1, (CountFrame(1.0, None),))", 0),
        ("m.FramesReady(1, (CountFrame(1.0, np.array(['x'])),))", 0),
        ("m.CheckpointReady(1, Checkpoint(1.0, 'x'))", 0),
        ("m.Failed(1, 'x', '')", 0),
        ("m.Failed(1, ProcessLost('x', None, 3), 5)", 0),
        ("m.Ready(None)", 0),
        ("m.Answered(None, None)", 0),
        ("m.Started(1)", 1 << 62),
        ("m.Started(1)", (1 << 64) - 1),
        ("{'array': ['V0', [0], b'']}", 0),
        ("{'array': ['O', [1], b'12345678']}", 0),
        ("{'raised': ['SystemExit', [3]]}", 0),
    ],
)
def test_what_is_no_event_ends_it(qtbot: QtBot, said: str, end: int) -> None:
    what = eval(said, dict(NAMES))
    data = pack(what) if isinstance(what, dict) else Codec(more=MORE).encode(what)
    sent = HEAD.pack(len(data), end) + data
    link = ChildClient(Setup({}, "cpu"), Budget(), (sys.executable, "-S", "-c", ODD, sent.hex()), MORE)
    recorder = Recorder()
    link.received.connect(recorder.take)
    link.send(Start(1, "a", Count()))
    qtbot.waitUntil(lambda: bool(recorder.transcript.events), timeout=LONG)
    [failed] = recorder.transcript.events
    assert isinstance(failed, Failed)
    assert "cannot be read" in sentence(failed.error)
    assert link.close()


def test_a_program_that_cannot_be_started(qtbot: QtBot, tmp_path: Path) -> None:
    link = ChildClient(Setup({}, "cpu"), Budget(), [str(tmp_path / "nothing")])
    recorder = Recorder()
    link.received.connect(recorder.take)
    link.send(Start(1, "a", Count()))
    link.send(Ask("view", Echo("x")))
    qtbot.waitUntil(lambda: len(recorder.transcript.events) == 2, timeout=LONG)
    assert recorder.transcript.names() == ["Failed", "Answered"]
    assert link.close()


PARENT = """
import os, signal, sys
from PySide6.QtCore import QCoreApplication, QTimer
from diffviz.domain.messages import Start
from diffviz.domain.store import Budget
from diffviz.domain.wire import Setup
from diffviz.session.child_client import ChildClient
from tests.session.toy_host import COMMAND, MORE
from tests.session.toys import Count
app = QCoreApplication([])
link = ChildClient(Setup({}, "cpu"), Budget(), COMMAND, MORE)
def came(event):
    print(link.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
link.received.connect(came)
link.send(Start(1, "a", Count(block=sys.argv[1] == "block", to=10**6)))
app.exec()
"""


@LINUX
@pytest.mark.parametrize("doing", ["block", "count"])
def test_it_ends_with_a_window_that_is_killed(qtbot: QtBot, doing: str) -> None:
    done = subprocess.run([sys.executable, "-c", PARENT, doing], capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr
    pid = int(done.stdout.split()[0])
    qtbot.waitUntil(lambda: gone(pid) or zombie(pid), timeout=LONG)


def zombie(pid: int) -> bool:
    """Whether process `pid` has ended and nobody asked how: its parent is gone, and whoever took it over is slow."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def held() -> tuple[int, int]:
    """Open handles of this process, and blocks of memory that it shares."""
    gc.collect()
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    return len(list(Path("/proc/self/fd").iterdir())), maps.count("memfd:diffviz")
