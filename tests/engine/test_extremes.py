"""Runs at the ends of what numbers can hold: ᾱ_T that underflows, and networks whose answers are not numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from diffviz.domain.cards import Card
from diffviz.domain.errors import NotFinite, SignalLost
from diffviz.domain.frames import Frame
from diffviz.domain.messages import RunInputs
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.sampling import SAMPLERS as NAMES
from diffviz.domain.sampling import Constant, Ddpm, Linear, ProcessSettings, Schedule
from diffviz.engine.denoiser import Visit, both, clipped, denoiser, visit
from diffviz.engine.engine import LocalEngine
from diffviz.engine.families.reverse import frames
from diffviz.engine.samplers import SAMPLERS
from diffviz.families import plan_of
from diffviz.families.diffusion import LEAST_ALPHA
from diffviz.theory import gaussians
from diffviz.theory.processes import VariancePreserving
from diffviz.theory.schedules import NoiseSchedule, visits
from tests.toys import save_diffusion

STEEP: tuple[Schedule, ...] = (Constant(beta=0.6), Linear(beta_end=0.95), Constant(timesteps=4000, beta=0.999))
CPU = torch.device("cpu")
MEAN, STD = 0.7, 0.4


def optimal(x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
    """The perfect network for data N(MEAN, STD²)."""
    x0 = torch.from_numpy(gaussians.optimal_x0(x.numpy(), MEAN, STD, t.alpha, t.sigma))
    return x0, (x - t.alpha * x0) / t.sigma


def steps_of(name: str, schedule: NoiseSchedule, path: list[int], settings: Any = None) -> list[Any]:
    generator = torch.Generator().manual_seed(3)

    def noise(_t: Visit) -> Tensor:
        return torch.randn(20_000, generator=generator, dtype=torch.float64)

    x = noise(visit(VariancePreserving(schedule), 1))
    return list(
        SAMPLERS[name](
            optimal, x, [visit(VariancePreserving(schedule), t) for t in path], settings or NAMES[name](), noise
        )
    )


DRAWING = {"ddpm", "euler_a", "dpmpp_2m_sde"}
"""Samplers that add new noise at every step."""


@pytest.mark.parametrize("name", sorted(DRAWING - {"ddpm"}))
@pytest.mark.parametrize("settings_of", STEEP, ids=repr)
def test_where_no_signal_is_left_one_that_draws_still_comes_to_the_data(name: str, settings_of: Schedule) -> None:
    schedule = NoiseSchedule.from_settings(settings_of)
    seen = int(np.flatnonzero(schedule.alpha > 1e-9)[-1])
    found = steps_of(name, schedule, [schedule.timesteps, *range(seen, -1, -1)])
    assert torch.allclose(found[0].x0, torch.tensor(MEAN, dtype=torch.float64))
    assert found[-1].x.mean().item() == pytest.approx(MEAN, abs=0.02)
    assert torch.isfinite(found[-1].x).all()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in DRAWING])
@pytest.mark.parametrize("settings_of", STEEP, ids=repr)
def test_where_no_signal_is_left_a_deterministic_sampler_keeps_the_noise(name: str, settings_of: Schedule) -> None:
    """ε̂ = x there, and x̂0 the mean of the data: the probability flow stands still until α is seen again."""
    schedule = NoiseSchedule.from_settings(settings_of)
    assert schedule.alpha[-1] == 0
    seen = int(np.flatnonzero(schedule.alpha > 1e-9)[-1])
    middle = (schedule.timesteps + seen) // 2
    found = steps_of(name, schedule, [schedule.timesteps, middle, seen + 1, *range(seen, -1, -1)])
    assert torch.allclose(found[2].x, found[0].x, atol=1e-6)
    assert torch.allclose(found[0].x0, torch.tensor(MEAN, dtype=torch.float64))
    assert found[-1].x.mean().item() == pytest.approx(MEAN, abs=0.02)
    assert torch.isfinite(found[-1].x).all()


@pytest.mark.parametrize("variance", ["posterior", "beta"])
@pytest.mark.parametrize("settings_of", STEEP, ids=repr)
def test_ancestral_sampling_keeps_unit_variance_there(variance: str, settings_of: Schedule) -> None:
    schedule = NoiseSchedule.from_settings(settings_of)
    path = visits(schedule.timesteps, 40, "trailing")
    found = steps_of("ddpm", schedule, list(path), Ddpm(variance))
    for step in (step for step in found if step.t.alpha < 1e-9):
        assert step.x.std().item() == pytest.approx(1.0, abs=0.03)
    assert found[-1].x.mean().item() == pytest.approx(MEAN, abs=0.02)


@pytest.mark.parametrize("sampler", NAMES)
def test_particles_in_the_plane_arrive(sampler: str) -> None:
    request = PlanarRequest(schedule=Constant(beta=0.6), sampler=NAMES[sampler](), steps=10, particles=20)
    found = [f for f in LocalEngine({}).frames(request, RunInputs()) if isinstance(f, Frame)]
    assert len(found) == 11
    assert all(np.isfinite(f.arrays()[name]).all() for f in found for name in ("x", "x0", "eps", "score", "density"))
    assert np.abs(found[-1].arrays()["x"]).max() < 3


@pytest.mark.parametrize("prediction", ["eps", "v", "x0"])
def test_a_clipped_estimate_is_finite_at_alpha_0(prediction: str) -> None:
    """x̂0 from ε̂ has no limit at α = 0 but ±∞, which is clipped to the ends of the data; x = α x̂0 + σ ε̂ still holds."""
    schedule = NoiseSchedule.from_settings(Constant(beta=0.6))
    x, out = torch.randn(2, 1, 4, 4), torch.randn(2, 1, 4, 4)
    for t in (1000, 500, 90, 60, 1):
        at = visit(VariancePreserving(schedule), t)
        x0, eps = clipped(*both(prediction, out, x, at), x, at)
        assert torch.isfinite(x0).all()
        assert torch.isfinite(eps).all()
        assert x0.abs().max() <= 1
        assert torch.allclose(at.alpha * x0 + at.sigma * eps, x, atol=1e-5)


def test_without_clipping_a_network_of_noise_is_refused_and_the_bound_is_named(tmp_path: Path) -> None:
    card = card_on(save_diffusion(tmp_path), Constant(beta=0.6, timesteps=1000), "eps")
    with pytest.raises(SignalLost) as caught:
        plan_of(ReverseRequest(model=card.id, steps=10, clip=False), {card.id: card})
    assert (caught.value.position, caught.value.least) == (1000.0, LEAST_ALPHA)
    plan_of(ReverseRequest(model=card.id, steps=10, clip=True), {card.id: card})
    plan_of(ReverseRequest(model=card.id, steps=10, clip=False), {card.id: card_on(card, card.schedule, "v")})


def card_on(card: Card, schedule: ProcessSettings | None, prediction: str) -> Card:
    return dataclasses.replace(card, schedule=schedule, prediction=prediction)


class Failing(torch.nn.Module):
    """Predicts v = 0 down to t = 40, and `value` from there on."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
        del labels
        return torch.zeros_like(x) if float(t[0]) > 40 else torch.full_like(x, self.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("sampler", NAMES)
def test_a_network_that_gives_no_number_fails_at_its_t_and_keeps_the_frames_before(sampler: str, value: float) -> None:
    schedule = NoiseSchedule.from_settings(Linear(timesteps=100))
    request = ReverseRequest(model="any", sampler=NAMES[sampler](), steps=10)
    path = [visit(VariancePreserving(schedule), t) for t in visits(100, 10, "trailing")]
    x = np.zeros((1, 1, 3, 3), np.float32)
    kept, error = gathered(frames(request, denoiser(Failing(value), "v"), path, x, CPU))
    assert error is not None
    assert error.position == 40
    # Heun asks at the end of its step as well, before the frame at that end is made
    assert [f.position for f in kept] == [100.0, 90.0, 80.0, 70.0, 60.0, 50.0]
    assert all(np.isfinite(f.arrays()["x"]).all() for f in kept)


def gathered(found: Iterator[Frame]) -> tuple[list[Frame], NotFinite | None]:
    kept: list[Frame] = []
    try:
        for frame in found:
            kept.append(frame)
    except NotFinite as error:
        return kept, error
    return kept, None


def test_an_estimate_that_grows_without_bound_fails_too() -> None:
    """x̂0 = x/α of a network that says "no noise", unclipped, at α below the smallest float32."""
    schedule = NoiseSchedule.from_settings(Constant(beta=0.6))
    request = ReverseRequest(model="any", steps=10, clip=False)
    path = [visit(VariancePreserving(schedule), t) for t in visits(1000, 10, "trailing")]
    x = np.ones((1, 1, 3, 3), np.float32)
    kept, error = gathered(frames(request, denoiser(Failing(0.0), "eps", clip=False), path, x, CPU))
    assert kept == []
    assert error is not None
    assert error.position == 1000
