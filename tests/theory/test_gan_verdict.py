"""The verdict's table: evaluations as they would come, and what may be said of them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from diffviz.domain.gan import GanFrame
from diffviz.domain.gan_verdicts import LABELS, Verdict, explanation, label
from diffviz.theory.gan_verdict import RULES, verdict

EMPTY = np.zeros((0, 2), np.float32)


def frame(position: float = 100.0, **values: object) -> GanFrame:
    """An evaluation in two dimensions, of 8 modes: all covered unless said otherwise."""
    covered = int(str(values.get("covered", 8)))
    per_mode = np.array([100] * covered + [0] * (8 - covered), np.float32)
    made = GanFrame(
        position,
        loss_d=np.zeros(1, np.float32),
        loss_g=np.zeros(1, np.float32),
        accuracy_real=0.5,
        accuracy_fake=0.5,
        accuracy=0.5,
        low=math.nan,
        high=math.nan,
        threshold=0.5,
        gradient=1.0,
        updated=2.0,
        real=EMPTY,
        fake=EMPTY,
        d_real=np.full(4, 0.5, np.float32),
        d_fake=np.full(4, 0.5, np.float32),
        tv=0.0,
        js=0.0,
        best=0.5,
        quality=0.9,
        covered=float(covered),
        per_mode=per_mode,
    )
    changed = dataclasses.replace(made, **{name: v for name, v in values.items() if name != "covered"})  # type: ignore[arg-type]
    return dataclasses.replace(changed, low=changed.accuracy - 0.022, high=changed.accuracy + 0.022)


def image(position: float = 100.0, **values: object) -> GanFrame:
    """An evaluation on images, whose bound is not known."""
    per_mode = values.pop("per_mode", np.full(10, 20, np.float32))
    unknown = dict.fromkeys(("best", "tv", "js", "quality"), math.nan)
    made = frame(position, **{**unknown, **values})
    return dataclasses.replace(made, covered=math.nan, per_mode=per_mode)  # type: ignore[arg-type]


def series(*frames: GanFrame) -> list[GanFrame]:
    """`frames` one after the other, 25 steps apart."""
    return [dataclasses.replace(f, position=25.0 * i) for i, f in enumerate(frames)]


START = frame(0.0, updated=0.0, best=0.99)
SURE = np.full(4, 0.9, np.float32)
GOOD, BAD = frame(accuracy=0.51, best=0.515), frame(accuracy=0.51, best=0.95)
FALLING = [frame(accuracy=0.8, best=0.99 - 0.03 * i) for i in range(12)]
SWINGING = [frame(accuracy=0.7, accuracy_fake=0.2 + 0.6 * (i // 2 % 2), best=0.95, d_fake=SURE) for i in range(16)]
CONSTANT = frame(accuracy=0.5, accuracy_real=0.994, accuracy_fake=0.005, best=0.53, d_fake=SURE)
NEVER = dataclasses.replace(CONSTANT, accuracy_real=0.005, accuracy_fake=0.994)

TABLE: list[tuple[str, str, list[GanFrame]]] = [
    ("nothing was updated", "untrained", [START]),
    ("nothing was updated, samples good", "untrained", [frame(0.0, updated=0.0)]),
    ("D has never been above chance yet", "untrained", series(START, BAD, BAD)),
    ("D is better than chance", "learning", series(START, *FALLING[:3])),
    ("the bound falls", "learning", series(START, *FALLING)),
    ("D at the bound, bound near one half", "equilibrium", series(START, *FALLING, *[GOOD] * 5)),
    ("soon at the bound", "equilibrium", series(START, *[GOOD] * 4)),
    ("only one of the last at the bound", "learning", series(START, *FALLING, GOOD)),
    ("50 % while the samples are bad", "d_lags", series(START, *FALLING, *[BAD] * 15)),
    ("seven of eight modes", "d_lags", series(START, *FALLING, *[frame(best=0.5625, covered=7)] * 15)),
    ("three of eight modes, 50 %", "collapse", series(START, *FALLING, *[frame(best=0.8125, covered=3)] * 15)),
    ("three of eight, and D sees it", "learning", series(START, *[frame(accuracy=0.81, best=0.8125, covered=3)] * 15)),
    ("D is always right", "d_wins", series(START, *[frame(accuracy=0.99, best=1.0, covered=0)] * 8)),
    ("up and down", "oscillating", series(START, *SWINGING)),
    (
        "up and down about one half: D is constant",
        "d_lags",
        series(START, *[frame(accuracy_fake=float(i % 2), best=0.95) for i in range(16)]),
    ),
    ("was at equilibrium", "drifting", series(START, *[GOOD] * 8, *[frame(accuracy=0.56, best=0.65)] * 8)),
    ("began at equilibrium", "drifting", series(frame(0.0, updated=0.0), *[frame(accuracy=0.52, best=0.65)] * 8)),
    ("near one half, D below the bound", "undetermined", series(START, *FALLING, *[frame(accuracy=0.47)] * 15)),
    ("D says real to everything", "one_answer", series(START, *[CONSTANT] * 12)),
    (
        "D says generated to everything",
        "one_answer",
        series(START, *[NEVER] * 12),
    ),
    ("images, 50 %", "cannot_tell", series(image(0.0, updated=0.0), *[image()] * 8)),
    ("images, below 50 %", "cannot_tell", series(image(0.0, updated=0.0), *[image(accuracy=0.4)] * 8)),
    ("images, D better than chance", "learning", series(image(0.0, updated=0.0), *[image(accuracy=0.7)] * 8)),
    ("images, D always right", "d_wins", series(image(0.0, updated=0.0), *[image(accuracy=0.97)] * 8)),
    (
        "images, few classes",
        "collapse",
        series(
            image(0.0, updated=0.0), *[image(accuracy=0.7, per_mode=np.array([90, 100, 10, *[0] * 7], np.float32))] * 12
        ),
    ),
]


@pytest.mark.parametrize(("kind", "frames"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_is_said(kind: str, frames: list[GanFrame]) -> None:
    found = verdict(frames)
    assert found.kind == kind
    assert label(found)
    assert "{" not in explanation(found)


def test_the_table_says_everything_that_can_be_said() -> None:
    assert {kind for _, kind, _ in TABLE} == set(LABELS)
    assert {kind for kind, _ in RULES} | {"undetermined"} == set(LABELS)


def test_without_evaluations_nothing_is_said() -> None:
    assert verdict([]).kind == "undetermined"
    assert explanation(verdict([]))


@pytest.mark.parametrize("accuracy", [0.4, 0.47, 0.5, 0.53])
@pytest.mark.parametrize("best", [0.55, 0.5625, 0.7, 1.0])
def test_equilibrium_is_never_said_where_the_best_d_is_better(accuracy: float, best: float) -> None:
    assert verdict(series(START, *[frame(accuracy=accuracy, best=best)] * 20)).kind != "equilibrium"


@pytest.mark.parametrize("accuracy", np.linspace(0.3, 0.7, 9))
def test_equilibrium_is_never_said_of_images(accuracy: float) -> None:
    assert verdict(series(*[image(accuracy=float(accuracy))] * 20)).kind != "equilibrium"


def test_equilibrium_is_never_said_of_a_d_outside_its_bound() -> None:
    assert verdict(series(START, *[frame(accuracy=0.46, best=0.5)] * 20)).kind != "equilibrium"
    assert verdict(series(START, *[frame(accuracy=0.54, best=0.5)] * 20)).kind != "equilibrium"


def test_d_wins_says_whether_the_gradient_has_gone() -> None:
    gone = explanation(Verdict("d_wins", {"accuracy": 1.0, "gradient": 0.001}))
    there = explanation(Verdict("d_wins", {"accuracy": 1.0, "gradient": 0.9}))
    assert "shrunk" in gone
    assert "can learn" in there
