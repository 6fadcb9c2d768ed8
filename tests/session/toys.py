"""A toy engine and a recorder for tests of the worker, the link and the session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from diffviz.domain.cards import Card
from diffviz.domain.errors import Interrupted
from diffviz.domain.frames import Checkpoint, Frame
from diffviz.domain.messages import Command, Device, Event, FramesReady, Later, Query, RunInputs, Start
from diffviz.domain.requests import Plan, Request
from diffviz.domain.run_loop import GATHER_SECONDS
from diffviz.families.family import Family


@dataclass(frozen=True, slots=True, eq=False)
class CountFrame(Frame):
    """A frame that carries its number."""

    value: np.ndarray[tuple[int], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Request):
    """Count to `to`; `trouble` raises at a frame, `gate` waits for the test before each, `block` waits inside one.

    It needs `parts` things before the first frame, which take longer than frames are gathered for. A frame takes
    `seconds`, and has `size` numbers.
    """

    to: int = 5
    trouble: int = -1
    gate: bool = False
    block: bool = False
    parts: int = 0
    seconds: float = 0.0
    size: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Echo(Query):
    """Comes back as it is."""

    word: str


class ToyEngine:
    """Counts. Remembers what was closed."""

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.closed: list[int] = []
        self.started: list[int] = []
        self.asked: list[str] = []
        self.among = 1
        self.models: list[str] = []
        self._cancelled: Callable[[], bool] = lambda: False

    def frames(
        self, request: Request, materials: RunInputs, plan: Plan | None = None
    ) -> Iterator[Frame | Checkpoint | Later]:
        assert isinstance(request, Count)
        self.started.append(request.seed)
        try:
            for _ in range(request.parts):
                threading.Event().wait(1.1 * GATHER_SECONDS)
                yield Later()
            for i in range(request.to):
                if i == request.trouble:
                    raise RuntimeError("trouble")
                if request.gate:
                    self.gate.acquire(timeout=10)
                    threading.Event().wait(1.1 * GATHER_SECONDS)  # longer than frames are gathered for
                while request.block and not self._cancelled():
                    threading.Event().wait(0.001)
                if request.block:
                    raise Interrupted
                if request.seconds:
                    threading.Event().wait(request.seconds)
                yield CountFrame(float(i), np.full(request.size, i, np.float32))
        finally:
            self.closed.append(request.seed)

    def answer(self, query: Query) -> object:
        assert isinstance(query, Echo)
        self.asked.append(query.word)
        if query.word == "trouble":
            raise RuntimeError("trouble")
        if query.word.startswith("later") and self.asked.count(query.word) < 3:
            return Later()
        return query.word

    def warm_up(self, model: str | None) -> Device:
        if model == "missing":
            raise RuntimeError("trouble")
        return Device("cpu", "toy", 1)

    def use_device(self, kind: str) -> None:
        if kind == "cuda":
            raise RuntimeError("no cuda")

    def share_threads(self, among: int) -> None:
        self.among = among

    def add_card(self, card: Card) -> None:
        self.models.append(card.id)

    def remove_card(self, model: str) -> None:
        self.models.remove(model)

    def interrupt_when(self, cancelled: Callable[[], bool]) -> None:
        self._cancelled = cancelled


@dataclass
class Transcript:
    """Names of events in the order they came, frames as their number."""

    events: list[Event] = field(default_factory=list)

    def names(self, run_id: int | None = None) -> list[str]:
        return [type(e).__name__ for e in self.events if run_id is None or getattr(e, "run_id", None) == run_id]

    def squeezed(self, run_id: int | None = None) -> list[str]:
        names = self.names(run_id)
        return [n for i, n in enumerate(names) if i == 0 or n != names[i - 1]]

    def frames(self, run_id: int) -> list[float]:
        batches = [e.frames for e in self.events if isinstance(e, FramesReady) and e.run_id == run_id]
        return [frame.position for batch in batches for frame in batch]


class Recorder(QObject):
    """Keeps every event."""

    def __init__(self) -> None:
        super().__init__()
        self.transcript = Transcript()

    @Slot(object)
    def take(self, event: Event) -> None:
        self.transcript.events.append(event)


def count_plan(request: Request, cards: Mapping[str, Card]) -> Plan:
    """The plan of a `Count`."""
    assert isinstance(request, Count)
    return Plan(0.0, max(1.0, request.to - 1.0), tuple(float(i) for i in range(request.to)), request.to, 4)


COUNTING = Family(
    name="counting",
    request=Count,
    frame=CountFrame,
    plan=lambda request, cards, _parent: count_plan(request, cards),
)


class FakeLink(QObject):
    """A link without a worker: keeps the commands it is sent; tests emit what comes back."""

    received = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Command] = []

    def knows(self, request: Request) -> bool:
        return any(isinstance(command, Start) and command.request == request for command in self.sent)

    def send(self, command: Command) -> None:
        self.sent.append(command)

    def close(self) -> bool:
        return True
