"""Geometry of panes and grids: whole-number scales, nothing outside its pane, zoom about a fixed point."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffviz.ui.sample_viewer.layout import Viewport, arrange, grid, grid_with_strip, scene

SIZES = [(28, 28), (48, 64), (64, 48), (512, 512), (12, 12)]


@given(
    st.integers(40, 900),
    st.integers(40, 600),
    st.integers(1, 64),
    st.sampled_from(SIZES),
    st.sampled_from([0, 12, 17]),
)
def test_a_grid_stays_inside_and_its_scale_is_whole_or_below_one(
    width: int, height: int, count: int, size: tuple[int, int], strip: int
) -> None:
    found = grid(width, height, count, size, strip)
    assert found.scale < 1 or found.scale == int(found.scale)
    if found.scale >= 1:
        assert (found.tile_height, found.tile_width) == (size[0] * found.scale, size[1] * found.scale)
        last = found.tile(count - 1)
        assert last.y + last.height + strip <= height
        assert max(found.tile(i).x + found.tile_width for i in range(count)) <= width


def test_sixteen_squares_in_a_square_stand_four_by_four() -> None:
    found = grid(250, 250, 16, (28, 28))
    assert (found.columns, found.rows, found.scale) == (4, 4, 2)


def test_a_wide_pane_gets_a_wide_grid() -> None:
    assert grid(600, 80, 6, (28, 28)).columns == 6


def test_a_strip_is_left_out_where_it_would_cost_small_samples_their_size() -> None:
    tight = grid_with_strip(2 * 28 + 3, 2 * 28 + 3, 4, (28, 28), (17, 12))
    roomy = grid_with_strip(2 * 28 + 3, 200, 4, (28, 28), (17, 12))
    assert (tight.scale, tight.strip) == (1, 0)
    assert (roomy.scale, roomy.strip) == (1, 17)


def test_five_panes_in_a_narrow_stage_stand_in_two_rows_of_equal_panes() -> None:
    boxes = arrange(532, 300, 5, 47, 14)
    assert len({(box.width, box.height) for box in boxes}) == 1
    assert len({box.y for box in boxes}) == 2
    assert len({box.y for box in arrange(1200, 300, 5, 47, 14)}) == 1


@pytest.mark.parametrize("size", SIZES)
def test_every_pixel_is_found_where_it_is_drawn(size: tuple[int, int]) -> None:
    found = scene(760, 360, 1.0, 3, 30, range(4), size, (17,))
    for pane in range(3):
        box = found.tile(pane, 2, Viewport())
        rows, columns = max(1, size[0] / box.height), max(1, size[1] / box.width)  # under one device pixel
        first = found.hit(box.x + 0.5, box.y + 0.5, Viewport())
        assert first is not None
        assert (first.pane, first.sample) == (pane, 2)
        assert first.row < rows
        assert first.column < columns
        last = found.hit(box.x + box.width - 0.5, box.y + box.height - 0.5, Viewport())
        assert last is not None
        assert last.sample == 2
        assert size[0] - rows <= last.row < size[0]
        assert size[1] - columns <= last.column < size[1]


def test_zoom_keeps_the_point_under_the_pointer_and_returns_to_fitting() -> None:
    found = scene(760, 360, 1.0, 3, 30, range(4), (28, 28), ())
    body = found.bodies[0]
    x, y = body.x + 61.0, body.y + 150.0
    before = found.hit(x, y, Viewport())
    zoomed = Viewport().zoomed(found.grid, 4, 61.0, 150.0)
    assert zoomed.scale > found.grid.scale
    assert zoomed.scale == int(zoomed.scale)
    assert found.hit(x, y, zoomed) == before
    assert zoomed.zoomed(found.grid, -4, 0.0, 0.0) == Viewport()


def test_pan_never_leaves_an_empty_pane() -> None:
    found = grid(200, 200, 4, (28, 28))
    zoomed = Viewport().zoomed(found, 3, 100, 100)
    far = zoomed.panned(found, 1e6, 1e6)
    first = far.tile(found, 0)
    assert (first.x, first.y) == (0, 0)
    assert Viewport().panned(found, 5, 5) == Viewport()
