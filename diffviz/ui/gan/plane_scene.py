"""What a map of the plane shows, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from diffviz.domain.arrays import F32, F64
from diffviz.domain.gan_leaning import Leaning


def nothing() -> F32:
    """No points."""
    return np.empty((0, 2), np.float32)


@dataclass(slots=True, eq=False)
class PlaneScene:
    """`surface` (GRID, GRID) over ±EXTENT, rows from low to high y, coloured by `leaning`, and points (N, 2).

    `arrows` (N, 2) stand at `fake`, `gain` units of the plane long for each unit of theirs; `contours` are polylines
    (K, 2) of the data's density.
    """

    surface: F32 | None = None
    leaning: Leaning = field(default_factory=Leaning)
    real: F32 = field(default_factory=nothing)
    fake: F32 = field(default_factory=nothing)
    arrows: F32 | None = None
    gain: float = 1.0
    contours: Sequence[F64] = ()
