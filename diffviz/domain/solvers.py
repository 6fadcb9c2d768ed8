"""Solvers by name, with the settings of each: of the probability-flow ODE in two evaluations or two steps, and of SDEs.

The base of all samplers' settings; the generators are in `diffviz.engine.samplers`.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from diffviz.domain.settings import Bounds, Help, Label
from diffviz.domain.text import mark as _


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
class Midpoint(SamplerSettings):
    """The explicit midpoint method for the same ODE: the slope halfway in σ̂, second order, two evaluations a step.

    The last step, and one from beyond a σ̂ of 80, is Euler's with one, as with Heun.
    """

    evaluations: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class UniPc(SamplerSettings):
    """UniPC of order 2 with B(h) = e^h − 1: a predictor, and a corrector that costs nothing (Zhao et al. 2023).

    x̂0 at the new time, which the next step needs anyway, corrects the step that led there.
    """


@dataclass(frozen=True, slots=True)
class EulerAncestral(SamplerSettings):
    """Euler's step to less noise than at the next time, and fresh noise up to it (Crowson's k-diffusion).

    The step is that of DDIM with this η (Song et al. 2021, eq. 12 and 16) on every process.
    """

    eta: Annotated[
        float,
        Label("η"),
        Bounds(0.0, 1.0, step=0.05),
        Help(_("Share of the noise that is made anew: 0 is Euler's method, 1 the ancestral step of DDPM.")),
    ] = 1.0
    chain: ClassVar[bool] = True

    @property
    def noise(self) -> float:
        return self.eta


@dataclass(frozen=True, slots=True)
class DpmPlusPlusSde(SamplerSettings):
    """SDE-DPM-Solver++(2M): the same extrapolation with as much fresh noise as the SDE has (Lu et al. 2022, 4.2)."""

    @property
    def noise(self) -> float:
        return 1.0


@dataclass(frozen=True, slots=True)
class FlowSde(SamplerSettings):
    """An SDE with the same marginals, of diffusion w_t = s σ_t over time σ (Ma et al. 2024, SiT, eq. 4).

    Over a step x̂0 and ε̂ are held, and what noise turns over is exact: ε̂ keeps the share (σ_prev/σ)^(s/2). On flow
    s = 0 is Euler's method, on variance exploding s = 2 the reverse SDE (Song et al. 2021b, eq. 6).
    """

    strength: Annotated[
        float,
        Label("s"),
        Bounds(0.0, 2.0, step=0.1),
        Help(_("Diffusion of the SDE as a share of σ_t: 0 is the ODE (Ma et al. 2024, SiT).")),
    ] = 1.0

    @property
    def noise(self) -> float:
        return min(1.0, self.strength)


@dataclass(frozen=True, slots=True)
class HeunChurn(SamplerSettings):
    """Heun's method after each step's noise has been raised a little by fresh noise (Karras et al. 2022, algorithm 2).

    The step from σ̂ begins at σ̂ (1 + γ), γ = min(S_churn / steps, √2 − 1), between S_min and S_max. Of a step are
    shown x before the noise is raised and the x̂0 of the raised one, with the ε̂ that lies between them.
    """

    churn: Annotated[
        float,
        Label("S_{churn}"),
        Bounds(0.0, 200.0, step=1),
        Help(_("How much noise is made anew over the whole run; 0 is Heun's method (Karras et al. 2022, table 5).")),
    ] = 40.0
    least: Annotated[
        float, Label("S_{min}"), Bounds(0.0, 1000.0), Help(_("The smallest σ̂ = σ/α at which noise is raised."))
    ] = 0.05
    largest: Annotated[
        float, Label("S_{max}"), Bounds(0.0, 1000.0), Help(_("The largest σ̂ = σ/α at which noise is raised."))
    ] = 50.0
    spread: Annotated[
        float,
        Label("S_{noise}"),
        Bounds(0.5, 1.5, step=0.001),
        Help(_("Deviation of the fresh noise; a little above 1 makes up for detail that networks lose.")),
    ] = 1.003
    evaluations: ClassVar[int] = 2

    @property
    def noise(self) -> float:
        return 1.0 if self.churn else 0.0
