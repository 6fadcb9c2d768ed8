"""Noise schedules by name, with the settings of each. Their mathematics is in `diffviz.theory.schedules`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from diffviz.domain.settings import Bounds, Help, Label, variant_key
from diffviz.domain.text import mark as _

Timesteps = Annotated[int, Label("T"), Bounds(2, 4000), Help(_("Number of timesteps of the noise schedule."))]
BetaStart = Annotated[
    float, Label("β start"), Bounds(1e-6, 0.5, log=True), Help(_("Variance of the noise added by the first step, β_1."))
]
BetaEnd = Annotated[
    float, Label("β end"), Bounds(1e-6, 0.999, log=True), Help(_("Variance of the noise added by the last step, β_T."))
]


@dataclass(frozen=True, slots=True)
class Linear:
    """β rises linearly from β_start to β_end (Ho et al. 2020, section 4)."""

    timesteps: Timesteps = 1000
    beta_start: BetaStart = 1e-4
    beta_end: BetaEnd = 0.02


@dataclass(frozen=True, slots=True)
class Cosine:
    """ᾱ follows a squared cosine (Nichol & Dhariwal 2021, eq. 17)."""

    timesteps: Timesteps = 1000
    s: Annotated[
        float,
        Label("s"),
        Bounds(0.0, 0.5),
        Help(_("Offset that keeps the first β from vanishing (Nichol & Dhariwal 2021).")),
    ] = 0.008


@dataclass(frozen=True, slots=True)
class ScaledLinear:
    """√β rises linearly (Rombach et al. 2022)."""

    timesteps: Timesteps = 1000
    beta_start: BetaStart = 0.00085
    beta_end: BetaEnd = 0.012


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """β follows a logistic curve from β_start to β_end (Xu et al. 2022, GeoDiff)."""

    timesteps: Timesteps = 1000
    beta_start: BetaStart = 1e-4
    beta_end: BetaEnd = 0.02


@dataclass(frozen=True, slots=True)
class Constant:
    """The same β at every step (Sohl-Dickstein et al. 2015 as a baseline)."""

    timesteps: Timesteps = 1000
    beta: Annotated[
        float, Label("β"), Bounds(1e-6, 0.999, log=True), Help(_("Variance of the noise that every step adds."))
    ] = 0.01


Schedule = Linear | Cosine | ScaledLinear | Sigmoid | Constant

SCHEDULES: Mapping[str, type[Any]] = MappingProxyType(
    {"linear": Linear, "cosine": Cosine, "scaled_linear": ScaledLinear, "sigmoid": Sigmoid, "constant": Constant}
)
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "linear": _("linear"),
        "cosine": _("cosine"),
        "scaled_linear": _("scaled linear"),
        "sigmoid": _("sigmoid"),
        "constant": _("constant"),
    }
)


@dataclass(frozen=True, slots=True)
class OfNetwork:
    """The noise schedule of the data set's own network."""


Process = OfNetwork | Schedule
"""The schedule of a denoiser that needs none of its own."""

PROCESSES: Mapping[str, type[Any]] = MappingProxyType({"network": OfNetwork, **SCHEDULES})
PROCESS_LABELS: Mapping[str, str] = MappingProxyType({"network": _("the network's"), **LABELS})


def key_of(schedule: Schedule) -> str:
    """Key of a schedule's settings in `SCHEDULES`."""
    return variant_key(SCHEDULES, schedule)
