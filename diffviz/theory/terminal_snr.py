"""How much of the data is left at t: against N(0, I), in neighbouring pixels, and at the first visited timestep."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F64
from diffviz.theory.schedules import NoiseSchedule

VISIBLE = 0.01


def kl_to_prior(x0: NDArray[np.floating], schedule: NoiseSchedule) -> F64:
    """KL(q(x_t | x_0) ‖ N(0, I)) at t = 0 … T in nats, (T + 1,), mean over images `x0` (N, C, H, W); ∞ at t = 0.

    ½ (ᾱ_t ‖x_0‖² − D ᾱ_t − D log(1 − ᾱ_t)) for D values an image: L_T at t = T (Ho et al. 2020, eq. 5). The mean over
    images is more than the KL of the marginal q(x_t).
    """
    values = np.asarray(x0, np.float64).reshape(len(x0), -1)
    dims, squares = values.shape[1], float((values**2).sum(1).mean())
    with np.errstate(divide="ignore"):
        spread = np.log1p(-schedule.alpha_bar)
    found: F64 = 0.5 * (schedule.alpha_bar * (squares - dims) - dims * spread)
    return found


def neighbour_correlation(x: NDArray[np.floating]) -> float:
    """Correlation of values that lie next to each other in a row, over all images (N, C, H, W) and channels.

    nan where nothing varies. Independent noise has 0.
    """
    left, right = (np.asarray(part, np.float64).ravel() for part in (x[..., :-1], x[..., 1:]))
    if left.std() == 0 or right.std() == 0:
        return math.nan
    return float(np.corrcoef(left, right)[0, 1])


def neighbour_curve(x0: NDArray[np.floating], schedule: NoiseSchedule) -> F64:
    """Expected `neighbour_correlation` of x_t at t = 0 … T, (T + 1,), from images `x0`: noise adds variance only."""
    left, right = (np.asarray(part, np.float64).ravel() for part in (x0[..., :-1], x0[..., 1:]))
    covariance = float(np.mean((left - left.mean()) * (right - right.mean())))
    kept, added = schedule.alpha_bar, 1 - schedule.alpha_bar
    spread = np.sqrt((kept * left.var() + added) * (kept * right.var() + added))
    found: F64 = kept * covariance / spread
    return found


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a sampler's first visited timestep leaves in: `alpha` = √ᾱ there, `skipped` timesteps above it.

    `signal` says that more than a hundredth of x_0 is left, so that to start there from pure noise asks the network for
    what it never saw (Lin et al. 2024, section 3.1).
    """

    first: float
    alpha: float
    skipped: float
    signal: bool


def beginning(first: float, alpha_bar: float, timesteps: int) -> Beginning:
    """Of a run that starts at pure noise at timestep `first` with ᾱ = `alpha_bar`."""
    alpha = math.sqrt(alpha_bar)
    return Beginning(first, alpha, timesteps - first, alpha > VISIBLE)
