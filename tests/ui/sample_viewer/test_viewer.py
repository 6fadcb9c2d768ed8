"""The stage: true pixels, true values, and a pointer and keyboard that do what they say."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from diffviz.domain.frames import ReverseFrame
from diffviz.domain.glossary import meaning
from diffviz.domain.messages import Recognised
from diffviz.domain.panes import labelled
from diffviz.domain.requests import ReverseRequest
from diffviz.families import panes_of
from diffviz.session.run import Run, Status
from diffviz.ui.sample_viewer import captions
from diffviz.ui.sample_viewer.layout import Viewport
from diffviz.ui.sample_viewer.picture import values_at
from diffviz.ui.sample_viewer.viewer import SampleViewer
from diffviz.ui.widgets.pixmaps import grey_levels
from diffviz.ui.widgets.words import words_in
from tests import waiting
from tests.ui.sample_viewer.runs import GREY, Shape, forward_run, reverse_frame, reverse_run, run_of, shown

SHAPES: list[Shape] = [GREY, (3, 48, 64), (3, 512, 512)]
NO_KEYS = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def stage(qtbot: QtBot) -> SampleViewer:
    made = SampleViewer()
    qtbot.addWidget(made)
    made.resize(800, 420)
    made.show()
    return made


def point(stage: SampleViewer, pane: int, sample: int, row: float = 0.5, column: float = 0.5) -> QPoint:
    """Where on the canvas a pixel of a sample is; row and column as shares of its height and width."""
    scene = stage.canvas.scene
    assert scene
    box = scene.tile(pane, scene.samples.index(sample), stage.canvas.viewport)
    return QPoint(int(box.x + column * box.width), int(box.y + row * box.height))


def wheel(stage: SampleViewer, at: QPoint, notches: int) -> None:
    local = QPointF(at)
    angle, buttons, phase = QPoint(0, 120 * notches), Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    where = QPointF(stage.canvas.mapToGlobal(at))
    QApplication.sendEvent(stage.canvas, QWheelEvent(local, where, QPoint(), angle, buttons, NO_KEYS, phase, False))


def click(stage: SampleViewer, at: QPoint) -> None:
    QTest.mouseClick(stage.canvas, Qt.MouseButton.LeftButton, NO_KEYS, at)


@pytest.mark.parametrize("shape", SHAPES[:2])
@pytest.mark.parametrize("count", [1, 4])
def test_what_is_drawn_has_exactly_the_frame_s_pixels(stage: SampleViewer, shape: Shape, count: int) -> None:
    run = reverse_run(count, shape)
    stage.draw(shown(run))
    scene, frame = stage.canvas.scene, run.at(60.0)
    assert scene
    assert isinstance(frame, ReverseFrame)
    scale = int(scene.grid.scale)
    assert scale >= 1
    image = stage.canvas.grab().toImage()
    levels = grey_levels(frame.x0, (-1.0, 1.0))
    for sample in range(count):
        box = scene.tile(1, sample, Viewport())
        for row, column in ((0, 0), (3, 5), (shape[1] - 1, shape[2] - 1)):
            want = QColor(*np.broadcast_to(levels[sample, row, column], 3).tolist())
            for dx, dy in ((0, 0), (scale - 1, scale - 1)):
                assert image.pixelColor(box.x + column * scale + dx, box.y + row * scale + dy) == want


def test_pictures_of_another_size_have_their_own_places(stage: SampleViewer) -> None:
    for number, shape in enumerate((GREY, (3, 16, 16), GREY, (3, 48, 64))):
        stage.draw(shown(run_of([reverse_frame(60.0, 4, shape)], ReverseRequest(model="toy"), run_id=number)))
        stage.canvas.grab()
        scene = stage.canvas.scene
        assert scene
        box, scale = scene.tile(0, 0, Viewport()), int(scene.grid.scale)
        assert (box.height, box.width) == (scale * shape[1], scale * shape[2])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [1, 64])
def test_any_number_of_any_images_fits(stage: SampleViewer, shape: Shape, count: int) -> None:
    if count == 64 and shape[1] == 512:
        shape = (3, 128, 128)
    stage.draw(shown(run_of([reverse_frame(60.0, count, shape)], ReverseRequest(model="toy"))))
    stage.canvas.grab()
    scene = stage.canvas.scene
    assert scene
    assert len(scene.samples) == count
    for pane, body in enumerate(scene.bodies):
        last = scene.tile(pane, count - 1, Viewport())
        assert body.contains(last.x, last.y)
        assert body.contains(last.x + last.width - 1, last.y + last.height - 1)


@pytest.mark.parametrize("shape", SHAPES[:2])
def test_hovering_reads_the_frame_s_values_in_all_panes(stage: SampleViewer, shape: Shape) -> None:
    run = reverse_run(4, shape)
    stage.draw(shown(run))
    QTest.mouseMove(stage.canvas, point(stage, 1, 2, 0.3, 0.7))
    hit, picture, frame = stage.canvas.hit, stage.canvas.picture, run.at(60.0)
    assert hit
    assert picture
    assert isinstance(frame, ReverseFrame)
    assert (hit.sample, hit.row, hit.column) == (2, int(0.3 * shape[1]), int(0.7 * shape[2]))
    want = [tuple(a[2, :, hit.row, hit.column].tolist()) for a in (frame.x, frame.x0, frame.eps)]
    assert values_at(picture, hit) == want
    assert stage.readout().startswith(f"sample 3 · row {hit.row + 1}, column {hit.column + 1} · xₜ ")
    assert f"{abs(want[0][0]):.3f}" in stage.readout()


def test_the_readout_follows_time_under_a_resting_pointer(stage: SampleViewer) -> None:
    run = reverse_run()
    stage.draw(shown(run))
    QTest.mouseMove(stage.canvas, point(stage, 0, 1))
    before = stage.readout()
    stage.draw(shown(run, 30.0))
    assert stage.readout() not in ("", before)


def test_a_click_lets_a_sample_fill_the_stage_and_another_or_escape_goes_back(
    stage: SampleViewer, qtbot: QtBot
) -> None:
    stage.draw(shown(reverse_run()))
    with qtbot.waitSignal(stage.focus_changed) as told:
        click(stage, point(stage, 2, 3))
    assert told.args == [3]
    assert stage.canvas.scene
    assert stage.canvas.scene.samples == (3,)
    click(stage, point(stage, 0, 3))
    assert stage.focus is None
    click(stage, point(stage, 0, 1))
    with qtbot.waitSignal(stage.focus_changed) as told:
        QTest.keyClick(stage.canvas, Qt.Key.Key_Escape)
    assert told.args == [None]


def test_arrow_keys_are_the_timeline_s_after_a_click_and_the_stage_s_after_tab(
    stage: SampleViewer, qtbot: QtBot
) -> None:
    stage.draw(shown(reverse_run()))
    right = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Right, NO_KEYS)
    waiting.stand_on(qtbot, stage.canvas, Qt.FocusReason.MouseFocusReason)
    right.ignore()
    QApplication.sendEvent(stage.canvas, right)
    assert not right.isAccepted()
    stage.canvas.clearFocus()
    waiting.stand_on(qtbot, stage.canvas)
    QApplication.sendEvent(stage.canvas, right)
    assert right.isAccepted()
    QTest.keyClick(stage.canvas, Qt.Key.Key_Right)
    QTest.keyClick(stage.canvas, Qt.Key.Key_Return)
    assert stage.focus == 1
    QTest.keyClick(stage.canvas, Qt.Key.Key_Down)
    assert stage.focus == 2


def test_the_wheel_zooms_all_panes_alike_dragging_pans_them_and_double_click_fits(stage: SampleViewer) -> None:
    stage.draw(shown(reverse_run()))
    scene = stage.canvas.scene
    assert scene
    at = point(stage, 0, 0)
    wheel(stage, at, 3)
    assert stage.canvas.scale == int(stage.canvas.scale) > scene.grid.scale
    tiles = [scene.tile(pane, 0, stage.canvas.viewport) for pane in range(3)]
    assert len({(tile.x - body.x, tile.y - body.y) for tile, body in zip(tiles, scene.bodies, strict=True)}) == 1
    QTest.mousePress(stage.canvas, Qt.MouseButton.LeftButton, NO_KEYS, at)
    QTest.mouseMove(stage.canvas, at - QPoint(40, 30))
    QTest.mouseRelease(stage.canvas, Qt.MouseButton.LeftButton, NO_KEYS, at - QPoint(40, 30))
    moved = scene.tile(0, 0, stage.canvas.viewport)
    assert (moved.x - tiles[0].x, moved.y - tiles[0].y) == (-40, -30)
    assert stage.focus is None
    click(stage, at)
    QTest.mouseDClick(stage.canvas, Qt.MouseButton.LeftButton, NO_KEYS, at)
    assert stage.canvas.viewport == Viewport()
    assert stage.focus is None


def test_keys_zoom_wherever_the_keyboard_is(stage: SampleViewer, qtbot: QtBot) -> None:
    stage.draw(shown(reverse_run()))
    waiting.stand_on(qtbot, stage.toolbar.fixed)
    fitting = stage.canvas.scale
    QTest.keyClick(stage.toolbar.fixed, Qt.Key.Key_Plus)
    QTest.keyClick(stage.toolbar.fixed, Qt.Key.Key_Plus)
    twice = stage.canvas.scale
    assert twice > fitting
    QTest.keyClick(stage.toolbar.fixed, Qt.Key.Key_Minus)
    assert fitting < stage.canvas.scale < twice
    QTest.keyClick(stage.toolbar.fixed, Qt.Key.Key_0)
    assert stage.canvas.scale == fitting


def test_zoomed_in_the_pixels_are_still_the_frame_s(stage: SampleViewer) -> None:
    run = reverse_run(1, (1, 28, 28))
    stage.draw(shown(run))
    at = point(stage, 0, 0, 0.5, 0.5)
    wheel(stage, at, 5)
    image, frame, hit = stage.canvas.grab().toImage(), run.at(60.0), stage.canvas.hit
    assert hit
    assert isinstance(frame, ReverseFrame)
    scene = stage.canvas.scene
    assert scene
    box = scene.tile(0, 0, stage.canvas.viewport)
    scale = int(stage.canvas.scale)
    middle = (box.x + hit.column * scale + scale // 2, box.y + hit.row * scale + scale // 2)
    want = int(grey_levels(frame.x, (-1.0, 1.0))[0, hit.row, hit.column])
    assert image.pixelColor(*middle).red() == want


def test_automatic_range_shows_the_smallest_value_black_and_the_largest_white(stage: SampleViewer) -> None:
    stage.draw(shown(reverse_run()))
    picture = stage.canvas.picture
    assert picture
    assert picture.value_range(0, stage.canvas.automatic) == (-1.0, 1.0)
    stage.toolbar.automatic.click()
    low, high = picture.value_range(0, stage.canvas.automatic)
    assert (low, high) == (float(picture.arrays[0].min()), float(picture.arrays[0].max()))
    assert low < -1 < 1 < high


def test_a_chain_s_two_noises_are_told_apart(stage: SampleViewer) -> None:
    run = forward_run()
    stage.draw(shown(run))
    frame, picture = run.at(60.0), stage.canvas.picture
    assert frame
    assert picture
    assert [pane.symbol for pane in picture.panes] == ["x_0", "x_t", "ε̄_t"]
    assert np.array_equal(picture.arrays[2], frame.arrays()["noise"])
    stage.toolbar.step.click()
    picture = stage.canvas.picture
    assert picture
    assert picture.panes[2].symbol == "ε_t"
    assert np.array_equal(picture.arrays[2], frame.arrays()["step_noise"])


def test_x_0_stays_the_first_frame_s_while_time_moves(stage: SampleViewer) -> None:
    run = forward_run(chain=False, model=True)
    first = run.at(0.0)
    assert first
    for t in (30.0, 100.0):
        stage.draw(shown(run, t))
        picture = stage.canvas.picture
        assert picture
        assert [pane.symbol for pane in picture.panes] == ["x_0", "x_t", "ε", "ε̂", "x̂_0"]
        assert np.array_equal(picture.arrays[0], first.arrays()["x"])
        stage.canvas.grab()


def test_the_simple_loss_is_the_one_of_the_samples_shown(stage: SampleViewer) -> None:
    stage.draw(shown(forward_run(model=True)))
    assert "0.2500" in stage.toolbar.loss.text()
    stage.canvas.set_focus_sample(3)
    assert "0.4000" in stage.toolbar.loss.text()


@pytest.mark.parametrize("count", [1, 4, 8, 64])
def test_pictures_begin_under_the_left_end_of_their_heading(stage: SampleViewer, count: int) -> None:
    stage.draw(shown(run_of([reverse_frame(60.0, count, GREY)], ReverseRequest(model="toy"))))
    scene = stage.canvas.scene
    assert scene
    for pane, (header, body) in enumerate(zip(scene.headers, scene.bodies, strict=True)):
        first = scene.tile(pane, 0, Viewport())
        assert first.x == header.x == body.x
        assert first.y == header.y + header.height


def test_eight_pictures_are_as_large_as_three_in_a_row_can_be(stage: SampleViewer) -> None:
    """At 1440 pixels a pane is 258 wide: three pictures of 28 pixels at three times their size, and not two by four."""
    stage.resize(798, 396)
    stage.draw(shown(run_of([reverse_frame(60.0, 8, (1, 28, 28))], ReverseRequest(model="toy"))))
    scene = stage.canvas.scene
    assert scene
    assert (scene.grid.columns, scene.grid.scale) == (3, 3)


def test_denoise_stands_above_the_pictures_where_it_fits_and_below_where_not(stage: SampleViewer) -> None:
    stage.resize(900, 420)
    stage.draw(shown(forward_run()))
    QApplication.processEvents()
    assert stage.denoise.isVisible()
    assert stage.denoise.y() < stage.pair.y()
    assert not stage.denoise.geometry().intersects(stage.toolbar.geometry())
    stage.resize(420, 420)
    QApplication.processEvents()
    assert stage.denoise.y() > stage.pair.y()


def test_the_pixel_under_the_pointer_is_told_and_taken_back(stage: SampleViewer, qtbot: QtBot) -> None:
    stage.draw(shown(reverse_run()))
    with qtbot.waitSignal(stage.readout_changed) as told:
        QTest.mouseMove(stage.canvas, point(stage, 0, 1))
    assert "sample 2" in told.args[0]
    with qtbot.waitSignal(stage.readout_changed) as told:
        QApplication.sendEvent(stage.canvas, QEvent(QEvent.Type.Leave))
    assert told.args == [""]


def test_denoise_from_here_asks_for_the_sample_in_focus(stage: SampleViewer, qtbot: QtBot) -> None:
    run = forward_run()
    stage.draw(shown(run, 0.0))
    assert not stage.denoise.isEnabled()
    stage.draw(shown(run, 60.0))
    with qtbot.waitSignal(stage.denoise_asked) as asked:
        stage.denoise.button.click()
    assert asked.args == [None]
    click(stage, point(stage, 1, 2))
    with qtbot.waitSignal(stage.denoise_asked) as asked:
        stage.denoise.button.click()
    assert asked.args == [2]
    assert 1 <= stage.copies <= 16
    stage.draw(shown(reverse_run(run_id=2)))
    assert stage.denoise.isHidden()


def recognised(run: Run, position: float) -> Recognised:
    rows = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.45, 0.55]], np.float32)
    return Recognised(rows, ("Bag", "Coat"), (run.id, position))


def test_classes_stand_under_the_estimate_and_in_the_tooltip(stage: SampleViewer) -> None:
    run = reverse_run()
    stage.draw(shown(run))
    stage.set_labels(("Bag", "Bag", "Bag", None), recognised(run, 60.0))
    frame = run.at(60.0)
    assert frame
    pane = labelled(panes_of(frame))
    assert pane
    assert pane.field == "x0"
    assert stage.canvas.tooltip_at(point(stage, 0, 0)) == "Sample 1 · asked Bag · seen Bag 90 %"
    assert stage.canvas.tooltip_at(point(stage, 2, 3)) == "Sample 4 · seen Coat 55 %"
    marks = [label.mark for label in stage.canvas.labels]
    assert marks == ["✓", "✗", "✓", ""]
    assert stage.canvas.scene
    assert stage.canvas.scene.grid.strip > 0


def below(stage: SampleViewer, pane: int, sample: int) -> QPoint:
    """Where on the canvas the middle of the line under a sample is."""
    scene = stage.canvas.scene
    assert scene
    return point(stage, pane, sample, 1.0) + QPoint(0, scene.grid.strip // 2)


def test_the_line_under_a_sample_says_on_a_touch_what_it_means(stage: SampleViewer) -> None:
    run = reverse_run()
    stage.draw(shown(run))
    stage.set_labels(("Bag", "Bag", "Bag", None), None)
    said = [stage.canvas.tooltip_at(below(stage, 1, sample)) for sample in range(4)]
    assert said == [*["Bag is the class that the model was asked for."] * 3, ""]
    stage.set_labels(("Bag", "Bag", "Bag", None), recognised(run, 60.0))
    said = [stage.canvas.tooltip_at(below(stage, 1, sample)) for sample in (0, 1, 3)]
    assert said == [
        f"{each} {meaning('diffusion', 'seen')}"
        for each in (
            "✓: the model was asked for Bag, and a classifier sees it, with p(y | x) = 90 %.",
            "✗: the model was asked for Bag, but a classifier sees Coat, with p(y | x) = 80 %.",
            "A classifier sees Coat in this picture, with p(y | x) = 55 %; no class was asked for.",
        )
    ]
    listed = [word for _, word in words_in(stage) if "seen" in word.word]
    assert [(word.word, word.meaning) for word in listed] == [("✓ asked Bag · seen Bag 90 %", said[0])], "by key too"
    assert stage.canvas.tooltip_at(below(stage, 0, 0)) == "", "no words stand under x_t"
    stage.draw(shown(run, 30.0))
    assert stage.canvas.tooltip_at(below(stage, 1, 0)) == "Bag is the class that the model was asked for."


def test_the_loss_under_an_estimate_of_the_noise_says_what_it_is(stage: SampleViewer) -> None:
    stage.draw(shown(forward_run(model=True)))
    picture = stage.canvas.picture
    assert picture
    for pane, each in enumerate(picture.panes):
        assert ("eq. 14" in stage.canvas.tooltip_at(below(stage, pane, 2))) == (each.symbol == "ε̂")
    assert captions.loss_meaning(float("nan")).endswith("—: at t = 0 there is no noise to estimate")


def test_what_was_seen_at_another_time_or_of_another_run_is_not_shown(stage: SampleViewer) -> None:
    run = reverse_run()
    stage.draw(shown(run))
    stage.set_labels(("Bag",) * 4, recognised(run, 60.0))
    assert all(label.seen for label in stage.canvas.labels)
    stage.draw(shown(run, 30.0))
    assert all(label.seen is None and label.asked == "Bag" for label in stage.canvas.labels)
    stage.draw(shown(run, 60.0))
    assert all(label.seen for label in stage.canvas.labels)
    stage.draw(shown(reverse_run(run_id=2), 30.0))
    assert all(label.seen is None for label in stage.canvas.labels)


def test_the_same_frame_is_not_converted_again(stage: SampleViewer) -> None:
    run = reverse_run()
    stage.draw(shown(run))
    picture = stage.canvas.picture
    stage.draw(shown(run, 61.0))
    assert stage.canvas.picture is picture
    stage.draw(shown(run, 30.0))
    assert stage.canvas.picture is not picture


def test_the_last_picture_stays_until_the_next_run_has_one(stage: SampleViewer) -> None:
    stage.draw(shown(reverse_run()))
    picture = stage.canvas.picture
    empty = run_of([], ReverseRequest(model="toy"), run_id=2)
    stage.draw(shown(empty))
    assert stage.canvas.picture is picture
    empty.status = Status.FAILED
    stage.clear(empty)
    assert stage.canvas.picture is None
    assert "failed" in stage.canvas.accessibleDescription()


def test_an_empty_stage_says_what_to_do(stage: SampleViewer) -> None:
    stage.draw(shown(None))
    stage.clear(None)
    assert "press Run" in stage.canvas.accessibleDescription()
    assert not stage.canvas.grab().toImage().isNull()


def test_focus_survives_time_and_not_a_run_of_other_samples(stage: SampleViewer) -> None:
    run = reverse_run()
    stage.draw(shown(run))
    stage.canvas.set_focus_sample(3)
    stage.draw(shown(run, 30.0))
    assert stage.focus == 3
    stage.draw(shown(reverse_run(2, run_id=2)))
    assert stage.focus is None


def test_copied_images_are_the_samples_pixels(stage: SampleViewer) -> None:
    run = reverse_run()
    stage.draw(shown(run))
    frame = run.at(60.0)
    assert isinstance(frame, ReverseFrame)
    copy = stage.canvas.sample_image(1, 2)
    assert (copy.width(), copy.height()) == (28, 28)
    assert copy.pixelColor(4, 9).red() == int(grey_levels(frame.x0, (-1.0, 1.0))[2, 9, 4])
    whole = stage.canvas.pane_image(1)
    assert stage.canvas.scene
    content = stage.canvas.scene.grid.content
    assert (whole.width(), whole.height()) == (content.width, content.height)


def test_what_is_painted_is_named_for_those_who_do_not_see_it(stage: SampleViewer) -> None:
    stage.draw(shown(reverse_run()))
    assert stage.canvas.accessibleName()
    assert "x̂₀ its estimate of the clean image" in stage.canvas.accessibleDescription()
    for button in (stage.toolbar.combined, stage.toolbar.automatic, stage.toolbar.zoom, stage.denoise.button):
        assert button.toolTip()


def test_no_noise_is_said_and_not_drawn_grey(stage: SampleViewer) -> None:
    """At t = 0 of a reverse run ε̂ is 0 by definition: words stand there instead of flat grey pictures."""
    last = dataclasses.replace(reverse_frame(0.0, 2, GREY), sigma=0.0, eps=np.zeros((2, *GREY), np.float32))
    run = run_of([reverse_frame(60.0, 2, GREY), last], ReverseRequest(model="toy"), (60.0, 0.0))
    stage.draw(shown(run))
    assert stage.canvas.picture
    assert stage.canvas.picture.absent == frozenset()
    scene = stage.canvas.scene
    assert scene
    box = scene.tile(2, 0, Viewport())
    stage.draw(shown(run, 0.0))
    assert stage.canvas.picture.absent == {2}
    image = stage.canvas.grab().toImage()
    between = scene.bodies[2].x - 2
    assert image.pixelColor(box.x + 2, box.y + 2) == image.pixelColor(between, box.y + 2)
    QTest.mouseMove(stage.canvas, point(stage, 0, 1))
    assert stage.readout().endswith("ε̂ none at t = 0"), "no dash without a reason"


def test_one_fixed_noise_is_there_at_t_0_too(stage: SampleViewer) -> None:
    run = forward_run(chain=False)
    stage.draw(shown(run, 0.0))
    assert stage.canvas.picture
    assert stage.canvas.picture.absent == frozenset()
