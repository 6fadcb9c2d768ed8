import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffviz.domain import sampling
from diffviz.domain.arrays import F64
from diffviz.theory import posterior
from diffviz.theory.schedules import NoiseSchedule, pair_of, visits
from tests.theory import reference

ALL = [NoiseSchedule.from_settings(cls()) for cls in sampling.SCHEDULES.values()]
RNG = np.random.default_rng(11)
X, EPS = RNG.normal(size=(2, 2, 3, 4, 4))
ALPHA_BARS = st.tuples(st.floats(1e-6, 0.9999), st.floats(1e-6, 0.9999)).filter(lambda p: abs(p[0] - p[1]) > 1e-6)


def estimate(eps: F64, alpha_bar: float) -> F64:
    """x_0 from X and ε."""
    x0: F64 = (X - np.sqrt(1 - alpha_bar) * eps) / np.sqrt(alpha_bar)
    return x0


@pytest.mark.parametrize("schedule", ALL)
@pytest.mark.parametrize("steps", [1000, 50])
def test_a_ddpm_step_is_that_of_diffusers(schedule: NoiseSchedule, steps: int) -> None:
    scheduler = reference.ddpm(schedule, timestep_spacing="leading")
    scheduler.set_timesteps(steps)
    taus = visits(1000, steps, "leading")
    for t, t_prev in [*pairwise(taus)][:: steps // 10]:
        a, b = schedule.alpha_bar[t], schedule.alpha_bar[t_prev]
        theirs = scheduler.step(
            torch.tensor(EPS), t - 1, torch.tensor(X), generator=torch.Generator().manual_seed(t)
        ).prev_sample
        noise = torch.randn(X.shape, generator=torch.Generator().manual_seed(t), dtype=torch.float64).numpy()
        ours = (
            posterior.posterior_mean(estimate(EPS, a), X, pair_of(a, b))
            + np.sqrt(posterior.posterior_variance(pair_of(a, b))) * noise
        )
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-6, atol=1e-9)
        assert float(scheduler._get_variance(t - 1)) == pytest.approx(
            posterior.posterior_variance(pair_of(a, b)), rel=1e-6
        )
        large = scheduler._get_variance(t - 1, variance_type="fixed_large")
        assert float(large) == pytest.approx(pair_of(a, b).added, rel=1e-6)


@pytest.mark.parametrize("schedule", ALL)
@pytest.mark.parametrize("spacing", ["leading", "trailing"])
@pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
def test_a_ddim_step_is_that_of_diffusers(schedule: NoiseSchedule, spacing: str, eta: float) -> None:
    scheduler = reference.ddim(schedule, timestep_spacing=spacing)
    scheduler.set_timesteps(50)
    for t, t_prev in [*pairwise(visits(1000, 50, spacing))][::7]:
        a, b = schedule.alpha_bar[t], schedule.alpha_bar[t_prev]
        noise = torch.full(X.shape, 0.3, dtype=torch.float64) if eta else None
        theirs = scheduler.step(torch.tensor(EPS), t - 1, torch.tensor(X), eta=eta, variance_noise=noise).prev_sample
        std = posterior.ddim_std(pair_of(a, b), eta)
        ours = np.sqrt(b) * estimate(EPS, a) + np.sqrt(1 - b - std**2) * EPS + std * 0.3
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("x0", [-0.8, 0.5])
@pytest.mark.parametrize("eps", [-1.5, 0.2])
@pytest.mark.parametrize(("t", "t_prev"), [(2, 1), (300, 299), (1000, 999), (981, 961), (500, 100)])
def test_the_posterior_is_what_bayes_rule_gives(x0: float, eps: float, t: int, t_prev: int) -> None:
    schedule = NoiseSchedule.from_settings(sampling.Linear())
    a, b = float(schedule.alpha_bar[t]), float(schedule.alpha_bar[t_prev])
    x_t = np.sqrt(a) * x0 + np.sqrt(1 - a) * eps
    beta = 1 - np.prod(1 - schedule.beta[t_prev + 1 : t + 1])
    x = np.sqrt(b) * x0 + np.sqrt(1 - b) * np.linspace(-12, 12, 200_001)  # a grid of x_{t_prev}
    # q(x_t | x_prev) q(x_prev | x_0), up to a constant
    log_density = -((x_t - np.sqrt(1 - beta) * x) ** 2) / (2 * beta) - (x - np.sqrt(b) * x0) ** 2 / (2 * (1 - b))
    weights = np.exp(log_density - log_density.max())
    weights /= weights.sum()
    mean = np.sum(weights * x)
    assert float(posterior.posterior_mean(np.array(x0), np.array(x_t), pair_of(a, b))) == pytest.approx(
        mean, rel=1e-6, abs=1e-9
    )
    assert posterior.posterior_variance(pair_of(a, b)) == pytest.approx(np.sum(weights * (x - mean) ** 2), rel=1e-6)


@given(pair=ALPHA_BARS)
@settings(deadline=None, max_examples=50)
def test_the_posterior_is_narrower_than_the_forward_step(pair: tuple[float, float]) -> None:
    a, b = sorted(pair)
    assert 0 < posterior.posterior_variance(pair_of(a, b)) <= pair_of(a, b).added < 1


@given(pair=ALPHA_BARS, x0=st.floats(-1, 1), eps=st.floats(-4, 4))
@settings(deadline=None, max_examples=50)
def test_ddim_with_eta_one_is_the_posterior_of_its_pair(pair: tuple[float, float], x0: float, eps: float) -> None:
    a, b = sorted(pair)
    std = posterior.ddim_std(pair_of(a, b), 1.0)
    assert std**2 == pytest.approx(posterior.posterior_variance(pair_of(a, b)), rel=1e-12)
    x_t = np.array(np.sqrt(a) * x0 + np.sqrt(1 - a) * eps)
    ddim = np.sqrt(b) * x0 + np.sqrt(max(1 - b - std**2, 0)) * eps  # mean of eq. 12
    assert ddim == pytest.approx(float(posterior.posterior_mean(np.array(x0), x_t, pair_of(a, b))), rel=1e-6, abs=1e-6)


@given(pair=ALPHA_BARS, eta=st.floats(0, 1))
@settings(deadline=None, max_examples=50)
def test_every_eta_keeps_the_marginals(pair: tuple[float, float], eta: float) -> None:
    a, b = sorted(pair)
    std = posterior.ddim_std(pair_of(a, b), eta)
    direction = 1 - b - std**2
    assert direction >= 0
    assert direction + std**2 == pytest.approx(1 - b)


def test_the_last_step_gives_the_clean_estimate_without_noise() -> None:
    assert posterior.mean_weights(pair_of(0.999, 1.0)) == pytest.approx((1, 0))
    assert posterior.posterior_variance(pair_of(0.999, 1.0)) == 0
    assert posterior.ddim_std(pair_of(0.999, 1.0), 1.0) == 0


def test_whole_schedules_at_once_agree_with_single_pairs() -> None:
    schedule = ALL[0]
    ts = np.arange(1, schedule.timesteps + 1)
    all_of_them = schedule.pairs(ts, ts - 1)
    np.testing.assert_allclose(all_of_them.added, schedule.beta[1:], rtol=1e-9)
    single = schedule.pair(500, 499)
    assert posterior.posterior_variance(all_of_them)[499] == pytest.approx(
        posterior.posterior_variance(single), rel=1e-15
    )
    assert posterior.ddim_std(all_of_them, 0.5)[499] == pytest.approx(posterior.ddim_std(single, 0.5), rel=1e-15)


STEEP = [sampling.Constant(beta=0.6), sampling.Constant(beta=0.999, timesteps=4000), sampling.Linear(beta_end=0.95)]


@pytest.mark.parametrize("settings_of", STEEP)
def test_a_pair_beyond_the_smallest_float_has_its_beta(settings_of: sampling.Schedule) -> None:
    """ᾱ is 0 as a float at both ends of the last step; its β is the schedule's, and μ̃ is what is left of x_t."""
    schedule = NoiseSchedule.from_settings(settings_of)
    pair = schedule.pair(schedule.timesteps, schedule.timesteps - 1)
    assert pair.alpha**2 == pair.alpha_prev**2 == 0
    beta = float(schedule.beta[-1])
    assert pair.added == pytest.approx(beta, rel=1e-9)
    assert posterior.posterior_variance(pair) == pytest.approx(beta, rel=1e-9)
    assert posterior.mean_weights(pair) == pytest.approx((0, math.sqrt(1 - beta)), rel=1e-9)


@pytest.mark.parametrize("settings_of", STEEP)
def test_the_logarithms_of_a_steep_schedule_are_finite_and_fall(settings_of: sampling.Schedule) -> None:
    schedule = NoiseSchedule.from_settings(settings_of)
    assert np.all(np.diff(schedule.log_snr) < 0)
    assert np.isfinite(schedule.log_snr[1:]).all()
    known = schedule.alpha_bar > 1e-290
    np.testing.assert_allclose(schedule.log_alpha_bar[known], np.log(schedule.alpha_bar[known]), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(schedule.log_snr[known][1:], np.log(schedule.snr[known][1:]), rtol=1e-12, atol=1e-12)
