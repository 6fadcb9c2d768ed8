"""The axis and the figures of a GAN's training: each frame is read once, however many came before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from diffviz.domain.gan import GanFrame, GanRequest
from diffviz.domain.sequences import Chain, Part
from diffviz.domain.text import mark, tr
from diffviz.families.gan_plots import GanFigures, GanReader
from diffviz.session.run import Run
from diffviz.theory.gan.verdict import Past
from diffviz.ui.timeline import Axis, RunFigures
from diffviz.ui.widgets.view import Shown


def training_step() -> Axis:
    """The axis of a training; between two whole steps D has been updated and G has not."""
    return Axis(tr("step"), "", "", mark("Training step"), written, mark("frame"))


def written(position: float) -> str:
    """A training step as it is written."""
    return f"{position:,.0f}" if position == int(position) else f"{position:,.1f}"


class MetricsLog(RunFigures):
    """The figures of the shown run and of what it continues: the same object while no frame comes."""

    def __init__(self) -> None:
        super().__init__(GanReader)
        self._seen: GanFigures | None = None

    def __call__(self, shown: Shown) -> GanFigures | None:
        if shown.a is not None and isinstance(shown.a.request, GanRequest):
            self._seen = self.of(shown.a)
        return self._seen

    def largest(self, shown: Shown) -> float:
        """The largest gradient that G has received, 0 where there was none."""
        found = self(shown)
        return float(found["largest"][-1]) if found is not None and len(found.positions) else 0.0

    def evaluations(self, run: Run, until: float) -> tuple[Sequence[GanFrame], Past]:
        """The frames up to `until` of `run` and those that it continues, oldest first, and what is known of all.

        They are read from their runs when they are looked at.
        """
        course = self.course(run)
        figures = course.figures
        count = int(np.searchsorted(figures.positions, until, "right"))
        if not count:
            return (), Past()
        runs = [Part(s.run.store, s.first, s.last) for s in course.stretches if s.first is not None]
        past = Past(float(figures["largest"][count - 1]), float(figures["settled"][count - 1]))
        return cast("Sequence[GanFrame]", Part(Chain(runs), 0, count)), past
