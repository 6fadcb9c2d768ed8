"""What of a run of each kind an export shows: its panes, its plots where none is asked for, and its stamp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from diffviz.domain.errors import NotAChoice
from diffviz.domain.export import USUAL, ExportSettings
from diffviz.domain.frames import ForwardFrame, Frame, PathFrame, ReverseFrame
from diffviz.domain.gan import GanFrame
from diffviz.domain.objective import ObjectiveFrame
from diffviz.domain.planar import PlanarFrame
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr

ORIGINAL = "original"
PLANE = "plane"
DATA_RANGE, NOISE_RANGE = 1.0, 3.0


@dataclass(frozen=True, slots=True)
class Pane:
    """One part of a frame that can be shown: field `key`, with values from −`limit` (black) to `limit` (white).

    `hue` names the colour of the palette that its label is written in.
    """

    key: str
    label: str
    limit: float = DATA_RANGE
    hue: str = "noisy"

    @property
    def noise(self) -> bool:
        """Whether it shows noise, not data."""
        return self.limit != DATA_RANGE


PANES: Mapping[type[Frame], tuple[Pane, ...]] = MappingProxyType(
    {
        ReverseFrame: (
            Pane("x", "x_t"),
            Pane("x0", "x̂_0", hue="data"),
            Pane("eps", "ε̂", NOISE_RANGE, "noise"),
        ),
        ForwardFrame: (
            Pane(ORIGINAL, "x_0", hue="data"),
            Pane("x", "x_t"),
            Pane("noise", _("noise in x_t"), NOISE_RANGE, "noise"),
            Pane("step_noise", _("noise of this step"), NOISE_RANGE, "noise"),
            Pane("x0_hat", "x̂_0", hue="data"),
            Pane("eps_hat", "ε̂", NOISE_RANGE, "noise"),
        ),
        PathFrame: (Pane("x", "x′"),),
        GanFrame: (
            Pane(PLANE, _("D(x), real and generated")),
            Pane("fake", "G(z)", hue="generated"),
            Pane("real", "x", hue="alpha_bar"),
        ),
        ObjectiveFrame: (),
        PlanarFrame: (
            Pane("x", _("by the exact score")),
            Pane("learnt_x", _("by the network"), hue="generated"),
        ),
    }
)
OWN_PLOTS: Mapping[type[Frame], tuple[str, ...]] = MappingProxyType({ObjectiveFrame: ("terms", "total")})
"""What a file of plots has where none is asked for, for runs that are about some of their plots; others have all."""


def panes_of(frames: Sequence[Frame]) -> tuple[Pane, ...]:
    """The panes that the run `frames` (in the order of computation) can show; none for an empty run."""
    if not frames:
        return ()
    first = frames[0]
    if isinstance(first, GanFrame):
        there = {PLANE} if first.surface is not None else {"fake", "real"}
    else:
        there = {*first.arrays(), *((ORIGINAL,) if first.position == 0 else ())}
    return tuple(pane for pane in PANES.get(type(first), ()) if pane.key in there)


def shown_panes(frames: Sequence[Frame], settings: ExportSettings) -> tuple[Pane, ...]:
    """The panes that `settings` ask for, of the run `frames`; its first where the usual one is asked for and missing.

    Raises `NotAChoice` for a pane that it does not have.
    """
    known = {pane.key: pane for pane in panes_of(frames)}
    wanted = settings.panes
    if wanted == USUAL and known and wanted[0] not in known:
        wanted = tuple(known)[:1]
    unknown = [key for key in wanted if key not in known]
    if unknown or not wanted:
        raise NotAChoice("panes", ", ".join(unknown), tuple(known))
    return tuple(known[key] for key in wanted)


def stamp(frame: Frame) -> str:
    """Where `frame` stands, as a caption says it."""
    if isinstance(frame, GanFrame):
        return tr("step {n}").format(n=f"{frame.position:g}")
    return f"{frame.axis} = {frame.position:.4g}"
