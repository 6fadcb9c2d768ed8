import numpy as np
import pytest
import torch

from diffviz.domain import sampling
from diffviz.domain.arrays import F64
from diffviz.theory import forward
from diffviz.theory.schedules import NoiseSchedule
from tests.theory import reference

LINEAR = NoiseSchedule.from_settings(sampling.Linear())
COARSE = NoiseSchedule.from_settings(sampling.Linear(8, 0.02, 0.5))
ALL = [NoiseSchedule.from_settings(cls()) for cls in sampling.SCHEDULES.values()]
N = 100_000


def chain(x0: F64, eps: F64, schedule: NoiseSchedule, *, scaled: bool = True) -> list[F64]:
    """x_0 … x_T; `eps[s - 1]` is ε_s."""
    xs = [x0]
    for t in range(1, schedule.timesteps + 1):
        xs.append(forward.step(xs[-1], schedule.beta[t], eps[t - 1], scaled=scaled))
    return xs


def combine(noise: F64, eps: F64, schedule: NoiseSchedule, t: int) -> F64:
    pair = schedule.pair(t, t - 1)
    return forward.combine(noise, eps, pair.keep * pair.sigma_prev, pair.added**0.5, pair.sigma)


@pytest.mark.parametrize("schedule", ALL)
def test_the_chain_is_the_closed_form_with_its_combined_noise(schedule: NoiseSchedule) -> None:
    rng = np.random.default_rng(1)
    x, eps = rng.normal(size=(2, 5)), rng.normal(size=(schedule.timesteps, 2, 5))
    x0, noise = x, np.zeros_like(x)
    for t in range(1, schedule.timesteps + 1):
        x = forward.step(x, schedule.beta[t], eps[t - 1])
        noise = combine(noise, eps[t - 1], schedule, t)
        if t in (1, 2, 50, 500, 1000):
            np.testing.assert_allclose(noise, forward.combined(eps, schedule, t), rtol=1e-8, atol=1e-10)
            np.testing.assert_allclose(x, forward.marginal(x0, schedule.alpha_bar[t], noise), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("schedule", ALL)
def test_the_combined_noise_is_standard_normal(schedule: NoiseSchedule) -> None:
    weights = forward.combined(np.eye(schedule.timesteps), schedule, 700)  # one ε_s per column: its weight
    assert np.sum(weights**2) == pytest.approx(1, rel=1e-9)
    assert np.all(weights[700:] == 0)


def test_the_first_combined_noise_is_the_first_steps_and_later_ones_are_not() -> None:
    eps = np.random.default_rng(2).normal(size=(8, 3))
    np.testing.assert_allclose(combine(np.full(3, np.pi), eps[0], COARSE, 1), eps[0], rtol=1e-12)
    assert not np.allclose(forward.combined(eps, COARSE, 5), eps[4], atol=0.1)


@pytest.mark.parametrize("t", [1, 300, 1000])
def test_the_closed_form_is_that_of_diffusers(t: int) -> None:
    x0, eps = np.random.default_rng(3).normal(size=(2, 4, 3, 5, 5))
    scheduler = reference.ddpm(LINEAR)
    theirs = scheduler.add_noise(torch.tensor(x0), torch.tensor(eps), torch.tensor([t - 1]))  # their k is t − 1
    np.testing.assert_allclose(forward.marginal(x0, LINEAR.alpha_bar[t], eps), theirs.numpy(), rtol=1e-12)


def test_both_paths_have_the_stated_marginals() -> None:
    rng = np.random.default_rng(4)
    x0 = rng.uniform(-1, 1, size=N)  # mean 0, variance 1/3; not Gaussian, which the moments do not need
    eps = rng.normal(size=(8, N))
    xs = chain(x0, eps, COARSE)
    for t in range(1, 9):
        variance = COARSE.alpha_bar[t] / 3 + 1 - COARSE.alpha_bar[t]
        for x in (xs[t], forward.marginal(x0, COARSE.alpha_bar[t], eps[0])):
            assert x.mean() == pytest.approx(0, abs=5 * np.sqrt(variance / N))  # five standard errors
            assert x.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / N))


def test_given_an_image_the_marginal_has_its_mean_and_variance() -> None:
    eps = np.random.default_rng(5).normal(size=(8, N))
    x = chain(np.full(N, 0.7), eps, COARSE)[6]
    assert x.mean() == pytest.approx(COARSE.alpha[6] * 0.7, abs=5 * COARSE.sigma[6] / np.sqrt(N))
    assert x.std() == pytest.approx(COARSE.sigma[6], rel=5 * np.sqrt(0.5 / N))


def partial_covariance(x: F64, y: F64, given: F64) -> float:
    """Covariance of x and y that is left once `given` is known; 0 for the ends of a Gaussian Markov chain."""
    c = np.cov([x, y, given])
    return float(c[0, 1] - c[0, 2] * c[1, 2] / c[2, 2])


def correlation(x: F64, y: F64) -> float:
    return float(np.mean((x - x.mean()) * (y - y.mean())) / (x.std() * y.std()))


def test_the_chain_is_markov_and_one_fixed_noise_is_not() -> None:
    rng = np.random.default_rng(6)
    x0, eps = rng.normal(size=N) * 0.5, rng.normal(size=(8, N))
    walked = chain(x0, eps, COARSE)
    fixed = [forward.marginal(x0, a, eps[0]) for a in COARSE.alpha_bar]
    past, now, future = 1, 3, 6
    assert partial_covariance(walked[past], walked[future], walked[now]) == pytest.approx(0, abs=0.01)
    assert abs(partial_covariance(fixed[past], fixed[future], fixed[now])) > 0.05


def test_consecutive_timesteps_share_more_with_one_fixed_noise_than_along_the_chain() -> None:
    rng = np.random.default_rng(7)
    x0, eps = rng.normal(size=N), rng.normal(size=(8, N))
    walked = correlation(*chain(x0, eps, COARSE)[4:6])
    fixed = correlation(*(forward.marginal(x0, a, eps[0]) for a in COARSE.alpha_bar[4:6]))
    assert walked == pytest.approx(np.sqrt(1 - COARSE.beta[5]), abs=0.01)
    assert fixed == pytest.approx(COARSE.alpha[4] * COARSE.alpha[5] + COARSE.sigma[4] * COARSE.sigma[5], abs=0.01)


def test_without_scaling_the_data_keeps_its_coefficient_and_the_variance_grows() -> None:
    eps = np.random.default_rng(8).normal(size=(8, N))
    x = chain(np.full(N, 3.0), eps, COARSE, scaled=False)[-1]
    variance = COARSE.beta[1:].sum()
    assert x.mean() == pytest.approx(3, abs=5 * np.sqrt(variance / N))
    assert x.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / N))
