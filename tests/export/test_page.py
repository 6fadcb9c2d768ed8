"""Pages: panes stay as they are, and around them stand their names, t, and plots with the cursor at t."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from diffviz.domain.arrays import U8
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.panes import PALETTES
from diffviz.export.figure import PlotFigure
from diffviz.export.formats import export
from diffviz.export.frame_layout import FramePictureSource, page_of
from diffviz.export.panes import colour
from tests.export.runs import about_run, reverse_run

FULL = ExportSettings(panes=("x", "eps"), scale=16, caption=True, plots=("beta", "alpha_bar"))


def test_a_bare_page_is_its_panes() -> None:
    frames = reverse_run()
    page = page_of(frames, ExportSettings(scale=2))
    assert page.grey
    assert np.array_equal(page.draw(frames[0]), page.canvas.draw(frames[0]))


@pytest.mark.parametrize("channels", [1, 3])
def test_what_stands_around_the_panes_leaves_them_as_they_are(channels: int) -> None:
    frames = reverse_run(channels=channels)
    page = page_of(frames, FULL, about_run())
    picture, panes = page.draw(frames[1]), page.canvas.coloured(frames[1])
    left, top = page.box
    inside = picture[top : top + panes.shape[0], left : left + panes.shape[1]]
    assert np.array_equal(inside, panes)
    drawn = page.canvas.draw(frames[1])
    exact = drawn if channels == 3 else np.repeat(drawn[..., None], 3, 2)
    side = page.canvas.shape[3] * page.canvas.scale
    assert np.array_equal(panes[:side, :side], exact[:side, :side])
    assert tuple(panes[0, side]) == page.canvas.ground == colour(page.palette, "ground")
    assert picture.shape == (page.size[1], page.size[0], 3)


def test_the_cursor_stands_at_t() -> None:
    frames = reverse_run()  # t = 40, 30, 20, 10, 0 on an axis from 0 to 40
    page = page_of(frames, FULL, about_run())
    places = []
    for frame in frames:
        below = page.draw(frame)[page.size[1] // 2 :]
        hits = (below == colour(PALETTES["dark"], "cursor")).all(axis=2).sum(axis=0)
        places.append(int(hits.argmax()))
        assert hits.max() > 90
    gaps = np.diff(places)
    assert (gaps < 0).all()
    assert np.ptp(gaps) <= 1


def test_the_caption_changes_with_t_and_nothing_else_does() -> None:
    frames = reverse_run()
    page = page_of(frames, ExportSettings(scale=8, caption=True))
    around = [page.surroundings(frame) for frame in frames]
    assert len({picture.tobytes() for picture in around}) == len(frames)
    top = page.box[1]
    above = {picture[:top].tobytes() for picture in around}
    assert len(above) == 1


def test_a_gif_with_plots_errs_by_one_level_of_grey_at_most(tmp_path: Path) -> None:
    frames = reverse_run()
    export(frames, tmp_path / "o.gif", FULL, about=about_run())
    page = page_of(frames, FULL, about_run())
    left, top = page.box
    width, height = page.canvas.size
    with Image.open(tmp_path / "o.gif") as image:
        for frame, picture in zip(ImageSequence.Iterator(image), FramePictureSource(frames, page), strict=True):
            error = np.abs(np.asarray(frame.convert("RGB"), int) - picture)
            assert error[top : top + height, left : left + width].max() <= 8  # the gaps are the ground's own colour
            assert np.median(error[top : top + height, left : left + width]) <= 1
            assert error.mean() < 1


def test_the_plots_of_a_film_are_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[float] = []
    original = PlotFigure.pixels

    def pixels(self: PlotFigure, dpi: float = 72) -> U8:
        drawn.append(dpi)
        return original(self, dpi)

    monkeypatch.setattr(PlotFigure, "pixels", pixels)
    for format_ in ("gif", "webp", "sequence"):
        export(reverse_run(), tmp_path / format_, dataclasses.replace(FULL, format=format_), about=about_run())
    assert len(drawn) == 3


def test_the_plots_of_a_film_keep_their_colours() -> None:
    """They have few shades of them, for the sake of WebP."""
    still = page_of(reverse_run(), FULL, about_run()).still
    seen = {tuple(int(v) for v in pixel) for pixel in np.unique(still.reshape(-1, 3), axis=0)}
    assert len(seen) < 200
    for hue in ("beta", "alpha_bar", "data", "noise"):
        assert min(np.abs(np.subtract(colour(PALETTES["dark"], hue), pixel)).max() for pixel in seen) <= 6
