"""Intervals that hold: of means of few draws of skewed quantities, by simulation against the known mean."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from diffviz.domain.arrays import F64
from diffviz.domain.objective import ObjectiveFrame, ObjectiveRequest
from diffviz.families.objective import terms_of
from diffviz.theory.statistics import around, steadied, student, welch

DRAWS, T, REPEATS = ObjectiveRequest().draws, 60, 120
STUDENT = {1: 12.7062, 2: 4.30265, 3: 3.18245, 7: 2.36462, 15: 2.13145, 30: 2.04227, 200: 1.97190}
"""Two-sided 95 % quantiles, of any table."""

TAILS: dict[str, tuple[Callable[[np.random.Generator, tuple[int, ...]], F64], float]] = {
    "normal": (lambda rng, shape: 1 + 0.3 * rng.standard_normal(shape), 1.0),
    "exponential": (lambda rng, shape: rng.exponential(size=shape), 1.0),
    "log-normal": (lambda rng, shape: np.exp(rng.standard_normal(shape)), float(np.exp(0.5))),
    "log-normal, σ = 1.5": (lambda rng, shape: np.exp(1.5 * rng.standard_normal(shape)), float(np.exp(1.125))),
    "Pareto, no third moment": (lambda rng, shape: 1 + rng.pareto(2.1, shape), 2.1 / 1.1),
    "one in twenty is ten times as large": (lambda rng, shape: np.where(rng.random(shape) < 0.05, 10.0, 1.0), 1.45),
}


def test_quantiles_are_students() -> None:
    assert student(list(STUDENT)).tolist() == pytest.approx(list(STUDENT.values()), rel=1e-4)
    assert float(student(1e12)) == pytest.approx(1.96, abs=2e-3)
    assert float(student(0.5)) == pytest.approx(STUDENT[1])


def test_welchs_freedom_of_equal_variances_adds_up_and_of_one_that_rules_is_its_own() -> None:
    equal, unequal = np.full(5, 0.3), np.array([1.0, 1e-9, 1e-9])
    for variances, freedom in ((equal, 5 * 3.0), (unequal, 3.0)):
        found = welch(variances.sum(), (variances**2 / 3).sum(), 3.0)
        assert float(found) == pytest.approx(freedom, rel=1e-6)
    assert float(welch(0.0, 0.0, 3.0)) == 3


def test_no_spread_is_below_that_of_its_neighbours() -> None:
    relative = np.array([0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0])
    assert steadied(relative, 1).tolist() == [0, 3, 9, 3, 0, 0, 0]
    assert steadied(np.full(4, 2.0), 8).tolist() == [2, 2, 2, 2]


def test_the_ends_are_positive_and_what_is_not_known_stays_so() -> None:
    low, high = around(np.array([1.0, 0.0, np.nan]), np.array([5.0, 0.0, np.nan]), 3.0)
    assert 0 < low[0] < 1 < high[0]
    assert (low[1], high[1]) == (0, 0)
    assert np.isnan([low[2], high[2]]).all()


@pytest.mark.parametrize("pictures", [1, 4])
@pytest.mark.parametrize("tail", TAILS)
def test_the_intervals_of_an_objective_hold(tail: str, pictures: int) -> None:
    """Terms that fall as 1/t with four draws each, of known means: the share of the intervals that have it inside.

    ± 1.96 standard errors, beside them, do not hold.
    """
    draw, mean = TAILS[tail]
    rng, held, naive, totals = np.random.default_rng(7), [], [], []
    heights = 1 / np.arange(1.0, T + 1)
    for _ in range(REPEATS):
        terms = terms_of(measured(draw(rng, (T, DRAWS, pictures)) * heights[:, None, None]))
        held.append(inside(mean * heights, terms.term.low, terms.term.high))
        error = 1.96 * terms.term.error
        naive.append(inside(mean * heights, terms.term.mean - error, terms.term.mean + error))
        totals.append(inside(mean * heights.sum(), terms.total.low[-1:], terms.total.high[-1:]))
    assert np.mean(held) >= 0.93
    assert np.mean(naive) < min(0.93, float(np.mean(held)) - 0.02)
    assert np.mean(totals) >= (0.8 if pictures == 1 else 0.88)


def inside(truth: F64 | float, low: F64, high: F64) -> float:
    return float(np.mean((low <= truth) & (truth <= high)))


def measured(values: F64) -> list[ObjectiveFrame]:
    """Frames of terms that were drawn, (T, draws, pictures); L_T is 0."""
    total, variance, frames = np.zeros(values.shape[2]), np.zeros(values.shape[2]), []
    for t, drawn in enumerate(values, 1):
        term, error = drawn.mean(0), drawn.std(0, ddof=1) / np.sqrt(len(drawn))
        total, variance = total + term, variance + error**2
        arrays = (term, error, term, error, 0 * term, total, np.sqrt(variance))
        kept = [array.astype(np.float32) for array in arrays]
        frames.append(ObjectiveFrame(float(t), 0.5, 0.5, 0.1, 1.0, 0.0, float(len(drawn)), *kept))
    return frames
