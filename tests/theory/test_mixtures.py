"""Mixtures against numerical integration, finite differences and Monte Carlo."""

from __future__ import annotations

import numpy as np
import pytest

from diffviz.theory.gaussians import Mixture, marginal, optimal_x0

TWO = Mixture.of([[-1.0], [2.0]], [0.5, 0.2], [1.0, 3.0])
PLANE = Mixture.of([[0.0, 1.0], [1.5, -0.5], [-2.0, 0.3]], [0.3, 0.6, 0.4], [0.2, 0.5, 0.3])
LINE = np.linspace(-8, 8, 20001)[:, None]
STEP = LINE[1, 0] - LINE[0, 0]


def test_density_integrates_to_one() -> None:
    assert TWO.density(LINE).sum() * STEP == pytest.approx(1, abs=1e-9)


def test_moments_are_those_of_the_draws() -> None:
    drawn = PLANE.sample(200_000, np.random.default_rng(0))
    assert drawn.mean(0) == pytest.approx(PLANE.mean, abs=0.01)
    assert np.cov(drawn.T) == pytest.approx(PLANE.covariance, abs=0.02)


def test_score_is_the_gradient_of_the_log_density() -> None:
    x = np.random.default_rng(1).normal(size=(50, 2))
    for axis in range(2):
        step = np.zeros(2)
        step[axis] = 1e-5
        slope = (PLANE.log_density(x + step) - PLANE.log_density(x - step)) / 2e-5
        assert PLANE.score(x)[:, axis] == pytest.approx(slope, abs=1e-5)


def test_one_gaussian_is_the_closed_form() -> None:
    one = Mixture.of([[0.7]], 0.4)
    mean, std = marginal(0.7, 0.4, 0.3**0.5, 0.7**0.5)
    noised = one.noised(0.3**0.5, 0.7**0.5)
    assert (noised.means[0, 0], noised.stds[0]) == pytest.approx((mean, std))
    assert one.denoised(LINE, 0.3**0.5, 0.7**0.5) == pytest.approx(optimal_x0(LINE, 0.7, 0.4, 0.3**0.5, 0.7**0.5))


@pytest.mark.parametrize("alpha", [0.05, 0.6, 0.99])
def test_posterior_is_bayes_rule(alpha: float) -> None:
    sigma, x = (1 - alpha**2) ** 0.5, np.array([0.4])
    joint = TWO.density(LINE) * np.exp(-0.5 * ((x - alpha * LINE[:, 0]) / sigma) ** 2)
    exact = joint / (joint.sum() * STEP)
    posterior = TWO.posterior(x, alpha, sigma)
    assert posterior.density(LINE) == pytest.approx(exact, abs=1e-6)
    assert TWO.denoised(x, alpha, sigma) == pytest.approx(posterior.mean)


def test_what_is_no_mixture_is_refused() -> None:
    for means, std, weights in (([], 1.0, None), ([[0.0]], 0.0, None), ([[0.0]], 1.0, [-1.0])):
        with pytest.raises(ValueError, match=r"means|positive"):
            Mixture.of(means, std, weights)
