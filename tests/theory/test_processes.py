"""Noising processes: α and σ at any time, log-SNR as their common clock, the ends, and which times are visited."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffviz.domain import sampling as names
from diffviz.domain.tagged import from_json, to_json
from diffviz.theory import posterior
from diffviz.theory.processes import (
    SPACINGS,
    ExplodingProcess,
    FlowProcess,
    Process,
    VariancePreserving,
    process_of,
)
from diffviz.theory.schedules import NoiseSchedule, Pair, pair_between
from diffviz.theory.shared_time import course, matched

PRESERVING = [process_of(cls()) for cls in names.SCHEDULES.values()]
FLOW, EXPLODING = process_of(names.Flow()), process_of(names.VarianceExploding())
COSINE = process_of(names.Cosine())
ALL = [*PRESERVING, FLOW, EXPLODING, process_of(names.VarianceExploding(3.0))]
SHARE = st.floats(0, 1)


def test_every_settings_class_has_its_process() -> None:
    made = {key: process_of(cls()) for key, cls in names.PROCESSES.items()}
    assert {key for key, process in made.items() if isinstance(process, VariancePreserving)} == set(names.SCHEDULES)
    assert isinstance(made["flow"], FlowProcess)
    assert isinstance(made["ve"], ExplodingProcess)
    assert process_of(names.VarianceExploding(50.0)) is process_of(names.VarianceExploding(50.0))


def test_only_a_noise_schedule_has_plots_of_beta_and_alpha_bar() -> None:
    assert COSINE.plots == ("beta", "alpha_bar", "snr")
    for process in (FLOW, EXPLODING):
        assert not {"beta", "alpha_bar"} & set(process.plots)


@pytest.mark.parametrize("settings_of", [cls() for cls in names.SCHEDULES.values()])
def test_at_whole_timesteps_it_is_the_noise_schedule(settings_of: names.Schedule) -> None:
    schedule, process = NoiseSchedule.from_settings(settings_of), process_of(settings_of)
    for t in range(schedule.timesteps + 1):
        assert process.at(t) == (schedule.alpha[t], schedule.sigma[t])
        assert process.log_snr(t) == schedule.log_snr[t]
        assert process.log_alpha(t) == schedule.log_alpha_bar[t] / 2
    assert schedule.timesteps == process.T


def test_between_timesteps_log_snr_is_interpolated_and_the_variance_preserved() -> None:
    schedule = NoiseSchedule.from_settings(names.Cosine())
    for t in (1.25, 417.5, 998.75):
        below, share = int(t), t - int(t)
        log_snr = (1 - share) * schedule.log_snr[below] + share * schedule.log_snr[below + 1]
        alpha, sigma = COSINE.at(t)
        assert COSINE.log_snr(t) == pytest.approx(log_snr, rel=1e-12)
        assert 2 * math.log(alpha / sigma) == pytest.approx(log_snr, rel=1e-9)
        assert alpha**2 + sigma**2 == pytest.approx(1, rel=1e-12)
    alpha, sigma = COSINE.at(0.25)  # below 1: SNR = SNR_1 / t
    assert (alpha / sigma) ** 2 == pytest.approx(schedule.snr[1] / 0.25, rel=1e-9)
    assert schedule.alpha[1] < alpha < 1


def test_flow_is_a_straight_line_and_exploding_only_adds() -> None:
    assert (FLOW.T, FLOW.at(0.0), FLOW.at(0.3), FLOW.at(1.0)) == (1, (1, 0), (0.7, 0.3), (0, 1))
    assert (EXPLODING.T, EXPLODING.at(0.0), EXPLODING.at(80.0)) == (80, (1, 0), (1, 80))


@pytest.mark.parametrize("process", ALL)
def test_noise_gains_on_the_signal_all_the_way(process: Process) -> None:
    logs = [process.log_snr(t) for t in np.linspace(0, process.T, 700)]
    assert logs[0] == math.inf
    assert all(a > b for a, b in pairwise(logs))


@given(share=SHARE, which=st.sampled_from(range(len(ALL))))
@settings(deadline=None, max_examples=200)
def test_time_is_the_inverse_of_log_snr(share: float, which: int) -> None:
    process = ALL[which]
    t = share * process.T
    assert process.time(process.log_snr(t)) == pytest.approx(t, rel=1e-6, abs=1e-12 * process.T)


@pytest.mark.parametrize("process", ALL)
def test_beyond_its_ends_a_time_is_an_end(process: Process) -> None:
    assert process.time(math.inf) == 0
    assert process.time(-math.inf) == process.T
    assert process.time(1e4) == pytest.approx(0, abs=1e-9)
    assert process.time(-1e4) == process.T


@pytest.mark.parametrize("of", ALL)
@pytest.mark.parametrize("on", ALL)
def test_matched_times_have_one_signal_to_noise_ratio_or_are_an_end(of: Process, on: Process) -> None:
    assert matched(0.0, of, on) == 0.0
    for t in np.linspace(0, of.T, 17)[1:]:
        log_snr, found = of.log_snr(t), matched(t, of, on)
        if log_snr < on.log_snr(on.T):
            assert found == on.T
        else:
            assert on.log_snr(found) == pytest.approx(log_snr, rel=1e-6, abs=1e-6)


def test_a_run_starts_at_noise_of_the_last_sigma() -> None:
    assert (COSINE.start_std, FLOW.start_std, EXPLODING.start_std) == (1, 1, 80)


# -- pairs ----------------------------------------------------------------------------------------------


def bayes(pair: Pair[float], x0: float, xt: float) -> tuple[float, float]:
    """Mean and variance of q(x_s | x_t, x_0): the product of q(x_s | x_0) and of q(x_t | x_s), Gaussians both."""
    prior, step = 1 / pair.sigma_prev**2, pair.keep**2 / pair.added
    precision = prior + step
    mean = (pair.alpha_prev * x0 * prior + pair.keep * xt / pair.added) / precision
    return mean, 1 / precision


@pytest.mark.parametrize("process", ALL)
def test_the_posterior_is_that_of_bayes_for_every_process(process: Process) -> None:
    for now, before in ((1.0, 0.995), (0.8, 0.3), (0.5, 0.499), (0.02, 0.01)):
        pair = process.pair(now * process.T, before * process.T)
        mean, variance = bayes(pair, 0.7, -1.3)
        of_x0, of_xt = posterior.mean_weights(pair)
        assert of_x0 * 0.7 + of_xt * -1.3 == pytest.approx(mean, rel=1e-8)
        assert posterior.posterior_variance(pair) == pytest.approx(variance, rel=1e-8)


@pytest.mark.parametrize("process", ALL)
def test_a_step_carries_one_marginal_into_the_other(process: Process) -> None:
    """x_t = keep x_s + √added ε has α_t and σ_t² of x_0 and of noise."""
    for now, before in ((1.0, 0.5), (0.6, 0.59), (0.3, 0.0)):
        pair = process.pair(now * process.T, before * process.T)
        alpha, sigma = process.at(now * process.T)
        assert pair.keep * pair.alpha_prev == pytest.approx(alpha, rel=1e-12)
        assert pair.keep**2 * pair.sigma_prev**2 + pair.added == pytest.approx(sigma**2, rel=1e-9)
    assert process.pair(process.T, 0.0).added == pytest.approx(process.at(process.T)[1] ** 2, rel=1e-12)


def test_a_pair_of_a_schedule_adds_its_beta_to_the_last_digit() -> None:
    schedule = NoiseSchedule.from_settings(names.Constant(beta=0.6))
    process = process_of(names.Constant(beta=0.6))
    assert process.pair(1000, 999) == schedule.pair(1000, 999)
    assert process.pair(1000, 999).added == pytest.approx(0.6, rel=1e-12)
    between = process.pair(999.5, 998.5)  # ᾱ is far below the smallest float
    assert process.at(999.5)[0] ** 2 == 0
    assert between.added == pytest.approx(0.6, rel=1e-6)


def test_exploding_and_flow_pairs_are_the_textbooks() -> None:
    exploding = EXPLODING.pair(40.0, 30.0)
    assert exploding.keep == 1
    assert exploding.added == pytest.approx(40**2 - 30**2)
    last = FLOW.pair(1.0, 0.75)  # α = 0: nothing of x_s is left in x_t
    assert (last.keep, last.added) == (0, 1)
    assert posterior.mean_weights(last) == (0.25, 0)
    assert posterior.posterior_variance(last) == pytest.approx(0.75**2)


@given(now=st.floats(0.01, 0.999), share=st.floats(0.01, 0.99))
@settings(deadline=None, max_examples=100)
def test_what_a_step_adds_does_not_cancel(now: float, share: float) -> None:
    pair = pair_between((1 - now, now), (1 - now * share, now * share), np.log1p(-now) - np.log1p(-now * share))
    exact = now**2 - ((1 - now) / (1 - now * share)) ** 2 * (now * share) ** 2
    assert pair.added == pytest.approx(exact, rel=1e-9)


# -- visits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("process", ALL)
@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("steps", [1, 2, 7, 100])
def test_visits_fall_from_the_top_to_zero(process: Process, spacing: str, steps: int) -> None:
    taus = process.visits(steps, spacing)
    assert len(taus) == steps + 1
    assert taus[-1] == 0
    assert all(a > b for a, b in pairwise(taus))
    assert (taus[0] == process.T) is (spacing != "leading")
    assert all(t == int(t) for t in taus) or not process.whole


def test_the_spacing_of_karras_is_the_papers() -> None:
    n, rho, low, high = 18, 7, 0.002, 80
    paper = [(high ** (1 / rho) + i / (n - 1) * (low ** (1 / rho) - high ** (1 / rho))) ** rho for i in range(n)]
    assert EXPLODING.visits(n, "karras") == pytest.approx([*paper, 0])
    flow = FLOW.visits(n, "karras")
    assert flow[0] == 1
    ratios = [t / (1 - t) for t in flow[1:-1]]
    assert ratios == pytest.approx([*paper[1:-1], 0.002 / 0.998], rel=0.05)


def test_a_schedule_visits_whole_timesteps_by_karras_as_near_as_can_be() -> None:
    taus = process_of(names.Linear()).visits(900, "karras")
    assert len(set(taus)) == 901
    assert taus[-2:] == (1, 0)
    with pytest.raises(ValueError, match="1000"):
        process_of(names.Linear()).visits(1001, "karras")


def test_uniform_visits_of_a_continuous_process() -> None:
    assert FLOW.visits(4, "trailing") == (1, 0.75, 0.5, 0.25, 0)
    assert FLOW.visits(4, "leading") == (0.75, 0.5, 0.25, 0.002, 0)
    assert FLOW.visits(3, "linspace") == pytest.approx((1, 0.501, 0.002, 0))
    assert EXPLODING.visits(4, "trailing") == (80, 60, 40, 20, 0)
    assert FLOW.visits(1, "linspace") == (1, 0)


def test_a_run_that_starts_between_visits_what_is_left() -> None:
    assert FLOW.visits(4, "trailing", 0.6) == (0.6, 0.5, 0.25, 0)
    assert FLOW.visits(4, "trailing", 0.0) == (0.0,)
    for wrong in (-0.1, 1.1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            FLOW.visits(4, "trailing", wrong)
    with pytest.raises(ValueError, match="unknown spacing"):
        FLOW.visits(4, "log")
    with pytest.raises(ValueError, match="at least 1"):
        FLOW.visits(0, "trailing")


@pytest.mark.parametrize("process", ALL)
def test_a_forward_run_keeps_times_from_zero_to_the_end(process: Process) -> None:
    kept = process.kept(50)
    assert (kept[0], kept[-1], len(kept)) == (0, process.T, 51)
    assert all(a < b for a, b in pairwise(kept))


@pytest.mark.parametrize("process", ALL)
def test_a_course_is_the_process_at_many_times(process: Process) -> None:
    found = course(process, count=60)
    assert found.t[0] == 0
    assert found.t[-1] == process.T
    np.testing.assert_allclose(found.alpha, [process.at(t)[0] for t in found.t])
    assert np.isnan(found.log_snr[0])
    assert np.isfinite(found.log_snr[1:-1]).all()


def test_settings_of_processes_go_through_files() -> None:
    for each in (names.Flow(), names.VarianceExploding(12.5)):
        assert from_json(to_json(each)) == each
    with pytest.raises(ValueError, match="VarianceExploding"):
        from_json({"type": "VarianceExploding", "sigma_max": 0.1})
