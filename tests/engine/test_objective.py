"""The objective's terms, against the equations written out and against data whose likelihood is known."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from diffviz.domain.cards import Card
from diffviz.domain.errors import ClassesUnknown, ImagesMissing, ImageWrongSize, NoSuchStep, OutOfRange
from diffviz.domain.messages import RunInputs
from diffviz.domain.objective import OWN, UNBOUNDED, ObjectiveFrame, ObjectiveRequest, unbounded
from diffviz.domain.requests import Image, Noise, ReverseRequest, Step, digest
from diffviz.domain.sampling import Cosine, Ddim, Ddpm, Euler, Linear
from diffviz.domain.tagged import from_json, to_json
from diffviz.engine.denoiser import Denoiser, Visit, denoiser, visit
from diffviz.engine.engine import LocalEngine
from diffviz.engine.families.forward import unit
from diffviz.engine.families.objective import frames as objective_frames
from diffviz.families import plan_of
from diffviz.theory import gaussians
from diffviz.theory.forward import OBJECTIVE, normals
from diffviz.theory.posterior import optimal_variance, reverse_std
from diffviz.theory.processes import VariancePreserving
from diffviz.theory.schedules import NoiseSchedule
from tests.toys import save_diffusion

CPU = torch.device("cpu")
RNG = np.random.default_rng(5)
PIXELS = RNG.integers(0, 256, (2, 12, 12), dtype=np.uint8)
NAMES = tuple(digest(p) for p in PIXELS)
MATERIALS = RunInputs(dict(zip(NAMES, PIXELS, strict=True)))
LEVEL = 2 / 255


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return save_diffusion(tmp_path, timesteps=40)


@pytest.fixture
def engine(card: Card) -> LocalEngine:
    return LocalEngine({card.id: card}, "cpu")


def asking(**changes: Any) -> ObjectiveRequest:
    return ObjectiveRequest(start=Image(NAMES, (12, 12)), model="toy", draws=3, **changes)


def computed(engine: LocalEngine, request: ObjectiveRequest) -> list[ObjectiveFrame]:
    return [f for f in engine.frames(request, MATERIALS) if isinstance(f, ObjectiveFrame)]


def phi(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def written_out(net: torch.nn.Module, card: Card, request: ObjectiveRequest, t: int, n: int, draw: int) -> float:
    """One term of picture `n` and one draw in nats, from the papers' equations one after the other."""
    assert isinstance(card.schedule, Cosine)
    beta = np.concatenate([[np.nan], NoiseSchedule.from_settings(card.schedule).beta[1:]])
    alpha = 1 - beta  # the paper's α_t, not √ᾱ_t
    abar = np.concatenate([[1.0], np.cumprod(alpha[1:])])
    x0 = PIXELS[n].astype(np.float64) / 127.5 - 1
    eps = normals(request.seed, 2, t, (3, 1, 12, 12), OBJECTIVE)[n, draw, 0].astype(np.float64)
    x = math.sqrt(abar[t]) * x0 + math.sqrt(1 - abar[t]) * eps  # eq. 4
    label = 3 if request.label == "none" else int(request.label)
    with torch.inference_mode():
        v = net(torch.tensor(x, dtype=torch.float32)[None, None], torch.tensor([float(t)]), torch.tensor([label]))
    guess = math.sqrt(abar[t]) * x - math.sqrt(1 - abar[t]) * v[0, 0].numpy().astype(np.float64)
    guess = np.clip(guess, -1, 1) if request.clip else guess
    eps_hat = (x - math.sqrt(abar[t]) * guess) / math.sqrt(1 - abar[t])
    mu = (x - beta[t] / math.sqrt(1 - abar[t]) * eps_hat) / math.sqrt(alpha[t])  # eq. 11
    tilde = (1 - abar[t - 1]) / (1 - abar[t]) * beta[t]
    second = (1 - abar[1]) / (1 - abar[2]) * beta[2]
    var = beta[t] if request.variance == "beta" else tilde if t > 1 else second
    if t == 1:
        return -sum(_log_cell(a, b, math.sqrt(var)) for a, b in zip(x0.ravel(), mu.ravel(), strict=True))  # eq. 13
    true = (math.sqrt(abar[t - 1]) * beta[t] * x0 + math.sqrt(alpha[t]) * (1 - abar[t - 1]) * x) / (
        1 - abar[t]
    )  # eq. 7
    return float(0.5 * np.sum(np.log(var / tilde) + tilde / var + (true - mu) ** 2 / var - 1))


def _log_cell(x: float, mean: float, std: float) -> float:
    low = -math.inf if x < -0.999 else x - LEVEL / 2
    high = math.inf if x > 0.999 else x + LEVEL / 2
    a, b = (low - mean) / std, (high - mean) / std
    if a > 0:
        a, b = -b, -a
    mass = phi(b) - phi(a)
    return math.log(mass) if mass > 1e-290 else -0.5 * b * b - math.log(-b * math.sqrt(2 * math.pi))


@pytest.mark.parametrize("variance", ["posterior", "beta"])
@pytest.mark.parametrize(("label", "clip"), [("none", True), (1, True), (2, False)])
def test_terms_are_those_of_the_papers_equations(
    engine: LocalEngine, card: Card, variance: str, label: str | int, clip: bool
) -> None:
    request = asking(variance=variance, label=label, clip=clip)
    made, net, bits = computed(engine, request), engine.models.net(card), 1 / (144 * math.log(2))
    for t in (1, 2, 3, 20, 40):
        for n in range(2):
            draws = [written_out(net, card, request, t, n, draw) * bits for draw in range(3)]
            assert made[t - 1].term[n] == pytest.approx(np.mean(draws), rel=2e-4)
            assert made[t - 1].term_error[n] == pytest.approx(np.std(draws, ddof=1) / math.sqrt(3), rel=2e-3, abs=1e-6)


def test_the_prior_is_the_divergence_of_two_gaussians(engine: LocalEngine, card: Card) -> None:
    made = computed(engine, asking())
    abar = float(NoiseSchedule.from_settings(card.schedule or Cosine()).alpha_bar[-1])
    x0 = unit(PIXELS).astype(np.float64)
    nats = gaussians.kl(math.sqrt(abar) * x0, 1 - abar, 0.0, 1.0).reshape(2, -1).sum(1)
    np.testing.assert_allclose(made[0].prior, nats / (144 * math.log(2)), rtol=1e-5)


@pytest.mark.parametrize("variance", ["posterior", "beta"])
def test_the_weight_turns_the_simple_loss_into_the_term(engine: LocalEngine, variance: str) -> None:
    first, *rest = computed(engine, asking(variance=variance))
    assert math.isnan(first.weight)
    for frame in rest:
        np.testing.assert_allclose(frame.term, frame.weight * frame.simple + frame.constant, rtol=1e-4)
        assert (frame.constant == 0) == (variance == "posterior")


def test_the_total_adds_up_and_stops_at_the_bound(engine: LocalEngine, card: Card) -> None:
    request = asking()
    made = computed(engine, request)
    assert [f.position for f in made] == [float(t) for t in range(1, 41)]
    assert [f.position for f in made] == list(plan_of(request, {"toy": card}).positions)
    np.testing.assert_allclose(made[-1].total, made[0].prior + sum(f.term for f in made), rtol=1e-5)
    np.testing.assert_allclose(made[-1].total_error ** 2, sum(f.term_error**2 for f in made), rtol=1e-4)


def test_a_part_of_the_timesteps_bounds_nothing(engine: LocalEngine, card: Card) -> None:
    made = computed(engine, asking(every=7))
    assert [f.position for f in made] == [1, 8, 15, 22, 29, 36]
    assert all(np.isnan(f.total).all() and np.isnan(f.total_error).all() for f in made)
    whole = computed(engine, asking())
    np.testing.assert_array_equal(made[2].term, whole[14].term)


def test_batches_do_not_change_the_draws(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = computed(engine, asking(every=13))
    monkeypatch.setattr("diffviz.engine.families.objective.MOST_ROWS", 4)
    parts = computed(engine, asking(every=13))
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a.term, b.term, rtol=1e-5)


def test_intervals_hold_what_they_say(engine: LocalEngine) -> None:
    """Over seeds, the means of few draws lie around that of many as their standard errors say."""
    many = computed(engine, asking(every=19))[2]
    exact = np.mean([computed(engine, asking(every=19, seed=s))[2].term for s in range(100, 160)], axis=0)
    scores = []
    for seed in range(40):
        frame = computed(engine, dataclasses.replace(asking(every=19, seed=seed), draws=8))[2]
        scores += list((frame.term - exact) / frame.term_error)
    assert many.position == 39
    assert 0.7 < np.std(scores) < 1.6
    assert abs(np.mean(scores)) < 0.5


class TestKnownData:
    """Pixels from N(MEAN, STD²), independent, as grey levels: their likelihood is known, and the best network."""

    MEAN, STD, N = 0.1, 0.25, 60

    def bound(self, schedule: NoiseSchedule, variance: str, denoise: Denoiser, pixels: Any) -> ObjectiveFrame:
        request = ObjectiveRequest(model="known", draws=4, variance=variance, clip=False)
        return list(objective_frames(request, unit(pixels), lambda _: denoise, schedule, CPU))[-1]

    def pixels(self) -> Any:
        values = np.random.default_rng(1).normal(self.MEAN, self.STD, (self.N, 8, 8))
        return np.clip(np.round((values + 1) * 127.5), 0, 255).astype(np.uint8)

    def likelihood(self, pixels: Any) -> Any:
        """−log₂ of the mass of each picture's grey levels, a dimension."""
        x = pixels.astype(np.float64) / 127.5 - 1
        nats = [[-_log_cell(v, self.MEAN, self.STD) for v in picture.ravel()] for picture in x]
        return np.mean(nats, axis=1) / math.log(2)

    def optimal(self, x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
        x0 = torch.from_numpy(gaussians.optimal_x0(x.numpy().astype(np.float64), self.MEAN, self.STD, t.alpha, t.sigma))
        return x0, (x - t.alpha * x0) / t.sigma

    def gap(self, schedule: NoiseSchedule, variance: str) -> float:
        """KL(q(x_0…x_T) ‖ p) in bits a dimension for the best means: what σ_t² and x_T are wrong by, in closed form."""
        abar = schedule.alpha_bar
        mean, std = gaussians.marginal(self.MEAN, self.STD, math.sqrt(abar[-1]), math.sqrt(1 - abar[-1]))
        nats = float(gaussians.kl(mean, std**2, 0.0, 1.0))
        for t in range(1, schedule.timesteps + 1):
            best = optimal_variance(self.STD, schedule.pair(t, t - 1))
            nats += float(gaussians.kl(0.0, best, 0.0, reverse_std(schedule, t, variance) ** 2))
        return nats / math.log(2)

    @pytest.mark.parametrize("variance", ["posterior", "beta"])
    @pytest.mark.parametrize("timesteps", [25, 100, 200])
    def test_the_best_networks_bound_is_above_the_likelihood_by_what_its_variances_cost(
        self, variance: str, timesteps: int
    ) -> None:
        pixels, schedule = self.pixels(), NoiseSchedule.from_settings(Cosine(timesteps))
        last = self.bound(schedule, variance, self.optimal, pixels)
        found = last.total - self.likelihood(pixels)
        error = float(np.std(found) / math.sqrt(self.N))
        assert found.mean() > -3 * error
        assert found.mean() == pytest.approx(self.gap(schedule, variance), abs=4 * error + 0.02)

    def test_the_bound_is_tight_where_the_variance_is_nearly_the_best(self) -> None:
        pixels, schedule = self.pixels(), NoiseSchedule.from_settings(Cosine(1000))
        found = self.bound(schedule, "beta", self.optimal, pixels).total - self.likelihood(pixels)
        assert abs(found.mean()) < 0.04

    def test_a_worse_network_has_a_worse_bound(self) -> None:
        pixels, schedule = self.pixels(), NoiseSchedule.from_settings(Cosine(200))

        def worse(x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
            x0 = self.optimal(x, t)[0] + 0.05
            return x0, (x - t.alpha * x0) / t.sigma

        best, bad = (self.bound(schedule, "posterior", d, pixels).total.mean() for d in (self.optimal, worse))
        assert bad > best + 0.02


def test_predictions_of_every_kind_give_the_same_terms() -> None:
    """ε-, v- and x0-prediction of the same estimate."""
    schedule, x = NoiseSchedule.from_settings(Linear(50)), unit(PIXELS)

    class Net(torch.nn.Module):
        def __init__(self, kind: str) -> None:
            super().__init__()
            self.kind = kind

        def forward(self, x: Tensor, t: Tensor, _labels: Tensor | None) -> Tensor:
            here = visit(VariancePreserving(schedule), int(t[0]))
            x0 = torch.tanh(x)
            eps = (x - here.alpha * x0) / here.sigma
            return {"x0": x0, "eps": eps, "v": here.alpha * eps - here.sigma * x0}[self.kind]

    request = ObjectiveRequest(model="any", draws=2, every=7)

    def run(kind: str) -> list[ObjectiveFrame]:
        return list(objective_frames(request, x, lambda _: denoiser(Net(kind), kind), schedule, CPU))

    runs = [run(kind) for kind in ("x0", "eps", "v")]
    for a, b, c in zip(*runs, strict=True):
        np.testing.assert_allclose(a.term, b.term, rtol=1e-4)
        np.testing.assert_allclose(a.term, c.term, rtol=1e-4)


def test_what_cannot_be_computed_is_said(engine: LocalEngine) -> None:
    with pytest.raises(ImagesMissing):
        list(engine.frames(asking(), RunInputs()))
    with pytest.raises(NoSuchStep):
        list(engine.frames(dataclasses.replace(asking(), start=Noise()), MATERIALS))
    with pytest.raises(OutOfRange):
        list(engine.frames(dataclasses.replace(asking(), draws=1), MATERIALS))
    small = np.zeros((5, 5), np.uint8)
    start = Image((digest(small),), (5, 5))
    with pytest.raises(ImageWrongSize):
        list(engine.frames(dataclasses.replace(asking(), start=start), RunInputs({digest(small): small})))


def test_where_the_bound_does_not_hold_there_is_a_reason() -> None:
    whole = ReverseRequest(model="toy", sampler=Ddpm(), steps=100, label=1)
    assert unbounded(whole, 100) == ()
    assert unbounded(dataclasses.replace(whole, sampler=Ddim(1.0)), 100) == ()
    assert unbounded(dataclasses.replace(whole, sampler=Ddim(0.0)), 100) == ("eta",)
    assert unbounded(dataclasses.replace(whole, sampler=Euler()), 100) == ("sampler",)
    assert unbounded(dataclasses.replace(whole, guidance=2.0), 100) == ("guidance",)
    assert unbounded(dataclasses.replace(whole, guidance=2.0, label="none"), 100) == ()
    assert unbounded(dataclasses.replace(whole, steps=50), 100) == ("steps",)
    branch = dataclasses.replace(whole, start=Step(whole, 50.0))
    assert unbounded(branch, 100) == ("start",)
    assert all(key in UNBOUNDED for key in ("sampler", "eta", "guidance", "steps", "start"))


def test_requests_survive_a_file() -> None:
    request = asking(variance="beta", every=3)
    assert from_json(to_json(request)) == request


def test_each_picture_s_own_class_is_what_its_term_was_told(engine: LocalEngine) -> None:
    own = computed(engine, asking(label=OWN, labels=(2, 0), every=13))
    for picture, label in enumerate((2, 0)):
        alone = computed(engine, asking(label=label, every=13))
        for a, b in zip(own, alone, strict=True):
            assert a.term[picture] == pytest.approx(b.term[picture], rel=1e-5)
    for a, b in zip(own, computed(engine, asking(label=2, every=13)), strict=True):
        assert a.term[1] != pytest.approx(b.term[1], rel=1e-4), "the other picture was told another class"


def test_own_classes_that_are_not_known_are_refused(card: Card) -> None:
    cards = {card.id: card}
    with pytest.raises(ClassesUnknown) as raised:
        plan_of(asking(label=OWN, labels=(1,)), cards)
    assert raised.value.count == 1
    assert plan_of(asking(label=OWN, labels=(1, 2)), cards).evaluations == 40
    assert from_json(to_json(asking(label=OWN, labels=(1, 2)))) == asking(label=OWN, labels=(1, 2))


def test_the_plan_counts_every_batch(card: Card) -> None:
    request = dataclasses.replace(asking(), draws=200)  # 2 × 128 at once
    assert plan_of(request, {card.id: card}).evaluations == 2 * 40


def test_pictures_of_another_size_have_no_plan(card: Card) -> None:
    wrong = dataclasses.replace(asking(), start=Image(NAMES, (28, 28)))
    with pytest.raises(ImageWrongSize):
        plan_of(wrong, {card.id: card})
