"""The table of the kinds of runs, and plans made by it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from diffviz.domain.cards import read_card
from diffviz.domain.errors import ContinuesTooMany, NoSuchStep, OtherSchedule, OutOfRange
from diffviz.domain.gan import GanRequest
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import DEEPEST, EACH, NO_CLASS, ForwardRequest, Image, Request, ReverseRequest, Step
from diffviz.domain.sampling import Ddim, Ddpm, DeclaredExploding, Heun, Linear
from diffviz.families import FAMILIES, family_of, plan_of, schedule_of
from tests.foreign_folders import pipeline

CLOUD = PlanarRequest(steps=10)


def test_every_family_has_a_name_a_request_and_a_frame_of_its_own() -> None:
    families = list(FAMILIES.values())
    assert all(family_of(request) is family and family.request is request for request, family in FAMILIES.items())
    assert len({family.name for family in families}) == len({family.frame for family in families}) == len(families)
    tags = [family.frame_tag for family in families if family.frame_tag]
    assert len(set(tags)) == len(tags)


def test_a_request_of_no_family_is_refused() -> None:
    with pytest.raises(TypeError, match="Request is of no family"):
        plan_of(Request(), {})


def test_a_plan_says_which_schedule_and_which_timesteps() -> None:
    plan = plan_of(dataclasses.replace(CLOUD, schedule=Linear()), {})
    assert plan.schedule == Linear()
    assert plan.visited == tuple(map(int, plan.positions))
    assert (plan.visited[0], plan.visited[-1]) == (Linear().timesteps, 0)


def test_noised_pictures_have_a_schedule_and_trained_gans_none() -> None:
    pictures = ForwardRequest(start=Image(("a",)), schedule=Linear())
    schedule = schedule_of(pictures, {})
    assert schedule is not None
    assert schedule.timesteps == Linear().timesteps
    assert schedule_of(GanRequest(), {}) is None


def test_what_goes_on_from_a_run_begins_where_that_stands() -> None:
    parent = plan_of(CLOUD, {})
    at = parent.positions[4]
    child = plan_of(PlanarRequest(steps=10, start=Step(CLOUD, at + 1)), {})
    assert child.positions[0] == at


def test_nothing_goes_on_with_other_noise_or_from_another_kind_of_run() -> None:
    with pytest.raises(OtherSchedule):
        plan_of(PlanarRequest(start=Step(CLOUD, 500.0), schedule=Linear()), {})
    with pytest.raises(NoSuchStep):
        plan_of(PlanarRequest(start=Step(ForwardRequest(start=Image(("a",))), 500.0)), {})
    with pytest.raises(NoSuchStep):
        plan_of(GanRequest(start=Step(CLOUD, 0.0)), {})


def test_what_is_wrong_with_a_run_that_is_continued_is_said() -> None:
    training = GanRequest(steps=100)
    wrong = dataclasses.replace(training, start=Step(training, 100.0), steps=50)
    with pytest.raises(OutOfRange):
        plan_of(GanRequest(start=Step(wrong, 50.0), steps=300), {})


def test_a_long_line_of_runs_has_a_plan_and_a_longer_one_has_none() -> None:
    line = GanRequest(steps=10, every=10)
    for i in range(2, DEEPEST + 1):
        line = GanRequest(start=Step(line, 10.0 * (i - 1)), steps=10 * i, every=10)
    assert plan_of(line, {}).positions == (10.0 * (DEEPEST - 1), 10.0 * DEEPEST)
    with pytest.raises(ContinuesTooMany):
        plan_of(GanRequest(start=Step(line, 10.0 * DEEPEST), steps=10 * DEEPEST + 10), {})


def test_samplers_say_what_a_step_costs_and_whether_it_draws_noise() -> None:
    assert (Ddpm().noise, Ddim(eta=0.3).noise, Heun().noise) == (1.0, 0.3, 0.0)
    assert (Heun().evaluations, Ddim().evaluations) == (2, 1)


def test_a_model_of_another_program_is_asked_what_it_can_answer(tmp_path: Path) -> None:
    card = read_card(pipeline(tmp_path / "told", num_class_embeds=3))
    forward, reverse = FAMILIES[ForwardRequest], FAMILIES[ReverseRequest]
    assert forward.fit(ForwardRequest(model="x"), card).label == 0
    asked = reverse.fit(ReverseRequest(label=NO_CLASS, guidance=3.0), card)
    assert (asked.label, asked.guidance, asked.spacing) == (EACH, 1.0, "trailing")
    exploding = dataclasses.replace(card, schedule=DeclaredExploding(100.0, 0.02))
    asked = reverse.fit(ReverseRequest(), exploding)
    assert asked.spacing == "karras"
    chosen = dataclasses.replace(asked, spacing="trailing")
    assert reverse.fit(chosen, exploding) == chosen, "it was chosen for this model"
