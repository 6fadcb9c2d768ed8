"""The nearest of many points is the one that writing all distances out finds."""

from __future__ import annotations

import numpy as np
import pytest

from diffviz.theory.statistics import Nearest

RNG = np.random.default_rng(4)


@pytest.mark.parametrize(("count", "width"), [(1, 3), (5, 3), (400, 2), (1000, 784)])
def test_it_is_the_smallest_distance_written_out(count: int, width: int) -> None:
    points = RNG.uniform(-1, 1, (count, width)).astype(np.float32)
    x = RNG.uniform(-1, 1, (20, width)).astype(np.float32)
    every = np.linalg.norm(x[:, None].astype(np.float64) - points[None], axis=2)
    known = Nearest(points)
    rows = known.rows(x)
    np.testing.assert_array_equal(rows, every.argmin(1))
    np.testing.assert_allclose(known.distances(x, rows), every.min(1), rtol=1e-9)
    assert len(known) == count


def test_a_point_is_at_no_distance_from_itself_and_the_first_of_equal_ones_is_found() -> None:
    points = RNG.uniform(-1, 1, (100, 784)).astype(np.float32)
    points[70] = points[30]
    known = Nearest(points)
    rows = known.rows(points[[70, 5]])
    assert rows.tolist() == [30, 5]
    assert known.distances(points[[70, 5]], rows).tolist() == [0, 0]


def test_points_that_float32_cannot_tell_apart_at_first_sight_are_told_apart() -> None:
    near = np.full((2, 784), 0.9, np.float32)
    near[1, 0] += np.float32(3e-5)  # the squares differ by 1e-9, far less than float32 keeps of 317
    known = Nearest(near)
    assert known.rows(near[[1, 0]]).tolist() == [1, 0]
