"""Panes: which of a frame's arrays are shown as pictures, and what each is called, in the window and in exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from diffviz.domain.errors import NotAChoice
from diffviz.domain.export_settings import USUAL, ExportSettings
from diffviz.domain.frames import ForwardFrame, Frame, PathFrame, ReverseFrame
from diffviz.domain.gan import GanFrame
from diffviz.domain.objective import ObjectiveFrame
from diffviz.domain.planar import PlanarFrame
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr

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


ORIGINAL_KEY = "original"
PLANE = "plane"
DATA_LIMIT = DATA_RANGE[1]


@dataclass(frozen=True, slots=True)
class ExportPane:
    """One part of a frame that can be shown: field `key`, with values from −`limit` (black) to `limit` (white).

    `hue` names the colour of the palette that its label is written in.
    """

    key: str
    label: str
    limit: float = DATA_LIMIT
    hue: str = "noisy"

    @property
    def noise(self) -> bool:
        """Whether it shows noise, not data."""
        return self.limit != DATA_LIMIT


def _of(pane: Pane, key: str = "") -> ExportPane:
    """What the window shows as `pane`, under the same symbol and in the same colours."""
    return ExportPane(key or pane.field, pane.symbol, pane.value_range[1], pane.colour)


PANES: Mapping[type[Frame], tuple[ExportPane, ...]] = MappingProxyType(
    {
        ReverseFrame: tuple(map(_of, REVERSE)),
        ForwardFrame: (
            _of(ORIGINAL, ORIGINAL_KEY),
            *map(_of, (NOISED, COMBINED_NOISE, STEP_NOISE, CLEAN_GUESS, NOISE_GUESS)),
        ),
        PathFrame: (ExportPane("x", "x′"),),
        GanFrame: (
            ExportPane(PLANE, _("D(x), real and generated")),
            ExportPane("fake", "G(z)", hue="generated"),
            ExportPane("real", "x", hue="alpha_bar"),
        ),
        ObjectiveFrame: (),
        PlanarFrame: (
            ExportPane("x", _("by the exact score")),
            ExportPane("learnt_x", _("by the network"), hue="generated"),
        ),
    }
)
FIXED_NOISE_PANE = _of(FIXED_NOISE)


def export_panes_of(frames: Sequence[Frame]) -> tuple[ExportPane, ...]:
    """The panes that the run `frames` (in the order of computation) can show; none for an empty run."""
    if not frames:
        return ()
    first = frames[0]
    if isinstance(first, GanFrame):
        there = {PLANE} if first.surface is not None else {"fake", "real"}
    else:
        there = {*first.arrays(), *((ORIGINAL_KEY,) if first.position == 0 else ())}
    found = tuple(pane for pane in PANES.get(type(first), ()) if pane.key in there)
    fixed = isinstance(first, ForwardFrame) and first.step_noise is None
    return tuple(FIXED_NOISE_PANE if fixed and pane.key == FIXED_NOISE_PANE.key else pane for pane in found)


def shown_panes(frames: Sequence[Frame], settings: ExportSettings) -> tuple[ExportPane, ...]:
    """The panes that `settings` ask for, of the run `frames`; its first where the usual one is asked for and missing.

    Raises `NotAChoice` for a pane that it does not have.
    """
    known = {pane.key: pane for pane in export_panes_of(frames)}
    wanted = settings.panes
    if wanted == USUAL and known and wanted[0] not in known:
        wanted = tuple(known)[:1]
    unknown = [key for key in wanted if key not in known]
    if unknown or not wanted:
        raise NotAChoice("panes", ", ".join(unknown), tuple(known))
    return tuple(known[key] for key in wanted)


def axis_name(frame: Frame) -> str:
    """What the axis of runs of frames like `frame` is called below their plots."""
    return tr("step") if frame.axis == "step" else frame.axis


def stamp(frame: Frame) -> str:
    """Where `frame` stands, as a caption says it."""
    if isinstance(frame, GanFrame):
        return tr("step {n}").format(n=f"{frame.position:g}")
    return f"{frame.axis} = {frame.position:.4g}"
