"""The GAN lab, every control of it, over trainings that the test makes up."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from diffviz.domain import samples
from diffviz.domain.errors import Diverged
from diffviz.domain.frames import Checkpoint
from diffviz.domain.gan import (
    AskD,
    Drawn,
    GanFrame,
    GanRequest,
    Judged,
    NearestReal,
    Neighbours,
    Pictures,
    Replaying,
    Ring,
)
from diffviz.domain.messages import (
    Advance,
    Answered,
    Ask,
    Cancel,
    Failed,
    Pause,
    Paused,
    Queued,
    Resume,
    Resumed,
    Start,
    Started,
)
from diffviz.domain.requests import Noise, Step
from diffviz.domain.serialization import encode
from diffviz.families.gan import PRESETS
from diffviz.session.run import Status
from diffviz.theory.gaussians import log_density
from diffviz.ui.instruments.kl import JS
from diffviz.ui.labs.gan.lab import KL, STAGE
from diffviz.ui.labs.gan.metrics import HOVER, NEAREST
from diffviz.ui.labs.gan.plane import BEST, BOTH, LEARNT
from diffviz.ui.labs.gan.plane_scene import REAL
from diffviz.ui.widgets.view import Shown
from diffviz.ui.window.top_bar import title
from tests import waiting
from tests.ui.labs.gan.toys import GanBench

LEFT = Qt.MouseButton.LeftButton
LONG = 20_000
SHORT = GanRequest(steps=400, every=20)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[GanBench]:
    made = GanBench(qtbot, SHORT)
    yield made
    made.close()


@pytest.fixture
def trained(bench: GanBench) -> GanBench:
    """With a training that has come to its end."""
    bench.lab.training.train()
    bench.come()
    return bench


@pytest.fixture
def running(bench: GanBench) -> GanBench:
    """With a training that is half done."""
    bench.lab.training.train()
    bench.come(11)
    return bench


def starts(bench: GanBench) -> list[GanRequest]:
    return [s.request for s in bench.link.sent if isinstance(s, Start) and isinstance(s.request, GanRequest)]


def test_the_divergence_of_two_gaussians_is_a_page_of_the_stage(qtbot: QtBot, bench: GanBench) -> None:
    lab = bench.lab
    kl = lab.divergence.kl
    qtbot.mouseClick(lab.pages.tabs[0].button(KL), LEFT)
    assert kl.isVisible()
    assert not lab.stage.isVisible()
    assert kl.which.current() == JS
    kl.set_gaussian(0, 0.0, 1.0)
    kl.set_gaussian(1, 1.0, 0.5)
    x = np.linspace(-6, 6, 40_001)
    p, q = (np.exp(log_density(x, *gaussian)) for gaussian in kl.gaussians)
    loss = -np.trapezoid(p * np.log(p / (p + q)) + q * np.log(q / (p + q)), x)
    assert f"log 4 − 2 JS = {loss:.3f} nats" in kl.remark.text(), "the loss of D*, integrated"
    kl.set_gaussian(0, 1.0, 0.5)
    assert "log 4 − 2 JS = 1.386 nats" in kl.remark.text(), "D can only guess"
    kl.set_gaussian(0, -2.0, 0.5)
    look = json.loads(encode(lab.look()))
    kl.set_gaussian(0, 2.0, 1.5)
    lab.take_look({**look, "kl": {"gaussians": [0, "wide", 1, 2]}})
    assert kl.gaussians[0] == (2.0, 1.5)
    lab.take_look(look)
    assert kl.gaussians[0] == (-2.0, 0.5)
    qtbot.mouseClick(lab.pages.tabs[1].button(STAGE), LEFT)
    assert lab.stage.isVisible()


def test_k_turns_the_page_and_the_stage_is_drawn_when_it_comes_back(trained: GanBench) -> None:
    lab = trained.lab
    lab.pages.action.trigger()
    assert lab.pages.page == KL
    trained.session.seek(100)
    lab.draw()
    lab.pages.action.trigger()
    lab.draw()
    frame = trained.session.frame()
    assert isinstance(frame, GanFrame)
    np.testing.assert_array_equal(lab.stage.points.maps[0].scene.fake, frame.fake)


def test_before_any_run_the_data_are_shown(bench: GanBench) -> None:
    scene = bench.lab.stage.points.maps[0].scene
    assert scene.surface is None
    assert len(scene.fake) == 0
    radius = np.linalg.norm(scene.real, axis=1)
    assert abs(float(radius.mean()) - 2.0) < 0.05, "the ring has radius 2"
    assert bench.lab.form.panel.train.isEnabled()


def test_train_starts_the_settings_from_fresh_networks(qtbot: QtBot, bench: GanBench) -> None:
    qtbot.mouseClick(bench.lab.form.panel.train, LEFT)
    assert starts(bench) == [SHORT]
    assert bench.run.slot == "gan/training"
    bench.come(3)
    assert bench.lab.form.panel.train.text() == "Pause"
    assert bench.session.cursor == 40


@pytest.mark.parametrize("key", list(PRESETS))
def test_one_press_runs_a_preset_and_undo_brings_the_form_back(qtbot: QtBot, bench: GanBench, key: str) -> None:
    button = bench.lab.form.presets.buttons[key]
    assert not button.icon().isNull()
    qtbot.mouseClick(button, LEFT)
    assert starts(bench) == [PRESETS[key].request]
    assert bench.request == PRESETS[key].request
    assert button.isChecked()
    assert button.toolTip().startswith(PRESETS[key].sentence)
    bench.come(2)
    bench.undo.undo()
    assert bench.request == SHORT
    assert not button.isChecked()
    assert not bench.lab.training._rest.isActive(), "the training that was begun goes on as it is"
    assert starts(bench) == [PRESETS[key].request]


def test_little_height_folds_the_presets_so_that_settings_are_in_sight(qtbot: QtBot, bench: GanBench) -> None:
    form = bench.lab.form
    row = form.settings.row("loss")
    assert row is not None

    def in_sight(widget: QWidget) -> bool:
        return widget.visibleRegion().boundingRect().height() == widget.height()

    bench.lab.resize(880, 510)
    bench.lab.set_compact(True)
    qtbot.waitUntil(lambda: in_sight(row) and in_sight(form.panel.train))
    assert form.presets.isHidden()
    qtbot.mouseClick(form.fold, LEFT)
    assert form.presets.isVisible()
    assert "Hide" in form.fold.toolTip()
    bench.lab.set_compact(False)
    assert form.presets.isVisible()


def test_a_preset_takes_another_seed_where_that_is_not_kept_and_one_undo_brings_all_back(
    qtbot: QtBot, bench: GanBench
) -> None:
    bench.lab.form.draft.lock_seed(False)
    qtbot.mouseClick(bench.lab.form.presets.buttons["collapse"], LEFT)
    (started,) = starts(bench)
    assert dataclasses.replace(started, seed=PRESETS["collapse"].request.seed) == PRESETS["collapse"].request
    bench.undo.undo()
    assert bench.request == SHORT


def test_a_preset_runs_by_keyboard(qtbot: QtBot, bench: GanBench) -> None:
    button = bench.lab.form.presets.buttons["perfect"]
    waiting.stand_on(qtbot, button)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert starts(bench) == [PRESETS["perfect"].request]


def test_a_training_that_waits_says_so_on_the_stage(qtbot: QtBot, bench: GanBench) -> None:
    other = bench.session.start(SHORT, "elsewhere", show=False)
    bench.link.received.emit(Started(other.id))
    bench.lab.training.train()
    bench.link.received.emit(Queued(bench.run.id))
    bench.lab.draw()
    waiting = bench.lab.waiting
    qtbot.waitUntil(waiting.isVisible, timeout=LONG)
    assert bench.session.names.of(other) in waiting.sentence.text()
    bench.come(1)
    assert waiting.isHidden()


def test_t_trains_pauses_and_goes_on(bench: GanBench) -> None:
    toggle = next(action for action in bench.lab.actions_of() if action.shortcut().toString() == "T")
    toggle.trigger()
    bench.come(3)
    toggle.trigger()
    assert bench.sent(Pause)
    bench.obey()
    assert bench.run.status is Status.PAUSED
    assert bench.lab.form.panel.train.text() == "Go on"
    assert "paused at 40 / 400" in bench.lab.form.panel.progress.text()
    toggle.trigger()
    assert bench.sent(Resume)


def test_held_before_its_first_step_a_training_counts_steps_and_not_frames(bench: GanBench) -> None:
    bench.lab.training.train(held=True)
    bench.link.received.emit(Started(bench.run.id))
    bench.link.received.emit(Paused(bench.run.id))
    bench.lab.draw()
    assert not len(bench.run.store)
    assert bench.lab.form.panel.progress.text() == "paused at 0 / 400 steps"
    assert bench.lab.form.runs.item_of(bench.run).toolTip(0).endswith("paused at 0 / 400 steps")


def test_title_list_and_bar_say_of_a_branch_what_its_steps_say(trained: GanBench) -> None:
    """Of 400 steps a branch at 200 has come to 260, and 65 % is what every place says, the title in tens."""
    trained.session.seek(200)
    trained.lab.training.go_on()
    trained.come(4)
    panel = trained.lab.form.panel
    assert panel.progress.text().startswith("260 / 400 steps")
    assert panel.bar.value() / panel.bar.maximum() == 260 / 400
    assert title(trained.run, trained.session.names) == "60% · from step 200 – diffviz"
    trained.link.received.emit(Paused(trained.run.id))
    assert title(trained.run, trained.session.names) == "65% · from step 200 – diffviz"
    trained.link.received.emit(Resumed(trained.run.id))
    item = trained.lab.form.runs.item_of(trained.run)
    assert item.text(0) == "└ from step 200 · 65%"
    assert "260 / 400 steps" in item.toolTip(0), "where they are counted they are training steps too"
    trained.session.rename(trained.run, "mine")
    trained.come(1)
    assert title(trained.run, trained.session.names) == "70% · mine – diffviz"
    trained.come()
    assert title(trained.run, trained.session.names) == "mine – diffviz"


def test_every_shortcut_is_of_one_action(bench: GanBench) -> None:
    keys = [action.shortcut().toString() for action in bench.lab.actions_of()]
    assert len(keys) == len(set(keys)), sorted(keys)
    assert {"T", "1", "2", "C", "Space"} <= set(keys)
    listed = [keys for rows in bench.lab.shortcuts().values() for keys, _ in rows]
    assert {"T", "1", "2", "C", "Esc"} <= set(listed)


@pytest.mark.parametrize("part", ["D", "G"])
def test_a_step_holds_the_run_and_asks_for_the_part(qtbot: QtBot, running: GanBench, part: str) -> None:
    qtbot.mouseClick(running.lab.form.panel.steps[part], LEFT)
    assert running.sent(Pause)
    [advance] = running.sent(Advance)
    assert isinstance(advance, Advance)
    assert (advance.run_id, advance.part, advance.steps) == (running.run.id, part, 1)


def test_a_step_after_the_end_goes_on_from_the_cursor(qtbot: QtBot, trained: GanBench) -> None:
    first = trained.run
    trained.session.seek(200)
    qtbot.mouseClick(trained.lab.form.panel.steps["D"], LEFT)
    assert trained.run.parent is first
    assert trained.run.request.start == Step(SHORT, 200.0)
    assert [a.part for a in trained.sent(Advance) if isinstance(a, Advance)] == ["", "D"]


def test_a_step_without_a_run_begins_one_that_is_held(qtbot: QtBot, bench: GanBench) -> None:
    qtbot.mouseClick(bench.lab.form.panel.steps["G"], LEFT)
    kinds = [type(command).__name__ for command in bench.link.sent if not isinstance(command, Ask)]
    assert kinds == ["Start", "Advance", "Advance"]
    [start] = bench.sent(Start)
    assert isinstance(start, Start)
    assert start.held, "no frame may come before the first one that is asked for"


def test_cancel_keeps_what_came(qtbot: QtBot, running: GanBench) -> None:
    qtbot.mouseClick(running.lab.form.panel.cancel, LEFT)
    assert running.sent(Cancel)
    running.obey()
    assert running.run.status is Status.CANCELLED
    assert len(running.run.store) == 11
    assert "cancelled at 200 / 400" in running.lab.form.panel.progress.text()
    assert not running.lab.form.panel.cancel.isEnabled()


def test_a_setting_changed_while_it_runs_starts_a_branch_at_the_newest_step(qtbot: QtBot, running: GanBench) -> None:
    first = running.run
    row = running.lab.form.settings.row("r1")
    assert row is not None
    for value in (0.5, 1.0, 2.0):  # as a slider is dragged: one branch, not three
        row.editor.edited.emit(value)
    row.editor.settled.emit()
    qtbot.waitUntil(lambda: len(starts(running)) == 2, timeout=LONG)
    assert starts(running)[1] == dataclasses.replace(SHORT, r1=2.0, start=Step(SHORT, 200.0))
    assert running.run.parent is first
    running.come(2)
    assert [(mark.position, mark.text) for mark in running.lab.timeline.slider._marks] == [(200.0, "R1 2")]
    texts = [running.lab.form.runs.item_of(run).text(0) for run in running.session.runs]
    assert "from step 200 · R1 2" in texts[1]


def test_a_branch_is_seen_with_what_came_before(trained: GanBench) -> None:
    """The timeline goes over the whole training: its first half is the parent's, frame by frame."""
    trained.lab.form.draft.set_value(("g_rate",), 1e-4, "")
    trained.session.seek(200)
    trained.lab.training.go_on()
    trained.come(4)
    assert list(trained.run.positions()) == [float(p) for p in range(0, 280, 20)]
    assert trained.session.cursor == 260
    trained.session.seek(100)
    frame = trained.session.frame()
    assert isinstance(frame, GanFrame)
    assert frame.position == 100
    track = trained.lab.timeline._track
    assert track is not None
    assert track.filled == (0.0, 260.0)
    figures = trained.lab.history(_shown(trained))
    assert figures is not None
    assert figures.positions.tolist() == list(trained.run.positions())
    assert figures.steps.tolist() == [float(n) for n in range(1, 261)]


def _shown(bench: GanBench) -> Shown:
    return Shown(bench.run, bench.session.cursor)


def test_a_setting_that_needs_fresh_networks_starts_no_branch(qtbot: QtBot, running: GanBench) -> None:
    running.lab.form.draft.set_value(("capacity",), 32, "")
    assert not running.lab.training._rest.isActive()
    running.lab.draw()
    panel = running.lab.form.panel
    assert panel.notice.isVisible()
    assert "fresh networks" in panel.changed.text()
    assert not panel.on.isEnabled()
    qtbot.mouseClick(panel.back, LEFT)
    assert running.request == SHORT
    assert not panel.notice.isVisible()


def test_continue_from_here_begins_where_the_cursor_is(qtbot: QtBot, trained: GanBench) -> None:
    trained.session.seek(123)
    qtbot.mouseClick(trained.lab.form.panel.on, LEFT)
    assert starts(trained)[-1] == dataclasses.replace(SHORT, start=Step(SHORT, 120.0))


def test_continuing_at_the_end_adds_as_many_steps(trained: GanBench) -> None:
    trained.lab.training.go_on()
    assert starts(trained)[-1].steps == 800
    assert starts(trained)[-1].start == Step(SHORT, 400.0)


def test_a_branch_of_a_branch_before_its_beginning_is_one_of_the_first_run(trained: GanBench) -> None:
    trained.session.seek(200)
    trained.lab.training.go_on()
    trained.come()
    trained.session.seek(100)
    trained.lab.training.go_on()
    assert starts(trained)[-1].start == Step(SHORT, 100.0)


def test_the_stage_shows_the_points_over_d(qtbot: QtBot, trained: GanBench) -> None:
    stage = trained.lab.stage
    frame = trained.session.frame()
    assert isinstance(frame, GanFrame)
    for view in stage.points.maps:
        np.testing.assert_array_equal(view.scene.fake, frame.fake)
        assert view.scene.surface is not None
    np.testing.assert_array_equal(stage.points.maps[0].scene.surface, frame.surface)
    for key, visible in ((LEARNT, [True, False]), (BEST, [False, True]), (BOTH, [True, True])):
        qtbot.mouseClick(stage.surfaces.button(key), LEFT)
        assert [view.isVisible() for view in stage.points.maps] == visible


def test_arrows_and_contours_can_be_switched(qtbot: QtBot, trained: GanBench) -> None:
    stage = trained.lab.stage
    assert stage.points.maps[0].scene.arrows is None
    qtbot.mouseClick(stage.arrows, LEFT)
    qtbot.mouseClick(stage.contours, LEFT)
    trained.lab.draw()
    assert stage.points.maps[0].scene.arrows is not None
    assert len(stage.points.maps[0].scene.contours) >= 8, "one around each mode at least"


def test_arrows_keep_their_scale_as_the_gradient_falls(qtbot: QtBot, trained: GanBench) -> None:
    qtbot.mouseClick(trained.lab.stage.arrows, LEFT)
    gains = []
    for position in (20, 400):
        trained.session.seek(position)
        trained.lab.draw()
        gains.append(trained.lab.stage.points.maps[0].scene.gain)
    assert gains[0] == gains[1] > 0


def test_the_maps_move_together_and_keep_their_aspect(trained: GanBench) -> None:
    one, other = trained.lab.stage.points.maps
    one.zoom(2.0, QPointF(100, 100))
    assert other.scale.per_unit == pytest.approx(one.scale.per_unit)
    assert other.scale.bounds == pytest.approx(one.scale.bounds)
    one.view_all()
    for view in (one, other):
        low, high, below, above = view.scale.bounds
        assert low <= -3 <= 3 <= high
        assert below <= -3 <= 3 <= above


def test_points_are_chosen_in_a_region_of_the_plane_in_every_frame(qtbot: QtBot, trained: GanBench) -> None:
    stage, (one, other) = trained.lab.stage, trained.lab.stage.points.maps
    half = np.array([[0.0, -3.0], [3.0, -3.0], [3.0, 3.0], [0.0, 3.0]])
    one.lassoed.emit(half)
    for position in (400, 20):
        trained.session.seek(position)
        trained.lab.draw()
        frame = trained.session.frame()
        assert isinstance(frame, GanFrame)
        held = (np.abs(frame.real - [1.5, 0]) < [1.5, 3]).all(1)
        d = f"{frame.d_real[held].mean():.3f}"
        assert f"{held.sum()} of {len(frame.real)} real chosen, mean D {d}" == stage.points.captions[0].text()
    assert one.scene.region is other.scene.region is half
    waiting.stand_on(qtbot, one)
    qtbot.keyClick(one, Qt.Key.Key_Escape)
    assert other.scene.region is None
    assert "chosen" not in stage.points.captions[0].text()


def test_real_and_generated_points_are_switched(qtbot: QtBot, trained: GanBench) -> None:
    stage, view = trained.lab.stage, trained.lab.stage.points.maps[0]
    both = view.grab().toImage()
    assert len(view.table()[0].values) == len(view.scene.real) + len(view.scene.fake)
    qtbot.mouseClick(stage.kinds[REAL], LEFT)
    assert len(view.table()[0].values) == len(view.scene.fake)
    assert view.grab().toImage() != both
    qtbot.mouseClick(stage.kinds[REAL], LEFT)
    assert view.grab().toImage() == both


def test_hovering_asks_d_and_says_what_it_answers(qtbot: QtBot, trained: GanBench) -> None:
    view = trained.lab.stage.points.maps[0]
    x, y = view.scale.to_px([[1.0, -0.5]])[0]
    view.point(QPointF(x, y))
    asked = [a.query for a in trained.link.sent if isinstance(a, Ask) and a.view == HOVER][-1]
    assert isinstance(asked, AskD)
    np.testing.assert_allclose(asked.x, [[1.0, -0.5]], atol=1e-5)
    assert (asked.request, asked.at) == (SHORT, 400.0)
    assert "D ≈ " in trained.lab.stage.readout.text()
    trained.link.received.emit(Answered(HOVER, Judged(np.array([0.9], np.float32), ("another",))))
    assert "D ≈ " in trained.lab.stage.readout.text(), "an answer about another step is not shown"
    trained.link.received.emit(Answered(HOVER, Judged(np.array([0.731], np.float32), asked.key)))
    assert "x = (1.00, −0.50) · D = 0.731" in trained.lab.stage.readout.text()
    trained.link.received.emit(Answered(HOVER, None))
    assert "D ≈ " in trained.lab.stage.readout.text()
    assert "too far from a keyframe" in trained.lab.stage.readout.text()
    view.point(None)
    assert trained.lab.stage.readout.text() == ""


def test_networks_that_are_far_are_asked_for_until_they_are_there(trained: GanBench) -> None:
    keyframe = Checkpoint(100.0, b"opaque")
    trained.run.keyframes.add(keyframe)
    trained.session.seek(200)
    trained.lab.draw()
    view = trained.lab.stage.points.maps[0]
    x, y = view.scale.to_px([[1.0, -0.5]])[0]
    view.point(QPointF(x, y))

    def asked() -> list[AskD]:
        found = [a.query for a in trained.link.sent if isinstance(a, Ask) and a.view == HOVER]
        return [query for query in found if isinstance(query, AskD)]

    assert asked()[-1].checkpoint is keyframe
    before = len(asked())
    trained.link.received.emit(Answered(HOVER, Replaying(42.5)))
    assert "42 steps to D" in trained.lab.stage.readout.text()
    assert len(asked()) == before + 1
    trained.session.seek(300)
    trained.link.received.emit(Answered(HOVER, Replaying(40.0)))
    assert len(asked()) == before + 1, "nobody looks at that step any more"
    view.point(None)
    trained.session.seek(200)
    trained.link.received.emit(Answered(HOVER, Replaying(40.0)))
    assert len(asked()) == before + 1, "the pointer has left"


def test_the_pointer_moves_by_keyboard(qtbot: QtBot, trained: GanBench) -> None:
    view = trained.lab.stage.points.maps[0]
    waiting.stand_on(qtbot, view)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.pointer is not None
    asked = [a.query for a in trained.link.sent if isinstance(a, Ask) and a.view == HOVER][-1]
    assert isinstance(asked, AskD)
    assert asked.x[0, 0] > 0
    assert asked.x[0, 1] > 0


def test_the_strip_lights_the_way_of_the_gradient(trained: GanBench) -> None:
    strip = trained.lab.stage.strip
    assert strip.lit() == ("D", "sample", "G")
    assert "G is updated, through D" in strip.accessibleName()
    trained.session.seek(0)
    trained.lab.draw()
    assert strip.lit() == ()
    strip.show_update(1)
    assert strip.lit() == ("D",)
    assert "D is updated" in strip.words()
    strip.show_update(2, exact=True)
    assert strip.lit() == ()


def test_the_verdict_is_that_of_the_cursor(trained: GanBench) -> None:
    view = trained.lab.verdict
    assert view.verdict is not None
    trained.session.seek(0)
    trained.lab.draw()
    assert view.verdict.kind == "untrained"
    assert view.title.text() == "Untrained"
    trained.session.seek(200)
    trained.lab.draw()
    frame = trained.session.frame()
    assert isinstance(frame, GanFrame)
    assert view.verdict.kind != "untrained"
    assert view.evidence.text()
    assert view.value("real") == f"{100 * frame.accuracy_real:.1f} %"
    assert view.value("covered") == f"{frame.covered:.0f} / 8"
    assert view.rows["best"].label.isVisible()
    assert not view.rows["threshold"].label.isVisible()


def test_bars_stand_beside_what_the_data_would_have(trained: GanBench) -> None:
    frame = trained.session.frame()
    assert isinstance(frame, GanFrame)
    bars = trained.lab.verdict.bars
    np.testing.assert_array_equal(bars.counts, frame.per_mode)
    np.testing.assert_allclose(bars.ideal.sum(), frame.per_mode.sum() / frame.quality, rtol=1e-6)


@pytest.mark.parametrize("data", ["fashion-mnist", "mnist (10,000 images)"])
def test_bars_of_classes_are_named(qtbot: QtBot, data: str) -> None:
    bench = GanBench(qtbot, GanRequest(data=Pictures(data), steps=200, every=50))
    bench.lab.training.train()
    bench.come()
    view, classes = bench.lab.verdict, samples.load(data).classes
    assert len(view.bars.counts) == len(classes) == 10
    for index, name in enumerate(classes):
        assert view.bars.tip(index).startswith(f"{name}: {view.bars.counts[index]:.0f} samples")
    listed = [text.split("\N{NO-BREAK SPACE}", 1) for text in view.names.text().split(" · ")]
    if view.bars.named:
        assert data != "fashion-mnist", "a digit has room under its bar, a garment has not"
        assert not view.names.isVisible(), "a second list of numbers, one off, would be worse than none"
    else:
        assert view.names.isVisible()
        plain = [(n, name.replace("\N{NO-BREAK SPACE}", " ")) for n, name in listed]
        assert plain == [(f"{i + 1}", name) for i, name in enumerate(classes)]
    bench.close()


def test_images_stand_in_two_grids_with_d_under_each(qtbot: QtBot) -> None:
    bench = GanBench(qtbot, GanRequest(data=Pictures(), steps=200, every=50))
    bench.lab.training.train()
    bench.come()
    stage = bench.lab.stage
    assert not stage.planar
    assert stage.images.real.isVisible()
    assert not stage.surfaces.isVisible()
    grid = stage.images.fake
    assert grid.indexAt(grid.box(1).center().toPoint()).row() == 1
    waiting.stand_on(qtbot, grid)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert "generated image 2 · D = " in stage.readout.text()
    assert bench.lab.verdict.bars_heading.text() == "SAMPLES PER CLASS"
    assert not bench.lab.verdict.rows["tv"].label.isVisible()
    bench.close()


def test_neighbours_are_asked_for_when_the_cursor_rests(qtbot: QtBot) -> None:
    bench = GanBench(qtbot, GanRequest(data=Pictures(), steps=200, every=50))
    bench.lab.training.train()
    bench.come()
    qtbot.waitUntil(lambda: any(a.view == NEAREST for a in bench.link.sent if isinstance(a, Ask)), timeout=LONG)
    [query] = [a.query for a in bench.link.sent if isinstance(a, Ask) and a.view == NEAREST]
    assert isinstance(query, NearestReal)
    images = np.zeros((6, 1, 28, 28), np.float32)
    answer = Neighbours(images, np.arange(6, dtype=np.float32), 10_000, 10_000, query.key)
    stale = dataclasses.replace(answer, key=("another",))
    bench.link.received.emit(Answered(NEAREST, stale))
    assert bench.lab.neighbours.real[0].values is None
    bench.link.received.emit(Answered(NEAREST, answer))
    assert bench.lab.neighbours.real[0].values is not None
    assert "2.5" in bench.lab.neighbours.note.text()
    assert "all 10,000 training pictures" in bench.lab.neighbours.note.text()
    bench.close()


def test_neighbours_are_asked_for_again_until_all_training_pictures_were_seen(qtbot: QtBot) -> None:
    bench = GanBench(qtbot, GanRequest(data=Pictures(), steps=200, every=50))
    bench.lab.training.train()
    bench.come()

    def asked() -> list[NearestReal]:
        return [a.query for a in bench.link.sent if isinstance(a, Ask) and isinstance(a.query, NearestReal)]

    qtbot.waitUntil(lambda: len(asked()) == 1, timeout=LONG)
    part = Neighbours(np.zeros((6, 1, 28, 28), np.float32), np.ones(6, np.float32), 40, 10_000, asked()[0].key)
    bench.link.received.emit(Answered(NEAREST, part))
    assert "40 of the 10,000 training pictures" in bench.lab.neighbours.note.text()
    qtbot.waitUntil(lambda: len(asked()) == 2, timeout=LONG)
    assert asked()[1].key == asked()[0].key
    bench.link.received.emit(Answered(NEAREST, dataclasses.replace(part, seen=10_000)))
    assert not bench.lab.asking._again.isActive(), "all have been seen"
    bench.close()


def test_another_data_set_is_chosen_at_the_top(bench: GanBench) -> None:
    choices = bench.lab.choices()
    assert choices is not None
    assert {"ring", "lattice", "moons", "roll", "drawn", "pictures/fashion-mnist"} <= {c.key for c in choices}
    with_signal: list[None] = []
    bench.lab.choice_changed.connect(lambda: with_signal.append(None))
    bench.lab.choose("moons")
    assert bench.lab.chosen() == "moons"
    assert with_signal
    bench.lab.choose("pictures/fashion-mnist")
    assert bench.request.data == Pictures("fashion-mnist")
    bench.undo.undo()
    assert bench.lab.chosen() == "moons"


def test_a_distribution_is_drawn_with_the_mouse(qtbot: QtBot, bench: GanBench) -> None:
    bench.lab.choose("drawn")
    pad, canvas = bench.lab.form.pad, bench.lab.form.pad.canvas
    assert pad.isVisible()
    assert not bench.lab.form.panel.train.isEnabled() or bench.request.data == Drawn()
    area = canvas.area()
    qtbot.mousePress(canvas, LEFT, pos=area.center().toPoint())
    qtbot.mouseMove(canvas, (area.center() + QPointF(40, -30)).toPoint())
    canvas.add(1.5, 1.0)
    qtbot.mouseRelease(canvas, LEFT, pos=area.center().toPoint())
    canvas.add(-1.0, -1.0)
    canvas.settled.emit()
    data = bench.request.data
    assert isinstance(data, Drawn)
    np.testing.assert_allclose(data.points[0], (0, 0), atol=0.05)
    assert data.points[-1] == (-1.0, -1.0)
    qtbot.mouseClick(pad.undo, LEFT)
    assert isinstance(bench.request.data, Drawn)
    assert bench.request.data.points == data.points[:-1]
    bench.undo.undo()
    assert bench.request.data == data
    qtbot.mouseClick(pad.clear, LEFT)
    assert bench.request.data == Drawn()


def test_a_distribution_is_drawn_by_keyboard(qtbot: QtBot, bench: GanBench) -> None:
    bench.lab.choose("drawn")
    canvas = bench.lab.form.pad.canvas
    waiting.stand_on(qtbot, canvas)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_Space):
        qtbot.keyClick(canvas, key)
    assert isinstance(bench.request.data, Drawn)
    np.testing.assert_allclose(bench.request.data.points, [(0.3, 0.0), (0.3, 0.15)])
    qtbot.keyClick(canvas, Qt.Key.Key_Backspace)
    assert len(bench.request.data.points) == 1


def test_a_training_that_diverged_says_so_and_keeps_its_frames(running: GanBench) -> None:
    running.link.received.emit(Failed(running.run.id, Diverged(217.0), "details"))
    running.lab.draw()
    problem = running.lab.form.panel.problem
    assert problem.isVisible()
    assert "diverged at step 217" in problem.text.text()
    assert running.session.frame() is not None


def test_an_unlocked_seed_is_another_one_each_time(bench: GanBench) -> None:
    bench.lab.form.draft.lock_seed(False)
    bench.lab.form.draft.seeds = lambda: 7
    bench.lab.training.train()
    assert starts(bench)[-1].seed == 7
    assert isinstance(starts(bench)[-1].start, Noise)


def test_another_window_goes_on_with_the_form(bench: GanBench) -> None:
    bench.lab.form.draft.set_value(("loss",), "hinge", "")
    forms = [bench.request]
    bench.lab.form.set_request(GanRequest(data=Ring(modes=3)))
    bench.lab.take(None, forms)
    assert bench.request.loss == "hinge"
