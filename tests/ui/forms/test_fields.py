"""A form shows the settings that have an effect with the chosen model."""

from __future__ import annotations

import dataclasses

from diffviz.domain.ideal import ideal_cards
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.requests import EACH, NO_CLASS, ForwardRequest, Request, ReverseRequest
from diffviz.domain.sampling import Ddpm, Linear
from diffviz.domain.settings import Setting
from diffviz.ui.forms.editors import fields_of, fitted
from tests.ui.forms.fakes import card


def names(request: Request, **of_card: object) -> list[str]:
    return [".".join(s.path) for s in fields_of(request, card(**of_card))]  # type: ignore[arg-type]


def test_the_seed_comes_last() -> None:
    assert names(ReverseRequest())[-1] == "seed"


def test_an_unconditional_model_has_neither_class_nor_guidance() -> None:
    assert {"label", "guidance"} <= set(names(ReverseRequest()))
    assert not {"label", "guidance"} & set(names(ReverseRequest(), classes=()))


def test_without_a_class_there_is_nothing_to_guide() -> None:
    assert "guidance" not in names(ReverseRequest(label=NO_CLASS))


def test_eta_belongs_to_ddim() -> None:
    assert "sampler.eta" in names(ReverseRequest())
    assert "sampler.eta" not in names(ReverseRequest(sampler=Ddpm()))


def test_a_model_brings_its_own_schedule_and_classes_to_the_forward_process() -> None:
    free, bound = names(ForwardRequest()), names(ForwardRequest(model="toy"))
    assert {"schedule", "schedule.timesteps"} <= set(free)
    assert not {"schedule", "schedule.timesteps"} & set(bound)
    assert "label" in bound
    assert "label" not in free


def test_steps_do_not_exceed_the_timesteps_of_the_model() -> None:
    steps = next(s for s in fields_of(ReverseRequest(), card(timesteps=30)) if s.path == ("steps",))
    assert steps.bounds is not None
    assert steps.bounds.high == 30
    assert steps.default == 30


def test_a_request_is_fitted_to_its_model() -> None:
    request = ReverseRequest(steps=500, label=9)
    assert fitted(request, card(timesteps=100)) == dataclasses.replace(request, model="toy", steps=100, label=EACH)
    assert fitted(ReverseRequest(label=3), card()).label == 3  # type: ignore[attr-defined]


def test_a_forward_run_without_a_model_stays_without() -> None:
    assert fitted(ForwardRequest(), card()) == ForwardRequest()
    assert fitted(ForwardRequest(model="other", label=9), card()) == ForwardRequest(model="toy", label=NO_CLASS)
    assert fitted(ForwardRequest(model="other"), None) == ForwardRequest()


def test_leaving_frames_out_is_offered_where_they_take_much_room() -> None:
    small, large = ReverseRequest(steps=10), ReverseRequest(steps=1000, samples=64)
    wide = {"shape": (3, 64, 64), "timesteps": 1000}
    assert "every" not in names(small, **wide)
    assert "every" in names(large, **wide)
    assert "every" in names(dataclasses.replace(small, every=5), **wide)


def test_an_ideal_denoiser_has_a_set_and_a_schedule_of_its_own() -> None:
    own = {"part", "images", "process"}
    assert not own & set(names(ReverseRequest(model="toy")))
    exact = ideal_cards({})["ideal-fashion"]

    def shown(request: Request) -> dict[str, Setting]:
        return {".".join(s.path): s for s in fields_of(request, exact)}

    request = ReverseRequest(model=exact.id)
    assert own <= set(shown(request))
    assert own <= set(shown(ForwardRequest(model=exact.id)))
    assert own <= set(shown(ObjectiveRequest(model=exact.id)))
    images = [shown(dataclasses.replace(request, part=part))["images"].bounds for part in ("train", "test")]
    assert [bounds and bounds.high for bounds in images] == [10_000, 2000]
    linear = dataclasses.replace(request, process=Linear(timesteps=40))
    steps = shown(linear)["steps"].bounds
    assert steps is not None
    assert steps.high == 40
    fitting = fitted(dataclasses.replace(linear, steps=50), exact)
    assert isinstance(fitting, ReverseRequest)
    assert fitting.steps == 40
    assert "process.beta_start" in shown(linear)
