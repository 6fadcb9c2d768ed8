"""Bars: as high as their values, named where there is room, read at the pointer and zoomed across."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from diffviz.ui.plots.bars import BarChart
from diffviz.ui.plots.view_box import Margins
from diffviz.ui.widgets import theme
from tests.ui.plots.test_stack import wheel
from tests.ui.timeline.pixels import grab, like

NAMES = ("ankle boot", "bag", "coat", "dress")


@pytest.fixture
def bars(qtbot: QtBot) -> BarChart:
    made = BarChart("Samples", "generated", Margins(34, 6, 1, 16))
    qtbot.addWidget(made)
    made.resize(400, 140)
    made.show()
    made.show_bars([4.0, 2.0, np.nan, 1.0], NAMES, [2.0, 2.0, 2.0, 2.0])
    return made


def written(bars: BarChart) -> list[str]:
    (left, right), _ = bars.panel.box.seen
    return [text for _, text in bars.panel.x_axis.plot_scale.marks(left, right, 20)]


def test_a_bar_is_as_high_as_its_value(bars: BarChart) -> None:
    painted = like(grab(bars), theme.color("generated"))
    heights = [painted[:, round(bars.bar(i).center().x())].sum() for i in range(4)]
    assert heights[0] == pytest.approx(bars.bar(0).height(), abs=5), "but for the line across it"
    assert heights[0] == pytest.approx(2 * heights[1], abs=4)
    assert heights[2] == 0, "what is not known has no bar"
    at = bars.panel.to_px(0.5, 2.0)
    column = like(grab(bars), theme.color("alpha_bar"), tolerance=80)[:, round(at.x())]
    assert column[round(at.y()) - 2 : round(at.y()) + 3].any(), "the line of what would be ideal"


def test_names_stand_where_they_have_room(bars: BarChart) -> None:
    assert written(bars) == list(NAMES)
    bars.resize(120, 140)
    assert written(bars) == ["1", "2", "3", "4"]
    bars.show_bars(np.ones(200))
    assert len(written(bars)) <= 20


def test_the_pointer_names_a_bar_and_the_wheel_zooms_across(bars: BarChart) -> None:
    at = QPointF(bars.bar(1).center())
    assert bars.index_at(at) == 1
    assert bars.read(bars.panel, at) == [("bag: 2", "text")]
    assert bars.index_at(QPointF(5, 50)) is None
    whole = bars.panel.y_range
    wheel(bars, at, 4)
    assert bars.panel.y_range == whole
    assert bars.panel.x_range[1] - bars.panel.x_range[0] < 2.1
    assert bars.index_at(at) == 1


def test_it_tells_its_values_and_has_them_as_a_table(bars: BarChart, qtbot: QtBot) -> None:
    assert bars.accessibleDescription() == "ankle boot 4, bag 2, coat nan, dress 1"
    numbers, values, expected = bars.table()
    np.testing.assert_array_equal(numbers.values, [1, 2, 3, 4])
    np.testing.assert_array_equal(values.values, [4, 2, np.nan, 1])
    np.testing.assert_array_equal(expected.values, [2, 2, 2, 2])
    qtbot.mouseMove(bars, QPoint(60, 60))
    qtbot.keyClick(bars, Qt.Key.Key_Plus)
    assert not bars.is_whole()
