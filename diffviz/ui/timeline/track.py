"""What the timeline knows of the shown run: where its frames will stand and which of them have come."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from diffviz.domain.sequences import Chain, Part, nearest_index
from diffviz.session.run import Run, Status


@dataclass(frozen=True, slots=True, eq=False)
class RunProgress:
    """One look at a run.

    `planned` and `computed` are positions in ascending order, those of the runs that it goes on from included; `count`
    frames have come, `frames` of them of the run itself.
    """

    run: Run
    planned: Sequence[float]
    computed: Sequence[float]
    status: Status
    frames: int = 0

    @staticmethod
    def of(run: Run, previous: RunProgress | None = None) -> RunProgress:
        """The track of `run`; `previous` itself where nothing has changed."""
        same = previous is not None and previous.run is run
        if same and previous and previous.frames == len(run.store) and previous.status is run.status:
            return previous
        computed, plan = run.positions(), run.plan.positions
        if run.plan.between:  # frames that were not planned have come, and those of the runs before it
            ahead = bisect.bisect_right(plan, computed[-1]) if computed else 0
            planned: Sequence[float] = Chain((computed, Part(plan, ahead, len(plan))))
        else:
            planned = previous.planned if same and previous else tuple(sorted(run.plan.positions))
        return RunProgress(run, planned, computed, run.status, len(run.store))

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
        return self.computed[nearest_index(self.computed, cursor)]

    def has(self, position: float) -> bool:
        """Whether the frame at the planned `position` has come."""
        at = bisect.bisect_left(self.computed, position)
        return at < self.count and self.computed[at] == position

    def step_of(self, position: float) -> int:
        """Number of the step that led to the planned `position`, 0 for the run's first frame."""
        at = bisect.bisect_left(self.planned, position)
        return at if self.run.plan.direction > 0 else len(self.planned) - 1 - at
