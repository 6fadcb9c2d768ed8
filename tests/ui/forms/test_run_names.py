"""Runs have short names that tell them apart."""

from __future__ import annotations

import pytest

from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import EACH, NO_CLASS, ForwardRequest, Image, Noise, Request, ReverseRequest, Start, Step
from diffviz.domain.sampling import Ddim, Ddpm, Flow, ScaledLinear, VarianceExploding
from diffviz.families.family import class_name
from diffviz.ui.forms.run_actions import describe, describe_start
from tests.ui.forms.fakes import CLASSES, card

CARDS = {"toy": card(), "plain": card("plain", classes=())}
FORWARD = ForwardRequest(start=Image(("a", "b")))


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (ReverseRequest(model="toy"), "DDIM 50 · seed 42"),
        (ReverseRequest(model="toy", sampler=Ddpm(), steps=1000, seed=7), "DDPM 1,000 · seed 7"),
        (ReverseRequest(model="toy", sampler=Ddim(eta=0.5)), "DDIM 50 η 0.5 · seed 42"),
        (ReverseRequest(model="toy", label=1, guidance=2.0), "DDIM 50 · Trouser · guidance 2 · seed 42"),
        (ReverseRequest(model="toy", label=NO_CLASS, guidance=2.0), "DDIM 50 · no class · seed 42"),
        (ReverseRequest(model="plain", label=NO_CLASS), "DDIM 50 · seed 42"),
        (ReverseRequest(model="toy", start=Step(FORWARD, 360.0)), "from t = 360 · DDIM 50 · seed 42"),
        (ReverseRequest(start=Step(ReverseRequest(), 640.0)), "branch at t = 640 · DDIM 50 · seed 42"),
        (FORWARD, "Forward · cosine · seed 42"),
        (ForwardRequest(schedule=ScaledLinear(), path="fixed"), "Forward · scaled linear · one ε · seed 42"),
        (ForwardRequest(model="toy"), "Forward · Toy · seed 42"),
        (ForwardRequest(model="gone"), "Forward · gone · seed 42"),
    ],
)
def test_a_name_says_what_sets_a_request_apart(request_: Request, name: str) -> None:
    assert describe(request_, CARDS) == name


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (Noise(), "pure noise"),
        (Image(("a", "b")), "2 pictures"),
        (Step(FORWARD, 360.0), "forward run at t = 360"),
        (Step(ReverseRequest(), 12.5), "reverse run at t = 12.5"),
    ],
)
def test_a_start_is_named(start: Start, name: str) -> None:
    assert describe_start(start) == name


def test_classes_are_named() -> None:
    assert [class_name(x, CLASSES) for x in (EACH, NO_CLASS, 3, 99)] == [
        "one of each class",
        "none · p(x)",
        "Dress",
        "none · p(x)",
    ]


def test_particles_say_which_process_they_go_by() -> None:
    assert describe(PlanarRequest(schedule=Flow()), {}).find("flow") > 0
    assert describe(PlanarRequest(schedule=VarianceExploding()), {}).find("VE") > 0
    assert "cosine" not in describe(PlanarRequest(), {})
