"""The plots of what the frames of a path carry: the same curves as below the timeline."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from diffviz.domain.about import About
from diffviz.domain.export import PLOTS
from diffviz.domain.frames import Frame, PathFrame
from diffviz.domain.plots import Plot, Series
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr

PATH_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "nearest": _("distance to the nearest real image in the classifier's features"),
        "sharpness": _("sharpness of the decoded image"),
        "norm": _("distance from the origin"),
        "cycle": _("distance of the decoded image's own code from z"),
    }
)


def with_figures(about: About, frames: Sequence[Frame]) -> About:
    """`about` with the plots of what `frames` themselves carry: the figures along a path, each for every model."""
    points = sorted((frame for frame in frames if isinstance(frame, PathFrame)), key=lambda frame: frame.position)
    if not points:
        return about
    known = {plot.key for plot in about.plots}
    plots = (_path_plot(name, points) for name in PATH_TITLES if name not in known)
    return dataclasses.replace(about, plots=(*about.plots, *(plot for plot in plots if plot is not None)))


def _path_plot(name: str, points: Sequence[PathFrame]) -> Plot | None:
    rows = [getattr(point, name) for point in points]
    if any(row is None for row in rows):
        return None
    s, columns = np.array([point.position for point in points]), np.array(rows, np.float64).T
    label = tr(PLOTS[name])
    series = (
        Series(name if model == 0 else f"{name}_{model + 1}", label, PATH_TITLES[name], hue, s, ys, style)
        for model, (ys, hue, style) in enumerate(zip(columns, ("text", "quiet"), ("solid", "dashed"), strict=False))
    )
    return Plot(name, label, tuple(series))
