"""Noise schedules: β_t for t = 1 … T, and what follows from them.

Arrays over time have T + 1 entries and are indexed by t itself: `alpha_bar[t]` is ᾱ_t, ᾱ_0 = 1, β_0 is undefined (nan).

Visited pairs of times: what the quantities of one step of a sampler are functions of.

Which whole timesteps a sampler visits (Lin et al. 2024), and where it takes a second evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diffviz.domain import sampling as names
from diffviz.domain.arrays import F64

Value = TypeVar("Value", float, F64)


@dataclass(frozen=True, slots=True)
class Pair(Generic[Value]):
    """Time t and the next smaller visited one, t_prev: α and σ of both, and the forward step between them.

    From t_prev to t that step is x_t = keep · x_prev + √added · ε with keep = α_t / α_prev (Kingma et al. 2021,
    appendix A). All fields are floats, or all arrays of one shape. `log_keep` and `added` are fields of their own:
    where both α are too small for a float, and so 0, they do not tell what the step does any more, and its logarithm
    still does. `log_keep` is −∞ where α_t is 0 and α_prev is not.
    """

    alpha: Value
    sigma: Value
    alpha_prev: Value
    sigma_prev: Value
    log_keep: Value
    added: Value

    @property
    def keep(self) -> Value:
        """α_t / α_prev, the factor of x_prev in x_t."""
        found: Value = np.exp(self.log_keep)
        return found

    @property
    def kept(self) -> Value:
        """(α_t / α_prev)², the share of the signal's variance that the step keeps: ᾱ_t / ᾱ_prev."""
        found: Value = np.exp(2 * self.log_keep)
        return found

    @property
    def gone(self) -> Value:
        """1 − SNR_t / SNR_prev, the share of the signal-to-noise ratio that the step takes: added / σ_t²."""
        return self.added / self.sigma**2


def pair_between(now: tuple[float, float], before: tuple[float, float], log_keep: float) -> Pair[float]:
    """The pair of the (α, σ) at t, `now`, and at t_prev, `before`, for any Gaussian process.

    Its added variance is σ_t² − keep² σ_prev², written as σ_t² (1 − SNR_t / SNR_prev) so that no digits cancel.
    """
    sigma, sigma_prev = now[1], before[1]
    with np.errstate(divide="ignore"):
        log_ratio = 2 * (log_keep + float(np.log(sigma_prev / sigma)))
    return Pair(*now, *before, log_keep, float(-(sigma**2) * np.expm1(log_ratio)))


def preserving(alpha_bar: Value, alpha_bar_prev: Value, log_kept: Value) -> Pair[Value]:
    """The pair of two ᾱ of a variance-preserving process, and log(ᾱ_t / ᾱ_prev): what it adds is β = 1 − ᾱ_t / ᾱ_prev.

    For consecutive timesteps that is the paper's β_t (Ho et al. 2020, eq. 2).
    """
    now, before = (np.sqrt(alpha_bar), np.sqrt(1 - alpha_bar)), (np.sqrt(alpha_bar_prev), np.sqrt(1 - alpha_bar_prev))
    return Pair(*now, *before, log_kept / 2, -np.expm1(log_kept))


def pair_of(alpha_bar: float, alpha_bar_prev: float) -> Pair[float]:
    """The pair of two ᾱ that a float can tell from 0; ᾱ_t may be 0, as where α = 0 at the end of a process."""
    with np.errstate(divide="ignore"):
        log_kept = float(np.log(alpha_bar) - np.log(alpha_bar_prev))
    return preserving(alpha_bar, alpha_bar_prev, log_kept)


SHIFT = 1  # table 2 counts timesteps as k = 0 … T − 1; here x_0 is clean, so t = k + 1


def leading(timesteps: int, steps: int) -> list[int]:
    """k · ⌊T/S⌋ for k = 0 … S − 1: never starts at T."""
    return [k * (timesteps // steps) + SHIFT for k in range(steps)]


def linspace(timesteps: int, steps: int) -> list[int]:
    """S points spread evenly from 1 to T; T alone for a single one."""
    if steps == 1:
        return [timesteps]
    return [int(k) + SHIFT for k in np.round(np.linspace(0, timesteps - 1, steps))]


def trailing(timesteps: int, steps: int) -> list[int]:
    """T, T − T/S, …: starts at T and leaves out the smallest."""
    taus = np.arange(timesteps, 0, -timesteps / steps)[:steps]  # rounding of T/S can let a 0 slip in at the end
    return [int(t) for t in np.round(taus)]


SPACINGS: Mapping[str, Callable[[int, int], list[int]]] = MappingProxyType(
    {"trailing": trailing, "linspace": linspace, "leading": leading}
)


def visits(timesteps: int, steps: int, spacing: str, start: int | None = None) -> tuple[int, ...]:
    """Visited timesteps τ_S > … > τ_1 > τ_0 = 0, strictly descending, `steps` + 1 of them (Lin et al. 2024, table 2).

    `spacing` is a key of `SPACINGS`. A run that starts at timestep `start` visits `start` and then those of the
    ordinary visits that are smaller. Raises ValueError unless 1 ≤ steps ≤ T and 0 ≤ start ≤ T.
    """
    if not 1 <= steps <= timesteps:
        raise ValueError(f"steps must lie between 1 and {timesteps}, not {steps}")
    if spacing not in SPACINGS:
        raise ValueError(f"unknown spacing {spacing!r}; one of {', '.join(SPACINGS)}")
    ordinary = (*sorted(SPACINGS[spacing](timesteps, steps), reverse=True), 0)
    if start is None:
        return ordinary
    if not 0 <= start <= timesteps:
        raise ValueError(f"a run starts between 0 and {timesteps}, not at {start}")
    return (start, *(t for t in ordinary if t < start))


LARGEST = 80.0


def corrected(now: tuple[float, float], before: tuple[float, float]) -> bool:
    """Whether the step from (α, σ) `now` to those `before` takes the slope at its end as well, and not Euler's alone.

    Not the last one, to σ̂ = σ/α = 0 (Karras et al. 2022, algorithm 1, line 6); nor one from beyond their largest σ̂ of
    80: a cosine schedule begins at 20,000, and the mean of the slopes at the ends of a step from there to 30 moves x
    by many times its own size.
    """
    return before[1] > 0 and now[1] <= LARGEST * now[0]


def evaluations(points: Sequence[tuple[float, float]]) -> int:
    """Evaluations of the denoiser along the visited (α, σ), from those of x_T to those of t = 0."""
    return sum(1 + corrected(here, prev) for here, prev in pairwise(points))


Times = NDArray[np.integer]
MAX_BETA = 0.999


def linear(settings: names.Linear) -> F64:
    """β_1 … β_T rising linearly (Ho et al. 2020, section 4)."""
    return np.linspace(settings.beta_start, settings.beta_end, settings.timesteps)


def scaled_linear(settings: names.ScaledLinear) -> F64:
    """√β rising linearly (Rombach et al. 2022)."""
    return np.linspace(settings.beta_start**0.5, settings.beta_end**0.5, settings.timesteps) ** 2


def cosine(settings: names.Cosine) -> F64:
    """β from ᾱ_t = f(t)/f(0), f(t) = cos²((t/T + s)/(1 + s) · π/2) (Nichol & Dhariwal 2021, eq. 17).

    β is clipped at 0.999 as they do, so ᾱ of the schedule is the product of 1 − β and not f(t)/f(0) near t = T.
    """
    t = np.arange(settings.timesteps + 1) / settings.timesteps
    f = np.cos((t + settings.s) / (1 + settings.s) * np.pi / 2) ** 2
    clipped: F64 = np.minimum(1 - f[1:] / f[:-1], MAX_BETA)
    return clipped


def sigmoid(settings: names.Sigmoid) -> F64:
    """β following the logistic function of −6 … 6 from β_start to β_end (Xu et al. 2022, GeoDiff)."""
    rise = 1 / (1 + np.exp(-np.linspace(-6, 6, settings.timesteps)))
    return rise * (settings.beta_end - settings.beta_start) + settings.beta_start


def constant(settings: names.Constant) -> F64:
    """The same β at every step."""
    return np.full(settings.timesteps, settings.beta)


def zero_terminal(betas: F64) -> F64:
    """β_1 … β_T with √ᾱ shifted and scaled so that ᾱ_T is 0 and ᾱ_1 is as it was (Lin et al. 2024, algorithm 1)."""
    root = np.sqrt(np.cumprod(1 - betas))
    root = (root - root[-1]) * root[0] / (root[0] - root[-1])
    rescaled: F64 = 1 - np.concatenate([root[:1], root[1:] / root[:-1]]) ** 2
    return rescaled


BETAS: Mapping[str, Callable[[Any], F64]] = MappingProxyType(
    {
        "linear": linear,
        "cosine": cosine,
        "scaled_linear": scaled_linear,
        "sigmoid": sigmoid,
        "constant": constant,
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class NoiseSchedule:
    """A variance schedule and its derived quantities, read-only float64 arrays of length T + 1 indexed by t.

    `beta` is β_t (nan at 0), `alpha_bar` ᾱ_t, `alpha` √ᾱ_t, `sigma` √(1 − ᾱ_t), `snr` ᾱ_t/(1 − ᾱ_t) (∞ at 0).
    Large β bring ᾱ_t below the smallest float: it and what is a multiple of it are then 0, while `log_alpha_bar`, the
    natural logarithm of ᾱ_t, is finite for every t; but −∞ at T where β_T is 1.
    """

    beta: F64
    alpha_bar: F64
    alpha: F64
    sigma: F64
    snr: F64
    log_alpha_bar: F64

    @property
    def timesteps(self) -> int:
        """T."""
        return len(self.beta) - 1

    @property
    def log_beta(self) -> F64:
        """log₁₀ β_t, nan at 0: what a logarithmic β axis shows."""
        return np.log10(self.beta)

    @property
    def log_snr(self) -> F64:
        """log ᾱ_t/(1 − ᾱ_t) in nats, finite but for ∞ at 0 and −∞ where ᾱ_t is 0 by β_T = 1."""
        with np.errstate(divide="ignore"):
            found: F64 = self.log_alpha_bar - np.log(1 - self.alpha_bar)
        return found

    def pair(self, t: int, t_prev: int) -> Pair[float]:
        """The visited pair of timesteps `t` > `t_prev`; what its step adds is β, 1 − ᾱ_t / ᾱ_prev."""
        log_kept = float(self.log_alpha_bar[t] - self.log_alpha_bar[t_prev])
        alpha, sigma = float(self.alpha[t]), float(self.sigma[t])
        before = float(self.alpha[t_prev]), float(self.sigma[t_prev])
        return Pair(alpha, sigma, *before, log_kept / 2, float(-np.expm1(log_kept)))

    def pairs(self, ts: Times, prevs: Times) -> Pair[F64]:
        """The visited pairs of the timesteps `ts` with `prevs`, arrays of one shape."""
        log_kept = self.log_alpha_bar[ts] - self.log_alpha_bar[prevs]
        ends = self.alpha[ts], self.sigma[ts], self.alpha[prevs], self.sigma[prevs]
        return Pair(*ends, log_kept / 2, -np.expm1(log_kept))

    @staticmethod
    def from_betas(betas: ArrayLike) -> NoiseSchedule:
        """The schedule of β_1 … β_T, each in (0, 1), the last may be 1. Raises ValueError otherwise."""
        steps = np.asarray(betas, np.float64)
        if steps.ndim != 1 or len(steps) == 0:
            raise ValueError(f"β_1 … β_T are a row of at least one number, not an array of shape {steps.shape}")
        if not (np.all((steps > 0) & (steps <= 1)) and np.all(steps[:-1] < 1)):
            raise ValueError(f"every β_t lies between 0 and 1, not from {steps.min()} to {steps.max()}")
        beta = np.concatenate([[np.nan], steps])
        alpha_bar = np.concatenate([[1.0], np.cumprod(1 - steps)])
        rest = 1 - alpha_bar
        with np.errstate(divide="ignore"):
            snr = alpha_bar / rest
            log_alpha_bar = np.concatenate([[0.0], np.cumsum(np.log1p(-steps))])
        arrays = (beta, alpha_bar, np.sqrt(alpha_bar), np.sqrt(rest), snr, log_alpha_bar)
        for array in arrays:
            array.flags.writeable = False
        return NoiseSchedule(*arrays)

    @staticmethod
    def from_settings(settings: names.ProcessSettings) -> NoiseSchedule:
        """The schedule that `settings` describe; equal settings give the same object.

        Raises ValueError for a process without β.
        """
        return _from_settings(settings)


@lru_cache(maxsize=64)
def _from_settings(settings: names.ProcessSettings) -> NoiseSchedule:
    return NoiseSchedule.from_betas(_betas_of(settings))


def _betas_of(settings: names.ProcessSettings) -> F64:
    match settings:
        case names.Betas():
            return np.array(settings.betas, np.float64)
        case names.ZeroTerminal():
            return zero_terminal(_betas_of(settings.schedule))
        case names.Flow() | names.VarianceExploding():
            raise ValueError(f"{type(settings).__name__} has no β")
        case _:
            return BETAS[names.process_key(settings)](settings)
