"""What a latent map shows, as plain data: codes of pictures, what lies behind them, the path; and tiles and shades."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32, F64, U8, levels
from diffviz.theory.latent import Plane
from diffviz.ui.plots.plane_marks import PlaneScale
from diffviz.ui.widgets import pixmaps


@dataclass(frozen=True, slots=True, eq=False)
class MapPoints:
    """Codes of real images: `mu` and `sigma` (N, D), where they are `seen` (N, 2), and their classes (N,).

    `pictures`, uint8 (N, H, W) or (N, H, W, 3), are the images themselves; `classes` names the classes.
    """

    mu: F32
    sigma: F32
    seen: F64
    labels: NDArray[np.int64]
    pictures: U8 | None = None
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """A picture behind the points over `bounds` of the plane (x from, x to, y from, y to).

    `pixels` are uint8 (H, W) or (H, W, 3 or 4), row 0 on top.
    """

    pixels: U8
    bounds: tuple[float, float, float, float]


@dataclass(slots=True, eq=False)
class MapScene:
    """The state of one map. `plane` turns latent points into points of the map; `prior` says whether there is one.

    `isolated` is the class that alone is not pale, classes in `off` are not shown, of `chosen` (M,) numbers of images
    all others are pale. `anchors` are names and places (2,) of the anchors, `path` (N, 2) the computed points of the
    path, `at` the point at the cursor.
    """

    plane: Plane = field(default_factory=lambda: Plane.of_dimensions(2, 0, 1))
    prior: bool = True
    axes: tuple[str, str] = ("z_1", "z_2")
    points: MapPoints | None = None
    backdrop: Backdrop | None = None
    isolated: int | None = None
    off: frozenset[int] = frozenset()
    chosen: NDArray[np.intp] | None = None
    ellipse: tuple[F64, tuple[float, float, float]] | None = None
    anchors: dict[str, F64] = field(default_factory=dict)
    path: F64 = field(default_factory=lambda: np.empty((0, 2)))
    at: F64 | None = None

    def shown(self) -> NDArray[np.bool_]:
        """Which points are shown at all (N,)."""
        assert self.points is not None
        return ~np.isin(self.points.labels, list(self.off))

    def bright(self) -> NDArray[np.bool_]:
        """Which points are not pale (N,)."""
        assert self.points is not None
        labels = self.points.labels
        lit = np.ones(len(labels), bool) if self.isolated is None else labels == self.isolated
        if self.chosen is not None:
            lit &= np.isin(np.arange(len(labels)), self.chosen)
        return lit


RINGS = ((1, "39 %"), (2, "86 %"), (3, "99 %"))
"""Radii of the prior's contours in σ, and how much of N(0, I) in two dimensions each holds."""


TILE, FEWEST = 44, 2
CELLS = 26
FAR = 3.0
"""At this many times the distance of held-out images the shade is full."""
STRONGEST = 2 / 3


def tiles(scale: PlaneScale) -> tuple[int, int]:
    """How many tiles of the manifold there is room for, across and down."""
    _, _, width, height = scale.area
    return max(FEWEST, int(width // TILE)), max(FEWEST, int(height // TILE))


def cells(scale: PlaneScale) -> tuple[int, int]:
    """Cells of the shade across and up, as square as can be."""
    _, _, width, height = scale.area
    longer = max(width, height)
    return max(2, math.ceil(CELLS * width / longer)), max(2, math.ceil(CELLS * height / longer))


def points_in_sight(plane: Plane, scale: PlaneScale, across: int, up: int) -> F32:
    """Latent points (up, across, D) at the centres of equal cells over what is in sight, row 0 the lowest."""
    x0, x1, y0, y1 = scale.bounds
    x = x0 + (x1 - x0) * (np.arange(across) + 0.5) / across
    y = y0 + (y1 - y0) * (np.arange(up) + 0.5) / up
    points = np.stack(np.meshgrid(x, y), -1)
    return plane.latent(points).astype(np.float32)


def tile_points(plane: Plane, scale: PlaneScale) -> F32:
    """Latent points (N, D) of the manifold's tiles, rows from the top."""
    across, down = tiles(scale)
    z = points_in_sight(plane, scale, across, down)[::-1]
    return np.ascontiguousarray(z.reshape(across * down, -1))


def mosaic(scale: PlaneScale, images: F32) -> Backdrop | None:
    """Images decoded at `tile_points` side by side; None where there is room for another number of them by now."""
    across, down = tiles(scale)
    if across * down != len(images):
        return None
    channels, height, width = images.shape[1:]
    rows = levels(images).reshape(down, across, channels, height, width).transpose(0, 3, 1, 4, 2)
    pixels = rows.reshape(down * height, across * width, channels)
    return Backdrop(pixels[..., 0] if channels == 1 else pixels, scale.bounds)


def shade(distances: F32, held_out: float) -> U8:
    """Distances, rows from the bottom, as pixels (H, W, 4) from the top: clear at `held_out`, full at `FAR` times."""
    share = np.clip((distances[::-1] / max(held_out, 1e-9) - 1) / (FAR - 1), 0, 1)
    return pixmaps.tinted(share, "generated", STRONGEST)
