"""Diffusion in two dimensions: particles that move from noise to a known density, beside those of a small network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any

from diffviz.domain import samplers, schedules
from diffviz.domain.arrays import F32
from diffviz.domain.frames import Frame
from diffviz.domain.gan import DATA, DATA_LABELS, Drawn, Lattice, Moons, Ring, SwissRoll
from diffviz.domain.requests import Request
from diffviz.domain.settings import Bounds, Help, Label, OneOf, Variants, When
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
    """Denoise particles in two dimensions by the exact score of a known density, from x_T ~ N(0, I).

    A `Step` start goes on from a frame of another such run: particle i from its particle i modulo their number, or all
    from one. With `model` (a model of family "planar") the data and the noise schedule are those of its card, and a
    second set of particles goes by the network, from the same x_T and with the same noise. Nothing is clipped.
    """

    model: str = ""
    data: Annotated[
        PlanarData,
        Label(_("Data")),
        Variants(PLANAR_DATA, PLANAR_LABELS),
        When(lambda r: not r.model),
        Help(_("The distribution that the particles move to; its score is known exactly at every t.")),
    ] = field(default_factory=Ring)
    schedule: Annotated[
        schedules.Schedule,
        Label(_("Schedule")),
        Variants(schedules.SCHEDULES, schedules.LABELS),
        When(lambda r: not r.model),
        Help(_("How much noise each step adds.")),
    ] = field(default_factory=schedules.Cosine)
    sampler: samplers.Chosen = field(default_factory=samplers.Ddim)
    steps: Annotated[int, Label(_("Steps")), Bounds(1, 4000), Help(_("Number of timesteps visited."))] = 100
    spacing: Annotated[
        str,
        Label(_("Spacing")),
        OneOf(samplers.SPACINGS),
        Help(_("Which timesteps are visited (Lin et al. 2024, table 2); only trailing and linspace start at T.")),
    ] = "trailing"
    particles: Annotated[
        int, Label(_("Particles")), Bounds(1, 2000), Help(_("How many points move from x_T to x_0."))
    ] = 300


@dataclass(frozen=True, slots=True, eq=False)
class PlanarFrame(Frame):
    """One visited timestep t of particles in the plane, read-only float32.

    `x`, `x0`, `eps` (N, 2) are the particles that go by the exact score with E[x_0 | x_t] and E[ε | x_t];
    `learnt_x`, `learnt_x0`, `learnt_eps` those that go by the network, None without one. `score` and `learnt_score`
    (ARROWS, ARROWS, 2) are ∇ log q_t, exact and −ε̂/σ_t, at `grid(ARROWS)`, the latter nan at t = 0. `density` (CELLS,
    CELLS) is the exact density q_t at `grid(CELLS)`: rows are y, from low to high. `error` is the root mean square of
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
