"""Divergences, the unscaled chain, the Markov property and what is left at T, each against what is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from diffviz.domain.sampling import Cosine, Linear, ScaledLinear
from diffviz.theory import gaussians
from diffviz.theory.forward import (
    Triples,
    chain_triples,
    correlation,
    ddim_triples,
    moments,
    partial_correlation,
    simulated,
)
from diffviz.theory.gaussians import (
    beginning,
    divergences,
    js_integrand,
    kl_integrand,
    kl_to_prior,
    log_density,
    neighbour_correlation,
    neighbour_curve,
)
from diffviz.theory.posterior import prior
from diffviz.theory.processes import ExplodingProcess, FlowProcess, Process, VariancePreserving
from diffviz.theory.schedules import NoiseSchedule
from diffviz.theory.shared_time import course

LINEAR, COSINE = (NoiseSchedule.from_settings(s) for s in (Linear(), Cosine()))
PAIRS = [(0, 1, 0, 1), (0, 1, 1, 2), (-2, 0.3, 1.5, 1), (0, 0.05, 0, 3), (0, 1, 30, 1)]


def uniform(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, n)


CHAIN = VariancePreserving(LINEAR)


class TestDivergences:
    @pytest.mark.parametrize("pair", PAIRS)
    def test_areas_are_the_numbers(self, pair: tuple[float, float, float, float]) -> None:
        mp, sp, mq, sq = pair
        found = divergences(*pair)
        xs = np.unique(np.concatenate([mp + sp * np.linspace(-12, 12, 40001), mq + sq * np.linspace(-12, 12, 40001)]))
        assert np.trapezoid(kl_integrand(xs, mp, sp, mq, sq), xs) == pytest.approx(found.forward, rel=1e-4, abs=1e-9)
        assert np.trapezoid(kl_integrand(xs, mq, sq, mp, sp), xs) == pytest.approx(found.reverse, rel=1e-4, abs=1e-9)
        assert np.trapezoid(js_integrand(xs, *pair), xs) == pytest.approx(found.js, rel=1e-4, abs=1e-9)
        assert (js_integrand(xs, *pair) >= -1e-15).all()
        assert np.trapezoid(np.exp(log_density(xs, mp, sp)), xs) == pytest.approx(1, abs=1e-6)

    def test_kl_has_two_directions_and_js_one(self) -> None:
        a, b = divergences(0, 1, 1, 2), divergences(1, 2, 0, 1)
        assert (a.forward, a.reverse) == pytest.approx((b.reverse, b.forward))
        assert a.forward != pytest.approx(a.reverse, rel=0.1)
        assert a.js == pytest.approx(b.js)

    def test_js_lies_between_nothing_and_one_bit(self) -> None:
        assert divergences(0, 1, 0, 1).js == pytest.approx(0, abs=1e-12)
        assert divergences(0, 1, 100, 1).js == pytest.approx(math.log(2))


class TestScaling:
    @pytest.mark.parametrize("scaled", [True, False])
    def test_measured_chains_follow_the_theory(self, scaled: bool) -> None:
        x0 = uniform(20_000)
        theory = moments(LINEAR, float(np.var(x0)), scaled=scaled)
        seen = simulated(x0, LINEAR, np.random.default_rng(1), scaled=scaled, every=100)
        np.testing.assert_allclose(seen.variance, theory.variance[seen.t], rtol=0.05)
        np.testing.assert_allclose(seen.coefficient, theory.coefficient[seen.t], atol=0.12 if not scaled else 0.04)

    def test_without_the_factor_the_variance_grows_by_the_sum_of_beta(self) -> None:
        unscaled = moments(LINEAR, 0.5, scaled=False)
        assert unscaled.variance[-1] - unscaled.variance[0] == pytest.approx(10.05)
        assert (unscaled.coefficient == 1).all()

    def test_with_it_the_variance_tends_to_one(self) -> None:
        scaled = moments(LINEAR, 0.5)
        assert scaled.variance[0] == 0.5
        assert scaled.variance[-1] == pytest.approx(1, abs=1e-4)
        assert (np.diff(scaled.variance) > 0).all()  # it rises: images start below one
        assert scaled.coefficient[-1] < 0.01

    def test_a_slope_needs_values_that_differ(self) -> None:
        with pytest.raises(ValueError, match="differ"):
            simulated(np.ones(5), LINEAR, np.random.default_rng(0))


class TestMarkov:
    @pytest.mark.parametrize(("t", "gap"), [(100, 1), (300, 50), (500, 200)])
    def test_the_chain_forgets_and_ddim_does_not(self, t: int, gap: int) -> None:
        x0, rng = np.sign(uniform(5000, 3)) * 0.8, np.random.default_rng(4)
        chain = partial_correlation(chain_triples(x0, CHAIN, t, gap, rng))
        assert chain.low < 0 < chain.high
        other = partial_correlation(ddim_triples(x0, CHAIN, t, gap, 0.1, rng))
        assert abs(other.value) > 0.2
        assert not other.low < 0 < other.high

    def test_the_interval_holds_zero_as_often_as_it_says(self) -> None:
        hits = []
        for seed in range(400):
            rng = np.random.default_rng(seed)
            found = partial_correlation(chain_triples(rng.uniform(-1, 1, 200), CHAIN, 200, 20, rng))
            hits.append(found.low < 0 < found.high)
        assert 0.92 < np.mean(hits) < 0.98

    def test_jointly_they_are_correlated_all_the_same(self) -> None:
        triples = chain_triples(uniform(5000), CHAIN, 200, 10, np.random.default_rng(1))
        assert correlation(triples.before, triples.after).low > 0.5

    @pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
    def test_both_processes_have_the_same_marginals(self, eta: float) -> None:
        x0 = np.full(200_000, 0.7)
        triples = ddim_triples(x0, CHAIN, 300, 100, eta, np.random.default_rng(1))
        for values, t in ((triples.before, 200), (triples.now, 300), (triples.after, 400)):
            assert values.mean() == pytest.approx(0.7 * float(LINEAR.alpha[t]), abs=0.01)
            assert values.std() == pytest.approx(float(LINEAR.sigma[t]), abs=0.01)

    def test_eta_one_is_the_chain(self) -> None:
        found = partial_correlation(ddim_triples(uniform(5000), CHAIN, 300, 50, 1.0, np.random.default_rng(8)))
        assert found.low < 0 < found.high

    def test_the_chains_large_steps_are_its_small_ones_in_one(self) -> None:
        rng, x = np.random.default_rng(2), np.full(100_000, 0.5)
        for t in range(1, 31):
            x = math.sqrt(1 - LINEAR.beta[t]) * x + math.sqrt(LINEAR.beta[t]) * rng.standard_normal(len(x))
        once = chain_triples(np.full(100_000, 0.5), CHAIN, 20, 10, rng).after
        assert (x.mean(), x.std()) == pytest.approx((once.mean(), once.std()), abs=0.01)

    def test_a_trajectory_that_x_t_determines_has_no_such_correlation(self) -> None:
        x = uniform(50)
        assert math.isnan(partial_correlation(Triples(x, x, 2 * x)).value)

    def test_instants_outside_the_process_are_refused(self) -> None:
        for t, gap in ((5, 5), (1000, 1), (10, 0)):
            with pytest.raises(ValueError, match="lie between"):
                chain_triples(uniform(9), CHAIN, t, gap, np.random.default_rng(0))

    @pytest.mark.parametrize(("process", "t", "gap"), [(FlowProcess(), 0.5, 0.1), (ExplodingProcess(80.0), 2.0, 0.5)])
    def test_a_process_without_beta_is_a_markov_chain_too(self, process: Process, t: float, gap: float) -> None:
        x0, rng = np.sign(uniform(5000, 3)) * 0.8, np.random.default_rng(4)
        triples = chain_triples(x0, process, t, gap, rng)
        chain = partial_correlation(triples)
        assert chain.low < 0 < chain.high
        other = partial_correlation(ddim_triples(x0, process, t, gap, 0.1, rng))
        assert not other.low < 0 < other.high
        alpha, sigma = process.at(t + gap)
        assert triples.after.std() == pytest.approx(math.hypot(0.8 * alpha, sigma), rel=0.05)


class TestLeftover:
    def test_the_divergence_is_that_of_two_gaussians(self) -> None:
        x0 = np.random.default_rng(1).uniform(-1, 1, (3, 1, 5, 4))
        found = kl_to_prior(x0, LINEAR.alpha, LINEAR.sigma)
        assert found[0] == math.inf
        for t in (1, 300, 1000):
            abar = float(LINEAR.alpha_bar[t])
            each = gaussians.kl(math.sqrt(abar) * x0, 1 - abar, 0.0, 1.0).reshape(3, -1).sum(1)
            assert found[t] == pytest.approx(each.mean())
        assert (np.diff(found) < 0).all()
        assert found[-1] == pytest.approx(prior(x0, float(LINEAR.alpha_bar[-1])).mean())

    def test_it_averages_above_the_marginals(self) -> None:
        """The KL of q(x_t) is smaller: data N(0, 1) give N(0, 1) at every t."""
        x0 = np.random.default_rng(1).standard_normal((2000, 1, 1, 1))
        assert kl_to_prior(x0, LINEAR.alpha, LINEAR.sigma)[200] > 0.3

    def test_neighbours_lose_their_correlation_as_the_curve_says(self) -> None:
        rng = np.random.default_rng(1)
        noise = rng.standard_normal((400, 1, 12, 13))
        x0 = 0.5 * (noise[..., 1:] + noise[..., :-1])  # neighbours share a half
        curve = neighbour_curve(x0, LINEAR.alpha, LINEAR.sigma)
        assert curve[0] == pytest.approx(neighbour_correlation(x0), abs=1e-6)
        assert curve[0] == pytest.approx(0.5, abs=0.02)
        for t in (200, 500, 1000):
            x = LINEAR.alpha[t] * x0 + LINEAR.sigma[t] * rng.standard_normal(x0.shape)
            assert neighbour_correlation(x) == pytest.approx(curve[t], abs=0.02)
        assert abs(curve[-1]) < 1e-4
        assert math.isnan(neighbour_correlation(np.ones((1, 1, 3, 3))))

    def test_signal_left_in_at_the_first_step_is_noticed(self) -> None:
        leading = beginning(981, *VariancePreserving(COSINE).at(981), 1000)
        assert leading.signal
        assert leading.alpha == pytest.approx(0.03, abs=0.005)
        assert leading.skipped == 19
        assert not beginning(1000, *VariancePreserving(COSINE).at(1000), 1000).signal
        stable = NoiseSchedule.from_settings(ScaledLinear())
        assert beginning(
            1000, *VariancePreserving(stable).at(1000), 1000
        ).signal  # Lin et al. 2024, table 1: √ᾱ_T = 0.068

    @pytest.mark.parametrize(
        ("process", "left"), [(FlowProcess(), 0.0), (ExplodingProcess(80.0), 0.5 * 20 / 80**2 / 3)]
    )
    def test_a_process_without_beta_leaves_what_its_end_says(self, process: Process, left: float) -> None:
        x0 = np.random.default_rng(1).uniform(-1, 1, (3000, 1, 5, 4))
        along = course(process)
        found = kl_to_prior(x0, along.alpha, along.sigma, process.start_std)
        assert found[0] == math.inf
        assert found[-1] == pytest.approx(left, rel=0.02, abs=1e-12)
        middle = len(found) // 2
        alpha, sigma = along.alpha[middle], along.sigma[middle]
        each = gaussians.kl(alpha * x0, sigma**2, 0.0, process.start_std**2).reshape(len(x0), -1).sum(1)
        assert found[middle] == pytest.approx(each.mean())
        assert abs(neighbour_curve(x0, along.alpha, along.sigma)[-1]) < 1e-3
        assert beginning(process.T * 0.005, *process.at(process.T * 0.005), process.T).signal
