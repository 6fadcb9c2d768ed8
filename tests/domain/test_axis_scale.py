"""Positions along an axis: there and back, ends, round ticks; noise that grows over decades by its logarithm."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffviz.domain.axis_scale import KNEE, AxisScale, scale_of
from diffviz.domain.requests import Plan
from diffviz.domain.sampling import Cosine, Flow, VarianceExploding

EVEN, FLOW, DECADES = AxisScale(0, 1000), AxisScale(0, 1), AxisScale(0, 80, KNEE)
ALL = [EVEN, FLOW, DECADES, AxisScale(10, 20), AxisScale(1, 80, KNEE), AxisScale(3, 3)]


@given(st.sampled_from(ALL), st.floats(0, 1))
def test_there_and_back(scale: AxisScale, share: float) -> None:
    position = scale.position(share)
    assert scale.share(position) == pytest.approx(share, abs=1e-9)
    assert scale.shares(np.array([position]))[0] == pytest.approx(scale.share(position))


@pytest.mark.parametrize("scale", ALL[:5])
def test_ends_and_order(scale: AxisScale) -> None:
    assert scale.position(0) == pytest.approx(scale.low)
    assert scale.position(1) == pytest.approx(scale.high)
    found = [scale.position(k / 50) for k in range(-5, 56)]
    assert all(a < b for a, b in pairwise(found)), "beyond the ends too: a player runs over them"


def test_ticks_are_round_and_begin_and_end_with_the_axis() -> None:
    assert EVEN.ticks(10) == [100.0 * n for n in range(11)]
    assert FLOW.ticks(10) == pytest.approx([n / 10 for n in range(11)])
    assert DECADES.ticks(6) == pytest.approx([0, 0.1, 1, 10, 80])
    assert DECADES.ticks(20) == pytest.approx([0, 0.1, 0.3, 1, 3, 10, 30, 80])
    for scale in (EVEN, FLOW, DECADES):
        assert set(np.round(scale.ticks(6)[1:-1], 9)) <= set(np.round(scale.small_ticks(6), 9))


def test_only_variance_exploding_has_decades() -> None:
    plan = Plan(0.0, 1000.0, (1000.0, 0.0), 1, 1, schedule=Cosine())
    assert scale_of(plan).knee == 0
    assert scale_of(dataclasses.replace(plan, high=1.0, schedule=Flow())) == AxisScale(0, 1)
    assert scale_of(dataclasses.replace(plan, high=80.0, schedule=VarianceExploding())) == DECADES


def test_half_of_karras_visits_are_in_the_lower_half_of_the_axis() -> None:
    sigmas = (80 ** (1 / 7) + np.linspace(0, 1, 50) * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7
    assert 0.2 < np.mean(DECADES.shares(sigmas) < 0.5) < 0.8
    assert np.mean(sigmas / 80 < 0.05) > 0.5, "on an even axis most of them are within its first twentieth"
