"""What is copied as a command or as a program computes the same run again."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffviz import paths
from diffviz.cli import main
from diffviz.domain import samples
from diffviz.domain.cards import find_cards
from diffviz.domain.frames import Frame
from diffviz.domain.gan import Drawn, GanRequest, Moons, Pictures
from diffviz.domain.messages import RunInputs
from diffviz.domain.objective import OWN as EACH_OWN
from diffviz.domain.objective import ObjectiveRequest, with_own_classes
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.provenance import Record, located, models_of
from diffviz.domain.requests import ForwardRequest, Image, Request, ReverseRequest, Step, digest
from diffviz.domain.sampling import Ddim, Ddpm, Linear
from diffviz.engine.engine import LocalEngine
from diffviz.export.reading import read_record
from diffviz.export.run_info import command_of, python_of
from tests.toys import save_diffusion

OWN = np.random.default_rng(1).integers(0, 256, (12, 12), dtype=np.uint8)


def own() -> Image:
    return Image((digest(OWN),), OWN.shape)


def sample() -> tuple[Image, dict[str, Any]]:
    images = samples.load("digits").images[[3, 7]]
    return Image(tuple(map(digest, images)), images.shape[1:]), {digest(image): image for image in images}


def reverse() -> Record:
    return Record(
        ReverseRequest(model="toy", steps=3, samples=2, guidance=2.5, sampler=Ddim(0.3), clip=False, label=1, every=2)
    )


def without_class() -> Record:
    return Record(ReverseRequest(model="plain", steps=2, samples=1, label="none", sampler=Ddpm("beta")))


def forward() -> Record:
    start, images = sample()
    return Record(ForwardRequest(start=start, schedule=Linear(20, 0.001, 0.3), steps=5, path="fixed", seed=3), images)


def of_ones_own() -> Record:
    return Record(ForwardRequest(start=own(), model="toy", steps=4, label=2), {digest(OWN): OWN})


def continued() -> Record:
    parent = ForwardRequest(start=own(), model="toy", steps=4)
    return Record(ReverseRequest(model="toy", start=Step(parent, 50.0, 0), steps=4, samples=3), {digest(OWN): OWN})


def training() -> Record:
    return Record(
        GanRequest(data=Moons(0.2), loss="hinge", spectral_norm=True, steps=4, every=2, batch=8, capacity=8, r1=0.5)
    )


def training_on_images() -> Record:
    return Record(GanRequest(data=Pictures("digits"), steps=1, every=1, batch=4, capacity=8))


def training_on_a_drawing() -> Record:
    return Record(GanRequest(data=Drawn(((0.5, -1.0), (2.0, 1.0)), 0.3), steps=2, every=1, batch=8, capacity=8))


def bound() -> Record:
    start, images = sample()
    request = ObjectiveRequest(
        start=start, model="toy-digits", label=EACH_OWN, variance="beta", draws=3, every=20, seed=4
    )
    return Record(with_own_classes(request, "digits"), images)


def bound_of_ones_own() -> Record:
    start, images = own(), {digest(OWN): OWN}
    return Record(ObjectiveRequest(start=start, model="plain", draws=2, every=30, clip=False), images)


def particles() -> Record:
    return Record(PlanarRequest(data=Moons(0.2), schedule=Linear(20, 0.001, 0.3), steps=3, particles=5, seed=7))


def particles_by_a_network() -> Record:
    return Record(PlanarRequest(model="toy-ring", sampler=Ddim(0.5), steps=3, particles=5, spacing="linspace"))


def particles_of_a_drawing() -> Record:
    return Record(PlanarRequest(data=Drawn(((0.5, -1.0), (2.0, 1.0)), 0.3), steps=2, particles=4))


def branched_particles() -> Record:
    parent = PlanarRequest(steps=4, particles=5)
    return Record(PlanarRequest(start=Step(parent, 500.0, 2), steps=4, particles=6, sampler=Ddpm()))


CASES = [bound, bound_of_ones_own, particles, particles_by_a_network, particles_of_a_drawing]
CASES += [branched_particles, training, training_on_images, training_on_a_drawing]
CASES += [reverse, without_class, forward, of_ones_own, continued]


@pytest.fixture(autouse=True)
def toys(home: Path) -> None:
    save_diffusion(paths.user_models(), "toy")
    save_diffusion(paths.user_models(), "plain", classes=0)
    save_diffusion(paths.user_models(), "toy-digits", (1, 28, 28), 10, dataset="digits")


@pytest.mark.parametrize("make", CASES)
def test_the_command_computes_the_run(make: Callable[[], Record], tmp_path: Path) -> None:
    record, out = make(), tmp_path / "o.npz"
    cards, _ = find_cards(paths.model_roots())
    words = shlex.split(command_of(record, cards, str(out)))
    assert words[0] == "diffviz"
    assert main.main([*words[1:], "--quiet"]) == 0
    assert read_record(out).request == record.request


@pytest.mark.parametrize("make", CASES)
def test_the_program_computes_the_run(make: Callable[[], Record]) -> None:
    record = make()
    names: dict[str, Any] = {}
    exec(compile(python_of(record, find_cards(paths.model_roots())[0]), "copied", "exec"), names)
    assert same(names["frames"], frames_of(record.request, record))


@pytest.mark.parametrize("make", [reverse, continued])
def test_a_model_from_elsewhere_is_named_by_its_folder(make: Callable[[], Record], tmp_path: Path) -> None:
    other = save_diffusion(tmp_path / "second folder", "toy", classes=4)
    card = replace(other, id="toy (second folder)")
    cards = {**find_cards(paths.model_roots())[0], card.id: card}
    record = located(replace(make(), models={"toy": card.sha256}), cards)
    assert models_of(record.request) == ("toy (second folder)",)
    expected = LocalEngine(cards, "cpu").frames(record.request, RunInputs(record.images))
    frames = [item for item in expected if isinstance(item, Frame)]
    names: dict[str, Any] = {}
    exec(compile(python_of(record, cards), "copied", "exec"), names)
    assert same(names["frames"], frames)
    out = tmp_path / "o.npz"
    words = shlex.split(command_of(record, cards, str(out)))
    assert main.main([*words[1:], "--quiet"]) == 0
    assert read_record(out).models == {"toy": card.sha256}


def frames_of(request: Request, record: Record) -> list[Frame]:
    cards, _ = find_cards(paths.model_roots())
    made = LocalEngine(cards, "cpu").frames(request, RunInputs(record.images))
    return [item for item in made if isinstance(item, Frame)]


def same(one: list[Frame], other: list[Frame]) -> bool:
    pairs = zip(one, other, strict=True)
    return all(
        a.position == b.position
        and all(np.array_equal(x, b.arrays()[name], equal_nan=True) for name, x in a.arrays().items())
        for a, b in pairs
    )


@pytest.mark.parametrize("make", [bound, particles, particles_by_a_network])
def test_commands_of_instruments_are_in_words(make: Callable[[], Record]) -> None:
    cards, _ = find_cards(paths.model_roots())
    words = shlex.split(command_of(make(), cards))
    assert words[2] in ("objective", "planar")
    assert words[3] == ("out.csv" if make is bound else "out.gif")


def test_a_command_of_the_programs_own_pictures_is_short() -> None:
    command = command_of(forward(), {})
    assert "--dataset digits --index 3 7" in command
    assert "again" not in command
