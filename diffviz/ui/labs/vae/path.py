"""The path of the VAE lab: its models, the newest one that waits, and the plots over its fraction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Qt, Slot

from diffviz.domain.arrays import F64
from diffviz.domain.cards import Card
from diffviz.domain.frames import Frame
from diffviz.domain.latent import FAMILIES, PathRequest
from diffviz.domain.path_curves import PATH_CURVES, PathCurve
from diffviz.domain.rows import Rows
from diffviz.domain.text import mark, tr
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.gallery.sample_pictures import material
from diffviz.ui.timeline import Axis, CurveSpec, PlotSpec
from diffviz.ui.widgets.view import Shown


def companions(card: Card, cards: Mapping[str, Card]) -> list[Card]:
    """Models of the same pictures that can be walked beside `card`, those with as many dimensions first."""
    fits = [c for c in cards.values() if c.family in FAMILIES and material(c) == material(card) and c.id != card.id]
    return sorted(fits, key=lambda c: (c.latent != card.latent, c.name))


def companion(card: Card, cards: Mapping[str, Card]) -> tuple[Card, ...]:
    """The model beside `card` before a person chooses, if any: of the other family, with as many dimensions."""
    fits = [c for c in companions(card, cards) if c.latent == card.latent]
    others = [c for c in fits if c.family != card.family and c.beta == 1]
    return tuple(others[:1] or fits[:1])


def rivals(card: Card, cards: Mapping[str, Card]) -> list[Card]:
    """Models of the same pictures with as many dimensions, whatever their likelihood: the rows of the blur page."""
    fits = [card, *(c for c in companions(card, cards) if c.latent == card.latent)]
    return sorted(fits, key=lambda c: (c.family == "ae", c.beta != 1, c.name))


SLOT = "vae/path"


class PathRuns(QObject):
    """Computes paths in one slot, each in place of the last; nothing is computed while it is not `active`."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._waiting: PathRequest | None = None
        self.active = False
        session.runs_changed.connect(self._on_runs_changed)

    @property
    def run(self) -> Run | None:
        """The shown run, where it is a path."""
        run = self._session.a
        return run if run is not None and isinstance(run.request, PathRequest) else None

    def start(self, request: PathRequest) -> None:
        """Compute `request` in place of the last path."""
        self._session.start(request, SLOT, replace=True)

    def compute(self, request: PathRequest) -> None:
        """Compute `request`; while a path is being computed the newest waits, so that every path is seen whole."""
        if not self.active or not all(model in self._session.offered for model in request.models):
            return
        run = self.run
        if run is not None and run.slot == SLOT and not run.status.final:
            self._waiting = request
        else:
            self._waiting = None
            self.start(request)

    @Slot()
    def _on_runs_changed(self) -> None:
        run = self.run
        if self._waiting is not None and self.active and (run is None or run.status.final):
            request, self._waiting = self._waiting, None
            self.start(request)


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
