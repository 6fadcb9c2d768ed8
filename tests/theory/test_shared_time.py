"""One cursor over runs of different processes: there and back, the ends, never backwards."""

from __future__ import annotations

import math
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffviz.domain import sampling as names
from diffviz.theory.processes import Process, process_of
from diffviz.theory.shared_time import LOG_SNR, SHARE, SHARED_BY, SharedTime, link, shared

COSINE, SHORT = process_of(names.Cosine()), process_of(names.Linear(200))
FLOW, EXPLODING = process_of(names.Flow()), process_of(names.VarianceExploding())
PAIRS = list(permutations([COSINE, SHORT, FLOW, EXPLODING], 2))
PAIR, BY, PART = st.sampled_from(PAIRS), st.sampled_from(list(SHARED_BY)), st.floats(1e-4, 1 - 1e-4)


@given(PAIR, BY, PART)
def test_there_and_back(pair: tuple[Process, Process], by: str, part: float) -> None:
    tie, t = SharedTime(*pair, by), pair[0].T * part
    there = tie.there(t)
    if 0 < there < tie.theirs.T:  # a noise level that both have
        assert tie.here(there) == pytest.approx(t, rel=1e-6)
        assert tie.meets(t, there)


@given(PAIR, PART)
def test_one_cursor_is_one_noise_level(pair: tuple[Process, Process], part: float) -> None:
    ours, theirs = pair
    t = ours.T * part
    there = shared(t, ours, theirs, LOG_SNR)
    if 0 < there < theirs.T:
        assert theirs.log_snr(there) == pytest.approx(ours.log_snr(t), abs=1e-6)


@pytest.mark.parametrize("by", SHARED_BY)
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_the_ends_are_the_ends_of_both_and_nothing_runs_backwards(ours: Process, theirs: Process, by: str) -> None:
    tie = SharedTime(ours, theirs, by)
    assert (tie.there(0.0), tie.there(ours.T)) == (0.0, theirs.T)
    assert (tie.there(-1.0), tie.there(2 * ours.T)) == (0.0, theirs.T)
    found = [tie.there(t) for t in np.linspace(0, ours.T, 200).tolist()]
    assert all(0 <= a <= b <= theirs.T for a, b in pairwise(found))
    assert tie.meets(0.0, 0.0)
    assert tie.meets(ours.T, theirs.T)
    assert not tie.meets(ours.T, theirs.T / 4)


def test_infinite_log_snr_is_held_at_the_end() -> None:
    assert math.isinf(FLOW.log_snr(1.0))
    assert shared(1.0, FLOW, EXPLODING, LOG_SNR) == EXPLODING.T
    nearly = shared(1 - 1e-9, FLOW, EXPLODING, LOG_SNR)  # more noise than σ_max has against data of deviation 1
    assert nearly == EXPLODING.T


def test_a_noise_level_that_the_other_has_not_meets_nothing() -> None:
    tie = link(COSINE, SHORT)  # two hundred timesteps leave a third of the signal
    assert tie is not None
    assert tie.there(950.0) == SHORT.T
    assert not tie.meets(950.0, SHORT.T)


def test_by_share_the_middle_is_the_middle() -> None:
    assert SharedTime(FLOW, COSINE, SHARE).there(0.5) == 500
    assert SharedTime(COSINE, FLOW, SHARE).there(250) == 0.25
    assert SharedTime(FLOW, COSINE, SHARE).meets(0.5, 500.0)
    assert not SharedTime(FLOW, COSINE, SHARE).meets(0.5, 510.0)


def test_flow_and_variance_exploding_meet_where_sigma_over_alpha_is_the_same() -> None:
    assert SharedTime(FLOW, EXPLODING).there(0.5) == pytest.approx(1.0)
    assert SharedTime(FLOW, EXPLODING).there(0.75) == pytest.approx(3.0)
    assert SharedTime(FLOW, EXPLODING).all_here(np.array([0.0, 1.0, 3.0, 80.0])) == pytest.approx([0, 0.5, 0.75, 1])


def test_runs_of_one_process_share_t_itself() -> None:
    assert link(FLOW, FLOW) is None
    assert link(COSINE, process_of(names.Linear())) is None  # compared along t, as many timesteps
    assert link(None, FLOW) is None
    assert link(COSINE, SHORT) == SharedTime(COSINE, SHORT)
    assert link(COSINE, FLOW, SHARE) == SharedTime(COSINE, FLOW, SHARE)
