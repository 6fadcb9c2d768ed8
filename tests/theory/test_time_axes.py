"""Axes of diffusion spread by log-SNR, σ and steps: there and back, as theory says, with their endless ends."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from diffviz.domain.axis_scale import TabledScale, scale_of
from diffviz.domain.requests import Plan
from diffviz.domain.sampling import Cosine, Flow, Linear, ProcessSettings, VarianceExploding
from diffviz.theory.processes import process_of
from diffviz.theory.time_axes import LOG_SNR, SIGMA, STEP, TIME, TIME_AXES, time_axis

SETTINGS: list[ProcessSettings] = [Cosine(), Linear(), Flow(), VarianceExploding()]
MIDDLE = slice(1, -1)


def plan_of(settings: ProcessSettings, steps: int = 20, start: float | None = None) -> Plan:
    process = process_of(settings)
    return Plan(0.0, process.T, process.visits(steps, "trailing", start), steps, 1, schedule=settings)


def shown(settings: ProcessSettings, key: str, plan: Plan | None = None) -> TabledScale:
    scale = time_axis(key, process_of(settings), plan or plan_of(settings))
    assert isinstance(scale, TabledScale)
    return scale


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("key", TIME_AXES)
def test_positions_and_shares_are_each_others_inverse_and_ascend(settings: ProcessSettings, key: str) -> None:
    scale, process = time_axis(key, process_of(settings), plan_of(settings)), process_of(settings)
    shares = np.linspace(0, 1, 101)
    positions = [scale.position(float(share)) for share in shares]
    assert all(a < b for a, b in pairwise(positions))
    assert (scale.low, scale.high) == (0.0, process.T)
    assert positions[0] == pytest.approx(0, abs=1e-12)
    assert positions[-1] == pytest.approx(process.T)
    assert [scale.share(position) for position in positions] == pytest.approx(shares.tolist(), abs=1e-6)
    assert scale.shares(np.array(positions)) == pytest.approx(shares, abs=1e-6)


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_tick_of_log_snr_stands_where_the_process_has_it(settings: ProcessSettings) -> None:
    scale, process = shown(settings, LOG_SNR), process_of(settings)
    found = [t for t in scale.ticks(10) if scale.text(t, str) not in ("∞", "−∞")]
    assert len(found) >= 4
    for t in found:
        assert process.log_snr(t) == pytest.approx(float(scale.text(t, str).replace("−", "-")), abs=0.35)
    assert scale.text(0.0, str) == "∞"
    assert scale.breaks[0][0] == 0
    steps = np.diff([scale.share(t) for t in found])
    assert steps == pytest.approx([steps[0]] * len(steps), rel=0.02), "it is what spreads the axis"


def test_where_no_signal_is_left_the_other_end_is_endless_too() -> None:
    flow = shown(Flow(), LOG_SNR)
    assert flow.text(1.0, str) == "−∞"
    assert len(flow.breaks) == 2
    assert all(0 < end - begin < 0.1 for begin, end in flow.breaks)
    assert len(shown(Cosine(), LOG_SNR).breaks) == 1
    assert flow.share(0.5) == pytest.approx(0.5, abs=1e-6), "log-SNR of the flow is odd about the middle"


@pytest.mark.parametrize("settings", [Cosine(), Linear(), Flow()])
def test_sigma_grows_evenly_along_its_axis(settings: ProcessSettings) -> None:
    scale, process = shown(settings, SIGMA), process_of(settings)
    for share in (0.1, 0.35, 0.5, 0.9):
        assert process.at(scale.position(share))[1] == pytest.approx(share * process.at(process.T)[1], abs=2e-3)
    assert [scale.text(t, str) for t in scale.ticks(5)] == ["0", "0.2", "0.4", "0.6", "0.8", "1"][: len(scale.ticks(5))]


def test_of_variance_exploding_sigma_is_t() -> None:
    plan = plan_of(VarianceExploding())
    assert time_axis(SIGMA, process_of(VarianceExploding()), plan) == scale_of(plan)


@pytest.mark.parametrize("settings", SETTINGS)
def test_steps_stand_at_one_distance_and_count_as_the_run_does(settings: ProcessSettings) -> None:
    plan = plan_of(settings)
    scale = shown(settings, STEP, plan)
    shares = [scale.share(t) for t in plan.positions]
    assert np.diff(shares) == pytest.approx([-1 / 20] * 20)
    assert [scale.text(t, str) for t in plan.positions] == [str(n) for n in range(21)]
    assert {scale.text(t, str) for t in scale.ticks(4)} == {"0", "5", "10", "15", "20"}
    assert scale.breaks == ()


def test_what_a_branch_does_not_visit_is_a_short_end_without_number() -> None:
    scale = shown(Cosine(), STEP, plan_of(Cosine(), start=400.0))
    assert scale.high == 1000.0
    assert scale.text(1000.0, str) == ""
    assert scale.share(400.0) > 0.9
    assert len(scale.breaks) == 1


def test_what_is_seen_of_an_axis_has_ticks_of_its_own() -> None:
    scale = shown(Cosine(), LOG_SNR)
    seen = scale.position(0.3), scale.position(0.4)
    assert all(seen[0] <= t <= seen[1] for t in scale.ticks(6, seen))
    assert 3 <= len(scale.ticks(6, seen)) <= 8
    decades = time_axis(TIME, process_of(VarianceExploding()), plan_of(VarianceExploding()))
    assert len(decades.ticks(6, (12.0, 15.0))) >= 3, "between two powers of ten it is even"


def test_a_run_without_a_process_has_its_own_axis_alone() -> None:
    plan = Plan(0.0, 100.0, (0.0, 100.0), 1, 1)
    assert time_axis(LOG_SNR, None, plan) == scale_of(plan)
    assert math.isclose(time_axis(STEP, None, plan).share(50.0), 0.5)
