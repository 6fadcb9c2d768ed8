"""Grids over the plane that densities and scores are drawn on, and how they are drawn: for the window and for files."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64
from diffviz.domain.planar import EXTENT

LONGEST, STRONGEST = 0.9, 0.59


def grid(count: int) -> F64:
    """Points (count, count, 2) over ±EXTENT, ends included; rows are y, from low to high."""
    ticks = np.linspace(-EXTENT, EXTENT, count)
    x, y = np.meshgrid(ticks, ticks)
    return np.stack([x, y], -1)


def arrows(score: ArrayLike, sigma: float) -> tuple[F64, F64]:
    """Where arrows of a `score` (G, G, 2) at `grid(G)` begin and end, (G², 2) each; none where it is not known.

    Lengths grow with the score's size in units of 1/σ_t, up to `LONGEST` of the distance between two arrows.
    """
    field = np.asarray(score, np.float64)
    if not np.isfinite(field).all():
        return np.empty((0, 2)), np.empty((0, 2))
    begin, size = grid(len(field)), np.linalg.norm(field, axis=-1, keepdims=True)
    reach = LONGEST * 2 * EXTENT / (len(field) - 1) * np.tanh(size * sigma)
    end = begin + np.where(size > 0, field / np.maximum(size, 1e-9), 0.0) * reach
    return begin.reshape(-1, 2), end.reshape(-1, 2)


def shade(density: ArrayLike) -> F64:
    """How strongly a density is coloured, 0 to `STRONGEST` at its highest; its root lets low ridges be seen.

    Where it is not a number it has no colour.
    """
    values = np.nan_to_num(np.asarray(density, np.float64), nan=0.0)
    found: F64 = STRONGEST * np.sqrt(values / max(float(values.max()), 1e-12))
    return found
