"""Sessions saved and opened again; recovery after a crash; settings that do not parse."""

from __future__ import annotations

import dataclasses
import os
import platform
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.bookmarks import Bookmark
from diffviz.domain.cards import Card
from diffviz.domain.errors import ContinuesTooMany, Interrupted
from diffviz.domain.frames import Frame, PathFrame, ReverseFrame
from diffviz.domain.gan import GanRequest, Pictures
from diffviz.domain.latent import Anchor, PathRequest
from diffviz.domain.messages import RunInputs
from diffviz.domain.planar import PlanarFrame, PlanarRequest
from diffviz.domain.requests import DEEPEST, ForwardRequest, Image, ReverseRequest, Step, ancestry
from diffviz.domain.sampling import Flow, Linear, ProcessSettings, VarianceExploding
from diffviz.domain.store import Budget, FrameStore
from diffviz.engine.engine import LocalEngine
from diffviz.export import archive
from diffviz.families import family_of, plan_of
from diffviz.families.gan import shape_of as gan_shape
from diffviz.families.naming import described
from diffviz.session.preferences import DEFAULTS, Preferences
from diffviz.session.recovery import Autosave, left_behind, worth_keeping
from diffviz.session.run import PLANE_SLOT, Run, Status
from diffviz.session.saving import Opened, load, reopen, saved_of
from diffviz.session.session import Session
from diffviz.theory.processes import process_of
from tests.export.runs import planar_run
from tests.session.toys import FakeLink
from tests.ui.labs.gan.toys import toy_frame

SHAPE = (1, 4, 4)
CARD = Card("toy", "Toy", "diffusion", Path("toy"), SHAPE, ("a", "b"), "eps", Linear(timesteps=40), sha256="00ff")
LATENT = {
    "vae": Card("vae", "V", "vae", Path("vae"), SHAPE, architecture={"latent": 2}, sha256="01"),
    "ae": Card("ae", "A", "ae", Path("ae"), SHAPE, architecture={"latent": 1}, sha256="02"),
}
PIXELS = np.arange(16, dtype=np.uint8).reshape(4, 4)


def new_session(*, cards: bool = True) -> Session:
    return Session(FakeLink(), plan_of, {"toy": CARD} if cards else {}, Budget(1 << 24))


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    made = new_session()
    yield made
    made.close()


def computed(session: Session, request: ReverseRequest, frames: int | None = None) -> Run:
    """A run of `session` with made-up frames at its planned positions."""
    store = FrameStore(session.budget)
    for t in session.plan(request).positions[:frames]:
        x = np.full((request.samples, *SHAPE), t, np.float32)
        store.append(ReverseFrame(t, *process_of(Linear(timesteps=40)).at(t), 0.0, x, x, x))
    return session.adopt(request, "diffusion/reverse", store)


def filled(session: Session) -> None:
    name = session.add_image(PIXELS)
    parent = session.adopt(ForwardRequest(start=Image((name,), (4, 4)), schedule=Linear(40)), "f", FrameStore())
    computed(session, ReverseRequest(model="toy", steps=5, samples=2))
    child = computed(session, ReverseRequest(model="toy", start=Step(parent.request, 20.0), steps=4), 2)
    session.show(child)
    session.seek(15.0)
    session.rename(child, "The restoration")
    session.pin(session.runs[1])
    session.runs[1].bookmarks = (Bookmark(8.0), Bookmark(40.0, "noise"))
    session.adopt(ReverseRequest(model="toy", steps=2), "instrument/objective", FrameStore())


def test_a_session_opened_again_is_the_same(session: Session, tmp_path: Path, qapp: object) -> None:
    filled(session)
    path = tmp_path / "s.diffviz"
    archive.write(saved_of(session), path)
    other = new_session()
    reopen(other, load(archive.read(path), other, lambda *_: None))
    assert [run.request for run in other.runs] == [run.request for run in session.runs[:3]]
    assert [run.status for run in other.runs] == [Status.CANCELLED, Status.FINISHED, Status.CANCELLED]
    assert [len(run.store) for run in other.runs] == [len(run.store) for run in session.runs[:3]] == [0, 6, 2]
    assert other.runs[2].parent is other.runs[0]
    assert other.a is other.runs[2]
    assert other.cursor == session.cursor
    assert [run.name for run in other.runs] == ["", "", "The restoration"]
    assert other.b is other.runs[1]
    assert other.runs[1].bookmarks == (Bookmark(8.0), Bookmark(40.0, "noise"))
    assert other.runs[1].saved == other.runs[1].mark
    assert np.array_equal(next(iter(other.images.values())), PIXELS)
    for one, two in zip(session.runs[1].store, other.runs[1].store, strict=True):
        assert np.array_equal(one.arrays()["x"], two.arrays()["x"])
    other.close()


def test_a_session_whose_model_is_gone_says_so_and_opens_the_rest(
    session: Session, tmp_path: Path, qapp: object
) -> None:
    filled(session)
    archive.write(saved_of(session), tmp_path / "s.diffviz")
    other = new_session(cards=False)
    opened = load(archive.read(tmp_path / "s.diffviz"), other, lambda *_: None)
    assert any("toy" in problem for problem in opened.problems)
    reopen(other, opened)
    assert [type(run.request) for run in other.runs] == [ForwardRequest]
    other.close()


def walked(session: Session, latent: int = 2) -> Run:
    """A path through two models, with made-up frames; the second model has one dimension only."""
    ends = (Anchor(codes=((0.0, 1.0), (1.0,))), Anchor(codes=((1.0, 0.0), (2.0,))))
    request = PathRequest(model="vae", beside="ae", anchors=ends, frames=3)
    store = FrameStore(session.budget)
    for s in session.plan(request).positions:
        x, of_each = np.full((2, *SHAPE), s, np.float32), np.full(2, s, np.float32)
        z = np.full((2, latent), s, np.float32)
        z[1, 1:] = np.nan
        store.append(PathFrame(s, x, z, of_each, of_each, of_each, of_each))
    return session.adopt(request, "vae/path", store)


def test_a_path_comes_back_with_its_frames(session: Session, tmp_path: Path, qapp: object) -> None:
    session.cards.update(LATENT)
    run = walked(session)
    session.show(run)
    archive.write(saved_of(session), tmp_path / "s.diffviz")
    other = new_session()
    other.cards.update(LATENT)
    reopen(other, load(archive.read(tmp_path / "s.diffviz"), other, lambda *_: None))
    [again] = other.runs
    assert (again.request, again.status) == (run.request, Status.FINISHED)
    for one, two in zip(run.store, again.store, strict=True):
        for name, values in one.arrays().items():
            np.testing.assert_array_equal(two.arrays()[name], values)
    other.close()


def test_points_of_other_spaces_are_left_out(session: Session, tmp_path: Path, qapp: object) -> None:
    """A stranger's file may hold latent points that the models here do not have."""
    session.cards.update(LATENT)
    walked(session, latent=1)
    archive.write(saved_of(session), tmp_path / "s.diffviz")
    opened = load(archive.read(tmp_path / "s.diffviz"), session, lambda *_: None)
    assert [len(store) for store in opened.stores] == [0]
    assert opened.problems


def test_frames_that_are_not_their_runs_are_left_out(session: Session, tmp_path: Path, qapp: object) -> None:
    computed(session, ReverseRequest(model="toy", steps=5, samples=2))
    saved = saved_of(session)
    moved = [dataclasses.replace(frame, position=frame.position + 1) for frame in saved.runs[0].frames]
    wrong = archive.SavedSession((dataclasses.replace(saved.runs[0], frames=moved),), 0, 0.0)
    archive.write(wrong, tmp_path / "s.diffviz")
    opened = load(archive.read(tmp_path / "s.diffviz"), session, lambda *_: None)
    assert len(opened.stores[0]) == 0
    assert opened.problems


def test_particles_and_their_branches_come_back_and_take_no_stage(session: Session, tmp_path: Path) -> None:
    filled(session)
    parent = PlanarRequest(steps=4, particles=1, schedule=Linear(20))
    child = dataclasses.replace(parent, start=Step(parent, 10.0, 0))
    for request in (parent, child):
        store = FrameStore(session.budget)
        for frame, t in zip(planar_run(learnt=False), session.plan(request).positions, strict=False):
            alpha, sigma = process_of(parent.schedule).at(t)
            assert isinstance(frame, PlanarFrame)
            store.append(dataclasses.replace(frame, position=t, alpha=alpha, sigma=sigma))
        session.adopt(request, PLANE_SLOT, store)
    path = tmp_path / "s.diffviz"
    archive.write(saved_of(session), path)
    other = new_session()
    opened = load(archive.read(path), other, lambda *_: None)
    reopen(other, opened)
    assert opened.problems == ()
    found = [run for run in other.runs if run.slot == PLANE_SLOT]
    assert [run.request for run in found] == [parent, child]
    assert found[1].parent is found[0]
    assert other.a is not None
    assert other.a.slot == "diffusion/reverse"
    for run, before in zip(found, session.runs[-2:], strict=True):
        for a, b in zip(run.store, before.store, strict=True):
            assert isinstance(a, PlanarFrame)
            assert a.position == b.position
            for name, array in b.arrays().items():
                np.testing.assert_array_equal(a.arrays()[name], array)
    other.close()


@pytest.mark.parametrize("settings", [Flow(), VarianceExploding(20.0)], ids=["flow", "ve"])
def test_runs_of_a_process_without_beta_come_back(session: Session, tmp_path: Path, settings: ProcessSettings) -> None:
    name = session.add_image(PIXELS)
    forward = ForwardRequest(start=Image((name,), (4, 4)), schedule=settings, steps=5, path="fixed")
    plane = PlanarRequest(schedule=settings, steps=6, particles=4, spacing="karras")
    inputs = RunInputs(dict(session.images))
    for request, slot in ((forward, "diffusion/forward"), (plane, PLANE_SLOT)):
        store = FrameStore(session.budget)
        for item in LocalEngine({}, "cpu").frames(request, inputs):
            assert isinstance(item, Frame)
            store.append(item)
        session.adopt(request, slot, store)
    archive.write(saved_of(session), tmp_path / "s.diffviz")  # no run is on the screen: its picture is in the file
    other = new_session()
    opened = load(archive.read(tmp_path / "s.diffviz"), other, lambda *_: None)
    reopen(other, opened)
    assert opened.problems == ()
    assert [run.request for run in other.runs] == [forward, plane]
    for run, before in zip(other.runs, session.runs, strict=True):
        assert [frame.position for frame in run.store] == [frame.position for frame in before.store]
        for a, b in zip(run.store, before.store, strict=True):
            assert type(a) is type(b)
            assert getattr(a, "beta", None) is None
            np.testing.assert_array_equal(a.arrays()["x"], b.arrays()["x"])
    other.close()


def test_frames_of_another_kind_than_their_request_s_are_left_out(session: Session, tmp_path: Path) -> None:
    store = FrameStore(session.budget)
    request = ReverseRequest(model="toy", steps=2, samples=1)
    for frame, t in zip(planar_run(), session.plan(request).positions, strict=True):
        store.append(dataclasses.replace(frame, position=t))
    session.adopt(request, "diffusion/reverse", store)
    archive.write(saved_of(session), tmp_path / "s.diffviz")
    opened = load(archive.read(tmp_path / "s.diffviz"), session, lambda *_: None)
    assert [len(store) for store in opened.stores] == [0]
    assert "not those of their run" in opened.problems[0]


def test_a_branch_of_particles_is_worth_a_file(session: Session) -> None:
    parent = PlanarRequest()
    session.start(parent, PLANE_SLOT, show=False)
    assert not worth_keeping(session), "the panel computes that by itself"
    session.start(dataclasses.replace(parent, start=Step(parent, 500.0)), PLANE_SLOT, show=False)
    assert worth_keeping(session)


def test_reading_can_be_cancelled(session: Session, tmp_path: Path) -> None:
    filled(session)
    archive.write(saved_of(session), tmp_path / "s.diffviz")

    def cancel(done: int, _total: int) -> None:
        if done == 3:
            raise Interrupted

    with pytest.raises(Interrupted):
        load(archive.read(tmp_path / "s.diffviz"), session, cancel)


def test_a_large_session_is_kept_without_its_frames(session: Session) -> None:
    filled(session)
    assert [len(run.frames) for run in saved_of(session, most_bytes=10).runs] == [0, 0, 0]
    assert [len(run.frames) for run in saved_of(session, most_bytes=1 << 30).runs] == [0, 6, 2]


def test_autosave_writes_what_is_worth_it_and_only_when_it_changed(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    saver = Autosave(session, tmp_path / "recovery")
    saver.save()
    assert saver.job is None
    filled(session)
    saver.save()
    assert saver.job is not None
    with qtbot.waitSignal(saver.ended):
        pass
    assert len(archive.read(saver.path).runs) == 3
    assert left_behind(tmp_path / "recovery") == []  # its program still runs
    saver.save()
    assert saver.job is None
    session.places.toggle(session.runs[1], 8.0)
    saver.save()
    assert saver.job is not None, "a bookmark is worth a file"
    with qtbot.waitSignal(saver.ended):
        pass
    assert archive.read(saver.path).runs[1].bookmarks == (Bookmark(40.0, "noise"),)
    computed(session, ReverseRequest(model="toy", steps=3))
    saver.save()
    assert saver.job is not None
    saver.close(keep=False)
    assert list((tmp_path / "recovery").iterdir()) == []


def test_the_noising_that_the_program_begins_with_is_not_worth_a_file(session: Session) -> None:
    name = session.add_image(PIXELS)
    first = session.start(ForwardRequest(start=Image((name,), (4, 4))), "f", replace=True)
    assert not worth_keeping(session)
    assert session.unsaved == []
    session.rename(first, "mine")
    assert worth_keeping(session)
    session.rename(first, "")
    computed(session, ReverseRequest(model="toy", steps=3))
    assert worth_keeping(session)


CRASH = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from tests.session.test_saving import Autosave, filled, new_session
app, session = QCoreApplication([]), new_session()
filled(session)
saver = Autosave(session, Path(sys.argv[1]))
saver.save()
saver.ended.connect(app.quit)
app.exec()
os._exit(1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="ends a process without a word")
def test_what_a_crash_leaves_is_kept_until_it_is_answered_for_and_the_rest_goes(qapp: object, tmp_path: Path) -> None:
    folder = tmp_path / "recovery"
    ended = subprocess.run([sys.executable, "-c", CRASH, str(folder)], check=False, timeout=60)
    assert ended.returncode == 1
    (found,) = left_behind(folder)
    assert len(archive.read(found).runs) == 3
    for year in (2001, 2002):
        (folder / f"{year}0101-000000-1.seen{archive.SUFFIX}").write_bytes(found.read_bytes())
    unasked = folder / f"20000101-000000-1{archive.SUFFIX}"
    unasked.write_bytes(found.read_bytes())
    (folder / "20030101-000000-1.lock").write_text(f"99999999\ndiffviz\n{platform.node()}\n")
    assert left_behind(folder) == [found, unasked], "nothing goes that nobody was asked about"
    assert {path.name for path in folder.iterdir()} == {found.name, unasked.name}


def test_settings_that_do_not_parse_are_set_aside_and_named(qapp: object, tmp_path: Path) -> None:
    path = tmp_path / "diffviz.ini"
    lines = ["[General]", "language=klingon", "budget_mb=much", "mirrored=perhaps", "theme=dark", "model=toy", ""]
    path.write_text("\n".join(lines))
    preferences = Preferences(path)
    assert set(preferences.set_aside) == {"language", "budget_mb", "mirrored"}
    assert preferences["language"] == ""
    assert preferences["budget_mb"] == DEFAULTS["budget_mb"]
    assert (preferences["theme"], preferences["model"]) == ("dark", "toy")
    preferences.save()
    again = Preferences(path)
    assert again.set_aside == ()  # said once
    assert "klingon" in path.read_text()  # and kept


def test_a_file_of_settings_that_is_none_is_set_aside_whole(qapp: object, tmp_path: Path) -> None:
    path = tmp_path / "diffviz.ini"
    path.write_bytes(b"\xff\xfe[[[\nno settings\x00\n=\n")
    preferences = Preferences(path)
    assert preferences["theme"] == DEFAULTS["theme"]
    preferences["theme"] = "light"
    preferences.save()
    assert Preferences(path)["theme"] == "light"
    if preferences.set_aside:
        assert os.path.exists(preferences.set_aside[0])  # noqa: PTH110


def test_the_longest_line_of_runs_is_saved_and_opened(session: Session, tmp_path: Path) -> None:
    """Every run that can be planned can be saved; one more is refused in plain words."""
    request = ReverseRequest(model="toy", steps=5, samples=1)
    for _ in range(DEEPEST - 1):
        request = dataclasses.replace(request, start=Step(request, 24.0))
    computed(session, request)
    archive.write(saved_of(session), tmp_path / "s.diffviz")
    other = new_session()
    reopen(other, load(archive.read(tmp_path / "s.diffviz"), other, lambda *_: None))
    assert len(ancestry(other.runs[0].request)) == DEEPEST
    assert len(other.runs[0].store) == len(session.runs[0].store)
    other.close()
    with pytest.raises(ContinuesTooMany):
        plan_of(dataclasses.replace(request, start=Step(request, 24.0)), {"toy": CARD})


def opened_with(session: Session, run: Run, path: Path, **changed: Any) -> Opened:
    """The session as it is read from a file in which each frame of `run` has `changed`."""
    saved = saved_of(session)
    each = [
        dataclasses.replace(saved_run, frames=[dataclasses.replace(frame, **changed) for frame in saved_run.frames])
        if number == session.runs.index(run)
        else saved_run
        for number, saved_run in enumerate(saved.runs)
    ]
    archive.write(dataclasses.replace(saved, runs=tuple(each)), path)
    return load(archive.read(path), session, lambda *_: None)


@pytest.mark.parametrize("field", ["alpha", "sigma", "std"])
@pytest.mark.parametrize("value", [1e308, -1e308, np.inf, np.nan, -0.1])
def test_numbers_that_are_not_the_process_s_are_left_out(
    session: Session, tmp_path: Path, field: str, value: float
) -> None:
    run = computed(session, ReverseRequest(model="toy", steps=5, samples=2))
    assert opened_with(session, run, tmp_path / "a.diffviz").problems == ()
    opened = opened_with(session, run, tmp_path / "s.diffviz", **{field: value})
    assert [len(store) for store in opened.stores] == [0]
    assert "not those of their run" in opened.problems[0]
    assert run_name(run, session) in opened.problems[0]


def run_name(run: Run, session: Session) -> str:
    return described(run.request, session.cards)


@pytest.mark.parametrize("shape", [(3, *SHAPE), (1, *SHAPE), (2, 1, 5, 4), (2, 3, 4, 4)])
def test_pictures_of_another_shape_than_the_request_s_are_left_out(
    session: Session, tmp_path: Path, shape: tuple[int, ...]
) -> None:
    run = computed(session, ReverseRequest(model="toy", steps=5, samples=2))
    x = np.zeros(shape, np.float32)
    opened = opened_with(session, run, tmp_path / "s.diffviz", x=x, x0=x, eps=x)
    assert [len(store) for store in opened.stores] == [0]
    assert "not those of their run" in opened.problems[0]


def test_frames_of_points_do_not_fit_a_training_on_pictures_and_the_other_way_round() -> None:
    points, pictures = toy_frame(GanRequest(), 10.0), GanRequest(data=Pictures("digits"))
    fits = family_of(GanRequest).fits
    assert fits(points, GanRequest(), {})
    assert not fits(points, pictures, {})
    assert not fits(dataclasses.replace(points, covered=np.inf), GanRequest(), {})
    assert not fits(dataclasses.replace(points, accuracy=1e308), GanRequest(), {})
    shown = np.zeros((4, *gan_shape(Pictures("digits"))), np.float32)
    image = dataclasses.replace(points, real=shown, fake=shown, arrows=None, surface=None, density=None)
    assert fits(image, pictures, {})
    assert not fits(image, GanRequest(), {})
    assert not fits(dataclasses.replace(image, real=shown[..., 1:]), pictures, {})


def test_particles_of_another_number_do_not_fit() -> None:
    frame, request = planar_run(learnt=False)[0], PlanarRequest(particles=1, schedule=Linear(20))
    alpha, sigma = process_of(request.schedule).at(frame.position)
    assert isinstance(frame, PlanarFrame)
    frame = dataclasses.replace(frame, alpha=alpha, sigma=sigma)
    fits = family_of(request).fits
    assert fits(frame, request, {})
    assert not fits(frame, dataclasses.replace(request, particles=2), {})
    assert not fits(frame, dataclasses.replace(request, schedule=Flow()), {})


def test_frames_of_a_kind_that_is_not_known_are_said_to_be_left_out(session: Session, tmp_path: Path) -> None:
    run = computed(session, ReverseRequest(model="toy", steps=5, samples=2))
    session.rename(run, "of tomorrow")
    path, other = tmp_path / "s.diffviz", tmp_path / "t.diffviz"
    archive.write(saved_of(session), path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'"ReverseFrame"', b'"QuantumFrame"'))
    opened = load(archive.read(other), session, lambda *_: None)
    assert not opened.whole
    [said] = opened.problems
    assert "of tomorrow" in said
    assert "newer" in said


@pytest.mark.parametrize("field", ["std", "x0"])
def test_what_python_says_of_a_damaged_file_reaches_nobody(session: Session, tmp_path: Path, field: str) -> None:
    run = computed(session, ReverseRequest(model="toy", steps=5, samples=2))
    path, other = tmp_path / "s.diffviz", tmp_path / "t.diffviz"
    archive.write(saved_of(session), path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            if not name.endswith(f"/{field}.npy"):
                new.writestr(name, old.read(name))
    opened = load(archive.read(other), session, lambda *_: None)
    [said] = opened.problems
    assert run_name(run, session) in said
    assert "damaged" in said
    assert "__init__" not in said
    assert "Error" not in said


def test_bookmarks_beyond_the_axis_of_their_run_are_left_out(session: Session, tmp_path: Path) -> None:
    filled(session)
    session.runs[1].bookmarks = (Bookmark(-3.0), Bookmark(8.0), Bookmark(1e9))
    path = tmp_path / "s.diffviz"
    archive.write(saved_of(session), path)
    other = new_session()
    reopen(other, load(archive.read(path), other, lambda *_: None))
    assert other.runs[1].bookmarks == (Bookmark(8.0),)
    other.close()


ONE = Image(("0" * 64,), (8, 8))
"""A picture that nobody has."""


def test_a_run_that_follows_a_control_hands_its_bookmarks_on_and_is_missed_for_them(session: Session) -> None:
    before = session.start(ForwardRequest(start=ONE, schedule=Linear(40)), "forward", replace=True)
    before.bookmarks = (Bookmark(10.0), Bookmark(30.0, "late"))
    assert before.unsaved
    after = session.start(ForwardRequest(start=ONE, schedule=Linear(20)), "forward", replace=True)
    assert after.bookmarks == (Bookmark(10.0),), "as far as its axis has them"
