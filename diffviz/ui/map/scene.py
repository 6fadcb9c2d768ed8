"""What a latent map shows, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32, F64, U8
from diffviz.theory.latent import Plane


@dataclass(frozen=True, slots=True, eq=False)
class MapPoints:
    """Codes of real images: `mu` and `sigma` (N, D), where they are `seen` (N, 2), and their classes (N,)."""

    mu: F32
    sigma: F32
    seen: F64
    labels: NDArray[np.int64]


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

    `isolated` is the class that alone is not pale; `selected` the number of the selected image; `anchors` are names
    and places (2,) of the anchors, `path` (N, 2) the computed points of the path, `at` the point at the cursor.
    """

    plane: Plane = field(default_factory=lambda: Plane.of_dimensions(2, 0, 1))
    prior: bool = True
    axes: tuple[str, str] = ("z_1", "z_2")
    points: MapPoints | None = None
    backdrop: Backdrop | None = None
    isolated: int | None = None
    selected: int | None = None
    ellipse: tuple[F64, tuple[float, float, float]] | None = None
    anchors: dict[str, F64] = field(default_factory=dict)
    path: F64 = field(default_factory=lambda: np.empty((0, 2)))
    at: F64 | None = None
