"""What the timeline knows of the shown run: where its frames will stand, which have come, and marks on its axis."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from diffviz.domain.sequences import Chain, Part, nearest_index
from diffviz.session.run import Run, Status
from diffviz.theory.shared_time import SharedTime
from diffviz.ui.widgets import theme
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
    def key(self) -> tuple[int, int, Status]:
        """Equal for two tracks that look the same."""
        return self.run.id, self.count, self.status

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
        at = bisect.bisect_left(self.computed, position)
        return at < self.count and self.computed[at] == position

    def step_of(self, position: float) -> int:
        """Number of the step that led to the planned `position`, 0 for the run's first frame."""
        at = bisect.bisect_left(self.planned, position)
        return at if self.run.plan.direction > 0 else len(self.planned) - 1 - at


def _here(positions: Sequence[float], link: SharedTime | None) -> Sequence[float]:
    """Where `positions` stand on the axis of the run that is shown."""
    return positions if link is None else tuple(map(link.here, positions))
