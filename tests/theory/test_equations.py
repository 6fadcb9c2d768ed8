"""The numbers in the equations of a step: consistent with each other, with the samplers and with the closed form."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from diffviz.domain.sampling import Cosine, Ddim, Ddpm, DpmPlusPlus, Euler, Heun, Linear
from diffviz.theory import forward, posterior
from diffviz.theory.posterior import equations, terms, visited_steps
from diffviz.theory.processes import VariancePreserving
from diffviz.theory.schedules import NoiseSchedule, pair_of, visits

SCHEDULE = NoiseSchedule.from_settings(Cosine())
PAIRS = [(1000, 980), (500, 499), (300, 200), (2, 1), (20, 0), (1, 0)]
RNG = np.random.default_rng(2)


def bars(t: int, t_prev: int) -> tuple[float, float]:
    return float(SCHEDULE.alpha_bar[t]), float(SCHEDULE.alpha_bar[t_prev])


@pytest.mark.parametrize(("t", "t_prev"), PAIRS)
def test_two_ways_to_the_same_marginal(t: int, t_prev: int) -> None:
    """The Markov step after the closed form at t_prev is the closed form at t."""
    e = equations(t, t_prev, pair_of(*bars(t, t_prev)))
    before = math.sqrt(e.alpha_bar_prev), 1 - e.alpha_bar_prev
    assert e.sqrt_one_minus_beta * before[0] == pytest.approx(e.alpha)
    assert e.sqrt_one_minus_beta**2 * before[1] + e.sqrt_beta**2 == pytest.approx(e.sigma**2)
    assert e.sqrt_one_minus_beta**2 + e.sqrt_beta**2 == pytest.approx(1)


@pytest.mark.parametrize(("t", "t_prev"), PAIRS)
def test_the_posterior_is_bayes_rule(t: int, t_prev: int) -> None:
    """q(x_t | x_prev) q(x_prev | x_0) / q(x_t | x_0), completed to a square."""
    e = equations(t, t_prev, pair_of(*bars(t, t_prev)))
    if e.alpha_bar_prev == 1:
        assert (e.mu_x0, e.mu_xt, e.beta_tilde) == pytest.approx((1, 0, 0))
        return
    precision = e.sqrt_one_minus_beta**2 / e.beta + 1 / (1 - e.alpha_bar_prev)
    assert e.beta_tilde == pytest.approx(1 / precision)
    assert e.mu_xt == pytest.approx(e.sqrt_one_minus_beta / e.beta / precision)
    assert e.mu_x0 == pytest.approx(math.sqrt(e.alpha_bar_prev) / (1 - e.alpha_bar_prev) / precision)


@pytest.mark.parametrize("variance", ["posterior", "beta"])
@pytest.mark.parametrize(("t", "t_prev"), PAIRS)
def test_every_form_of_the_ddpm_step_is_the_same(t: int, t_prev: int, variance: str) -> None:
    e = equations(t, t_prev, pair_of(*bars(t, t_prev)), variance)
    x0, eps = RNG.standard_normal((2, 3, 3))
    x = e.alpha * x0 + e.sigma * eps
    by_mean = e.mu_x0 * x0 + e.mu_xt * x
    by_noise = e.inverse * (x - e.removed * eps)
    three = terms(Ddpm(variance), pair_of(*bars(t, t_prev)))
    assert three is not None
    assert three.std == e.ddpm_std
    tolerance = 1e-10 / e.alpha  # the form with ε̂ divides by √ᾱ_t
    np.testing.assert_allclose(by_mean, by_noise, atol=tolerance)
    np.testing.assert_allclose(three.x0 * x0 + three.eps * eps, by_mean, atol=1e-10)


@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(("t", "t_prev"), PAIRS)
def test_ddims_terms_keep_the_marginal(t: int, t_prev: int, eta: float) -> None:
    e = equations(t, t_prev, pair_of(*bars(t, t_prev)), eta=eta)
    assert e.ddim_x0 == pytest.approx(math.sqrt(e.alpha_bar_prev))
    assert e.ddim_eps**2 + e.ddim_std**2 == pytest.approx(1 - e.alpha_bar_prev)
    assert e.ddim_std == pytest.approx(eta * math.sqrt(e.beta_tilde))


def test_eta_one_is_ddpm() -> None:
    ddim, ddpm = (terms(s, pair_of(*bars(300, 200))) for s in (Ddim(1.0), Ddpm("posterior")))
    assert ddim is not None
    assert ddpm is not None
    assert (ddim.x0, ddim.eps, ddim.std) == pytest.approx((ddpm.x0, ddpm.eps, ddpm.std))


def test_samplers_with_more_evaluations_are_no_such_sum() -> None:
    assert terms(Heun(), pair_of(*bars(300, 200))) is None
    assert terms(DpmPlusPlus(), pair_of(*bars(300, 200))) is None
    assert terms(Euler(), pair_of(*bars(300, 200))) == terms(Ddim(0.0), pair_of(*bars(300, 200)))


@pytest.mark.parametrize("variance", ["posterior", "beta"])
def test_the_weight_is_equation_12s(variance: str) -> None:
    schedule = NoiseSchedule.from_settings(Linear())
    for t in (2, 10, 500, 1000):
        e = equations(t, t - 1, schedule.pair(t, t - 1), variance)
        beta = schedule.beta[t]
        expected = beta**2 / (2 * e.ddpm_std**2 * (1 - beta) * (1 - schedule.alpha_bar[t]))
        assert e.weight == pytest.approx(expected, rel=1e-9)
    last = equations(1, 0, schedule.pair(1, 0), variance)
    assert math.isnan(last.weight)


def test_consecutive_steps_have_the_schedules_beta() -> None:
    e = equations(500, 499, pair_of(*bars(500, 499)))
    assert e.beta == pytest.approx(float(SCHEDULE.beta[500]))
    x, eps = RNG.standard_normal((2, 4))
    np.testing.assert_allclose(e.sqrt_one_minus_beta * x + e.sqrt_beta * eps, forward.step(x, e.beta, eps))


@pytest.mark.parametrize("spacing", ["trailing", "linspace", "leading"])
@pytest.mark.parametrize("sampler", [Ddpm("beta"), Ddim(0.5), Euler(), Heun()])
def test_the_table_of_visited_steps(spacing: str, sampler: Any) -> None:
    path = visits(1000, 20, spacing)
    rows = visited_steps(path, VariancePreserving(SCHEDULE), sampler)
    assert [row.t for row in rows] == list(path[:-1])
    assert [row.t_prev for row in rows] == list(path[1:])
    for row in rows:
        assert row.pair == SCHEDULE.pair(int(row.t), int(row.t_prev))
    if isinstance(sampler, Ddim):
        expected = 0.5 * math.sqrt(posterior.posterior_variance(rows[3].pair))
        assert rows[3].std == pytest.approx(expected)
    if not isinstance(sampler, Ddpm | Ddim):
        assert not any(row.std for row in rows)
    assert rows[-1].std == 0
