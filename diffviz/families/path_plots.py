"""The plots of a path: figures at each of its points, a curve for each model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diffviz.domain.frames import Frame
from diffviz.domain.plots import Plot, PlotData, Series
from diffviz.domain.rows import ColumnReader, Columns
from diffviz.domain.text import tr

FIGURES = ("nearest", "sharpness", "norm", "cycle")
"""Fields of `PathFrame`, a number for each model."""
MODELS = 2


def reader() -> ColumnReader:
    """Reads `FIGURES` of each frame, nan for a model that there is not."""
    return ColumnReader([key_of(name, model) for name in FIGURES for model in range(MODELS)], _values)


def _values(frame: Frame) -> list[float]:
    arrays, found = frame.arrays(), []
    for name in FIGURES:
        known = arrays[name].tolist() if name in arrays else []
        found += [*known, *([np.nan] * (MODELS - len(known)))]
    return found


def key_of(name: str, model: int) -> str:
    """What the figure `name` of model number `model` is called in a table."""
    return name if model == 0 else f"{name}_{model + 1}"


def plots(data: PlotData) -> tuple[Plot, ...]:
    """One plot for each of `FIGURES`: solid for the first model, dashed for the one beside."""
    figures = reader().figures if data.figures is None else data.figures
    nearest = tr("distance to the nearest real image in the classifier's features")
    sharpness = tr("sharpness of the decoded image, ‖∇²x′‖")
    cycle = tr("distance of the decoded image's own code from z")
    return (
        _plot(figures, data.models, "nearest", "d_{real}", nearest, on=True),
        _plot(figures, data.models, "sharpness", tr("sharpness"), sharpness, on=True),
        _plot(figures, data.models, "norm", "‖z‖", tr("distance from the origin")),
        _plot(figures, data.models, "cycle", "‖E(D(z))−z‖", cycle),
    )


def _plot(figures: Columns, models: Sequence[str], key: str, label: str, title: str, *, on: bool = False) -> Plot:
    names, looks = _names(label, models), (("text", "solid"), ("quiet", "dashed"))
    keys = [key_of(key, model) for model in range(MODELS)]
    series = (
        Series(column, name, title, hue, figures.positions, figures[column], style, on=on)
        for column, name, (hue, style) in zip(keys, names, looks, strict=True)
    )
    return Plot(key, label, tuple(series), together=True)


def _names(label: str, models: Sequence[str]) -> tuple[str, str]:
    """A name for the curve of each model: the first says what is measured too. "_" would begin an index."""
    if len(models) != MODELS:
        return label, f"{label}_2"
    first, second = (model.replace("_", " ") for model in models)
    return " · ".join(filter(None, (label, first))), second or label
