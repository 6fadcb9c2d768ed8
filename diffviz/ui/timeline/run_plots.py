"""The plots of what is shown, and the figures of its frames that they are made of: each frame is read once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diffviz.domain.plots import FigureReader, Plot, PlotData
from diffviz.domain.requests import Request, Step
from diffviz.families import family_of
from diffviz.session.run import Run
from diffviz.theory.processes import Process
from diffviz.theory.shared_time import SharedTime, counterpart
from diffviz.ui.widgets.view import Shown

NOTHING = PlotData()
Pair = tuple[Plot, Plot | None]
"""A plot of the shown run, and what the pinned run has of its curves; None where that has the very same."""


@dataclass(slots=True)
class Stretch:
    """What is shown of one run: its frames at positions from `begin` up to `end`, that one left out.

    `read` of its frames have been looked at, those from number `first` up to `last` belong to the stretch.
    """

    run: Run
    begin: float
    end: float
    read: int = 0
    first: int | None = None
    last: int = 0

    def read_new(self, reader: FigureReader) -> bool:
        """Give `reader` the frames that have come since; whether there were any."""
        store, new = self.run.store, range(self.read, len(self.run.store))
        for number in new:
            frame = store[number]
            if self.begin <= frame.position < self.end:
                self.first, self.last = number if self.first is None else self.first, number + 1
            reader.take(frame, self.begin, self.end)
        self.read = len(store)
        return bool(new)


class Course:
    """The figures of one run and of those that it continues, each up to where the next one begins."""

    def __init__(self, runs: Sequence[Run], reader: FigureReader) -> None:
        begins = [-np.inf, *(_begin_of(run) for run in runs[1:])]
        pairs = zip(runs, begins, [*begins[1:], np.inf], strict=True)
        self.stretches = [Stretch(run, begin, end) for run, begin, end in pairs]
        self._reader = reader
        self._ids = tuple(run.id for run in runs)
        self._ancestors = [len(run.store) for run in runs[:-1]]

    def fits(self, runs: Sequence[Run]) -> bool:
        """Whether it is the course of `runs`, whose frames are still there."""
        return self._ids == tuple(run.id for run in runs) and all(
            len(run.store) == count for run, count in zip(runs[:-1], self._ancestors, strict=True)
        )

    @property
    def figures(self) -> Any:
        """What the frames tell that have come: the same object until one more has."""
        for stretch in self.stretches:
            stretch.read_new(self._reader)
        return self._reader.figures


class RunFigures:
    """The figures of the run that is looked at; those of another take their place."""

    def __init__(self, reader: Callable[[], FigureReader] | None) -> None:
        self._make = reader
        self._course: Course | None = None

    def of(self, run: Run) -> Any:
        """The figures of `run` and of those that it continues, the same object while no frame comes.

        None before the first frame, and where there are none to read.
        """
        come = self._make is not None and any(len(each.store) for each in lineage(run))
        return self.course(run).figures if come else None

    def course(self, run: Run) -> Course:
        """What has been read of `run` and of those that it continues."""
        runs = lineage(run)
        if self._course is None or not self._course.fits(runs):
            assert self._make is not None, "there is something to read"
            self._course = Course(runs, self._make())
        return self._course


def lineage(run: Run) -> list[Run]:
    """`run` and those that it continues on the same axis, the oldest first."""
    runs = [run]
    while runs[0].plan.between and runs[0].parent is not None and runs[0].parent not in runs:
        if not isinstance(runs[0].request.start, Step):
            break
        runs.insert(0, runs[0].parent)
    return runs


def _begin_of(run: Run) -> float:
    """The position at which `run` begins."""
    return run.request.start.at if isinstance(run.request.start, Step) else 0.0


class RunPlots:
    """The plots of runs of the family of `request`, or of one like it; calling it gives those of what is shown.

    They are the same objects while nothing comes that they are made of. `figures` reads the frames, where somebody else
    needs that too. While there is no run they stay, with `lasting` also until the first frame of another has come.
    """

    def __init__(self, request: type[Request], figures: RunFigures | None = None, *, lasting: bool = False) -> None:
        self._family = family_of(request)
        self._lasting = lasting
        self._figures = figures or RunFigures(self._family.reader)
        self._figures_b = RunFigures(self._family.reader)
        self._data = NOTHING
        self._beside: tuple[PlotData, tuple[Plot, ...], SharedTime | None] = NOTHING, (), None
        self._plots = self._family.plots(self._data)
        self._made: tuple[PlotData, Sequence[Plot]] = NOTHING, ()
        self._plots_b: dict[str, Plot] = {}

    def __call__(self, shown: Shown) -> Sequence[Pair]:
        """The plots of the shown run, each with that of the pinned one."""
        family, before = family_of(shown.a.request) if shown.a else self._family, self._data
        also = shown.b.plan.positions if shown.b and shown.process_b is shown.process else ()
        self._data = self._newest(before, self._figures, shown.a, shown.process, also)
        if family is not self._family or self._data is not before:
            self._family, self._plots = family, family.plots(self._data)
        self._take_beside(shown)
        return [(plot, self._plots_b.get(plot.key)) for plot in self._plots]

    def _take_beside(self, shown: Shown) -> None:
        """The plots of the pinned run; none where they would be those of the shown one."""
        b = NOTHING if shown.b is None else self._newest(self._beside[0], self._figures_b, shown.b, shown.process_b)
        if (b, tuple(self._plots), shown.link) == self._beside:
            return
        self._beside = b, tuple(self._plots), shown.link
        other = b.figures is not None or b.process is not self._data.process
        if shown.b and b is not self._made[0]:
            self._made = b, family_of(shown.b.request).plots(b)
        have = self._made[1] if shown.b and other else ()
        self._plots_b = {plot.key: counterpart(plot, have, shown.link) for plot in self._plots} if have else {}

    def _newest(
        self, before: PlotData, figures: RunFigures, run: Run | None, process: object, also: Sequence[float] = ()
    ) -> PlotData:
        """What plots are made of now: `before` itself where nothing has changed.

        Curves of a process have points where `run` has frames, and at the positions `also`.
        """
        found = None if run is None else figures.of(run)
        if found is None and (run is None or self._lasting):
            found = before.figures
        at = (*run.plan.positions, *also) if run and isinstance(process, Process) and not process.whole else ()
        same = before.process is process and before.figures is found and before.positions == at
        return before if same else PlotData(process, found, positions=at)
