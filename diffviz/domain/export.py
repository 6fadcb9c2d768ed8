"""What an export is asked for: its settings, and the panes that a run of each kind can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from diffviz.domain.frames import ForwardFrame, Frame, PathFrame, ReverseFrame
from diffviz.domain.settings import Bounds, Help, Label, OneOf, Option, When
from diffviz.domain.text import mark as _

FORMATS: Mapping[str, str] = MappingProxyType({"gif": "GIF", "png": _("One PNG"), "sequence": _("PNG sequence")})
GROUNDS: Mapping[str, str] = MappingProxyType({"dark": _("dark"), "light": _("light")})
END = 1e10
ORIGINAL = "original"
DATA_RANGE, NOISE_RANGE = 1.0, 3.0


@dataclass(frozen=True, slots=True)
class Pane:
    """One part of a frame that can be shown: field `key`, with values from −`limit` (black) to `limit` (white)."""

    key: str
    label: str
    limit: float = DATA_RANGE

    @property
    def noise(self) -> bool:
        """Whether it shows noise, not data."""
        return self.limit != DATA_RANGE


PANES: Mapping[type[Frame], tuple[Pane, ...]] = MappingProxyType(
    {
        ReverseFrame: (Pane("x", "x_t"), Pane("x0", "x̂0"), Pane("eps", "ε̂", NOISE_RANGE)),
        ForwardFrame: (
            Pane(ORIGINAL, "x_0"),
            Pane("x", "x_t"),
            Pane("noise", _("noise in x_t"), NOISE_RANGE),
            Pane("step_noise", _("noise of this step"), NOISE_RANGE),
            Pane("x0_hat", "x̂0"),
            Pane("eps_hat", "ε̂", NOISE_RANGE),
        ),
        PathFrame: (Pane("x", "x′"),),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """How frames are written. `at` None is the last frame; `panes` are keys of the panes, in the order shown."""

    format: Annotated[str, Label(_("Format")), OneOf(FORMATS), Help(_("What is written."))] = "gif"
    panes: Annotated[
        tuple[str, ...],
        Label(_("Panes")),
        Help(
            _(
                "What is shown side by side, separated by commas: x, x0, eps of a reverse run; original, x, noise, "
                "step_noise, x0_hat, eps_hat of a forward run."
            )
        ),
    ] = ("x",)
    scale: Annotated[
        int,
        Label(_("Scale")),
        Bounds(0, 64),
        Help(_("Screen pixels per pixel of a sample, a whole number; 0 chooses one.")),
    ] = 0
    ground: Annotated[str, Label(_("Ground")), OneOf(GROUNDS), Help(_("Colour between the samples."))] = "dark"
    at: Annotated[
        float | None,
        Label(_("At t")),
        When(lambda s: s.format == "png"),
        Help(_("Write the frame nearest to this t; the last one where it is not given.")),
    ] = None
    low: Annotated[
        float,
        Label(_("From t")),
        Bounds(0, END),
        Option("from"),
        When(lambda s: s.format != "png"),
        Help(_("Smallest t that is written.")),
    ] = 0.0
    high: Annotated[
        float,
        Label(_("To t")),
        Bounds(0, END),
        Option("to"),
        When(lambda s: s.format != "png"),
        Help(_("Largest t that is written.")),
    ] = END
    every: Annotated[
        int,
        Label(_("Every n-th")),
        Bounds(1, 4000),
        When(lambda s: s.format != "png"),
        Help(_("Write every n-th frame and the last one.")),
    ] = 1
    fps: Annotated[
        float,
        Label(_("Frames per second")),
        Bounds(0.1, 50.0, step=1.0),
        When(lambda s: s.format == "gif"),
        Help(_("A GIF shows a frame for at least 20 ms.")),
    ] = 20.0
    hold_first: Annotated[
        float,
        Label(_("Hold first")),
        Bounds(0.0, 60.0, step=0.5),
        When(lambda s: s.format == "gif"),
        Help(_("Seconds that the first frame stays longer.")),
    ] = 0.5
    hold: Annotated[
        float,
        Label(_("Hold last")),
        Bounds(0.0, 60.0, step=0.5),
        When(lambda s: s.format == "gif"),
        Help(_("Seconds that the last frame stays longer.")),
    ] = 2.0
    loop: Annotated[
        bool, Label(_("Loop")), When(lambda s: s.format == "gif"), Help(_("Begin again at the end, for ever."))
    ] = True


def panes_of(frames: Sequence[Frame]) -> tuple[Pane, ...]:
    """The panes that the run `frames` (in the order of computation) can show; none for an empty run."""
    if not frames:
        return ()
    first = frames[0]
    there = {*first.arrays(), *((ORIGINAL,) if first.position == 0 else ())}
    return tuple(pane for pane in PANES.get(type(first), ()) if pane.key in there)


def chosen(positions: Sequence[float], settings: ExportSettings) -> tuple[int, ...]:
    """Indices of the frames at `positions` (in the order of computation) that `settings` ask for, in that order."""
    if settings.format == "png":
        return (_nearest(positions, settings.at),) if positions else ()
    within = tuple(i for i, position in enumerate(positions) if settings.low <= position <= settings.high)
    kept = within[:: settings.every]
    return (*kept, within[-1]) if within and kept[-1] != within[-1] else kept


def _nearest(positions: Sequence[float], at: float | None) -> int:
    last = len(positions) - 1
    return last if at is None else min(range(len(positions)), key=lambda i: abs(positions[i] - at))
