from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffviz.domain import sampling
from diffviz.theory import processes
from diffviz.theory.schedules import SPACINGS, NoiseSchedule, visits
from tests.theory import reference

SPACING = st.sampled_from(sorted(SPACINGS))


def test_every_spacing_of_the_domain_is_there() -> None:
    assert {*SPACINGS, "karras"} == set(processes.SPACINGS) == set(sampling.SPACINGS)


@pytest.mark.parametrize("spacing", sorted(SPACINGS))
@pytest.mark.parametrize("T", [10, 400, 1000])
def test_visits_are_those_of_diffusers_counted_from_one(spacing: str, T: int) -> None:
    scheduler = reference.ddim(
        NoiseSchedule.from_settings(sampling.Linear(T)), timestep_spacing=spacing, steps_offset=0
    )
    # a single linspace step of theirs is at the clean end, where nothing can be made of pure noise: ours starts at T
    for steps in (s for s in (1, 2, 3, 7, 10, 20, 48, 50, 333, 400, 999, 1000) if s <= T):
        if spacing == "linspace" and steps == 1:
            continue
        scheduler.set_timesteps(steps)
        theirs = [k + 1 for k in scheduler.timesteps.tolist()][:steps]
        assert visits(T, steps, spacing) == (*theirs, 0), steps


def test_fifty_leading_steps_leave_the_noisiest_twenty_out() -> None:
    assert visits(1000, 50, "leading")[:2] == (981, 961)


def test_only_trailing_and_linspace_start_at_the_end() -> None:
    firsts = {spacing: visits(1000, 50, spacing)[0] for spacing in SPACINGS}
    assert firsts == {"trailing": 1000, "linspace": 1000, "leading": 981}
    assert visits(1000, 1, "linspace") == visits(1000, 1, "trailing") == (1000, 0)


@given(T=st.integers(1, 3000), spacing=SPACING, data=st.data())
@settings(deadline=None, max_examples=200)
def test_visits_descend_strictly_to_zero(T: int, spacing: str, data: st.DataObject) -> None:
    steps = data.draw(st.integers(1, T))
    taus = visits(T, steps, spacing)
    assert len(taus) == steps + 1
    assert taus[0] <= T
    assert taus[-1] == 0
    assert all(t > t_prev for t, t_prev in pairwise(taus))
    assert all(type(t) is int for t in taus)


@pytest.mark.parametrize("spacing", sorted(SPACINGS))
def test_all_steps_visit_all_timesteps(spacing: str) -> None:
    assert visits(37, 37, spacing) == tuple(range(37, -1, -1))


@given(T=st.integers(1, 1200), spacing=SPACING, data=st.data())
@settings(deadline=None, max_examples=100)
def test_a_run_from_the_middle_goes_on_along_the_ordinary_visits(T: int, spacing: str, data: st.DataObject) -> None:
    steps, start = data.draw(st.integers(1, T)), data.draw(st.integers(0, T))
    taus = visits(T, steps, spacing, start)
    assert taus[0] == start
    assert taus[-1] == 0
    assert taus[1:] == tuple(t for t in visits(T, steps, spacing) if t < start)


@pytest.mark.parametrize(("steps", "spacing", "start"), [(0, "leading", None), (11, "leading", None)])
def test_steps_out_of_range_are_refused(steps: int, spacing: str, start: int | None) -> None:
    with pytest.raises(ValueError, match="between 1 and 10"):
        visits(10, steps, spacing, start)


def test_an_unknown_spacing_or_start_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown spacing 'even'"):
        visits(10, 5, "even")
    with pytest.raises(ValueError, match="not at 11"):
        visits(10, 5, "leading", 11)
