"""The distributions of the GAN lab in two dimensions, as mixtures whose density is known, and their modes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffviz.domain.arrays import F64
from diffviz.domain.gan import Drawn, Lattice, Moons, Ring, SwissRoll
from diffviz.theory.gaussians import Mixture

Counts = NDArray[np.int64]
Planar = Ring | Lattice | Moons | SwissRoll | Drawn

RADIUS = 2.0
STRETCHES = 8
MOST_POINTS = 400
REACH = 3.0
LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Modes:
    """Which mode each component of `mixture` belongs to: `group` (K,), from 0 to `count` − 1.

    A ring's, a lattice's or a drawing's modes are its Gaussians; a curve, which has none, is cut into stretches.
    """

    mixture: Mixture
    group: Counts
    count: int

    @property
    def shares(self) -> F64:
        """What part of the data each mode holds, (count,)."""
        return np.bincount(self.group, self.mixture.weights, self.count).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """How samples spread over the modes.

    `quality` is the share of samples within `REACH` standard deviations of a component's mean (Srivastava et al.
    2017), `per_mode` (modes,) how many of those each mode has, and `covered` counts the modes that have at least
    `LEAST_SHARE` of what as many samples of the data would have put there.
    """

    quality: float
    covered: int
    per_mode: Counts


@lru_cache(maxsize=16)
def modes_of(data: Planar) -> Modes:
    """The distribution of `data` and its modes."""
    match data:
        case Ring():
            angles = 2 * np.pi * np.arange(data.modes) / data.modes
            return _own(RADIUS * np.stack([np.cos(angles), np.sin(angles)], 1), data.std)
        case Lattice():
            line = np.linspace(-RADIUS, RADIUS, data.side)
            return _own(np.stack(np.meshgrid(line, line), -1).reshape(-1, 2), data.std)
        case Drawn():
            return _own(np.asarray(data.points, np.float64).reshape(-1, 2), data.std)
        case Moons():
            return _stretches(_moons(data.std), data.std)
        case SwissRoll():
            return _stretches(_roll(data.std), data.std)
        case _:
            assert_never(data)


def mixture_of(data: Planar) -> Mixture:
    """The distribution of `data`. Raises ValueError for a drawing without a point."""
    return modes_of(data).mixture


def coverage(samples: ArrayLike, modes: Modes) -> Coverage:
    """How `samples` (N, 2), N ≥ 1, spread over `modes`."""
    x = np.asarray(samples, np.float64)
    means, stds = modes.mixture.means, modes.mixture.stds
    squared = (x**2).sum(1)[:, None] + (means**2).sum(1) - 2 * x @ means.T
    nearest = squared.argmin(1)
    good = squared[np.arange(len(x)), nearest] <= (REACH * stds[nearest]) ** 2
    counts = np.bincount(modes.group[nearest[good]], minlength=modes.count)
    enough = counts >= np.maximum(1, LEAST_SHARE * len(x) * modes.shares)
    return Coverage(float(good.mean()), int(enough.sum()), counts)


def _own(means: F64, std: float) -> Modes:
    return Modes(Mixture.of(means, std), np.arange(len(means)), len(means))


def _stretches(curves: list[F64], std: float) -> Modes:
    """Curves of equally many points each, cut into `STRETCHES` of equal length."""
    points = np.concatenate(curves)
    return Modes(Mixture.of(points, std), np.arange(len(points)) * STRETCHES // len(points), STRETCHES)


def _moons(std: float) -> list[F64]:
    scale = 1.5
    t = np.linspace(0, np.pi, _points(np.pi * scale, std))
    upper = np.stack([np.cos(t) - 0.5, np.sin(t) - 0.25], 1)
    lower = np.stack([0.5 - np.cos(t), 0.25 - np.sin(t)], 1)
    return [scale * upper, scale * lower]


def _roll(std: float) -> list[F64]:
    """An Archimedean spiral of one and a half turns, its points evenly apart."""
    t = np.linspace(1.5 * np.pi, 4.5 * np.pi, 4000)
    fine = 2.3 / t[-1] * t[:, None] * np.stack([np.cos(t), np.sin(t)], 1)
    length = np.concatenate([[0.0], np.linalg.norm(np.diff(fine, axis=0), axis=1).cumsum()])
    even = np.linspace(0, length[-1], _points(float(length[-1]), std))
    return [np.stack([np.interp(even, length, fine[:, axis]) for axis in (0, 1)], 1)]


def _points(length: float, std: float) -> int:
    """How many Gaussians stand on a curve: less than one standard deviation apart, within what is quick to compute."""
    return min(MOST_POINTS // 2, max(32, math.ceil(1.25 * length / std)))
