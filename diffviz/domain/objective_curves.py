"""What is plotted of the objective over t: terms, simple loss and running total, for the window and for files.

Every estimate is the mean over pictures and a few draws of the noise of a positive, skewed quantity. Its 95 % interval
is made as `diffviz.domain.intervals` says: Student's quantile on a logarithmic scale, each term's relative error not
below that of its neighbours in t, whose draws are others. It is of the noise drawn, for these pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from diffviz.domain.arrays import F32, F64
from diffviz.domain.frames import Frame
from diffviz.domain.intervals import around, steadied, welch
from diffviz.domain.objective import ObjectiveFrame
from diffviz.domain.plots import Band, Plot, Series
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr

WAYS = _(
    "Intervals: Student's quantile on a logarithmic scale, each term's spread taken to be no smaller than that of its "
    "neighbours in t."
)


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Means along t (N,), their standard errors, and the ends `low` and `high` of their 95 % intervals."""

    mean: F64
    error: F64
    low: F64
    high: F64


@dataclass(frozen=True, slots=True, eq=False)
class ObjectiveTerms:
    """Means over the pictures, along t ascending (N,): terms and running total in bits/dim, the simple loss."""

    t: F64
    term: Estimate
    simple: Estimate
    weight: F64
    total: Estimate
    prior: float

    @staticmethod
    def of(found: Iterable[Frame]) -> ObjectiveTerms | None:
        """Of the frames that have come, in any order; None before the first."""
        return Reader().read(found)


@dataclass(slots=True, eq=False)
class Reader:
    """Reads frames of one run, each once, while they come in."""

    _rows: list[tuple[float, ...]] = field(default_factory=list)
    _prior: float = np.nan

    def read(self, new: Iterable[Frame]) -> ObjectiveTerms | None:
        """What the frames read before and `new` come to; None before the first."""
        for frame in new:
            if isinstance(frame, ObjectiveFrame):
                self._rows.append(_row(frame))
                self._prior = float(np.mean(frame.prior))
        return _terms(np.array(sorted(self._rows)), self._prior) if self._rows else None


def _row(frame: ObjectiveFrame) -> tuple[float, ...]:
    """t, weight and total; then mean, variance and Σ v²/ν of the term and of the simple loss, and ν of one picture."""
    freedom = frame.draws - 1
    term, simple = ((frame.term, frame.term_error), (frame.simple, frame.simple_error))
    moments = [moment for pair in (term, simple) for moment in _moments(*pair, freedom)]
    return (frame.position, frame.weight, float(np.mean(frame.total)), *moments, freedom)


def _moments(values: F32, errors: F32, freedom: float) -> tuple[float, float, float]:
    """Of the mean over pictures: itself, its variance, and what `welch` divides by."""
    shares = np.square(errors.astype(np.float64) / len(errors))
    return float(np.mean(values, dtype=np.float64)), float(shares.sum()), float((shares**2).sum()) / freedom


def _terms(rows: F64, prior: float) -> ObjectiveTerms:
    t, weight, total, term, term_v, term_f, simple, simple_v, simple_f, freedom = rows.T
    spread, least, known = _steady(term, term_v), float(freedom[0]), np.isfinite(total)
    sums, own = (np.where(known, np.cumsum(values), np.nan) for values in (spread, term_v))
    freedoms = welch(np.cumsum(term_v), np.cumsum(term_f), least)
    return ObjectiveTerms(
        t,
        _estimate(term, term_v, spread, welch(term_v, term_f, least)),
        _estimate(simple, simple_v, _steady(simple, simple_v), welch(simple_v, simple_f, least)),
        weight,
        _estimate(total, own, sums, freedoms),
        prior,
    )


def _estimate(mean: F64, variance: F64, steady: F64, freedom: F64) -> Estimate:
    return Estimate(mean, np.sqrt(variance), *around(mean, np.sqrt(steady), freedom))


def _steady(mean: F64, variance: F64) -> F64:
    """Variances of `mean` of which none is small because rare values were missed."""
    squares = mean**2
    relative = np.divide(variance, squares, out=np.zeros_like(mean), where=squares > 0)
    found: F64 = steadied(relative) * squares
    return found


COLUMNS = (
    "term",
    "term_error",
    "term_low",
    "term_high",
    "simple",
    "simple_error",
    "simple_low",
    "simple_high",
    "prior",
    "total",
    "total_error",
    "total_low",
    "total_high",
)


def columns_of(frames: Iterable[Frame]) -> dict[float, tuple[float, ...]]:
    """The numbers of `COLUMNS` of every frame of an objective by its t; nothing of other frames."""
    terms = ObjectiveTerms.of(frames)
    if terms is None:
        return {}
    prior = np.full(len(terms.t), terms.prior)
    parts = (*_ends(terms.term), *_ends(terms.simple), prior, *_ends(terms.total))
    return {t: tuple(row) for t, row in zip(terms.t.tolist(), np.stack(parts, axis=1).tolist(), strict=True)}


def _ends(estimate: Estimate) -> tuple[F64, ...]:
    return estimate.mean, estimate.error, estimate.low, estimate.high


def plots_of(frames: Sequence[ObjectiveFrame]) -> tuple[Plot, ...]:
    """The plots of what `frames` come to, see `plots_of_terms`; none without frames."""
    terms = ObjectiveTerms.of(frames)
    return () if terms is None else plots_of_terms(terms)


def plots_of_terms(terms: ObjectiveTerms) -> tuple[Plot, ...]:
    """Terms, simple loss with its weight, running total; each estimate in its 95 % interval of the noise drawn.

    There is no total where t are left out: such a sum bounds nothing.
    """
    term = Series("term", tr("L_{t−1}, bits/dim"), _("term of the bound at this t"), "loss", terms.t, terms.term.mean)
    simple = Series("simple", tr("simple loss"), _("mean of (ε − ε̂)²"), "noise", terms.t, terms.simple.mean)
    weight = Series(
        "weight",
        tr("weight, bits/dim"),
        _("what turns the simple loss into L_{t−1}"),
        "loss",
        terms.t,
        terms.weight,
        "dashed",
    )
    total = Series(
        "total", tr("L_T + Σ L, bits/dim"), _("L_T and all terms up to t"), "loss", terms.t, terms.total.mean
    )
    made = (
        Plot("terms", tr("terms"), (term,), log=True, bands=(_interval(term, terms.term),)),
        Plot("simple", tr("simple loss"), (simple, weight), log=True, bands=(_interval(simple, terms.simple),)),
        Plot("total", tr("running total"), (total,), bands=(_interval(total, terms.total),)),
    )
    return tuple(plot for plot in made if np.isfinite(plot.series[0].ys).any())


def _interval(series: Series, estimate: Estimate) -> Band:
    return Band(series.hue, series.xs, estimate.low, estimate.high, "95 %")
