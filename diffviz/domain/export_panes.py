"""What of a run of each kind an export shows: its panes, its plots where none is asked for, and its stamp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from diffviz.domain import panes
from diffviz.domain.errors import NotAChoice
from diffviz.domain.export import USUAL, ExportSettings
from diffviz.domain.frames import ForwardFrame, Frame, PathFrame, ReverseFrame
from diffviz.domain.gan import GanFrame
from diffviz.domain.objective import ObjectiveFrame
from diffviz.domain.planar import PlanarFrame
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr

ORIGINAL_KEY = "original"
PLANE = "plane"
DATA_LIMIT = panes.DATA_RANGE[1]


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


def _of(pane: panes.Pane, key: str = "") -> ExportPane:
    """What the window shows as `pane`, under the same symbol and in the same colours."""
    return ExportPane(key or pane.field, pane.symbol, pane.value_range[1], pane.colour)


PANES: Mapping[type[Frame], tuple[ExportPane, ...]] = MappingProxyType(
    {
        ReverseFrame: tuple(map(_of, panes.REVERSE)),
        ForwardFrame: (
            _of(panes.ORIGINAL, ORIGINAL_KEY),
            *map(_of, (panes.NOISED, panes.COMBINED_NOISE, panes.STEP_NOISE, panes.CLEAN_GUESS, panes.NOISE_GUESS)),
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
FIXED_NOISE_PANE = _of(panes.FIXED_NOISE)
OWN_PLOTS: Mapping[type[Frame], tuple[str, ...]] = MappingProxyType({ObjectiveFrame: ("terms", "total")})
"""What a file of plots has where none is asked for, for runs that are about some of their plots; others have all."""


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
