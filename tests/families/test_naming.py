"""Runs have short names, made of what tells each from the others of its list."""

from __future__ import annotations

import dataclasses

import pytest

from diffviz.domain import samples
from diffviz.domain.gan import Drawn, GanRequest, Ring
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import (
    EACH,
    NO_CLASS,
    ForwardRequest,
    Image,
    Noise,
    Request,
    ReverseRequest,
    Start,
    Step,
    digest,
)
from diffviz.domain.sampling import Ddim, Ddpm, Flow, ScaledLinear, VarianceExploding
from diffviz.domain.text import set_language
from diffviz.families.family import class_name
from diffviz.families.gan import PRESETS
from diffviz.families.naming import described, names_of
from diffviz.ui.forms.run_actions import describe_start
from tests.ui.forms.fakes import CLASSES, card

CARDS = {"toy": card(), "plain": card("plain", classes=()), "digits": card("digits", classes=("0", "1"))}
FORWARD = ForwardRequest(start=Image(("a", "b")))
TOY = ReverseRequest(model="toy")


def of(request: ReverseRequest, **changes: object) -> ReverseRequest:
    return dataclasses.replace(request, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (TOY, "Toy · DDIM 50 · seed 42"),
        (of(TOY, sampler=Ddpm(), steps=1000, seed=7), "Toy · DDPM 1,000 · seed 7"),
        (of(TOY, sampler=Ddim(eta=0.5)), "Toy · DDIM 50 η 0.5 · seed 42"),
        (of(TOY, label=1, guidance=2.0), "Toy · DDIM 50 · Trouser · guidance 2 · seed 42"),
        (of(TOY, label=NO_CLASS, guidance=2.0), "Toy · DDIM 50 · no class · seed 42"),
        (of(TOY, model="digits", label=1), "Digits · DDIM 50 · class 1 · seed 42"),
        (ReverseRequest(model="plain", label=NO_CLASS), "Plain · DDIM 50 · seed 42"),
        (of(TOY, samples=4, clip=False), "Toy · DDIM 50 · Samples 4 · Clip x̂₀ off · seed 42"),
        (of(TOY, start=Step(FORWARD, 360.0)), "from t = 360 · Toy · DDIM 50 · seed 42"),
        (of(TOY, start=Step(TOY, 640.0, 2)), "branch at t = 640 · sample 3 · Toy · DDIM 50 · seed 42"),
        (FORWARD, "Forward · cosine · 2 pictures · seed 42"),
        (
            ForwardRequest(schedule=ScaledLinear(), path="fixed"),
            "Forward · scaled linear · 0 pictures · one ε · seed 42",
        ),
        (dataclasses.replace(FORWARD, model="toy", label=3), "Forward · Toy · 2 pictures · Dress · seed 42"),
        (dataclasses.replace(FORWARD, model="gone"), "Forward · gone · 2 pictures · seed 42"),
        (GanRequest(r1=0.5), "Ring of Gaussians · R1 0.5 · seed 42"),
    ],
)
def test_where_nobody_knows_its_neighbours_all_is_said(request_: Request, name: str) -> None:
    assert described(request_, CARDS) == name


def test_a_run_alone_is_called_by_what_it_is() -> None:
    alone = [TOY, of(TOY, label=1, guidance=3.0, seed=7), FORWARD, GanRequest(), PRESETS["collapse"].request]
    assert [names_of([request], CARDS) for request in alone] == [
        ("DDIM 50",),
        ("DDIM 50",),
        ("Forward · cosine",),
        ("Ring of Gaussians",),
        ("Mode collapse",),
    ]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"model": "plain", "label": NO_CLASS}, "Plain · DDIM 50"),
        ({"sampler": Ddpm()}, "DDPM 50"),
        ({"steps": 20}, "DDIM 20"),
        ({"label": 1}, "DDIM 50 · Trouser"),
        ({"guidance": 3.0}, "DDIM 50 · guidance 3"),
        ({"seed": 7}, "DDIM 50 · seed 7"),
        ({"samples": 4}, "DDIM 50 · Samples 4"),
        ({"spacing": "leading"}, "DDIM 50 · Spacing leading"),
        ({"label": 2, "guidance": 3.0, "seed": 7}, "DDIM 50 · Pullover · guidance 3 · seed 7"),
    ],
)
def test_a_name_says_what_differs_and_no_more(changes: dict[str, object], name: str) -> None:
    first, other = names_of([TOY, of(TOY, **changes)], CARDS)
    assert other == name
    assert first != other


def test_equal_requests_have_one_name() -> None:
    assert len(set(names_of([TOY, of(TOY), of(TOY)], CARDS))) == 1


def test_the_model_is_said_where_runs_of_any_kind_differ_in_it() -> None:
    looked_at = dataclasses.replace(FORWARD, model="plain")
    assert names_of([TOY, looked_at], CARDS) == ("Toy · DDIM 50", "Forward · Plain")


def test_pictures_are_named_where_runs_start_at_others() -> None:
    data = samples.load(samples.datasets()[0])
    shas = [digest(data.images[n]) for n in range(9)]
    name = [f"{data.classes[data.labels[n]]} {n}" for n in range(9)]
    starts = [Image((shas[0],)), Image((shas[1],)), Image(("beef",)), Image(tuple(shas[:8])), Image(tuple(shas[1:9]))]
    names = names_of([ForwardRequest(start=start) for start in starts], CARDS)
    assert names == (
        f"Forward · cosine · {name[0]}",
        f"Forward · cosine · {name[1]}",
        "Forward · cosine · own picture beef",
        f"Forward · cosine · 8 pictures, {name[0]}",
        f"Forward · cosine · 8 pictures, {name[8]}",
    )


def test_a_training_is_called_by_the_preset_that_it_is_most_like() -> None:
    collapse = PRESETS["collapse"].request
    branch = GanRequest(start=Step(collapse, 200.0), r1=2.0, g_rate=collapse.g_rate, d_rate=collapse.d_rate)
    requests = [collapse, dataclasses.replace(collapse, r1=1.0, steps=2000), GanRequest(seed=3), branch]
    assert names_of(requests, CARDS) == (
        "Mode collapse · seed 42",
        "Mode collapse · R1 1 · seed 42",
        "Ring of Gaussians · seed 3",
        "from step 200 · R1 2 · seed 42",
    )


def test_details_are_told_of_runs_that_are_alike_otherwise() -> None:
    requests = [of(TOY, samples=4), of(TOY, sampler=Ddpm()), GanRequest(r1=0.5), PRESETS["d_wins"].request]
    names = names_of(requests, CARDS)
    assert names == ("DDIM 50", "DDPM 50", "Ring of Gaussians", "Discriminator wins")
    likes = [of(TOY, samples=8, clip=False), GanRequest(), GanRequest(data=Ring(modes=4)), GanRequest(steps=50)]
    assert names_of([*requests, *likes], CARDS)[4:] == (
        "DDIM 50 · Samples 8 · Clip x̂₀ off",
        "Ring of Gaussians",
        "Ring of Gaussians · Modes 4",
        "Ring of Gaussians · 50 steps",
    )


def test_no_two_unlike_runs_share_a_name() -> None:
    """Of branches with the same settings the runs are named that they are of; what no word tells apart is numbered."""
    other = of(TOY, seed=7)
    branches = [of(TOY, start=Step(TOY, 50.0)), of(TOY, start=Step(other, 50.0))]
    assert names_of(branches, CARDS) == (
        "branch at t = 50 · DDIM 50, of DDIM 50 · seed 42",
        "branch at t = 50 · DDIM 50, of DDIM 50 · seed 7",
    )
    drawn = [GanRequest(data=Drawn(((0.0, y),))) for y in (0.0, 1.0)]
    assert names_of(drawn, CARDS) == ("Drawn by hand (1)", "Drawn by hand (2)")


def test_names_are_korean_where_the_window_is() -> None:
    requests = [of(TOY, label=1, guidance=3.0), of(TOY, samples=4), FORWARD, *(p.request for p in PRESETS.values())]
    english = names_of(requests, CARDS)
    set_language("ko")
    try:
        korean = names_of(requests, CARDS)
    finally:
        set_language("en")
    assert len(set(korean)) == len(korean)
    assert all(a != b for a, b in zip(english[1:], korean[1:], strict=True))


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
    requests = [PlanarRequest(schedule=Flow()), PlanarRequest(schedule=VarianceExploding())]
    assert ["flow" in name or "VE" in name for name in names_of(requests, {})] == [True, True]
    assert "cosine" not in names_of([PlanarRequest()], {})[0]
