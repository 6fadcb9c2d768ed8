"""Colours of D's answers, contours that hold what they say, and figures read from frames once."""

from __future__ import annotations

import numpy as np
import pytest

from diffviz.domain.gan import EXTENT, GanRequest, Lattice, Ring
from diffviz.domain.gan_verdicts import Leaning, leaning
from diffviz.theory.gan_distributions import mixture_of
from diffviz.ui.labs.gan.plane_scene import SHARES, contours_of, level_of
from diffviz.ui.labs.gan.plane_scene import colours as coloured
from diffviz.ui.plots.lines import thinned
from diffviz.ui.widgets import theme
from tests.ui.labs.gan.toys import toy_frame


def test_one_half_is_the_ground_and_the_ends_are_the_hues_of_real_and_generated(qapp: object) -> None:
    colours = coloured(Leaning(), np.array([[0.0, 0.5, 1.0]], np.float32))[0].astype(int)
    ground = theme.blend("panel", "ground", 0.55)
    np.testing.assert_allclose(colours[1], [ground.red(), ground.green(), ground.blue()], atol=2)
    for at, hue in ((0, "generated"), (2, "alpha_bar")):
        wanted = theme.color(hue)
        towards = np.array([wanted.red(), wanted.green(), wanted.blue()]) - colours[1]
        assert (colours[at] - colours[1]) @ towards > 0.3 * towards @ towards


def test_rows_are_turned_so_that_high_y_is_on_top(qapp: object) -> None:
    pixels = coloured(Leaning(), np.array([[0.0], [1.0]], np.float32))
    assert (pixels[0] == coloured(Leaning(), np.ones((1, 1), np.float32))[0]).all()


@pytest.mark.parametrize(("loss", "centre", "bounded"), [("non_saturating", 0.5, True), ("wasserstein", 0.5, False)])
def test_a_critic_is_coloured_around_its_threshold(loss: str, centre: float, bounded: bool) -> None:
    request = GanRequest(loss=loss)
    how = leaning(loss, toy_frame(request, 100.0))
    assert (how.centre, how.bounded) == (centre, bounded)
    assert how.reach > 0


@pytest.mark.parametrize("data", [Ring(), Lattice(side=3)])
def test_contours_hold_the_share_that_they_say(data: Ring | Lattice) -> None:
    """Of points drawn from the data, that share lies where the density is above the contour's level."""
    mixture = mixture_of(data)
    drawn = mixture.density(mixture.sample(4000, np.random.default_rng(1)))
    for share in SHARES:
        assert float((drawn > level_of(mixture, share)).mean()) == pytest.approx(share, abs=0.04)
    lines = contours_of(data)
    levels = np.concatenate([mixture.density(line) for line in lines])
    wanted = np.array([level_of(mixture, share) for share in SHARES])
    assert np.abs(np.log(levels[:, None] / wanted)).min(1).max() < 0.3, "points of a contour have its level"
    assert all(np.abs(line).max() <= EXTENT for line in lines)


def test_thinning_keeps_every_peak() -> None:
    xs = np.linspace(0, 100, 10_000)
    ys = np.zeros(10_000)
    ys[4321], ys[7777] = 5.0, -3.0
    px, heights = thinned(xs, ys, (0.0, 100.0), 100)
    assert len(px) <= 2 * 101
    assert heights.max() == 5
    assert heights.min() == -3
    assert abs(px[heights.argmax()] - xs[4321]) <= 1


def test_a_short_curve_is_drawn_as_it_is() -> None:
    xs, ys = np.array([0.0, 10.0, 20.0]), np.array([1.0, 2.0, 3.0])
    for drawn, given in zip(thinned(xs, ys, (0.0, 20.0), 10), (xs, ys), strict=True):
        np.testing.assert_array_equal(drawn, given)
