"""Panes: which of a frame's arrays are shown as pictures, and what each is called. Used by the window and by exports.

Symbols are written plainly: a combining mark stands over the letter before it, `_` begins a subscript.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from diffviz.domain.frames import ForwardFrame, Frame, ReverseFrame
from diffviz.domain.text import mark as _

Range = tuple[float, float]
DATA_RANGE: Range = (-1.0, 1.0)
NOISE_RANGE: Range = (-3.0, 3.0)


class Role(Enum):
    """What a pane's array is: the given image at t = 0, x_t, true noise, or a network's estimate of either."""

    ORIGINAL = "original"
    NOISY = "noisy"
    NOISE = "noise"
    CLEAN_ESTIMATE = "clean estimate"
    NOISE_ESTIMATE = "noise estimate"


@dataclass(frozen=True, slots=True)
class Pane:
    """One array of a frame as a picture.

    `field` names the array; for the role ORIGINAL it is that of the run's frame at t = 0. `caption` is translated when
    shown, `colour` names a field of the palette, `value_range` are the values shown as black and as white.
    """

    field: str
    symbol: str
    caption: str
    colour: str
    value_range: Range
    role: Role


NOISY = Pane("x", "x_t", _("the noisy sample"), "noisy", DATA_RANGE, Role.NOISY)
CLEAN_ESTIMATE = Pane("x0", "x̂_0", _("its estimate of the clean image"), "data", DATA_RANGE, Role.CLEAN_ESTIMATE)
NOISE_ESTIMATE = Pane("eps", "ε̂", _("its estimate of all the noise"), "noise", NOISE_RANGE, Role.NOISE_ESTIMATE)

ORIGINAL = Pane("x", "x_0", _("the image, before any noise"), "data", DATA_RANGE, Role.ORIGINAL)
NOISED = Pane("x", "x_t", _("the noisy image"), "noisy", DATA_RANGE, Role.NOISY)
COMBINED_NOISE = Pane("noise", "ε̄_t", _("the noise of all steps so far, combined"), "noise", NOISE_RANGE, Role.NOISE)
STEP_NOISE = Pane("step_noise", "ε_t", _("the noise of this step alone"), "noise", NOISE_RANGE, Role.NOISE)
FIXED_NOISE = Pane("noise", "ε", _("one noise for every t"), "noise", NOISE_RANGE, Role.NOISE)
NOISE_GUESS = Pane(
    "eps_hat", "ε̂", _("the model's estimate of all the noise"), "noise", NOISE_RANGE, Role.NOISE_ESTIMATE
)
CLEAN_GUESS = Pane(
    "x0_hat", "x̂_0", _("the model's estimate of the clean image"), "data", DATA_RANGE, Role.CLEAN_ESTIMATE
)

REVERSE: tuple[Pane, ...] = (NOISY, CLEAN_ESTIMATE, NOISE_ESTIMATE)


def panes_of(frame: Frame, *, step_noise: bool = False) -> tuple[Pane, ...]:
    """The panes of `frame`'s run, in order; with `step_noise` a chain's ε_t instead of its combined ε̄_t.

    Empty for frames that are not images.
    """
    match frame:
        case ReverseFrame():
            return REVERSE
        case ForwardFrame():
            return (ORIGINAL, NOISED, _noise(frame, step_noise), *_guesses(frame))
        case _:
            return ()


def labelled(panes: Sequence[Pane]) -> Pane | None:
    """The pane whose pictures a classifier is asked about and class names stand under: x̂0, else x_t."""
    order = (Role.CLEAN_ESTIMATE, Role.NOISY)
    return next((pane for role in order for pane in panes if pane.role is role), None)


def absent(frame: Frame, pane: Pane) -> bool:
    """Whether there is nothing to show in `pane`: noise, or its estimate, where x_t holds none and the array is 0."""
    if pane.role not in (Role.NOISE, Role.NOISE_ESTIMATE) or getattr(frame, "sigma", 1.0) != 0:
        return False
    return not frame.arrays()[pane.field].any()


def _noise(frame: ForwardFrame, step_noise: bool) -> Pane:
    if frame.step_noise is None:
        return FIXED_NOISE
    return STEP_NOISE if step_noise else COMBINED_NOISE


def _guesses(frame: ForwardFrame) -> tuple[Pane, ...]:
    return () if frame.eps_hat is None else (NOISE_GUESS, CLEAN_GUESS)
