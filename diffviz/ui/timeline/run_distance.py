"""The plots of diffusion in the window: with how far apart two runs are, sample by sample, where both have a frame."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diffviz.domain.arrays import F32, F64
from diffviz.domain.frames import Frame
from diffviz.domain.plots import Plot, Series
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.text import tr
from diffviz.families.panes import scaled_values
from diffviz.session.run import Run
from diffviz.theory.shared_time import SharedTime
from diffviz.ui.timeline.run_plots import Pair, RunPlots
from diffviz.ui.widgets.view import Shown

MOST = 256
"""Timesteps that distances are taken at: more of them could not be told apart on the screen."""


@dataclass(frozen=True, slots=True, eq=False)
class RunDistances:
    """Root mean square over samples and pixels of x_t(A) − x_t(B) and of the estimates of x_0, at `positions` (N,).

    `positions` ascend. `x0` is nan where one of the runs has no estimate.
    """

    positions: F64
    x: F64
    x0: F64


class DiffusionPlots(RunPlots):
    """The plots of a diffusion process and, beside a pinned run, how far both are apart."""

    def __init__(self) -> None:
        super().__init__(ReverseRequest)
        self._distance = DistanceSource()
        self._apart: tuple[RunDistances | None, Plot | None] = (None, None)

    def __call__(self, shown: Shown) -> Sequence[Pair]:
        """The plots of the shown run, each with that of the pinned one."""
        found = self._distance(shown)
        if found is not self._apart[0]:
            self._apart = found, None if found is None else plot_of(found)
        apart = self._apart[1]
        return [*super().__call__(shown), *([(apart, None)] if apart else [])]


def plot_of(distances: RunDistances) -> Plot:
    """What the window alone has: no file is of two runs."""
    at, title = distances.positions, tr("root mean square of x_t of A minus that of B")
    title_x0 = tr("root mean square of x̂_0 of A minus that of B")
    series = (
        Series("apart", "|Δx_t|", title, "noisy", at, distances.x, term="x"),
        Series("apart_x0", "|Δx̂_0|", title_x0, "data", at, distances.x0, "dashed", term="x0"),
    )
    return Plot("apart", "A − B", series)


class DistanceSource:
    """The distances of the two runs shown: the same object while no frame comes; None where there is nothing to take.

    They are taken where both runs have a frame at the same timestep: x_t of unlike t differ by their noise level alone.
    Runs of unlike processes have theirs where the two frames are of one noise level.
    """

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._pair: tuple[int, int] = (0, 0)
        self._known: dict[float, tuple[float, float]] = {}
        self._both: list[float] = []
        self._read: tuple[set[float], set[float]] = (set(), set())
        self._found: RunDistances | None = None
        self._link: SharedTime | None = None

    def __call__(self, shown: Shown) -> RunDistances | None:
        a, b = shown.a, shown.b
        if a is None or b is None:
            return None
        if not len(a.store) or not len(b.store):
            return self._found if self._pair == (a.id, b.id) else None
        key = (a.id, len(a.store), b.id, len(b.store), shown.link)
        if key != self._key:
            self._key = key
            self._take(a, b, shown.link)
        return self._found

    def _take(self, a: Run, b: Run, link: SharedTime | None) -> None:
        if (a.id, b.id) != self._pair or link != self._link:
            self._link = link
            self._pair, self._known, self._both, self._read = (a.id, b.id), {}, [], (set(), set())
        if link is None:
            self._meet(a, b)
        else:
            self._both = [p for p in a.store.positions() if link.meets(p, b.store.nearest(link.there(p)).position)]
        positions = self._both[:: max(1, -(-len(self._both) // MOST))]
        rows = [self._row(a, b, position) for position in positions]
        defined = [(p, *row) for p, row in zip(positions, rows, strict=True) if row is not None]
        if not defined:
            self._found = None
            return
        self._found = RunDistances(*np.array(defined, np.float64).T)

    def _meet(self, a: Run, b: Run) -> None:
        """Take note of the positions that both have by now."""
        ours, theirs = self._read
        for run, seen, other in ((a, ours, theirs), (b, theirs, ours)):
            for position in run.store.arrived(len(seen)):
                seen.add(position)
                if position in other:
                    insort(self._both, position)

    def _row(self, a: Run, b: Run, position: float) -> tuple[float, float] | None:
        if position not in self._known:
            there = self._link.there(position) if self._link else position
            found = distance(a.store.nearest(position), b.store.nearest(there), (a.spreads, b.spreads))
            if found is None:
                return None
            self._known[position] = found
        return self._known[position]


def distance(a: Frame, b: Frame, spreads: tuple[bool, bool] = (False, False)) -> tuple[float, float] | None:
    """Root mean square distance of x_t and of x̂0; None for pictures of unlike size.

    x_t of a process that does not preserve the variance, as `spreads` says of both, is brought to one variance.
    """
    first, second = a.arrays().get("x"), b.arrays().get("x")
    if first is None or second is None or first.shape[1:] != second.shape[1:]:
        return None
    ours, theirs = a.estimate, b.estimate
    first = scaled_values(a, first) if spreads[0] else first
    second = scaled_values(b, second) if spreads[1] else second
    x = rms(first, second)
    return x, np.nan if ours is None or theirs is None else rms(ours, theirs)


def rms(a: F32, b: F32) -> float:
    """Root mean square of a − b over the samples that both have."""
    count = min(len(a), len(b))
    return float(np.sqrt(np.mean((a[:count] - b[:count]) ** 2, dtype=np.float64)))
