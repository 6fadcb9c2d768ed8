"""An export off the calling thread: one outcome, no thread left, and frames that may vanish meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QObject, QThread
from pytestqt.qtbot import QtBot

from diffviz.domain.errors import ExportFailed
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.frames import Frame
from diffviz.domain.store import Budget, FrameStore
from diffviz.export import formats
from diffviz.session.file_task import Ending, ExportJob, Outcome, hung, snapshot
from tests.export.runs import reverse_run

SETTINGS = ExportSettings(scale=1)


class Outcomes(QObject):
    """Every signal of a job, and the thread it arrived on."""

    def __init__(self, job: ExportJob) -> None:
        super().__init__()
        self.names: list[str] = []
        self.progress: list[tuple[int, int]] = []
        self.threads: set[QThread] = set()
        self.running: list[bool] = []
        self.error: object = None
        self._job = job
        job.progress.connect(self._on_progress)
        job.ended.connect(self._on_ended)

    def _on_progress(self, done: int, total: int) -> None:
        self.progress.append((done, total))
        self.threads.add(QThread.currentThread())

    def _on_ended(self, outcome: Outcome) -> None:
        self.names.append(outcome.ending.value)
        self.threads.add(QThread.currentThread())
        self.running.append(self._job.running)
        self.error = outcome.error


class Gated(list[Frame]):
    """Frames that wait for the test: each is handed out once `gate` was released for it."""

    def __init__(self, frames: list[Frame]) -> None:
        super().__init__(frames)
        self.gate = threading.Semaphore(0)
        self.waiting = threading.Event()
        self.first = True

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            self.waiting.set()
            assert self.gate.acquire(timeout=10)
            yield frame


def start(frames: list[Frame], path: Path) -> tuple[ExportJob, Outcomes]:
    job = ExportJob(frames, path, SETTINGS)
    outcomes = Outcomes(job)
    return job, outcomes


def test_a_job_finishes_on_the_callers_thread(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "o.gif"
    job, outcomes = start(reverse_run(9), path)
    with qtbot.waitSignal(job.ended) as ended:
        job.start()
    assert ended.args == [job.outcome]
    assert job.outcome is not None
    assert job.outcome.path == path
    assert outcomes.names == ["done"]
    assert outcomes.running == [False]
    assert outcomes.threads == {QThread.currentThread()}
    assert outcomes.progress[-1] == (9, 9)
    with Image.open(path) as image:
        assert image.n_frames == 9  # type: ignore[attr-defined]


def test_a_job_works_off_the_callers_thread(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(formats, "export", lambda *_: seen.append(threading.get_ident()))
    job, _ = start(reverse_run(), tmp_path / "o.gif")
    with qtbot.waitSignal(job.ended):
        job.start()
    assert seen
    assert seen[0] != threading.get_ident()


def test_cancel_takes_effect_before_the_next_frame(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "o.gif"
    path.write_bytes(b"old")
    frames = Gated(reverse_run())
    job = ExportJob(frames, path, SETTINGS)
    outcomes = Outcomes(job)
    job.start()
    assert frames.waiting.wait(10)
    job.cancel()
    with qtbot.waitSignal(job.ended):
        frames.gate.release(100)
    assert outcomes.names == ["cancelled"]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.glob(".*")) == []


def test_a_job_that_fails_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    job, outcomes = start(reverse_run(), tmp_path / "nowhere" / "o.gif")
    with qtbot.waitSignal(job.ended):
        job.start()
    assert outcomes.names == ["failed"]
    assert isinstance(outcomes.error, ExportFailed)


def test_an_error_that_nobody_foresaw_is_an_outcome_too(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("trouble")

    monkeypatch.setattr(formats, "export", fail)
    job, outcomes = start(reverse_run(), tmp_path / "o.gif")
    with qtbot.waitSignal(job.ended):
        job.start()
    assert isinstance(outcomes.error, RuntimeError)


def test_closing_ends_the_thread_without_an_outcome(qtbot: QtBot, tmp_path: Path) -> None:
    frames = Gated(reverse_run())
    job = ExportJob(frames, tmp_path / "o.gif", SETTINGS)
    outcomes = Outcomes(job)
    job.start()
    assert frames.waiting.wait(10)
    frames.gate.release(100)
    assert job.close()
    assert not job.running
    assert outcomes.names == []
    assert job.outcome is not None
    assert job.outcome.ending is Ending.CANCELLED


def test_a_job_that_was_waited_for_says_nothing_more(qtbot: QtBot, tmp_path: Path) -> None:
    job, outcomes = start(reverse_run(), tmp_path / "o.gif")
    job.start()
    while job.running:  # its word is on its way then, and waits for the event loop
        threading.Event().wait(0.001)
    assert job.wait(0) is not None
    QCoreApplication.processEvents()
    assert outcomes.names == []


@pytest.mark.parametrize("limit", [1 << 30, 0])
def test_a_snapshot_outlives_its_store(tmp_path: Path, limit: int) -> None:
    """In memory or spilled: the store may grow or be cleared while its frames are read."""
    store, frames = FrameStore(Budget(limit, tmp_path)), reverse_run(9)
    for frame in frames[:5]:
        store.append(frame)
    taken = snapshot(store)
    for frame in frames[5:]:
        store.append(frame)
    store.clear()
    assert [frame.position for frame in taken] == [frame.position for frame in frames[:5]]
    for frame, original in zip(taken, frames, strict=False):
        assert np.array_equal(frame.arrays()["x"], original.arrays()["x"])


def test_a_snapshot_copies_no_pixels() -> None:
    store = FrameStore()
    for frame in reverse_run(3):
        store.append(frame)
    assert np.shares_memory(snapshot(store)[1].arrays()["x"], store[1].arrays()["x"])


def test_work_that_is_left_is_not_waited_for(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread is in a step that takes for ever: it ends when that has come to its end, and says nothing."""
    frames = Gated(reverse_run())
    job = ExportJob(frames, tmp_path / "o.gif", SETTINGS)
    outcomes = Outcomes(job)
    job.start()
    assert frames.waiting.wait(10)
    with monkeypatch.context() as patch:
        patch.setattr(job._thread, "wait", lambda *_: pytest.fail("it is waited for"))
        job.leave()
    assert job.running
    assert hung()
    frames.gate.release(100)
    qtbot.waitUntil(lambda: not hung(), timeout=10_000)
    assert outcomes.names == []
    assert not (tmp_path / "o.gif").exists()
