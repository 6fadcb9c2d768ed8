"""Discriminators: their accuracy with its interval, and the value of their objective at its optimum."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from diffviz.theory.gan.distance import jensen_shannon, total_variation
from diffviz.theory.statistics import wilson


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
