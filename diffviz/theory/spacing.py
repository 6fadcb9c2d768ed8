"""Which whole timesteps a sampler visits (Lin et al. 2024), and where it takes a second evaluation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import numpy as np

SHIFT = 1  # table 2 counts timesteps as k = 0 … T − 1; here x_0 is clean, so t = k + 1


def leading(timesteps: int, steps: int) -> list[int]:
    """k · ⌊T/S⌋ for k = 0 … S − 1: never starts at T."""
    return [k * (timesteps // steps) + SHIFT for k in range(steps)]


def linspace(timesteps: int, steps: int) -> list[int]:
    """S points spread evenly from 1 to T; T alone for a single one."""
    if steps == 1:
        return [timesteps]
    return [int(k) + SHIFT for k in np.round(np.linspace(0, timesteps - 1, steps))]


def trailing(timesteps: int, steps: int) -> list[int]:
    """T, T − T/S, …: starts at T and leaves out the smallest."""
    taus = np.arange(timesteps, 0, -timesteps / steps)[:steps]  # rounding of T/S can let a 0 slip in at the end
    return [int(t) for t in np.round(taus)]


SPACINGS: Mapping[str, Callable[[int, int], list[int]]] = MappingProxyType(
    {"trailing": trailing, "linspace": linspace, "leading": leading}
)


def visits(timesteps: int, steps: int, spacing: str, start: int | None = None) -> tuple[int, ...]:
    """Visited timesteps τ_S > … > τ_1 > τ_0 = 0, strictly descending, `steps` + 1 of them (Lin et al. 2024, table 2).

    `spacing` is a key of `SPACINGS`. A run that starts at timestep `start` visits `start` and then those of the
    ordinary visits that are smaller. Raises ValueError unless 1 ≤ steps ≤ T and 0 ≤ start ≤ T.
    """
    if not 1 <= steps <= timesteps:
        raise ValueError(f"steps must lie between 1 and {timesteps}, not {steps}")
    if spacing not in SPACINGS:
        raise ValueError(f"unknown spacing {spacing!r}; one of {', '.join(SPACINGS)}")
    ordinary = (*sorted(SPACINGS[spacing](timesteps, steps), reverse=True), 0)
    if start is None:
        return ordinary
    if not 0 <= start <= timesteps:
        raise ValueError(f"a run starts between 0 and {timesteps}, not at {start}")
    return (start, *(t for t in ordinary if t < start))


LARGEST = 80.0


def corrected(now: tuple[float, float], before: tuple[float, float]) -> bool:
    """Whether the step from (α, σ) `now` to those `before` takes the slope at its end as well, and not Euler's alone.

    Not the last one, to σ̂ = σ/α = 0 (Karras et al. 2022, algorithm 1, line 6); nor one from beyond their largest σ̂ of
    80: a cosine schedule begins at 20,000, and the mean of the slopes at the ends of a step from there to 30 moves x
    by many times its own size.
    """
    return before[1] > 0 and now[1] <= LARGEST * now[0]


def evaluations(points: Sequence[tuple[float, float]]) -> int:
    """Evaluations of the denoiser along the visited (α, σ), from those of x_T to those of t = 0."""
    return sum(1 + corrected(here, prev) for here, prev in pairwise(points))
