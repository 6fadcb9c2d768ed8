"""How often a discriminator is right, with its interval, and where the line is drawn for one that has none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

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
