"""Contours of the data's density in the plane."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from diffviz.domain.gan import EXTENT, Drawn
from diffviz.theory.gan import Planar, mixture_of

Doubles = NDArray[np.float64]
FINE = 97
SHARES = (0.39, 0.86)
"""How much of the data lies within each contour, as within one and two standard deviations of a Gaussian."""


@lru_cache(maxsize=8)
def contours_of(data: Planar) -> tuple[Doubles, ...]:
    """Polylines (K, 2) around the smallest areas that hold `SHARES` of the data."""
    if isinstance(data, Drawn) and not data.points:
        return ()
    axis = np.linspace(-EXTENT, EXTENT, FINE)
    x, y = np.meshgrid(axis, axis, indexing="ij")
    density = mixture_of(data).density(np.stack([x, y], -1))
    lines = [line for share in SHARES for line in pg.isocurve(density, level_of(density, share), connected=True)]
    return tuple(np.asarray(line, np.float64) / (FINE - 1) * 2 * EXTENT - EXTENT for line in lines)


def level_of(density: Doubles, share: float) -> float:
    """The density above which `share` of all of it lies."""
    falling = np.sort(density.ravel())[::-1]
    mass = falling.cumsum() / falling.sum()
    return float(falling[np.searchsorted(mass, share)])
