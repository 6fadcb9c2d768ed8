"""A family is one row and one function of the engine: with these it runs, exports, saves and opens again."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QUndoStack
from pytestqt.qtbot import QtBot

from diffviz.cli.main import main
from diffviz.domain.errors import NoSuchStep
from diffviz.domain.export_settings import ExportSettings, unwatched
from diffviz.domain.messages import RunInputs
from diffviz.domain.provenance import encoded, record_of
from diffviz.domain.requests import ForwardRequest, Step
from diffviz.domain.requests import Image as Pictures
from diffviz.domain.store import FrameStore
from diffviz.engine.engine import LocalEngine
from diffviz.export import archive
from diffviz.export.formats import export
from diffviz.export.reading import read_record
from diffviz.export.run_info import about_of, command_of, python_of
from diffviz.families import family_of, plan_of
from diffviz.families.naming import described
from diffviz.session.engines import WorkerClient
from diffviz.session.run import Run, Status
from diffviz.session.saving import load, reopen, saved_of
from diffviz.session.session import Session
from diffviz.ui.export_dialog.output import name_for
from diffviz.ui.forms.draft import Draft
from diffviz.ui.forms.request_form import RequestForm
from diffviz.ui.forms.run_panel import progress_text
from tests.families.toy import SIDE, Walk, WalkFrame, add_walks, same

ASKED = Walk(steps=6, samples=3, seed=7)


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    """The family is in the tables as long as a test runs."""
    add_walks(monkeypatch)


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    """With the real engine on the real worker's thread."""
    made = Session(WorkerClient(lambda: LocalEngine({}, "cpu")), plan_of, {})
    yield made
    assert made.close()


def frames_of(request: Walk) -> tuple[WalkFrame, ...]:
    """What the engine makes of `request`."""
    return tuple(f for f in LocalEngine({}, "cpu").frames(request, RunInputs()) if isinstance(f, WalkFrame))


def finished(session: Session, qtbot: QtBot, request: Walk) -> Run:
    run = session.start(request, "walk")
    qtbot.waitUntil(lambda: run.status.final, timeout=30_000)
    assert run.status is Status.FINISHED, run.error
    return run


def test_it_runs_on_the_worker(session: Session, qtbot: QtBot) -> None:
    run = finished(session, qtbot, ASKED)
    assert [frame.position for frame in run.store] == list(range(7))
    assert same(list(run.store), frames_of(ASKED))
    assert session.computed(ASKED) is run
    assert described(run.request, {}) == "Walk of 6 · Samples 3 · seed 7"
    assert "6 steps" in progress_text(run, session)


def test_another_one_goes_on_from_a_frame_of_it(session: Session, qtbot: QtBot) -> None:
    parent = finished(session, qtbot, ASKED)
    onward = Walk(steps=2, samples=3, start=Step(ASKED, 4.2))
    child = finished(session, qtbot, onward)
    assert child.parent is parent
    assert [frame.position for frame in child.store] == [4, 5, 6]
    assert np.array_equal(child.store[0].arrays()["x"], parent.store[4].arrays()["x"])
    assert same(list(child.store), frames_of(onward)), (
        "the engine computes the parent again where it has no frame of it"
    )
    with pytest.raises(NoSuchStep):
        plan_of(Walk(start=Step(ForwardRequest(start=Pictures(("a",))), 1.0)), {})


def test_it_is_exported_from_the_command_line(tmp_path: Path) -> None:
    record = encoded(record_of(ASKED, {}, {}))
    table, film, arrays = tmp_path / "walk.csv", tmp_path / "walk.gif", tmp_path / "walk.npz"
    for out in (table, film, arrays):
        assert main(["export", "again", record, str(out), "--quiet"]) == 0
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    far = [frame.far for frame in frames_of(ASKED)]
    assert [float(row["far"]) for row in rows] == pytest.approx(far, rel=1e-5)
    with Image.open(film) as picture:
        assert getattr(picture, "n_frames", 1) > 1
    assert read_record(film).request == ASKED
    assert np.load(arrays)["x"].shape == (7, 3, 1, 4, 4)


def test_its_files_can_be_computed_again_with_a_plot_beside_it(tmp_path: Path) -> None:
    first, second = tmp_path / "walk.png", tmp_path / "again.npz"
    made = frames_of(ASKED)
    export(made, first, ExportSettings(format="png", at=3.0, plots=("far",)), about=about_of(ASKED, {}, {}))
    assert main(["export", "again", str(first), str(second), "--quiet"]) == 0
    assert np.array_equal(np.load(second)["x"], np.stack([frame.arrays()["x"] for frame in made]))


def test_what_has_no_command_of_its_own_is_said_by_its_record() -> None:
    record = record_of(ASKED, {}, {})
    assert command_of(record, {}).startswith("diffviz export again '{")
    assert "Walk(" in python_of(record, {})
    assert name_for(ASKED, None) == "run-seed7"
    assert family_of(ASKED).networks(ASKED) == ""


def test_it_is_saved_and_opened_again(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    parent = finished(session, qtbot, ASKED)
    finished(session, qtbot, Walk(steps=2, samples=3, start=Step(ASKED, 4.0)))
    path = tmp_path / "walks.diffviz"
    archive.write(saved_of(session), path)
    count = len(session.runs)
    opened = load(archive.read(path), session, unwatched)
    assert opened.whole, opened.problems
    reopen(session, opened)
    again, child = session.runs[count:]
    assert again.request == ASKED
    assert again.status is Status.FINISHED
    assert child.parent is again
    assert same(list(again.store), list(parent.store))


def test_frames_that_are_none_of_its_are_refused(session: Session, tmp_path: Path) -> None:
    store = FrameStore()
    store.append(WalkFrame(0.0, np.zeros((3, SIDE), np.float32), 0.0))
    session.adopt(ASKED, "walk", store)
    path = tmp_path / "walks.diffviz"
    archive.write(saved_of(session), path)
    opened = load(archive.read(path), session, unwatched)
    assert not opened.whole
    assert len(opened.stores[0]) == 0


def test_a_form_is_made_of_its_settings(qtbot: QtBot) -> None:
    draft = Draft(ASKED, QUndoStack())
    form = RequestForm(draft)
    form.set_card(None)
    qtbot.addWidget(form)
    form.show()
    row = form.row("steps")
    assert row is not None
    row.editor.edited.emit(9)
    assert draft.request == Walk(steps=9, samples=3, seed=7)
