"""Grids over the plane that densities and scores are drawn on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.planar import EXTENT

Floats = NDArray[np.float64]


def grid(count: int) -> Floats:
    """Points (count, count, 2) over ±EXTENT, ends included; rows are y, from low to high."""
    ticks = np.linspace(-EXTENT, EXTENT, count)
    x, y = np.meshgrid(ticks, ticks)
    return np.stack([x, y], -1)
