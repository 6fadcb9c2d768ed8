"""What is plotted of the objective over t: terms, simple loss and running total, for the window and for files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.frames import Frame
from diffviz.domain.objective import ObjectiveFrame
from diffviz.domain.plots import Band, Plot, Series
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr

Z95 = 1.96
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Means over the pictures, along t ascending (N,): terms and running total in bits/dim, with standard errors."""

    t: Floats
    term: Floats
    term_error: Floats
    simple: Floats
    simple_error: Floats
    weight: Floats
    total: Floats
    total_error: Floats
    prior: float

    @staticmethod
    def of(found: Iterable[Frame]) -> Terms | None:
        """Of the frames that have come, in any order; None before the first."""
        frames = sorted((f for f in found if isinstance(f, ObjectiveFrame)), key=lambda f: f.position)
        if not frames:
            return None

        def mean(name: str) -> Floats:
            return np.array([float(np.mean(getattr(f, name))) for f in frames])

        def error(name: str) -> Floats:
            return np.array([float(np.sqrt(np.sum(np.square(v := getattr(f, name)))) / len(v)) for f in frames])

        return Terms(
            np.array([f.position for f in frames]),
            mean("term"),
            error("term_error"),
            mean("simple"),
            error("simple_error"),
            np.array([f.weight for f in frames]),
            mean("total"),
            error("total_error"),
            float(np.mean(frames[0].prior)),
        )


def plots_of(frames: Sequence[ObjectiveFrame]) -> tuple[Plot, ...]:
    """Terms, simple loss with its weight, running total; each estimate in its 95 % interval of the noise drawn.

    There is no total where t are left out: such a sum bounds nothing.
    """
    terms = Terms.of(frames)
    if terms is None:
        return ()
    term = Series("term", tr("L_{t−1}, bits/dim"), _("term of the bound at this t"), "loss", terms.t, terms.term)
    simple = Series("simple", tr("simple loss"), _("mean of (ε − ε̂)²"), "noise", terms.t, terms.simple)
    weight = Series(
        "weight",
        tr("weight, bits/dim"),
        _("what turns the simple loss into L_{t−1}"),
        "loss",
        terms.t,
        terms.weight,
        "dashed",
    )
    total = Series("total", tr("L_T + Σ L, bits/dim"), _("L_T and all terms up to t"), "loss", terms.t, terms.total)
    made = (
        Plot("terms", tr("terms"), (term,), log=True, bands=(_interval(term, terms.term_error),)),
        Plot("simple", tr("simple loss"), (simple, weight), log=True, bands=(_interval(simple, terms.simple_error),)),
        Plot("total", tr("running total"), (total,), bands=(_interval(total, terms.total_error),)),
    )
    return tuple(plot for plot in made if np.isfinite(plot.series[0].ys).any())


def _interval(series: Series, error: Floats) -> Band:
    return Band(series.hue, series.xs, series.ys - Z95 * error, series.ys + Z95 * error, "95 %")
