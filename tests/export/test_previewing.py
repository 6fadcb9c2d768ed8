"""The preview of an export is what a reader of the written file sees, or says how it differs."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from diffviz.domain.arrays import U8
from diffviz.domain.export_settings import MOVING, ExportSettings
from diffviz.domain.frames import Frame
from diffviz.export import films, previewing
from diffviz.export.formats import FORMATS, export
from diffviz.export.previewing import ExportPicture, picture_of
from diffviz.export.run_info import NOTHING, RunInfo
from tests.export.runs import about_run, reverse_run
from tests.export.test_comparison import joined

COUNT = 6
EXACT = ("png", "sequence", "sheet", "gif", "apng", "webp", "plot")
SCREEN = ExportSettings(panes=("x", "x0"), scale=3)
PAGE = dataclasses.replace(SCREEN, caption=True, plots=("alpha_bar",), purpose="slide", dpi=40)


def film(channels: int) -> list[Frame]:
    return reverse_run(COUNT, samples=3, channels=channels, size=7)


def read(path: Path, size: tuple[int, int]) -> list[U8]:
    """The pictures in the file or folder `path`, as RGB."""
    if path.suffix == ".mp4":
        command = [films.find_ffmpeg(), "-v", "error", "-i", str(path), "-vf", "scale=in_color_matrix=bt709"]
        raw = subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
        return list(np.frombuffer(raw.stdout, np.uint8).reshape(-1, *size, 3))
    found: list[U8] = []
    for each in sorted(path.iterdir()) if path.is_dir() else [path]:
        with Image.open(each) as image:
            found += [np.array(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    return found


def written_and_shown(
    tmp_path: Path, frames: Sequence[Frame], at: int, settings: ExportSettings, about: RunInfo = NOTHING
) -> tuple[list[U8], U8, ExportPicture]:
    """The pictures of the file, the preview at frame `at` in three colours, and as it is."""
    settings = dataclasses.replace(settings, at=frames[at].position, fps=10, hold=0, hold_first=0)
    path = tmp_path / f"o{FORMATS[settings.format].suffix}"
    export(frames, path, settings, about=about)
    preview = picture_of(frames, frames[at], settings, about)
    assert preview is not None
    pixels = preview.pixels
    shown = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, 2)
    return read(path, pixels.shape[:2]), shown, preview


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("page", [SCREEN, PAGE])
@pytest.mark.parametrize("format_", EXACT)
def test_what_loses_nothing_is_shown_pixel_by_pixel(
    tmp_path: Path, format_: str, page: ExportSettings, channels: int
) -> None:
    settings = dataclasses.replace(page, format=format_, order="reversed" if format_ == "gif" else "run")
    found, shown, preview = written_and_shown(tmp_path, film(channels), 2, settings, about_run())
    number = {"gif": COUNT - 1 - 2}.get(format_, 2) if format_ in MOVING else 0
    assert np.array_equal(found[number], shown)
    assert preview.differs == ""


def test_runs_beside_each_other_are_shown_as_they_are_written(tmp_path: Path) -> None:
    settings = dataclasses.replace(PAGE, format="gif")
    found, shown, _ = written_and_shown(tmp_path, film(3), 4, settings, joined())
    assert np.array_equal(found[4], shown)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("page", [dataclasses.replace(SCREEN, scale=5), PAGE])
def test_a_film_is_shown_within_what_its_compression_changes(
    tmp_path: Path, page: ExportSettings, channels: int
) -> None:
    """Its even size too. Noise in colours is the worst there is: what is drawn is 12 levels off on average."""
    if not films.find_ffmpeg():
        pytest.skip("no ffmpeg")
    found, shown, preview = written_and_shown(
        tmp_path, film(channels), 2, dataclasses.replace(page, format="mp4"), about_run()
    )
    off = np.abs(found[2].astype(int) - shown)
    assert off.mean() < 4
    assert np.percentile(off, 99) <= 20
    assert ("half the resolution" in preview.differs) is (channels == 3 or page is PAGE)


def test_the_late_frame_of_a_long_film_in_colours_is_said_to_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "FOLLOWED", 2)
    settings = dataclasses.replace(SCREEN, format="gif")
    found, shown, preview = written_and_shown(tmp_path, film(3), 4, settings)
    assert "256 colours" in preview.differs
    assert np.abs(found[4].astype(int) - shown).mean() < 4
    assert picture_of(film(1), film(1)[4], settings).differs == ""  # type: ignore[union-attr]


def test_a_frame_that_a_film_leaves_out_is_not_shown() -> None:
    frames = film(1)
    settings = dataclasses.replace(SCREEN, format="apng", every=3)
    shown, kept = (picture_of(frames, frames[i], settings) for i in (2, 3))
    assert shown is not None
    assert kept is not None
    assert np.array_equal(shown.pixels, kept.pixels)


def test_vectors_say_that_they_have_no_pixels() -> None:
    for format_, said in (("svg", True), ("pdf", True), ("plot", False)):
        found = picture_of(film(1), film(1)[0], ExportSettings(format=format_), about_run())
        assert found is not None
        assert bool(found.differs) is said
