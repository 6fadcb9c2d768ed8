"""Samplers and timestep spacings by name, with the settings of each.

The generators are in `diffviz.engine.samplers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from diffviz.domain.settings import Bounds, Help, Label, OneOf, Variants
from diffviz.domain.text import mark as _

VARIANCES: Mapping[str, str] = MappingProxyType({"posterior": _("posterior variance"), "beta": _("forward variance")})
SPACINGS: Mapping[str, str] = MappingProxyType(
    {"trailing": _("trailing"), "linspace": _("linspace"), "leading": _("leading"), "karras": "Karras ρ = 7"}
)


class SamplerSettings:
    """Base of the settings of samplers, with the facts of those that solve an ODE by one evaluation a step.

    `evaluations` of the denoiser a step takes at most. `chain` says whether its steps are those of a Markov chain with
    Gaussian p(x_{t−1} | x_t) of DDPM's family (Song et al. 2021); `noise` is then the share of DDPM's noise they add.
    """

    __slots__ = ()
    evaluations: ClassVar[int] = 1
    chain: ClassVar[bool] = False

    @property
    def noise(self) -> float:
        """Share of DDPM's noise that a step adds, 0 to 1."""
        return 0.0


@dataclass(frozen=True, slots=True)
class Ddpm(SamplerSettings):
    """Ancestral sampling of the reverse Markov chain (Ho et al. 2020, algorithm 2).

    For every process: a draw from a Gaussian around μ̃ of the forward process's posterior, with x̂0 for x_0.
    """

    variance: Annotated[
        str,
        Label(_("Variance")),
        OneOf(VARIANCES),
        Help(
            _(
                "Variance of the reverse step: the posterior's is right for one known x_0, the forward step's for"
                " x_0 ~ N(0, I) where the variance is preserved (Ho et al. 2020)."
            )
        ),
    ] = "posterior"
    chain: ClassVar[bool] = True

    @property
    def noise(self) -> float:
        return 1.0


@dataclass(frozen=True, slots=True)
class Ddim(SamplerSettings):
    """Non-Markovian sampling with the same marginals (Song et al. 2021, eq. 12)."""

    eta: Annotated[
        float,
        Label("η"),
        Bounds(0.0, 1.0, step=0.05),
        Help(
            _("Share of the DDPM noise that each step adds: 0 is deterministic, 1 is DDPM (Song et al. 2021, eq. 16).")
        ),
    ] = 0.0
    chain: ClassVar[bool] = True

    @property
    def noise(self) -> float:
        return self.eta


@dataclass(frozen=True, slots=True)
class Euler(SamplerSettings):
    """Euler's method for the probability-flow ODE dx̄/dσ̂ = ε̂ with x̄ = x/α, σ̂ = σ/α (Karras et al. 2022, eq. 1).

    In these variables a step is that of DDIM with η = 0 (Song et al. 2021, eq. 14).
    """


@dataclass(frozen=True, slots=True)
class Heun(SamplerSettings):
    """Heun's method of second order for the same ODE, two evaluations a step (Karras et al. 2022, algorithm 1).

    The last step, and one from beyond the paper's largest σ̂ of 80, is Euler's with one.
    """

    evaluations: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class DpmPlusPlus(SamplerSettings):
    """DPM-Solver++(2M): x̂0 extrapolated from two steps, second order with one evaluation a step (Lu et al. 2022)."""


Sampler = Ddpm | Ddim | Euler | Heun | DpmPlusPlus

SAMPLERS: Mapping[str, type[Any]] = MappingProxyType(
    {"ddim": Ddim, "ddpm": Ddpm, "euler": Euler, "heun": Heun, "dpmpp_2m": DpmPlusPlus}
)
LABELS: Mapping[str, str] = MappingProxyType(
    {"ddim": "DDIM", "ddpm": "DDPM", "euler": "Euler", "heun": "Heun", "dpmpp_2m": "DPM-Solver++(2M)"}
)
WITHOUT_BETA: Mapping[str, str] = MappingProxyType({**LABELS, "ddpm": _("ancestral")})
"""What they are called on a process without β: DDPM is one with β."""


def names_for(request: Any) -> Mapping[str, str]:
    """What the samplers of `request` are called."""
    return WITHOUT_BETA if getattr(request, "without_beta", False) else LABELS


Chosen = Annotated[
    Sampler, Label(_("Sampler")), Variants(SAMPLERS, LABELS, names_for), Help(_("How x_t becomes x_{t−1}."))
]
"""The setting of requests that sample."""
