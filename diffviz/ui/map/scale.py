"""Where points of a plane lie in a widget: one scale for both directions, zoom about a point, and pan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64

LEFT, BOTTOM, TOP, RIGHT = 34, 24, 6, 6
ROOM = 0.07
CLOSEST, FARTHEST = 1e5, 0.5


@dataclass(frozen=True, slots=True)
class PlaneScale:
    """`per_unit` pixels to a unit, the plane's point (`x`, `y`) in the middle of a widget of `width` × `height`."""

    width: int = 1
    height: int = 1
    x: float = 0.0
    y: float = 0.0
    per_unit: float = 50.0

    @property
    def area(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the part within the axes, in pixels."""
        return LEFT, TOP, max(1.0, self.width - LEFT - RIGHT), max(1.0, self.height - TOP - BOTTOM)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """What is seen: x from, x to, y from, y to."""
        _, _, width, height = self.area
        across, down = width / self.per_unit / 2, height / self.per_unit / 2
        return self.x - across, self.x + across, self.y - down, self.y + down

    def to_px(self, points: ArrayLike) -> F64:
        """Pixels (N, 2) of points (N, 2)."""
        left, top, width, height = self.area
        xy = np.asarray(points, np.float64)
        shift = (xy - [self.x, self.y]) * [self.per_unit, -self.per_unit]
        return np.asarray(shift + np.array([left + width / 2, top + height / 2]))

    def to_plane(self, px: float, py: float) -> tuple[float, float]:
        """The point at a pixel."""
        left, top, width, height = self.area
        return (
            self.x + (px - left - width / 2) / self.per_unit,
            self.y - (py - top - height / 2) / self.per_unit,
        )

    def sized(self, width: int, height: int) -> PlaneScale:
        """The same view in a widget of another size: what was seen stays in sight."""
        _, _, before_width, before_height = self.area
        made = replace(self, width=width, height=height)
        _, _, now_width, now_height = made.area
        if self.width <= 1 or self.height <= 1:
            return made
        grown = min(now_width / before_width, now_height / before_height)
        return replace(made, per_unit=self.per_unit * grown)

    def fitted(self, points: ArrayLike) -> PlaneScale:
        """A view of all `points` (N, 2), at least one, with a little room around them."""
        xy = np.asarray(points, np.float64)
        low, high = xy.min(0), xy.max(0)
        _, _, width, height = self.area
        span = np.maximum(high - low, 1e-3) * (1 + 2 * ROOM)
        middle = (low + high) / 2
        return replace(
            self, x=float(middle[0]), y=float(middle[1]), per_unit=float(min(width / span[0], height / span[1]))
        )

    def zoomed(self, factor: float, px: float, py: float) -> PlaneScale:
        """`factor` times as large, the point at a pixel staying there."""
        x, y = self.to_plane(px, py)
        per_unit = min(max(self.per_unit * factor, FARTHEST), CLOSEST)
        share = 1 - self.per_unit / per_unit
        return replace(self, x=self.x + (x - self.x) * share, y=self.y + (y - self.y) * share, per_unit=per_unit)

    def moved(self, dx: float, dy: float) -> PlaneScale:
        """Panned by pixels."""
        return replace(self, x=self.x - dx / self.per_unit, y=self.y + dy / self.per_unit)
