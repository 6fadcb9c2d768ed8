"""Sampling by name, with the settings of each choice: processes, samplers and spacings.

Noising processes by name, with the settings of each: noise schedules, flow, variance exploding.

Their mathematics is in `diffviz.theory.schedules` and `diffviz.theory.processes`.

Samplers and timestep spacings by name, with the settings of each.

The generators are in `diffviz.engine.samplers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from diffviz.domain import solvers
from diffviz.domain.settings import Bounds, Help, Label, OneOf, Usual, Variants, variant_key
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


@dataclass(frozen=True, slots=True)
class Betas:
    """β_1 … β_T one by one, as somebody else's model declares them. Nobody chooses it."""

    betas: tuple[float, ...]

    def __hash__(self) -> int:
        """Of few of them: a process is looked up by its settings often."""
        return hash((len(self.betas), self.betas[:2], self.betas[-2:]))

    @property
    def timesteps(self) -> int:
        """T."""
        return len(self.betas)


@dataclass(frozen=True, slots=True)
class ZeroTerminal:
    """`schedule` rescaled so that ᾱ_T = 0 and nothing of the signal is left at T (Lin et al. 2024, algorithm 1).

    Nobody chooses it: a network has to be trained on it, not to predict ε.
    """

    schedule: Schedule | Betas

    @property
    def timesteps(self) -> int:
        """T."""
        return self.schedule.timesteps


SCHEDULES: Mapping[str, type[Any]] = MappingProxyType(
    {"linear": Linear, "cosine": Cosine, "scaled_linear": ScaledLinear, "sigmoid": Sigmoid, "constant": Constant}
)
SCHEDULE_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "linear": _("linear"),
        "cosine": _("cosine"),
        "scaled_linear": _("scaled linear"),
        "sigmoid": _("sigmoid"),
        "constant": _("constant"),
    }
)


@dataclass(frozen=True, slots=True)
class Flow:
    """α = 1 − t, σ = t on [0, 1]: rectified flow, flow matching (Liu et al. 2023; Lipman et al. 2023).

    t = 1 is noise here; both papers write it the other way round. There is no β.
    """


@dataclass(frozen=True, slots=True)
class VarianceExploding:
    """α = 1, σ = t on [0, σ_max] (Karras et al. 2022, table 1, EDM): nothing is scaled, the variance grows. No β.

    σ_max has to be far above the distance between any two data (Song & Ermon 2020, technique 1), which is about 30 for
    the pictures here and 6 in the plane.
    """

    sigma_max: Annotated[
        float,
        Label("σ_{max}"),
        Bounds(1.0, 1000.0, log=True),
        Help(
            _("Deviation of the noise at the end; far above the data's, so that nothing is left (Karras et al. 2022).")
        ),
    ] = 80.0


@dataclass(frozen=True, slots=True)
class DeclaredExploding(VarianceExploding):
    """As somebody else's model declares it, whose smallest σ is not that of Karras et al. 2022. Nobody chooses it."""

    sigma_min: float = 0.002


ProcessSettings = Schedule | Betas | ZeroTerminal | Flow | VarianceExploding
"""Whatever adds Gaussian noise to data; the last two have no β."""

PROCESSES: Mapping[str, type[Any]] = MappingProxyType({**SCHEDULES, "flow": Flow, "ve": VarianceExploding})
PROCESS_LABELS: Mapping[str, str] = MappingProxyType({**SCHEDULE_LABELS, "flow": _("flow"), "ve": _("VE (exploding)")})


@dataclass(frozen=True, slots=True)
class OfNetwork:
    """The noise schedule of the data set's own network."""


NetworkOr = OfNetwork | ProcessSettings
"""The process of a denoiser that is exact for any, or that of the data set's network."""

NETWORK_OR: Mapping[str, type[Any]] = MappingProxyType({"network": OfNetwork, **PROCESSES})
NETWORK_OR_LABELS: Mapping[str, str] = MappingProxyType({"network": _("as the data set's network"), **PROCESS_LABELS})
NETWORK_OR_SCHEDULES: Mapping[str, type[Any]] = MappingProxyType({"network": OfNetwork, **SCHEDULES})
"""Those of them that have β."""


def without_beta(settings: NetworkOr) -> bool:
    """Whether the process of `settings` has no β."""
    return type(settings) in PROCESSES.values() and type(settings) not in SCHEDULES.values()


def process_key(settings: ProcessSettings) -> str:
    """Key of the settings of a process in `PROCESSES`."""
    return variant_key(PROCESSES, settings)


VARIANCES: Mapping[str, str] = MappingProxyType({"posterior": _("posterior variance"), "beta": _("forward variance")})
SPACINGS: Mapping[str, str] = MappingProxyType(
    {"trailing": _("trailing"), "linspace": _("linspace"), "leading": _("leading"), "karras": "Karras ρ = 7"}
)


@dataclass(frozen=True, slots=True)
class Ddpm(solvers.SamplerSettings):
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
class Ddim(solvers.SamplerSettings):
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
class Euler(solvers.SamplerSettings):
    """Euler's method for the probability-flow ODE dx̄/dσ̂ = ε̂ with x̄ = x/α, σ̂ = σ/α (Karras et al. 2022, eq. 1).

    In these variables a step is that of DDIM with η = 0 (Song et al. 2021, eq. 14).
    """


@dataclass(frozen=True, slots=True)
class Heun(solvers.SamplerSettings):
    """Heun's method of second order for the same ODE, two evaluations a step (Karras et al. 2022, algorithm 1).

    The last step, and one from beyond the paper's largest σ̂ of 80, is Euler's with one.
    """

    evaluations: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class DpmPlusPlus(solvers.SamplerSettings):
    """DPM-Solver++(2M): x̂0 extrapolated from two steps, second order with one evaluation a step (Lu et al. 2022)."""


Sampler = (
    Ddpm
    | Ddim
    | Euler
    | Heun
    | solvers.Midpoint
    | DpmPlusPlus
    | solvers.UniPc
    | solvers.EulerAncestral
    | solvers.DpmPlusPlusSde
    | solvers.FlowSde
    | solvers.HeunChurn
)

SAMPLERS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "ddim": Ddim,
        "ddpm": Ddpm,
        "euler": Euler,
        "heun": Heun,
        "midpoint": solvers.Midpoint,
        "dpmpp_2m": DpmPlusPlus,
        "unipc": solvers.UniPc,
        "euler_a": solvers.EulerAncestral,
        "dpmpp_2m_sde": solvers.DpmPlusPlusSde,
        "flow_sde": solvers.FlowSde,
        "heun_churn": solvers.HeunChurn,
    }
)
SAMPLER_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "ddim": "DDIM",
        "ddpm": "DDPM",
        "euler": "Euler",
        "heun": "Heun",
        "midpoint": _("Midpoint"),
        "dpmpp_2m": "DPM-Solver++(2M)",
        "unipc": "UniPC",
        "euler_a": _("Euler ancestral"),
        "dpmpp_2m_sde": "SDE-DPM-Solver++(2M)",
        "flow_sde": _("SDE of the flow"),
        "heun_churn": _("Heun with churn"),
    }
)
WITHOUT_BETA: Mapping[str, str] = MappingProxyType({**SAMPLER_LABELS, "ddpm": _("ancestral")})
"""What they are called on a process without β: DDPM is one with β."""


def names_for(request: Any) -> Mapping[str, str]:
    """What the samplers of `request` are called."""
    return WITHOUT_BETA if getattr(request, "without_beta", False) else SAMPLER_LABELS


Chosen = Annotated[
    Sampler, Label(_("Sampler")), Variants(SAMPLERS, SAMPLER_LABELS, names_for), Help(_("How x_t becomes x_{t−1}."))
]
"""The setting of requests that sample."""


def usual_spacing(request: Any) -> str:
    """Karras et al. 2022 where the process that `request` chooses explodes, else "trailing".

    Evenly spaced, hardly any of the times visited on 0 … σ_max would be of a σ that matters.
    """
    return "karras" if isinstance(request.own_process, VarianceExploding) else "trailing"


Spacing = Annotated[
    str,
    Label(_("Spacing")),
    OneOf(SPACINGS),
    Usual(usual_spacing),
    Help(
        _(
            "Which t are visited (Lin et al. 2024, table 2; Karras et al. 2022, eq. 5): leading starts below T; evenly "
            "spread over variance exploding nearly all of them are noise. Usually trailing, there Karras ρ = 7."
        )
    ),
]
"""The setting of requests that sample; their `own_process` is the process that they choose, None for their model's."""
