"""Scales map numbers to sliders and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffviz.domain.requests import ForwardRequest, ReverseRequest
from diffviz.domain.sampling import SAMPLERS, SCHEDULES
from diffviz.domain.settings import Bounds, Setting, every_setting
from diffviz.ui.widgets.number_slider import NumberScale

BETA = NumberScale.of(Bounds(1e-6, 0.5, log=True), whole=False)
STEPS = NumberScale.of(Bounds(1, 4000), whole=True)
GUIDANCE = NumberScale.of(Bounds(0, 20, step=0.25), whole=False)


def numeric() -> list[Setting]:
    assert SAMPLERS
    assert SCHEDULES
    every = [s for cls in (ForwardRequest, ReverseRequest) for s in every_setting(cls)]
    return [s for s in every if s.kind in (int, float) and s.bounds]


@pytest.mark.parametrize("setting", numeric(), ids=lambda s: s.name)
def test_the_ends_of_every_slider_are_the_bounds_and_defaults_lie_on_it(setting: Setting) -> None:
    assert setting.bounds is not None
    scale = NumberScale.of(setting.bounds, whole=setting.kind is int)
    assert scale.value(0.0) == pytest.approx(setting.bounds.low)
    assert scale.value(1.0) == pytest.approx(setting.bounds.high)
    assert 0 <= scale.share(setting.default) <= 1
    assert round(setting.default, scale.decimals) == setting.default


@given(st.floats(0, 1))
def test_what_a_slider_gives_lies_where_it_was_taken(share: float) -> None:
    for scale, tolerance in ((BETA, 0.01), (GUIDANCE, 0.01)):
        assert scale.share(scale.value(share)) == pytest.approx(share, abs=tolerance)


@given(st.floats(0, 1))
def test_a_slider_over_whole_numbers_gives_whole_numbers(share: float) -> None:
    assert STEPS.value(share) == int(STEPS.value(share))


def test_a_wide_range_of_whole_numbers_is_spread_by_its_logarithm() -> None:
    assert STEPS.share(63) == pytest.approx(0.5, abs=0.01)


@given(st.floats(2e-6, 0.4))
def test_a_key_always_moves_a_logarithmic_value(value: float) -> None:
    assert BETA.stepped(value, 1) > value
    assert BETA.stepped(value, -1) < value


def test_steps_are_those_declared_and_stay_within_the_bounds() -> None:
    assert GUIDANCE.stepped(1.0, 1) == 1.25
    assert GUIDANCE.stepped(20.0, 1) == 20.0
    assert STEPS.stepped(50, -1) == 49


def test_numbers_are_written_without_noise() -> None:
    assert GUIDANCE.text(1.0) == "1.00"
    assert BETA.text(1e-4) == "0.0001"
    assert BETA.text(0.00085) == "0.00085"
    assert NumberScale.of(Bounds(0.0, 0.5), whole=False).text(0.008) == "0.008"
