"""Two engines behind one link: interactive runs on the worker thread, long ones in a process of their own."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from diffviz.domain import messages
from diffviz.domain.errors import ProcessLost
from diffviz.domain.messages import Command, Event
from diffviz.domain.requests import Request
from diffviz.families import FAMILIES


class Sender(Protocol):
    """What the session needs of a link."""

    @property
    def received(self) -> SignalInstance:
        """Signal that carries one event."""

    def send(self, command: Command) -> None:
        """Send one command to the worker."""

    def close(self) -> bool:
        """End the worker; whether it ended in time."""


def apart(request: Request) -> bool:
    """Whether `request` is computed in a process of its own: no interactive run waits for it, nor it for one."""
    family = FAMILIES.get(type(request))
    return family is not None and family.long


class Engines(QObject):
    """Sends every command to the engine that it is for: `near`, which answers at once, or `far`, the process.

    While both compute, each has half of the threads. Signals: `received(event)`.
    """

    received = Signal(object)

    def __init__(self, near: Sender, far: Sender, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._near, self._far = near, far
        self._slots: dict[str, tuple[int, Sender]] = {}
        self._homes: dict[int, Sender] = {}
        self._computing: dict[int, Sender] = {}
        self._known: set[Request] = set()
        self._among = 1
        near.received.connect(self._on_near)
        far.received.connect(self._on_far)

    def send(self, command: Command) -> None:
        """Send `command` where the run is that it is about; what is for all to both."""
        match command:
            case messages.Start():
                self._start(command)
            case messages.Cancel() | messages.Pause() | messages.Resume() | messages.Advance():
                self._homes.get(command.run_id, self._near).send(command)
            case messages.Ask():
                (self._far if command.query.about in self._known else self._near).send(command)
            case messages.WarmUp():
                self._near.send(command)  # the process is not even there until it is needed
            case _:
                self._near.send(command)
                self._far.send(command)

    def close(self) -> bool:
        """End both; whether they ended in time."""
        ended = self._far.close()
        return self._near.close() and ended

    def _start(self, start: messages.Start) -> None:
        home = self._far if apart(start.request) else self._near
        run_id, before = self._slots.get(start.slot, (0, home))
        if before is not home:
            before.send(messages.Cancel(run_id))
        self._slots[start.slot] = start.run_id, home
        self._homes[start.run_id] = home
        if home is self._far:
            self._known.add(start.request)
        if not start.held:
            self._computing[start.run_id] = home
        home.send(start)
        self._share()

    @Slot(object)
    def _on_near(self, event: Event) -> None:
        self._note(event)
        self.received.emit(event)

    @Slot(object)
    def _on_far(self, event: Event) -> None:
        if isinstance(event, messages.Ready | messages.Unready):
            return  # the worker thread says the same of the device, sooner
        lost = event.error if isinstance(event, messages.Failed) else None
        if isinstance(lost, ProcessLost):
            self._known.clear()  # another process knows none of the networks
        self._note(event)
        self.received.emit(event)

    def _note(self, event: Event) -> None:
        """Know which runs are being computed."""
        match event:
            case messages.Finished() | messages.Cancelled() | messages.Failed():
                self._homes.pop(event.run_id, None)
                self._computing.pop(event.run_id, None)
            case messages.Paused():
                self._computing.pop(event.run_id, None)
            case messages.Resumed() if event.run_id in self._homes:
                self._computing[event.run_id] = self._homes[event.run_id]
            case _:
                return
        self._share()

    def _share(self) -> None:
        """Let each have its part of the threads where both compute, else all."""
        among = max(1, len(set(self._computing.values())))
        if among != self._among:
            self._among = among
            self._near.send(messages.ShareThreads(among))
            self._far.send(messages.ShareThreads(among))
