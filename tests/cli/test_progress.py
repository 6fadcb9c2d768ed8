"""How far a command is, line by line."""

from __future__ import annotations

import pytest

from diffviz.cli.run import Counter


def test_speed_and_what_is_left_are_told_once_they_are_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Loading the model is no part of the first stage's speed, and the first step alone says nothing of it."""
    now = [100.0]
    monkeypatch.setattr("diffviz.cli.run.time.monotonic", lambda: now[0])
    counter = Counter()
    for stage, done, after in (
        ("computing", 1, 30.0),
        ("computing", 11, 5.0),
        ("writing", 0, 6.0),
        ("writing", 4, 8.0),
    ):
        now[0] += after
        counter.show(stage, done, 21)
    assert capsys.readouterr().err.splitlines() == [
        "computing: 1 of 21",
        "computing: 11 of 21 · 2.0 a second · 00:00:05 left",
        "writing: 0 of 21",
        "writing: 4 of 21 · 0.5 a second · 00:00:34 left",
    ]
