"""Numbers as bytes of a picture: the one way from floats to 8 bits, for the window, files and cards.

What is not a number is mid-grey in a picture and clear in a layer over one, never black or white; infinities are the
ends of the range. What is stored as numbers keeps its nan.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import U8

MIDDLE = 128
"""Also what 0 is in the data range −1 … 1."""


def levels(values: ArrayLike, low: float = -1.0, high: float = 1.0) -> U8:
    """`values` from `low` to `high` as 0 … 255, rounded to the nearest and clipped, in their shape.

    For −1 … 1 the inverse of p / 127.5 − 1.
    """
    factor = 255 / (high - low)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.atleast_1d(np.asarray(values, np.float32) * np.float32(factor))
        scaled += np.float32(0.5 - low * factor)  # half a level: the bytes are truncated
    np.clip(scaled, 0, 255, out=scaled)
    if scaled.size and np.isnan(scaled.min()):  # the least of some numbers and a nan is nan
        scaled[np.isnan(scaled)] = MIDDLE
    return scaled.astype(np.uint8).reshape(np.shape(values))


def opacities(shares: ArrayLike, most: float = 1.0) -> U8:
    """`shares` 0 … 1 of the opacity `most` (0 … 1), in their shape."""
    return levels(np.nan_to_num(np.asarray(shares), nan=0.0) * most, 0.0, 1.0)
