"""Samplers against theory: for Gaussian data the optimal denoiser and every marginal are known in closed form."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from diffviz.domain.sampling import SAMPLERS as NAMES
from diffviz.domain.sampling import Cosine, Ddim, Ddpm, Linear
from diffviz.engine.denoiser import Visit, visit
from diffviz.engine.samplers import SAMPLERS, SamplerStep, ddim, ddpm
from diffviz.theory import gaussians
from diffviz.theory.processes import VariancePreserving
from diffviz.theory.schedules import NoiseSchedule, visits

MEAN, STD = 0.7, 0.4
LINEAR = NoiseSchedule.from_settings(Linear(timesteps=200, beta_end=0.1))


def optimal(x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
    """The perfect network for data N(MEAN, STD²)."""
    x0 = torch.from_numpy(gaussians.optimal_x0(x.numpy(), MEAN, STD, t.alpha, t.sigma))
    return x0, (x - t.alpha * x0) / t.sigma


def path(schedule: NoiseSchedule, steps: int, spacing: str = "trailing") -> list[Visit]:
    return [visit(VariancePreserving(schedule), t) for t in visits(schedule.timesteps, steps, spacing)]


def constant(value: Any) -> Any:
    return lambda *_: value


def fresh(n: int, seed: int) -> Any:
    generator = torch.Generator().manual_seed(seed)
    return lambda *_: torch.randn(n, 1, 1, 1, generator=generator, dtype=torch.float64)


def run(sampler: Any, settings: Any, steps: int, n: int = 100_000, seed: int = 1) -> list[SamplerStep]:
    noise = fresh(n, seed)
    return list(sampler(optimal, noise(), path(LINEAR, steps), settings, noise))


def test_every_name_has_a_generator() -> None:
    assert set(SAMPLERS) == set(NAMES)


@pytest.mark.parametrize(
    ("sampler", "settings", "steps", "tolerance"),
    [
        (ddpm, Ddpm("posterior"), 200, 0.02),
        (ddpm, Ddpm("beta"), 200, 0.02),
        (ddim, Ddim(0.0), 200, 0.02),
        (ddim, Ddim(1.0), 200, 0.02),
        (ddim, Ddim(0.5), 200, 0.02),
        (ddim, Ddim(0.0), 50, 0.05),
    ],
)
def test_samplers_reach_every_marginal(sampler: Any, settings: Any, steps: int, tolerance: float) -> None:
    run_ = run(sampler, settings, steps)
    for step in [*run_[:: steps // 10], run_[-1]]:
        mean, std = gaussians.marginal(MEAN, STD, step.t.alpha, step.t.sigma)
        assert step.x.mean().item() == pytest.approx(mean, abs=tolerance)
        assert step.x.std().item() == pytest.approx(std, abs=tolerance)


def test_ddim_with_eta_one_is_ddpm_step_by_step() -> None:
    a, b = run(ddim, Ddim(1.0), 200, n=500), run(ddpm, Ddpm("posterior"), 200, n=500)
    for one, other in zip(a, b, strict=True):
        assert torch.allclose(one.x, other.x, atol=1e-9)
        assert one.std == pytest.approx(other.std, abs=1e-12)


def test_ddim_with_eta_zero_draws_no_noise() -> None:
    def never(t: Visit) -> Tensor:
        raise AssertionError(f"noise drawn at {t.t}")

    x = fresh(4, 1)(0)
    a = list(ddim(optimal, x, path(LINEAR, 20), Ddim(0.0), never))
    b = list(ddim(optimal, x, path(LINEAR, 20), Ddim(0.0), never))
    assert all(torch.equal(one.x, other.x) for one, other in zip(a, b, strict=True))
    assert all(step.std == 0 for step in a)


def test_the_last_step_is_the_clean_estimate() -> None:
    for sampler, settings in ((ddim, Ddim(0.0)), (ddpm, Ddpm("beta"))):
        steps = run(sampler, settings, 10, n=8)
        assert steps[-1].t.t == 0
        assert torch.allclose(steps[-1].x, steps[-2].x0, atol=1e-9)


def test_x_is_signal_and_noise() -> None:
    for step in run(ddim, Ddim(0.3), 20, n=8)[:-1]:
        assert torch.allclose(step.t.alpha * step.x0 + step.t.sigma * step.eps, step.x, atol=1e-9)


@pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("settings", [Linear(), Cosine()])
def test_single_ddim_steps_agree_with_diffusers(eta: float, settings: Any) -> None:
    diffusers = pytest.importorskip("diffusers")
    schedule = NoiseSchedule.from_settings(settings)
    theirs = diffusers.DDIMScheduler(
        trained_betas=schedule.beta[1:].tolist(), clip_sample=False, timestep_spacing="leading"
    )
    theirs.alphas_cumprod = torch.from_numpy(schedule.alpha_bar[1:].copy())
    theirs.final_alpha_cumprod = torch.tensor(1.0, dtype=torch.float64)
    theirs.set_timesteps(25)
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(2, 1, 4, 4, generator=generator, dtype=torch.float64)
    x = torch.randn(2, 1, 4, 4, generator=generator, dtype=torch.float64)
    taus = visits(schedule.timesteps, 25, "leading")
    for k, (t, t_prev) in enumerate(pairwise(taus)):
        eps = torch.sin(x * (k + 1))
        here = visit(VariancePreserving(schedule), t)
        x0 = (x - here.sigma * eps) / here.alpha
        steps = ddim(
            constant((x0, eps)), x, [here, visit(VariancePreserving(schedule), t_prev)], Ddim(eta), constant(z)
        )
        ours = list(steps)[-1].x
        reference = theirs.step(eps, int(theirs.timesteps[k]), x, eta=eta, variance_noise=z).prev_sample
        np.testing.assert_allclose(ours.numpy(), reference.numpy(), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("variance", "theirs_name"), [("posterior", "fixed_small"), ("beta", "fixed_large")])
def test_single_ddpm_steps_agree_with_diffusers(variance: str, theirs_name: str) -> None:
    diffusers = pytest.importorskip("diffusers")
    schedule = LINEAR
    theirs = diffusers.DDPMScheduler(
        num_train_timesteps=schedule.timesteps,
        trained_betas=schedule.beta[1:].tolist(),
        clip_sample=False,
        variance_type=theirs_name,
    )
    theirs.alphas_cumprod = torch.from_numpy(schedule.alpha_bar[1:].copy())
    theirs.one = torch.tensor(1.0, dtype=torch.float64)
    x = torch.randn(2, 1, 4, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for t in (200, 150, 77, 2):
        eps = torch.cos(x)
        here = visit(VariancePreserving(schedule), t)
        x0 = (x - here.sigma * eps) / here.alpha
        z = torch.randn(x.shape, generator=torch.Generator().manual_seed(t), dtype=torch.float64)
        steps = ddpm(
            constant((x0, eps)), x, [here, visit(VariancePreserving(schedule), t - 1)], Ddpm(variance), constant(z)
        )
        ours = list(steps)[-1].x
        reference = theirs.step(eps, t - 1, x, generator=torch.Generator().manual_seed(t)).prev_sample
        np.testing.assert_allclose(ours.numpy(), reference.numpy(), rtol=1e-6, atol=1e-9)
