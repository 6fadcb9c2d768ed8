"""A range and bookmarks on the timeline, set and used by mouse and keyboard, and what the axis is spread by."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from diffviz.domain.bookmarks import LOOP, STOP, SWING, Bookmark, Span
from diffviz.session.player import SPEEDS
from diffviz.theory.time_axes import TIME_AXES
from diffviz.ui.timeline.stack import TimelineStack
from diffviz.ui.widgets import theme
from tests import waiting
from tests.ui.timeline.pixels import grab, like
from tests.ui.timeline.toys import Bench

LEFT, SHIFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


def drag(bench: Bench, start: float, end: float, keys: Qt.KeyboardModifier = NONE, y: int = 12) -> None:
    """Drag on the slider from position `start` to `end`."""
    slider = bench.timeline.slider
    first, last = (QPoint(round(slider.map.to_px(at)), y) for at in (start, end))
    QTest.mousePress(slider, LEFT, keys, first)
    QTest.mouseMove(slider, (first + last) / 2)
    QTest.mouseMove(slider, last)
    QTest.mouseRelease(slider, LEFT, keys, last)


def chosen(bench: Bench) -> Span | None:
    return bench.session.places.range_of(bench.session.a)


@pytest.mark.parametrize("mirrored", [False, True])
def test_shift_and_a_drag_choose_a_range_between_frames(bench: Bench, mirrored: bool) -> None:
    bench.timeline.set_mirrored(mirrored)
    bench.start(steps=50)
    bench.session.seek(900)
    drag(bench, 203.0, 597.0, SHIFT)
    assert chosen(bench) == Span(200.0, 600.0)
    assert bench.session.cursor == 900, "the cursor stays"
    assert "range from 200 to 600" in bench.timeline.slider.accessibleDescription()


@pytest.mark.parametrize("mirrored", [False, True])
def test_each_end_of_a_range_is_a_handle(bench: Bench, mirrored: bool) -> None:
    bench.timeline.set_mirrored(mirrored)
    bench.start(steps=50)
    bench.session.seek(900)
    drag(bench, 200.0, 600.0, SHIFT)
    drag(bench, 600.0, 760.0)
    assert chosen(bench) == Span(200.0, 760.0)
    drag(bench, 200.0, 101.0)
    assert chosen(bench) == Span(100.0, 760.0)
    drag(bench, 100.0, 900.0)
    assert chosen(bench) == Span(760.0, 900.0), "one end can be dragged over the other"
    drag(bench, 500.0, 520.0)
    assert bench.session.cursor == pytest.approx(520, abs=2), "elsewhere a drag is the cursor's"


def test_where_the_cursors_handle_lies_over_an_end_it_is_the_cursor_that_is_dragged(bench: Bench) -> None:
    bench.start(steps=50)
    drag(bench, 200.0, 600.0, SHIFT)
    bench.session.seek(600)
    drag(bench, 600.0, 640.0)
    assert (round(bench.session.cursor), chosen(bench)) == (640, Span(200.0, 600.0))
    bench.session.seek(600)
    drag(bench, 600.0, 640.0, y=24)
    assert (bench.session.cursor, chosen(bench)) == (600.0, Span(200.0, 640.0)), "below it the end is free"


def test_a_range_is_seen_on_slider_filmstrip_and_plots(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    bench.session.seek(400)
    timeline = bench.timeline
    stack = timeline.plots.stack
    assert stack is not None
    parts = (timeline.slider, timeline.filmstrip, stack)
    waiting.stand_on(qtbot, timeline.slider)
    before = [grab(part) for part in parts]
    drag(bench, 200.0, 600.0, SHIFT)
    for part, old in zip(parts, before, strict=True):
        changed = np.flatnonzero((grab(part) != old).any(axis=(0, 2)))
        inside = (changed > timeline.map.to_px(200) + 8) & (changed < timeline.map.to_px(600) - 8)
        assert len(changed)
        assert inside.any() == (part is timeline.slider), "what is outside is paler; the slider has a band"
    QTest.keyClick(timeline, Qt.Key.Key_Backslash)
    for part, old in zip(parts, before, strict=True):
        np.testing.assert_array_equal(grab(part), old)


def test_keys_set_the_ends_of_a_range_as_they_are_on_the_screen(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    bench.session.seek(300)
    qtbot.keyClick(bench.timeline, Qt.Key.Key_BracketLeft)
    assert chosen(bench) == Span(300.0, 1000.0)
    bench.session.seek(700)
    qtbot.keyClick(bench.timeline, Qt.Key.Key_BracketRight)
    assert chosen(bench) == Span(300.0, 700.0)
    bench.timeline.set_mirrored(True)
    bench.session.seek(600)
    qtbot.keyClick(bench.timeline, Qt.Key.Key_BracketLeft)
    assert chosen(bench) == Span(300.0, 600.0), "high is on the left now"


def test_escape_on_the_slider_removes_the_range(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    drag(bench, 200.0, 600.0, SHIFT)
    waiting.stand_on(qtbot, bench.timeline.slider)
    QTest.keyClick(bench.timeline.slider, Qt.Key.Key_Escape)
    assert chosen(bench) is None
    assert not bench.timeline.placing.no_range.isEnabled()


def test_the_range_stays_for_the_next_run_over_the_same_axis(bench: Bench) -> None:
    first = bench.start(steps=50)
    drag(bench, 200.0, 600.0, SHIFT)
    bench.start(steps=20)
    assert chosen(bench) == Span(200.0, 600.0)
    bench.session.show(first)
    assert chosen(bench) == Span(200.0, 600.0)


def seen_while_playing(qtbot: QtBot, bench: Bench, turns: int) -> list[float]:
    """Positions of the cursor until it has turned or begun again `turns` times."""
    seen = [bench.session.cursor]
    bench.session.cursor_changed.connect(lambda: seen.append(bench.session.cursor))
    bench.player.speed = SPEEDS[-1]
    bench.player.play()
    qtbot.waitUntil(lambda: (np.diff(np.sign(np.diff(seen))) != 0).sum() >= turns)
    bench.player.pause()
    return seen


def test_playing_stays_within_the_range_and_loops_in_it(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    drag(bench, 200.0, 600.0, SHIFT)
    bench.player.speed = SPEEDS[-1]
    bench.player.play()
    assert bench.session.cursor == 600, "from its beginning: the cursor was outside"
    qtbot.waitUntil(lambda: not bench.player.playing)
    assert bench.session.cursor == 200
    qtbot.keyClick(bench.timeline, Qt.Key.Key_L)
    seen = seen_while_playing(qtbot, bench, 3)
    assert all(200 <= position <= 600 for position in seen)
    assert bench.player.ending == LOOP


def test_there_and_back(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    drag(bench, 200.0, 600.0, SHIFT)
    bench.session.seek(600)
    qtbot.keyClick(bench.timeline, Qt.Key.Key_L, SHIFT)
    assert bench.player.ending == SWING
    transport = bench.timeline.transport
    assert transport.swing.isChecked()
    assert not transport.loop.isChecked()
    seen = seen_while_playing(qtbot, bench, 2)
    assert {200.0, 600.0} <= set(seen)
    steps = np.abs(np.diff(seen))
    assert steps.max() < 399, "it never jumps from one end to the other"
    qtbot.keyClick(bench.timeline, Qt.Key.Key_L, SHIFT)
    assert bench.player.ending == STOP


def test_one_mode_takes_the_place_of_the_other(qtbot: QtBot, bench: Bench) -> None:
    transport = bench.timeline.transport
    qtbot.mouseClick(transport.buttons[transport.loop], LEFT)
    qtbot.mouseClick(transport.buttons[transport.swing], LEFT)
    assert bench.player.ending == SWING
    assert [transport.loop.isChecked(), transport.swing.isChecked()] == [False, True]
    qtbot.mouseClick(transport.buttons[transport.swing], LEFT)
    assert bench.player.ending == STOP


def test_a_key_sets_and_removes_a_bookmark_at_the_frame_that_is_shown(qtbot: QtBot, bench: Bench) -> None:
    run = bench.start(steps=50)
    bench.session.seek(407)
    before = grab(bench.timeline.slider)
    qtbot.keyClick(bench.timeline, Qt.Key.Key_K)
    assert [mark.position for mark in run.bookmarks] == [400]
    assert "bookmark: t = 400" in bench.timeline.slider.accessibleDescription()
    bench.session.seek(900)
    flag = like(grab(bench.timeline.slider), theme.color("beta"), tolerance=30)
    assert np.nonzero(flag)[1].mean() == pytest.approx(bench.timeline.slider.map.to_px(400.0), abs=1)
    bench.session.seek(400)
    qtbot.keyClick(bench.timeline, Qt.Key.Key_K)
    assert not run.bookmarks
    bench.session.seek(407)
    np.testing.assert_array_equal(grab(bench.timeline.slider), before)


@pytest.mark.parametrize("mirrored", [False, True])
def test_page_up_and_down_go_to_bookmarks_as_they_are_on_the_screen(qtbot: QtBot, bench: Bench, mirrored: bool) -> None:
    bench.timeline.set_mirrored(mirrored)
    bench.start(steps=50)
    slider = bench.timeline.slider
    waiting.stand_on(qtbot, slider)
    bench.session.seek(500)
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert abs(bench.session.cursor - 500) == 200, "without bookmarks ten frames"
    for position in (100.0, 340.0, 820.0):
        bench.session.seek(position)
        qtbot.keyClick(slider, Qt.Key.Key_K)
    bench.session.seek(500)
    right, left = (340.0, 820.0) if mirrored else (820.0, 340.0)
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert bench.session.cursor == right
    bench.session.seek(500)
    qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    assert bench.session.cursor == left


def test_the_list_of_bookmarks_names_goes_and_removes(qtbot: QtBot, bench: Bench) -> None:
    run = bench.start(steps=50)
    for position in (400.0, 700.0):
        bench.session.places.toggle(run, position)
    qtbot.keyClick(bench.timeline, Qt.Key.Key_K, SHIFT)
    listed = bench.timeline.placing.list
    assert listed is not None
    qtbot.waitUntil(listed.isVisible)
    assert [listed.marks.item(row).text() for row in range(2)] == ["t = 400", "t = 700"]
    listed.marks.setCurrentRow(1)
    listed.marks.editItem(listed.marks.item(1))
    field = listed.marks.findChild(QLineEdit)
    assert field is not None
    field.setText("the shirt appears")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: run.bookmarks[1] == Bookmark(700.0, "the shirt appears"))
    assert "the shirt appears (t = 700)" in bench.timeline.slider.description()
    qtbot.mouseClick(listed.go, LEFT)
    assert bench.session.cursor == 700
    QTest.keyClick(listed.marks, Qt.Key.Key_Delete)
    assert run.bookmarks == (Bookmark(400.0),)
    assert listed.marks.count() == 1
    listed.close()


def test_the_sliders_menu_offers_all_of_it(qtbot: QtBot, bench: Bench) -> None:
    run = bench.start(steps=50)
    bench.session.places.toggle(run, 400.0)
    slider = bench.timeline.slider
    slider.customContextMenuRequested.emit(QPoint(100, 10))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    texts = [action.text() for action in menu.actions()]
    for expected in ("t = 400", "Bookmarks…", "The range begins here", "Play there and back", "Spread the axis by"):
        assert expected in texts
    action(menu, "The range begins here").trigger()
    assert chosen(bench) is not None
    menu.close()


def test_the_menu_of_the_plots_offers_it_too(bench: Bench) -> None:
    run = bench.start(steps=50)
    bench.session.places.toggle(run, 400.0)
    bench.session.seek(700)
    stack = stack_of(bench)
    at = stack.rect().center()
    QApplication.sendEvent(stack, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, stack.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    offered = action(menu, "Range and bookmarks").menu()
    assert isinstance(offered, QMenu)
    texts = [action.text() for action in offered.actions()]
    assert {"t = 400", "Set or remove a bookmark here", "The range begins here", "Remove the range"} <= set(texts)
    action(offered, "The range ends here").trigger()
    assert chosen(bench) == Span(0.0, 700.0)
    action(offered, "t = 400").trigger()
    assert bench.session.cursor == 400
    menu.close()


def action(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


@pytest.mark.parametrize("key", TIME_AXES)
@pytest.mark.parametrize("mirrored", [False, True])
def test_slider_filmstrip_and_plots_are_spread_alike(bench: Bench, key: str, mirrored: bool) -> None:
    bench.timeline.set_mirrored(mirrored)
    bench.timeline.spread_by(key)
    bench.start(steps=50)
    bench.session.seek(300)
    timeline = bench.timeline
    assert all(plot.map == timeline.slider.map == timeline.filmstrip.map for plot in timeline.plots.panels)
    scale = timeline.slider.map.scale
    expected = timeline.slider.map.left_px + (1 - scale.share(300) if mirrored else scale.share(300)) * (
        timeline.slider.map.right_px - timeline.slider.map.left_px
    )
    assert timeline.slider.handle_centre().x() == pytest.approx(expected, abs=0.51)
    drag(bench, 300.0, 640.0)
    assert bench.session.cursor == pytest.approx(640, abs=12), "a drag goes where it points, whatever spreads the axis"


def test_a_key_and_the_axis_own_menu_choose_what_spreads_it(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    timeline, asked = bench.timeline, list[str]()
    timeline.axis_chosen.connect(asked.append)
    timeline.axis_chosen.connect(timeline.spread_by)
    button = timeline.plots.axis_button
    assert button.text() == "t"
    qtbot.keyClick(timeline, Qt.Key.Key_A)
    assert (asked, button.text()) == (["log_snr"], "log SNR")
    assert "log-SNR" in button.accessibleName()
    qtbot.mouseClick(button, LEFT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [one.isChecked() for one in menu.actions()] == [False, True, False, False]
    menu.actions()[3].trigger()
    menu.close()
    assert asked[-1] == "step"
    qtbot.keyClick(timeline, Qt.Key.Key_A)
    assert asked[-1] == "t", "round and round"


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_zoomed_axis_shows_a_part_and_says_which(qtbot: QtBot, bench: Bench, mirrored: bool) -> None:
    bench.timeline.set_mirrored(mirrored)
    bench.start(steps=50)
    bench.session.seek(500)
    timeline, slider = bench.timeline, bench.timeline.slider
    waiting.stand_on(qtbot, slider)
    whole = grab(slider)
    timeline.zoom(0.4, 0.6)
    assert slider.map.to_px(400) == pytest.approx(slider.map.right_px if mirrored else slider.map.left_px)
    assert slider.handle_centre().x() == pytest.approx((slider.map.left_px + slider.map.right_px) / 2, abs=0.51)
    assert "seen from 400 to 600" in slider.description()
    bar = like(grab(slider)[26:], theme.color("quiet"), tolerance=30).any(axis=0)
    length = slider.map.right_px - slider.map.left_px
    assert bar.sum() == pytest.approx(0.2 * length, abs=3), "a mark shows the part that is seen"
    assert np.flatnonzero(bar).mean() == pytest.approx(slider.map.left_px + length / 2, abs=2)
    bench.session.seek(900)
    assert slider.map.shows(900), "a cursor that leaves takes it along"
    assert slider.map.end - slider.map.begin == pytest.approx(0.2)
    qtbot.mouseDClick(slider, LEFT, NONE, QPoint(300, 12))
    QTest.mouseRelease(slider, LEFT, NONE, QPoint(300, 12))
    assert not slider.map.zoomed
    bench.session.seek(500)
    np.testing.assert_array_equal(grab(slider), whole)


def stack_of(bench: Bench) -> TimelineStack:
    assert bench.timeline.plots.stack is not None
    return bench.timeline.plots.stack


def wheel(stack: TimelineStack, at: QPointF, notches: int) -> None:
    turned, keys = QPoint(0, 120 * notches), Qt.KeyboardModifier.NoModifier
    where = QPointF(stack.mapToGlobal(at))
    buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(stack, QWheelEvent(at, where, QPoint(), turned, buttons, keys, phase, False))


def columns_of(stack: TimelineStack, hue: str) -> list[float]:
    """Centres of the columns of a plot that are filled from top to bottom by `hue`."""
    area = stack.shown[0].box.area
    painted = like(grab(stack)[round(area.top()) : round(area.bottom())], theme.color(hue), tolerance=40)
    return [float(column) + 0.5 for column in np.flatnonzero(painted.sum(axis=0) > painted.shape[0] * 0.4)]


def test_the_wheel_over_a_plot_zooms_slider_and_filmstrip_with_it(bench: Bench) -> None:
    bench.start(steps=50)
    bench.session.seek(400)
    timeline, stack = bench.timeline, stack_of(bench)
    strip, heights = grab(timeline.filmstrip), [panel.y_range for panel in stack.shown]
    at = QPointF(timeline.map.to_px(400), stack.shown[0].box.area.center().y())
    wheel(stack, at, 6)
    assert timeline.map.zoomed
    assert timeline.map.end - timeline.map.begin == pytest.approx(1.2**-6, rel=1e-6)
    assert timeline.map.to_px(400) == pytest.approx(at.x(), abs=1e-6), "what is under the pointer stays there"
    assert timeline.slider.map == timeline.filmstrip.map == stack.map == timeline.map
    assert (grab(timeline.filmstrip) != strip).any()
    for panel, before in zip(stack.shown, heights, strict=True):
        if panel.y_limits and not panel.log_y:
            assert panel.y_range == before, "heights that are given stay"
            continue
        seen, (low, high) = np.linspace(*panel.box.seen[0], 4001), panel.box.seen[1]
        drawn = np.concatenate([np.interp(seen, line.xs, line.ys, np.nan, np.nan) for line in panel.drawn])
        margin = 0.06 / 1.12 * (high - low)
        assert np.nanmin(drawn) - low == pytest.approx(margin, rel=0.02), "they fit the part that is seen"
        assert high - np.nanmax(drawn) == pytest.approx(margin, rel=0.02)
    wheel(stack, at, -20)
    assert not timeline.map.zoomed


def test_the_wheel_over_the_vertical_axis_zooms_that(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    stack = stack_of(bench)
    first, second = stack.shown[:2]
    before = first.y_range, second.y_range
    wheel(stack, QPointF(20, second.box.area.center().y()), 4)
    assert first.y_range == before[0]
    low, high = second.y_range
    assert high - low == pytest.approx((before[1][1] - before[1][0]) / 1.2**4)
    assert not bench.timeline.map.zoomed
    waiting.stand_on(qtbot, stack)
    QTest.keyClick(stack, Qt.Key.Key_0)
    assert second.y_range == before[1]


@pytest.mark.parametrize("key", ["t", "log_snr", "step"])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(("begin", "end"), [(0.0, 1.0), (0.2, 0.7), (0.37, 0.42), (0.9, 1.0)])
def test_handle_cursor_ticks_and_data_agree_to_the_pixel_at_every_zoom(
    bench: Bench, key: str, mirrored: bool, begin: float, end: float
) -> None:
    bench.timeline.set_mirrored(mirrored)
    bench.timeline.spread_by(key)
    bench.start(steps=50)
    timeline, slider, stack = bench.timeline, bench.timeline.slider, stack_of(bench)
    scale = timeline.map.scale
    run = bench.session.a
    assert run is not None
    frames = [t for t in run.positions() if begin <= scale.share(t) <= end]
    position = frames[len(frames) // 2]
    bench.session.seek(position)
    timeline.zoom(begin, end)
    expected = slider.map.to_px(position)
    [cursor] = columns_of(stack, "cursor")
    assert cursor == pytest.approx(expected, abs=0.51)
    painted = like(grab(slider)[:22], theme.color("cursor"))
    assert np.nonzero(painted)[1].mean() + 0.5 == pytest.approx(cursor, abs=0.51), "the handle over the cursor line"
    ticks = like(grab(slider)[22:25], theme.blend("panel", "cursor", 0.75), tolerance=20).all(axis=0)
    assert np.abs(np.flatnonzero(ticks) + 0.5 - cursor).min() <= 1, "and over its tick"
    for panel in stack.shown:
        for dot, _ in panel.rings(position):
            assert dot.x() == pytest.approx(expected, abs=1e-6), "and over its dots"
    marks = panel.x_axis.plot_scale.marks(*panel.box.seen[0], 10)
    for share, _ in marks:
        px = panel.box.to_px(share, 0.0).x()
        assert px == pytest.approx(slider.map.to_px(scale.position(share)), abs=1e-3), "labels stand where the axis is"


@pytest.mark.parametrize("mirrored", [False, True])
def test_dragging_with_ctrl_moves_what_is_seen(bench: Bench, mirrored: bool) -> None:
    bench.timeline.set_mirrored(mirrored)
    bench.start(steps=50)
    bench.session.seek(500)
    timeline, stack = bench.timeline, stack_of(bench)
    timeline.zoom(0.4, 0.6)
    before = timeline.map.to_position(300)
    ctrl, y = Qt.KeyboardModifier.ControlModifier, round(stack.shown[0].box.area.center().y())
    QTest.mousePress(stack, LEFT, ctrl, QPoint(300, y))
    QTest.mouseMove(stack, QPoint(330, y))
    QTest.mouseMove(stack, QPoint(360, y))
    QTest.mouseRelease(stack, LEFT, ctrl, QPoint(360, y))
    assert timeline.map.to_position(360) == pytest.approx(before, abs=0.01), "the plane comes along with the pointer"
    assert bench.session.cursor == 500
    assert timeline.map.end - timeline.map.begin == pytest.approx(0.2)


def test_a_double_click_on_a_plot_and_a_key_show_all(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    timeline, stack = bench.timeline, stack_of(bench)
    timeline.zoom(0.4, 0.6)
    place = stack.shown[0].box.area.center().toPoint()
    qtbot.mouseDClick(stack, LEFT, NONE, place)
    QTest.mouseRelease(stack, LEFT, NONE, place)
    assert not timeline.map.zoomed
    timeline.zoom(0.4, 0.6)
    timeline.placing.whole.trigger()
    assert not timeline.map.zoomed
    assert stack.is_whole()


def test_the_zoom_stays_while_playing_until_the_cursor_leaves_it(qtbot: QtBot, bench: Bench) -> None:
    bench.start(steps=50)
    timeline = bench.timeline
    bench.session.seek(590)
    timeline.zoom(0.4, 0.6)
    bench.player.speed = SPEEDS[-1]
    bench.player.play()
    views: list[tuple[float, float]] = []

    def look() -> bool:
        views.append((timeline.map.begin, timeline.map.end))
        assert timeline.map.shows(bench.session.cursor), "it follows"
        return bench.session.cursor < 100

    qtbot.waitUntil(look)
    bench.player.pause()
    assert views[0] == (0.4, 0.6)
    assert min(begin for begin, _ in views) < 0.1
    assert all(end - begin == pytest.approx(0.2) for begin, end in views)


def test_shift_and_a_drag_over_the_plots_choose_a_range_too(bench: Bench) -> None:
    bench.start(steps=50)
    bench.session.seek(900)
    stack = stack_of(bench)
    y = round(stack.shown[0].box.area.center().y())
    first, last = (QPoint(round(stack.map.to_px(t)), y) for t in (203.0, 597.0))
    QTest.mousePress(stack, LEFT, SHIFT, first)
    QTest.mouseMove(stack, (first + last) / 2)
    QTest.mouseMove(stack, last)
    QTest.mouseRelease(stack, LEFT, SHIFT, last)
    assert chosen(bench) == Span(200.0, 600.0)
    assert bench.session.cursor == 900


def test_the_pointer_reads_values_and_the_menu_switches_what_chips_switch(bench: Bench) -> None:
    bench.start(steps=50)
    stack, plots = stack_of(bench), bench.timeline.plots
    panel = next(panel for panel in stack.shown if panel.given.key == "alpha_bar")
    said = [text for text, _ in stack.read(panel, panel.to_px(360.4, 0.5))]
    assert said[0] == "t = 360"
    assert len(said) == 4
    entry = next(entry for entry in stack.entries() if "1−" in entry.text)
    entry.act(False)
    assert not plots.chips["sqrt_one_minus_alpha_bar"].isChecked()
    plots.chips["sqrt_one_minus_alpha_bar"].click()
    assert "sqrt_one_minus_alpha_bar" not in panel.off
    log = next(switch for switch in stack.switches() if switch.text == "Logarithmic y")
    assert [switch.text for switch in stack.switches()] == ["Logarithmic y", "Grid"]
    log.act(False)
    assert not next(part for part in plots.parts if part.plot.key == "beta").logs[0].isChecked()


def test_a_plot_whose_curves_are_all_off_gives_its_room_away(bench: Bench) -> None:
    bench.start(steps=50)
    stack, chips = stack_of(bench), bench.timeline.plots.chips
    height = stack.shown[0].box.area.height()
    assert [panel.given.key for panel in stack.shown] == ["beta", "alpha_bar"]
    chips["snr"].click()
    assert [panel.given.key for panel in stack.shown] == ["beta", "alpha_bar", "snr"]
    assert stack.shown[0].box.area.height() < height
    chips["beta"].click()
    assert stack.shown[-1].x_axis.style["showValues"]
    assert not stack.shown[0].x_axis.style["showValues"], "the lowest writes the positions"


def test_rings_stay_on_their_curves_in_another_height(bench: Bench) -> None:
    run = bench.start(steps=50)
    position = run.positions()[20]
    bench.session.seek(position)
    stack = stack_of(bench)
    for height in (330, 390, 330):
        bench.timeline.resize(bench.timeline.width(), height)
        QApplication.processEvents()
        grab(stack)
        for panel in stack.shown:
            at = [panel.height_at(drawn, position) for drawn in panel.drawn_shown]
            assert at
            assert sorted(ring.y() for ring, _ in panel.rings(position)) == pytest.approx(sorted(at), abs=0.5)
