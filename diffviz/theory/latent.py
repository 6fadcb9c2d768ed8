"""Latent spaces: curves between points, ellipses of q(z | x), and planes on which more dimensions are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64

PARALLEL = 1e-7


def lerp(a: F64, b: F64, share: float) -> F64:
    """The point at `share` of the straight line from `a` to `b`."""
    return (1 - share) * a + share * b


def slerp(a: F64, b: F64, share: float) -> F64:
    """The point at `share` of the arc from `a` to `b`: the direction turns evenly (Shoemake 1985), ‖z‖ grows linearly.

    Where no arc is the shortest (opposite directions, or a point at the origin) the straight line is taken.
    """
    norms = np.linalg.norm(a), np.linalg.norm(b)
    if min(norms) == 0:
        return lerp(a, b, share)
    one, other = a / norms[0], b / norms[1]
    angle = float(np.arctan2(np.linalg.norm(one - other), np.linalg.norm(one + other)) * 2)
    if angle < PARALLEL or np.pi - angle < PARALLEL:
        return lerp(a, b, share)
    turned = (np.sin((1 - share) * angle) * one + np.sin(share * angle) * other) / np.sin(angle)
    point: F64 = turned * ((1 - share) * norms[0] + share * norms[1])
    return point


CURVES: Mapping[str, Callable[[F64, F64, float], F64]] = MappingProxyType({"lerp": lerp, "slerp": slerp})


def shares(count: int) -> tuple[float, ...]:
    """`count` shares of a path from 0 to 1, evenly spaced, both ends included."""
    return tuple(i / (count - 1) for i in range(count))


def along(anchors: Sequence[ArrayLike], curve: str, at: ArrayLike) -> F64:
    """Points (N, D) at the shares `at` (N,) of the path through `anchors`, which share it equally."""
    points = [np.asarray(anchor, np.float64) for anchor in anchors]
    parts = len(points) - 1
    found = []
    for share in np.asarray(at, np.float64):
        part = min(int(share * parts), parts - 1)
        found.append(CURVES[curve](points[part], points[part + 1], share * parts - part))
    return np.stack(found)


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A plane in a latent space: `origin` (D,) and two orthonormal `axes` (2, D)."""

    origin: F64
    axes: F64

    @staticmethod
    def of_dimensions(dims: int, first: int, second: int) -> Plane:
        """The plane of two dimensions through the origin; with one dimension the second axis is empty."""
        axes = np.zeros((2, dims))
        axes[0, first] = 1.0
        if dims > 1:
            axes[1, second] = 1.0
        return Plane(np.zeros(dims), axes)

    @staticmethod
    def principal(codes: ArrayLike) -> Plane:
        """The plane through the mean of `codes` (N, D ≥ 2) along the two directions in which they vary most (PCA)."""
        values = np.asarray(codes, np.float64)
        mean: F64 = values.mean(0)
        _, _, directions = np.linalg.svd(values - mean, full_matrices=False)
        signs = np.sign(directions[:2].sum(1, keepdims=True))  # so that equal codes give equal planes
        return Plane(mean, directions[:2] * np.where(signs == 0, 1.0, signs))

    def seen(self, z: ArrayLike) -> F64:
        """Points (N, 2) on the plane of latent points (N, D)."""
        return (np.asarray(z, np.float64) - self.origin) @ self.axes.T

    def latent(self, points: ArrayLike) -> F64:
        """Latent points (…, D) of points (…, 2) on the plane."""
        return self.origin + np.asarray(points, np.float64) @ self.axes

    def ellipse(self, sigma: ArrayLike) -> tuple[float, float, float]:
        """Half-axes and angle (radians) of the 1-σ ellipse of N(μ, diag σ²) seen on the plane, σ (D,)."""
        spread = self.axes * np.asarray(sigma, np.float64)
        values, vectors = np.linalg.eigh(spread @ spread.T)
        angle = float(np.arctan2(vectors[1, 1], vectors[0, 1]))
        small, large = np.sqrt(np.clip(values, 0, None))
        return float(large), float(small), angle
