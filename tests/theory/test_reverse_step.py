"""The exact reverse step: Bayes' rule on a grid, known Gaussians, and the way from several modes to one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from diffviz.domain.sampling import Cosine
from diffviz.theory import gaussians, posterior
from diffviz.theory.gaussians import Mixture
from diffviz.theory.posterior import exact_step, given_x0, modes, optimal_variance, reverse_step
from diffviz.theory.schedules import NoiseSchedule, pair_of

SCHEDULE = NoiseSchedule.from_settings(Cosine())
DATA = Mixture.of([[-1.0], [0.4], [1.1]], [0.1, 0.2, 0.05], [0.5, 0.2, 0.3])
XS = np.linspace(-6, 6, 12001)


def bars(t: int, s: int) -> tuple[float, float]:
    return float(SCHEDULE.alpha_bar[t]), float(SCHEDULE.alpha_bar[s])


def normal(x: np.ndarray, mean: np.ndarray | float, std: float) -> np.ndarray:
    return np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * math.sqrt(2 * math.pi))


@pytest.mark.parametrize(("t", "s"), [(500, 499), (500, 300), (900, 100), (700, 0)])
@pytest.mark.parametrize("x", [-0.8, 0.1, 1.5])
def test_it_is_bayes_rule_on_a_grid(t: int, s: int, x: float) -> None:
    here, before = bars(t, s)
    kept = here / before
    joint = DATA.noised(math.sqrt(before), math.sqrt(1 - before)).density(XS[:, None])
    joint = joint * normal(np.full_like(XS, x), math.sqrt(kept) * XS, math.sqrt(1 - kept))
    joint /= np.trapezoid(joint, XS)
    step = reverse_step(DATA, x, pair_of(here, before))
    np.testing.assert_allclose(step.exact.density(XS[:, None]), joint, atol=1e-6)
    mean = np.trapezoid(XS * joint, XS)
    assert step.mean == pytest.approx(mean, abs=1e-6)
    assert step.std == pytest.approx(math.sqrt(np.trapezoid((XS - mean) ** 2 * joint, XS)), abs=1e-6)


def test_it_is_the_posterior_given_x0_averaged_over_what_x0_can_be() -> None:
    here, before = bars(600, 250)
    x = 0.2
    over = DATA.posterior([x], math.sqrt(here), math.sqrt(1 - here))  # q(x_0 | x_t)
    total = np.zeros_like(XS)
    rng = np.random.default_rng(1)
    for x0 in over.sample(4000, rng)[:, 0]:
        mean, std = given_x0(float(x0), x, pair_of(here, before))
        total += normal(XS, mean, std) / 4000
    np.testing.assert_allclose(total, exact_step(DATA, x, pair_of(here, before)).density(XS[:, None]), atol=0.05)


def test_given_x0_it_is_gaussian_with_the_known_moments() -> None:
    here, before = bars(600, 250)
    point = Mixture.of([[0.3]], 1e-6)
    step = reverse_step(point, 0.9, pair_of(here, before))
    mean, std = given_x0(0.3, 0.9, pair_of(here, before))
    assert (step.mean, step.std) == pytest.approx((mean, std), rel=1e-6)
    assert step.divergence == pytest.approx(0, abs=1e-9)


def test_large_steps_have_several_modes_and_small_ones_are_gaussian() -> None:
    data, x = Mixture.of([[-1.0], [1.0]], 0.1), 0.05
    found = [reverse_step(data, x, pair_of(*bars(500, 500 - k))) for k in (1, 20, 100, 400, 500)]
    assert [step.modes for step in found] == [1, 1, 1, 2, 2]
    divergences = [step.divergence for step in found]
    assert divergences == sorted(divergences)
    assert divergences[0] < 1e-6
    assert divergences[-1] > 0.5


def test_gaussian_data_have_gaussian_steps_of_any_size() -> None:
    data = Mixture.of([[0.3]], 0.5)
    for s in (499, 300, 0):
        here, before = bars(500, s)
        step = reverse_step(data, 0.7, pair_of(here, before))
        assert step.divergence == pytest.approx(0, abs=1e-9)
        assert step.modes == 1
        assert step.std**2 == pytest.approx(optimal_variance(0.5, pair_of(here, before)))


@pytest.mark.parametrize(("t", "s"), [(500, 499), (500, 300), (3, 2), (1, 0)])
def test_beta_is_best_for_unit_data_and_beta_tilde_for_one_point(t: int, s: int) -> None:
    pair = pair_of(*bars(t, s))
    assert optimal_variance(1.0, pair) == pytest.approx(pair.added)
    assert optimal_variance(1e-9, pair) == pytest.approx(posterior.posterior_variance(pair), abs=1e-12)
    between = optimal_variance(0.5, pair)
    assert posterior.posterior_variance(pair) < between < pair.added
    assert between < optimal_variance(0.9, pair)


def test_the_best_variance_is_the_best_of_all() -> None:
    """No σ² makes the mean KL to the exact steps of Gaussian data smaller."""
    here, before = bars(400, 350)
    best = optimal_variance(0.6, pair_of(here, before))
    costs = [float(gaussians.kl(0.0, best, 0.0, best * r)) for r in (0.7, 0.9, 1.0, 1.1, 1.4)]
    assert min(costs) == costs[2] == 0


def test_modes_of_known_mixtures() -> None:
    assert modes(Mixture.of([[0.0]], 1.0)) == 1
    assert modes(Mixture.of([[-0.9], [0.9]], 1.0)) == 1  # two equal Gaussians part at two deviations
    assert modes(Mixture.of([[-1.1], [1.1]], 1.0)) == 2
    assert modes(Mixture.of([[-3.0], [0.0], [3.0]], [0.5, 0.01, 0.5])) == 3
