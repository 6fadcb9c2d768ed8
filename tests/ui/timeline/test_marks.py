"""Marks, bands and level lines lie where they say on the shared axis."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.plots import Band, Plot, Series
from diffviz.ui.timeline import Axis, Mark
from diffviz.ui.timeline.axis import AxisMap
from diffviz.ui.timeline.plot import TimelinePanel
from diffviz.ui.timeline.stack import TimelineStack
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.layout import FlowLayout
from tests.ui.timeline.pixels import grab, like
from tests.ui.timeline.test_timeline import rows_of, stack_of
from tests.ui.timeline.toys import Bench

XS = np.linspace(0, 100, 11)
AXIS = Axis("n", "", "", "Steps")


def test_a_mark_is_a_line_in_every_plot_and_a_notch_on_the_slider(bench: Bench) -> None:
    bench.start(steps=20)
    bench.timeline.resize(900, 420)
    bench.session.seek(0)
    stack = stack_of(bench)
    before = grab(stack), grab(bench.timeline.slider)
    bench.timeline.set_marks((Mark(600.0, "R1 2"),))
    for panel in stack.shown:
        changed = rows_of(panel, grab(stack)) != rows_of(panel, before[0])
        columns = np.flatnonzero(changed.any(axis=(0, 2)))
        px = stack.map.to_px(600.0)
        assert columns.min() == pytest.approx(px, abs=1), "a line, and its text to the right of it"
        assert (columns.max() > px + 10) == (panel is stack.shown[0])
    notch = np.flatnonzero((grab(bench.timeline.slider) != before[1]).any(axis=(0, 2)))
    assert notch.mean() == pytest.approx(bench.timeline.slider.map.to_px(600.0), abs=1)
    assert "R1 2 at 600" in bench.timeline.slider.description()


@pytest.mark.parametrize("cursor", [0.0, 20.0, 55.0, 60.0, 62.0, 75.0, 110.0, 130.0, 500.0])
def test_what_a_mark_says_is_clear_of_the_cursor_and_of_its_rings(bench: Bench, cursor: float) -> None:
    """Near the axis' left end there is no room to the left of a mark: the text goes beyond the cursor."""
    bench.start(steps=20)
    bench.timeline.resize(900, 420)
    bench.timeline.set_marks((Mark(60.0, "continued"),))
    bench.session.seek(cursor)
    bench.draw()
    plot = stack_of(bench)
    [plate] = plot.captions()
    assert plot.track is not None
    for column in (plot.cursor_px, plot.map.to_px(plot.track.shown_at(plot.at))):
        assert not plate.left() - 3 < column < plate.right() + 3
    assert plot.map.left_px <= plate.left() <= plate.right() <= plot.map.right_px
    area = grab(plot)[int(plate.top()) + 2 : int(plate.bottom()) - 1, int(plate.left()) + 3 : int(plate.right()) - 2]
    assert like(area, theme.color("text"), tolerance=60).any(), "it is written"
    for hue in ("cursor", "beta"):
        assert not like(area, theme.color(hue), tolerance=20).any(), "and nothing crosses it"


def test_a_text_that_makes_way_is_painted_anew_where_it_was_and_where_it_is(bench: Bench, qtbot: QtBot) -> None:
    bench.start(steps=20)
    bench.timeline.resize(900, 420)
    bench.timeline.set_marks((Mark(600.0, "continued"),))
    bench.session.seek(100.0)
    bench.draw()
    plot = stack_of(bench)
    QApplication.processEvents()
    painted = Painted()
    plot.installEventFilter(painted)
    [right] = plot.captions()
    bench.session.seek(620.0)
    bench.draw()
    [left] = plot.captions()
    assert right.left() > plot.map.to_px(600.0) > left.right()
    qtbot.waitUntil(lambda: not painted.region.isEmpty())
    for plate in (left, right):
        assert painted.region.contains(plate.toRect().center())
        assert painted.region.boundingRect().contains(plate.toAlignedRect())


class Painted(QObject):
    """What a widget was asked to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.region = QRegion()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(event, QPaintEvent):
            self.region = self.region.united(event.region())
        return False


def test_a_band_lies_between_its_heights_and_a_level_at_its_own(qtbot: QtBot) -> None:
    curve = Series("y", "y", "y", "loss", XS, np.full(11, 0.9))
    band = Band("data", XS, np.full(11, 0.2), np.full(11, 0.4))
    spec = Plot("y", "y", (curve,), (0.0, 1.0), bands=(band,), levels=(0.5,), dots=False)
    across = AxisMap.across(400, AxisScale(0, 100), False)
    stack = TimelineStack(AXIS, across)
    qtbot.addWidget(stack)
    panel = TimelinePanel(spec, AXIS)
    stack.resize(400, 200)
    stack.have([panel])
    column = grab(stack)[:, round(across.to_px(47.0)), :3].astype(int)
    ground = theme.color("panel")

    def row_of(height: float) -> int:
        return round(panel.to_px(47.0, height).y())

    inside = column[row_of(0.3)] - [ground.red(), ground.green(), ground.blue()]
    hue = np.array([theme.color("data").red(), theme.color("data").green(), theme.color("data").blue()])
    assert inside @ (hue - [ground.red(), ground.green(), ground.blue()]) > 0
    assert np.abs(column[row_of(0.3)] - column[row_of(0.7)]).sum() > 20
    row = like(grab(stack), theme.color("quiet"), tolerance=60)[row_of(0.5) - 1 : row_of(0.5) + 2]
    assert row.any(axis=0).sum() > 100, "dashes across the plot"


def test_chips_go_on_in_the_next_row_where_there_is_too_little_width(bench: Bench) -> None:
    bench.start(steps=20)
    [bar] = bench.timeline.plots.findChildren(FlowLayout)
    one = bar.heightForWidth(2000)
    assert bar.heightForWidth(160) > one
    chips = list(bench.timeline.plots.chips.values())
    bench.timeline.resize(520, 420)
    assert all(chip.width() >= chip.sizeHint().width() for chip in chips if chip.isVisible())
