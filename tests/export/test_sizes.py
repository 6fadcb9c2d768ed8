"""Sizes by purpose: what is drawn is as large as was asked for, type grows with it, previews are the files."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz.domain.arrays import U8
from diffviz.domain.errors import OutOfRange
from diffviz.domain.export_settings import DRAWN, MEASURES, ExportSettings
from diffviz.domain.panes import PALETTES
from diffviz.domain.plots import decades
from diffviz.domain.settings import settings_of, with_value
from diffviz.export import formats, lossless, plots
from diffviz.export.frame_layout import measure_of, page_of
from diffviz.export.panes import colour
from diffviz.export.run_info import RunInfo, with_figures
from tests.export.runs import about_run, reverse_run
from tests.export.test_comparison import joined
from tests.export.test_notes import ABOUT, film

SLIDE = (1920, 1080)
FULL = ExportSettings(panes=("x", "eps"), plots=("alpha_bar", "beta"), caption=True)


def asked(purpose: str, format_: str = "png", **more: object) -> ExportSettings:
    """Settings as a person comes to them: the purpose brings what it usually has."""
    made = with_value(dataclasses.replace(FULL, format=format_), ("purpose",), purpose)
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("format_", sorted(DRAWN - {"mp4"}))
@pytest.mark.parametrize(("purpose", "size"), [("slide", SLIDE), ("square", (1080, 1080))])
def test_pictures_and_films_have_the_size_of_their_purpose(
    tmp_path: Path, format_: str, purpose: str, size: tuple[int, int]
) -> None:
    path = tmp_path / f"o{formats.FORMATS[format_].suffix}"
    formats.export(reverse_run(2), path, asked(purpose, format_), about=about_run())
    with Image.open(min(path.iterdir()) if path.is_dir() else path) as image:
        assert image.size == size


@pytest.mark.parametrize("plots", [(), ("alpha_bar",), ("alpha_bar", "beta", "snr")])
@pytest.mark.parametrize("about", [about_run(), joined()], ids=["one", "two"])
@pytest.mark.parametrize("purpose", ["slide", "square"])
def test_whatever_is_on_it_a_slide_is_a_slide_and_its_panes_are_on_it(
    purpose: str, about: RunInfo, plots: tuple[str, ...]
) -> None:
    page = page_of(reverse_run(), asked(purpose, plots=plots), about)
    assert page.size in (SLIDE, (1080, 1080))
    (left, top), (width, height) = page.box, page.canvas.size
    assert left >= 0
    assert left + width <= page.size[0]
    assert top > 0
    assert top + height <= page.size[1]
    assert abs(2 * left + width - page.size[0]) <= 1, "in the middle"
    assert max(width / page.size[0], height / page.size[1]) > 0.3


def test_a_training_with_all_its_notes_fits_a_slide_and_a_square() -> None:
    for purpose in ("slide", "square"):
        settings = dataclasses.replace(asked(purpose), panes=("plane", "best"), plots=("accuracy",))
        page = page_of(film(), settings, with_figures(ABOUT, film()))
        side = page.canvas.shape[2]
        assert page.canvas.shape == (1, 3, side, side)
        assert side > 250, "it is drawn as large as there is room, and not enlarged"
        assert page.draw(film()[-1]).shape == (1080, page.size[0], 3)


@pytest.mark.parametrize("format_", ["png", "plot"])
def test_paper_is_as_wide_as_its_column_and_as_high_as_it_needs(tmp_path: Path, format_: str) -> None:
    settings = asked("column", format_)
    assert (settings.ground, settings.dpi) == ("light", 600)
    formats.export(reverse_run(), tmp_path / "o.png", settings, about=about_run())
    with Image.open(tmp_path / "o.png") as image:
        assert image.size[0] == round(85 / 25.4 * 600)
        assert image.info["dpi"] == pytest.approx((600, 600), abs=0.1)
        assert image.size[1] > image.size[0] / 3


def test_type_grows_with_the_page_and_with_what_a_person_asks_for() -> None:
    assert measure_of(FULL).em == 1.0, "files for the screen are as they always were"
    slide = asked("slide")
    assert measure_of(slide).em == pytest.approx(14 / 72 * 192 / 15)
    larger = dataclasses.replace(FULL, letters=18.0)
    assert measure_of(larger).em == 2.0
    once, twice = (page_of(reverse_run(), settings, about_run()) for settings in (FULL, larger))
    assert _high(twice) == pytest.approx(2 * _high(once), abs=2)


@pytest.mark.parametrize("percent", [80, 150, 200])
def test_letters_of_all_that_is_drawn_are_as_much_larger_as_those_of_the_interface(percent: int) -> None:
    """In pictures and films, in figures and on contact sheets; what is printed has letters of its own."""
    usual, scaled = (
        [with_value(dataclasses.replace(FULL, format=format_), ("interface",), n) for format_ in DRAWN_ALL]
        for n in (100, percent)
    )
    for once, other in zip(usual, scaled, strict=True):
        high = _letters(other) / _letters(once)
        assert high == pytest.approx(percent / 100, rel=0.12), other.format
    for purpose, most in (("slide", 18.0), ("square", 18.0)):
        own = MEASURES[purpose].letters
        assert with_value(scaled[0], ("purpose",), purpose).letters == pytest.approx(min(own * percent / 100, most))
    for purpose in ("column", "page"):
        assert with_value(scaled[0], ("purpose",), purpose).letters == MEASURES[purpose].letters


DRAWN_ALL = ("png", "gif", "svg", "sheet")


def _letters(settings: ExportSettings) -> float:
    """How high letters are in the file of `settings`."""
    frames, about = reverse_run(), about_run()
    if settings.format == "svg":
        figure = plots.figure(frames, settings, about)
        return max(map(float, re.findall(r"font-size: ([\d.]+)px", figure.svg())))
    if settings.format != "sheet":
        return _high(page_of(frames, settings, about))
    names = lossless.sheet_of(frames[:1], settings, about)[:, lossless.MARGIN : lossless.MARGIN + 40]
    rows = np.flatnonzero((names.min(axis=2) > 128).any(1))
    return float(rows[-1] - rows[0] + 1)


def _high(page: object) -> int:
    """How high the letters of the strip below the panes are, in pixels."""
    picture: U8 = page.draw(reverse_run()[0])  # type: ignore[attr-defined]
    strip = picture[page._t_at : page._notes_at]  # type: ignore[attr-defined]
    rows = np.flatnonzero((strip == colour(PALETTES["dark"], "text")).all(2).any(1))
    return int(rows[-1] - rows[0])


def test_what_has_no_room_is_said_in_millimetres() -> None:
    frames = reverse_run(samples=64, size=28)
    with pytest.raises(OutOfRange) as found:
        page_of(frames, asked("column", width=30.0, dpi=36, plots=()))
    assert (found.value.name, found.value.value) == ("width", 30)
    least = found.value.low
    assert 30 < least < 1000
    assert page_of(frames, asked("column", width=least, dpi=36, plots=())).canvas.scale == 1
    with pytest.raises(OutOfRange):
        page_of(frames, asked("column", width=least - 3.0, dpi=36, plots=()))


def test_only_what_a_page_for_the_screen_has_not_of_its_own_is_asked_for() -> None:
    names = {setting.name for setting in settings_of(FULL)}
    assert {"purpose", "letters", "scale"} <= names
    assert not {"width", "height", "dpi"} & names
    sized = {setting.name for setting in settings_of(asked("slide", "gif"))}
    assert {"width", "height", "dpi", "letters"} <= sized
    assert "scale" not in sized


def test_there_is_a_purpose_for_a_slide_a_square_and_paper() -> None:
    in_pixels = {name: round(m.width / 25.4 * m.dpi) for name, m in MEASURES.items()}
    assert in_pixels["slide"] == 1920
    assert in_pixels["square"] == 1080
    assert {name for name, m in MEASURES.items() if m.ground == "light"} == {"column", "page"}


@pytest.mark.parametrize("count", [0.5, 1.0, 1.7, 3.0])
def test_a_low_plot_over_many_decades_has_few_round_values(count: float) -> None:
    assert 2 <= len(decades(-9.2, 5.1, count).values) <= 4
