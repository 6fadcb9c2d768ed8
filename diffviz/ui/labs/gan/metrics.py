"""The figures of a GAN's training as columns: each frame is read once and appended, however many came before it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.domain.gan import GanFrame, GanRequest
from diffviz.domain.gan_curves import covered, step_losses
from diffviz.domain.requests import Step
from diffviz.domain.rows import Rows
from diffviz.domain.sequences import Chain, Part
from diffviz.session.run import Run
from diffviz.theory.gan.verdict import Past, PastReader
from diffviz.ui.widgets.view import Shown

SCALARS = (
    "accuracy_real",
    "accuracy_fake",
    "accuracy",
    "low",
    "high",
    "gradient",
    "tv",
    "js",
    "best",
    "quality",
    "covered",
)
LARGEST, SETTLED = len(SCALARS) + 1, len(SCALARS) + 2


@dataclass(frozen=True, slots=True, eq=False)
class MetricFigures:
    """`columns` by the name of a field of `GanFrame`, each (N,), at `positions` (N,), ascending.

    `loss_d` and `loss_g` (K,) stand at the training steps `steps` (K,), ascending. `modes` counts those of the data.
    All are looks at what grows: they stay as they are.
    """

    positions: F64
    columns: dict[str, F64]
    steps: F64
    loss_d: F64
    loss_g: F64
    modes: int = 1


@dataclass(slots=True)
class Stretch:
    """What is shown of one run: its frames at positions from `begin` up to `end`, that one left out.

    `read` of its frames have been looked at, those from number `first` up to `last` belong to the stretch. The losses
    of its last steps are in the frame that comes after it.
    """

    run: Run
    begin: float
    end: float
    read: int = 0
    first: int | None = None
    last: int = 0

    def take(self, number: int, position: float) -> bool:
        """Look at frame `number`, which comes next; whether it belongs here."""
        self.read = number + 1
        inside = self.begin <= position < self.end
        if inside:
            self.first, self.last = number if self.first is None else self.first, number + 1
        return inside


class Course:
    """The figures of one run and of those that it continues, each up to where the next one begins."""

    def __init__(self, runs: Sequence[Run]) -> None:
        begins = [runs[-1].plan.low, *(begin_of(run) for run in runs[1:])]
        pairs = zip(runs, begins, [*begins[1:], np.inf], strict=True)
        self._stretches = [Stretch(run, begin, end) for run, begin, end in pairs]
        self._rows, self._losses = Rows(len(SCALARS) + 3), Rows(3)
        self._reader = PastReader()
        self._modes = 1
        self.runs = tuple(run.id for run in runs)
        self._ancestors = [len(run.store) for run in runs[:-1]]

    def fits(self, runs: Sequence[Run]) -> bool:
        """Whether it is the course of `runs`, whose frames are still there."""
        return self.runs == tuple(run.id for run in runs) and all(
            len(run.store) == count for run, count in zip(runs[:-1], self._ancestors, strict=True)
        )

    @property
    def counts(self) -> tuple[int, int]:
        """How many evaluations and how many steps have been read."""
        return len(self._rows), len(self._losses)

    def read(self) -> None:
        """Read the frames that have come since."""
        for stretch in self._stretches:
            store = stretch.run.store
            for number in range(stretch.read, len(store)):
                frame = store[number]
                assert isinstance(frame, GanFrame), "a GAN's run has no others"
                if stretch.take(number, frame.position):
                    self._take(frame)
                self._take_losses(frame, stretch)

    def figures(self) -> MetricFigures:
        """What has been read."""
        rows, losses = self._rows.values, self._losses.values
        columns = {name: rows[:, i + 1] for i, name in enumerate(SCALARS)}
        return MetricFigures(rows[:, 0], columns, losses[:, 0], losses[:, 1], losses[:, 2], self._modes)

    def until(self, position: float) -> tuple[Sequence[GanFrame], Past]:
        """The frames up to `position`, oldest first, read from their runs when they are looked at; and their past."""
        rows = self._rows.values
        count = int(np.searchsorted(rows[:, 0], position, "right"))
        if not count:
            return (), Past()
        runs = [Part(s.run.store, s.first, s.last) for s in self._stretches if s.first is not None]
        past = Past(float(rows[count - 1, LARGEST]), float(rows[count - 1, SETTLED]))
        return cast("Sequence[GanFrame]", Part(Chain(runs), 0, count)), past

    @property
    def largest(self) -> float:
        """The largest gradient that G has received, 0 where there was none."""
        return float(self._rows.values[-1, LARGEST]) if len(self._rows) else 0.0

    def _take(self, frame: GanFrame) -> None:
        values = {name: float(getattr(frame, name)) for name in SCALARS} | {"covered": covered(frame)}
        past = self._reader.take(frame)
        self._rows.extend([(frame.position, *values.values(), past.largest, past.settled)])
        self._modes = max(1, len(frame.per_mode))

    def _take_losses(self, frame: GanFrame, stretch: Stretch) -> None:
        last = float(self._losses.values[-1, 0]) if len(self._losses) else -math.inf
        losses = step_losses(frame)
        at = losses[:, 0]
        self._losses.extend(losses[(at > max(last, stretch.begin)) & (at <= stretch.end)])


class MetricsLog:
    """The figures of the shown run and of what it continues: the same object while no frame comes."""

    def __init__(self) -> None:
        self._courses: dict[tuple[int, ...], Course] = {}
        self._read_of: Course | None = None
        self._counts = (0, 0)
        self._figures: MetricFigures | None = None

    def __call__(self, shown: Shown) -> MetricFigures | None:
        if shown.a is None or not isinstance(shown.a.request, GanRequest):
            return self._figures
        runs = lineage(shown.a)
        if not any(len(run.store) for run in runs):
            return None
        course = self._course(runs)
        course.read()
        if course is not self._read_of or course.counts != self._counts:
            self._read_of, self._counts, self._figures = course, course.counts, course.figures()
        return self._figures

    def largest(self, shown: Shown) -> float:
        """The largest gradient that G has received, 0 where there was none."""
        self(shown)
        return self._read_of.largest if self._read_of is not None else 0.0

    def evaluations(self, run: Run, until: float) -> tuple[Sequence[GanFrame], Past]:
        """The frames up to `until` of `run` and those that it continues, oldest first, and what is known of all."""
        course = self._course(lineage(run))
        course.read()
        return course.until(until)

    def _course(self, runs: Sequence[Run]) -> Course:
        """The course of `runs`, which is kept; that of another run takes its place."""
        key = tuple(run.id for run in runs)
        course = self._courses.get(key)
        if course is None or not course.fits(runs):
            course = Course(runs)
            self._courses = {key: course}
        return course


def lineage(run: Run) -> list[Run]:
    """`run` and those that it continues, the oldest first."""
    runs = [run]
    while runs[0].parent is not None and runs[0].parent not in runs and isinstance(runs[0].request.start, Step):
        runs.insert(0, runs[0].parent)
    return runs


def begin_of(run: Run) -> float:
    """The training step at which `run` begins."""
    return run.request.start.at if isinstance(run.request.start, Step) else 0.0
