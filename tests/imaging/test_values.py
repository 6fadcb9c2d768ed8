"""Values become levels by one rule, which is the same for files, arrays and commands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz.imaging import extent, joined, open_pictures, scale_of


@pytest.mark.parametrize(
    ("values", "levels", "said"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255], ""),
        ([-1.0, 0.0, 1.0], [0, 128, 255], "−1 is black"),
        ([0.0, 100.0, 255.0], [0, 100, 255], "8 bits"),
        ([0.0, 2048.0, 4095.0], [0, 128, 255], "12 bits"),
        ([-1000.0, 0.0, 3000.0], [0, 64, 255], "smallest is black"),
        ([0.0, np.nan, 1.0], [0, 128, 255], "no numbers"),
        ([0.0, np.inf, 1.0], [0, 255, 255], "no numbers"),
        ([np.nan, np.nan], [128, 128], "no numbers"),
        ([-5.0, -5.0], [0, 0], "smallest is black"),
    ],
)
def test_floats(values: list[float], levels: list[int], said: str) -> None:
    array = np.array(values, np.float32)
    scale = scale_of(extent(array))
    np.testing.assert_array_equal(scale.levels(array), levels)
    assert said in " ".join(scale.notes)
    assert bool(scale.notes) == bool(said)


@pytest.mark.parametrize(
    ("kind", "top", "white", "said"),
    [
        (np.bool_, 1, 1, ""),
        (np.uint16, 65535, 65535, ""),
        (np.uint16, 40000, 65535, ""),
        (np.uint16, 16383, 16383, "14 bits"),
        (np.uint16, 4080, 4095, "12 bits"),
        (np.uint16, 1000, 1023, "10 bits"),
        (np.int32, 255, 255, "8 bits"),
        (np.int64, 1, 1, "1 bits"),
        (np.int32, 2**31 - 1, 2**32 - 1, "32 bits"),
    ],
)
def test_integers(kind: type, top: int, white: int, said: str) -> None:
    scale = scale_of(extent(np.array([0, top], kind)))
    assert scale.white == white
    assert said in " ".join(scale.notes)
    assert bool(scale.notes) == bool(said)


def test_a_file_that_says_its_depth_is_believed() -> None:
    said = scale_of(extent(np.array([0, 100], np.uint16), bits=12))
    assert (said.white, said.notes) == (4095, ())
    wrong = scale_of(extent(np.array([0, 5000], np.uint16), bits=12))
    assert (wrong.white, bool(wrong.notes)) == (16383, True)


def test_one_scale_holds_for_all() -> None:
    both = joined([extent(np.array([0, 4095], np.uint16)), extent(np.array([0, 100], np.uint16))])
    assert scale_of(both).white == 4095


def test_pictures_that_are_opened_together_share_a_scale(tmp_path: Path) -> None:
    paths = []
    for top in (4095, 600):
        paths.append(tmp_path / f"{top}.tif")
        Image.fromarray(np.full((4, 4), top, np.uint16)).save(paths[-1])
    pictures, notes = open_pictures(paths)
    assert [p.getpixel((0, 0)) for p in pictures] == [(255,) * 3, (37,) * 3]
    assert len(notes) == 1


def test_a_tag_of_tiff_says_the_depth(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 1023, np.uint16)).save(tmp_path / "a.tif", tiffinfo={281: 4095})
    [picture], notes = open_pictures([tmp_path / "a.tif"])
    assert (picture.getpixel((0, 0)), notes) == ((64,) * 3, ())


def test_a_dark_pgm_of_sixteen_bits_stays_dark(tmp_path: Path) -> None:
    (tmp_path / "a.pgm").write_bytes(b"P5 2 2 4095\n" + np.full(4, 16, ">u2").tobytes())
    [picture], notes = open_pictures([tmp_path / "a.pgm"])
    assert (picture.getpixel((0, 0)), notes) == ((1,) * 3, ())
