"""Where Heun's method takes its second evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

LARGEST = 80.0


def corrected(alpha_bar: float, alpha_bar_prev: float) -> bool:
    """Whether the step from t to t_prev takes the slope at its end as well, and not Euler's alone.

    Not the last one, to σ̂ = σ/α = 0 (Karras et al. 2022, algorithm 1, line 6); nor one from beyond their largest σ̂ of
    80: a cosine schedule begins at 20,000, and the mean of the slopes at the ends of a step from there to 30 moves x
    by many times its own size.
    """
    return alpha_bar_prev < 1.0 and 1 - alpha_bar <= LARGEST**2 * alpha_bar


def evaluations(alpha_bars: Sequence[float]) -> int:
    """Evaluations of the denoiser along the visited ᾱ, from x_T's to that of t = 0."""
    return sum(1 + corrected(here, prev) for here, prev in pairwise(alpha_bars))
