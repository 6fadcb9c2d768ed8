"""Arrays and tables read back by other programs' means: numpy, csv."""

from __future__ import annotations

import csv
import io
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz.domain.arrays import levels
from diffviz.domain.errors import NotAChoice, NothingToExport
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.frames import Frame, PathFrame
from diffviz.export import lossless
from diffviz.export.formats import FORMATS, export
from diffviz.export.run_info import RunInfo, with_figures
from tests.export.runs import about_run, forward_run, restored_run, reverse_run


def written(tmp_path: Path, settings: ExportSettings, forward: bool = False) -> Path:
    path = tmp_path / f"out{FORMATS[settings.format].suffix}"
    export(forward_run() if forward else reverse_run(), path, settings, about=about_run())
    return path


def test_arrays_have_the_papers_names_and_the_runs_values(tmp_path: Path) -> None:
    frames = reverse_run()
    with np.load(written(tmp_path, ExportSettings(format="npz")), allow_pickle=False) as file:
        assert {"t", "x_t", "x0_hat", "eps_hat", "alpha_bar", "sqrt_alpha_bar", "std"} <= set(file.files)
        assert file["t"].tolist() == [frame.position for frame in frames]
        for name, field in (("x_t", "x"), ("x0_hat", "x0"), ("eps_hat", "eps")):
            assert np.array_equal(file[name], np.stack([frame.arrays()[field] for frame in frames]))
        assert np.allclose(file["alpha_bar"], file["sqrt_alpha_bar"] ** 2)


def test_arrays_of_a_forward_run_keep_its_range(tmp_path: Path) -> None:
    settings = ExportSettings(format="npz", low=1, high=2)
    with np.load(written(tmp_path, settings, forward=True), allow_pickle=False) as file:
        assert file["t"].tolist() == [1, 2]
        assert file["noise"].shape == (2, 2, 1, 6, 6)


def test_the_table_holds_every_plotted_curve_to_the_last_digit(tmp_path: Path) -> None:
    lines = written(tmp_path, ExportSettings(format="csv")).read_text().splitlines()
    assert lines[0].startswith("# diffviz: {")
    rows = list(csv.DictReader(io.StringIO("\n".join(lines[1:]))))
    assert [float(row["t"]) for row in rows] == list(range(41))
    for series in (series for plot in about_run().plots for series in plot.series):
        read = np.array([float(row[series.key] or "nan") for row in rows])
        assert np.array_equal(read, series.ys, equal_nan=True)
    by_t = {frame.position: frame for frame in reverse_run()}
    for row in rows:
        frame = by_t.get(float(row["t"]))
        assert (row["mean_x"] == "") == (frame is None)
        if frame is not None:
            assert float(row["std_x"]) == pytest.approx(frame.arrays()["x"].std(), rel=1e-5)


def test_a_range_narrows_the_table(tmp_path: Path) -> None:
    text = written(tmp_path, ExportSettings(format="csv", low=10, high=12, metadata=False)).read_text()
    assert [line.split(",")[0] for line in text.splitlines()] == ["t", "10.0", "11.0", "12.0"]


def test_a_run_without_curves_has_no_plots(tmp_path: Path) -> None:
    with pytest.raises(NothingToExport):
        export(reverse_run(), tmp_path / "o.svg", ExportSettings(format="svg"))
    with pytest.raises(NotAChoice):
        export(reverse_run(), tmp_path / "o.gif", ExportSettings(plots=("elbo",)), about=about_run())
    assert list(tmp_path.iterdir()) == []


def test_a_contact_sheet_has_a_row_for_each_t_and_a_column_for_each_sample(tmp_path: Path) -> None:
    settings = ExportSettings(format="sheet", rows=3, scale=4, panes=("x", "x0"))
    with Image.open(written(tmp_path, settings)) as image:
        pixels = np.asarray(image)
    frames = [reverse_run()[i] for i in (0, 2, 4)]
    for frame in frames:
        for name in ("x", "x0"):
            for image_ in levels(frame.arrays()[name])[:, 0]:
                large = image_.repeat(4, 0).repeat(4, 1)
                assert stands_in(pixels[..., 0], large)


def test_a_contact_sheet_of_restorations_goes_picture_by_picture_after_its_original() -> None:
    frames, about = restored_run()
    sheet = lossless.sheet_of(frames, ExportSettings(panes=("x0",), scale=1), about)
    first = next(row for row in sheet[..., 0].tolist() if 200 in row and 5 in row)
    seen = [grey for grey, after in pairwise(first) if grey != after and grey in (0, 1, 2, 3, 4, 5, 200, 201, 202)]
    assert seen == [200, 0, 3, 201, 1, 4, 202, 2, 5]


def stands_in(
    picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], part: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> bool:
    windows = np.lib.stride_tricks.sliding_window_view(picture, part.shape)
    return bool((windows[:, :, ::4, ::4] == part[::4, ::4]).all(axis=(2, 3)).any())


def test_what_all_names_begin_with_is_left_out_where_they_are_too_wide() -> None:
    names = ("Fashion VAE, 16-D, Gaussian", "Fashion VAE, 16-D, Laplace")
    assert lossless._apart(names, 60) == ["Gaussian", "Laplace"]
    assert lossless._apart(names, 600) == list(names)
    assert lossless._apart(names[:1] * 2, 60) == list(names[:1] * 2)


def test_long_names_are_shortened_to_their_column() -> None:
    words = lossless._fitting("a very long name indeed", 40)
    assert words.width <= 40


def path_run(count: int = 5, models: int = 2) -> list[Frame]:
    """A path with other figures at every point and for every model; there is no real image to be near to."""
    frames: list[Frame] = []
    for i in range(count):
        s, of_each = i / (count - 1), np.arange(models, dtype=np.float32)
        x = np.full((models, 1, 6, 6), s - 0.5, np.float32)
        frames.append(PathFrame(s, x, np.ones((models, 2), np.float32), of_each + s, of_each + 2 * s, of_each * s))
    return frames


def test_the_table_of_a_path_holds_its_figures_for_every_model(tmp_path: Path) -> None:
    export(path_run(), tmp_path / "p.csv", ExportSettings(format="csv", metadata=False))
    rows = list(csv.DictReader((tmp_path / "p.csv").read_text().splitlines()))
    assert [float(row["s"]) for row in rows] == [0, 0.25, 0.5, 0.75, 1]
    assert "nearest" not in rows[0]
    for name, two in (("norm", [1, 1.25, 1.5, 1.75, 2]), ("sharpness", [1, 1.5, 2, 2.5, 3])):
        assert [float(row[name]) for row in rows] == [v - 1 for v in two]
        assert [float(row[f"{name}_2"]) for row in rows] == two


@pytest.mark.parametrize("format", ["plot", "svg", "pdf"])
def test_the_figures_of_a_path_are_plotted(tmp_path: Path, format: str) -> None:
    export(path_run(), tmp_path / "p", ExportSettings(format=format))
    assert (tmp_path / "p").stat().st_size > 1000


def test_the_axis_of_a_path_is_its_fraction(tmp_path: Path) -> None:
    export(path_run(), tmp_path / "p.svg", ExportSettings(format="svg", plots=("norm",)))
    words = re.findall(r">([^<>]+)</text>", (tmp_path / "p.svg").read_text())
    assert "s" in words
    assert "t" not in words


def test_curves_of_several_models_are_told_apart_in_the_legend() -> None:
    about = with_figures(RunInfo(names=("Fashion_VAE", "Fashion AE")), path_run())
    norm = next(plot for plot in about.plots if plot.key == "norm")
    assert [series.label for series in norm.series] == ["‖z‖ · Fashion VAE", "Fashion AE"]
    alone = with_figures(RunInfo(names=("Fashion VAE",)), path_run(models=1))
    labels = [series.label for plot in alone.plots for series in plot.series]
    assert labels == ["sharpness", "‖z‖", "‖E(D(z))−z‖"]
