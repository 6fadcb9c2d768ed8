"""What is known of a run before it is computed."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from diffviz.domain.schedules import ProcessSettings
from diffviz.domain.sequences import Part, nearest_index


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request will cost and where its frames will stand.

    `positions` are those of the frames in the order of computation; `low` and `high` are the ends of the axis;
    `evaluations` counts network evaluations of the whole batch (guidance takes two a step); `frame_bytes` is the size
    of one frame. With `between`, frames may also come between the planned positions, which then ascend: a training that
    is advanced by parts makes them.

    Where the axis is diffusion time, `schedule` describes the process in force, the request's own or its model's, and
    `visited` are the times that a sampler visits in falling order, of which `positions` may be a part.
    """

    low: float
    high: float
    positions: tuple[float, ...]
    evaluations: int
    frame_bytes: int
    between: bool = False
    schedule: ProcessSettings | None = None
    visited: tuple[float, ...] = ()

    @property
    def nbytes(self) -> int:
        """Bytes of all frames."""
        return self.frame_bytes * len(self.positions)

    def passed(self, newest: float, frames: int) -> int:
        """How many of the planned positions a run has come to that has `frames`, the newest one at `newest`."""
        return bisect_right(self.positions, newest) if self.between and frames else min(frames, len(self.positions))

    @property
    def direction(self) -> int:
        """+1 where the run goes towards larger positions, else -1."""
        return 1 if self.positions[-1] >= self.positions[0] else -1

    def nearest(self, position: float) -> float:
        """The planned position nearest to `position`."""
        ascending = Part(self.positions, 0, len(self.positions), backwards=self.direction < 0)
        return ascending[nearest_index(ascending, position)]
