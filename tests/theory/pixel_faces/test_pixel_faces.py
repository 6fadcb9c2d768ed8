"""Pixel faces: every picture is read back, and the judge finds what was planted."""

from __future__ import annotations

import numpy as np
import pytest

from diffviz import paths
from diffviz.domain.arrays import U8
from diffviz.theory.pixel_face_design import HIDDEN, SIDE, bundled_design, drawn
from diffviz.theory.pixel_face_reader import TOLERANCE, read
from diffviz.theory.pixel_faces import NAMED, FaceJudge, has_withheld

FEW = 1500
DESIGN = bundled_design()
FOLDER = paths.resources() / "samples" / "pixel-faces"


def part(name: str, count: int = FEW) -> tuple[U8, U8]:
    """Rendered pictures of a part of the data, and what they show."""
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return file["images"][:count], file["attributes"][:count]


@pytest.fixture(scope="module")
def judge() -> FaceJudge:
    return FaceJudge(DESIGN, part("train", 60_000)[1], part("test", 10_000)[1])


def test_the_compositor_draws_what_the_renderer_drew() -> None:
    pictures, table = part("test")
    difference = abs(drawn(DESIGN, table).astype(int) - pictures)
    assert difference.max() <= 2
    assert (difference > 1).mean() < 0.01


@pytest.mark.parametrize("name", ["test", "withheld"])
def test_rendered_pictures_are_read_back_without_an_error(name: str) -> None:
    pictures, table = part(name)
    reading = read(DESIGN, pictures)
    assert reading.valid.all()
    np.testing.assert_array_equal(reading.table, table)


def test_only_the_colour_of_glasses_that_nobody_wears_is_hidden() -> None:
    _, table = part("train", 60_000)
    hidden, glasses = table == HIDDEN, DESIGN.column("glasses colour")
    np.testing.assert_array_equal(hidden[:, glasses], table[:, DESIGN.column("glasses")] == 0)
    assert not np.delete(hidden, glasses, 1).any()


def test_pictures_with_errors_below_the_tolerance_are_read_back() -> None:
    pictures, table = part("test", 400)
    noise = np.random.default_rng(0).integers(-TOLERANCE + 2, TOLERANCE - 1, pictures.shape)
    reading = read(DESIGN, (pictures.astype(int) + noise).clip(0, 255).astype(np.uint8))
    assert reading.valid.all()
    np.testing.assert_array_equal(reading.table, table)


def test_wrong_pixels_are_counted() -> None:
    pictures, table = part("test", 300)
    rng, spoilt = np.random.default_rng(1), pictures.copy()
    wanted = rng.integers(0, 7, len(pictures))
    for picture, count in zip(spoilt.reshape(len(pictures), -1, 3), wanted, strict=True):
        places = rng.permutation(SIDE * SIDE)[:count]
        picture[places] = (120, 255, 40)  # a green that no part has
    reading = read(DESIGN, spoilt)
    assert (reading.wrong <= wanted).all()
    assert (reading.wrong == wanted).mean() > 0.9, "a spoilt pixel may be all that told two parts apart"
    assert (reading.valid == (reading.wrong == 0)).all()
    np.testing.assert_array_equal(reading.table[wanted == 0], table[wanted == 0])


def test_noise_and_flat_pictures_are_no_faces() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (50, SIDE, SIDE, 3), np.uint8)
    flat = np.broadcast_to(DESIGN.palettes["background"].astype(np.uint8)[:, None, None], (4, SIDE, SIDE, 3))
    reading = read(DESIGN, np.concatenate([noise, flat]))
    assert not reading.valid.any()
    assert (reading.wrong[:50] > 200).all()


def test_held_out_pictures_are_what_they_are_measured_against(judge: FaceJudge) -> None:
    pictures, table = part("test")
    counts = judge.counts(pictures, table[:, DESIGN.column("hair colour")].astype(np.int64))
    assert counts.valid.value == 1.0
    assert counts.as_asked is not None
    assert counts.as_asked.value == 1.0
    assert set(counts.valid_at.values()) == {1.0}
    assert counts.missing == ()
    assert counts.pairs.made == counts.pairs.held_out < counts.pairs.of
    assert all(each.made == each.held_out == each.of for each in counts.values.values())
    assert all(each.made == each.held_out for each in counts.shares.values())
    assert counts.withheld is not None
    assert (counts.withheld.value, counts.copies, counts.copies_held_out) == (0.0, 0, 0)


def test_a_planted_copy_is_found(judge: FaceJudge) -> None:
    pictures, _ = part("test", 300)
    copied, _ = part("train", 20)
    counts = judge.counts(np.concatenate([pictures, copied]))
    assert (counts.copies, counts.copies_held_out) == (20, 0)
    assert counts.as_asked is None


def test_a_missing_mode_is_found(judge: FaceJudge) -> None:
    pictures, table = part("test")
    skin = DESIGN.column("skin")
    tan = DESIGN.index("skin", "tan")
    counts = judge.counts(pictures[table[:, skin] != tan])
    assert counts.missing == ("skin: tan",)
    assert (counts.values["skin"].made, counts.values["skin"].held_out) == (4, 5)
    others = sum(len(DESIGN.attributes[name]) for name in NAMED if name != "skin")
    assert counts.pairs.held_out - counts.pairs.made == others
    assert counts.shares["skin"].made == pytest.approx(0.2, abs=0.03)
    assert counts.shares["skin"].held_out < 0.05
    assert counts.shares["hair colour"].made < 0.05


def test_withheld_pairs_are_found(judge: FaceJudge) -> None:
    pictures, table = part("withheld", 200)
    assert has_withheld(DESIGN, table).all()
    assert not any(has_withheld(DESIGN, part(name, 60_000)[1]).any() for name in ("train", "test"))
    counts = judge.counts(pictures)
    assert counts.withheld is not None
    assert counts.withheld.value == 1.0


def test_the_curve_of_valid_pictures_rises_with_the_tolerance(judge: FaceJudge) -> None:
    pictures, _ = part("test", 400)
    pictures = pictures.copy()
    pictures[:100, 0, 0] = pictures[:100, 0, 0].astype(int) - 5
    pictures[100:200, 0, 0] = pictures[100:200, 0, 0].astype(int) - 10
    counts = judge.counts(pictures)
    assert counts.valid.value == counts.valid_at["8"] == 0.75
    assert (counts.valid_at["4"], counts.valid_at["6"], counts.valid_at["12"]) == (0.5, 0.75, 1.0)
    assert counts.wrong_pixels == {"50 %": 0.0, "75 %": 0.25, "90 %": 1.0}
