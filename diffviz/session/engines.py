"""Two engines behind one link: interactive runs on the worker thread, long ones in a process of their own.

The worker thread: interactive runs are computed on it. Commands go to it over a link, events come back.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Protocol

from PySide6.QtCore import QObject, QThread, QTimer, Signal, SignalInstance, Slot

from diffviz.domain import messages, run_loop
from diffviz.domain.cards import Card
from diffviz.domain.engine import Engine
from diffviz.domain.messages import Command, Event
from diffviz.domain.requests import Request, ancestry
from diffviz.families import FAMILIES

QUIT_MILLISECONDS = 5000
NICENESS = 5


class Worker(QObject):
    """A run loop in the event loop of the thread it was moved to: cancels and queries get their turn between steps."""

    emitted = Signal(object)

    def __init__(self, make_engine: Callable[[], Engine], interrupts: run_loop.Interrupts) -> None:
        super().__init__()
        self._loop = run_loop.RunLoop(make_engine, self.emitted.emit, interrupts)
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    @Slot(object)
    def receive(self, command: Command) -> None:
        """Act on one command."""
        self._loop.receive(command)
        if self._loop.waiting and not self._timer.isActive():
            self._timer.start()

    @Slot()
    def stop(self) -> None:
        """End all runs; nothing is computed after it."""
        self._loop.stop()
        self._timer.stop()

    @Slot()
    def _turn(self) -> None:
        if not self._loop.turn():
            self._timer.stop()


class WorkerClient(QObject):
    """A worker on a thread of its own.

    Signals: `received(event)`, on the main thread, in the order the worker emitted them.
    """

    received = Signal(object)
    _sent = Signal(object)

    def __init__(self, make_engine: Callable[[], Engine], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._interrupts = run_loop.Interrupts()
        self._thread = QThread()
        self._thread.setObjectName("diffviz-worker")
        self._worker = Worker(lambda: _made_behind(make_engine), self._interrupts)
        self._worker.moveToThread(self._thread)
        self._sent.connect(self._worker.receive)
        self._worker.emitted.connect(self._on_emitted)
        self._thread.finished.connect(self._worker.stop)
        self._thread.start(QThread.Priority.LowPriority)

    def send(self, command: Command) -> None:
        """Send a command; a cancel also reaches into the step that is being computed."""
        self._interrupts.notice(command)
        self._sent.emit(command)

    def close(self) -> bool:
        """Cancel everything and end the thread; whether it ended in time."""
        self._interrupts.stop_all()
        self._worker.emitted.disconnect(self._on_emitted)
        self._thread.quit()
        return self._thread.wait(QUIT_MILLISECONDS)

    @Slot(object)
    def _on_emitted(self, event: Event) -> None:
        self.received.emit(event)


def _made_behind(make_engine: Callable[[], Engine]) -> Engine:
    """The engine, made on a thread that lets the window go first where both want the processor.

    On Linux a thread's niceness is its own and goes over to those it starts, which are torch's; thread priorities do
    nothing there. Elsewhere they do.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS)
    return make_engine()


class Sender(Protocol):
    """What the session needs of a link."""

    @property
    def received(self) -> SignalInstance:
        """Signal that carries one event."""

    def send(self, command: Command) -> None:
        """Send one command to the worker."""

    def close(self) -> bool:
        """End the worker; whether it ended in time."""


class Knowing(Sender, Protocol):
    """A link to an engine that can be asked about the networks of the runs it has computed."""

    def knows(self, request: Request) -> bool:
        """Whether it has been given `request` in its life."""


def apart(request: Request, foreign: Collection[str] = ()) -> bool:
    """Whether `request` is computed in a process of its own: no interactive run waits for it, nor it for one.

    Those of models of other programs are, whose ids are `foreign`: their library is loaded nowhere else.
    """
    family = FAMILIES.get(type(request))
    if family is not None and family.long:
        return True
    return any(getattr(each, "model", None) in foreign for each in ancestry(request)) if foreign else False


class Engines(QObject):
    """Sends every command to the engine that it is for: `near`, which answers at once, or `far`, the process.

    While both compute, each has half of the threads. Signals: `received(event)`.
    """

    received = Signal(object)

    def __init__(
        self,
        near: Sender,
        far: Knowing,
        parent: QObject | None = None,
        cards: Mapping[str, Card] = MappingProxyType({}),
    ) -> None:
        super().__init__(parent)
        self._foreign = {name for name, card in cards.items() if card.foreign}
        self._near, self._far = near, far
        self._slots: dict[str, tuple[int, Sender]] = {}
        self._homes: dict[int, Sender] = {}
        self._computing: dict[int, Sender] = {}
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
                about = command.query.about
                (self._far if about is not None and self._far.knows(about) else self._near).send(command)
            case messages.WarmUp():  # the process is not even there until it is needed
                self._near.send(messages.WarmUp(None) if command.model in self._foreign else command)
            case _:
                if isinstance(command, messages.AddCard) and command.card.foreign:
                    self._foreign.add(command.card.id)
                self._near.send(command)
                self._far.send(command)

    def close(self) -> bool:
        """End both; whether they ended in time."""
        ended = self._far.close()
        return self._near.close() and ended

    def _start(self, start: messages.Start) -> None:
        home = self._far if apart(start.request, self._foreign) else self._near
        run_id, before = self._slots.get(start.slot, (0, home))
        if before is not home:
            before.send(messages.Cancel(run_id))
        self._slots[start.slot] = start.run_id, home
        self._homes[start.run_id] = home
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
