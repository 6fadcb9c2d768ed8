"""The histogram: a density on axes that do not move, honest about what they leave out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from diffviz.domain.arrays import F32, F64
from diffviz.domain.frames import ReverseFrame
from diffviz.domain.requests import ReverseRequest
from diffviz.ui.labs.diffusion import histogram as module
from diffviz.ui.labs.diffusion.histogram import BINS, HIGH, LIMIT, LOW, TOP, HistogramView, channels, coprime_stride
from diffviz.ui.plots.density import normal
from diffviz.ui.plots.stack import PlotStack
from tests import waiting
from tests.ui.sample_viewer.runs import noise, reverse_run, run_of, shown

WIDTH = (HIGH - LOW) / BINS


@pytest.fixture
def histogram(qtbot: QtBot) -> HistogramView:
    made = HistogramView()
    qtbot.addWidget(made)
    made.resize(290, 200)
    return made


def draw(view: HistogramView, x: F32, run_id: int = 1) -> None:
    """Draw a frame whose x_t is `x`."""
    frame = ReverseFrame(60.0, 0.5, 0.8, 0.0, x, x, x)
    view.draw(shown(run_of([frame], ReverseRequest(model="toy"), run_id=run_id)))


def test_it_integrates_to_one_and_follows_the_normal_density(histogram: HistogramView) -> None:
    draw(histogram, noise(16, (1, 64, 64)))
    (heights,) = histogram.densities
    assert heights.sum() * WIDTH == pytest.approx(1, abs=1e-3)
    middles: F64 = LOW + WIDTH * (np.arange(BINS, dtype=np.float64) + 0.5)
    assert float(np.abs(np.subtract(heights, normal(middles))).max()) < 0.02


def test_the_normal_density_is_one() -> None:
    x = np.linspace(LOW, HIGH, 2001)
    assert normal(x).sum() * (x[1] - x[0]) == pytest.approx(1, abs=1e-3)


def test_a_point_mass_is_cut_off_and_said(histogram: HistogramView) -> None:
    draw(histogram, np.full((2, 1, 8, 8), -1, np.float32))
    (heights,) = histogram.densities
    assert heights.sum() * WIDTH == pytest.approx(1)
    assert heights.max() > TOP
    outline = histogram.plot.outline(histogram.plot.traces[0])
    assert min(point.y() for point in outline.toList()) == 1  # the top of the plot
    assert "10.0 at −1.0" in histogram.note.text()


def test_values_beyond_the_axis_count_and_are_said(histogram: HistogramView) -> None:
    x = np.zeros((1, 1, 10, 10), np.float32)
    x[0, 0, 0] = 9
    draw(histogram, x)
    assert histogram.densities[0].sum() * WIDTH == pytest.approx(0.9)
    assert "10 % beyond ±4" in histogram.note.text()


def test_colour_has_a_curve_for_each_channel_with_a_style_of_its_own(histogram: HistogramView) -> None:
    x = noise(1, (3, 48, 64))
    x[:, 2] += 2
    draw(histogram, x)
    assert len(histogram.densities) == 3
    means = [float((d * (LOW + WIDTH * (np.arange(BINS) + 0.5))).sum() * WIDTH) for d in histogram.densities]
    assert means == pytest.approx([0, 0, 2], abs=0.15)
    assert len({trace.style for trace in histogram.plot.traces}) == 3
    assert len({trace.hue for trace in histogram.plot.traces}) == 3
    assert "red" in histogram.note.text()
    draw(histogram, noise(1, (1, 8, 8)), run_id=2)
    assert len(histogram.plot.traces) == 1


def test_steps_stand_where_the_axis_says(histogram: HistogramView) -> None:
    x = np.full((1, 1, 4, 4), 2.0, np.float32)
    for run_id, scale in enumerate((1.0, 0.1)):
        draw(histogram, x * np.float32(scale), run_id=run_id)
        outline = histogram.plot.outline(histogram.plot.traces[0]).toList()
        top = min(point.y() for point in outline)
        xs = [point.x() for point in outline if point.y() == top]
        share = (2.0 * scale - LOW) / (HIGH - LOW)
        area = histogram.plot.panel.box.area
        assert sum(xs) / len(xs) == pytest.approx(area.left() + share * area.width(), abs=0.01)


def test_its_curve_is_read_and_zoomed_like_any_other(histogram: HistogramView, qtbot: QtBot) -> None:
    draw(histogram, noise(16, (1, 64, 64)))
    histogram.show()
    plot = histogram.plot
    at = plot.panel.to_px(0.0, 0.2)
    (_, (density, _), (gaussian, _)) = plot.read(plot.panel, at)
    assert float(density.split()[-1]) == pytest.approx(histogram.densities[0][BINS // 2], abs=1e-4)
    assert float(gaussian.split()[-1]) == pytest.approx(0.3989, abs=1e-3)
    waiting.stand_on(qtbot, plot)
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    assert not plot.is_whole()
    draw(histogram, noise(4, (1, 64, 64)), run_id=2)
    assert not plot.is_whole(), "a part stays what it is"


def test_it_is_made_after_it_has_been_painted(qtbot: QtBot) -> None:
    made = HistogramView()
    qtbot.addWidget(made)
    made.resize(290, 220)
    made.show()
    made.grab()
    assert not made.findChildren(PlotStack)
    qtbot.waitUntil(lambda: bool(made.findChildren(PlotStack)))


def test_large_frames_are_thinned_out_the_same_way_every_time() -> None:
    images = noise(2, (3, 512, 512))
    first, second = channels(images), channels(images)
    assert sum(len(channel) for channel in first) <= LIMIT
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    mean, variance = module.moments(images)
    assert mean == pytest.approx(0, abs=0.01)
    assert variance == pytest.approx(1, abs=0.02)


def test_small_frames_are_taken_whole_and_channels_are_kept_apart() -> None:
    images = noise(2, (3, 8, 8))
    for channel, values in enumerate(channels(images)):
        assert np.array_equal(np.sort(values), np.sort(images[:, channel].ravel()))


def test_thinning_meets_every_column() -> None:
    for stride, width in ((8, 512), (15, 48), (2, 28), (1, 28)):
        assert math.gcd(coprime_stride(stride, width), width) == 1


def test_nothing_is_drawn_twice_and_an_empty_run_leaves_it(histogram: HistogramView) -> None:
    run = reverse_run()
    histogram.draw(shown(run))
    before = histogram.densities
    histogram.draw(shown(run, 61.0))
    assert histogram.densities is before
    histogram.draw(shown(None))
    assert histogram.densities is before
    histogram.clear(None)
    assert histogram.densities == ()
    assert histogram.plot.traces == ()
    histogram.draw(shown(run))
    assert len(histogram.plot.traces) == 1
