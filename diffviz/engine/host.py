"""The process that long runs are computed in: an engine of its own behind the commands and events of every engine.

A window starts it with `command`, speaks to it over pipes and takes frames out of memory that both have. It ends with
the window, however that ends.
"""

from __future__ import annotations

import ctypes
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from diffviz.domain import run_loop, store, wire
from diffviz.domain.channel import BUDGET, RING_BYTES, Channel, SharedRing
from diffviz.domain.engine import Engine
from diffviz.domain.messages import Answered, Command, Event, Failed
from diffviz.domain.text import set_language

GRACE_SECONDS = 1.0
EVENT_BYTES = RING_BYTES // 16
"""The window takes frames out while the next ones are made."""
PR_SET_PDEATHSIG = 1  # linux/prctl.h

MakeEngine = Callable[[wire.Setup, store.Budget], Engine]


def local_engine(setup: wire.Setup, budget: store.Budget) -> Engine:
    """The engine of the program."""
    from diffviz.engine.engine import LocalEngine

    return LocalEngine(setup.cards, setup.device, budget)


def main(
    arguments: Sequence[str], make_engine: MakeEngine = local_engine, more: Mapping[str, type[Any]] | None = None
) -> NoReturn:
    """Serve the process `arguments[0]`, whose shared memory is at `arguments[1]`, until it closes the pipe.

    `more` are classes that messages may have beside those of the program.
    """
    window, token = arguments
    _die_with(int(window))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the window
    ring = SharedRing.found(token)
    Host(Channel(*_pipes(), written=ring, more=more), ring, make_engine).serve()
    os._exit(0)  # libraries that were computing would take their time


class Host:
    """A run loop on the main thread, and a thread that takes commands in, so that a cancel reaches into a step."""

    def __init__(self, channel: Channel, ring: SharedRing, make_engine: MakeEngine) -> None:
        self._channel, self._ring = channel, ring
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._interrupts = run_loop.Interrupts()
        first = channel.receive()
        if first is None or not isinstance(first[0], wire.Setup):
            os._exit(1)
        setup = first[0]
        _give_way(setup.niceness)
        set_language(setup.language)
        budget = store.Budget()
        budget.share(ring.counts[BUDGET], leads=False)
        self._loop = run_loop.RunLoop(lambda: make_engine(setup, budget), self._emit, self._interrupts, EVENT_BYTES)

    def serve(self) -> None:
        """Compute until the window is gone."""
        threading.Thread(target=self._listen, name="diffviz-commands", daemon=True).start()
        while (command := self._next()) is not None:
            self._loop.receive(command)
        self._loop.stop()

    def _next(self) -> Command | None:
        """The next command; the runs advance until it comes."""
        busy = self._loop.waiting
        while busy:
            with suppress(queue.Empty):
                return self._commands.get_nowait()
            busy = self._loop.turn()
        return self._commands.get()

    def _listen(self) -> None:
        try:
            while (message := self._channel.receive()) is not None:
                self._interrupts.notice(message[0])
                self._commands.put(message[0])
        finally:
            self._interrupts.stop_all()
            self._ring.given_up.set()
            self._commands.put(None)
            time.sleep(GRACE_SECONDS)
            os._exit(1)  # the step cannot be interrupted

    def _emit(self, event: Event) -> None:
        try:
            self._channel.send(event)
        except OSError:
            os._exit(1)  # nobody is there
        except TypeError as error:
            self._channel.send(_instead(event, error))


def _instead(event: Event, error: TypeError) -> Event:
    """What is said where `event` cannot be."""
    match event:
        case Answered():
            return Answered(event.view, error)
        case Failed():
            return Failed(event.run_id, RuntimeError(f"{type(event.error).__name__}"), event.details)
        case _:
            raise error


def _die_with(window: int) -> None:
    """End when the process `window` does, even where nobody can say so any more (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != window:
            os._exit(1)


def _pipes() -> tuple[int, int]:
    """The pipes that this process was started with; what libraries print goes where errors go."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # there is no place for errors
        os.dup2(nothing, 1)
    return incoming, outgoing


def _give_way(niceness: int) -> None:
    if hasattr(os, "nice"):
        os.nice(niceness)
