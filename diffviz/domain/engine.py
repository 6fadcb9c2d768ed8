"""What the worker asks of an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from diffviz.domain.cards import Card
from diffviz.domain.frames import Checkpoint, Frame
from diffviz.domain.messages import Device, Later, Query, RunInputs
from diffviz.domain.requests import Plan, Request


class Engine(Protocol):
    """Owner of torch, networks and the device. Used from one thread only."""

    def frames(
        self, request: Request, materials: RunInputs, plan: Plan | None = None
    ) -> Iterator[Frame | Checkpoint | Later]:
        """Compute `request`, a frame at a time. Closing the iterator ends the run; errors are raised from it.

        `plan` is that of `request`, where it has been made already.
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

    def add_card(self, card: Card) -> None:
        """Know the model of `card`, in place of one of the same id; what is being computed goes on with that."""

    def remove_card(self, model: str) -> None:
        """Know the model of id `model` no longer; what is being computed with it goes on."""

    def interrupt_when(self, cancelled: Callable[[], bool]) -> None:
        """Ask `cancelled` inside long steps and raise `Interrupted` where it holds."""
