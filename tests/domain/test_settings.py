"""Settings: what is declared once is what form, command line and validation see."""

from __future__ import annotations

import argparse
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffviz.cli.run import UsageError, add_options, request_from
from diffviz.domain import sampling
from diffviz.domain.errors import NotAChoice, OutOfRange
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import EACH, ForwardRequest, Image, ReverseRequest, Step, ancestry, labels_of
from diffviz.domain.sampling import Ddim, Ddpm
from diffviz.domain.settings import check, every_setting, settings_of, value_at, with_value
from diffviz.domain.tagged import from_json, to_json
from diffviz.domain.training import TrainClassifier, TrainDiffusion
from diffviz.theory.schedules import BETAS


def names(request: Any) -> list[str]:
    return [setting.name for setting in settings_of(request)]


def test_settings_follow_the_chosen_variant() -> None:
    request = ReverseRequest()
    assert "eta" in names(request)
    assert "variance" not in names(request)
    ddpm = with_value(request, ("sampler",), "ddpm")
    assert isinstance(ddpm.sampler, Ddpm)
    assert "eta" not in names(ddpm)
    assert "variance" in names(ddpm)


def test_schedule_is_hidden_where_the_model_decides() -> None:
    assert "schedule" in names(ForwardRequest())
    assert "schedule" not in names(ForwardRequest(model="toy"))
    assert "class" in names(ForwardRequest(model="toy"))


def test_another_variant_keeps_common_values() -> None:
    request = with_value(
        ForwardRequest(schedule=sampling.Linear(beta_end=0.05, timesteps=300)), ("schedule",), "sigmoid"
    )
    assert request.schedule == sampling.Sigmoid(timesteps=300, beta_end=0.05)
    assert with_value(request, ("schedule",), "cosine").schedule == sampling.Cosine(timesteps=300)


def test_value_at_names_the_variant() -> None:
    request = ReverseRequest(sampler=Ddim(0.3))
    assert value_at(request, ("sampler",)) == "ddim"
    assert value_at(request, ("sampler", "eta")) == 0.3


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        (("steps",), 0, OutOfRange),
        (("sampler", "eta"), 1.5, OutOfRange),
        (("guidance",), float("nan"), OutOfRange),
        (("spacing",), "random", NotAChoice),
        (("samples",), 65, OutOfRange),
        (("samples",), 8.5, TypeError),
        (("samples",), True, TypeError),
        (("guidance",), "1", TypeError),
    ],
)
def test_what_is_not_allowed_is_refused(path: tuple[str, ...], value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        check(with_value(ReverseRequest(), path, value))
    with pytest.raises(NotAChoice):
        with_value(ReverseRequest(), ("sampler",), "magic")


@pytest.mark.parametrize("cls", [ReverseRequest, ForwardRequest, TrainDiffusion, TrainClassifier])
def test_every_setting_is_explained(cls: type[Any]) -> None:
    found = list(every_setting(cls))
    assert found
    assert all(setting.help.endswith(".") for setting in found)
    assert len({setting.name for setting in found}) == len(found)


def test_same_schedules_everywhere() -> None:
    assert set(sampling.SCHEDULES) == set(sampling.SCHEDULE_LABELS) == set(BETAS)


def test_labels() -> None:
    assert labels_of(EACH, 5, 3) == (0, 1, 2, 0, 1)
    assert labels_of("none", 2, 3) == (None, None)
    assert labels_of(2, 2, 3) == (2, 2)
    with pytest.raises(ValueError, match="class"):
        labels_of(3, 2, 3)


REQUESTS = st.builds(
    ReverseRequest,
    model=st.text(max_size=5),
    seed=st.integers(0, 2**31 - 1),
    steps=st.integers(1, 4000),
    sampler=st.one_of(st.builds(Ddim, eta=st.floats(0, 1)), st.sampled_from([Ddpm("posterior"), Ddpm("beta")])),
    label=st.one_of(st.sampled_from(["each", "none"]), st.integers(0, 99)),
    guidance=st.floats(0, 20),
    clip=st.booleans(),
    start=st.one_of(
        st.just(Step(ForwardRequest(start=Image(("ab",), (3, 4))), 7.0, 1)),
        st.just(Step(ReverseRequest(model="a"), 500.0)),
    ),
)


@settings(deadline=None, max_examples=40)
@given(REQUESTS)
def test_requests_survive_json(request: ReverseRequest) -> None:
    import json

    assert from_json(json.loads(json.dumps(to_json(request)))) == request


@pytest.mark.parametrize(
    "plain",
    [
        {"type": "System", "command": "rm"},
        {"type": "ReverseRequest", "unknown": 1},
        {"type": "ReverseRequest", "steps": 0},
        {"type": "ReverseRequest", "steps": "many"},
        {"type": "ReverseRequest", "steps": 10.5},
        {"no": "type"},
    ],
)
def test_what_is_not_a_request_is_refused(plain: Any) -> None:
    with pytest.raises(ValueError, match=r"type|not a|is damaged or of a newer"):
        from_json(plain)


def test_ancestry() -> None:
    root = ReverseRequest(model="a")
    child = ReverseRequest(model="a", start=Step(root, 5.0))
    assert ancestry(child) == (child, root)


def parse(*argv: str) -> ReverseRequest:
    parser = argparse.ArgumentParser()
    add_options(parser, ReverseRequest)
    return request_from(parser.parse_args(argv), ReverseRequest(model="toy"))


def test_command_line_sets_every_kind_of_setting() -> None:
    request = parse("--sampler", "ddpm", "--variance", "beta", "--steps", "7", "--no-clip", "--guidance", "2.5")
    assert request == ReverseRequest(model="toy", sampler=Ddpm("beta"), steps=7, clip=False, guidance=2.5)


def test_command_line_refuses_what_does_not_apply() -> None:
    with pytest.raises(UsageError, match="eta"):
        parse("--sampler", "ddpm", "--eta", "0.5")
    with pytest.raises(OutOfRange):
        parse("--steps", "0")


def test_samplers_are_called_by_the_process_that_they_run_on() -> None:
    named = {True: sampling.WITHOUT_BETA, False: sampling.SAMPLER_LABELS}
    for request, without in (
        (ReverseRequest(model="fashion-ddpm", process=sampling.Flow()), False),  # the network has its own
        (ReverseRequest(model="ideal-digits", process=sampling.Flow()), True),
        (ReverseRequest(model="ideal-digits"), False),
        (PlanarRequest(schedule=sampling.VarianceExploding()), True),
        (PlanarRequest(schedule=sampling.VarianceExploding(), model="toy-ring"), False),
    ):
        found = next(s for s in settings_of(request) if s.path == ("sampler",))
        assert request.without_beta is without
        assert found.choices == named[without]


@pytest.mark.parametrize(
    ("base", "path"), [(ReverseRequest(model="ideal-digits"), ("process",)), (PlanarRequest(), ("schedule",))]
)
def test_the_usual_spacing_follows_the_process_here_as_on_the_command_line(base: Any, path: tuple[str, ...]) -> None:
    exploding = with_value(base, path, "ve")
    parser = argparse.ArgumentParser()
    add_options(parser, type(base))
    assert exploding.spacing == "karras"
    assert request_from(parser.parse_args(["--schedule", "ve"]), base) == exploding
    assert request_from(parser.parse_args(["--spacing", "trailing", "--schedule", "ve"]), base).spacing == "trailing"
    assert next(s for s in settings_of(exploding) if s.path == ("spacing",)).default == "karras"
    assert with_value(exploding, path, "flow").spacing == "trailing"
    chosen = with_value(with_value(exploding, ("spacing",), "leading"), (*path, "sigma_max"), 50.0)
    assert chosen.spacing == "leading"
    assert type(base)(**{path[0]: sampling.VarianceExploding()}).spacing == "trailing", "what is built is as it is"


def test_an_option_that_does_not_apply_says_why() -> None:
    parser = argparse.ArgumentParser()
    add_options(parser, ReverseRequest)
    for option in (["--schedule", "ve"], ["--set-size", "20"]):
        with pytest.raises(UsageError, match="does not apply: "):
            request_from(parser.parse_args(option), ReverseRequest(model="fashion-ddpm"))


def test_a_variant_that_is_not_offered_is_named_by_its_setting() -> None:
    made: Any = ObjectiveRequest(model="ideal-digits", process=sampling.Flow())  # type: ignore[arg-type]
    for wrong in (
        lambda: value_at(made, ("process",)),
        lambda: check(made),
        lambda: with_value(ObjectiveRequest(model="ideal-digits"), ("process",), "flow"),
    ):
        with pytest.raises(NotAChoice) as caught:
            wrong()
        assert caught.value.name == "schedule"
