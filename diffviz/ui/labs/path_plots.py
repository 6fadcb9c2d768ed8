"""The plots over the fraction of a path: ‖z‖, sharpness, distance to real images, and the cycle's error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from diffviz.domain.frames import PathFrame
from diffviz.domain.path_curves import PATH_CURVES, PathCurve
from diffviz.domain.text import mark, tr
from diffviz.session.run import Run
from diffviz.ui.timeline import Axis, CurveSpec, PlotSpec
from diffviz.ui.views.view import Shown

Floats = NDArray[np.float64]
PATH_FRACTION = Axis("s", "A", "B", mark("Fraction s of the path"), "{:.2f}".format)
MODELS = 2


@dataclass(frozen=True, slots=True, eq=False)
class PathFigures:
    """Positions (N,) of a run's frames, ascending, and by name their figures (N, M)."""

    positions: Floats
    columns: dict[str, Floats]

    @staticmethod
    def of(run: Run) -> PathFigures:
        """The figures of the frames that have come."""
        frames = sorted((f for f in run.store if isinstance(f, PathFrame)), key=lambda f: f.position)
        columns = {name: np.array([_row(frame, name) for frame in frames]) for name in PATH_CURVES}
        return PathFigures(np.array([frame.position for frame in frames]), columns)


class Source:
    """The figures of the shown run: the same object while no frame comes."""

    def __init__(self) -> None:
        self._key: tuple[int, int] | None = None
        self._figures: PathFigures | None = None

    def __call__(self, shown: Shown) -> PathFigures | None:
        if shown.a is None or not len(shown.a.store):
            return self._figures
        key = (shown.a.id, len(shown.a.store))
        if key != self._key:
            self._key, self._figures = key, PathFigures.of(shown.a)
        return self._figures


def path_plots() -> tuple[PlotSpec, ...]:
    """One plot for each figure, a solid curve for the model shown and a dashed one for that beside."""
    source = Source()
    return tuple(_plot(name, curve, source) for name, curve in PATH_CURVES.items())


def _plot(name: str, curve: PathCurve, source: Source) -> PlotSpec:
    label = tr(curve.label)
    styles = (("text", Qt.PenStyle.SolidLine), ("quiet", Qt.PenStyle.DashLine))
    curves = tuple(
        CurveSpec(label if m == 0 else f"{label}_2", hue, style, curve.title, _values(name, m), curve.on)
        for m, (hue, style) in enumerate(styles)
    )
    return PlotSpec(label, curves, source, positions=lambda figures: figures.positions, together=True)


def _values(name: str, model: int) -> Callable[[PathFigures], Floats]:
    return lambda figures: figures.columns[name][:, model]


def _row(frame: PathFrame, name: str) -> Floats:
    """Figures of both models, nan where there is none."""
    row = np.full(MODELS, np.nan)
    values = getattr(frame, name)
    if values is not None:
        row[: len(values)] = values
    return row
