"""What a map of the plane shows as plain data: D(x) as colour, contours of the data, points and how they are pushed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32, F64, U8
from diffviz.domain.gan import EXTENT, Drawn
from diffviz.domain.gan_verdicts import Leaning
from diffviz.theory import gan_distributions, gaussians
from diffviz.ui.plots import plane_layers, plane_marks
from diffviz.ui.widgets import qss, theme

STRENGTH = 0.62
LEVELS = 255


def colours(leaning: Leaning, answers: F32) -> U8:
    """`answers` (H, W), rows from low to high y, as colours (H, W, 3), the highest y on top."""
    places = np.rint((leaning.of(answers[::-1]) + 1) / 2 * LEVELS).astype(np.intp)
    found: U8 = table(theme.palette().name)[places]
    return found


@lru_cache(maxsize=4)
def table(_theme: str) -> U8:
    """Colours (256, 3) from "surely generated" over the ground to "surely real"."""
    palette = theme.palette()
    ground = qss.mix(palette.panel, palette.ground, 0.55)
    shares = np.linspace(-1, 1, LEVELS + 1)
    hues = (palette.generated if share < 0 else palette.alpha_bar for share in shares)
    mixed = (qss.mix(ground, hue, STRENGTH * abs(share)) for hue, share in zip(hues, shares, strict=True))
    return np.array([[int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in mixed], np.uint8)


FINE, DRAWS = 129, 20_000
SHARES = (0.39, 0.86)
"""How much of the data lies within each contour, as within one and two standard deviations of a Gaussian."""


@lru_cache(maxsize=8)
def contours_of(data: gan_distributions.Planar) -> tuple[F64, ...]:
    """Polylines (K, 2) around the smallest areas that hold `SHARES` of the data."""
    if isinstance(data, Drawn) and not data.points:
        return ()
    mixture = gan_distributions.mixture_of(data)
    axis = np.linspace(-EXTENT, EXTENT, FINE)
    density = mixture.density(np.stack(np.meshgrid(axis, axis, indexing="ij"), -1))
    return plane_layers.isolines(density, [level_of(mixture, share) for share in SHARES], EXTENT)


def level_of(mixture: gaussians.Mixture, share: float) -> float:
    """The density above which `share` of `mixture` lies, from draws of it."""
    drawn = mixture.density(mixture.sample(DRAWS, np.random.default_rng(0)))
    return float(np.quantile(drawn, 1 - share))


REAL, FAKE = "real", "fake"


def nothing() -> F32:
    """No points."""
    return np.empty((0, 2), np.float32)


@dataclass(slots=True, eq=False)
class PlaneScene:
    """`surface` (GRID, GRID) over ±EXTENT, rows from low to high y, coloured by `leaning`, and points (N, 2).

    `arrows` (N, 2) stand at `fake`, `gain` units of the plane long for each unit of theirs; `contours` are polylines
    (K, 2) of the data's density. `region` are the corners (K, 2) of a lasso: what lies in it is chosen.
    Points of the kinds in `off` are not shown.
    """

    surface: F32 | None = None
    leaning: Leaning = field(default_factory=Leaning)
    real: F32 = field(default_factory=nothing)
    fake: F32 = field(default_factory=nothing)
    arrows: F32 | None = None
    gain: float = 1.0
    contours: Sequence[F64] = ()
    region: F64 | None = None
    off: frozenset[str] = frozenset()

    def points(self, kind: str) -> F32:
        """The points of `kind`, `REAL` or `FAKE`: none where they are switched off."""
        return nothing() if kind in self.off else self.real if kind == REAL else self.fake

    def chosen(self, points: F32) -> NDArray[np.bool_]:
        """Which of `points` (N, 2) are chosen; all where nothing is."""
        return np.ones(len(points), bool) if self.region is None else plane_marks.inside(self.region, points)
