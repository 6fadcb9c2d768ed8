"""The plots of what the frames of a run carry themselves: the same curves as below the timeline."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from diffviz.domain import gan_curves, objective_curves
from diffviz.domain.frames import Frame, PathFrame
from diffviz.domain.gan import GanFrame
from diffviz.domain.objective import ObjectiveFrame
from diffviz.domain.planar import PlanarFrame
from diffviz.domain.plots import Plot, Series
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr
from diffviz.export.path_figures import path_plots
from diffviz.export.run_info import RunInfo


def with_figures(about: RunInfo, frames: Sequence[Frame]) -> RunInfo:
    """`about` with the plots of what `frames` carry: figures along a path, of a training, a bound or a score."""
    known = {plot.key for plot in about.plots}
    in_order = sorted(frames, key=lambda frame: frame.position)
    found = tuple(plot for plot in _plots(in_order, about.names) if plot.key not in known)
    return dataclasses.replace(about, plots=(*about.plots, *found)) if found else about


def _plots(frames: Sequence[Frame], names: Sequence[str]) -> Iterator[Plot]:
    points = [frame for frame in frames if isinstance(frame, PathFrame)]
    trained = [frame for frame in frames if isinstance(frame, GanFrame)]
    particles = [frame for frame in frames if isinstance(frame, PlanarFrame)]
    if points:
        yield from path_plots(points, names)
    if trained:
        yield from gan_curves.plots_of(trained)
    if terms := [frame for frame in frames if isinstance(frame, ObjectiveFrame)]:
        yield from objective_curves.plots_of(terms)
    if particles and particles[0].learnt_x is not None:
        yield _score_error(particles)


def _score_error(frames: Sequence[PlanarFrame]) -> Plot:
    t, error = (np.array([getattr(frame, name) for frame in frames]) for name in ("position", "error"))
    title = _("root mean square difference of the network's score and the exact one")
    return Plot("error", tr("score error"), (Series("error", tr("score error"), title, "loss", t, error),), log=True)
