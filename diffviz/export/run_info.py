"""What is known of a run beside its frames, for files that show it: plots, names of samples, record."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diffviz.domain.arrays import U8
from diffviz.domain.axis_scale import scale_of
from diffviz.domain.cards import Card
from diffviz.domain.errors import DiffvizError
from diffviz.domain.frames import Frame
from diffviz.domain.plots import Plot, PlotData, drawable
from diffviz.domain.provenance import Record, record_of
from diffviz.domain.requests import Request
from diffviz.families import family_of, family_of_frame, plan_of, process_of


@dataclass(frozen=True, slots=True, eq=False)
class RunInfo:
    """`plots` over the run's axis; `names` of its samples (already translated); `record` to open it again.

    `knee` is that of the axis: see `AxisScale`.
    """

    plots: tuple[Plot, ...] = ()
    names: tuple[str, ...] = ()
    record: Record | None = None
    knee: float = 0.0


NOTHING = RunInfo()


def about_of(request: Request, images: Mapping[str, U8], cards: Mapping[str, Card], device: str = "") -> RunInfo:
    """What is known of the run of `request`; `images` are pictures by SHA-256, `device` the kind that computed it."""
    plots, knee = _plots(request, cards)
    names = family_of(request).sample_names(request, cards)
    return RunInfo(plots, names, record_of(request, images, cards, device), knee)


def with_figures(about: RunInfo, frames: Sequence[Frame]) -> RunInfo:
    """`about` with the plots of what `frames` carry: figures along a path, of a training, a bound or a score."""
    family = family_of_frame(type(frames[0])) if frames else None
    if family is None or family.reader is None:
        return about
    reader, known = family.reader(), {plot.key for plot in about.plots}
    for frame in sorted(frames, key=lambda frame: frame.position):
        reader.take(frame)
    found = drawable(family.plots(PlotData(figures=reader.figures, models=about.names)))
    return dataclasses.replace(about, plots=(*about.plots, *(plot for plot in found if plot.key not in known)))


def _plots(request: Request, cards: Mapping[str, Card]) -> tuple[tuple[Plot, ...], float]:
    """What is plotted over the run's axis, and the knee of that."""
    try:
        process, plan = process_of(request, cards), plan_of(request, cards)
    except DiffvizError:
        return (), 0.0
    return drawable(family_of(request).plots(PlotData(process, positions=plan.positions))), scale_of(plan).knee
