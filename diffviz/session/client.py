"""The worker thread: interactive runs are computed on it. Commands go to it over a link, events come back."""

import os
import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from diffviz.domain.engine import Engine
from diffviz.domain.messages import Command, Event
from diffviz.domain.run_loop import Interrupts, RunLoop

QUIT_MILLISECONDS = 5000
NICENESS = 5


class Worker(QObject):
    """A run loop in the event loop of the thread it was moved to: cancels and queries get their turn between steps."""

    emitted = Signal(object)

    def __init__(self, make_engine: Callable[[], Engine], interrupts: Interrupts) -> None:
        super().__init__()
        self._loop = RunLoop(make_engine, self.emitted.emit, interrupts)
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
        self._interrupts = Interrupts()
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
