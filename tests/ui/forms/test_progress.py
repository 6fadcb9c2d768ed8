"""How far a run is, in whole percent: never all before all is there."""

from __future__ import annotations

import pytest

from diffviz.domain.requests import ReverseRequest
from diffviz.ui.forms.run_panel import percent_text, share_of
from tests.ui.forms.fakes import Stage, card


@pytest.mark.parametrize(("frames", "said"), [(0, ""), (1, "0%"), (2, "1%"), (58, "57%"), (100, "99%"), (101, "")])
def test_a_part_is_rounded_down_and_the_whole_is_no_part(qapp: object, frames: int, said: str) -> None:
    stage = Stage(card())
    run = stage.session.start(ReverseRequest(model="toy", steps=100, samples=1), "r")
    stage.compute(run, frames)
    assert len(run.plan.positions) == 101
    assert share_of(run) == frames / 101
    assert percent_text(run) == said


@pytest.mark.parametrize(("frames", "said"), [(0, ""), (5, ""), (11, "10%"), (20, "10%"), (100, "90%"), (101, "")])
def test_longer_steps_are_rounded_down_too(qapp: object, frames: int, said: str) -> None:
    stage = Stage(card())
    run = stage.session.start(ReverseRequest(model="toy", steps=100, samples=1), "r")
    stage.compute(run, frames)
    assert percent_text(run, 10) == said
