"""What the timeline knows of the shown run: where its frames will stand, which have come, and marks on its axis.

The plots of diffusion in the window: with how far apart two runs are, sample by sample, where both have a frame.
"""

from __future__ import annotations

import bisect
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from diffviz.domain.arrays import F32, F64, Chain, Part, count_below, nearest_index
from diffviz.domain.frames import Frame
from diffviz.domain.plots import Plot, Series
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.text import tr
from diffviz.families import scaled_values
from diffviz.session.run import Run, Status
from diffviz.theory.shared_time import SharedTime
from diffviz.ui.timeline.run_plots import Pair, RunPlots
from diffviz.ui.widgets import theme, view
from diffviz.ui.widgets.painting import crisp

NOTCH = 5.0
PLATE, INSET, BESIDE = 15.0, 5.0, 5.0
RING = 4.5
"""How far the cursor's rings reach: one may lie on a mark's own line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`text` at `position` of the axis."""

    position: float
    text: str


def paint_notch(painter: QPainter, px: float, middle: float) -> None:
    """A diamond on a groove around `middle`."""
    centre = QPointF(crisp(px), middle)
    corners = (QPointF(0, -NOTCH), QPointF(NOTCH, 0), QPointF(0, NOTCH), QPointF(-NOTCH, 0))
    painter.setPen(QPen(theme.color("panel"), 1.5))
    painter.setBrush(theme.color("text"))
    painter.drawPolygon(QPolygonF([centre + corner for corner in corners]))


def paint_line(painter: QPainter, px: float, top: float, depth: float) -> None:
    """A dashed line from `top` down."""
    painter.setPen(QPen(theme.color("quiet", 0.8), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(crisp(px), top), QPointF(crisp(px), top + depth))


def plate_of(text: str, px: float, top: float, ends: tuple[float, float], taken: Sequence[float] = ()) -> QRectF:
    """Where `text` stands beside a line at `px`, within the pixels `ends` and clear of the columns `taken`.

    To the right of the line, else to its left, else beyond what is in the way.
    """
    width = QFontMetricsF(theme.font(11, 500)).horizontalAdvance(text) + 2 * INSET
    right, left = px + BESIDE, px - BESIDE - width
    beyond = [max(taken) + BESIDE, min(taken) - BESIDE - width] if taken else []
    within = [x for x in (right, left, *beyond) if ends[0] <= x and x + width <= ends[1]]
    clear = (x for x in within if all(not x - RING < column < x + width + RING for column in taken))
    return QRectF(next(clear, within[0] if within else max(ends[0], left)), top, width, PLATE)


def paint_leader(painter: QPainter, px: float, plate: QRectF) -> None:
    """What ties a `plate` that does not stand beside its line at `px` to that line: its end, bent over."""
    end = plate.left() if plate.left() > px else plate.right()
    if abs(end - px) > BESIDE + 1:
        painter.setPen(QPen(theme.color("quiet", 0.8), 1, Qt.PenStyle.DashLine))
        y = crisp(plate.top())
        painter.drawLine(QPointF(crisp(px), y), QPointF(end, y))


def paint_text(painter: QPainter, text: str, plate: QRectF) -> None:
    """`text` on its `plate`, which hides what is below it."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.blend("panel", "text", 0.1))
    painter.drawRoundedRect(plate, 3, 3)
    painter.setFont(theme.font(11, 500))
    painter.setPen(theme.color("text"))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


@dataclass(frozen=True, slots=True, eq=False)
class RunProgress:
    """One look at a run.

    `planned` and `computed` are positions in ascending order, those of the runs that it goes on from included; `count`
    frames have come, `frames` of them of the run itself. With a `link` they are where its own stand on the axis of the
    run that is shown.
    """

    run: Run
    planned: Sequence[float]
    computed: Sequence[float]
    status: Status
    frames: int = 0
    link: SharedTime | None = None

    @staticmethod
    def of(run: Run, previous: RunProgress | None = None, link: SharedTime | None = None) -> RunProgress:
        """The track of `run`; `previous` itself where nothing has changed."""
        same = previous is not None and previous.run is run and previous.link == link
        if same and previous and previous.frames == len(run.store) and previous.status is run.status:
            return previous
        computed, plan = run.positions(), run.plan.positions
        if run.plan.between:  # frames that were not planned have come, and those of the runs before it
            ahead = bisect.bisect_right(plan, computed[-1]) if computed else 0
            planned: Sequence[float] = Chain((computed, Part(plan, ahead, len(plan))))
        else:
            planned = previous.planned if same and previous else _here(tuple(sorted(run.plan.positions)), link)
        return RunProgress(run, planned, _here(computed, link), run.status, len(run.store), link)

    @property
    def count(self) -> int:
        """How many frames have come."""
        return len(self.computed)

    @property
    def key(self) -> tuple[int, int, Status, SharedTime | None]:
        """Equal for two tracks that look the same."""
        return self.run.id, self.count, self.status, self.link

    @property
    def low(self) -> float:
        """The left end of the axis."""
        return self.run.plan.low

    @property
    def high(self) -> float:
        """The right end of the axis."""
        return self.run.plan.high

    @property
    def filled(self) -> tuple[float, float] | None:
        """From where to where frames have come."""
        return (self.computed[0], self.computed[-1]) if self.computed else None

    @property
    def missing(self) -> tuple[float, float] | None:
        """From where to where planned frames have not come."""
        if self.count >= len(self.planned):
            return None
        low, high = self.planned[0], self.planned[-1]
        if not self.computed:
            return low, high
        return (low, self.computed[0]) if self.run.plan.direction < 0 else (self.computed[-1], high)

    def planned_near(self, position: float) -> float:
        """The planned position nearest to `position`."""
        return self.planned[nearest_index(self.planned, position)]

    def shown_at(self, cursor: float) -> float:
        """Position of the frame that is shown at `cursor`. Raises IndexError while there is none."""
        if self.link is None:
            return self.computed[nearest_index(self.computed, cursor)]
        return self.computed[nearest_index(self.run.positions(), self.link.there(cursor))]

    def own(self, position: float) -> float:
        """The planned `position` on the run's own axis."""
        if self.link is None:
            return position
        at = bisect.bisect_right(self.planned, position) - 1
        return sorted(self.run.plan.positions)[max(0, at)]

    def has(self, position: float) -> bool:
        """Whether the frame at the planned `position` has come."""
        at = count_below(self.computed, position)
        return at < self.count and self.computed[at] == position

    def step_of(self, position: float) -> int:
        """Number of the step that led to the planned `position`, 0 for the run's first frame."""
        at = count_below(self.planned, position)
        return at if self.run.plan.direction > 0 else len(self.planned) - 1 - at


def _here(positions: Sequence[float], link: SharedTime | None) -> Sequence[float]:
    """Where `positions` stand on the axis of the run that is shown."""
    return positions if link is None else tuple(map(link.here, positions))


SCALED = "x_t/√(α²+σ²)"
"""x_t brought to one variance."""
MOST = 256
"""Timesteps that distances are taken at: more of them could not be told apart on the screen."""


@dataclass(frozen=True, slots=True, eq=False)
class RunDistances:
    """Root mean square over samples and pixels of x_t(A) − x_t(B) and of the estimates of x_0, at `positions` (N,).

    `positions` ascend. `x0` is nan where one of the runs has no estimate. `scaled`: x_t is brought to one variance.
    """

    positions: F64
    x: F64
    x0: F64
    scaled: bool = False


class DiffusionPlots(RunPlots):
    """The plots of a diffusion process and, beside a pinned run, how far both are apart."""

    def __init__(self) -> None:
        super().__init__(ReverseRequest)
        self._distance = DistanceSource()
        self._apart: tuple[RunDistances | None, Plot | None] = (None, None)

    def __call__(self, shown: view.Shown) -> Sequence[Pair]:
        """The plots of the shown run, each with that of the pinned one."""
        found = self._distance(shown)
        if found is not self._apart[0]:
            self._apart = found, None if found is None else plot_of(found)
        apart = self._apart[1]
        return [*super().__call__(shown), *([(apart, OWN)] if apart else [])]


OWN = Plot("apart", "A − B", ())
"""What the pinned run alone has of distances: nothing."""


def plot_of(distances: RunDistances) -> Plot:
    """What the window alone has: no file is of two runs."""
    at, title = distances.positions, tr("root mean square of {what} of A minus that of B")
    title_x0 = tr("root mean square of x̂_0 of A minus that of B")
    what = SCALED if distances.scaled else "x_t"
    series = (
        Series("apart", f"|Δ{what}|", title.format(what=what), "noisy", at, distances.x, term="x"),
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

    def __call__(self, shown: view.Shown) -> RunDistances | None:
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
        at, x, x0 = np.array(defined, np.float64).T
        self._found = RunDistances(at, x, x0, scaled=a.spreads or b.spreads)

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
