"""The equation of an instant, in symbols and in the numbers of this step."""

from __future__ import annotations

import math
from dataclasses import dataclass

from diffviz.domain.frames import ForwardFrame, Frame, ReverseFrame
from diffviz.domain.requests import ForwardRequest, Request, ReverseRequest
from diffviz.domain.samplers import Ddim, Ddpm
from diffviz.theory import posterior
from diffviz.ui.views.figures import MINUS, timestep
from diffviz.ui.views.quantities import Quantities

DIGITS = 3


@dataclass(frozen=True, slots=True)
class Equation:
    """`symbols` and `numbers` in the notation of `diffviz.ui.widgets.math_label`; both may be empty."""

    symbols: str = ""
    numbers: str = ""


def equation(request: Request, frame: Frame, at: Quantities) -> Equation:
    """How `frame` came about (forward) or what the step that leaves it does (reverse)."""
    match request, frame:
        case ForwardRequest(), ForwardFrame():
            return _forward(frame, at)
        case ReverseRequest(sampler=Ddim()), ReverseFrame():
            return _ddim(frame, at)
        case ReverseRequest(sampler=Ddpm()), ReverseFrame():
            return _ddpm(frame, at)
        case _:
            return Equation()


def _forward(frame: ForwardFrame, at: Quantities) -> Equation:
    """Ho et al. 2020, eq. 4, with the chain's combined noise or the one fixed noise."""
    noise = "ε" if frame.step_noise is None else "ε̄_t"
    symbols = f"x_t = √ᾱ_t x_0 + √(1 {MINUS} ᾱ_t) {noise}"
    return Equation(symbols, f"{_number(at.alpha)} x_0 + {_number(at.sigma)} {noise}")


def _ddim(frame: ReverseFrame, at: Quantities) -> Equation:
    """Song et al. 2021, eq. 12."""
    if at.previous is None:
        return Equation()
    to = _subscript(at.previous)
    towards = math.sqrt(max(0.0, 1 - at.previous_alpha_bar - frame.std**2))
    sigma = f" {MINUS} σ²" if frame.std > 0 else ""
    fresh = " + σ z" if frame.std > 0 else ""
    symbols = f"x{to} = √ᾱ{to} x̂_0 + √(1 {MINUS} ᾱ{to}{sigma}) ε̂{fresh}"
    numbers = f"{_number(math.sqrt(at.previous_alpha_bar))} x̂_0 + {_number(towards)} ε̂ + {_number(frame.std)} z"
    return Equation(symbols, numbers)


def _ddpm(frame: ReverseFrame, at: Quantities) -> Equation:
    """Ho et al. 2020, algorithm 2 with eq. 7, on the visited pair."""
    if at.previous is None or at.pair is None:
        return Equation()
    of_x0, of_xt = posterior.mean_weights(at.pair)
    symbols = f"x{_subscript(at.previous)} = μ̃(x_t, x̂_0) + σ z"
    return Equation(symbols, f"{_number(of_x0)} x̂_0 + {_number(of_xt)} x_t + {_number(frame.std)} z")


def _subscript(t: float) -> str:
    return f"_{{{timestep(t)}}}"


def _number(value: float) -> str:
    return "0" if value == 0 else f"{value:.{DIGITS}f}"
