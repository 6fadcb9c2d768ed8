"""What the timeline knows of a run."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.arrays import nearest_index
from diffviz.ui.timeline.run_progress import RunProgress
from tests.ui.timeline.toys import Bench


def test_a_reverse_run_fills_from_the_high_end(bench: Bench) -> None:
    track = RunProgress.of(bench.start(steps=10, come=4))
    assert track.filled == (700.0, 1000.0)
    assert track.missing == (0.0, 700.0)
    assert track.has(800.0)
    assert not track.has(600.0)


def test_steps_count_from_where_the_run_began(bench: Bench) -> None:
    track = RunProgress.of(bench.start(steps=10))
    assert track.step_of(1000.0) == 0
    assert track.step_of(0.0) == 10
    assert track.missing is None


def test_nothing_has_come_yet(bench: Bench) -> None:
    track = RunProgress.of(bench.start(steps=10, come=0))
    assert track.filled is None
    assert track.missing == (0.0, 1000.0)


def test_a_track_is_taken_anew_only_when_something_came(bench: Bench) -> None:
    run = bench.start(steps=10, come=4)
    track = RunProgress.of(run)
    assert RunProgress.of(run, track) is track
    bench.come(run, 1)
    assert RunProgress.of(run, track).count == 5


def test_the_frame_shown_is_the_nearest_that_came(bench: Bench) -> None:
    track = RunProgress.of(bench.start(steps=10, come=4))
    assert track.shown_at(0.0) == 700.0
    assert track.shown_at(849.0) == 800.0
    assert track.planned_near(349.0) == 300.0


@pytest.mark.parametrize(("position", "expected"), [(-5.0, 0), (0.4, 0), (0.6, 1), (9.0, 2)])
def test_nearest(qtbot: QtBot, position: float, expected: int) -> None:
    assert nearest_index((0.0, 1.0, 2.0), position) == expected
