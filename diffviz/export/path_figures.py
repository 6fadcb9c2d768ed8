"""The plots of what the points of a path carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from diffviz.domain.frames import PathFrame
from diffviz.domain.path_curves import PATH_CURVES
from diffviz.domain.plots import Plot, Series
from diffviz.domain.text import tr


def path_plots(points: Sequence[PathFrame], models: Sequence[str] = ()) -> Iterator[Plot]:
    """The figures along a path of `points`, ascending, each for every model; without those that it does not have.

    `models` are their names, as far as they are known.
    """
    yield from (plot for plot in (_path_plot(name, points, models) for name in PATH_CURVES) if plot is not None)


def _path_plot(name: str, points: Sequence[PathFrame], models: Sequence[str]) -> Plot | None:
    rows = [getattr(point, name) for point in points]
    if any(row is None for row in rows):
        return None
    s, columns = np.array([point.position for point in points]), np.array(rows, np.float64).T
    label = tr(PATH_CURVES[name].label)
    names = _names(label, models if len(models) == len(columns) > 1 else [""] * len(columns))
    series = (
        Series(name if model == 0 else f"{name}_{model + 1}", names[model], PATH_CURVES[name].title, hue, s, ys, style)
        for model, (ys, hue, style) in enumerate(zip(columns, ("text", "quiet"), ("solid", "dashed"), strict=False))
    )
    return Plot(name, label, tuple(series))


def _names(label: str, models: Sequence[str]) -> list[str]:
    """A name for the curve of each model: the first says what is measured too. "_" would begin an index."""
    plain = [model.replace("_", " ") for model in models]
    return [" · ".join(filter(None, (label, plain[0]))), *(model or label for model in plain[1:])]
