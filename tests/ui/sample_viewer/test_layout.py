"""Geometry of panes and grids: no arrangement shows samples larger, nothing outside its pane, zoom about a point."""

from __future__ import annotations

import math
import time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffviz.ui.sample_viewer.arrangement import AUTO, COLUMN, LINE, ROW, SPINE, STRIPS, Content, Scene, arranged
from diffviz.ui.sample_viewer.layout import Viewport, fitting_scale, grid, grid_with_strip, smooth

SIZES = [(28, 28), (48, 64), (64, 48), (512, 512), (64, 64), (12, 12)]
RATIOS = [1.0, 1.25, 1.5, 2.0]
HEADER = 30


def laid(width: int, height: int, count: int, size: tuple[int, int], panes: int = 3, how: str = AUTO) -> Scene:
    content = Content(panes, tuple(range(count)), size, how=how)
    return arranged(width, height, 1.0, content, lambda _width: HEADER)


@settings(deadline=None)
@given(
    st.integers(40, 900),
    st.integers(40, 600),
    st.integers(1, 64),
    st.sampled_from(SIZES),
    st.sampled_from([0, 12, 17]),
)
def test_a_grid_stays_inside_and_small_samples_take_whole_pixels(
    width: int, height: int, count: int, size: tuple[int, int], strip: int
) -> None:
    found = grid(width, height, count, size, strip)
    assert found.scale < 1 or found.scale == int(found.scale) or smooth(size)
    if found.scale >= 1 and not smooth(size):
        assert (found.tile_height, found.tile_width) == (size[0] * found.scale, size[1] * found.scale)
    if found.scale >= 0.1:
        last = found.tile(count - 1)
        assert last.y + last.height + strip <= height
        assert max(found.tile(i).x + found.tile_width for i in range(count)) <= width


def most(width: int, height: int, panes: int, count: int, size: tuple[int, int], how: str, strip: int) -> float:
    """The largest scale of all arrangements of panes and samples in columns and rows that fit, tried one by one."""
    best = 1e-3
    for across, columns in product(range(1, panes + 1), range(1, count + 1)):
        if how != AUTO and across != {ROW: panes, COLUMN: 1}[how]:
            continue
        down, rows = math.ceil(panes / across), math.ceil(count / columns)
        room = (width - 12 * (across - 1)) // across, (height - 12 * (down - 1)) // down - HEADER
        gap = 3 if count > 1 else 0
        wide = (room[0] - gap * (columns - 1)) / columns / size[1]
        tall = ((room[1] - gap * (rows - 1)) / rows - strip) / size[0]
        best = max(best, fitting_scale(min(wide, tall), size))
    return best


@settings(max_examples=300, deadline=None)
@given(
    st.integers(200, 2000),
    st.integers(150, 1200),
    st.integers(1, 5),
    st.integers(1, 64),
    st.sampled_from(SIZES),
    st.sampled_from([AUTO, ROW, COLUMN]),
    st.booleans(),
)
def test_no_arrangement_that_fits_shows_samples_larger(
    width: int, height: int, panes: int, count: int, size: tuple[int, int], how: str, named: bool
) -> None:
    strips = STRIPS if named else ()
    content = Content(panes, tuple(range(count)), size, strips, how=how)
    found = arranged(width, height, 1.0, content, lambda _width: HEADER).grid
    best = most(width, height, panes, count, size, how, min(strips, default=0))
    allowed = 0.95 if named and (smooth(size) or best < 1) else 1.0  # so much may words cost
    assert found.scale >= allowed * best - 1e-3
    assert bool(found.strip) == named


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("count", [1, 8, 9, 16, 64])
def test_samples_stand_on_whole_device_pixels_at_every_resolution(ratio: float, count: int) -> None:
    content = Content(3, tuple(range(count)), (28, 28), STRIPS)
    found = arranged(round(798 * ratio), round(360 * ratio), ratio, content, lambda _width: HEADER)
    scale = found.grid.scale
    assert scale == int(scale) >= (1 if count == 64 else 2)
    for pane, body in enumerate(found.bodies):
        last = found.tile(pane, count - 1, Viewport())
        assert (last.width, last.height) == (28 * scale, 28 * scale)
        assert last.y + last.height + found.grid.strip <= body.y + body.height


def test_an_arrangement_is_found_in_a_moment() -> None:
    content = Content(5, tuple(range(64)), (28, 28), STRIPS, frozenset({2, 3}))
    arranged(1500, 700, 1.0, content, lambda _width: HEADER)
    taken = []
    for _ in range(20):
        start = time.perf_counter()
        arranged(1500, 700, 1.0, content, lambda _width: HEADER)
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.02


def test_eight_samples_of_three_panes_stand_at_three_times_their_size() -> None:
    """At 1440 pixels of window a stage has 798 × 360: three by three, and not two by four at twice their size."""
    found = laid(798, 360, 8, (28, 28)).grid
    assert (found.columns, found.scale) == (3, 3)


def test_panes_stand_below_each_other_where_that_shows_them_larger() -> None:
    assert laid(300, 700, 1, (28, 28)).columns == 1
    assert laid(900, 300, 1, (28, 28)).columns == 3
    assert laid(300, 700, 1, (28, 28), how=ROW).columns == 3
    assert laid(900, 300, 1, (28, 28), how=COLUMN).columns == 1


@pytest.mark.parametrize("how", [AUTO, ROW, COLUMN])
def test_a_pane_that_gives_its_room_away_keeps_a_narrow_place(how: str) -> None:
    content = Content(3, tuple(range(4)), (28, 28), (), frozenset({1}), how)
    found = arranged(800, 400, 1.0, content, lambda _width: HEADER)
    place = found.headers[1]
    assert found.full == (0, 2)
    assert place.width == SPINE or (place.height, place.width) == (LINE, 800)
    assert 0 <= place.x < place.x + place.width <= 800
    assert 0 <= place.y < place.y + place.height <= 400
    assert found.bodies[0].width == found.bodies[2].width > 0
    assert found.hit(place.x + 1, place.y + 1, Viewport()) is None
    others = [found.bodies[0], found.bodies[2], found.headers[0], found.headers[2]]
    corners = [(place.x + dx, place.y + dy) for dx in (0, place.width - 1) for dy in (0, place.height - 1)]
    assert not any(box.contains(*corner) for box in others for corner in corners)


def test_sixteen_squares_in_a_square_stand_four_by_four() -> None:
    found = grid(250, 250, 16, (28, 28))
    assert (found.columns, found.rows, found.scale) == (4, 4, 2)


def test_a_wide_pane_gets_a_wide_grid() -> None:
    assert grid(600, 80, 6, (28, 28)).columns == 6


def test_room_for_words_is_as_high_as_it_can_be_at_no_cost_and_is_never_left_out() -> None:
    tight = grid_with_strip(2 * 28 + 3, 2 * 28 + 3 + 20, 4, (28, 28), STRIPS)
    roomy = grid_with_strip(2 * 28 + 3, 200, 4, (28, 28), STRIPS)
    assert (tight.scale, tight.strip) == (1, STRIPS[-1])
    assert (roomy.scale, roomy.strip) == (1, STRIPS[0])


def test_five_panes_in_a_narrow_stage_stand_in_rows_of_equal_panes() -> None:
    narrow, wide = laid(532, 300, 1, (28, 28), panes=5), laid(1200, 200, 1, (28, 28), panes=5)
    assert len({(body.width, body.height) for body in narrow.bodies}) == 1
    assert len({body.y for body in narrow.bodies}) > 1
    assert len({body.y for body in wide.bodies}) == 1


@pytest.mark.parametrize("size", SIZES)
def test_every_pixel_is_found_where_it_is_drawn(size: tuple[int, int]) -> None:
    found = laid(760, 360, 4, size)
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
    found = laid(760, 360, 4, (28, 28))
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
