"""The plots of an objective: its terms with what the drawn noise leaves open, and their running total."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz.domain.arrays import F32
from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.objective import ObjectiveFrame
from diffviz.domain.panes import PALETTES
from diffviz.domain.plots import Plot, PlotData, drawable
from diffviz.domain.sampling import Linear
from diffviz.export.figure import PlotFigure
from diffviz.export.figure_legend import Look
from diffviz.export.formats import export
from diffviz.export.run_info import RunInfo, with_figures
from diffviz.families import objective
from tests.export.runs import schedule_plots

# isort: split
from matplotlib.text import Text

T = 50
ABOUT = RunInfo(schedule_plots(Linear(timesteps=T)))


def pair(low: float, high: float) -> F32:
    """Two pictures' values."""
    return np.array([low, high], np.float32)


def frames(*, every: bool = True, doubt: float = 0.1) -> list[ObjectiveFrame]:
    """Terms 2^−t and 3 · 2^−t of two pictures, each known to the share `doubt` of itself; L_T is 0.5."""
    made, total = [], pair(0.5, 0.5)
    for t in range(1, T + 1):
        term = pair(1, 3) * np.float32(2.0**-t)
        total = total + term
        sums = (total, np.float32(0.1) * total) if every else (pair(np.nan, np.nan),) * 2
        made.append(
            ObjectiveFrame(
                t,
                0.5,
                0.5,
                0.1,
                2.0,
                0.0,
                1e6,
                term,
                np.float32(doubt) * term,
                np.float32(0.5) * term,
                np.float32(0.05) * term,
                pair(0.5, 0.5),
                *sums,
            )
        )
    return made


def plots(*, every: bool = True, doubt: float = 0.1) -> dict[str, Plot]:
    terms = objective.terms_of(frames(every=every, doubt=doubt))
    return {plot.key: plot for plot in drawable(objective.term_plots(PlotData(figures=terms)))}


def test_a_run_is_about_its_terms_and_their_total() -> None:
    assert list(plots()) == ["terms", "simple", "total"]
    assert [key for key, plot in plots().items() if plot.subject] == ["terms", "total"]


def test_a_term_is_the_mean_over_the_pictures_in_the_interval_of_independent_draws() -> None:
    plot = plots()["terms"]
    [series], [band] = plot.series, plot.bands
    t = np.arange(1.0, T + 1)
    np.testing.assert_allclose(series.xs, t)
    np.testing.assert_allclose(series.ys, 2 * 2.0**-t, rtol=1e-6)
    error = np.sqrt(0.1**2 + 0.3**2) / 2 / 2  # of a mean of two independent ones, over that mean, which is 2 · 2^−t
    np.testing.assert_allclose(np.log(band.high / series.ys), 1.96 * error, rtol=1e-3)
    np.testing.assert_allclose(np.log(series.ys / band.low), 1.96 * error, rtol=1e-3)
    assert plot.log


def test_the_total_ends_at_the_bound_and_is_none_of_a_part_of_the_timesteps() -> None:
    assert plots()["total"].series[0].ys[-1] == pytest.approx(0.5 + 2.0, rel=1e-6)
    assert "total" not in plots(every=False)


def test_the_plot_says_that_its_axis_is_logarithmic_and_what_its_band_is() -> None:
    said = words(figure_of(plots()["terms"]))
    assert {"10⁰", "10⁻⁵", "10⁻¹⁰"} <= said
    assert "95 %" in said
    assert not any(word.startswith("10⁻") for word in words(figure_of(plots()["total"])))


@pytest.mark.parametrize("doubt", [0.1, 1.0])
def test_an_interval_is_drawn_on_the_same_axis_as_its_curve_and_ends_within_the_plot(doubt: float) -> None:
    [axes] = figure_of(plots(doubt=doubt)["terms"])._figure.axes
    [curve] = [line for line in axes.lines if line.get_label() != "small" and line.get_linestyle() == "-"]
    heights = np.asarray(curve.get_ydata())
    corners = np.asarray(axes.collections[0].get_paths()[0].vertices)
    bottom, top = corners[1 : T + 1, 1], corners[T + 2 : 2 * T + 2, 1][::-1]
    low, high = axes.get_ylim()
    assert low - 1e-9 <= bottom.min()
    assert top.max() <= high + 1e-9
    assert (bottom <= heights).all()
    assert (heights <= top).all()
    assert np.allclose(np.diff(heights), heights[1] - heights[0], rtol=1e-4), "halves of halves are as far apart"


def figure_of(plot: Plot) -> PlotFigure:
    return PlotFigure((plot,), Look(640, PALETTES["dark"]), AxisScale(1, T))


def words(figure: PlotFigure) -> set[str]:
    return {artist.get_text() for artist in figure._figure.findobj() if isinstance(artist, Text)}


def test_a_file_of_plots_has_terms_and_total_unless_others_are_asked_for(tmp_path: Path) -> None:
    heights = {}
    for keys in ((), ("terms",), ("terms", "total"), ("beta", "terms", "simple", "total")):
        path = tmp_path / f"{len(keys)}.png"
        export(frames(), path, ExportSettings(format="plot", panes=(), plots=keys), about=ABOUT)
        with Image.open(path) as image:
            heights[len(keys)] = image.height
    assert heights[0] == heights[2]
    assert heights[1] < heights[2] < heights[4]


def test_vectors_have_the_curve_and_its_interval(tmp_path: Path) -> None:
    export(frames(), tmp_path / "terms.svg", ExportSettings(format="svg", plots=("terms",)), about=ABOUT)
    text = (tmp_path / "terms.svg").read_text()
    assert len(re.findall("opacity: 0.22", text)) == 2, "the interval, and its sample beside its name"
    assert "95 %" in text


def test_a_table_has_every_column_once(tmp_path: Path) -> None:
    export(frames(), tmp_path / "a.csv", ExportSettings(format="csv"), about=ABOUT)
    head = (tmp_path / "a.csv").read_text().splitlines()[0].split(",")
    assert len(head) == len(set(head))
    assert {"term", "term_error", "term_low", "term_high", "simple", "weight", "total", "total_low"} <= set(head)
    assert "beta" in head
    assert with_figures(ABOUT, frames()).plots
