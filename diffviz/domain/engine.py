"""What the worker asks of an engine, and plans: what is known of a run before it is computed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from diffviz.domain.frames import Checkpoint, Frame
from diffviz.domain.messages import Device, Later, Query, RunInputs
from diffviz.domain.requests import Request
from diffviz.domain.sequences import Part, nearest_index


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request will cost and where its frames will stand.

    `positions` are those of the frames in the order of computation; `low` and `high` are the ends of the axis;
    `evaluations` counts network evaluations of the whole batch (guidance takes two a step); `frame_bytes` is the size
    of one frame. With `between`, frames may also come between the planned positions, which then ascend: a training that
    is advanced by parts makes them.
    """

    low: float
    high: float
    positions: tuple[float, ...]
    evaluations: int
    frame_bytes: int
    between: bool = False

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


class Engine(Protocol):
    """Owner of torch, networks and the device. Used from one thread only."""

    def frames(self, request: Request, materials: RunInputs) -> Iterator[Frame | Checkpoint | Later]:
        """Compute `request`, a frame at a time. Closing the iterator ends the run; errors are raised from it.

        A `Later` says that a part of what the next frame needs is done: others can have their turn.
        """

    def answer(self, query: Query) -> object:
        """Answer `query` now, or `Later`: a part of what it needs is done, and it is to be asked again.

        So no question takes much longer than a step of a run, whatever has to be read first.
        """

    def warm_up(self, model: str | None) -> Device:
        """Load torch, choose the device and load the weights of `model`; say which device it is."""

    def use_device(self, kind: str) -> None:
        """Compute on "auto", "cuda", "mps" or "cpu" from now on. Raises `DeviceUnavailable`."""

    def share_threads(self, among: int) -> None:
        """Compute on one part in `among` of the threads there are."""

    def interrupt_when(self, cancelled: Callable[[], bool]) -> None:
        """Ask `cancelled` inside long steps and raise `Interrupted` where it holds."""
