"""The small plot: where things lie, handles by pointer and by keyboard, and a logarithmic axis that says so."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.ui.plots.chart import Chart, ChartLine, Handle
from diffviz.ui.widgets import theme
from tests import waiting
from tests.ui.timeline.pixels import grab, like


@pytest.fixture
def chart(qtbot: QtBot) -> Chart:
    made = Chart("A plot", "x", "y", height=200)
    qtbot.addWidget(made)
    made.resize(400, 200)
    made.show()
    xs = np.linspace(0, 10, 11)
    made.show_lines([ChartLine(xs, xs**2, "beta", "x²")], (0.0, 10.0), (0.0, 100.0))
    return made


def test_pixels_and_numbers_are_each_other_s_inverse(chart: Chart) -> None:
    assert chart.to_data(chart.to_px(2.5, 40.0)) == pytest.approx((2.5, 40.0))
    assert chart.to_data(chart.to_px(-5.0, 400.0)) == (0.0, 100.0)


def test_a_logarithmic_axis_draws_logarithms_and_leaves_out_what_has_none(chart: Chart) -> None:
    chart.show_lines([ChartLine(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1e-3, 10.0]), "beta")], (0.0, 4.0), log=True)
    assert chart.log
    np.testing.assert_allclose(chart.panel.drawn[0].ys, [np.nan, -3.0, 1.0])
    assert chart.y_limits[0] < -3 < 1 < chart.y_limits[1]
    decades = [chart.to_px(2.0, height).y() for height in (10.0, 1.0, 0.1, 0.01, 0.001)]
    np.testing.assert_allclose(np.diff(decades), np.diff(decades)[0])
    assert chart.to_data(chart.to_px(2.0, 0.05)) == pytest.approx((2.0, 0.05))


def test_an_axis_that_a_person_chose_stays_while_lines_come(chart: Chart) -> None:
    chart.panel.set_log(y=True)
    chart.show_lines([ChartLine(np.arange(1.0, 9.0), np.arange(1.0, 9.0), "beta", "x²")], (0.0, 10.0))
    assert chart.log


def test_a_handle_is_dragged(chart: Chart, qtbot: QtBot) -> None:
    chart.show_handles([Handle(2.0, 20.0, "data", "a"), Handle(8.0, 80.0, "noise", "b")])
    taken = chart.to_px(8.0, 80.0).toPoint()
    with qtbot.waitSignal(chart.handle_moved) as caught:
        QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=taken)
        QTest.mouseMove(chart, taken + QPoint(20, 0))
        qtbot.mouseMove(chart, taken + QPoint(20, 0))
        event_drag(chart, taken + QPoint(20, 0))
    index, x, y = caught.args
    assert index == 1
    assert x > 8.3
    assert y == pytest.approx(80, abs=1)


def event_drag(chart: Chart, to: QPoint) -> None:
    """A move with the button held, as the offscreen platform does not make them."""
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    at = QPointF(to)
    QApplication.sendEvent(chart, QMouseEvent(QMouseEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, left, none))


def test_beside_a_handle_the_pointer_points(chart: Chart, qtbot: QtBot) -> None:
    chart.show_handles([Handle(2.0, 20.0, "data", "a")])
    with qtbot.waitSignal(chart.pointed) as caught:
        QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart.to_px(6.0, 90.0).toPoint())
    assert caught.args[0] == pytest.approx(6.0, abs=0.05)


def test_handles_move_by_keyboard(chart: Chart, qtbot: QtBot) -> None:
    chart.show_handles([Handle(2.0, 20.0, "data", "a"), Handle(8.0, 80.0, "noise", "b")])
    waiting.stand_on(qtbot, chart)
    with qtbot.waitSignal(chart.handle_moved) as caught:
        QTest.keyClick(chart, Qt.Key.Key_Right)
    assert caught.args == [0, pytest.approx(2.1), pytest.approx(20)]
    QTest.keyClick(chart, Qt.Key.Key_Space)
    with qtbot.waitSignal(chart.handle_moved) as caught:
        QTest.keyClick(chart, Qt.Key.Key_Down)
    assert caught.args == [1, pytest.approx(8), pytest.approx(79)]


def test_moving_the_cursor_paints_no_curve_again(chart: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    chart.grab()
    painted: list[object] = []
    monkeypatch.setattr(chart, "draw_scene", painted.append)
    before = chart.grab().toImage()
    chart.show_cursor(4.0)
    assert chart.grab().toImage() != before
    assert painted == []


def test_a_curve_with_holes_is_cut(chart: Chart) -> None:
    ys = np.array([10.0, 20.0, np.nan, 30.0, np.nan, np.nan, 40.0, 50.0])
    chart.show_lines([ChartLine(np.arange(8.0), ys, "beta")], (0.0, 8.0), (0.0, 100.0))
    painted = like(grab(chart), theme.color("beta"), tolerance=60)
    columns = [painted[:, round(chart.to_px(x, 0.0).x())].any() for x in (0.5, 1.5, 2.5, 4.5, 5.5, 6.5)]
    assert columns == [True, False, False, False, False, True]


def test_before_there_are_lines_it_says_what_is_to_come_and_shows_no_axis(chart: Chart) -> None:
    chart.clearFocus()
    axes = grab(chart)
    chart.show_lines([], (0.0, 1.0))
    chart.show_cursor(0.5)
    chart.promise_with("Nothing yet", "Press the button.")
    empty = grab(chart)
    assert not like(empty, theme.color("cursor")).any(), "there is no t that the cursor could stand at"
    ground = like(empty, theme.color("panel"), tolerance=0)
    assert ground[:, :60].all(), "no number and no line of an axis"
    assert not like(axes, theme.color("panel"), tolerance=0)[:, :60].all(), "where they are once there are lines"
    assert not ground.all()
    assert chart.accessibleDescription() == "Nothing yet, Press the button."
    chart.show_lines([ChartLine(np.array([0.0, 1.0]), np.array([0.0, 1.0]), "beta", "y")], (0.0, 1.0))
    assert not chart.awaited
    assert chart.accessibleDescription().startswith("y. x from 0 to 1.000. ")
