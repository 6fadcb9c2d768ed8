"""The child process: long runs are computed in it, so that they stop no other, and no crash takes the window along."""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

import diffviz
from diffviz.domain import errors, messages, store
from diffviz.domain.channel import BUDGET, Channel, SharedRing
from diffviz.domain.messages import Command, Event
from diffviz.domain.requests import Request
from diffviz.domain.sentences import sentence
from diffviz.domain.text import language
from diffviz.domain.wire import Setup
from diffviz.families import FAMILIES

logger = logging.getLogger(__name__)
QUIT_SECONDS = 1.0
KNOWN_RUNS = 1000
"""How many runs at their end the process can still be asked about."""
ANSWER_SECONDS, LOADING_SECONDS = 5.0, 30.0
"""How long a process that says nothing may leave a cancel unanswered; longer where it has not said anything yet."""


def host_command() -> Sequence[str]:
    """How this program, from a package or frozen, is started as such a process."""
    if not hasattr(sys, "_MEIPASS"):
        return (sys.executable, "-P", "-m", "diffviz", diffviz.ENGINE_HOST)
    console = Path(sys.executable).with_name("diffviz-console.exe")  # with a window only, it would have no pipes
    return (str(console) if console.exists() else sys.executable, diffviz.ENGINE_HOST)


class ChildProcess:
    """One life of the process: its pipes, the memory it shares, and the two threads that read and write.

    `arrived(child, event, place)` is called on the reading thread for every event, and for None when it has ended.
    """

    def __init__(
        self, command: Sequence[str], setup: Setup, arrived: Any, more: Mapping[str, type[Any]] | None = None
    ) -> None:
        self.ring = SharedRing.made()
        try:
            self.process = _spawned([*command, str(os.getpid()), self.ring.token], self.ring.handle)
        except OSError:
            self.ring.close()
            raise
        self.ring.handed_over()
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        self._incoming, self._outgoing = self.process.stdout, self.process.stdin
        self._channel = Channel(self._incoming.fileno(), self._outgoing.fileno(), read=self.ring, more=more)
        self._commands: queue.SimpleQueue[Command | Setup | None] = queue.SimpleQueue()
        self._commands.put(setup)
        self._arrived = arrived
        self.requests: dict[int, Request] = {}
        self.ended = ""
        self.heard, self.loaded = time.monotonic(), False
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._write)]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether it has not ended, as far as the system knows."""
        return self.process.poll() is None

    def send(self, command: Command) -> None:
        """Send `command` as soon as it can be."""
        if isinstance(command, messages.Start):
            self.requests[command.run_id] = command.request
        self._commands.put(command)

    def forget(self, under_way: Collection[int]) -> None:
        """Know no more than `KNOWN_RUNS` runs that are at their end."""
        for run_id in [run_id for run_id in self.requests if run_id not in under_way][:-KNOWN_RUNS]:
            del self.requests[run_id]

    def kill(self, why: str) -> None:
        """End it now, since it is "stuck" or what it says is "garbled": the reading thread says when it has ended."""
        self.ended = self.ended or why
        self.process.kill()

    def silent(self, since: float) -> float:
        """Seconds until it counts as stuck where something was asked of it at `since`; none are left at 0."""
        patience = ANSWER_SECONDS if self.loaded else LOADING_SECONDS
        return max(0.0, patience - (time.monotonic() - max(since, self.heard)))

    def end(self, seconds: float = QUIT_SECONDS) -> int:
        """Let it end, and see to it after `seconds`; its return code. Nothing of it is left then."""
        self._commands.put(None)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        for thread in self._threads:
            thread.join()
        self._incoming.close()
        self.ring.close()
        return code

    def _read(self) -> None:
        try:
            while (message := self._channel.receive()) is not None:
                _check(message[0], self.requests)
                self._arrived(self, *message)
        except Exception:  # it no longer knows what it says, or there is no room for it
            logger.exception("What the engine's process sent cannot be read")
            self.kill("garbled")
        finally:
            self._arrived(self, None, 0)

    def _write(self) -> None:
        try:
            while (command := self._commands.get()) is not None:
                self._channel.send(command)
        except OSError:
            pass  # it has ended: the reading thread says so
        finally:
            with suppress(OSError):
                self._outgoing.close()


class ChildClient(QObject):
    """The engine's process, started when it is first needed and again after it was lost; its link to the session.

    Where it ends by itself, its runs fail with `ProcessLost` and keep what came of them, and so do questions. One that
    says nothing and leaves a cancel unanswered is ended.
    Signals: `received(event)`, on the main thread, in the order of the process.
    """

    received = Signal(object)
    _came = Signal(object, object, object)

    def __init__(
        self,
        setup: Setup,
        budget: store.Budget,
        command: Sequence[str] = (),
        more: Mapping[str, type[Any]] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._setup, self._budget = setup, budget
        self._command, self._more = command or host_command(), more
        self._child: ChildProcess | None = None
        self._runs: dict[int, ChildProcess] = {}
        self._questions: dict[str, ChildProcess] = {}
        self._cancelled: dict[int, float] = {}
        self._impatience = QTimer(self)
        self._impatience.setSingleShot(True)
        self._impatience.timeout.connect(self._end_stuck)
        self._closed = False
        self._came.connect(self._on_came, Qt.ConnectionType.QueuedConnection)

    @property
    def pid(self) -> int | None:
        """The process's number, None where there is none."""
        return self._child.process.pid if self._child else None

    def knows(self, request: Request) -> bool:
        """Whether the process that there is has been given `request`, so that it can be asked about its networks."""
        return self._child is not None and self._child.alive and request in self._child.requests.values()

    def send(self, command: Command) -> None:
        """Send `command`; a run or a question starts the process, anything else is for one that is there."""
        if self._closed:
            return
        self._setup = _changed(self._setup, command)
        if not isinstance(command, messages.Start | messages.Ask):
            if self._child is not None:
                self._child.send(command)
            if isinstance(command, messages.Cancel) and command.run_id in self._runs:
                self._cancelled.setdefault(command.run_id, time.monotonic())
                self._end_stuck()
            return
        try:
            child = self._started()
        except OSError as error:
            logger.exception("The engine's process could not be started")
            self._came.emit(None, _failed(command, error), 0)
            return
        if isinstance(command, messages.Start):
            self._runs[command.run_id] = child
            child.forget(self._runs)
        else:
            self._questions[command.view] = child
        child.send(command)

    def close(self) -> bool:
        """End the process, in a second at most; nothing of it is left."""
        self._closed = True
        self._impatience.stop()
        self._budget.share_no_more()
        for child in {*self._runs.values(), *self._questions.values(), *filter(None, [self._child])}:
            child.end()
        self._child = None
        self._runs.clear()
        self._questions.clear()
        return True

    def _started(self) -> ChildProcess:
        """The process, a new one where there is none or it has ended. Raises OSError."""
        if self._child is None or not self._child.alive:
            setup = replace(self._setup, language=language())
            self._child = ChildProcess(self._command, setup, self._came.emit, self._more)
            self._child.send(messages.WarmUp())  # a run that has begun computes
            self._budget.share(self._child.ring.counts[BUDGET], leads=True)
        return self._child

    @Slot(object, object, object)
    def _on_came(self, child: ChildProcess | None, event: Event | None, place: int) -> None:
        if self._closed:
            return
        if event is None:
            assert child is not None
            self._on_ended(child)
            return
        if child is not None:
            child.heard, child.loaded = time.monotonic(), True
        self._note(event)
        try:
            self.received.emit(event)
        finally:
            if child is not None:
                child.ring.take(place)

    def _note(self, event: Event) -> None:
        """Know what the process still owes."""
        if isinstance(event, messages.Terminal):
            self._runs.pop(event.run_id, None)
            self._cancelled.pop(event.run_id, None)
        if isinstance(event, messages.Failed):
            logger.error("A run failed in the engine's process\n%s", event.details)
        if isinstance(event, messages.Answered):
            self._questions.pop(event.view, None)

    @Slot()
    def _end_stuck(self) -> None:
        """End a process that leaves a cancel unanswered; look again when another has had its time."""
        left = [self._runs[run_id].silent(since) for run_id, since in self._cancelled.items() if run_id in self._runs]
        for run_id, since in self._cancelled.items():
            if self._runs[run_id].silent(since) == 0:
                self._runs[run_id].kill("stuck")
        if left:
            self._impatience.start(round(1000 * max(QUIT_SECONDS / 10, min(left))))

    def _on_ended(self, child: ChildProcess) -> None:
        """Say what was lost with `child`."""
        if child is self._child:
            self._child = None
            self._budget.share_no_more()
        code = child.end()
        error = errors.ProcessLost(max(0, -code), max(0, code), child.ended)
        logger.error("The engine's process ended, with %d %s", code, child.ended)
        for run_id in [run_id for run_id, home in self._runs.items() if home is child]:
            del self._runs[run_id]
            cancelled = self._cancelled.pop(run_id, None) is not None
            self.received.emit(messages.Cancelled(run_id) if cancelled else messages.Failed(run_id, error, ""))
        for view in [view for view, home in self._questions.items() if home is child]:
            del self._questions[view]
            self.received.emit(messages.Answered(view, error))


def _check(event: object, asked: Mapping[int, Request]) -> None:
    """Raises what is wrong with `event`: one that nobody makes who computes what was `asked`, or cannot be said."""
    messages.check_event(event)
    if isinstance(event, messages.RunEvent):
        family = FAMILIES.get(type(asked[event.run_id]))
        frames = event.frames if isinstance(event, messages.FramesReady) else ()
        if family is not None and not all(isinstance(frame, family.frame) for frame in frames):
            raise ValueError(f"frames of another kind than {family.frame.__name__}")
    error = event.error if isinstance(event, messages.Failed | messages.Unready) else None
    if isinstance(error, errors.DiffvizError):
        sentence(error)


def _changed(setup: Setup, command: Command) -> Setup:
    """What the next process is set up with, after `command`."""
    match command:
        case messages.UseDevice():
            return replace(setup, device=command.kind)
        case messages.AddCard():
            return replace(setup, cards={**setup.cards, command.card.id: command.card})
        case messages.RemoveCard():
            return replace(setup, cards={name: card for name, card in setup.cards.items() if name != command.model})
        case _:
            return setup


def _failed(command: messages.Start | messages.Ask, error: Exception) -> Event:
    if isinstance(command, messages.Start):
        return messages.Failed(command.run_id, error, "")
    return messages.Answered(command.view, error)


def _spawned(command: Sequence[str], handle: int | None) -> subprocess.Popen[bytes]:
    """A process that inherits its pipes and `handle` alone."""
    path = str(Path(diffviz.__file__).parent.parent)
    search = os.pathsep.join(filter(None, (path, os.environ.get("PYTHONPATH"))))
    options: dict[str, Any] = {} if handle is None else {"pass_fds": (handle,)}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": search},
        bufsize=0,
        **options,
    )
