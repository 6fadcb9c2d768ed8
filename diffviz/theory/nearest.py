"""The nearest of a fixed set of points, for many questions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32, F64

CANDIDATES = 8


class Nearest:
    """Points (M, D), float32, that others are held against by their Euclidean distance.

    A question costs one pass over the points in float32; the few that may be the nearest are compared in float64.
    """

    def __init__(self, points: F32) -> None:
        self.points = points
        self._half_squares = 0.5 * np.einsum("md,md->m", points, points)

    def __len__(self) -> int:
        return len(self.points)

    def rows(self, x: F32) -> NDArray[np.int64]:
        """Row (N,) of the point nearest to each of `x` (N, D), the first of equal ones."""
        apart = self._half_squares - x @ self.points.T  # |x − p|² = |x|² + 2 (|p|²/2 − x·p)
        few = min(CANDIDATES, len(self.points))
        candidates = np.sort(np.argpartition(apart, few - 1, axis=1)[:, :few], axis=1)
        exact = np.stack([_squared(each, self.points[rows]) for each, rows in zip(x, candidates, strict=True)])
        found: NDArray[np.int64] = np.take_along_axis(candidates, exact.argmin(1)[:, None], axis=1)[:, 0]
        return found

    def distances(self, x: F32, rows: NDArray[np.int64]) -> F64:
        """Distance (N,) of each of `x` (N, D) to the point of its row."""
        squared = np.array([_squared(a, b[None])[0] for a, b in zip(x, self.points[rows], strict=True)], np.float64)
        return np.sqrt(squared)


def _squared(x: F32, points: F32) -> F64:
    return np.asarray(np.sum((points.astype(np.float64) - x) ** 2, axis=1))
