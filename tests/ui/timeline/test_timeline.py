"""The timeline as a whole: its parts agree to the pixel, and everything that moves the cursor moves it."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.domain.sampling import Linear
from diffviz.domain.serialization import encode
from diffviz.theory.processes import process_of
from diffviz.ui.timeline.plot import TimelinePanel
from diffviz.ui.timeline.stack import TimelineStack
from diffviz.ui.widgets import theme
from tests import waiting
from tests.ui.timeline.pixels import Pixels, grab, like
from tests.ui.timeline.toys import Bench


def stack_of(bench: Bench) -> TimelineStack:
    assert bench.timeline.plots.stack is not None
    return bench.timeline.plots.stack


def visible_plots(bench: Bench) -> list[TimelinePanel]:
    return stack_of(bench).shown


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(("width", "position"), [(560, 360.0), (823, 0.0), (823, 517.3), (1101, 1000.0)])
def test_the_handle_stands_over_the_cursor_of_every_plot(
    bench: Bench, width: int, position: float, mirrored: bool, scale: float
) -> None:
    bench.start(steps=50)
    bench.timeline.resize(width, 400)
    bench.timeline.set_mirrored(mirrored)
    bench.session.seek(position)
    handle = handle_px(bench, scale)
    expected = bench.timeline.mapToGlobal(QPointF(bench.timeline.slider.map.to_px(position), 0)).x()
    assert handle == pytest.approx(expected, abs=0.75)
    for panel in visible_plots(bench):
        assert cursor_px(bench, panel, scale) == pytest.approx(handle, abs=0.5)


def handle_px(bench: Bench, scale: float) -> float:
    """Centre of the handle's pixels, in pixels of the screen."""
    slider = bench.timeline.slider
    painted = like(grab(slider, scale), theme.color("cursor"))
    painted[round(22 * scale) :] = False
    left = slider.mapToGlobal(QPoint(0, 0)).x()
    return left + (float(np.nonzero(painted)[1].mean()) + 0.5) / scale


def rows_of(panel: TimelinePanel, pixels: Pixels, scale: float = 1.0) -> Pixels:
    """The rows of `pixels` of the stack that are those of the box of `panel`."""
    area = panel.box.area
    return pixels[math.ceil(area.top() * scale) : math.floor(area.bottom() * scale)]


def cursor_px(bench: Bench, panel: TimelinePanel, scale: float) -> float:
    """Centre of the columns that the cursor line fills, in pixels of the screen."""
    painted = like(rows_of(panel, grab(stack_of(bench), scale), scale), theme.color("cursor"), tolerance=40)
    columns = np.flatnonzero(painted.sum(axis=0) > painted.shape[0] * 0.4)
    assert len(columns), "no cursor line"
    return stack_of(bench).mapToGlobal(QPoint(0, 0)).x() + (float(columns.mean()) + 0.5) / scale


def test_the_parts_say_where_they_stand(bench: Bench) -> None:
    """The coordinates that the parts compute agree like the pixels that they paint."""
    bench.start()
    bench.session.seek(123.4)
    slider = bench.timeline.slider
    handle = slider.mapToGlobal(slider.handle_centre())
    stack = stack_of(bench)
    assert stack.mapToGlobal(QPointF(stack.cursor_px, 0)).x() == pytest.approx(handle.x(), abs=0.5)
    for panel in visible_plots(bench):
        assert panel.to_px(123.4, 0.5).x() == pytest.approx(stack.cursor_px, abs=1e-6)


def test_a_moved_cursor_leaves_no_trace(bench: Bench) -> None:
    """Painting only what changed looks like painting everything."""
    bench.start(steps=20)
    bench.session.seek(800)
    bench.timeline.grab()
    for position in (790.0, 500.0, 495.5, 10.0, 333.0):
        bench.session.seek(position)
    moved = grab(bench.timeline)
    bench.timeline.update()
    np.testing.assert_array_equal(moved, grab(bench.timeline))


def test_the_readout_names_the_frame_that_is_shown(bench: Bench) -> None:
    run = bench.start(steps=50, come=33)
    assert bench.timeline.readout.text() == "t = 360 / 1000 · step 32 / 50"
    bench.session.seek(100)
    assert bench.timeline.readout.text() == "t = 360 / 1000 · step 32 / 50"
    bench.come(run, 18)
    assert bench.timeline.readout.text() == "t = 100 / 1000 · step 45 / 50"


def test_the_readout_does_not_change_its_width_with_the_figures(bench: Bench) -> None:
    bench.start(steps=50)
    widths = set()
    for position in (0, 20, 360, 1000):
        bench.session.seek(position)
        widths.add(bench.timeline.readout.width())
    assert len(widths) == 1


def test_before_the_first_run_nothing_is_offered(bench: Bench) -> None:
    timeline = bench.timeline
    assert not timeline.plots.isVisible()
    assert not timeline.transport.buttons[timeline.transport.play].isEnabled()
    assert timeline.readout.text() == ""
    bench.start()
    assert timeline.plots.isVisible()
    assert timeline.transport.buttons[timeline.transport.play].isEnabled()


def test_before_the_first_frame_the_schedule_is_there(bench: Bench) -> None:
    bench.start(come=0)
    assert bench.timeline.readout.text() == "t = – / 1000 · step – / 50"
    assert like(grab(stack_of(bench)), theme.color("beta"), 40).any()
    assert not bench.timeline.transport.play.isEnabled()


def test_a_cancelled_run_keeps_what_came(bench: Bench) -> None:
    run = bench.start(steps=50, come=33)
    bench.cancel(run)
    assert "33 of 51 frames" in bench.timeline.slider.description()
    assert "stopped before the end" in bench.timeline.slider.description()
    bench.session.seek(500)
    assert bench.timeline.readout.text().startswith("t = 500")


@pytest.mark.parametrize(
    ("key", "expected"),
    [(Qt.Key.Key_Left, 480.0), (Qt.Key.Key_Right, 520.0), (Qt.Key.Key_Home, 0.0), (Qt.Key.Key_End, 1000.0)],
)
def test_keys_go_as_they_point(qtbot: QtBot, bench: Bench, key: Qt.Key, expected: float) -> None:
    bench.start(steps=50)
    bench.session.seek(500)
    qtbot.keyClick(bench.timeline, key)
    assert bench.session.cursor == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [(Qt.Key.Key_Left, 520.0), (Qt.Key.Key_Right, 480.0), (Qt.Key.Key_Home, 1000.0), (Qt.Key.Key_End, 0.0)],
)
def test_mirrored_keys_go_as_they_point(qtbot: QtBot, bench: Bench, key: Qt.Key, expected: float) -> None:
    bench.timeline.set_mirrored(True)
    bench.start(steps=50)
    bench.session.seek(500)
    qtbot.keyClick(bench.timeline, key)
    assert bench.session.cursor == expected


def test_space_plays_in_the_direction_of_the_run_and_stops_at_its_end(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    bench.session.seek(60)
    waiting.stand_on(qtbot, bench.timeline.slider)
    qtbot.keyClick(bench.timeline, Qt.Key.Key_Space)
    assert bench.player.playing
    with qtbot.waitSignal(bench.player.changed):
        pass
    assert not bench.player.playing
    assert bench.session.cursor == 0.0


def test_a_plot_that_was_away_has_its_numbers_again(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    plots = bench.timeline.plots
    assert plots.stack is not None
    before = [(panel.x_axis.geometry(), panel.y_axis.geometry()) for panel in plots.stack.shown]
    plots.set_compact(True)
    assert len(plots.stack.shown) == 1
    plots.set_compact(False)
    after = [(panel.x_axis.geometry(), panel.y_axis.geometry()) for panel in plots.stack.shown]
    assert after == before
    assert all(axis.width() > 0 and axis.height() > 0 for both in after for axis in both)


def test_space_pauses(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    waiting.stand_on(qtbot, bench.timeline.slider)
    qtbot.keyClick(bench.timeline, Qt.Key.Key_Space)
    with qtbot.waitSignal(bench.session.cursor_changed):
        pass
    qtbot.keyClick(bench.timeline, Qt.Key.Key_Space)
    assert not bench.player.playing
    assert 0 < bench.session.cursor < 1000


def test_space_presses_the_button_that_the_keyboard_stands_on(qtbot: QtBot, bench: Bench) -> None:
    transport = bench.timeline.transport
    bench.start(steps=50)
    waiting.stand_on(qtbot, transport.buttons[transport.loop])
    qtbot.keyClick(transport.buttons[transport.loop], Qt.Key.Key_Space)
    assert bench.player.loop
    assert not bench.player.playing


def test_a_loop_begins_again(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    qtbot.keyClick(bench.timeline, Qt.Key.Key_L)
    assert bench.player.loop
    bench.session.seek(40)
    bench.player.play()

    def again() -> bool:
        return bench.session.cursor > 900

    with qtbot.waitSignal(bench.session.cursor_changed, check_params_cb=again):
        pass
    assert bench.player.playing


def test_buttons_move_the_cursor(qtbot: QtBot, bench: Bench) -> None:
    transport = bench.timeline.transport
    bench.start(steps=50)
    bench.session.seek(500)
    for action, expected in (
        (transport.on, 520.0),
        (transport.back, 500.0),
        (transport.start, 0.0),
        (transport.end, 1000.0),
    ):
        qtbot.mouseClick(transport.buttons[action], Qt.MouseButton.LeftButton)
        assert bench.session.cursor == expected
    qtbot.mouseClick(transport.buttons[transport.play], Qt.MouseButton.LeftButton)
    assert bench.player.playing
    assert transport.buttons[transport.play].accessibleName() == "Pause"


def test_speed_by_keys_and_by_menu(qtbot: QtBot, bench: Bench) -> None:
    speed = bench.timeline.transport.speed
    qtbot.keyClick(bench.timeline, Qt.Key.Key_Period)
    assert speed.text() == "2×"
    qtbot.keyClick(bench.timeline, Qt.Key.Key_Comma)
    qtbot.keyClick(bench.timeline, Qt.Key.Key_Comma)
    assert speed.text() == "0.5×"
    action = next(a for a in speed.menu().actions() if a.text() == "8×")
    action.trigger()
    assert bench.player.speed == 8.0
    assert action.isChecked()


def test_every_action_has_a_shortcut_and_a_tooltip_and_a_button_an_icon(bench: Bench) -> None:
    transport = bench.timeline.transport
    assert len(bench.timeline.actions()) == 18
    for action in bench.timeline.actions():
        assert not action.shortcut().isEmpty()
        assert action.toolTip()
    for button in transport.buttons.values():
        assert not button.icon().isNull()
        assert button.toolTip()
        assert button.accessibleName()


def test_another_run_brings_its_own_axis(bench: Bench) -> None:
    run = bench.start(steps=50)
    other = bench.start(steps=20)
    other.plan = dataclasses.replace(other.plan, high=2000.0)
    bench.session.show(run)
    bench.session.show(other)
    assert bench.timeline.slider.map.high == 2000.0


def test_the_schedule_on_the_screen_follows_the_one_that_is_shown(bench: Bench) -> None:
    bench.start(steps=50)
    before = grab(stack_of(bench))
    bench.process = process_of(Linear())
    bench.draw()
    assert (grab(stack_of(bench)) != before).any()


def test_a_run_that_gave_its_place_away_can_still_be_painted(bench: Bench) -> None:
    """While a setting is dragged, Qt may paint between the old run's end and the new one's first frame."""
    run = bench.start(steps=50)
    bench.draw()
    run.store.clear()
    bench.timeline.resize(bench.timeline.width() + 40, bench.timeline.height())
    assert not bench.timeline.filmstrip.grab().isNull()


def test_plots_axis_and_zoom_are_taken_by_another_timeline(qtbot: QtBot, bench: Bench) -> None:
    bench.start()
    timeline = bench.timeline
    plots = timeline.plots
    first, second = plots.parts[:2]
    timeline.spread_by("log_snr")
    timeline.zoom(0.2, 0.6)
    key = next(iter(first.chips))
    QTest.mouseClick(first.chips[key], Qt.MouseButton.LeftButton)
    assert second.panel is not None
    second.panel.set_log(y=True)
    second.panel.box.look(y=(-1.5, -0.5))
    look = json.loads(encode(timeline.look()))
    other = Bench()
    qtbot.addWidget(other.timeline)
    other.timeline.resize(820, 330)
    other.timeline.take_look(look)
    assert json.loads(encode(other.timeline.look())) == look, "it waits for a run, and is kept meanwhile"
    other.start()
    other.timeline.take_look(look)
    other.draw()
    assert json.loads(encode(other.timeline.look())) == look
    there, beside = other.timeline.plots.parts[:2]
    assert key in there.off
    assert not there.chips[key].isChecked()
    assert beside.panel is not None
    assert beside.panel.box.seen[1] == pytest.approx((-1.5, -0.5))
    parts = {first.plot.key: {"off": [3], "y": ["a", "b"], "log": 1}, "x": 3}
    hostile = {"axis": "week", "view": [0, 9], "plots": {"parts": parts, "front": 3}}
    other.timeline.take_look(hostile)
    other.draw()
    assert json.loads(encode(other.timeline.look())) == look
    other.close()
