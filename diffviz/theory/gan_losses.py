"""What the objectives of GANs come to at their optimum: the value of D's loss for the best D, and at equilibrium.

Densities are arrays of masses, each summing to 1. Units are nats for the minimax sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from diffviz.theory.gan.distance import jensen_shannon, total_variation

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
