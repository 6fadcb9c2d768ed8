"""Visited pairs of timesteps: what the quantities of one step of a sampler are functions of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from diffviz.domain.arrays import F64

Value = TypeVar("Value", float, F64)


@dataclass(frozen=True, slots=True)
class Pair(Generic[Value]):
    """Timestep t and the next smaller visited one, t_prev: ᾱ of both, 1 ≥ ᾱ_prev ≥ ᾱ_t ≥ 0, and log(ᾱ_t / ᾱ_prev).

    All floats, or all arrays of one shape. The logarithm is a field of its own: where both ᾱ are too small for a
    float, and so 0, they do not tell what the step does any more, and their logarithms still do.
    """

    alpha_bar: Value
    alpha_bar_prev: Value
    log_kept: Value

    @property
    def kept(self) -> Value:
        """ᾱ_t / ᾱ_prev, the share of the signal's variance that the step keeps."""
        found: Value = np.exp(self.log_kept)
        return found

    @property
    def beta(self) -> Value:
        """β of the one step from t_prev to t: 1 − ᾱ_t / ᾱ_prev; for consecutive timesteps the paper's β_t."""
        found: Value = -np.expm1(self.log_kept)
        return found


def pair_of(alpha_bar: float, alpha_bar_prev: float) -> Pair[float]:
    """The pair of two ᾱ that a float can tell from 0; ᾱ_t may be 0, as where α = 0 at the end of a process."""
    with np.errstate(divide="ignore"):
        log_kept = float(np.log(alpha_bar) - np.log(alpha_bar_prev))
    return Pair(alpha_bar, alpha_bar_prev, log_kept)
