"""Sizes and times as people read them."""

from __future__ import annotations

import pytest

from diffviz.ui.widgets.format import duration, size


@pytest.mark.parametrize(
    ("nbytes", "text"), [(0, "0 B"), (999, "999 B"), (7_400_000, "7.4 MB"), (12_345_678, "12 MB"), (999_600, "1.0 MB")]
)
def test_sizes(nbytes: int, text: str) -> None:
    assert size(nbytes).replace("\xa0", " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (7500, "2 h 5 min")],
)
def test_times(seconds: float, text: str) -> None:
    assert duration(seconds).replace("\xa0", " ") == text
