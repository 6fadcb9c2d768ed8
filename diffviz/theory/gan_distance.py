"""How far G's distribution is from the data in two dimensions: TV, JS and what the best possible D could reach.

Both are compared on a grid of cells that is finer than the picture. A divergence between two estimates from samples
would be fooled by their own noise: a perfect G would seem to be at a distance. So the samples are split: one half
says where p > p_g, the other half is judged by it, and the other way round. That is what a discriminator that knows
the densities as well as the first half shows them reaches on fresh samples: never more than the truth, in expectation.

Discriminators: their accuracy with its interval, and the value of their objective at its optimum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64
from diffviz.domain.gan import EXTENT, GRID
from diffviz.theory.gaussians import Mixture
from diffviz.theory.statistics import wilson

FINE = 2 * GRID - 1
STEP = 2 * EXTENT / (FINE - 1)
BANDWIDTH = 0.09
REACH = math.ceil(4 * BANDWIDTH / STEP)
PSEUDO = 2e-5


@dataclass(frozen=True, slots=True, eq=False)
class Distance:
    """Total variation, Jensen–Shannon divergence in bits, and `density` (GRID, GRID) of p_g, rows are y."""

    tv: float
    js: float
    density: F64

    @property
    def best(self) -> float:
        """Accuracy of the best possible discriminator, ½ (1 + TV)."""
        return 0.5 * (1 + self.tv)


def axis() -> F64:
    """Where the picture's rows and columns stand, (GRID,)."""
    return np.linspace(-EXTENT, EXTENT, GRID)


def grid_points() -> F64:
    """The picture's points (GRID · GRID, 2), row by row from low y."""
    x, y = np.meshgrid(axis(), axis())
    return np.stack([x.ravel(), y.ravel()], 1)


def distance(p: Mixture, samples: ArrayLike) -> Distance:
    """How far the distribution that `samples` (N, 2), N ≥ 2, were drawn from is from `p`."""
    x = np.asarray(samples, np.float64)
    halves = _masses(x[::2]), _masses(x[1::2])
    exact, smooth = _cells(p)
    one, other = (smoothed(half) for half in halves)
    found = _judged(exact, smooth, one, halves[1]), _judged(exact, smooth, other, halves[0])
    tv, js = np.mean(found, axis=0)
    return Distance(max(0.0, float(tv)), max(0.0, float(js)), _picture(0.5 * (one + other)))


def total_variation(p: ArrayLike, q: ArrayLike) -> float:
    """½ Σ |p − q| of two arrays of masses, each summing to 1."""
    return 0.5 * float(np.abs(np.asarray(p, np.float64) - np.asarray(q, np.float64)).sum())


def jensen_shannon(p: ArrayLike, q: ArrayLike) -> float:
    """Jensen–Shannon divergence of two arrays of masses in bits, 0 to 1 (Goodfellow et al. 2014, eq. 6)."""
    a, b = np.asarray(p, np.float64), np.asarray(q, np.float64)
    middle = 0.5 * (a + b)
    return 0.5 * (_relative(a, middle) + _relative(b, middle))


def optimal_d(p: ArrayLike, q: ArrayLike) -> F64:
    """D* = p / (p + p_g), ½ where neither has any (Goodfellow et al. 2014, proposition 1)."""
    a, b = np.asarray(p, np.float64), np.asarray(q, np.float64)
    total = a + b
    found: F64 = np.where(total > 0, a / np.where(total > 0, total, 1.0), 0.5)
    return found


def best_accuracy(p: ArrayLike, q: ArrayLike) -> float:
    """Accuracy of the best possible discriminator between two arrays of masses."""
    return 0.5 * (1 + total_variation(p, q))


def best_surface(p: Mixture, density: ArrayLike) -> F64:
    """D* on the picture's grid (GRID, GRID), from p and the estimated `density` of p_g, both smoothed alike."""
    smooth = _picture(_cells(p)[1])
    prior = PSEUDO / STEP**2  # where neither has samples to speak of, D* is not known: it tends to 1/2
    return optimal_d(smooth + prior, np.asarray(density, np.float64) + prior)


def smoothed(masses: F64) -> F64:
    """Masses of the cells (FINE² + 1,) blurred by a Gaussian of `BANDWIDTH`; what lies outside stays outside."""
    inside = _blurred(_blurred(masses[:-1].reshape(FINE, FINE)).T).T
    return np.append(inside.ravel(), masses[-1])


def _picture(masses: F64) -> F64:
    """Density (GRID, GRID) of masses of cells, at the picture's points."""
    found: F64 = masses[:-1].reshape(FINE, FINE)[::2, ::2] / STEP**2
    return found


def _judged(exact: F64, smooth: F64, estimate: F64, fresh: F64) -> tuple[float, float]:
    """TV and JS that a discriminator made of p and of an estimate of p_g shows on p and on samples that it has not."""
    d = optimal_d(smooth + PSEUDO, estimate + PSEUDO)
    tv = float((exact - fresh)[d > 0.5].sum())
    js = 1 + 0.5 * float(exact @ np.log2(d) + fresh @ np.log2(1 - d))
    return tv, js


def _masses(x: F64) -> F64:
    """Share of the samples in each cell and, at the end, outside: (FINE² + 1,)."""
    with np.errstate(invalid="ignore"):
        place = np.floor((x + EXTENT) / STEP + 0.5)
    inside = ((place >= 0) & (place < FINE)).all(1)
    column, row = place[inside].astype(np.int64).T
    counts = np.bincount(row * FINE + column, minlength=FINE * FINE).astype(np.float64)
    return np.append(counts, len(x) - inside.sum()) / len(x)


_kept: dict[int, tuple[Mixture, F64, F64]] = {}


def _cells(p: Mixture) -> tuple[F64, F64]:
    """Exact mass of `p` in each cell and, at the end, outside; and the same smoothed. The last few are kept."""
    if id(p) not in _kept:
        while len(_kept) > 7:
            _kept.pop(next(iter(_kept)))
        exact = _integrated(p)
        _kept[id(p)] = p, exact, smoothed(exact)
    return _kept[id(p)][1:]


def _integrated(p: Mixture) -> F64:
    edges: F64 = -EXTENT + STEP * (np.arange(FINE + 1, dtype=np.float64) - 0.5)
    across, up = (_shares(p, edges, i) for i in (0, 1))
    inside = (p.weights[:, None] * up).T @ across
    return np.append(inside.ravel(), max(0.0, 1 - inside.sum()))


def _shares(p: Mixture, edges: F64, i: int) -> F64:
    """Probability of each interval under each component's coordinate `i`, (K, FINE)."""
    z = (edges - p.means[:, i : i + 1]) / p.stds[:, None] / math.sqrt(2)
    return np.diff(0.5 * np.vectorize(math.erf)(z), axis=1)


def _blurred(values: F64) -> F64:
    """`values` (FINE, n) blurred down the columns, whose sums stay: at an edge a cell's mass goes to fewer others.

    Sums of shifted rows: a product of such small matrices would wait for the threads of its library.
    """
    lasts = range(1, REACH + 1)
    weights = [math.exp(-0.5 * (i * STEP / BANDWIDTH) ** 2) for i in (0, *lasts)]
    sums = np.full(FINE, weights[0])
    for i in lasts:
        sums[i:] += weights[i]
        sums[:-i] += weights[i]
    shares = values / sums[:, None]
    found: F64 = weights[0] * shares
    for i in lasts:
        found[i:] += weights[i] * shares[:-i]
        found[:-i] += weights[i] * shares[i:]
    return found


def _relative(p: F64, q: F64) -> float:
    some = p > 0
    return float((p[some] * np.log2(p[some] / q[some])).sum())


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Shares of real and of generated samples that D is right about, of both, and the 95 % interval of that."""

    real: float
    fake: float
    overall: float
    low: float
    high: float


def accuracy(real: ArrayLike, fake: ArrayLike, threshold: float) -> Accuracy:
    """How often D is right whose outputs for as many real and generated samples are `real` and `fake`, (M,) each.

    Above `threshold` it says real; at it, it guesses. Wilson's interval takes all answers for draws of one share; the
    two kinds have shares of their own, whose sum varies less: it covers at least as often as it says.
    """
    r, f = np.asarray(real, np.float64), np.asarray(fake, np.float64)
    right_real = float(np.mean(r > threshold) + 0.5 * np.mean(r == threshold))
    right_fake = float(np.mean(f < threshold) + 0.5 * np.mean(f == threshold))
    overall, trials = 0.5 * (right_real + right_fake), len(r) + len(f)
    return Accuracy(right_real, right_fake, overall, *wilson(round(overall * trials), trials))


def fitted_threshold(real: ArrayLike, fake: ArrayLike) -> float:
    """The output between two samples that best parts `real` from `fake`, for critics that have no 50 % line.

    Judge it on other samples: on these it is right more often than it deserves.
    """
    r, f = np.sort(np.asarray(real, np.float64)), np.sort(np.asarray(fake, np.float64))
    values = np.unique(np.concatenate([r, f]))
    cuts = np.concatenate([values[:1] - 1, 0.5 * (values[1:] + values[:-1])])
    right = (len(r) - np.searchsorted(r, cuts, "right")) / len(r) + np.searchsorted(f, cuts, "left") / len(f)
    return float(cuts[right.argmax()])


# L_D and L_G where p_g = p and D is the best possible one (the constant that it then is)
EQUILIBRIUM: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "non_saturating": (math.log(4), math.log(2)),
        "saturating": (math.log(4), -math.log(2)),
        "least_squares": (0.25, 0.125),
        "hinge": (2.0, 0.0),
        "wasserstein": (0.0, 0.0),
    }
)


def minimax(p: ArrayLike, q: ArrayLike) -> float:
    """Smallest −E_p log D − E_q log(1 − D)."""
    return smallest(math.log(2) * jensen_shannon(p, q))


def smallest(js: float) -> float:
    """D's minimax loss at the best possible D, log 4 − 2 JS; `js` in nats (Goodfellow et al. 2014, theorem 1)."""
    return math.log(4) - 2 * js


def least_squares(p: ArrayLike, q: ArrayLike) -> float:
    """Smallest ½ E_p (D − 1)² + ½ E_q D²: ½ Σ p q / (p + q), at D = p / (p + q) (Mao et al. 2017)."""
    a, b = np.asarray(p, np.float64), np.asarray(q, np.float64)
    some = a + b > 0
    return 0.5 * float((a[some] * b[some] / (a + b)[some]).sum())


def hinge(p: ArrayLike, q: ArrayLike) -> float:
    """Smallest E_p max(0, 1 − D) + E_q max(0, 1 + D): 2 (1 − TV), at D = ±1 (Lim & Ye 2017)."""
    return 2 * (1 - total_variation(p, q))


BEST: Mapping[str, Callable[[ArrayLike, ArrayLike], float]] = MappingProxyType(
    {"non_saturating": minimax, "saturating": minimax, "least_squares": least_squares, "hinge": hinge}
)
