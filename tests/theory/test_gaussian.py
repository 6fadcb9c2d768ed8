from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffviz.domain import sampling
from diffviz.theory import forward, gaussians, posterior
from diffviz.theory.schedules import NoiseSchedule, visits

MEAN, STD = 0.4, 0.6


def at(alpha_bar: float) -> tuple[float, float]:
    """α and σ where the variance is preserved."""
    return float(np.sqrt(alpha_bar)), float(np.sqrt(1 - alpha_bar))


def test_the_marginal_is_that_of_noised_data() -> None:
    rng, n = np.random.default_rng(21), 200_000
    x = forward.marginal(rng.normal(MEAN, STD, n), 0.3, rng.normal(size=n))
    mean, std = gaussians.marginal(MEAN, STD, *at(0.3))
    assert x.mean() == pytest.approx(mean, abs=5 * std / np.sqrt(n))  # five standard errors
    assert x.std() == pytest.approx(std, rel=5 * np.sqrt(0.5 / n))


@pytest.mark.parametrize("alpha_bar", [0.999, 0.5, 1e-4])
@pytest.mark.parametrize("x_t", [-2.0, 0.3])
def test_the_optimal_denoiser_is_the_posterior_mean(alpha_bar: float, x_t: float) -> None:
    x0 = MEAN + STD * np.linspace(-12, 12, 400_001)
    log_density = -((x0 - MEAN) ** 2) / (2 * STD**2) - (x_t - np.sqrt(alpha_bar) * x0) ** 2 / (2 * (1 - alpha_bar))
    weights = np.exp(log_density - log_density.max())
    weights /= weights.sum()
    eps = (x_t - np.sqrt(alpha_bar) * x0) / np.sqrt(1 - alpha_bar)
    x = np.array(x_t)
    x0_hat = np.sum(weights * x0)
    assert float(gaussians.optimal_x0(x, MEAN, STD, *at(alpha_bar))) == pytest.approx(x0_hat, rel=1e-6)
    assert float(gaussians.optimal_eps(x, MEAN, STD, *at(alpha_bar))) == pytest.approx(np.sum(weights * eps), rel=1e-6)
    assert gaussians.x0_variance(STD, *at(alpha_bar)) == pytest.approx(np.sum(weights * (x0 - x0_hat) ** 2), rel=1e-6)


@given(st.floats(-3, 3), st.floats(0, 2), st.floats(1e-6, 0.999), st.floats(-5, 5))
@settings(deadline=None, max_examples=50)
def test_both_estimates_make_up_the_sample(mean: float, std: float, alpha_bar: float, x_t: float) -> None:
    x = np.array(x_t)
    x0, eps = (
        gaussians.optimal_x0(x, mean, std, *at(alpha_bar)),
        gaussians.optimal_eps(x, mean, std, *at(alpha_bar)),
    )
    assert float(np.sqrt(alpha_bar) * x0 + np.sqrt(1 - alpha_bar) * eps) == pytest.approx(x_t, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("steps", [1000, 20, 3])
def test_exact_reverse_steps_retrace_the_marginals(steps: int) -> None:
    """x_prev ~ ∫ q(x_prev | x_t, x_0) q(x_0 | x_t): mean and variance come out as the marginal's, for any steps."""
    schedule = NoiseSchedule.from_settings(sampling.Linear())
    mean, std = gaussians.marginal(MEAN, STD, *at(schedule.alpha_bar[1000]))
    for t, t_prev in pairwise(visits(1000, steps, "trailing")):
        a, b = schedule.alpha_bar[t], schedule.alpha_bar[t_prev]
        pair = schedule.pair(t, t_prev)
        of_x0, of_x = posterior.mean_weights(pair)
        slope = np.sqrt(a) * STD**2 / gaussians.marginal(MEAN, STD, *at(a))[1] ** 2
        unknown = posterior.posterior_variance(pair) + of_x0**2 * gaussians.x0_variance(STD, *at(a))
        std = np.sqrt((of_x0 * slope + of_x) ** 2 * std**2 + unknown)
        mean = of_x0 * float(gaussians.optimal_x0(np.array(mean), MEAN, STD, *at(a))) + of_x * mean
        assert (mean, std) == pytest.approx(gaussians.marginal(MEAN, STD, *at(b)), rel=1e-6)


def test_kl_is_the_integral_that_it_stands_for() -> None:
    x = np.linspace(-30, 30, 600_001)
    log_p = -((x - 0.5) ** 2) / (2 * 0.7) - 0.5 * np.log(2 * np.pi * 0.7)
    log_q = -((x + 1.0) ** 2) / (2 * 2.0) - 0.5 * np.log(2 * np.pi * 2.0)
    integral = np.sum(np.exp(log_p) * (log_p - log_q)) * (x[1] - x[0])
    assert float(gaussians.kl(0.5, 0.7, -1.0, 2.0)) == pytest.approx(integral, rel=1e-9)


@given(st.floats(-3, 3), st.floats(0.01, 5), st.floats(-3, 3), st.floats(0.01, 5))
@settings(deadline=None, max_examples=50)
def test_kl_is_never_negative_and_zero_only_for_equals(m_p: float, v_p: float, m_q: float, v_q: float) -> None:
    assert gaussians.kl(m_p, v_p, m_q, v_q) >= -1e-12
    assert gaussians.kl(m_p, v_p, m_p, v_p) == pytest.approx(0, abs=1e-12)
    assert gaussians.kl(m_p, v_p, m_p + 1, v_p) == pytest.approx(0.5 / v_p)


def test_kl_to_pure_noise_is_infinite_for_an_image_and_averages_above_that_of_the_marginal() -> None:
    assert gaussians.kl(np.array([0.0, 1.0]), 0.0, 0.0, 1.0).tolist() == [np.inf, np.inf]
    x0 = np.random.default_rng(22).normal(MEAN, STD, 20_000)
    mean, std = gaussians.marginal(MEAN, STD, *at(0.4))
    each = gaussians.kl(np.sqrt(0.4) * x0, 0.6, 0.0, 1.0)
    assert each.shape == x0.shape
    assert each.mean() > float(gaussians.kl(mean, std**2, 0.0, 1.0)) + 0.05
