"""Read-outs of one instant: what the noising process says at t, and the equation of the step, with its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from diffviz.domain.frames import ForwardFrame, ReverseFrame
from diffviz.domain.requests import Request
from diffviz.domain.sampling import Ddim, Ddpm
from diffviz.session.run import Run
from diffviz.theory import posterior, processes
from diffviz.theory.schedules import NoiseSchedule, Pair, preserving
from diffviz.ui.widgets.format import MINUS, timestep


@dataclass(frozen=True, slots=True)
class Quantities:
    """Of time `t`: β_t, ᾱ_t and what follows; nan for what is not defined there.

    A process without β has α, σ, SNR, and the variance of its posterior, `beta_tilde`: it is not `preserving`.
    `previous` is the next smaller visited timestep, None where there is none; `beta_tilde` is β̃, the variance of
    q(x_previous | x_t, x_0) of that pair. `pair` is None where there is no previous one, or ᾱ is not known.
    """

    t: float
    beta: float
    alpha_bar: float
    alpha: float
    sigma: float
    snr: float
    previous: float | None
    pair: Pair[float] | None
    beta_tilde: float
    preserving: bool = True

    @property
    def pair_beta(self) -> float:
        """β of the visited pair, 1 − ᾱ_t / ᾱ_previous, which `beta_tilde` belongs to; nan where it is not known."""
        return math.nan if self.pair is None else float(-math.expm1(2 * self.pair.log_keep))

    @property
    def previous_alpha_bar(self) -> float:
        """ᾱ of `previous`, nan where it is not known."""
        return math.nan if self.pair is None else squared(self.pair.alpha_prev)


def quantities(run: Run, frame: ForwardFrame | ReverseFrame, process: processes.Process | None) -> Quantities:
    """The quantities of `frame`, from `process` where it is known, else from the frame's own α and σ."""
    schedule = processes.schedule_in(process)
    if process is not None and schedule is None:
        return _without_beta(run, frame, process)
    log_alpha_bar = log_alpha_bar_at(schedule, frame.position)
    alpha_bar = min(squared(frame.alpha), 1.0) if math.isnan(log_alpha_bar) else alpha_bar_at(schedule, frame.position)
    rest = 1 - alpha_bar
    previous = visited_before(run, frame.position)
    pair = None if previous is None else _pair(schedule, frame.position, previous)
    return Quantities(
        t=frame.position,
        beta=beta_at(schedule, frame.position),
        alpha_bar=alpha_bar,
        alpha=math.sqrt(alpha_bar),
        sigma=math.sqrt(rest),
        snr=alpha_bar / rest if rest > 0 else math.inf,
        previous=previous,
        pair=pair,
        beta_tilde=math.nan if pair is None else float(posterior.posterior_variance(pair)),
    )


def _without_beta(run: Run, frame: ForwardFrame | ReverseFrame, process: processes.Process) -> Quantities:
    """Those that there are for a process without β."""
    t, previous = frame.position, visited_before(run, frame.position)
    pair = None if previous is None else process.pair(t, previous)
    return Quantities(
        t=t,
        beta=math.nan,
        alpha_bar=math.nan,
        alpha=frame.alpha,
        sigma=frame.sigma,
        snr=math.inf if frame.sigma == 0 else squared(frame.alpha / frame.sigma),
        previous=previous,
        pair=pair,
        beta_tilde=math.nan if pair is None else float(posterior.posterior_variance(pair)),
        preserving=False,
    )


def squared(value: float) -> float:
    """`value`², also where no float can hold it."""
    return value * value


def alpha_bar_at(schedule: NoiseSchedule | None, t: float) -> float:
    """ᾱ_t, from `log_alpha_bar_at` between two timesteps."""
    if schedule is not None and t == int(t) and 0 <= t <= schedule.timesteps:
        return float(schedule.alpha_bar[int(t)])
    return math.exp(log_alpha_bar_at(schedule, t))


def log_alpha_bar_at(schedule: NoiseSchedule | None, t: float) -> float:
    """log ᾱ_t, linear between two timesteps; nan without a schedule that reaches t."""
    if schedule is None or not 0 <= t <= schedule.timesteps:
        return math.nan
    below = min(int(t), schedule.timesteps - 1)
    low, high = schedule.log_alpha_bar[below : below + 2]
    return float(low + (t - below) * (high - low))


def _pair(schedule: NoiseSchedule | None, t: float, previous: float) -> Pair[float] | None:
    log_kept = log_alpha_bar_at(schedule, t) - log_alpha_bar_at(schedule, previous)
    if math.isnan(log_kept):
        return None
    return preserving(alpha_bar_at(schedule, t), alpha_bar_at(schedule, previous), log_kept)


def beta_at(schedule: NoiseSchedule | None, t: float) -> float:
    """β_t, linear between two timesteps, nan at t = 0 and without a schedule that reaches t."""
    if schedule is None or not 0 < t <= schedule.timesteps:
        return math.nan
    below = int(t)
    if t == below or below == 0:
        return float(schedule.beta[max(1, below)])
    low, high = schedule.beta[below : below + 2]
    return float(low + (t - below) * (high - low))


def visited_before(run: Run, t: float) -> float | None:
    """The next smaller timestep that `run` visits."""
    return run.plan.below(t)


DIGITS = 3


@dataclass(frozen=True, slots=True)
class Equation:
    """`symbols` and `numbers` in the notation of `diffviz.ui.widgets.math_label`; both may be empty."""

    symbols: str = ""
    numbers: str = ""


def equation(request: Request, frame: Any, at: Quantities) -> Equation:
    """How `frame` came about (forward) or what the step that leaves it does (reverse), as the process has it."""
    sampler = getattr(request, "sampler", None)
    if sampler is None:
        return _forward(frame, at) if at.preserving else _closed_form(frame, at)
    write = OF_SAMPLER.get(type(sampler))
    if write is _ddim and not at.preserving:
        write = _step
    return write(frame, at) if write else Equation()


def _forward(frame: ForwardFrame, at: Quantities) -> Equation:
    """Ho et al. 2020, eq. 4, with the chain's combined noise or the one fixed noise."""
    noise = "ε" if frame.step_noise is None else "ε̄_t"
    symbols = f"x_t = √ᾱ_t x_0 + √(1 {MINUS} ᾱ_t) {noise}"
    return Equation(symbols, f"{_number(at.alpha)} x_0 + {_number(at.sigma)} {noise}")


def _closed_form(frame: ForwardFrame, at: Quantities) -> Equation:
    """x_t = α_t x_0 + σ_t ε, with the chain's combined noise or the one fixed noise (Kingma et al. 2021, eq. 1)."""
    noise = "ε" if frame.step_noise is None else "ε̄_t"
    return Equation(f"x_t = α_t x_0 + σ_t {noise}", f"{_number(at.alpha)} x_0 + {_number(at.sigma)} {noise}")


def _step(frame: ReverseFrame, at: Quantities) -> Equation:
    """Song et al. 2021, eq. 12, with the α and σ of any process; with η = 0 it is Euler's method for flow."""
    if at.pair is None or at.previous is None:
        return Equation()
    to, pair = _subscript(at.previous), at.pair
    towards = math.sqrt(max(0.0, squared(pair.sigma_prev) - squared(frame.std)))
    noise = f"√(σ{to}² {MINUS} σ²) ε̂ + σ z" if frame.std > 0 else f"σ{to} ε̂"
    fresh = f" + {_number(frame.std)} z" if frame.std > 0 else ""
    numbers = f"{_number(pair.alpha_prev)} x̂_0 + {_number(towards)} ε̂{fresh}"
    return Equation(f"x{to} = α{to} x̂_0 + {noise}", numbers)


def _ddim(frame: ReverseFrame, at: Quantities) -> Equation:
    """Song et al. 2021, eq. 12."""
    if at.previous is None:
        return Equation()
    to = _subscript(at.previous)
    towards = math.sqrt(max(0.0, 1 - at.previous_alpha_bar - squared(frame.std)))
    sigma = f" {MINUS} σ²" if frame.std > 0 else ""
    symbol, number = (" + σ z", f" + {_number(frame.std)} z") if frame.std > 0 else ("", "")
    symbols = f"x{to} = √ᾱ{to} x̂_0 + √(1 {MINUS} ᾱ{to}{sigma}) ε̂{symbol}"
    return Equation(symbols, f"{_number(math.sqrt(at.previous_alpha_bar))} x̂_0 + {_number(towards)} ε̂{number}")


def _ddpm(frame: ReverseFrame, at: Quantities) -> Equation:
    """Ho et al. 2020, algorithm 2 with eq. 7, on the visited pair."""
    if at.previous is None or at.pair is None:
        return Equation()
    of_x0, of_xt = posterior.mean_weights(at.pair)
    symbols = f"x{_subscript(at.previous)} = μ̃(x_t, x̂_0) + σ z"
    return Equation(symbols, f"{_number(of_x0)} x̂_0 + {_number(of_xt)} x_t + {_number(frame.std)} z")


OF_SAMPLER: Mapping[type[Any], Callable[[Any, Quantities], Equation]] = MappingProxyType({Ddim: _ddim, Ddpm: _ddpm})
"""How a step is written, for samplers whose step is one line."""


def _subscript(t: float) -> str:
    return f"_{{{timestep(t)}}}"


def _number(value: float) -> str:
    return "0" if value == 0 else f"{value:.{DIGITS}f}"
