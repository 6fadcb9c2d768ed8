"""Noising processes x_t = α x_0 + σ ε with ε ~ N(0, I): α and σ at every time t, from clean data at 0 to noise at T.

What a sampler does follows from (α, σ) at the times it visits; β, ᾱ and arrays over whole timesteps exist for a
variance-preserving process only. Processes with the same signal-to-noise ratio at a time see the same data with the
same noise, up to a scale (Kingma et al. 2021, section 3): so log-SNR is the clock that they have in common.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from diffviz.domain import requests
from diffviz.domain import sampling as names
from diffviz.domain.arrays import F64
from diffviz.theory import schedules
from diffviz.theory.schedules import NoiseSchedule, Pair, pair_between

LEAST = 0.002
"""Karras et al. 2022, table 1: the smallest σ that is visited before 0."""
LARGEST_RATIO = 80.0
"""The same table: the σ̂ = σ/α that their spacing starts at."""
RHO = 7.0
STEEPEST = 20.0
"""How far log-SNR falls, where it falls to −∞ from one timestep to the next, as far as times between them are asked."""


class Process(ABC):
    """A Gaussian noising process over times 0 … T. α_0 = 1, σ_0 = 0; σ/α rises with t all the way.

    `plots` are the keys of the plots over t that there are, `whole` says that t is a whole number.
    """

    plots: tuple[str, ...] = ("alpha_sigma", "snr")
    whole: bool = False

    @property
    @abstractmethod
    def T(self) -> float:  # noqa: N802  the papers' letter
        """The time of pure noise, the largest t."""

    @property
    @abstractmethod
    def least(self) -> float:
        """The smallest t beyond 0 that a spacing visits."""

    @property
    def start_std(self) -> float:
        """Deviation of the noise that a run starts from at T."""
        return self.at(self.T)[1]

    @property
    def largest_ratio(self) -> float:
        """σ̂ = σ/α at T: ∞ where α is 0 there."""
        alpha, sigma = self.at(self.T)
        return sigma / alpha if alpha else math.inf

    @abstractmethod
    def at(self, t: float) -> tuple[float, float]:
        """(α, σ) at `t`, 0 ≤ t ≤ T."""

    def log_alpha(self, t: float) -> float:
        """Natural logarithm of α at `t`; −∞ where α is 0."""
        alpha, _ = self.at(t)
        return math.log(alpha) if alpha > 0 else -math.inf

    def log_snr(self, t: float) -> float:
        """log α²/σ² at `t`, in nats; ∞ at t = 0, −∞ where α is 0."""
        sigma = self.at(t)[1]
        return math.inf if sigma == 0 else 2 * (self.log_alpha(t) - math.log(sigma))

    def beta(self, t: float) -> float | None:
        """β_t, nan at t = 0; None for a process without β."""
        del t
        return None

    @abstractmethod
    def time(self, log_snr: float) -> float:
        """The t at which `log_snr` is its log-SNR, the inverse of `log_snr`; 0 or T for one that lies beyond an end."""

    def pair(self, t: float, t_prev: float) -> Pair[float]:
        """The visited pair of times `t` > `t_prev`."""
        return pair_between(self.at(t), self.at(t_prev), self.log_alpha(t) - self.log_alpha(t_prev))

    def walk(self, times: Sequence[float]) -> Pair[F64]:
        """The pairs of each of the ascending `times` (n + 1,) with the one before it, arrays (n,)."""
        pairs = [self.pair(t, before) for before, t in pairwise(times)]
        return Pair(*(np.array([getattr(pair, name) for pair in pairs]) for name in Pair.__slots__))

    def visits(self, steps: int, spacing: str, start: float | None = None) -> tuple[float, ...]:
        """Visited times τ_S > … > τ_1 > τ_0 = 0, `steps` + 1 of them, spread by `spacing`, a key of `SPACINGS`.

        A run that starts at time `start` visits `start` and then those of the ordinary visits that are smaller. Raises
        ValueError for an unknown spacing, no step, or a start that is not between 0 and T.
        """
        if steps < 1:
            raise ValueError(f"steps must be at least 1, not {steps}")
        if spacing not in SPACINGS:
            raise ValueError(f"unknown spacing {spacing!r}; one of {', '.join(SPACINGS)}")
        ordinary = (*self._spread(steps, spacing), 0.0)
        if start is None:
            return ordinary
        if not 0 <= start <= self.T:
            raise ValueError(f"a run starts between 0 and {self.T:g}, not at {start}")
        return (start, *(t for t in ordinary if t < start))

    def kept(self, steps: int) -> tuple[float, ...]:
        """0 and then `steps` times up to T, ascending: those of which a forward run keeps the frames."""
        return (0.0, *(self.T * k / steps for k in range(1, steps + 1)))

    def chain(self, kept: Sequence[float]) -> Sequence[float]:
        """The times that a forward chain goes through, ascending, of which `kept` are kept: these, without a grid."""
        return kept

    def _spread(self, steps: int, spacing: str) -> tuple[float, ...]:
        """The visits of `spacing` without 0, from the largest down."""
        return SPACINGS[spacing](self, steps)


class VariancePreserving(Process):
    """α = √ᾱ_t, σ = √(1 − ᾱ_t) of a noise schedule (Ho et al. 2020, eq. 4): α² + σ² = 1 at every t.

    Its runs visit whole timesteps. Between two of them log-SNR is interpolated linearly; below t = 1, where it rises
    to ∞, SNR is SNR_1 / t. Where ᾱ_T is 0 it falls by `STEEPEST` before T.
    """

    plots = ("beta", "alpha_bar", "snr")
    whole = True

    def __init__(self, schedule: NoiseSchedule) -> None:
        self.schedule = schedule
        self._log_snr = found = schedule.log_snr
        self._finite = np.where(np.isneginf(found), np.append(np.nan, found[:-1]) - STEEPEST, found)

    @property
    def T(self) -> float:  # noqa: N802
        """The number of timesteps."""
        return float(self.schedule.timesteps)

    @property
    def least(self) -> float:
        """The first timestep."""
        return 1.0

    @property
    def start_std(self) -> float:
        """p(x_T) is N(0, I) (Ho et al. 2020, section 2), whatever σ_T is."""
        return 1.0

    def at(self, t: float) -> tuple[float, float]:
        """√ᾱ_t and √(1 − ᾱ_t), those of the schedule itself where `t` is a whole number."""
        if t == int(t):
            return float(self.schedule.alpha[int(t)]), float(self.schedule.sigma[int(t)])
        return math.exp(self.log_alpha(t)), math.sqrt(_logistic(-self.log_snr(t)))

    def log_alpha(self, t: float) -> float:
        """½ log ᾱ_t, finite also where ᾱ_t is too small for a float."""
        if t == int(t):
            return float(self.schedule.log_alpha_bar[int(t)]) / 2
        return -float(np.logaddexp(0.0, -self.log_snr(t))) / 2  # ᾱ = SNR / (1 + SNR)

    def log_snr(self, t: float) -> float:
        """log ᾱ_t / (1 − ᾱ_t); see the class for what it is between two timesteps."""
        table = self._log_snr
        if t == int(t):
            return float(table[int(t)])
        if t < 1:
            return float(table[1]) - math.log(t)
        below, table = int(t), self._finite
        return float(table[below] + (t - below) * (table[below + 1] - table[below]))

    def time(self, log_snr: float) -> float:
        """The t, not always a whole one, at which `log_snr` is its log-SNR."""
        table = self._finite
        if log_snr > table[1]:
            return math.exp(float(table[1]) - log_snr)
        falling = table[:0:-1]  # ascending: from T down to 1
        return float(np.interp(log_snr, falling, np.arange(self.schedule.timesteps, 0, -1)))

    def beta(self, t: float) -> float:
        """β_t of the schedule, linear between two timesteps; that of the first one below t = 1, nan at 0."""
        below = int(t)
        low = float(self.schedule.beta[max(1, below)]) if t > 0 else math.nan
        return low if t in (below, 0) or below == 0 else low + (t - below) * float(self.schedule.beta[below + 1] - low)

    def pair(self, t: float, t_prev: float) -> Pair[float]:
        """The visited pair, with the β of the schedule between whole timesteps."""
        if t == int(t) and t_prev == int(t_prev):
            return self.schedule.pair(int(t), int(t_prev))
        return super().pair(t, t_prev)

    def walk(self, times: Sequence[float]) -> Pair[F64]:
        """The pairs of ascending whole timesteps, each with the one before it."""
        ts = np.asarray(times, np.int64)
        return self.schedule.pairs(ts[1:], ts[:-1])

    def chain(self, kept: Sequence[float]) -> Sequence[float]:
        """Every whole timestep."""
        del kept
        return tuple(map(float, range(self.schedule.timesteps + 1)))

    def kept(self, steps: int) -> tuple[float, ...]:
        """0 and then `steps` whole timesteps up to T, or all of them."""
        timesteps = self.schedule.timesteps
        return tuple(float(t) for t in (0, *sorted(set(schedules.linspace(timesteps, min(steps, timesteps))))))

    def _spread(self, steps: int, spacing: str) -> tuple[float, ...]:
        timesteps = self.schedule.timesteps
        if spacing in schedules.SPACINGS:
            return tuple(map(float, schedules.visits(timesteps, steps, spacing)[:-1]))
        if steps > timesteps:
            raise ValueError(f"steps must lie between 1 and {timesteps}, not {steps}")
        return _whole(super()._spread(steps, spacing), timesteps)


class FlowProcess(Process):
    """α = 1 − t, σ = t on [0, 1] (Liu et al. 2023, eq. 1, and Lipman et al. 2023, with t = 1 for noise here)."""

    @property
    def T(self) -> float:  # noqa: N802
        """1."""
        return 1.0

    @property
    def least(self) -> float:
        """As of the variance-exploding process: σ/α is nearly t here."""
        return LEAST

    def at(self, t: float) -> tuple[float, float]:
        """1 − t and t."""
        return 1.0 - t, t

    def time(self, log_snr: float) -> float:
        """(1 − t)/t = √SNR, so t = 1/(1 + √SNR)."""
        return _logistic(-log_snr / 2)


class ExplodingProcess(Process):
    """α = 1, σ = t on [0, σ_max] (Karras et al. 2022, table 1, column EDM); a run starts at σ_max n, n ~ N(0, I).

    A forward run keeps times by their ρ = 7 (`karras`): evenly spread, all but the first few would be noise.
    """

    def __init__(self, sigma_max: float, sigma_min: float = LEAST) -> None:
        self._sigma_max, self._sigma_min = sigma_max, sigma_min

    @property
    def T(self) -> float:  # noqa: N802
        """σ_max."""
        return self._sigma_max

    @property
    def least(self) -> float:
        """σ_min, that of Karras et al. 2022 where nothing else is known."""
        return self._sigma_min

    def at(self, t: float) -> tuple[float, float]:
        """1 and t."""
        return 1.0, t

    def time(self, log_snr: float) -> float:
        """σ = 1/√SNR, up to σ_max."""
        return self._sigma_max if log_snr <= self.log_snr(self._sigma_max) else math.exp(-log_snr / 2)

    def kept(self, steps: int) -> tuple[float, ...]:
        """0 and then `steps` times up to σ_max, by ρ = 7."""
        return (0.0, *reversed(karras(self, steps)))


def trailing(process: Process, steps: int) -> tuple[float, ...]:
    """T, T − T/S, …, T/S (Lin et al. 2024, table 2)."""
    return tuple(process.T * (steps - k) / steps for k in range(steps))


def linspace(process: Process, steps: int) -> tuple[float, ...]:
    """S times spread evenly from T to the least; T alone for a single one."""
    return tuple(map(float, np.linspace(process.T, process.least, steps)))


def leading(process: Process, steps: int) -> tuple[float, ...]:
    """T − T/S, …, T/S and the least: never starts at T."""
    return (*trailing(process, steps)[1:], process.least)


def karras(process: Process, steps: int) -> tuple[float, ...]:
    """Times whose σ̂ = σ/α are spread evenly in σ̂^(1/7) (Karras et al. 2022, eq. 5).

    They begin at T, as if its σ̂ were 80 where it is more, as where α is 0, and end at the least time.
    """
    first = math.exp(min(-process.log_snr(process.T) / 2, math.log(LARGEST_RATIO)) / RHO)
    last = math.exp(-process.log_snr(process.least) / 2 / RHO)
    ratios = np.linspace(first, last, steps)[1:] ** RHO
    return (process.T, *(process.time(-2 * math.log(ratio)) for ratio in ratios.tolist()))


SPACINGS: Mapping[str, Callable[[Process, int], tuple[float, ...]]] = MappingProxyType(
    {"trailing": trailing, "linspace": linspace, "leading": leading, "karras": karras}
)


def process_of(settings: names.ProcessSettings) -> Process:
    """The process that `settings` describe; equal settings give the same object."""
    return _process_of(settings)


def process_in(plan: requests.Plan) -> Process:
    """The process that a run of diffusion with `plan` runs on."""
    assert plan.schedule is not None, "a run over diffusion time has a process"
    return process_of(plan.schedule)


def schedule_in(process: Process | None) -> NoiseSchedule | None:
    """The noise schedule of a variance-preserving process; None for another, which has no β."""
    return process.schedule if isinstance(process, VariancePreserving) else None


@lru_cache(maxsize=64)
def _process_of(settings: names.ProcessSettings) -> Process:
    match settings:
        case names.Flow():
            return FlowProcess()
        case names.DeclaredExploding(sigma_max=sigma_max, sigma_min=sigma_min):
            return ExplodingProcess(float(sigma_max), float(sigma_min))
        case names.VarianceExploding(sigma_max=sigma_max):
            return ExplodingProcess(float(sigma_max))
        case _:
            return VariancePreserving(NoiseSchedule.from_settings(settings))


def _whole(times: Sequence[float], timesteps: int) -> tuple[float, ...]:
    """`times`, falling, as as many different whole timesteps as near to them as can be, from 1 to `timesteps`."""
    found: list[int] = []
    for k, t in enumerate(reversed(times)):
        above = found[-1] + 1 if found else 1
        found.append(min(max(round(t), above), timesteps - (len(times) - 1 - k)))
    return tuple(map(float, reversed(found)))


def _logistic(x: float) -> float:
    """1/(1 + e^−x), for any x."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
