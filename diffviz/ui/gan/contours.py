"""Contours of the data's density in the plane."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyqtgraph as pg

from diffviz.domain.arrays import F64
from diffviz.domain.gan import EXTENT, Drawn
from diffviz.theory.gan.distributions import Planar, mixture_of
from diffviz.theory.mixtures import Mixture

FINE, DRAWS = 129, 20_000
SHARES = (0.39, 0.86)
"""How much of the data lies within each contour, as within one and two standard deviations of a Gaussian."""


@lru_cache(maxsize=8)
def contours_of(data: Planar) -> tuple[F64, ...]:
    """Polylines (K, 2) around the smallest areas that hold `SHARES` of the data."""
    if isinstance(data, Drawn) and not data.points:
        return ()
    mixture = mixture_of(data)
    axis = np.linspace(-EXTENT, EXTENT, FINE)
    density = mixture.density(np.stack(np.meshgrid(axis, axis, indexing="ij"), -1))
    lines = [line for share in SHARES for line in pg.isocurve(density, level_of(mixture, share), connected=True)]
    # pyqtgraph counts from the corner of the first cell, half a cell before its point
    return tuple((np.asarray(line, np.float64) - 0.5) / (FINE - 1) * 2 * EXTENT - EXTENT for line in lines)


def level_of(mixture: Mixture, share: float) -> float:
    """The density above which `share` of `mixture` lies, from draws of it."""
    drawn = mixture.density(mixture.sample(DRAWS, np.random.default_rng(0)))
    return float(np.quantile(drawn, 1 - share))
