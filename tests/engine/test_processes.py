"""Every sampler on every process, against closed forms: Gaussian data, exact particles in the plane."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from diffviz.domain import sampling, solvers
from diffviz.domain.cards import Card
from diffviz.domain.errors import OtherSchedule, OutOfRange
from diffviz.domain.frames import ForwardFrame, Frame
from diffviz.domain.gan import Ring
from diffviz.domain.messages import RunInputs
from diffviz.domain.planar import PlanarFrame, PlanarRequest, grid
from diffviz.domain.requests import ForwardRequest, Image, Request, ReverseRequest, Step, digest
from diffviz.domain.sampling import Cosine, Flow, Linear, ProcessSettings, VarianceExploding
from diffviz.domain.tagged import from_json, to_json
from diffviz.engine.denoiser import Visit, both, clipped, visit
from diffviz.engine.engine import LocalEngine
from diffviz.engine.samplers import SAMPLERS, SamplerStep
from diffviz.families import plan_of
from diffviz.families import process_of as running_on
from diffviz.theory import gaussians
from diffviz.theory.forward import START, normals, step_of
from diffviz.theory.gan_distributions import mixture_of
from diffviz.theory.processes import process_of
from tests.engine.test_ideal import FASHION

MEAN, STD = 0.7, 0.4
PROCESSES: tuple[ProcessSettings, ...] = (Linear(timesteps=400, beta_end=0.05), Cosine(), Flow(), VarianceExploding())
ALL_SAMPLERS = [
    sampling.Ddpm("posterior"),
    sampling.Ddpm("beta"),
    sampling.Ddim(0.0),
    sampling.Ddim(0.6),
    sampling.Ddim(1.0),
    sampling.Euler(),
    sampling.Heun(),
    sampling.DpmPlusPlus(),
    solvers.Midpoint(),
    solvers.UniPc(),
    solvers.EulerAncestral(),
    solvers.DpmPlusPlusSde(),
    solvers.FlowSde(0.0),
    solvers.FlowSde(1.0),
    solvers.FlowSde(2.0),
    solvers.HeunChurn(0.0),
    solvers.HeunChurn(spread=1.0),
]
SOLVERS = (solvers.Midpoint, solvers.UniPc, solvers.DpmPlusPlusSde, solvers.HeunChurn)
"""Those that are tried on schedules in `make test-all`: they are written with σ/α alone, as other solvers are."""
DETERMINISTIC = [each for each in ALL_SAMPLERS if each.noise == 0]
CONTINUOUS: tuple[ProcessSettings, ...] = (Flow(), VarianceExploding())


def optimal(x: Tensor, t: Visit) -> tuple[Tensor, Tensor]:
    """The perfect network for data N(MEAN, STD²)."""
    x0 = torch.from_numpy(gaussians.optimal_x0(x.numpy(), MEAN, STD, t.alpha, t.sigma))
    return x0, (x - t.alpha * x0) / t.sigma


def sampled(settings: ProcessSettings, sampler: Any, steps: int, spacing: str, n: int = 10_000) -> list[SamplerStep]:
    """The steps from the marginal at T itself, so that what is off is the sampler's."""
    process, generator = process_of(settings), torch.Generator().manual_seed(5)
    path = [visit(process, t) for t in process.visits(steps, spacing)]
    mean, std = gaussians.marginal(MEAN, STD, path[0].alpha, path[0].sigma)
    x = mean + std * torch.randn(n, 1, generator=generator, dtype=torch.float64)
    key = next(key for key, cls in sampling.SAMPLERS.items() if cls is type(sampler))
    noise = lambda _: torch.randn(n, 1, generator=generator, dtype=torch.float64)  # noqa: E731
    return list(SAMPLERS[key](optimal, x, path, sampler, noise))


@pytest.mark.parametrize(
    ("sampler", "settings"),
    [
        pytest.param(sampler, settings, id=f"{sampler!r}-{type(settings).__name__}", marks=marks)
        for sampler in ALL_SAMPLERS
        for settings in PROCESSES
        for marks in [pytest.mark.slow if type(sampler) in SOLVERS and type(settings) in (Linear, Cosine) else ()]
    ],
)
def test_every_sampler_reaches_every_marginal_of_every_process(settings: ProcessSettings, sampler: Any) -> None:
    spacing = "karras" if isinstance(settings, VarianceExploding) else "trailing"
    run = sampled(settings, sampler, 250, spacing)
    for step in [*run[:: len(run) // 8], run[-1]]:
        mean, std = gaussians.marginal(MEAN, STD, step.t.alpha, step.t.sigma)
        allowed = (0.05 if sampler == sampling.Ddpm("beta") else 0.025) * math.hypot(step.t.alpha, step.t.sigma)
        assert step.x.mean().item() == pytest.approx(mean, abs=allowed)
        assert step.x.std().item() == pytest.approx(std, abs=allowed)


@pytest.mark.parametrize("settings", PROCESSES, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("sampler", DETERMINISTIC, ids=repr)
def test_a_deterministic_sampler_keeps_the_place_of_each_sample(settings: ProcessSettings, sampler: Any) -> None:
    """The probability flow of a Gaussian keeps x's distance from the mean in standard deviations; no noise is drawn."""
    run = sampled(settings, sampler, 200, "karras", n=64)
    first, last = run[0], run[-1]
    mean, std = gaussians.marginal(MEAN, STD, first.t.alpha, first.t.sigma)
    exact = MEAN + STD * (first.x - mean) / std
    assert torch.allclose(last.x, exact, atol=0.02)
    assert all(step.std == 0 for step in run)


@pytest.mark.parametrize("settings", CONTINUOUS, ids=lambda s: type(s).__name__)
def test_heun_and_multistep_converge_faster_than_euler(settings: ProcessSettings) -> None:
    def error(sampler: Any) -> float:
        run = sampled(settings, sampler, 40, "karras", n=64)
        mean, std = gaussians.marginal(MEAN, STD, run[0].t.alpha, run[0].t.sigma)
        return float((run[-1].x - (MEAN + STD * (run[0].x - mean) / std)).abs().max())

    quick = (sampling.Heun(), sampling.DpmPlusPlus(), solvers.Midpoint(), solvers.UniPc())
    assert max(map(error, quick)) < error(sampling.Euler()) / 3


def test_eulers_method_for_flow_is_ddim_without_noise() -> None:
    """Rectified flow integrates u = ε̂ − x̂0 over t; at α = 1 − t, σ = t that is DDIM's step (without clipping)."""
    run = sampled(Flow(), sampling.Ddim(0.0), 20, "trailing", n=16)
    x = run[0].x
    for here, after in pairwise(run):
        x0, eps = optimal(x, here.t)
        x = x + (after.t.t - here.t.t) * (eps - x0)
        assert torch.allclose(x, after.x, atol=1e-12)


@pytest.mark.parametrize("settings", PROCESSES, ids=lambda s: type(s).__name__)
def test_ddim_with_eta_one_is_ancestral_sampling_on_every_process(settings: ProcessSettings) -> None:
    one = sampled(settings, sampling.Ddim(1.0), 30, "karras", n=50)
    other = sampled(settings, sampling.Ddpm("posterior"), 30, "karras", n=50)
    for a, b in zip(one, other, strict=True):
        assert torch.allclose(a.x, b.x, atol=1e-8)
        assert a.std == pytest.approx(b.std, rel=1e-9)


def test_where_nothing_of_the_signal_is_left_x_is_noise_and_the_estimate_the_network_s() -> None:
    end = visit(process_of(Flow()), 1.0)
    x, said = torch.randn(3, 2, generator=torch.Generator().manual_seed(1)), torch.full((3, 2), 0.25)
    x0, eps = both("x0", said, x, end)
    assert torch.equal(x0, said)
    assert torch.equal(eps, x)
    far, same = both("eps", said, x, end)
    assert torch.isinf(far).all()
    kept, _ = clipped(far, same, x, end)
    assert kept.abs().max() <= 1
    assert end.half_log_snr == -math.inf


@pytest.mark.parametrize("settings", PROCESSES, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("prediction", ["eps", "v", "x0", "u"])
def test_every_prediction_gives_back_signal_and_noise(settings: ProcessSettings, prediction: str) -> None:
    process, generator = process_of(settings), torch.Generator().manual_seed(2)
    x0, eps = (torch.randn(4, 3, generator=generator, dtype=torch.float64) for _ in range(2))
    for share in (0.2, 0.7):
        t = visit(process, process.T * share)
        out = {"eps": eps, "v": t.alpha * eps - t.sigma * x0, "x0": x0, "u": eps - x0}[prediction]
        found = both(prediction, out, t.alpha * x0 + t.sigma * eps, t)
        assert torch.allclose(found[0], x0, atol=1e-9)
        assert torch.allclose(found[1], eps, atol=1e-9)


def test_noise_of_times_that_are_not_whole_is_their_own() -> None:
    steps = [step_of(t) for t in (0.0, 0.25, 0.5, 1.0, 80.0, 1000.0, 0.002, 79.5)]
    assert len({*steps, START}) == 9
    assert step_of(1000.0) == 1000
    assert not np.array_equal(normals(1, 1, step_of(0.25), (4,)), normals(1, 1, step_of(0.5), (4,)))


# -- runs -----------------------------------------------------------------------------------------------


def frames(request: Request, cards: Mapping[str, Card] | None = None, inputs: RunInputs | None = None) -> list[Frame]:
    """The frames of `request`, which are planned as they come."""
    found = LocalEngine(cards or {}, "cpu").frames(request, inputs or RunInputs())
    made = [frame for frame in found if isinstance(frame, Frame)]
    assert tuple(frame.position for frame in made) == plan_of(request, cards or {}).positions
    return made


PIXELS = np.random.default_rng(4).integers(0, 256, (8, 12, 12), np.uint8)
PICTURES = RunInputs({digest(each): each for each in PIXELS})
X0 = PIXELS[:, None].astype(np.float64) / 127.5 - 1


@pytest.mark.parametrize("settings", PROCESSES, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("path", ["chain", "fixed"])
def test_a_forward_run_has_the_marginals_of_its_process(settings: ProcessSettings, path: str) -> None:
    request = ForwardRequest(start=Image(tuple(PICTURES.images), (12, 12)), schedule=settings, path=path, steps=40)
    process, found = process_of(settings), frames(request, inputs=PICTURES)
    assert (found[0].position, found[-1].position) == (0, process.T)
    for frame in found[1:]:
        assert isinstance(frame, ForwardFrame)
        assert (frame.alpha, frame.sigma) == process.at(frame.position)
        noise = (frame.x - frame.alpha * X0) / frame.sigma
        np.testing.assert_allclose(noise, frame.noise, atol=2e-3 / min(1.0, 50 * frame.sigma))
        assert noise.mean() == pytest.approx(0, abs=5 / math.sqrt(noise.size))
        assert noise.std() == pytest.approx(1, rel=5 / math.sqrt(2 * noise.size))
        assert (frame.beta is None) == isinstance(settings, Flow | VarianceExploding)
    last = found[-1]
    assert isinstance(last, ForwardFrame)
    if isinstance(settings, Flow):
        np.testing.assert_array_equal(last.x, last.noise)  # nothing of the picture is left


@pytest.mark.parametrize("settings", CONTINUOUS, ids=lambda s: type(s).__name__)
def test_the_chain_of_a_process_without_a_grid_is_markov(settings: ProcessSettings) -> None:
    """x_t − keep x_prev is fresh noise: it has nothing in common with x_prev."""
    request = ForwardRequest(start=Image(tuple(PICTURES.images), (12, 12)), schedule=settings, steps=20)
    process = process_of(settings)
    for before, now in pairwise(frames(request, inputs=PICTURES)):
        assert isinstance(before, ForwardFrame)
        assert isinstance(now, ForwardFrame)
        pair = process.pair(now.position, before.position)
        fresh = (now.x - pair.keep * before.x) / math.sqrt(pair.added)
        assert fresh.std() == pytest.approx(1, rel=0.12)
        assert abs(np.corrcoef(fresh.ravel(), before.x.ravel())[0, 1]) < 5 / math.sqrt(fresh.size)


@pytest.mark.parametrize("settings", CONTINUOUS, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("sampler", ALL_SAMPLERS, ids=repr)
def test_exact_particles_come_to_the_data_of_the_plane(settings: ProcessSettings, sampler: Any) -> None:
    request = PlanarRequest(data=Ring(), schedule=settings, sampler=sampler, steps=60, particles=400, spacing="karras")
    found = frames(request)
    first, last = found[0], found[-1]
    assert isinstance(first, PlanarFrame)
    assert isinstance(last, PlanarFrame)
    assert first.x.std() == pytest.approx(process_of(settings).start_std, rel=0.1)
    data = mixture_of(Ring())
    near = np.sqrt(((last.x[:, None] - data.means) ** 2).sum(-1)).min(1)
    assert np.median(near) < 2 * data.stds.max()
    found_of_modes = np.bincount(data.responsibilities(last.x).argmax(1), minlength=len(data.means))
    assert (found_of_modes > 0.4 * 400 / len(data.means)).all()


def test_the_plane_is_scaled_so_that_everything_has_its_place_in_it() -> None:
    found = frames(PlanarRequest(data=Ring(), schedule=VarianceExploding(), steps=12, particles=300, spacing="karras"))
    data = mixture_of(Ring())
    for frame in found:
        assert isinstance(frame, PlanarFrame)
        assert frame.scale == pytest.approx(math.hypot(1.0, frame.position))
        assert np.abs(frame.x / frame.scale).max() < 6
        noised = data.noised(frame.alpha, frame.sigma)
        np.testing.assert_allclose(frame.density, noised.density(frame.scale * grid(48)), rtol=1e-5, atol=1e-30)
        np.testing.assert_allclose(frame.score, noised.score(frame.scale * grid(17)), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("settings", CONTINUOUS, ids=lambda s: type(s).__name__)
def test_a_run_goes_on_from_a_frame_of_its_own_process_only(settings: ProcessSettings) -> None:
    parent = PlanarRequest(schedule=settings, steps=10, particles=5)
    at = plan_of(parent, {}).positions[4]
    whole, rest = frames(parent), frames(dataclasses.replace(parent, start=Step(parent, at)))
    assert [frame.position for frame in rest] == [frame.position for frame in whole[4:]]
    for a, b in zip(whole[4:], rest, strict=True):
        np.testing.assert_allclose(a.arrays()["x"], b.arrays()["x"], atol=1e-4)
    for other in (Cosine(), Flow(), VarianceExploding(), VarianceExploding(40.0)):
        if other != settings:
            with pytest.raises(OtherSchedule):
                plan_of(PlanarRequest(schedule=other, start=Step(parent, at)), {})


def test_steps_of_a_process_without_a_grid_are_as_many_as_asked() -> None:
    assert len(plan_of(PlanarRequest(schedule=Flow(), steps=2500), {}).positions) == 2501
    with pytest.raises(OutOfRange):
        plan_of(PlanarRequest(schedule=Cosine(1000), steps=2500), {})


def test_requests_and_frames_name_their_process() -> None:
    request = PlanarRequest(schedule=VarianceExploding(20.0), spacing="karras")
    assert from_json(to_json(request)) == request
    process = running_on(request, {})
    assert process is not None
    assert (process.T, plan_of(request, {}).high) == (20, 20)
    reverse = ReverseRequest(model=FASHION, process=Flow())
    assert from_json(to_json(reverse)) == reverse
