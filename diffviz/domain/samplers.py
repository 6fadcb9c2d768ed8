"""Samplers and timestep spacings by name, with the settings of each.

The generators are in `diffviz.engine.samplers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from diffviz.domain.settings import Bounds, Help, Label, OneOf
from diffviz.domain.text import mark as _

VARIANCES: Mapping[str, str] = MappingProxyType({"posterior": _("posterior variance"), "beta": _("forward variance β")})
SPACINGS: Mapping[str, str] = MappingProxyType(
    {"trailing": _("trailing"), "linspace": _("linspace"), "leading": _("leading")}
)


@dataclass(frozen=True, slots=True)
class Ddpm:
    """Ancestral sampling of the reverse Markov chain (Ho et al. 2020, algorithm 2)."""

    variance: Annotated[
        str,
        Label(_("Variance")),
        OneOf(VARIANCES),
        Help(_("Variance of the reverse step: β̃ is right for one known x_0, β for x_0 ~ N(0, I) (Ho et al. 2020).")),
    ] = "posterior"


@dataclass(frozen=True, slots=True)
class Ddim:
    """Non-Markovian sampling with the same marginals (Song et al. 2021, eq. 12)."""

    eta: Annotated[
        float,
        Label("η"),
        Bounds(0.0, 1.0, step=0.05),
        Help(
            _("Share of the DDPM noise that each step adds: 0 is deterministic, 1 is DDPM (Song et al. 2021, eq. 16).")
        ),
    ] = 0.0


Sampler = Ddpm | Ddim

SAMPLERS: Mapping[str, type[Any]] = MappingProxyType({"ddim": Ddim, "ddpm": Ddpm})
LABELS: Mapping[str, str] = MappingProxyType({"ddim": "DDIM", "ddpm": "DDPM"})
