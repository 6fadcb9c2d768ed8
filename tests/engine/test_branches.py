"""Branches: any frame of a run continued with other noise, η, sampler, class or guidance."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffviz.domain.cards import Card
from diffviz.domain.frames import Frame
from diffviz.domain.messages import RunInputs
from diffviz.domain.requests import ReverseRequest, Step
from diffviz.domain.sampling import Ddim, Ddpm, DpmPlusPlus, Euler, Heun
from diffviz.engine.engine import LocalEngine
from diffviz.families import plan_of
from tests.toys import save_diffusion

SAMPLERS = [Ddpm(), Ddim(0.5), Euler(), Heun(), DpmPlusPlus()]
AT = 3


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return save_diffusion(tmp_path)


@pytest.fixture
def engine(card: Card) -> LocalEngine:
    return LocalEngine({card.id: card}, "cpu")


def frames(engine: LocalEngine, request: ReverseRequest, origin: Frame | None = None) -> list[Frame]:
    return [f for f in engine.frames(request, RunInputs({}, origin)) if isinstance(f, Frame)]


def base(sampler: Any, **changes: Any) -> ReverseRequest:
    return ReverseRequest(model="toy", sampler=sampler, steps=8, samples=3, label=1, **changes)


CHANGES: dict[str, dict[str, Any]] = {
    "noise": {"seed": 7},
    "eta": {"sampler": Ddim(1.0)},
    "sampler": {"sampler": Ddpm("beta")},
    "class": {"label": 2},
    "guidance": {"guidance": 4.0},
}


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("what", CHANGES)
def test_a_branch_starts_at_its_parents_frame_and_leaves_it(engine: LocalEngine, sampler: Any, what: str) -> None:
    parent = base(sampler)
    made = frames(engine, parent)
    child = dataclasses.replace(parent, start=Step(parent, made[AT].position), **CHANGES[what])
    branch = frames(engine, child, made[AT])
    assert [f.position for f in branch] == [f.position for f in made[AT:]]
    np.testing.assert_array_equal(branch[0].arrays()["x"], made[AT].arrays()["x"])
    deterministic = what == "noise" and not isinstance(sampler, Ddpm | Ddim)
    same = np.array_equal(branch[-1].arrays()["x"], made[-1].arrays()["x"])
    # other noise changes nothing where none is drawn; DPM-Solver++(2M) begins anew with a step of first order
    assert same == (deterministic and not isinstance(sampler, DpmPlusPlus))


@pytest.mark.parametrize("sampler", [Ddpm(), Ddim(0.5), Euler(), Heun()], ids=lambda s: type(s).__name__)
def test_a_branch_that_changes_nothing_is_the_rest_of_its_parent(engine: LocalEngine, sampler: Any) -> None:
    parent = base(sampler)
    made = frames(engine, parent)
    branch = frames(engine, dataclasses.replace(parent, start=Step(parent, made[AT].position)))
    for mine, theirs in zip(branch, made[AT:], strict=True):
        np.testing.assert_array_equal(mine.arrays()["x"], theirs.arrays()["x"])


def test_branches_of_branches_are_computed_from_the_root_where_nothing_is_given(engine: LocalEngine) -> None:
    root = base(Ddim(0.5))
    first = dataclasses.replace(root, start=Step(root, 75.0), label=0)
    second = dataclasses.replace(first, start=Step(first, 50.0, 2), sampler=Heun(), guidance=2.0)
    given = frames(engine, first)
    whole = frames(engine, second)
    at = next(f for f in given if f.position == whole[0].position)
    for row in whole[0].arrays()["x"]:
        np.testing.assert_array_equal(row, at.arrays()["x"][2])


def test_the_plan_of_a_branch_counts_its_own_steps_only(card: Card) -> None:
    root = base(Heun())
    whole, branch = (
        plan_of(request, {card.id: card}) for request in (root, dataclasses.replace(root, start=Step(root, 50.0)))
    )
    assert branch.positions == whole.positions[-len(branch.positions) :]
    assert branch.evaluations == 2 * (len(branch.positions) - 1) - 1  # Heun's last step takes one
