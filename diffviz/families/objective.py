"""The objective of a diffusion model, term by term.

What is plotted of the objective over t: terms, simple loss and running total, for the window and for files.

Every estimate is the mean over pictures and a few draws of the noise of a positive, skewed quantity. Its 95 % interval
is made as `diffviz.theory.statistics` says: Student's quantile on a logarithmic scale, each term's relative error not
below that of its neighbours in t, whose draws are others. It is of the noise drawn, for these pictures.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from diffviz.domain.arrays import F32, F64
from diffviz.domain.cards import Card
from diffviz.domain.errors import ImageWrongSize, NoPictures, NoSuchStep
from diffviz.domain.frames import Frame
from diffviz.domain.objective import MOST_ROWS, OWN, ObjectiveFrame, ObjectiveRequest, told, with_own_classes
from diffviz.domain.plots import Band, Plot, PlotData, Series
from diffviz.domain.requests import NO_CLASS, Image, Plan
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr
from diffviz.families import diffusion, family
from diffviz.families.family import Cards, Family, NamePart, Numbers
from diffviz.theory.statistics import around, steadied, welch

ROW = 10
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


class ObjectiveReader:
    """Reads frames of one objective, in any order, each once. A `FigureReader`."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, ...]] = []
        self._prior = np.nan
        self._seen: ObjectiveTerms | None = None

    def take(self, frame: Frame, begin: float = -math.inf, end: float = math.inf) -> None:
        """Read the next `frame`."""
        assert isinstance(frame, ObjectiveFrame), "an objective has no others"
        if begin <= frame.position < end:
            self._rows.append(_row(frame))
            self._prior, self._seen = float(np.mean(frame.prior)), None

    @property
    def figures(self) -> ObjectiveTerms:
        """What the frames come to: the same object until one more is read."""
        if self._seen is None:
            rows = np.array(sorted(self._rows)).reshape(-1, ROW)
            self._seen = _terms(rows, self._prior)
        return self._seen


def terms_of(frames: Iterable[Frame]) -> ObjectiveTerms:
    """What `frames` come to, in any order."""
    reader = ObjectiveReader()
    for frame in frames:
        reader.take(frame)
    return reader.figures


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
    spread, known = _steady(term, term_v), np.isfinite(total)
    least = float(freedom[0]) if len(freedom) else 1.0
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


def columns_of(terms: ObjectiveTerms) -> dict[str, F64]:
    """Every number along t, by its name in a table."""
    prior = {"prior": np.full(len(terms.t), terms.prior)}
    return _ends("term", terms.term) | _ends("simple", terms.simple) | prior | _ends("total", terms.total)


def _ends(name: str, found: Estimate) -> dict[str, F64]:
    return {name: found.mean, f"{name}_error": found.error, f"{name}_low": found.low, f"{name}_high": found.high}


def numbers(frames: Sequence[Frame]) -> Numbers:
    """Means over the pictures, with their standard errors and the ends of their 95 % intervals."""
    terms = terms_of(frames)
    columns, at = columns_of(terms), {t: i for i, t in enumerate(terms.t.tolist())}
    return lambda frame: {name: float(column[at[frame.position]]) for name, column in columns.items()}


def term_plots(data: PlotData) -> tuple[Plot, ...]:
    """Terms, simple loss with its weight, running total; each estimate in its 95 % interval of the noise drawn.

    There is no total where t are left out: such a sum bounds nothing.
    """
    terms = terms_of(()) if data.figures is None else data.figures
    t, bound = terms.t, tr("L_T and all terms up to t")
    by_t, weighs = tr("term of the bound at this t"), tr("what turns the simple loss into L_{t−1}")
    term = Series("term", tr("L_{t−1}, bits/dim"), by_t, "loss", t, terms.term.mean)
    simple = Series("simple", tr("simple loss"), tr("mean of (ε − ε̂)²"), "noise", t, terms.simple.mean)
    weight = Series("weight", tr("weight, bits/dim"), weighs, "loss", t, terms.weight, "dashed")
    total = Series("total", tr("L_T + Σ L, bits/dim"), bound, "loss", t, terms.total.mean)
    inside = (_interval(term, terms.term),), (_interval(simple, terms.simple),), (_interval(total, terms.total),)
    return (
        Plot("terms", tr("terms"), (term,), log=True, bands=inside[0], subject=True),
        Plot("simple", tr("simple loss"), (simple, weight), log=True, bands=inside[1]),
        Plot("total", tr("running total"), (total,), bands=inside[2], subject=True),
    )


def _interval(series: Series, estimate: Estimate) -> Band:
    return Band(series.hue, series.xs, estimate.low, estimate.high, "95 %")


ARRAYS = 7


def steps_of(request: ObjectiveRequest, timesteps: int) -> range:
    """The t whose terms are estimated, ascending."""
    return range(1, timesteps + 1, request.every)


def plan(request: ObjectiveRequest, cards: Cards, parent: Plan | None) -> Plan:
    """The plan of `request`. Raises `ImageWrongSize` and `ClassesUnknown` too."""
    card = diffusion.model_of(request, cards)
    if not isinstance(request.start, Image):
        raise NoSuchStep(0)
    if not request.start.sha256:
        raise NoPictures
    if request.start.shape != card.pixels:
        raise ImageWrongSize(request.start.shape, card.pixels)
    pictures = len(request.start.sha256)
    for label in request.labels if request.label == OWN else (request.label,):
        diffusion.check_class(label, card)
    told(request, pictures, len(card.classes))
    steps = steps_of(request, card.timesteps)
    diffusion.check_signal(card, steps[-1], clip=request.clip)
    batches = math.ceil(request.draws / max(1, MOST_ROWS // max(1, pictures)))
    return Plan(
        0.0,
        float(card.timesteps),
        tuple(float(t) for t in steps),
        batches * len(steps),
        ARRAYS * pictures * diffusion.FLOAT,
        schedule=diffusion.trained_on(card),
    )


def command(request: ObjectiveRequest, cards: Cards) -> Sequence[str] | None:
    """All of it is said where its pictures are bundled."""
    found = family.pictures(request)
    if found is None:
        return None
    return "objective", "--model", request.model, *found, *family.options(request, cards.get(request.model))


def samples_of(request: ObjectiveRequest) -> int:
    """How many noisy pictures a network is handed at once."""
    pictures = max(1, len(request.start.sha256)) if isinstance(request.start, Image) else 1
    return pictures * min(request.draws, max(1, MOST_ROWS // pictures))


def fit(request: ObjectiveRequest, card: Card | None) -> ObjectiveRequest:
    """No class that the model does not know; each picture's own, where that is asked for."""
    conditional = card is not None and card.conditional
    label = request.label if conditional and family.known(request.label, card) else NO_CLASS
    dataset = str(card.dataset.get("name")) if card else ""
    return with_own_classes(dataclasses.replace(request, label=label), dataset)


def name_parts(request: ObjectiveRequest, cards: Cards) -> tuple[NamePart, ...]:
    """That it is one, the model, the pictures, and what the model is told of them."""
    card = cards.get(request.model)
    told = family.class_words(request.label, card.classes) if card and request.label != NO_CLASS else ""
    return (
        NamePart("kind", tr("Objective"), lead=True),
        family.model_part(request.model, cards),
        *family.start_parts(request),
        NamePart("label", told),
        family.seed_part(request),
    )


def plots(data: PlotData) -> tuple[Plot, ...]:
    """The plots of the process, and those of the terms."""
    return (*diffusion.plots(data), *term_plots(data))


FAMILY = Family(
    name="objective",
    request=ObjectiveRequest,
    frame=ObjectiveFrame,
    lab="diffusion",
    plan=plan,
    schedule=diffusion.schedule_of_model,
    samples=samples_of,
    parts=name_parts,
    command=command,
    classes=(OWN,),
    fit=fit,
    plots=plots,
    reader=ObjectiveReader,
    numbers=numbers,
)
