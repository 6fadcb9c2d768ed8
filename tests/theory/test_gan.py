"""The GAN lab's theory against closed forms, numerical integration and simulation."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from diffviz.domain.gan import DATA, EXTENT, Drawn, Lattice, Moons, Pictures, Ring, SwissRoll
from diffviz.theory.gan_distance import (
    BEST,
    EQUILIBRIUM,
    STEP,
    accuracy,
    best_accuracy,
    best_surface,
    distance,
    fitted_threshold,
    grid_points,
    jensen_shannon,
    optimal_d,
    total_variation,
)
from diffviz.theory.gan_distributions import Planar, coverage, mixture_of, modes_of
from diffviz.theory.gaussians import Mixture

PLANAR: tuple[Planar, ...] = (Ring(), Lattice(), Moons(), SwissRoll(), Drawn(((0.0, 0.0), (1.0, -1.5), (-2.0, 0.5))))
SPREAD, APART = 0.5, 1.0
LINE = np.linspace(-8, 8, 40001)
WIDTH = LINE[1] - LINE[0]
ONE = Mixture.of([[0.0]], SPREAD).density(LINE[:, None]) * WIDTH
OTHER = Mixture.of([[APART]], SPREAD).density(LINE[:, None]) * WIDTH
# TV of two equal Gaussians a distance d apart is erf(d / (2 √2 s))
CLOSED = math.erf(APART / (2 * math.sqrt(2) * SPREAD))


def test_every_planar_data_set_is_here() -> None:
    assert {type(data) for data in PLANAR} == set(DATA.values()) - {Pictures}


def test_tv_of_two_gaussians_is_the_closed_form() -> None:
    assert total_variation(ONE, OTHER) == pytest.approx(CLOSED, abs=1e-4)
    assert best_accuracy(ONE, OTHER) == pytest.approx(0.5 * (1 + CLOSED), abs=1e-4)


def test_the_best_accuracy_is_that_of_d_star() -> None:
    d = optimal_d(ONE, OTHER)
    right = 0.5 * (ONE[d > 0.5].sum() + OTHER[d <= 0.5].sum())
    assert right == pytest.approx(best_accuracy(ONE, OTHER), abs=1e-12)
    # of two equal Gaussians, D* is a logistic function of x with slope d / s² about the middle
    logistic = 1 / (1 + np.exp((APART / SPREAD**2) * (LINE - APART / 2)))
    assert d[15000:25000] == pytest.approx(logistic[15000:25000], abs=1e-9)


def test_js_is_its_integral_and_lies_between_its_bounds() -> None:
    js = jensen_shannon(ONE, OTHER)
    middle = 0.5 * (ONE + OTHER)
    integral = 0.5 * sum((p[p > 0] * np.log2(p[p > 0] / middle[p > 0])).sum() for p in (ONE, OTHER))
    tv = total_variation(ONE, OTHER)
    share = (1 + tv) / 2
    pinsker = 1 + share * math.log2(share) + (1 - share) * math.log2(1 - share)
    assert js == pytest.approx(integral)
    assert pinsker <= js <= tv
    assert jensen_shannon(ONE, ONE) == 0


def test_missing_one_of_eight_modes_gives_56_per_cent() -> None:
    p, q = np.full(8, 1 / 8), np.append(0.0, np.full(7, 1 / 7))
    assert best_accuracy(p, q) == pytest.approx(0.5625)
    assert jensen_shannon(p, q) == pytest.approx(0.0655, abs=1e-4)
    assert best_accuracy(p, np.append(np.zeros(5), np.full(3, 1 / 3))) == pytest.approx(0.8125)


def test_missing_one_of_eight_modes_is_measured_from_samples() -> None:
    ring = modes_of(Ring())
    left = Mixture.of(ring.mixture.means[1:], 0.15)
    found = [distance(ring.mixture, left.sample(4096, np.random.default_rng(i))) for i in range(10)]
    assert np.mean([d.best for d in found]) == pytest.approx(0.5625, abs=0.01)
    spread = coverage(left.sample(4096, np.random.default_rng(0)), ring)
    assert (spread.covered, int(spread.per_mode[0])) == (7, 0)


@pytest.mark.parametrize("data", PLANAR, ids=lambda d: type(d).__name__)
def test_a_perfect_generator_measures_a_best_accuracy_of_one_half(data: Planar) -> None:
    p = mixture_of(data)
    found = [distance(p, p.sample(4096, np.random.default_rng(i))) for i in range(20)]
    assert np.mean([d.best for d in found]) < 0.51
    assert max(d.best for d in found) < 0.53
    assert max(d.js for d in found) < 0.005


@pytest.mark.parametrize("std", [0.1, 0.2, 0.4])
def test_measured_tv_is_at_most_the_integral_and_near_it(std: float) -> None:
    p = mixture_of(Ring())
    q = Mixture.of(p.means, std)
    line = np.linspace(-4, 4, 801)
    points = np.stack(np.meshgrid(line, line), -1)
    area = (line[1] - line[0]) ** 2
    exact, js = p.density(points) * area, jensen_shannon(p.density(points) * area, q.density(points) * area)
    true = total_variation(exact, q.density(points) * area)
    found = [distance(p, q.sample(4096, np.random.default_rng(i))) for i in range(10)]
    assert 0.8 * true <= np.mean([d.tv for d in found]) <= true + 0.005
    assert 0.55 * js <= np.mean([d.js for d in found]) <= js + 0.005


def test_samples_far_away_and_not_numbers_count_as_different() -> None:
    p = mixture_of(Ring())
    for value in (50.0, math.nan, math.inf):
        assert distance(p, np.full((100, 2), value)).tv > 0.99


def test_density_is_that_of_the_samples_and_integrates_to_one() -> None:
    p = Mixture.of([[0.5, -1.0]], 0.6)
    found = distance(p, p.sample(40_000, np.random.default_rng(0))).density
    assert found.sum() * (2 * STEP) ** 2 == pytest.approx(1, abs=0.02)
    at = grid_points()[found.argmax()]
    assert at == pytest.approx([0.5, -1.0], abs=0.25)


def test_d_star_of_the_surface_is_one_half_where_the_densities_agree() -> None:
    p = mixture_of(Ring(std=0.4))
    same = distance(p, p.sample(400_000, np.random.default_rng(0)))
    surface, dense = best_surface(p, same.density), same.density > 0.02
    assert surface[dense] == pytest.approx(0.5, abs=0.06)
    elsewhere = best_surface(p, np.zeros_like(same.density))
    assert elsewhere[dense].min() > 0.8
    assert elsewhere[0, 0] == pytest.approx(0.5, abs=0.3)


@pytest.mark.parametrize("data", PLANAR, ids=lambda d: type(d).__name__)
def test_data_sets_lie_within_the_picture_and_cover_their_modes(data: Planar) -> None:
    modes = modes_of(data)
    drawn = modes.mixture.sample(4096, np.random.default_rng(3))
    spread = coverage(drawn, modes)
    assert np.abs(modes.mixture.means).max() + 2 * data.std < EXTENT
    assert spread.covered == modes.count
    # within 3 standard deviations of one Gaussian: 1 − exp(−9/2); on a curve of several, more
    assert spread.quality > 0.98
    assert spread.per_mode.sum() == pytest.approx(spread.quality * 4096)
    assert modes.shares.sum() == pytest.approx(1)


def test_curves_are_smooth() -> None:
    for data in (Moons(), SwissRoll()):
        means = mixture_of(data).means
        gaps = [np.linalg.norm(b - a) for a, b in pairwise(means)]
        assert np.median(gaps) < 1.3 * data.std


@pytest.mark.parametrize(("real", "fake"), [(0.5, 0.5), (0.9, 0.3), (0.99, 0.98)])
def test_the_interval_covers_as_often_as_it_says(real: float, fake: float) -> None:
    rng, trials, within = np.random.default_rng(0), 2000, 0
    for _ in range(trials):
        found = accuracy(rng.random(400) < real, rng.random(400) >= fake, 0.5)
        within += found.low <= 0.5 * (real + fake) <= found.high
    assert within / trials > 0.94


def test_at_the_threshold_d_guesses() -> None:
    found = accuracy(np.full(10, 0.5), np.full(10, 0.5), 0.5)
    assert (found.real, found.fake, found.overall) == (0.5, 0.5, 0.5)
    assert accuracy([0.9, 0.2], [0.4, 0.1], 0.5).real == 0.5
    assert accuracy([0.9, 0.2], [0.4, 0.1], 0.5).fake == 1.0


def test_a_fitted_threshold_parts_the_outputs_and_is_fair_on_others() -> None:
    rng = np.random.default_rng(1)
    cut = fitted_threshold(rng.normal(2, 1, 4000), rng.normal(0, 1, 4000))
    assert cut == pytest.approx(1.0, abs=0.2)
    fair = []
    for _ in range(200):
        same = rng.normal(0, 1, (4, 100))
        fair.append(accuracy(same[2], same[3], fitted_threshold(same[0], same[1])).overall)
    assert np.mean(fair) == pytest.approx(0.5, abs=0.01)


def test_least_losses_of_d() -> None:
    assert BEST["saturating"](ONE, ONE) == pytest.approx(math.log(4)) == EQUILIBRIUM["saturating"][0]
    assert BEST["least_squares"](ONE, ONE) == pytest.approx(0.25) == EQUILIBRIUM["least_squares"][0]
    assert BEST["hinge"](ONE, ONE) == pytest.approx(2) == EQUILIBRIUM["hinge"][0]
    assert BEST["hinge"](ONE, OTHER) == pytest.approx(2 * (1 - CLOSED), abs=1e-3)
