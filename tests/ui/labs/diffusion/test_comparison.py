"""Two runs under one cursor, and branches, in the lab over a real worker with a tiny model."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from diffviz.domain.frames import ReverseFrame
from diffviz.domain.requests import NO_CLASS, ForwardRequest, Image, Noise, ReverseRequest, Step
from diffviz.domain.sampling import Cosine, Ddim, Ddpm, Flow
from diffviz.export.reading import read_record
from diffviz.families.diffusion import branch
from diffviz.families.objective import terms_of
from diffviz.session.run import Run, Status
from diffviz.ui.export_dialog import Exporting
from diffviz.ui.export_dialog.dialog import ExportDialog
from diffviz.ui.forms.run_actions import GUIDANCE, SAMPLERS, STEPS, compared, pair, steps_of
from diffviz.ui.instruments.instrument import Instrument
from diffviz.ui.instruments.objective import ObjectiveInstrument
from diffviz.ui.instruments.plane import PlaneInstrument
from diffviz.ui.sample_viewer.link import RunLine
from diffviz.ui.timeline.run_progress import rms
from diffviz.ui.widgets.view import BETA, EPS
from tests.ui.export_dialog.test_line_up import pick
from tests.ui.labs.diffusion.bench import LONG, ClassifiedBench, T


class Bench(ClassifiedBench):
    """The lab, in which two runs are compared."""

    def done(self) -> None:
        """Wait until all runs have ended, and draw."""
        runs = self.session.runs
        self._qtbot.waitUntil(lambda: all(run.status is Status.FINISHED for run in runs), timeout=LONG)
        self.lab.draw()

    def both(self) -> tuple[Run, Run]:
        assert self.session.a is not None
        assert self.session.b is not None
        return self.session.a, self.session.b

    def compare(self, key: str, steps: int = 10, samples: int = 4) -> tuple[Run, Run]:
        form = self.lab.form
        form.set_request(ReverseRequest(model="toy", steps=steps, samples=samples))
        form.deeds.presets[key].trigger()
        self.done()
        return self.both()


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.close()


def request_of(run: Run) -> ReverseRequest:
    assert isinstance(run.request, ReverseRequest)
    return run.request


def frame_at(run: Run, t: float) -> ReverseFrame:
    frame = run.at(t)
    assert isinstance(frame, ReverseFrame)
    return frame


def test_either_of_two_compared_runs_is_exported(bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    exported: list[tuple[object, ...]] = []

    def export(_self: Exporting, run: Run, position: float, together: bool = False) -> None:
        exported.append((run, position, together))

    monkeypatch.setattr(Exporting, "export", export)
    exporting = Exporting(bench.session, bench.preferences, bench.lab)
    bench.compare(SAMPLERS)
    bench.done()
    a, b = bench.both()
    assert compared(bench.session) == {"A": a, "B": b}
    menu = exporting.choices(compared(bench.session))
    qtbot.addWidget(menu)
    for action in menu.actions():
        action.trigger()
    at = bench.session.cursor
    assert exported == [(a, at, True), (a, at, False), (b, at, False)]
    bench.session.pin(None)
    exporting.ask()  # nothing to choose from: no menu
    assert exported[3:] == [(a, at, True)]


@pytest.mark.parametrize("together", [True, False])
def test_the_pinned_run_is_offered_beside_the_shown_one_and_written_with_it(
    bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, together: bool
) -> None:
    dialogs: list[ExportDialog] = []
    monkeypatch.setattr(ExportDialog, "exec", lambda self: dialogs.append(self))
    a, b = bench.compare(SAMPLERS)
    bench.done()
    bench.session.seek(50)
    Exporting(bench.session, bench.preferences, bench.lab).export(a, 50.0, together)
    [dialog] = dialogs
    dialog.show()
    lines = dialog.line_up
    assert [each.run for each in lines.chosen] == [b] * together
    if not together:
        pick(lines.offer, "DDIM")
    assert [row.title.text() for row in lines.rows if row.isVisible()] == ["DDPM 10", "DDIM 10"]
    path = tmp_path / "both.gif"
    dialog._choose = lambda *_: path
    dialog.export()
    qtbot.waitUntil(lambda: dialog.written == path)
    record = read_record(path)
    assert [record.request, *(each.request for each in record.beside)] == [a.request, b.request]
    assert Exporting(bench.session, bench.preferences, bench.lab).lineup(a) == a.lineup == ((a, ""), (b, ""))
    QTest.mouseClick(lines.rows[1].out, Qt.MouseButton.LeftButton)
    dialog.export()
    qtbot.waitUntil(lambda: dialog.written == path)
    assert read_record(path).beside == ()
    dialog.done(0)


def test_ddpm_and_ddim_start_from_the_same_x_t_and_stand_under_one_cursor(bench: Bench) -> None:
    a, b = bench.compare(SAMPLERS)
    assert isinstance(request_of(a).sampler, Ddpm)
    assert isinstance(request_of(b).sampler, Ddim)
    np.testing.assert_array_equal(frame_at(a, T).x, frame_at(b, T).x)
    assert rms(frame_at(a, 0).x, frame_at(b, 0).x) > 0
    bench.session.seek(50)
    bench.lab.draw()
    stage, timeline = bench.lab.stage, bench.lab.timeline
    assert stage.canvas.picture is not None
    assert stage.beside.picture is not None
    assert (stage.canvas.picture.key[:2], stage.beside.picture.key[:2]) == ((a.id, 50.0), (b.id, 50.0))
    assert stage.beside.isVisible()
    assert timeline.beside.isVisible()
    assert timeline.beside.track is not None
    assert timeline.beside.track.run is b


def test_what_was_computed_before_is_not_computed_again(bench: Bench) -> None:
    a, b = bench.compare(SAMPLERS)
    before = list(bench.session.runs)
    bench.session.pin(None)
    bench.session.show(b)
    bench.lab.form.set_request(request_of(b))
    bench.lab.form.deeds.presets[SAMPLERS].trigger()
    assert (bench.session.a, bench.session.b) == (a, b)
    assert bench.session.runs == before


def test_the_distance_is_drawn_along_t_and_said_at_the_cursor(bench: Bench) -> None:
    a, b = bench.compare(SAMPLERS)
    bench.session.seek(50)
    bench.lab.draw()
    bench.lab.timeline.plots.make()
    plot = bench.lab.timeline.plots.panels[-1]
    assert plot.shown
    curve = plot.drawn[0]
    assert curve.line is not None
    assert list(curve.line.xs) == sorted(a.plan.positions)
    assert curve.ys[-1] == 0, "the same x_T"
    want = rms(frame_at(a, 50).x, frame_at(b, 50).x)
    assert curve.at(plot.map.scale.share(50.0)) == pytest.approx(want)
    assert "evaluations" in bench.lab.stage.lines[0].cost.text()
    assert f"{want:.3f}"[:4] in bench.lab.stage.lines[1].apart.text()


def test_a_run_keeps_its_name_where_its_line_is_narrow(bench: Bench, qtbot: QtBot) -> None:
    _, b = bench.compare(SAMPLERS)
    line = RunLine("B")
    qtbot.addWidget(line)
    line.resize(900, line.height())
    line.show_run(b, "DDIM 50 · seed 3", 300.0)
    line.show_apart((0.02281, 0.02734))
    line.show()
    wide = line.cost.text()
    assert "evaluations" in wide
    for width in range(line.width(), 250, -1):
        line.resize(width, line.height())
        assert wide.startswith(line.cost.text())
        assert line.name.width() >= line.name.sizeHint().width() or not line.cost.text()
    assert line.cost.text() == ""
    assert wide in line.cost.toolTip()


def test_two_runs_look_at_the_same_sample_and_zoom_alike(bench: Bench) -> None:
    bench.compare(SAMPLERS)
    stage = bench.lab.stage
    stage.canvas.set_focus_sample(2)
    assert stage.beside.focus == 2
    stage.beside.set_focus_sample(None)
    assert stage.canvas.focus is None
    stage.canvas.zoom(2)
    assert stage.beside.viewport == stage.canvas.viewport


def test_guidance_is_compared_with_all_else_equal(bench: Bench) -> None:
    a, b = bench.compare(GUIDANCE, steps=4)
    assert (request_of(a).guidance, request_of(b).guidance) == (1.0, 3.0)
    assert b.plan.evaluations == 2 * a.plan.evaluations


def test_steps_are_compared_as_far_as_the_model_goes(bench: Bench) -> None:
    a, b = bench.compare(STEPS, samples=1)
    assert (request_of(a).steps, request_of(b).steps) == (50, T)
    assert "50 against 100 steps" in bench.lab.form.deeds.presets[STEPS].text()
    bench.session.seek(49)
    bench.lab.draw()
    assert frame_at(a, 49).position != frame_at(b, 49).position
    assert bench.lab.stage.lines[1].apart.text() == "", "unlike t are not compared"


def test_a_preset_without_a_class_asks_for_each() -> None:
    a, b = pair(GUIDANCE, ReverseRequest(model="toy", label=NO_CLASS), T)
    assert a.label == b.label != NO_CLASS


def test_what_is_compared_starts_at_pure_noise() -> None:
    of = ReverseRequest(model="toy")
    a, b = pair(SAMPLERS, ReverseRequest(model="toy", start=Step(of, 40.0)), T)
    assert a.start == b.start == Noise()


def test_pinning_by_key_and_showing_one_alone_again(bench: Bench) -> None:
    a, b = bench.compare(SAMPLERS, steps=4)
    deeds = bench.lab.form.deeds
    deeds.swap.trigger()
    assert bench.both() == (b, a)
    deeds.unpin.trigger()
    bench.lab.draw()
    assert bench.session.b is None
    assert not bench.lab.stage.beside.isVisible()
    assert not bench.lab.timeline.beside.isVisible()
    assert "apart" not in {part.plot.key for part in bench.lab.timeline.plots.parts}
    deeds.pin.trigger()
    assert bench.session.b is b
    keys = {action.shortcut().toString() for action in bench.lab.actions_of()}
    assert {"B", "P", "X", "T", "Alt+1", "Alt+2", "Alt+3"} <= keys


def test_a_branch_goes_on_from_the_frame_at_the_cursor_with_other_noise(bench: Bench) -> None:
    form = bench.lab.form
    request = ReverseRequest(model="toy", sampler=Ddpm(), steps=10, samples=2)
    bench.lab.run(request)
    bench.done()
    assert bench.session.cursor == 0
    assert not form.deeds.branch.isEnabled(), "nothing is left to denoise"
    bench.session.seek(50)
    assert form.deeds.branch.isEnabled()
    form.deeds.branching.trigger()
    prepared = form.request()
    assert prepared == branch(request, 50.0, None)
    assert prepared.seed != request.seed
    form.panel.run.click()
    bench.done()
    child, _ = bench.session.a, None
    assert child is not None
    assert child.parent is not None
    assert child.parent.request == request
    np.testing.assert_array_equal(frame_at(child, 50).x, frame_at(child.parent, 50).x)
    assert rms(frame_at(child, 0).x, frame_at(child.parent, 0).x) > 0
    item = form.runs.item_of(child)
    assert item.parent() is form.runs.item_of(child.parent)


def test_a_branch_of_the_sample_in_focus_starts_from_it_alone(bench: Bench) -> None:
    request = ReverseRequest(model="toy", steps=4, samples=3)
    bench.lab.run(request)
    bench.done()
    bench.session.seek(50)
    bench.lab.draw()
    bench.lab.stage.canvas.set_focus_sample(2)
    QTest.mouseClick(bench.lab.form.deeds.branch, Qt.MouseButton.LeftButton)
    start = bench.lab.form.request().start
    assert isinstance(start, Step)
    assert (start.at, start.sample) == (50.0, 2)


def test_every_picture_is_restored_as_often_as_was_asked_for(bench: Bench) -> None:
    forward = bench.lab.form.request_for("forward")
    assert isinstance(forward, ForwardRequest)
    assert isinstance(forward.start, Image)
    assert len(forward.start.sha256) == 8
    bench.done()
    bench.lab.run(dataclasses.replace(forward, schedule=Cosine(timesteps=T)))
    bench.done()
    run = bench.session.a
    assert run is not None
    for copies, sample, samples in ((3, None, 24), (16, None, 64), (16, 1, 16)):
        bench.session.show(run)
        bench.session.seek(50)
        bench.lab.draw()
        bench.lab.stage.canvas.set_focus_sample(sample)
        bench.lab.stage.denoise.copies = copies
        said = bench.lab.stage.denoise.findChild(QSpinBox).toolTip()  # type: ignore[union-attr]
        assert ("At most 8: a run has room for 64 samples" in said) is (sample is None)
        bench.lab.stage.denoise.button.click()
        asked = bench.lab.form.request()
        assert isinstance(asked, ReverseRequest)
        assert asked.samples == samples
        bench.done()
    assert bench.session.a is not None
    first, *others = frame_at(bench.session.a, 50).x
    assert all((x == first).all() for x in others), "the one in focus, with different noise from here on"


def test_instruments_take_the_stage_s_place_and_give_it_back(bench: Bench, qtbot: QtBot) -> None:
    lab = bench.lab
    lab.pages.action.trigger()
    assert lab.instruments.isVisible()
    assert not lab.stage.isVisible()
    assert lab.timeline.isVisible()
    with qtbot.waitSignal(lab.instruments.drawn, timeout=LONG):
        bench.session.seek(40)
    QTest.mouseClick(lab.pages.tabs[1].button("stage"), Qt.MouseButton.LeftButton)
    assert lab.stage.isVisible()


def test_pointing_at_a_curve_s_chip_lights_the_row_and_the_reverse(bench: Bench) -> None:
    lab = bench.lab
    bench.compare(SAMPLERS, steps=4)
    row = lab.instant.rows["beta"]
    lab.highlight.point(BETA)
    assert "background" in row.label.styleSheet()
    lab.highlight.point("")
    assert row.label.styleSheet() == ""
    before = lab.stage.canvas.grab().toImage()
    lab.highlight.point(EPS)
    assert lab.stage.canvas.grab().toImage() != before


def test_the_instant_says_what_is_different_for_b(bench: Bench) -> None:
    bench.compare(SAMPLERS)
    bench.session.seek(50)
    bench.lab.draw()
    rows = bench.lab.instant.rows
    assert rows["std"].beside.startswith("0")
    assert rows["alpha_bar"].beside == ""


def chosen(bench: Bench, key: str) -> Instrument:
    """The instrument `key`, shown in the lab."""
    bench.lab.pages.open("instruments")
    bench.lab.instruments.choose(key, True)
    return bench.lab.instruments.instrument(key)


def test_the_objective_is_measured_on_the_model_of_the_run(bench: Bench, qtbot: QtBot) -> None:
    bench.lab.run(ReverseRequest(model="toy", sampler=Ddpm(), steps=T, samples=1, label=NO_CLASS))
    bench.done()
    made = chosen(bench, "objective")
    assert isinstance(made, ObjectiveInstrument)
    qtbot.waitUntil(lambda: "samples from the chain" in made.reason.text(), timeout=LONG)
    made.button.click()
    assert made.run is not None
    run = made.run
    assert run not in [run for run in bench.session.runs if run.slot.startswith("diffusion")]
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    bench.lab.draw()
    qtbot.waitUntil(lambda: "Bound on −log p(x₀)" in made.note.text(), timeout=LONG)
    terms = terms_of(run.store)
    assert terms.total.mean[-1] == pytest.approx(terms.prior + terms.term.mean.sum(), rel=1e-3)
    assert f"{terms.total.mean[-1]:.3f}" in made.note.text()
    assert made.chart.log
    made.which.button("total").click()
    bench.lab.draw()
    qtbot.waitUntil(lambda: not made.chart.log, timeout=LONG)


def test_a_measurement_is_cancelled_and_begun_again(bench: Bench, qtbot: QtBot) -> None:
    made = chosen(bench, "objective")
    assert isinstance(made, ObjectiveInstrument)
    made.button.click()
    first = made.run
    assert first is not None
    made.button.click()
    qtbot.waitUntil(lambda: first.status.final, timeout=LONG)
    made.button.click()
    assert made.run is not first
    assert first not in bench.session.runs
    made.button.click()
    qtbot.waitUntil(lambda: made.run is not None and made.run.status.final, timeout=LONG)


def test_particles_go_along_with_the_timeline(bench: Bench, qtbot: QtBot) -> None:
    made = chosen(bench, "plane")
    assert isinstance(made, PlaneInstrument)
    qtbot.waitUntil(lambda: made.run is not None and made.run.status is Status.FINISHED, timeout=LONG)
    assert bench.session.a is not None
    bench.session.seek(bench.session.a.plan.high)
    bench.lab.draw()
    qtbot.waitUntil(lambda: made.exact.frame is not None and made.exact.frame.position == 1000, timeout=LONG)
    wide = made.exact.particles()
    assert wide is not None
    assert float(wide.std()) == pytest.approx(1.0, abs=0.15), "x_T ~ N(0, I)"
    bench.session.seek(0)
    bench.lab.draw()
    qtbot.waitUntil(lambda: made.exact.frame is not None and made.exact.frame.position == 0, timeout=LONG)
    ring = made.exact.particles()
    assert ring is not None
    assert np.linalg.norm(ring, axis=1) == pytest.approx(2.0, abs=0.8), "a ring of radius 2"


def test_an_instrument_that_is_put_away_ends_its_run(bench: Bench, qtbot: QtBot) -> None:
    made = chosen(bench, "plane")
    assert isinstance(made, PlaneInstrument)
    qtbot.waitUntil(lambda: made.run is not None, timeout=LONG)
    bench.lab.instruments.choose("plane", False)
    aside = [run for run in bench.session.runs if run.slot.startswith("instrument")]
    qtbot.waitUntil(lambda: all(run.status.final for run in aside), timeout=LONG)


def test_on_a_process_without_beta_there_are_steps_to_compare_and_no_ddpm(bench: Bench) -> None:
    form, request = bench.lab.form, ReverseRequest(model="ideal-toys", process=Flow())
    assert "DDPM" in form.deeds.presets[SAMPLERS].text()
    form.deeds.refresh(conditional=True, steps=steps_of(0), without_beta=request.without_beta)
    assert "DDPM" not in form.deeds.presets[SAMPLERS].text()
    assert steps_of(0) == (50, 1000)
    few, many = pair(STEPS, request, 0)
    assert (few.steps, many.steps) == (50, 1000)
