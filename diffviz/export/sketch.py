"""Drawing in the plane: points and lines over a coloured ground, drawn larger and averaged."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw

from diffviz.domain.arrays import F32, U8
from diffviz.domain.gan import EXTENT
from diffviz.export.lettering import Colour

SIDE = 384
SMOOTH = 2
RADIUS = 2.0


class Sketch:
    """±`EXTENT` of the plane, y upwards, in a picture of `side` × `side`."""

    def __init__(self, ground: NDArray[np.floating], side: int = SIDE) -> None:
        """`ground` are colours (rows, columns, 3) in 0 … 255 over the plane, rows from low y."""
        self._side, self._unit = side, SMOOTH * side / SIDE
        small = Image.fromarray(ground[::-1].astype(np.uint8)).resize((side, side), Image.Resampling.BICUBIC)
        self._image = small.resize((side * SMOOTH, side * SMOOTH), Image.Resampling.BICUBIC)
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def dots(self, points: ArrayLike, hue: Colour, radius: float = RADIUS) -> None:
        """A dot at each of `points` (N, 2) that lie within."""
        r = radius * self._unit
        for x, y in self._within(points):
            self._draw.ellipse((x - r, y - r, x + r, y + r), hue)

    def lines(self, begin: ArrayLike, end: ArrayLike, hue: Colour, opacity: float = 1.0) -> None:
        """A line from each of `begin` to that of `end`, (N, 2) each."""
        colour, width = (*hue, round(255 * opacity)), max(1, round(self._unit))
        for a, b in zip(self._placed(begin), self._placed(end), strict=True):
            self._draw.line((*a, *b), colour, width)

    def pixels(self) -> U8:
        """The picture, uint8 (side, side, 3)."""
        return np.asarray(self._image.resize((self._side, self._side), Image.Resampling.BOX), np.uint8)

    def _within(self, points: ArrayLike) -> list[list[float]]:
        xy = np.asarray(points, np.float64)
        return self._placed(xy[(np.abs(xy) <= EXTENT).all(1)])

    def _placed(self, points: ArrayLike) -> list[list[float]]:
        last = self._side * SMOOTH - 1
        across = (np.asarray(points, np.float64) + EXTENT) / (2 * EXTENT) * last
        found: list[list[float]] = np.stack([across[:, 0], last - across[:, 1]], 1).tolist()
        return found


def mixed(ground: Colour, hue: NDArray[np.floating] | Colour, share: NDArray[np.floating]) -> F32:
    """`ground` with `share` (rows, columns) of `hue`, which is one colour or one for each place (rows, columns, 3)."""
    base, other = np.array(ground, np.float32), np.array(hue, np.float32)
    found: F32 = base + share[..., None].astype(np.float32) * (other - base)
    return found
