"""The plots over the fraction of a path: ‖z‖, sharpness, distance to real images, and the cycle's error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt

from diffviz.domain.arrays import F64
from diffviz.domain.frames import Frame
from diffviz.domain.path_curves import PATH_CURVES, PathCurve
from diffviz.domain.rows import Rows
from diffviz.domain.text import mark, tr
from diffviz.ui.timeline import Axis, CurveSpec, PlotSpec
from diffviz.ui.widgets.view import Shown

PATH_FRACTION = Axis("s", "A", "B", mark("Fraction s of the path"), "{:.2f}".format)
MODELS = 2


@dataclass(frozen=True, slots=True, eq=False)
class PathFigures:
    """Positions (N,) of a run's frames, ascending, and by name their figures (N, M)."""

    positions: F64
    columns: dict[str, F64]


class PathSource:
    """The figures of the shown run: the same object while no frame comes. Each frame is read once."""

    def __init__(self) -> None:
        self._run: int | None = None
        self._rows = Rows(1 + len(PATH_CURVES) * MODELS)
        self._figures: PathFigures | None = None

    def __call__(self, shown: Shown) -> PathFigures | None:
        if shown.a is None or not len(shown.a.store):
            return self._figures
        if shown.a.id != self._run:
            self._run, self._rows, self._figures = shown.a.id, Rows(1 + len(PATH_CURVES) * MODELS), None
        new = [_row(shown.a.store[i]) for i in range(len(self._rows), len(shown.a.store))]
        if new or self._figures is None:
            self._rows.extend(new)
            self._figures = _figures(self._rows.values)
        return self._figures


def path_plots() -> tuple[PlotSpec, ...]:
    """One plot for each figure, a solid curve for the model shown and a dashed one for that beside."""
    source = PathSource()
    return tuple(_plot(name, curve, source) for name, curve in PATH_CURVES.items())


def _plot(name: str, curve: PathCurve, source: PathSource) -> PlotSpec:
    label = tr(curve.label)
    styles = (("text", Qt.PenStyle.SolidLine), ("quiet", Qt.PenStyle.DashLine))
    curves = tuple(
        CurveSpec(label if m == 0 else f"{label}_2", hue, style, curve.title, _values(name, m), curve.on)
        for m, (hue, style) in enumerate(styles)
    )
    return PlotSpec(label, curves, source, positions=lambda figures: figures.positions, together=True)


def _values(name: str, model: int) -> Callable[[PathFigures], F64]:
    return lambda figures: figures.columns[name][:, model]


def _row(frame: Frame) -> list[float]:
    """Position and figures of both models, nan where there is none."""
    found = [frame.position]
    for name in PATH_CURVES:
        values = getattr(frame, name, None)
        known = [] if values is None else [float(value) for value in values]
        found += [*known, *([np.nan] * (MODELS - len(known)))]
    return found


def _figures(rows: F64) -> PathFigures:
    columns = {name: rows[:, 1 + i * MODELS : 1 + (i + 1) * MODELS] for i, name in enumerate(PATH_CURVES)}
    return PathFigures(rows[:, 0], columns)
