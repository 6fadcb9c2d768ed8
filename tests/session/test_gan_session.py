"""A GAN's training in the session: parts of a step, keyframes for branches, and its way through a session file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.export_settings import unwatched
from diffviz.domain.frames import Checkpoint
from diffviz.domain.gan import GanFrame, GanRequest, Pictures
from diffviz.domain.keyframes import FEWEST, MOST, Keyframes
from diffviz.domain.messages import RunInputs, Start
from diffviz.domain.requests import Step
from diffviz.domain.store import Budget
from diffviz.domain.wire import Setup
from diffviz.engine.engine import LocalEngine
from diffviz.export import archive
from diffviz.families import plan_of
from diffviz.session.child_client import ChildClient
from diffviz.session.engines import Engines, WorkerClient
from diffviz.session.run import Run, Status
from diffviz.session.saving import load, reopen, saved_of
from diffviz.session.session import Session

SHORT = GanRequest(steps=60, every=20, batch=16, capacity=8)


@pytest.fixture(params=["thread", "process"])
def session(qapp: object, request: pytest.FixtureRequest) -> Iterator[Session]:
    budget = Budget(1 << 26)
    near = WorkerClient(lambda: LocalEngine({}, "cpu", budget))
    link = near if request.param == "thread" else Engines(near, ChildClient(Setup({}, "cpu"), budget))
    made = Session(link, plan_of, {}, budget)
    yield made
    assert made.close()


def finished(session: Session, qtbot: QtBot, request: GanRequest) -> Run:
    run = session.start(request, "gan")
    qtbot.waitUntil(lambda: run.status.final, timeout=60_000)
    assert run.status is Status.FINISHED, run.details
    return run


def positions(run: Run) -> list[float]:
    return [frame.position for frame in run.store]


def test_a_training_is_a_run_like_any_other(session: Session, qtbot: QtBot) -> None:
    run = finished(session, qtbot, SHORT)
    assert positions(run) == [0, 20, 40, 60]
    assert run.progress == 1
    assert [c.position for c in run.keyframes.all()] == [0, 60]


def test_d_and_g_are_stepped_one_after_the_other(session: Session, qtbot: QtBot) -> None:
    run = session.start(SHORT, "gan", held=True)
    session.advance(run)
    qtbot.waitUntil(lambda: len(run.store) == 1, timeout=60_000)
    for n, part in enumerate(("D", "G", "step", "D"), 2):
        session.advance(run, part=part)
        qtbot.waitUntil(lambda n=n: len(run.store) == n, timeout=60_000)  # type: ignore[misc]
    assert positions(run) == [0, 0.5, 1, 2, 2.5]
    assert 0 < run.progress < 1
    session.resume(run)
    qtbot.waitUntil(lambda: run.status.final, timeout=60_000)
    assert positions(run) == [0, 0.5, 1, 2, 2.5, 20, 40, 60]
    assert run.status is Status.FINISHED
    assert run.progress == 1
    plain = list(LocalEngine({}, "cpu").frames(SHORT, RunInputs()))
    whole = [item for item in plain if isinstance(item, GanFrame)][-1]
    newest = run.store[-1]
    assert isinstance(newest, GanFrame)
    assert np.array_equal(newest.fake, whole.fake)


def test_a_branch_starts_from_the_nearest_keyframe_before_it(session: Session, qtbot: QtBot) -> None:
    parent = finished(session, qtbot, SHORT)
    for at, expected in ((40.5, 0.0), (60.0, 60.0)):
        sent: list[Start] = []
        session._link.send = sent.append  # type: ignore[assignment,method-assign]
        child = session.start(dataclasses.replace(SHORT, start=Step(SHORT, at), steps=80), "other")
        assert child.parent is parent
        keyframe = sent[-1].materials.checkpoint
        assert keyframe is not None
        assert keyframe.position == expected


def test_a_branch_comes_to_where_its_parent_was(session: Session, qtbot: QtBot) -> None:
    parent = finished(session, qtbot, SHORT)
    child = finished(session, qtbot, dataclasses.replace(SHORT, start=Step(SHORT, 30.5)))
    assert positions(child) == [30.5, 40, 60]
    one, other = parent.store[-1], child.store[-1]
    assert all(np.array_equal(a, other.arrays()[n], equal_nan=True) for n, a in one.arrays().items())


def test_it_is_saved_and_can_be_continued_after_opening(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    run = finished(session, qtbot, SHORT)
    path = tmp_path / "s.diffviz"
    archive.write(saved_of(session), path)
    opened = load(archive.read(path), session, unwatched)
    assert opened.problems == ()
    keyframes = run.keyframes.all()
    session.remove(run)
    reopen(session, opened)
    again = session.runs[-1]
    assert again.status is Status.FINISHED
    assert positions(again) == [0, 20, 40, 60]
    assert [c.data for c in again.keyframes.all()] == [c.data for c in keyframes]
    child = finished(session, qtbot, dataclasses.replace(SHORT, start=Step(SHORT, 60.0), steps=80))
    assert child.parent is again
    longer = finished(session, qtbot, dataclasses.replace(SHORT, steps=80))
    assert np.array_equal(longer.store[-1].arrays()["fake"], child.store[-1].arrays()["fake"])


def test_images_are_saved_too(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    finished(session, qtbot, GanRequest(data=Pictures("digits"), steps=2, every=1, batch=4, capacity=8))
    path = tmp_path / "s.diffviz"
    archive.write(saved_of(session), path)
    opened = load(archive.read(path), session, unwatched)
    assert opened.problems == ()
    assert [len(store) for store in opened.stores] == [3]


def test_frames_that_are_not_those_of_the_training_are_refused(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    finished(session, qtbot, SHORT)
    saved = saved_of(session)
    frames = tuple(saved.runs[0].frames)
    for wrong in (frames[1:], frames[::-1], (*frames, dataclasses.replace(frames[-1], position=61.0)), frames + frames):
        path = tmp_path / "s.diffviz"
        archive.write(dataclasses.replace(saved, runs=(dataclasses.replace(saved.runs[0], frames=wrong),)), path)
        opened = load(archive.read(path), session, unwatched)
        assert opened.problems
        assert len(opened.stores[0]) == 0


def checkpoint(position: float, size: int = 10) -> Checkpoint:
    return Checkpoint(position, bytes(size))


def test_keyframes_are_found_by_position() -> None:
    frames = Keyframes()
    for at in (0.0, 10.0, 30.5, 10.0):
        frames.add(checkpoint(at))
    assert [c.position for c in frames.all()] == [0, 10, 30.5]
    found = [frames.before(at) for at in (0.0, 9.5, 10.0, 30.0, 99.0)]
    assert [c.position if c else None for c in found] == [0, 0, 10, 10, 30.5]
    assert frames.before(-1.0) is None


@pytest.mark.parametrize("size", [1, 3 << 20])
def test_keyframes_are_thinned_out_evenly(size: int) -> None:
    frames, data = Keyframes(), bytes(size)
    for i in range(500):
        frames.add(Checkpoint(10.0 * i, data))
        assert len(frames) <= MOST
        assert frames.nbytes <= 64 << 20 or len(frames) <= FEWEST
    kept = [c.position for c in frames.all()]
    assert kept[0] == 0
    assert kept[-1] == 4990
    assert max(b - a for a, b in pairwise(kept)) <= 3 * 4990 / len(kept)


def test_keyframes_count_against_the_budget_and_make_way_but_for_the_fewest() -> None:
    budget = Budget(1000)
    frames, others = Keyframes(budget), Keyframes(budget)
    for i in range(20):
        frames.add(checkpoint(float(i), 100))
        assert budget.used == frames.nbytes <= 1000
    assert [frames.all()[0].position, frames.all()[-1].position] == [0, 19]
    for i in range(10):
        others.add(checkpoint(float(i), 100))
    assert len(others) == FEWEST
    assert budget.used == frames.nbytes + others.nbytes
    frames.clear()
    others.add(checkpoint(4.5, 100))
    assert len(others) == FEWEST + 1
    others.clear()
    assert budget.used == 0


def test_a_run_that_is_removed_gives_back_what_it_could_be_continued_from(session: Session, qtbot: QtBot) -> None:
    run = finished(session, qtbot, SHORT)
    before = session.budget.used
    kept = run.keyframes.nbytes + run.store.nbytes
    session.remove(run)
    assert kept > run.store.nbytes == 0
    assert session.budget.used == before - kept


def test_only_the_newest_of_many_large_keyframes_is_saved() -> None:
    frames = Keyframes()
    for i in range(5):
        frames.add(checkpoint(float(i), 100))
    assert len(frames.few(500)) == 5
    assert [c.position for c in frames.few(499)] == [4]
