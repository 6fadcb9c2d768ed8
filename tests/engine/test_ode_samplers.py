"""Solvers of the ODE and of its SDEs: their order of convergence on a closed form, and an independent library."""

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
from diffviz.domain.solvers import DpmPlusPlusSde, EulerAncestral, FlowSde, HeunChurn, Midpoint, UniPc
from diffviz.engine.denoiser import Visit, visit
from diffviz.engine.samplers import (
    ddim,
    dpmpp_2m,
    dpmpp_2m_sde,
    euler,
    euler_ancestral,
    flow_sde,
    heun,
    heun_churn,
    midpoint,
    unipc,
)
from diffviz.families import plan_of
from diffviz.theory import gaussians
from diffviz.theory.processes import ExplodingProcess, FlowProcess, VariancePreserving
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
    process = ExplodingProcess(FIRST)
    return [visit(process, float(ratio)) for ratio in np.geomspace(FIRST, LAST, steps + 1)]


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


@pytest.mark.parametrize(
    ("sampler", "settings", "order"),
    [
        (heun, Heun(), 2),
        (midpoint, Midpoint(), 2),
        (unipc, UniPc(), 3),
        (flow_sde, FlowSde(0.0), 1),
        (heun_churn, HeunChurn(0.0), 2),
    ],
)
def test_the_order_holds_where_the_network_is_no_gaussian(sampler: Any, settings: Any, order: int) -> None:
    x = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
    ends = [list(sampler(curved, x, between(steps), settings, never))[-1].x for steps in (80, 160, 320, 640)]
    changes = [float((a - b).abs().max()) for a, b in pairwise(ends)]
    assert math.log2(changes[-2] / changes[-1]) == pytest.approx(order, abs=0.25)


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


def draws(seed: int) -> Any:
    """The same noise for both, in the order of asking."""
    generator = torch.Generator().manual_seed(seed)
    return lambda _: torch.randn(3, 1, 4, 4, generator=generator, dtype=torch.float64)


SOLVERS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "UniPCMultistepScheduler": (unipc, UniPc(), {}),
    "EulerAncestralDiscreteScheduler": (euler_ancestral, EulerAncestral(), {}),
    "DPMSolverMultistepScheduler": (
        dpmpp_2m_sde,
        DpmPlusPlusSde(),
        {"algorithm_type": "sde-dpmsolver++", "final_sigmas_type": "zero", "lower_order_final": True},
    ),
}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("steps", [6, 20])
def test_solvers_agree_with_diffusers_on_the_same_sigmas_and_noise(name: str, steps: int) -> None:
    diffusers = pytest.importorskip("diffusers")
    sampler, settings, options = SOLVERS[name]
    schedule = NoiseSchedule.from_settings(Linear())
    theirs = getattr(diffusers, name)(trained_betas=schedule.beta[1:].tolist(), **options)
    path = [visit(VariancePreserving(schedule), t) for t in visits(1000, steps, "leading", 900)]
    theirs.set_timesteps(len(path) - 1)
    theirs.timesteps = torch.tensor([t.t - 1 for t in path[:-1]])  # a library's t runs from 0 to T − 1
    theirs.sigmas = torch.tensor([t.ratio for t in path], dtype=torch.float64)
    x = torch.randn(3, 1, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    ours = list(sampler(curved, x, path, settings, draws(2)))[-1].x
    scaled, drawn = name == "EulerAncestralDiscreteScheduler", draws(2)
    sample, generator = x / path[0].alpha if scaled else x, torch.Generator().manual_seed(2)
    for t in theirs.timesteps:
        _, eps = curved(theirs.scale_model_input(sample, t), visit(VariancePreserving(schedule), int(t) + 1))
        noise = {"variance_noise": drawn(None)} if "algorithm_type" in options else {}
        noise = {"generator": generator} if scaled else noise
        sample = theirs.step(eps, t, sample, **noise).prev_sample
    np.testing.assert_allclose(ours.numpy(), sample.numpy(), atol=2e-6)


def test_heun_with_churn_is_algorithm_2() -> None:
    """Karras et al. 2022, algorithm 2, line by line, on the data side: σ = σ̂, D = x̂0."""
    settings = HeunChurn(churn=20, least=0.1, largest=4, spread=1.01)
    path, x = [*between(12), visit(ExplodingProcess(FIRST), 0.0)], torch.linspace(-2, 2, 48, dtype=torch.float64)
    x = x.reshape(3, 1, 4, 4)
    found = list(heun_churn(curved, x, path, settings, draws(3)))
    noise, process, raised = draws(3), path[0].process, 0
    assert process is not None
    for here, (now, after) in zip(found, pairwise(path), strict=False):
        assert torch.allclose(here.x, x, atol=1e-12)
        gamma = min(20 / 13, math.sqrt(2) - 1) if 0.1 <= now.t <= 4 else 0.0
        hat = visit(process, min(now.t * (1 + gamma), FIRST))
        raised += hat.t > now.t
        x_hat = x + math.sqrt(hat.t**2 - now.t**2) * 1.01 * noise(now) if hat.t > now.t else x
        d = (x_hat - curved(x_hat, hat)[0]) / hat.t
        x = x_hat + (after.t - hat.t) * d
        if after.t > 0:
            x = x_hat + (after.t - hat.t) * (d + (x - curved(x, after)[0]) / after.t) / 2
        assert torch.allclose(here.x, now.alpha * here.x0 + now.sigma * here.eps, atol=1e-12), "so it is shown"
    assert torch.allclose(found[-1].x, x, atol=1e-12)
    assert raised > 5


def test_the_ancestral_step_of_euler_is_ddims_with_its_eta() -> None:
    path = [visit(FlowProcess(), t) for t in (1.0, 0.6, 0.3, 0.0)]
    x = torch.ones(3, 1, 4, 4, dtype=torch.float64)
    for one, other in zip(
        euler_ancestral(curved, x, path, EulerAncestral(0.5), draws(4)),
        ddim(curved, x, path, Ddim(0.5), draws(4)),
        strict=True,
    ):
        assert torch.equal(one.x, other.x)
