"""Particles in the plane: an exact score, a network trained by this program beside it, one timeline."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from diffviz.domain.cards import Card, read_card
from diffviz.domain.errors import CardMismatch, ModelDamaged, ModelNotFound, NoSuchStep, OtherSchedule, OutOfRange
from diffviz.domain.evaluation import EvaluateRequest
from diffviz.domain.frames import TrainingFrame
from diffviz.domain.gan import Drawn, Lattice, Moons, Ring, SwissRoll
from diffviz.domain.messages import RunInputs
from diffviz.domain.planar import ARROWS, CELLS, EXTENT, PLANAR_DATA, PlanarFrame, PlanarRequest, grid
from diffviz.domain.requests import ReverseRequest, Step
from diffviz.domain.sampling import SAMPLERS, Cosine, Ddim, Ddpm, Heun, Linear
from diffviz.domain.tagged import from_json, to_json
from diffviz.domain.training import TrainPlanar
from diffviz.engine.denoiser import visit
from diffviz.engine.engine import LocalEngine
from diffviz.engine.evaluation import evaluate_planar
from diffviz.engine.families.planar import frames as planar_frames
from diffviz.engine.families.planar import ideal
from diffviz.engine.training import TrainingLoop, model_of
from diffviz.engine.training_tasks import task_for
from diffviz.engine.zoo import save_model
from diffviz.families import plan_of
from diffviz.theory.gan_distributions import mixture_of
from diffviz.theory.processes import VariancePreserving
from diffviz.theory.schedules import NoiseSchedule
from tests.toys import save_diffusion

CPU = torch.device("cpu")


def computed(
    request: PlanarRequest, cards: dict[str, Card] | None = None, origin: PlanarFrame | None = None
) -> list[PlanarFrame]:
    engine = LocalEngine(cards or {}, "cpu")
    return [f for f in engine.frames(request, RunInputs(origin=origin)) if isinstance(f, PlanarFrame)]


def trained(folder: Path, images: int = 2000, **changes: Any) -> Card:
    request = TrainPlanar(images=images, batch=100, width=48, depth=2, learning_rate=4e-3, **changes)
    training = TrainingLoop(task_for(request))
    list(training.frames())
    save_model(folder, *model_of(training, folder.name))
    return read_card(folder)


@pytest.mark.parametrize("data", [Ring(), Lattice(std=0.2), Moons(), SwissRoll(), Drawn(((0.0, 1.0), (1.0, -1.0)))])
def test_particles_arrive_at_the_density(data: Any) -> None:
    last = computed(PlanarRequest(data=data, sampler=Ddpm(), steps=100, particles=800))[-1]
    mixture = mixture_of(data)
    draws = mixture.sample(4000, np.random.default_rng(0))
    assert last.position == 0
    np.testing.assert_allclose(last.x.mean(0), mixture.mean, atol=0.2)
    np.testing.assert_allclose(np.cov(last.x.T), mixture.covariance, atol=0.25)
    theirs, ours = mixture.log_density(draws), mixture.log_density(last.x)
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.2)


@pytest.mark.parametrize("sampler", [cls() for cls in SAMPLERS.values()], ids=list(SAMPLERS))
def test_every_sampler_moves_them(sampler: Any) -> None:
    request = PlanarRequest(sampler=sampler, steps=60, particles=400)
    made = computed(request)
    assert [f.position for f in made] == list(plan_of(request, {}).positions)
    apart = np.linalg.norm(made[-1].x[:, None] - mixture_of(Ring()).means, axis=2).min(1)
    assert (apart < 3 * 0.15).mean() > 0.95
    for frame in made[:-1]:
        np.testing.assert_allclose(frame.alpha * frame.x0 + frame.sigma * frame.eps, frame.x, atol=1e-3)


def test_the_score_is_the_gradient_of_the_density_shown() -> None:
    data, schedule, step = mixture_of(Moons()), NoiseSchedule.from_settings(Cosine()), 1e-5
    made = computed(PlanarRequest(data=Moons(), steps=4, particles=5))
    for frame in made:
        noised = data.noised(frame.alpha, frame.sigma)
        np.testing.assert_allclose(frame.density, noised.density(grid(CELLS)), rtol=1e-4, atol=1e-7)
        points = grid(ARROWS)
        for axis in (0, 1):
            away = step * np.eye(2)[axis]
            slope = (noised.log_density(points + away) - noised.log_density(points - away)) / (2 * step)
            np.testing.assert_allclose(frame.score[..., axis], slope, rtol=1e-3, atol=1e-3)
    assert schedule.timesteps == made[0].position


def test_the_density_is_one_over_the_whole_plane() -> None:
    cell = (2 * EXTENT / (CELLS - 1)) ** 2
    for frame in computed(PlanarRequest(data=Ring(std=0.3), steps=3, particles=2))[1:]:
        assert frame.density.sum() * cell == pytest.approx(1.0, abs=0.05)


def test_rows_of_a_grid_are_y_from_low_to_high() -> None:
    points = grid(5)
    assert points.shape == (5, 5, 2)
    assert tuple(points[0, 0]) == (-EXTENT, -EXTENT)
    assert tuple(points[0, -1]) == (EXTENT, -EXTENT)
    assert tuple(points[-1, 0]) == (-EXTENT, EXTENT)


def test_the_first_particles_are_the_same_in_any_number() -> None:
    few, many = (computed(PlanarRequest(sampler=Ddpm(), steps=20, particles=n)) for n in (10, 60))
    for a, b in zip(few, many, strict=True):
        np.testing.assert_allclose(a.x, b.x[:10], atol=1e-6)


def test_a_perfect_network_goes_where_the_exact_score_goes() -> None:
    """The exact denoiser in the network's place: its error is that of float32."""
    data, schedule = mixture_of(Ring()), NoiseSchedule.from_settings(Cosine(100))
    exact = ideal(data)

    def network(x: torch.Tensor, t: Any) -> tuple[torch.Tensor, torch.Tensor]:
        x0, eps = exact(x.double(), t)
        return x0.float(), eps.float()

    request = PlanarRequest(sampler=Ddpm(), steps=20, particles=50)
    path = [visit(VariancePreserving(schedule), t) for t in range(100, -1, -5)]
    made = list(planar_frames(request, data, path, network, CPU))
    for frame in made[:-1]:
        assert frame.learnt_x is not None
        assert frame.learnt_score is not None
        np.testing.assert_allclose(frame.learnt_x, frame.x, atol=2e-3)
        np.testing.assert_allclose(frame.learnt_score, frame.score, rtol=1e-3, atol=2e-3)
        assert frame.error < 1e-2
    assert np.isnan(made[-1].error)


def test_a_trained_network_stands_beside_the_exact_score(tmp_path: Path) -> None:
    card = trained(tmp_path / "toy", images=60_000, points=Ring(modes=2, std=0.4), schedule=Linear(100, 1e-3, 0.2))
    request = PlanarRequest(model="toy", steps=25, particles=300, data=Moons(), schedule=Cosine())
    made = computed(request, {"toy": card})
    plan = plan_of(request, {"toy": card})
    assert plan.high == 100  # the card's schedule, not the request's
    assert plan.evaluations == 2 * 25
    assert made[0].nbytes <= plan.frame_bytes
    np.testing.assert_array_equal(made[0].x, made[0].learnt_x)
    assert all(f.learnt_x is not None and f.learnt_score is not None for f in made)
    assert np.isnan(made[-1].error)
    # the card's data, not the request's: two modes at ±2
    assert (abs(abs(made[-1].x[:, 0]) - 2) < 1.2).mean() > 0.95
    assert all(np.isfinite(f.error) for f in made[:-1])
    fresh = computed(
        request, {"toy": trained(tmp_path / "fresh", images=100, points=Ring(2, 0.4), schedule=card.schedule)}
    )
    assert np.nanmean([f.error for f in made]) < 0.6 * np.nanmean([f.error for f in fresh])


def test_training_makes_the_loss_smaller_and_the_same_each_time(tmp_path: Path) -> None:
    def losses(seed: int) -> list[float]:
        training = TrainingLoop(task_for(TrainPlanar(images=30_000, batch=100, width=32, seed=seed, prediction="eps")))
        return [training.step() for _ in range(300)]

    first, again, other = losses(1), losses(1), losses(2)
    assert first == again
    assert first != other
    assert np.mean(first[-50:]) < 0.8 * np.mean(first[:20])
    frames = list(TrainingLoop(task_for(TrainPlanar(images=200, batch=100, width=8))).frames())
    assert isinstance(frames[-2], TrainingFrame)


def test_quality_tells_a_trained_network_from_a_fresh_one(tmp_path: Path) -> None:
    ring = Ring(modes=2, std=0.4)
    cards = [trained(tmp_path / f"n{n}", images=n, points=ring) for n in (100, 40_000)]
    fresh, better = (evaluate_planar(card, EvaluateRequest(steps=10, samples=300)) for card in cards)
    assert fresh["modes"]["exact"] == better["modes"]["exact"] == better["modes"]["of"] == 2
    assert fresh["within_3_deviations"]["exact"] == better["within_3_deviations"]["exact"]
    assert fresh["within_3_deviations"]["data"] > 0.97  # 98.9 % in two dimensions
    assert better["noise_error"] < 0.7 * fresh["noise_error"]


def test_a_card_says_what_it_was_trained_on(tmp_path: Path) -> None:
    card = trained(tmp_path / "toy", images=200, points=Moons(std=0.2))
    assert card.family == "planar"
    assert card.prediction == "v"
    assert from_json(card.dataset["points"]) == Moons(std=0.2)
    request = PlanarRequest(model="toy", steps=2, particles=3)
    broken = dataclasses.replace(card, dataset={"points": {"type": "Noise"}})
    with pytest.raises(CardMismatch):
        computed(request, {"toy": broken})
    (tmp_path / "toy" / "weights.safetensors").write_bytes(b"short")
    with pytest.raises(ModelDamaged):
        computed(request, {"toy": card})


@pytest.mark.parametrize("sampler", [Ddpm(), Ddim(0.5), Ddim()], ids=["ddpm", "ddim-eta", "ddim"])
def test_going_on_with_the_same_settings_is_never_having_stopped(sampler: Any) -> None:
    parent = PlanarRequest(sampler=sampler, steps=20, particles=50)
    whole = computed(parent)
    for given in (None, whole[8]):  # computed again up to there, or at hand
        request = dataclasses.replace(parent, start=Step(parent, whole[8].position))
        made = computed(request, origin=given)
        assert [f.position for f in made] == [f.position for f in whole[8:]]
        for a, b in zip(made, whole[8:], strict=True):
            np.testing.assert_allclose(a.x, b.x, atol=2e-4)


def test_other_noise_leads_elsewhere_from_the_same_particles() -> None:
    parent = PlanarRequest(sampler=Ddpm(), steps=20, particles=50)
    start = Step(parent, 500.0)
    one, other = (computed(PlanarRequest(sampler=Ddpm(), steps=20, particles=70, start=start, seed=n)) for n in (1, 2))
    np.testing.assert_array_equal(one[0].x, other[0].x)
    np.testing.assert_array_equal(one[0].x[50:], one[0].x[:20])  # particle i goes on from i modulo 50
    assert np.linalg.norm(one[-1].x - other[-1].x, axis=1).mean() > 0.5


def test_one_particle_s_continuations_are_draws_of_the_posterior() -> None:
    """For one Gaussian p(x_0 | x_t) is a Gaussian: mean and variance of what DDPM makes of one x_t are its own."""
    data = Drawn(((0.5, -0.5),), std=0.6)
    parent = PlanarRequest(data=data, schedule=Linear(200), sampler=Ddpm(), steps=200, particles=3)
    start = Step(parent, 60.0, 2)
    made = computed(dataclasses.replace(parent, start=start, particles=2000, seed=5))
    x, alpha, sigma = made[0].x[0], made[0].alpha, made[0].sigma
    assert (made[0].x == x).all()
    precision = 1 / 0.6**2 + (alpha / sigma) ** 2
    mean = (np.array([0.5, -0.5]) / 0.6**2 + alpha * x / sigma**2) / precision
    np.testing.assert_allclose(made[-1].x.mean(0), mean, atol=4 / np.sqrt(2000 * precision))
    np.testing.assert_allclose(made[-1].x.var(0), 1 / precision, rtol=0.15)


def test_the_network_s_particles_go_on_from_their_own(tmp_path: Path) -> None:
    card = trained(tmp_path / "toy", schedule=Linear(100, 1e-3, 0.2))
    parent = PlanarRequest(model="toy", steps=10, particles=20)
    whole = computed(parent, {"toy": card})
    made = computed(dataclasses.replace(parent, start=Step(parent, 50.0)), {"toy": card})
    assert whole[5].learnt_x is not None
    assert not np.allclose(whole[5].learnt_x, whole[5].x)
    np.testing.assert_array_equal(made[0].learnt_x, whole[5].learnt_x)
    assert made[-1].learnt_x is not None
    assert whole[-1].learnt_x is not None
    np.testing.assert_allclose(made[-1].learnt_x, whole[-1].learnt_x, atol=2e-4)


def test_what_cannot_be_computed_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        computed(PlanarRequest(model="missing"))
    other = save_diffusion(tmp_path)
    with pytest.raises(ModelNotFound):
        computed(PlanarRequest(model=other.id), {other.id: other})
    with pytest.raises(OutOfRange):
        computed(PlanarRequest(schedule=Cosine(50), steps=60))
    with pytest.raises(OtherSchedule):
        computed(PlanarRequest(schedule=Cosine(100), start=Step(PlanarRequest(), 500.0)))
    with pytest.raises(NoSuchStep):
        computed(PlanarRequest(start=Step(ReverseRequest(model=other.id), 1.0)), {other.id: other})


def test_requests_survive_a_file() -> None:
    for cls in PLANAR_DATA.values():
        request = PlanarRequest(data=cls(), sampler=Heun(), schedule=Linear())
        assert from_json(to_json(request)) == request
    assert from_json(to_json(TrainPlanar(points=Moons()))) == TrainPlanar(points=Moons())
    assert Ddim() == PlanarRequest().sampler


def test_the_engine_computes_by_the_plan_that_it_is_handed() -> None:
    request = PlanarRequest(steps=10, particles=3)
    plan = dataclasses.replace(plan_of(request, {}), visited=(600, 200, 0))
    frames = LocalEngine({}, "cpu").frames(request, RunInputs(), plan)
    assert [frame.position for frame in frames if isinstance(frame, PlanarFrame)] == [600, 200, 0]
