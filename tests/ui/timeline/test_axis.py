"""The one mapping between positions and pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffviz.domain.axis_scale import AxisScale
from diffviz.ui.timeline.axis import LEFT_MARGIN, RIGHT_MARGIN, AxisMap, every, round_step, ticks


@given(width=st.integers(200, 4000), high=st.floats(0.5, 1e6), share=st.floats(0, 1), mirrored=st.booleans())
def test_there_and_back(width: int, high: float, share: float, mirrored: bool) -> None:
    axis = AxisMap.across(width, AxisScale(0.0, high), mirrored)
    assert axis.to_position(axis.to_px(share * high)) == pytest.approx(share * high, abs=1e-9 * high)
    assert axis.to_pxs(np.array([share * high]))[0] == pytest.approx(axis.to_px(share * high))


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_ends_lie_at_the_margins(mirrored: bool) -> None:
    axis = AxisMap.across(800, AxisScale(0.0, 1000.0), mirrored)
    ends = [axis.to_px(0.0), axis.to_px(1000.0)]
    assert sorted(ends) == [LEFT_MARGIN, 800 - RIGHT_MARGIN]
    assert (ends[0] > ends[1]) == mirrored
    assert axis.sign == (-1 if mirrored else 1)


def test_pointing_beyond_the_ends_stays_on_the_axis() -> None:
    axis = AxisMap.across(800, AxisScale(10.0, 20.0), False)
    assert axis.to_position(-500) == 10.0
    assert axis.to_position(5000) == 20.0


def test_an_axis_without_length_has_one_position() -> None:
    axis = AxisMap.across(800, AxisScale(3.0, 3.0), False)
    assert axis.to_px(3.0) == LEFT_MARGIN


@given(span=st.floats(1e-6, 1e6), count=st.floats(1, 40))
def test_round_steps_divide_into_no_more_parts_than_asked(span: float, count: float) -> None:
    step = round_step(span, count)
    assert span / step <= count * 1.01
    assert span / step > count / 2.6
    assert f"{step:.0e}"[0] in "125"


def test_ticks_include_both_ends() -> None:
    assert ticks(0.0, 1000.0, 250.0) == [0.0, 250.0, 500.0, 750.0, 1000.0]
    assert ticks(-4.4, 0.1, 2.0) == [-4.0, -2.0, 0.0]


@pytest.mark.parametrize(("spacing", "expected"), [(14.0, 1), (4.0, 1), (2.1, 2), (0.8, 5), (0.1, 50)])
def test_marks_that_do_not_fit_are_thinned_by_round_numbers(spacing: float, expected: int) -> None:
    assert every(spacing, 4.0) == expected
