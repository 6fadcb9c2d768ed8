"""Euler, Heun and DPM-Solver++(2M): their order of convergence on a closed form, and an independent library."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from diffviz.domain.cards import Card
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.sampling import Cosine, Ddim, DpmPlusPlus, Euler, Heun, Linear
from diffviz.engine.denoiser import Visit, visit
from diffviz.engine.samplers import ddim, dpmpp_2m, euler, heun
from diffviz.families import plan_of
from diffviz.theory import gaussians
from diffviz.theory.processes import VariancePreserving
from diffviz.theory.schedules import NoiseSchedule, corrected, visits

MEAN, STD = 0.7, 0.4
FIRST, LAST = 5.0, 0.05


def optimal(x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
    """The perfect network for data N(MEAN, STD²)."""
    x0 = torch.from_numpy(gaussians.optimal_x0(x.numpy(), MEAN, STD, t.alpha, t.sigma))
    return x0, (x - t.alpha * x0) / t.sigma


def curved(x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
    """Some network."""
    x0 = torch.tanh(x * (1 + t.sigma)) * 0.8
    return x0, (x - t.alpha * x0) / t.sigma


def never(t: Visit) -> Tensor:
    raise AssertionError(f"noise drawn at {t.t}")


def between(steps: int) -> list[Visit]:
    """Visits whose σ̂ = σ/α fall from FIRST to LAST, evenly in log σ̂."""
    made = []
    for i, ratio in enumerate(np.geomspace(FIRST, LAST, steps + 1)):
        alpha = 1 / math.sqrt(1 + ratio**2)
        made.append(Visit(float(steps - i), alpha, float(alpha * ratio), math.log(alpha)))
    return made


def error(sampler: Any, settings: Any, steps: int) -> float:
    """Distance to the exact solution of the probability-flow ODE: x keeps its place in standard deviations."""
    path = between(steps)
    (m, s), (m_end, s_end) = (gaussians.marginal(MEAN, STD, t.alpha, t.sigma) for t in (path[0], path[-1]))
    x = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
    exact = m_end + s_end * (x - m) / s
    found = list(sampler(optimal, x, path, settings, never))[-1].x
    return float((found - exact).abs().max())


@pytest.mark.parametrize(
    ("sampler", "settings", "order"), [(euler, Euler(), 1), (heun, Heun(), 2), (dpmpp_2m, DpmPlusPlus(), 2)]
)
def test_halving_the_steps_shrinks_the_error_with_the_order(sampler: Any, settings: Any, order: int) -> None:
    errors = [error(sampler, settings, steps) for steps in (40, 80, 160, 320)]
    orders = [math.log2(a / b) for a, b in pairwise(errors)]
    assert orders[-1] == pytest.approx(order, abs=0.15)
    assert all(order - 0.5 < found < order + 0.6 for found in orders)


def test_eulers_step_is_that_of_ddim_without_noise() -> None:
    schedule = NoiseSchedule.from_settings(Cosine())
    path = [visit(VariancePreserving(schedule), t) for t in visits(1000, 30, "trailing")]
    x = torch.randn(3, 1, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for ours, theirs in zip(
        euler(curved, x, path, Euler(), never), ddim(curved, x, path, Ddim(0.0), never), strict=True
    ):
        assert torch.allclose(ours.x, theirs.x, atol=1e-9)
        assert ours.std == 0


@pytest.mark.parametrize(("sampler", "settings"), [(euler, Euler()), (heun, Heun()), (dpmpp_2m, DpmPlusPlus())])
@pytest.mark.parametrize("steps", [1, 2, 20])
def test_the_last_step_is_the_clean_estimate(sampler: Any, settings: Any, steps: int) -> None:
    schedule = NoiseSchedule.from_settings(Cosine())
    path = [visit(VariancePreserving(schedule), t) for t in visits(1000, steps, "trailing")]
    x = torch.randn(2, 1, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    made = list(sampler(curved, x, path, settings, never))
    assert [step.t.t for step in made] == [t.t for t in path]
    assert torch.allclose(made[-1].x, made[-2].x0, atol=1e-6)


@pytest.mark.parametrize("settings", [Cosine(), Linear()])
def test_heun_stays_of_unit_size_from_pure_noise_on(settings: Any) -> None:
    """From σ̂ = 20,000 the trapezium to 30 moves x by many times its size: such steps are Euler's."""
    schedule = NoiseSchedule.from_settings(settings)
    path = [visit(VariancePreserving(schedule), t) for t in visits(1000, 10, "trailing")]
    x = torch.randn(500, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for step in heun(optimal, x, path, Heun(), never):
        mean, std = gaussians.marginal(MEAN, STD, step.t.alpha, step.t.sigma)
        assert step.x.mean().item() == pytest.approx(mean, abs=0.12)
        assert step.x.std().item() == pytest.approx(std, abs=0.12)


def test_the_plan_counts_heuns_evaluations(diffusion_card: Card) -> None:
    calls = 0

    def counting(x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
        nonlocal calls
        calls += 1
        return curved(x, t)

    assert diffusion_card.schedule is not None
    schedule = NoiseSchedule.from_settings(diffusion_card.schedule)
    request = ReverseRequest(model=diffusion_card.id, sampler=Heun(), steps=7, label="none", samples=2)
    path = [visit(VariancePreserving(schedule), t) for t in visits(schedule.timesteps, 7, request.spacing)]
    list(heun(counting, torch.randn(1, 1, dtype=torch.float64), path, Heun(), never))
    assert plan_of(request, {diffusion_card.id: diffusion_card}).evaluations == calls
    assert 7 < calls < 14


@pytest.fixture
def diffusion_card() -> Card:
    from pathlib import Path

    return Card("toy", "Toy", "diffusion", Path(), (1, 4, 4), prediction="eps", schedule=Cosine(200))


LIBRARY: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "EulerDiscreteScheduler": (euler, Euler(), {}),
    "HeunDiscreteScheduler": (heun, Heun(), {}),
    "DPMSolverMultistepScheduler": (dpmpp_2m, DpmPlusPlus(), {"final_sigmas_type": "zero"}),
}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("name", LIBRARY)
@pytest.mark.parametrize("steps", [6, 20])
def test_whole_runs_agree_with_diffusers_on_the_same_sigmas(name: str, steps: int) -> None:
    diffusers = pytest.importorskip("diffusers")
    sampler, settings, options = LIBRARY[name]
    schedule = NoiseSchedule.from_settings(Linear())
    theirs = getattr(diffusers, name)(trained_betas=schedule.beta[1:].tolist(), **options)
    theirs.alphas_cumprod = torch.from_numpy(schedule.alpha_bar[1:].copy())
    path = [visit(VariancePreserving(schedule), t) for t in visits(1000, steps, "leading", 900)]
    assert all(corrected((a.alpha, a.sigma), (b.alpha, b.sigma)) for a, b in pairwise(path[:-1]))
    theirs.set_timesteps(timesteps=[int(t.t) - 1 for t in path[:-1]])  # a library's t runs from 0 to T − 1
    x = torch.randn(3, 1, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    ours = list(sampler(curved, x, path, settings, never))[-1].x
    scaled = name != "DPMSolverMultistepScheduler"  # the others move x / α
    sample = x / path[0].alpha if scaled else x
    for t in theirs.timesteps:
        here = visit(VariancePreserving(schedule), int(t) + 1)
        _, eps = curved(theirs.scale_model_input(sample, t), here)
        sample = theirs.step(eps, t, sample).prev_sample
    np.testing.assert_allclose(ours.numpy(), sample.numpy(), atol=2e-5)
