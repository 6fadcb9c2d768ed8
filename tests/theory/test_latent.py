"""Curves through latent space, and the planes on which it is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffviz.theory.latent import CURVES, Plane, along, lerp, slerp
from diffviz.theory.statistics import median_interval, sharpness

coordinates = st.lists(st.floats(-5, 5), min_size=3, max_size=3)


@given(coordinates, coordinates, st.sampled_from(sorted(CURVES)))
def test_curves_begin_and_end_at_their_anchors(a: list[float], b: list[float], curve: str) -> None:
    first, last = along([a, b], curve, [0.0, 1.0])
    np.testing.assert_allclose(first, a, atol=1e-9)
    np.testing.assert_allclose(last, b, atol=1e-9)


@given(st.floats(0, 1), st.floats(0.1, 3.0), st.floats(0.1, 3.0))
def test_norm_on_the_arc_grows_linearly(share: float, near: float, far: float) -> None:
    a, b = near * np.array([1.0, 0, 0]), far * np.array([0, 0.6, 0.8])
    assert np.linalg.norm(slerp(a, b, share)) == pytest.approx((1 - share) * near + share * far)


def test_direction_turns_evenly() -> None:
    a, b = np.array([1.0, 0]), np.array([0, 1.0])
    angles = [np.arctan2(*slerp(a, b, share)[::-1]) for share in (0.25, 0.5, 0.75)]
    np.testing.assert_allclose(angles, np.pi / 2 * np.array([0.25, 0.5, 0.75]))


def test_the_straight_line_loses_norm_where_the_arc_does_not() -> None:
    """Independent draws of N(0, I) in many dimensions are nearly orthogonal: half-way, lerp has 1/√2 of the norm."""
    a, b = np.random.default_rng(0).standard_normal((2, 4000))
    assert np.linalg.norm(lerp(a, b, 0.5)) == pytest.approx(np.linalg.norm(a) / np.sqrt(2), rel=0.03)
    assert np.linalg.norm(slerp(a, b, 0.5)) == pytest.approx(np.linalg.norm(a), rel=0.03)


@pytest.mark.parametrize("b", [[-2.0, 0.0], [0.0, 0.0], [3.0, 0.0]])
def test_where_there_is_no_arc_the_line_is_taken(b: list[float]) -> None:
    a = np.array([1.0, 0.0])
    np.testing.assert_allclose(slerp(a, np.array(b), 0.3), lerp(a, np.array(b), 0.3), atol=1e-9)


def test_a_path_spends_equal_shares_between_its_anchors() -> None:
    points = along([[0.0], [1.0], [5.0]], "lerp", [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(points[:, 0], [0, 0.5, 1, 3, 5])


def test_a_plane_of_dimensions_picks_them() -> None:
    plane = Plane.of_dimensions(4, 2, 0)
    z = np.arange(8.0).reshape(2, 4)
    np.testing.assert_allclose(plane.seen(z), z[:, [2, 0]])
    np.testing.assert_allclose(plane.seen(plane.latent([[1.5, -2.0]])), [[1.5, -2.0]])


def test_the_principal_plane_holds_the_most_variance() -> None:
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((500, 5)) * [0.1, 3.0, 0.2, 2.0, 0.1] + 7
    plane = Plane.principal(codes)
    np.testing.assert_allclose(np.abs(plane.axes[:, [1, 3]]), np.eye(2), atol=0.1)
    np.testing.assert_allclose(plane.seen(codes).mean(0), [0, 0], atol=1e-9)


def test_ellipse_is_that_of_draws() -> None:
    """Of draws of N(0, diag σ²), seen on the plane, the covariance has the ellipse's half-axes and angle."""
    sigma = np.array([0.5, 2.0, 1.0])
    axes = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 2)))[0].T
    plane = Plane(np.zeros(3), axes)
    large, small, angle = plane.ellipse(sigma)
    seen = plane.seen(np.random.default_rng(0).standard_normal((200_000, 3)) * sigma)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(np.cov((seen @ turn.T).T), np.diag([large**2, small**2]), atol=0.03)


def test_median_interval_covers_as_often_as_it_says() -> None:
    rng, hits = np.random.default_rng(0), 0
    for _ in range(1000):
        _, low, high = median_interval(rng.exponential(size=60))
        hits += low <= np.log(2) <= high
    assert 0.93 <= hits / 1000 <= 0.985


def test_a_blurred_image_is_less_sharp_and_speckle_is_sharper() -> None:
    image = np.zeros((1, 1, 16, 16))
    image[..., 4:12, 4:12] = 1
    blurred = sum(np.roll(image, (i, j), (2, 3)) for i in (-1, 0, 1) for j in (-1, 0, 1)) / 9
    speckle = image + 0.3 * np.random.default_rng(0).standard_normal(image.shape)
    assert sharpness(blurred)[0] < 0.5 * sharpness(image)[0]
    assert sharpness(speckle)[0] > sharpness(image)[0]
    ramp = np.broadcast_to(np.linspace(-1, 1, 16), (1, 1, 16, 16))
    assert sharpness(ramp)[0] == pytest.approx(0, abs=1e-12)
