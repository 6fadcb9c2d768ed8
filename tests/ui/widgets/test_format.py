"""Numbers as they are written."""

from __future__ import annotations

import math

import pytest

from diffviz.ui.widgets.format import figure, percent, signed, timestep


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.7058, "0.7058"),
        (2.399, "2.399"),
        (0.00201, "0.00201"),
        (1.2e-9, "1.2e−9"),
        (-0.25, "−0.2500"),
        (0.0, "0"),
        (1.0, "1.000"),
        (123.456, "123.5"),
        (24155.3, "24155"),
        (1e8, "1.0e8"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "—"),
    ],
)
def test_figures_have_four_digits_and_a_real_minus(value: float, text: str) -> None:
    assert figure(value) == text


def test_signed_numbers_are_equally_long() -> None:
    assert signed(-0.231) == "−0.231"
    assert len(signed(0.95)) == len(signed(-0.95))
    assert signed(-0.0001) == signed(0.0)


def test_a_share_is_all_or_nothing_only_where_it_is() -> None:
    assert [percent(share) for share in (0.98, 1.0, 0.997, 0.001, 0.0)] == ["98 %", "100 %", ">99 %", "<1 %", "0 %"]


def test_timesteps_are_whole_where_they_are() -> None:
    assert (timestep(360.0), timestep(12.5)) == ("360", "12.5")
