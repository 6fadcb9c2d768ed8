"""Statistics that figures on the screen and on cards are made of, and the nearest of a fixed set of points.

95 % intervals of means that are estimated from few draws of a positive and skewed quantity.

A mean's own standard error is no good guide there: draws that miss the rare large values lie low and look sure at once,
so that ± 1.96 standard errors of four draws hold less than 80 % of the time for an exponential quantity. Three things
are done about it. The quantile is Student's, with Welch's degrees of freedom. The interval is made on a logarithmic
scale (m · exp(± q · error / m)), which reaches further up than down. And of means along an axis the relative error is
the larger one of their own and the average of their neighbours', which saw the values that these draws missed.
In simulation (`tests/domain/test_intervals.py`) 93 % or more hold, from four draws of one picture on, for tails up to
those of a log-normal with σ = 1.5 and of a Pareto distribution without a third moment. The price is that four draws of
one picture of a well-behaved quantity get an interval about twice as wide as they need; of four pictures a tenth wider.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffviz.domain.arrays import F32, F64

Z95 = 1.959963984540054


def wilson(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval for a share, 95 % by default (Wilson 1927).

    Raises ValueError without trials, or unless 0 ≤ successes ≤ trials.
    """
    if trials < 1:
        raise ValueError("an interval needs at least one trial")
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")
    share = successes / trials
    centre = share + z**2 / (2 * trials)
    spread = z * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    scale = 1 + z**2 / trials
    return float(max(0.0, (centre - spread) / scale)), float(min(1.0, (centre + spread) / scale))


def moments(features: ArrayLike) -> tuple[F64, F64]:
    """Mean (D,) and unbiased covariance (D, D) of features (N, D), N ≥ 2. Raises ValueError for fewer."""
    values = np.asarray(features, np.float64)
    if len(values) < 2:
        raise ValueError(f"a covariance needs at least two rows, not {len(values)}")
    mean: F64 = values.mean(0)
    centred = values - mean
    return mean, centred.T @ centred / (len(values) - 1)


def frechet(mean_a: F64, cov_a: F64, mean_b: F64, cov_b: F64) -> float:
    """Fréchet distance |μ_a − μ_b|² + tr(A + B − 2 (AB)^½) between Gaussians (Heusel et al. 2017, eq. 6).

    tr (AB)^½ is the sum of the singular values of A^½ B^½, which stays accurate for singular A and B: roots of
    eigenvalues of a product turn a rounding error of 1e-16 into 1e-8.
    """
    cross = np.linalg.svd(_root(cov_a) @ _root(cov_b), compute_uv=False).sum()
    difference = mean_a - mean_b
    return max(0.0, float(difference @ difference + np.trace(cov_a) + np.trace(cov_b) - 2 * cross))


def _root(cov: F64) -> F64:
    values, vectors = np.linalg.eigh(cov)
    root: F64 = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return root


def nearest_rows(features: ArrayLike, others: ArrayLike, chunk: int = 512) -> NDArray[np.int64]:
    """Row (N,) of the one of `others` (M, D) that is nearest to each of `features` (N, D), in chunks."""
    a, b = np.asarray(features, np.float64), np.asarray(others, np.float64)
    half_squares = 0.5 * np.einsum("md,md->m", b, b)
    parts = [a[i : i + chunk] for i in range(0, len(a), chunk)]
    # the smallest |a − b|² = |a|² − 2 a·b + |b|²
    return np.concatenate([np.argmin(half_squares - part @ b.T, axis=1) for part in parts])


def nearest(features: ArrayLike, others: ArrayLike, chunk: int = 512) -> F64:
    """Euclidean distance (N,) of each of `features` (N, D) to the nearest of `others` (M, D), in chunks."""
    a, b = np.asarray(features, np.float64), np.asarray(others, np.float64)
    found: F64 = np.linalg.norm(a - b[nearest_rows(a, b, chunk)], axis=1)  # anew: equal rows are at exactly 0
    return found


def density(values: ArrayLike, bins: int, low: float, high: float) -> tuple[F64, F64]:
    """Edges (bins + 1,) and density (bins,) of `values`.

    Those outside [low, high] (and nan) count towards the total only, so the result compares with a density function.
    """
    flat = np.asarray(values).ravel()
    width = (high - low) / bins
    # bin 0 takes what is below and bin `bins` + 1 what is above; fmin and fmax send nan there too
    place = np.fmax(np.fmin((flat - low) / width + 1, bins + 1), 0).astype(np.intp)
    counts = np.bincount(place, minlength=bins + 2)[1 : bins + 1]
    counts[-1] += np.count_nonzero(flat == high)
    share: F64 = counts / max(1, flat.size)
    return _edges(bins, low, high), share / width


@lru_cache(maxsize=16)
def _edges(bins: int, low: float, high: float) -> F64:
    edges = np.linspace(low, high, bins + 1)
    edges.flags.writeable = False
    return edges


def median_interval(values: ArrayLike) -> tuple[float, float, float]:
    """Median of `values` and its 95 % interval between two of them, without any assumption on their distribution.

    The number of values below the median is binomial (n, ½); the ranks are those of its normal approximation (Conover
    1999, section 3.2). Raises ValueError without values.
    """
    ordered = np.sort(np.asarray(values, np.float64))
    n = len(ordered)
    if n == 0:
        raise ValueError("a median needs at least one value")
    half = Z95 * np.sqrt(n) / 2
    low, high = int(np.floor((n - 1) / 2 - half)), int(np.ceil((n - 1) / 2 + half))
    return float(np.median(ordered)), float(ordered[max(0, low)]), float(ordered[min(n - 1, high)])


def sharpness(images: ArrayLike) -> F64:
    """Root mean square of the discrete Laplacian of images (N, C, H, W), (N,): what blurring takes away.

    Speckle has more of it than any photograph: it says nothing on how good an image is (Pech-Pacheco et al. 2000).
    """
    x = np.asarray(images, np.float64)
    inner = x[..., 1:-1, 1:-1]
    around = x[..., :-2, 1:-1] + x[..., 2:, 1:-1] + x[..., 1:-1, :-2] + x[..., 1:-1, 2:]
    found: F64 = np.sqrt(np.mean((around - 4 * inner) ** 2, axis=(1, 2, 3)))
    return found


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


SHARE = 0.95
REACH = 8
"""Neighbours to either side whose spread is taken to be about the same."""
MOST_FREEDOM = 2000.0
TABLE, ANGLES = 240, 4001


def student(freedom: ArrayLike) -> F64:
    """Student's two-sided 95 % quantile for `freedom` ≥ 1 degrees of freedom, in their shape, to 1e-3."""
    inverses, quantiles = _table()
    shares = 1 / np.clip(np.asarray(freedom, np.float64), 1.0, MOST_FREEDOM)
    found: F64 = np.interp(shares, inverses, quantiles)
    return found


def welch(variances: ArrayLike, fourths: ArrayLike, least: float) -> F64:
    """Degrees of freedom of a sum of estimates: (Σ v)² / Σ (v² / ν) (Welch 1947, eq. 28), not under `least`.

    `variances` are Σ v, `fourths` are Σ v² / ν; where nothing varies there are `least`.
    """
    total, parts = np.asarray(variances, np.float64), np.asarray(fourths, np.float64)
    ratio = np.divide(total**2, parts, out=np.full(total.shape, least), where=parts > 0)
    found: F64 = np.maximum(ratio, least)
    return found


def steadied(relative: F64, reach: int = REACH) -> F64:
    """Squared relative errors (N,) along an axis, none below the mean of those up to `reach` places away."""
    sums = np.concatenate([[0.0], np.cumsum(relative)])
    at = np.arange(len(relative))
    first, last = np.maximum(0, at - reach), np.minimum(len(relative), at + reach + 1)
    average = (sums[last] - sums[first]) / (last - first)
    found: F64 = np.maximum(relative, average)
    return found


def around(mean: F64, error: F64, freedom: ArrayLike) -> tuple[F64, F64]:
    """Ends of the 95 % interval of `mean` > 0 whose standard error is `error`, in their shape; nan stays nan."""
    positive = np.where(mean > 0, mean, 1.0)
    with np.errstate(over="ignore"):
        factor = np.exp(student(freedom) * np.where(mean > 0, error, 0.0) / positive)
    return mean / factor, mean * factor


@lru_cache(maxsize=1)
def _table() -> tuple[F64, F64]:
    """1/ν from 1 down to `MOST_FREEDOM`, ascending, and the quantiles."""
    inverses = np.linspace(1 / MOST_FREEDOM, 1.0, TABLE)
    return inverses, np.array([_quantile(1 / inverse) for inverse in inverses])


def _quantile(freedom: float) -> float:
    """T = √ν tan θ, where θ in ± π/2 has a density that grows as cos^{ν − 1} θ."""
    angles = np.linspace(0, np.pi / 2, ANGLES)
    density = np.cos(angles) ** (freedom - 1)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return float(np.sqrt(freedom) * np.tan(np.interp(SHARE, below / below[-1], angles)))
