"""Diffusion in two dimensions: particles that move from noise to a known density, and the grids that it is drawn on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain import frames, sampling
from diffviz.domain.arrays import F32, F64
from diffviz.domain.gan import DATA, DATA_LABELS, Drawn, Lattice, Moons, Ring, SwissRoll
from diffviz.domain.requests import OF_NETWORK, Request
from diffviz.domain.settings import Bounds, Help, Label, Variants, When
from diffviz.domain.text import mark as _

FAMILY = "planar"
EXTENT = 3.0
CELLS = 48
ARROWS = 17

PlanarData = Ring | Lattice | Moons | SwissRoll | Drawn
PLANAR_DATA: Mapping[str, type[Any]] = MappingProxyType({key: cls for key, cls in DATA.items() if key != "pictures"})
PLANAR_LABELS: Mapping[str, str] = MappingProxyType({key: DATA_LABELS[key] for key in PLANAR_DATA})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanarRequest(Request):
    """Denoise particles in two dimensions by the exact score of a known density, from x_T = σ_T n.

    A `Step` start goes on from a frame of another such run: particle i from its particle i modulo their number, or all
    from one. With `model` (a model of family "planar") the data and the noise schedule are those of its card, and a
    second set of particles goes by the network, from the same x_T and with the same noise. Nothing is clipped.
    """

    model: str = ""
    data: Annotated[
        PlanarData,
        Label(_("Data")),
        Variants(PLANAR_DATA, PLANAR_LABELS),
        When(lambda r: not r.model, _("a network knows the data that it was trained on")),
        Help(_("The distribution that the particles move to; its score is known exactly at every t.")),
    ] = field(default_factory=Ring)
    schedule: Annotated[
        sampling.ProcessSettings,
        Label(_("Process")),
        Variants(sampling.PROCESSES, sampling.PROCESS_LABELS),
        When(lambda r: not r.model, OF_NETWORK),
        Help(_("How much noise there is at each t.")),
    ] = field(default_factory=sampling.Cosine)
    sampler: sampling.Chosen = field(default_factory=sampling.Ddim)
    steps: Annotated[int, Label(_("Steps")), Bounds(1, 4000), Help(_("Number of timesteps visited."))] = 100
    spacing: sampling.Spacing = "trailing"
    particles: Annotated[
        int, Label(_("Particles")), Bounds(1, 2000), Help(_("How many points move from x_T to x_0."))
    ] = 300

    @property
    def without_beta(self) -> bool:
        """Whether it runs on a process without β."""
        return self.own_process is not None and sampling.without_beta(self.own_process)

    @property
    def own_process(self) -> sampling.ProcessSettings | None:
        """The process that it chooses; None for a network, which has its own."""
        return None if self.model else self.schedule


@dataclass(frozen=True, slots=True, eq=False)
class PlanarFrame(frames.Frame):
    """One visited time t of particles in the plane, read-only float32.

    `x`, `x0`, `eps` (N, 2) are the particles that go by the exact score with E[x_0 | x_t] and E[ε | x_t];
    `learnt_x`, `learnt_x0`, `learnt_eps` those that go by the network, None without one. `score` and `learnt_score`
    (ARROWS, ARROWS, 2) are ∇ log q_t, exact and −ε̂/σ_t, at `grid(ARROWS)` times
    `scale`, the latter nan at t = 0. `density` (CELLS, CELLS) is the exact density q_t at `grid(CELLS)` times `scale`:
    rows are y, from low to high. `error` is the root mean square of
    the difference of both scores under q_t, estimated at the exact particles, nan without a network or at t = 0.
    """

    alpha: float
    sigma: float
    std: float
    x: F32
    x0: F32
    eps: F32
    score: F32
    density: F32
    error: float
    learnt_x: F32 | None = None
    learnt_x0: F32 | None = None
    learnt_eps: F32 | None = None
    learnt_score: F32 | None = None

    @property
    def scale(self) -> float:
        """That of `scale_of` at this t."""
        return scale_of(self.alpha, self.sigma)

    def placed(self, points: F32) -> F32:
        """`points` of this t (…, 2) where they are drawn: divided by `scale`."""
        return points if self.scale == 1.0 else points / np.float32(self.scale)


LONGEST, STRONGEST = 0.9, 0.59


def scale_of(alpha: float, sigma: float) -> float:
    """√(α² + σ²): 1 where the variance is preserved; x divided by it has its place in the plane at every t."""
    found = math.hypot(alpha, sigma)
    return 1.0 if abs(found - 1.0) < 1e-9 else found


def spread(density: ArrayLike, scale: float) -> F64:
    """A `density` (G, G) over the plane as it is drawn `scale` times as large: 0 where it does not reach."""
    values = np.asarray(density, np.float64)
    if scale == 1.0:
        return values
    last = len(values) - 1
    at = np.round((np.linspace(-1.0, 1.0, len(values)) / scale + 1) / 2 * last).astype(int)
    inside = (at >= 0) & (at <= last)
    held = np.clip(at, 0, last)
    found: F64 = np.where(inside[:, None] & inside[None, :], values[np.ix_(held, held)], 0.0)
    return found


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
