"""The ideal denoiser: exactly the mean of a finite set, as a model that everything else works with."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np
import pytest
import torch

from diffviz import paths
from diffviz.domain import samples, solvers
from diffviz.domain.cards import Card
from diffviz.domain.errors import DataUnsuitable, ImageWrongSize, OtherSchedule
from diffviz.domain.frames import ForwardFrame, Frame, ReverseFrame
from diffviz.domain.ideal import (
    AskIdeal,
    IdealFound,
    NearestFound,
    NearestImage,
    ideal_cards,
    known_cards,
    set_size,
    suited,
)
from diffviz.domain.messages import Later, RunInputs
from diffviz.domain.provenance import record_of
from diffviz.domain.requests import ALL_IMAGES, ForwardRequest, Image, ReverseRequest, Step, digest
from diffviz.domain.sampling import SAMPLERS, Cosine, Ddim, Ddpm, DpmPlusPlus, Flow, Heun, Linear, VarianceExploding
from diffviz.domain.tagged import from_json, to_json
from diffviz.engine.denoiser import FiniteSet, Ideal
from diffviz.engine.engine import LocalEngine
from diffviz.engine.families.forward import unit
from diffviz.export.run_info import command_of
from diffviz.families import plan_of
from diffviz.theory.processes import VariancePreserving, process_of
from diffviz.theory.schedules import NoiseSchedule

SCHEDULE = NoiseSchedule.from_settings(Cosine(100))
RNG = np.random.default_rng(3)
POINTS = RNG.uniform(-1, 1, (30, 1, 2, 2))
LABELS = np.arange(30) % 3
FASHION = "ideal-fashion"


def small() -> Ideal:
    return Ideal(FiniteSet(torch.tensor(POINTS), torch.tensor(LABELS), 3), VariancePreserving(SCHEDULE))


def asked(x: np.ndarray[Any, Any], t: int, label: int | None = None) -> np.ndarray[Any, Any]:
    labels = None if label is None else torch.full((len(x),), label)
    return np.asarray(small()(torch.tensor(x), torch.full((len(x),), float(t)), labels))


def written_out(x: np.ndarray[Any, Any], t: int, points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Bayes' rule, one term at a time."""
    alpha, sigma = SCHEDULE.alpha[t], SCHEDULE.sigma[t]
    found = []
    for each in x:
        weights = [np.exp(-((each - alpha * p) ** 2).sum() / (2 * sigma**2)) for p in points]
        found.append(sum(w * p for w, p in zip(weights, points, strict=True)) / sum(weights))
    return np.stack(found)


@pytest.mark.parametrize("t", [15, 40, 70, 100])
def test_it_is_bayes_rule_over_the_set(t: int) -> None:
    x = SCHEDULE.alpha[t] * POINTS[:5] + SCHEDULE.sigma[t] * RNG.standard_normal((5, 1, 2, 2))
    np.testing.assert_allclose(asked(x, t), written_out(x, t, POINTS), rtol=1e-9)
    np.testing.assert_allclose(asked(x, t, 3), written_out(x, t, POINTS), rtol=1e-9)
    np.testing.assert_allclose(asked(x, t, 1), written_out(x, t, POINTS[LABELS == 1]), rtol=1e-9)


def test_it_gives_the_score_of_the_noised_set() -> None:
    t, step = 60, 1e-5
    alpha, sigma = SCHEDULE.alpha[t], SCHEDULE.sigma[t]

    def log_q(x: np.ndarray[Any, Any]) -> float:
        return float(np.logaddexp.reduce([-((x - alpha * p) ** 2).sum() / (2 * sigma**2) for p in POINTS]))

    x = RNG.standard_normal((1, 1, 2, 2))
    score = (alpha * asked(x, t) - x) / sigma**2  # Tweedie
    for i in np.ndindex(2, 2):
        away = np.zeros((1, 2, 2))
        away[0][i] = step
        slope = (log_q(x[0] + away) - log_q(x[0] - away)) / (2 * step)
        assert score[0, 0][i] == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_near_clean_data_it_is_the_nearest_image_and_at_pure_noise_the_mean() -> None:
    x = SCHEDULE.alpha[1] * POINTS + SCHEDULE.sigma[1] * RNG.standard_normal(POINTS.shape)
    np.testing.assert_allclose(asked(x, 1), POINTS, atol=1e-6)
    far = asked(RNG.standard_normal((4, 1, 2, 2)), 100)
    np.testing.assert_allclose(far, np.broadcast_to(POINTS.mean(0), far.shape), atol=0.02)


@pytest.fixture(scope="module")
def cards() -> dict[str, Card]:
    return known_cards([paths.models()])[0]


@pytest.fixture(scope="module")
def engine(cards: dict[str, Card]) -> LocalEngine:
    return LocalEngine(cards, "cpu")


def frames(engine: LocalEngine, request: Any, materials: RunInputs = RunInputs()) -> list[Frame]:  # noqa: B008
    return [item for item in engine.frames(request, materials) if isinstance(item, Frame)]


def nearest(engine: LocalEngine, x: Any, part: str = "train") -> NearestFound:
    found = engine.answer(NearestImage("Fashion-MNIST", x, part, ("a", 1)))
    assert isinstance(found, NearestFound)
    return found


def test_the_cards_say_what_the_set_is(cards: dict[str, Card]) -> None:
    for name in samples.datasets():
        card = next(c for c in cards.values() if c.id.startswith("ideal-") and c.dataset["name"] == name)
        assert set_size(card) == min(len(samples.load(name, "train")), ALL_IMAGES)
        assert card.classes == samples.load(name).classes
        assert card.schedule is not None
    assert cards[FASHION].schedule == cards["fashion-ddpm"].schedule
    assert record_of(ReverseRequest(model=FASHION), {}, cards).models == {FASHION: cards[FASHION].sha256}


def test_it_takes_the_schedule_of_its_data_sets_model(cards: dict[str, Card]) -> None:
    other = dataclasses.replace(cards["fashion-ddpm"], schedule=Linear())
    assert ideal_cards({"fashion-ddpm": other})[FASHION].schedule == Linear()
    assert ideal_cards({})[FASHION].schedule == Cosine()


@pytest.mark.parametrize(
    "sampler",
    [
        pytest.param(cls(), id=key, marks=pytest.mark.slow if cls.__module__ == solvers.__name__ else ())
        for key, cls in SAMPLERS.items()
    ],
)
def test_every_sampler_returns_images_of_the_set(engine: LocalEngine, cards: dict[str, Card], sampler: Any) -> None:
    request = ReverseRequest(model=FASHION, sampler=sampler, steps=60, samples=3, label="none")
    made = frames(engine, request)
    assert [f.position for f in made] == list(plan_of(request, cards).positions)
    last = made[-1]
    assert isinstance(last, ReverseFrame)
    found = nearest(engine, last.x)
    assert found.count == 10_000
    assert found.key == ("a", 1)
    assert found.distance.max() < 0.02  # of a range of 2: it returns the images it knows
    np.testing.assert_allclose(last.x, found.images, atol=0.2)


@pytest.mark.parametrize("process", [Flow(), VarianceExploding()], ids=["flow", "ve"])
@pytest.mark.parametrize("sampler", [Ddim(), Ddpm(), Heun(), DpmPlusPlus()], ids=["ddim", "ddpm", "heun", "dpmpp_2m"])
def test_it_is_exact_for_a_process_that_no_network_was_trained_on(
    engine: LocalEngine, cards: dict[str, Card], process: Any, sampler: Any
) -> None:
    request = ReverseRequest(
        model=FASHION, process=process, sampler=sampler, steps=60, samples=3, label="each", spacing="karras", images=500
    )
    made = frames(engine, request)
    plan = plan_of(request, cards)
    assert (plan.high, plan.positions) == (process_of(process).T, tuple(f.position for f in made))
    first, last = made[0], made[-1]
    assert isinstance(first, ReverseFrame)
    assert isinstance(last, ReverseFrame)
    assert first.x.std() == pytest.approx(process_of(process).start_std, rel=0.1)
    if process == Flow():  # α = 0: x says nothing of x_0, whose estimate is the mean of each class
        np.testing.assert_array_equal(first.eps, first.x)
        pixels, labels = _known(500)
        np.testing.assert_allclose(first.x0[0, 0], pixels[labels == 0].mean(0), atol=1e-5)
    found = nearest(engine, last.x)
    assert found.distance.max() < 0.02
    assert list(samples.load("Fashion-MNIST", "train").labels[found.number]) == [0, 1, 2]
    np.testing.assert_allclose(made[20].arrays()["x"], _rebuilt(made[20]), atol=1e-4 * process_of(process).T)


def _known(count: int) -> tuple[Any, Any]:
    data = samples.load("Fashion-MNIST", "train")
    chosen = np.array(data.one_of_each(count))
    return data.images[chosen] / 127.5 - 1, data.labels[chosen]


def _rebuilt(frame: Frame) -> Any:
    assert isinstance(frame, ReverseFrame)
    return frame.alpha * frame.x0 + frame.sigma * frame.eps


def test_it_looks_at_a_forward_run_of_flow_up_to_where_nothing_is_left(engine: LocalEngine) -> None:
    pixels = samples.load("Fashion-MNIST", "train").images[7]
    start = Image((digest(pixels),), pixels.shape)
    request = ForwardRequest(start=start, model=FASHION, process=Flow(), steps=20, label="none", images=500)
    made = [f for f in frames(engine, request, RunInputs({digest(pixels): pixels})) if isinstance(f, ForwardFrame)]
    assert (made[-1].alpha, made[-1].sigma, made[-1].beta) == (0, 1, None)
    known, _ = _known(500)
    assert made[-1].x0_hat is not None
    np.testing.assert_allclose(made[-1].x0_hat[0, 0], known.mean(0), atol=1e-5)
    assert all(f.loss is not None and np.isfinite(f.loss).all() for f in made[1:])


def test_a_class_asks_for_that_class_alone(engine: LocalEngine) -> None:
    request = ReverseRequest(model=FASHION, steps=100, samples=10, label="each")
    found = nearest(engine, frames(engine, request)[-1].arrays()["x"])
    assert list(samples.load("Fashion-MNIST", "train").labels[found.number]) == list(range(10))


def test_it_looks_at_a_forward_run(engine: LocalEngine) -> None:
    pixels = samples.load("Fashion-MNIST", "train").images[7]
    start = Image((digest(pixels),), pixels.shape)
    request = ForwardRequest(start=start, model=FASHION, steps=50)
    made = [f for f in frames(engine, request, RunInputs({digest(pixels): pixels})) if isinstance(f, ForwardFrame)]
    x0 = unit(pixels[None])
    assert made[1].x0_hat is not None
    np.testing.assert_allclose(made[1].x0_hat, x0, atol=1e-4)
    assert made[-1].loss is not None
    assert made[-1].x0_hat is not None
    assert abs(made[-1].x0_hat - x0).max() > 0.3


def test_branches_go_from_the_network_to_it_and_back(engine: LocalEngine, cards: dict[str, Card]) -> None:
    parent = ReverseRequest(model="fashion-ddpm", sampler=Heun(), steps=10, samples=2, label=3)
    made = frames(engine, parent)
    at = made[5].position
    ideal = ReverseRequest(start=Step(parent, at), model=FASHION, sampler=DpmPlusPlus(), steps=20, samples=2, label=3)
    branch = frames(engine, ideal)
    assert branch[0].position == at
    np.testing.assert_array_equal(branch[0].arrays()["x"], made[5].arrays()["x"])
    back = ReverseRequest(
        start=Step(ideal, branch[3].position, 1), model="fashion-ddpm", sampler=Ddpm(), steps=10, samples=3
    )
    again = frames(engine, back)
    for row in again[0].arrays()["x"]:
        np.testing.assert_array_equal(row, branch[3].arrays()["x"][1])
    assert [f.position for f in again] == list(plan_of(back, cards).positions)


def test_a_batch_is_quick(engine: LocalEngine, cards: dict[str, Card]) -> None:
    net = engine.models.net(cards[FASHION])
    x, t, labels = torch.randn(16, 1, 28, 28), torch.full((16,), 500.0), torch.arange(16) % 10
    seconds = []
    for _ in range(7):
        began = time.process_time()  # the processor's: others may want it as well
        net(x, t, labels)
        seconds.append(time.process_time() - began)
    assert min(seconds) < 0.030


def test_neighbours_of_other_sizes_and_sets_are_refused(engine: LocalEngine) -> None:
    with pytest.raises(ImageWrongSize):
        nearest(engine, np.zeros((1, 1, 5, 5), np.float32))
    with pytest.raises(DataUnsuitable):
        engine.answer(NearestImage("no such set", np.zeros((1, 1, 28, 28), np.float32)))


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_sample_is_its_own_neighbour(engine: LocalEngine, part: str) -> None:
    x = unit(samples.load("Fashion-MNIST", part).images[[4, 9]])
    found = nearest(engine, x, part)
    assert list(found.number) == [4, 9]
    assert not found.distance.any()
    moved = nearest(engine, np.clip(x + np.float32(0.01), -2, 2), part)
    np.testing.assert_allclose(moved.distance, 0.01, rtol=1e-4)


def test_ddim_reaches_the_same_image_as_ever(engine: LocalEngine) -> None:
    request = ReverseRequest(model=FASHION, sampler=Ddim(), steps=30, samples=3)
    a, b = (frames(engine, request)[-1].arrays()["x"] for _ in range(2))
    np.testing.assert_array_equal(a, b)


def ideal_found(engine: LocalEngine, query: AskIdeal) -> IdealFound:
    for _ in range(5):
        if not isinstance(found := engine.answer(query), Later):
            assert isinstance(found, IdealFound)
            return found
    raise AssertionError("it never came")


@pytest.mark.parametrize(("part", "count", "label"), [("train", 10_000, None), ("test", 2000, 4), ("train", 100, 7)])
def test_the_question_of_a_view_is_bayes_rule_over_the_set_it_names(
    engine: LocalEngine, part: str, count: int, label: int | None
) -> None:
    data = samples.load("Fashion-MNIST", part)
    chosen = data.indices() if count == len(data) else np.array(data.one_of_each(count))
    among = chosen if label is None else chosen[data.labels[chosen] == label]
    alpha, sigma = SCHEDULE.alpha[80], SCHEDULE.sigma[80]
    x = (alpha * unit(data.images[among[:1]])[0] + sigma * RNG.standard_normal((1, 28, 28))).astype(np.float32)
    query = AskIdeal("Fashion-MNIST", x, float(alpha), float(sigma), part, count, label, x, ("k",))
    found = ideal_found(engine, query)
    flat = unit(data.images[among]).reshape(len(among), -1).astype(np.float64)
    logs = -((x.reshape(-1) - alpha * flat) ** 2).sum(1) / (2 * sigma**2)
    weights = np.exp(logs - logs.max())
    np.testing.assert_allclose(found.mean.reshape(-1), weights @ flat / weights.sum(), atol=1e-5)
    assert found.known == len(among)
    assert found.key == ("k",)
    assert found.estimate is not None
    assert found.estimate.count == found.ideal.count == 10_000, "distances are to the training pictures, always"


def test_of_clean_data_the_mean_is_the_data(engine: LocalEngine) -> None:
    x = unit(samples.load("Fashion-MNIST").images[:1])[0]
    found = ideal_found(engine, AskIdeal("Fashion-MNIST", x, 1.0, 0.0))
    np.testing.assert_array_equal(found.mean, x)
    assert found.estimate is None


def test_nothing_that_has_to_be_read_holds_the_worker_for_long(cards: dict[str, Card]) -> None:
    fresh, x = LocalEngine(cards, "cpu"), np.zeros((1, 28, 28), np.float32)
    query = AskIdeal("MNIST (10,000 images)", x, 0.6, 0.8, count=3000)
    answers = [fresh.answer(query) for _ in range(4)]
    assert all(isinstance(answer, Later) for answer in answers[:2]), "one thing is read at a time"
    assert isinstance(answers[-1], IdealFound)


@pytest.mark.parametrize("process", [Linear(timesteps=200), Cosine(timesteps=50)])
def test_it_is_exact_on_any_schedule(engine: LocalEngine, cards: dict[str, Card], process: Any) -> None:
    request = ReverseRequest(model=FASHION, process=process, images=50, steps=50, samples=2, label="none")
    assert plan_of(request, cards).high == process.timesteps
    made = [f for f in frames(engine, request) if isinstance(f, ReverseFrame)]
    schedule = NoiseSchedule.from_settings(process)
    assert [f.alpha for f in made] == pytest.approx([schedule.alpha[int(f.position)] for f in made])
    assert nearest(engine, made[-1].x).distance.max() < 0.02


def test_the_set_of_a_run_is_the_one_its_request_names(engine: LocalEngine, cards: dict[str, Card]) -> None:
    request = ReverseRequest(model=FASHION, part="test", images=10, steps=100, samples=4, label="none")
    found = nearest(engine, frames(engine, request)[-1].arrays()["x"], "test")
    assert set(found.number) <= set(samples.load("Fashion-MNIST").one_of_each(10))
    assert found.distance.max() < 0.02
    card = suited(cards[FASHION], dataclasses.replace(request, images=60_000))
    assert set_size(card) == 2000, "there are no more"
    assert suited(cards["fashion-ddpm"], request) is cards["fashion-ddpm"]


def test_the_settings_come_back_from_a_file(cards: dict[str, Card]) -> None:
    request = ReverseRequest(model=FASHION, part="test", images=100, process=Linear())
    assert from_json(to_json(request)) == request
    assert from_json(to_json(ReverseRequest(model=FASHION))) == ReverseRequest(model=FASHION)
    command = command_of(record_of(request, {}, cards), cards)
    assert "--set test --set-size 100 --schedule linear" in command
    assert "--set" not in command_of(record_of(ReverseRequest(model="fashion-ddpm"), {}, cards), cards)


def test_a_class_without_images_has_no_mean() -> None:
    few = FiniteSet(torch.tensor(POINTS[:2]), torch.tensor(LABELS[:2]), 3)
    half = torch.full((1, 1), 0.5, dtype=torch.float64)
    with pytest.raises(ValueError, match="no mean"):
        few.mean(torch.zeros(1, 1, 2, 2), half, half, torch.tensor([2]))


def test_a_branch_keeps_the_noise_schedule_of_the_run_it_goes_on_from(cards: dict[str, Card]) -> None:
    parent = ReverseRequest(model="fashion-ddpm", steps=10, samples=2)
    branch = ReverseRequest(start=Step(parent, 500.0), model=FASHION, steps=10, samples=2)
    assert plan_of(branch, cards).positions[0] == 500
    with pytest.raises(OtherSchedule):
        plan_of(dataclasses.replace(branch, process=Linear()), cards)
