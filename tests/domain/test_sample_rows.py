"""Rows of samples: which are of one picture, whatever lies between, and where they stand: each in its row, once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffviz.domain.requests import ForwardRequest, Image, Request, ReverseRequest, Step, digest
from diffviz.domain.sample_rows import SampleRows, grid_of
from diffviz.families import family_of

NAMES = ("a", "b", "c")
NOISED = ForwardRequest(start=Image(NAMES))


def rows_of(request: Request) -> SampleRows:
    found = family_of(request).rows(request)
    assert found is not None
    return found


def restored(samples: int, sample: int | None = None) -> ReverseRequest:
    return ReverseRequest(model="toy", start=Step(NOISED, 50.0, sample), samples=samples)


def test_restorations_of_one_picture_are_those_that_start_from_it() -> None:
    """Sample i starts from picture i modulo three, as files of any age have it."""
    rows = rows_of(restored(7))
    assert rows.rows == ((0, 3, 6), (1, 4), (2, 5))
    assert (rows.originals, rows.width) == (NAMES, 4)
    assert rows.name(4) == "picture 2, restoration 2 of 2"
    assert rows.original_name(2) == "picture 3, the original"


def test_one_picture_keeps_its_number() -> None:
    rows = rows_of(restored(4, sample=2))
    assert rows.rows == ((0, 1, 2, 3),)
    assert rows.originals == ("c",)
    assert rows.name(3) == "picture 3, restoration 4 of 4"


def test_branches_belong_to_the_picture_where_all_began() -> None:
    """Of seven restorations the fifth is of the second picture; so are all branches of it."""
    first = restored(7)
    again = replace(first, start=Step(first, 20.0), samples=14)
    assert rows_of(again).rows == ((0, 3, 6, 7, 10, 13), (1, 4, 8, 11), (2, 5, 9, 12))
    alone = replace(first, start=Step(first, 20.0, 4), samples=2)
    assert rows_of(alone).originals == ("b",)


def test_noise_has_rows_only_where_some_samples_share_it() -> None:
    root = ReverseRequest(model="toy", samples=3)
    for request in (root, replace(root, start=Step(root, 50.0)), replace(root, start=Step(root, 50.0, 1))):
        assert family_of(request).rows(request) is None
    rows = rows_of(replace(root, start=Step(root, 50.0), samples=6))
    assert rows.rows == ((0, 3), (1, 4), (2, 5))
    assert (rows.originals, rows.width) == ((), 2)
    assert rows.name(5) == "sample 3, branch 2 of 2"


@given(st.integers(1, 9), st.integers(1, 64), st.data())
def test_every_sample_has_a_place_of_its_own_beside_those_of_its_picture(
    pictures: int, samples: int, data: st.DataObject
) -> None:
    names = tuple(f"{i}" for i in range(pictures))
    request = ReverseRequest(start=Step(ForwardRequest(start=Image(names)), 50.0), samples=samples)
    rows = rows_of(request)
    columns = data.draw(st.sampled_from(rows.columns))
    cells, originals = rows.cells(columns), rows.original_cells(columns)
    assert len({*cells, *originals}) == samples + len(rows.rows)
    assert max(*cells, *originals) < columns * rows.lines(columns)
    for row, first in zip(rows.rows, originals, strict=True):
        assert [cells[sample] for sample in row] == [first + 1 + k for k in range(len(row))]
        assert len(rows.rows) == 1 or len({cells[sample] // columns for sample in row} | {first // columns}) == 1


def test_several_of_one_picture_have_a_line_for_it_and_single_ones_share() -> None:
    nine = Step(ForwardRequest(start=Image(("x",) * 9)), 1.0)
    assert grid_of(63, rows_of(replace(restored(63), start=nine))) == (8, 9)
    assert grid_of(21, rows_of(restored(21))) == (8, 3)
    assert grid_of(9, rows_of(replace(restored(9), start=nine))) == (4, 5)
    assert grid_of(9) == (3, 3)


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 3)])
def test_originals_are_the_pictures_and_none_where_one_is_missing(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (2, *shape), np.uint8)
    images = {digest(each): each for each in pixels}
    rows = rows_of(replace(restored(4), start=Step(ForwardRequest(start=Image(tuple(images), shape)), 50.0)))
    channels = (3 if len(shape) == 3 else 1, *shape[:2])
    known = rows.with_values(images, channels)
    samples = np.zeros((4, *shape), np.uint8)
    np.testing.assert_array_equal(known.originals_as(samples), pixels)
    np.testing.assert_array_equal(known.in_order(samples)[3], pixels[1])
    assert known.originals_as(np.zeros((4, *shape[:2], 3), np.uint8)).shape == (2, *shape[:2], 3)
    for unknown in (rows.with_values({}, channels), rows.with_values(images, (channels[0], 9, 9))):
        assert (unknown.originals, unknown.width, unknown.values) == ((), 2, None)


def test_keys_go_along_a_row_and_from_row_to_row() -> None:
    rows = rows_of(restored(7))
    assert rows.beside(0, 1, 0) == 3
    assert rows.beside(3, 0, 1) == 4
    assert rows.beside(6, 0, 1) == 4, "the shorter row ends there"
    assert [rows.beside(*way) for way in ((6, 1, 0), (0, -1, 0), (2, 0, 1), (0, 0, -1))] == [6, 0, 2, 0]
