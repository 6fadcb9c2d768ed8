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
from diffviz.theory.processes import schedule_in


@dataclass(frozen=True, slots=True, eq=False)
class RunInfo:
    """`plots` over the run's axis; `names` of its samples (already translated); `record` to open it again.

    `knee` is that of the axis: see `AxisScale`. Where the process does not preserve the variance, it `spreads` x_t.
    """

    plots: tuple[Plot, ...] = ()
    names: tuple[str, ...] = ()
    record: Record | None = None
    knee: float = 0.0
    spreads: bool = False


NOTHING = RunInfo()


def about_of(request: Request, images: Mapping[str, U8], cards: Mapping[str, Card], device: str = "") -> RunInfo:
    """What is known of the run of `request`; `images` are pictures by SHA-256, `device` the kind that computed it."""
    names, record = family_of(request).sample_names(request, cards), record_of(request, images, cards, device)
    try:
        process, plan = process_of(request, cards), plan_of(request, cards)
    except DiffvizError:
        return RunInfo((), names, record)
    plots = drawable(family_of(request).plots(PlotData(process, positions=plan.positions)))
    spreads = process is not None and schedule_in(process) is None
    return RunInfo(plots, names, record, scale_of(plan).knee, spreads)


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
