"""The plane: particles computed by a real worker, branched, listed, exported, opened again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.domain.planar import PlanarFrame, PlanarRequest
from diffviz.domain.requests import Noise, Step
from diffviz.domain.sampling import Ddim, Ddpm, Euler, Heun
from diffviz.session.run import PLANE_SLOT, Run, Status
from diffviz.ui.instruments.instrument import COMMAND, PYTHON
from diffviz.ui.instruments.plane import PlaneInstrument
from tests import waiting
from tests.ui.labs.diffusion.bench import DiffusionBench

LONG = 60_000
LEFT = Qt.MouseButton.LeftButton


class Bench(DiffusionBench):
    """The Diffusion lab with the plane in sight, and a session whose worker computes."""

    def __init__(self, qtbot: QtBot, root: Path) -> None:
        super().__init__(qtbot, root, {})
        self.lab.pages.open("instruments")
        self.lab.instruments.choose("plane", True)
        self.done()

    @property
    def plane(self) -> PlaneInstrument:
        made = self.lab.instruments.instrument("plane")
        assert isinstance(made, PlaneInstrument)
        return made

    @property
    def run(self) -> Run:
        assert self.plane.run is not None
        return self.plane.run

    @property
    def request(self) -> PlanarRequest:
        assert isinstance(self.run.request, PlanarRequest)
        return self.run.request

    def runs(self) -> list[Run]:
        return [run for run in self.session.runs if run.slot == PLANE_SLOT]

    def done(self) -> None:
        """Wait until the panel's run has ended and is drawn."""
        self._qtbot.waitUntil(lambda: self.plane.run is not None and self.run.status is Status.FINISHED, timeout=LONG)
        self.draw()

    def draw(self) -> None:
        self.plane.draw(self.lab.shown())

    def seek(self, share: float) -> PlanarFrame:
        """The frame in the panel with the cursor at `share` of the axis."""
        assert self.session.a is not None
        self.session.seek(share * self.session.a.plan.high)
        self.draw()
        frame = self.plane.exact.frame
        assert frame is not None
        return frame

    def branch(self, share: float) -> PlanarFrame:
        """The frame at `share` of the axis, after a branch from it has been computed."""
        frame = self.seek(share)
        self.plane.branching.click()
        self.done()
        return frame


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.close()


def test_a_branch_goes_on_from_the_frame_at_the_cursor_with_other_noise(bench: Bench) -> None:
    root = bench.run
    at = bench.branch(0.4)
    assert bench.run is not root
    assert bench.request.start == Step(root.request, at.position)
    assert bench.request.sampler == Ddim(eta=1.0), "without noise it would go on as before"
    assert bench.session.a is not bench.run, "what an instrument computes takes no stage"
    np.testing.assert_array_equal(bench.seek(0.4).x, at.x)
    end, before = bench.seek(0.0), bench.plane.exact.before
    assert before is not None
    assert np.linalg.norm(end.x - before.x, axis=1).mean() > 0.05
    np.testing.assert_array_equal(before.x, root.store[-1].arrays()["x"])


def test_above_its_start_a_branch_shows_what_it_branches_from(bench: Bench) -> None:
    first = bench.seek(0.9).x
    bench.branch(0.4)
    np.testing.assert_array_equal(bench.seek(0.9).x, first)
    assert bench.plane.exact.before is None


def test_many_branch_from_the_one_that_is_clicked(bench: Bench) -> None:
    frame = bench.seek(0.3)
    view = bench.plane.exact
    number = int(np.linalg.norm(frame.x, axis=1).argmax())  # one that stands apart
    place = view.scale.to_px(frame.x[number])
    QTest.mouseClick(view, LEFT, pos=QPoint(round(float(place[0])), round(float(place[1]))))
    assert view.focus == bench.plane.learnt.focus == number
    bench.draw()
    assert bench.plane.branching.text() == "Branch from one"
    bench.plane.branching.click()
    bench.done()
    assert isinstance(bench.request.start, Step)
    assert bench.request.start.sample == number
    assert (bench.seek(0.3).x == frame.x[number]).all()
    assert view.focus == -1


def test_particles_in_a_lasso_are_followed_through_time_in_both_pictures(bench: Bench, qtbot: QtBot) -> None:
    frame, view = bench.seek(0.3), bench.plane.exact
    right = np.flatnonzero(frame.x[:, 0] > 0)
    view.lassoed.emit(np.array([[0.0, -9.0], [9.0, -9.0], [9.0, 9.0], [0.0, 9.0]]))
    np.testing.assert_array_equal(view.group, right)
    np.testing.assert_array_equal(bench.plane.learnt.group, right)
    bench.seek(0.6)
    assert f"{len(right)} of {len(frame.x)} particles chosen" in bench.plane.note.text()
    np.testing.assert_array_equal(view.group, right)
    waiting.stand_on(qtbot, view)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert len(view.group) == len(bench.plane.learnt.group) == 0
    bench.draw()
    assert "chosen" not in bench.plane.note.text()


def test_both_pictures_of_the_plane_look_at_the_same_part(bench: Bench) -> None:
    bench.seek(0.3)
    bench.plane.learnt.show()
    bench.plane.exact.zoom(2.0, QPointF(60, 60))
    assert bench.plane.learnt.scale.per_unit == pytest.approx(bench.plane.exact.scale.per_unit)
    assert not bench.plane.exact.is_whole()
    QTest.keyClick(bench.plane.exact, Qt.Key.Key_0)
    assert bench.plane.exact.is_whole()


def test_up_and_down_go_through_the_particles(bench: Bench) -> None:
    view = bench.plane.exact
    bench.seek(0.3)
    for key, want in ((Qt.Key.Key_Up, 0), (Qt.Key.Key_Up, 1), (Qt.Key.Key_Down, 0), (Qt.Key.Key_Down, -1)):
        QTest.keyClick(view, key)
        assert view.focus == want
    QTest.keyClick(view, Qt.Key.Key_Down)
    particles = view.particles()
    assert particles is not None
    assert view.focus == len(particles) - 1


def test_at_the_end_there_is_nothing_to_branch(bench: Bench) -> None:
    bench.seek(0.0)
    assert not bench.plane.branching.isEnabled()
    bench.seek(0.5)
    assert bench.plane.branching.isEnabled()


def test_settings_are_the_request_s_own_and_can_be_undone(bench: Bench) -> None:
    bench.plane.settings.setChecked(True)
    form = bench.plane.form
    assert form.isVisible()
    assert ("data",) not in form.paths()
    assert {("sampler",), ("steps",), ("particles",), ("seed",), ("data", "modes")} <= set(form.paths())
    bench.plane.draft.set_value(("sampler",), "heun", "Sampler")
    bench.plane.draft.set_value(("steps",), 30)
    bench.draw()
    assert bench.plane.again.property("role") == "primary", "it would be another run than the one shown"
    bench.plane.again.click()
    bench.done()
    assert bench.request.sampler == Heun()
    assert len(bench.run.store) == 31
    assert bench.plane.again.property("role") == ""
    bench.undo.undo()
    bench.undo.undo()
    assert bench.plane.request().sampler == Ddim()


def test_steps_stay_within_the_schedule(bench: Bench) -> None:
    bench.plane.draft.set_value(("schedule", "timesteps"), 40)
    assert bench.plane.request().steps == 40


def test_the_same_settings_are_not_computed_twice(bench: Bench) -> None:
    first = bench.run
    bench.plane.again.click()
    assert bench.run is first
    assert bench.runs() == [first]


def test_other_data_begin_anew(bench: Bench) -> None:
    bench.branch(0.4)
    data = bench.plane.data
    data.picked.emit("moons")
    bench.done()
    assert isinstance(bench.request.start, Noise)
    assert type(bench.request.data).__name__ == "Moons"
    assert data.currentData() == "moons"
    assert len(bench.runs()) == 3
    bench.undo.undo()
    assert data.currentData() == "ring"


def test_runs_are_listed_as_a_tree_shown_named_and_deleted(bench: Bench) -> None:
    root, listed = bench.run, bench.plane.list
    assert not listed.isVisible()
    bench.branch(0.4)
    child = bench.run
    assert listed.isVisible()
    assert listed.item_of(child).parent() is listed.item_of(root)
    listed.setCurrentItem(listed.item_of(root))
    assert bench.run is root
    assert bench.plane.request() == root.request, "the form has the settings of what is shown"
    assert bench.session.a is not root
    assert not [action for action in listed.menu_for(root).actions() if "Pin" in action.text()]
    bench.session.rename(child, "Mine")
    bench.draw()
    assert "Mine" in listed.item_of(child).text(0)
    listed.remove(child)
    assert bench.runs() == [root]
    bench.undo.undo()
    assert [run.name for run in bench.runs()] == ["", "Mine"]
    assert bench.session.a not in bench.runs()


def test_export_asks_for_the_run_in_the_panel_at_its_own_t(bench: Bench, qtbot: QtBot) -> None:
    bench.seek(0.25)
    with qtbot.waitSignal(bench.lab.export_wanted) as asked:
        bench.plane.export.click()
    assert asked.args == [bench.run, 250.0]


def test_the_run_in_the_panel_is_copied(bench: Bench, qtbot: QtBot) -> None:
    for action, how in zip(bench.plane.copy.offers.actions(), (COMMAND, PYTHON), strict=True):
        with qtbot.waitSignal(bench.lab.copy_wanted) as asked:
            action.trigger()
        assert asked.args == [bench.run, how]


def test_an_exported_run_is_computed_again_in_the_panel(bench: Bench) -> None:
    parent = PlanarRequest(steps=10, particles=20, sampler=Euler())
    request = dataclasses.replace(parent, start=Step(parent, 500.0), sampler=Ddpm(), seed=9)
    bench.lab.pages.open("stage")
    bench.lab.run(request)
    assert bench.lab.pages.page == "instruments"
    bench.done()
    assert bench.request == request
    assert bench.seek(0.0).x.shape == (20, 2)


def test_runs_outlive_the_panel(bench: Bench) -> None:
    bench.branch(0.4)
    kept = bench.run
    bench.lab.instruments.choose("plane", False)
    assert kept in bench.session.runs
    bench.lab.instruments.choose("plane", True)
    bench.draw()
    assert bench.run is kept
    assert bench.plane.request() == kept.request
