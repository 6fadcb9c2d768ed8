"""Runs beside each other in one picture: their panes side by side at the same t, their curves in the same plots.

Runs are held together as in the window: by t, or by what their processes share at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from diffviz.domain.arrays import U8
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.frames import Frame
from diffviz.domain.panes import axis_name, stamp
from diffviz.domain.plots import Plot, Series
from diffviz.domain.provenance import LETTERS
from diffviz.domain.sample_rows import SampleRows
from diffviz.domain.text import tr
from diffviz.export.panes import Group, Name, PaneCanvas, Room, canvas_of
from diffviz.export.run_info import RunBeside, RunInfo
from diffviz.families import export_panes_of
from diffviz.theory.shared_time import SHARED_BY, counterpart

if TYPE_CHECKING:
    from diffviz.export.figure import FigureRun

APART = 20
"""Pixels between two runs, for letters of the usual size."""
SEPARATOR = " · "
ALIKE = {"x0": "x0_hat", "eps": "eps_hat", "x0_hat": "x0", "eps_hat": "eps", "noise": "eps"}
"""What stands for a pane where a run does not have it."""


@dataclass(frozen=True, slots=True, eq=False)
class JointCanvas(PaneCanvas):
    """The canvases `members` of a run and of the `others` beside it, `apart` pixels from each other.

    Their samples are of one shape and enlarged alike.
    """

    members: tuple[PaneCanvas, ...] = ()
    others: tuple[RunBeside, ...] = ()
    apart: int = APART

    @property
    def all_rows(self) -> tuple[SampleRows, ...]:
        """The rows of all runs."""
        return tuple(rows for member in self.members for rows in member.all_rows)

    @property
    def lefts(self) -> tuple[int, ...]:
        """Where each pane begins, in pixels from the left."""
        pairs = zip(self.members, self.groups, strict=True)
        return tuple(left + each for member, (left, _) in pairs for each in member.lefts)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Where the panes of each run begin, and how wide they are together."""
        found, left = [], 0
        for member in self.members:
            found.append((left, member.size[0]))
            left += member.size[0] + self.apart
        return tuple(found)

    def frames_at(self, frame: Frame) -> tuple[Frame, ...]:
        """`frame` of the first run, and of each of the others the one that stands beside it."""
        return frame, *(other.at(frame.position) for other in self.others)

    def samples(self, frame: Frame) -> list[U8]:
        """The samples of each pane of every run."""
        pairs = zip(self.members, self.frames_at(frame), strict=True)
        return [samples for member, each in pairs for samples in member.samples(each)]


@dataclass(frozen=True, slots=True, eq=False)
class UnlikeCanvas(JointCanvas):
    """The same for runs whose samples differ in number or size: each run's picture is one sample."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """Where the picture of each run begins; it stands in the middle of its place."""
        width, _ = self.pane_size
        places = ((i * (width + self.apart), member.size[0]) for i, member in enumerate(self.members))
        return tuple((left + (width - own) // 2, own) for left, own in places)

    @property
    def lefts(self) -> tuple[int, ...]:
        """Where the place of each run begins."""
        return tuple(i * (self.pane_size[0] + self.apart) for i in range(len(self.members)))

    @property
    def names(self) -> tuple[Name, ...]:
        """Every pane, where it begins and how wide it is."""
        pairs = zip(self.members, self.groups, strict=True)
        return tuple((pane, left + at, width) for member, (left, _) in pairs for pane, at, width in member.names)

    def samples(self, frame: Frame) -> list[U8]:
        """The picture of each run, uint8 (1, H, W, 3)."""
        pairs = zip(self.members, self.frames_at(frame), strict=True)
        return [self._placed(member.coloured(each)) for member, each in pairs]

    def _placed(self, picture: U8) -> U8:
        _, _, height, width = self.shape
        place = np.empty((1, height, width, 3), np.uint8)
        place[:] = self.ground
        left = (width - picture.shape[1]) // 2
        place[0, : picture.shape[0], left : left + picture.shape[1]] = picture
        return place


def lettered(titles: Sequence[str]) -> list[str]:
    """`titles` of runs beside each other behind their letters."""
    return [f"{letter}   {title}".rstrip() for letter, title in zip(LETTERS, titles, strict=False)]


def titles_of(names: Sequence[str]) -> list[str]:
    """What runs with those `names` are called beside each other: what they do not have in common."""
    parts = [name.split(SEPARATOR) for name in names]
    common = set(parts[0]).intersection(*parts[1:])
    own = [SEPARATOR.join(part for part in each if part not in common) for each in parts]
    if any(own):  # what has nothing of its own is called what all are
        own = [title or each[0] for title, each in zip(own, parts, strict=True)]
    return own


def apart(frames: Sequence[Frame], about: RunInfo) -> bool:
    """Whether the runs beside have no frame at the place of one of `frames`, and so each says where it stands."""
    return any(stamp(other.at(frame.position)) != stamp(frame) for frame in frames for other in about.beside)


def meeting(frames: Sequence[Frame], about: RunInfo) -> str:
    """What holds the runs together that stand at places of their own; empty where they share them."""
    if not apart(frames, about):
        return ""
    own = tr("the same {axis}").format(axis=axis_name(frames[0]))
    held: dict[str, list[str]] = {}
    for letter, other in zip(LETTERS[1:], about.beside, strict=False):
        held.setdefault(tr(SHARED_BY[other.tie.by]) if other.tie else own, []).append(letter)
    text = tr("{runs}: {what}, each at its frame nearest to that")
    return " · ".join(text.format(runs=" + ".join((LETTERS[0], *runs)), what=what) for what, runs in held.items())


def joint_canvas(
    frames: Sequence[Frame], settings: ExportSettings, about: RunInfo, room: Room | None = None, em: float = 1.0
) -> PaneCanvas:
    """The canvas of the run `frames` and of those beside it, within `room`; its own where there are none.

    Raises `NotAChoice` for a pane that the run does not have, and `OutOfRange` where there is too little room.
    """
    if not about.beside:
        return canvas_of(frames, settings, about, room)
    apart, count = round(APART * em), 1 + len(about.beside)
    each = ((room[0] - apart * (count - 1)) // count, room[1]) if room else None
    first = canvas_of(frames, settings, about, each)
    rest = (canvas_of(other.frames, _fitting(settings, other), other.about, each) for other in about.beside)
    members = (first, *rest)
    alike = [(each.shape, each.scale, each.rows) for each in members]
    if all(each == alike[0] for each in alike):
        panes = tuple(pane for member in members for pane in member.panes)
        return JointCanvas(panes, first.shape, first.scale, first.theme, None, first.rows, members, about.beside, apart)
    width, height = (max(member.size[side] for member in members) for side in (0, 1))
    panes = tuple(member.panes[0] for member in members)
    return UnlikeCanvas(panes, (1, 3, height, width), 1, first.theme, None, None, members, about.beside, apart)


def _fitting(settings: ExportSettings, other: RunBeside) -> ExportSettings:
    """`settings` with the panes that `other` has of those asked for; its first where it has none."""
    known = [pane.key for pane in export_panes_of(other.frames)]
    wanted = [key if key in known else ALIKE.get(key, "") for key in settings.panes]
    return replace(settings, panes=tuple(key for key in wanted if key in known) or tuple(known[:1]))


def runs_of(plots: Sequence[Plot], about: RunInfo) -> tuple[FigureRun, ...]:
    """The run of `plots` and those beside it, with their curves in them; none where there is nothing to tell apart."""
    if not about.beside:
        return ()
    from diffviz.export.figure import FigureRun

    others = tuple(FigureRun(other.about.title, _curves(plots, other)) for other in about.beside)
    drawn = any(plot.series for run in others for plot in run.plots.values())
    return (FigureRun(about.title, {}), *others) if drawn else ()


def _curves(plots: Sequence[Plot], other: RunBeside) -> dict[str, Plot]:
    """What `other` has of the curves of `plots` that is not the very same."""
    found = ((plot, counterpart(plot, other.about.plots, other.tie)) for plot in plots)
    return {plot.key: replace(theirs, series=tuple(_unlike(plot, theirs))) for plot, theirs in found}


def _unlike(plot: Plot, theirs: Plot) -> list[Series]:
    mine = {series.key: series for series in plot.series}
    return [series for series in theirs.series if not _same(series, mine[series.key])]


def _same(a: Series, b: Series) -> bool:
    return np.array_equal(a.xs, b.xs) and np.array_equal(a.ys, b.ys, equal_nan=True)
