"""The curves of a training, as the window and files draw them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.errors import NotAChoice
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.gan import GanFrame, GanRequest, Pictures
from diffviz.domain.panes import PALETTES
from diffviz.domain.plots import Plot, PlotData, drawable
from diffviz.export.figure import PlotFigure
from diffviz.export.figure_legend import Look
from diffviz.export.formats import export
from diffviz.export.panes import colour
from diffviz.export.run_info import NOTHING, with_figures
from diffviz.families import gan_plots
from tests.ui.labs.gan.toys import toy_frame

# isort: split
from matplotlib.legend import Legend

REQUEST = GanRequest(steps=100, every=20)


def frames(request: GanRequest = REQUEST) -> list[GanFrame]:
    return [toy_frame(request, float(n)) for n in range(0, 101, 20)]


def plots(request: GanRequest = REQUEST) -> dict[str, Plot]:
    return plots_of(frames(request))


def plots_of(made: list[GanFrame]) -> dict[str, Plot]:
    reader = gan_plots.GanReader()
    for frame in made:
        reader.take(frame)
    return {plot.key: plot for plot in drawable(gan_plots.plots(PlotData(figures=reader.figures)))}


def test_a_training_has_four_plots() -> None:
    assert list(plots()) == ["accuracy", "losses", "shares", "gradient"]


def test_accuracy_is_real_and_generated_apart_with_the_line_of_guessing_and_its_interval() -> None:
    plot, made = plots()["accuracy"], frames()
    assert plot.levels == (0.5,)
    curves = {series.key: series.ys for series in plot.series}
    np.testing.assert_allclose(curves["accuracy_real"], [f.accuracy_real for f in made])
    np.testing.assert_allclose(curves["accuracy"], (curves["accuracy_real"] + curves["accuracy_fake"]) / 2)
    [band] = plot.bands
    assert (band.low < curves["accuracy"]).all()
    assert (curves["accuracy"] < band.high).all()


def test_losses_stand_at_every_step_once() -> None:
    made = [*frames(), toy_frame(REQUEST, 100.5), toy_frame(REQUEST, 101.0)]
    loss_d, loss_g = plots_of(made)["losses"].series
    assert loss_d.xs.tolist() == loss_g.xs.tolist() == [float(n) for n in range(1, 102)]
    np.testing.assert_array_equal(loss_d.ys[:20], made[1].loss_d.astype(np.float64))
    assert len(gan_plots.step_losses(made[-2])) == 0, "between two steps the losses are those of the step before"


def test_images_have_no_curves_of_what_is_unknown() -> None:
    made = plots(GanRequest(data=Pictures(), steps=100, every=20))
    assert [series.key for series in made["shares"].series] == ["covered"]
    assert "best" not in [series.key for series in made["accuracy"].series]


def test_shares_lie_between_none_and_all() -> None:
    for series in plots()["shares"].series:
        assert (series.ys >= 0).all()
        assert (series.ys <= 1).all()


def test_the_line_and_the_band_are_drawn_behind_the_curves() -> None:
    made = PlotFigure((plots()["accuracy"],), Look(400, PALETTES["dark"]), AxisScale(0.0, 100.0), "step")
    [axes] = made._figure.axes
    [band], [level, *curves] = axes.collections, [line for line in axes.lines if line.get_marker() != "_"]
    assert level.get_linestyle() == "--"
    assert np.mean(axes.get_ylim()) == pytest.approx(np.asarray(level.get_ydata())[0]), (
        "one half is in the middle of 0 … 1"
    )
    assert band.get_zorder() < min(curve.get_zorder() for curve in curves)
    assert axes.lines[-1] in curves
    [area], pixels = made.areas(), made.pixels()
    ground, text = (np.array(colour(PALETTES["dark"], hue)) for hue in ("ground", "text"))
    inside = np.asarray(band.get_paths()[0].vertices).mean(0)
    x, y = axes.transData.transform(inside)
    assert area.top < len(pixels) - y < area.bottom
    assert ground.sum() < int(pixels[len(pixels) - round(y), round(x)].sum()) < text.sum()
    names = [text for artist in made._figure.findobj() if isinstance(artist, Legend) for text in artist.get_texts()]
    assert [text.get_text() for text in names][-1] == plots()["accuracy"].bands[0].label
    assert min(text.get_window_extent().y0 for text in names) > len(pixels) - area.top, "names stand above the plot"


def test_a_picture_of_a_training_has_its_plots_below(tmp_path: Path) -> None:
    sizes = {}
    for keys in ((), ("accuracy",), ("accuracy", "losses")):
        path = tmp_path / f"{len(keys)}.png"
        export(frames(), path, ExportSettings(format="png", plots=keys))
        with Image.open(path) as image:
            sizes[len(keys)] = image.height
    assert sizes[0] < sizes[1] < sizes[2]
    for format_ in ("plot", "svg", "pdf"):
        export(frames(), tmp_path / f"all-{format_}", ExportSettings(format=format_))
    assert "fill-opacity: 0.22" in (tmp_path / "all-svg").read_text(), "the band"
    with pytest.raises(NotAChoice):
        export(frames(), tmp_path / "never.png", ExportSettings(format="png", plots=("beta",)))


def test_a_table_of_a_training_has_every_column_once(tmp_path: Path) -> None:
    export(frames(), tmp_path / "a.csv", ExportSettings(format="csv"))
    lines = (tmp_path / "a.csv").read_text().splitlines()
    head = lines[0].split(",")
    assert len(head) == len(set(head))
    assert len(lines) == 1 + len(frames()), "a row for every evaluation"
    assert with_figures(NOTHING, frames()).plots
