"""The link: commands go over it to a worker, events come back. Today it leads to one thread of this process."""

import os
import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, Signal, Slot

from diffviz.domain.engine import Engine
from diffviz.domain.messages import Cancel, Command, Event, Start
from diffviz.session.interrupts import Interrupts
from diffviz.session.worker import Worker

QUIT_MILLISECONDS = 5000
NICENESS = 5


class WorkerClient(QObject):
    """A worker on a thread of its own.

    Signals: `received(event)`, on the main thread, in the order the worker emitted them.
    """

    received = Signal(object)
    _sent = Signal(object)

    def __init__(self, make_engine: Callable[[], Engine], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._interrupts = Interrupts()
        self._running: dict[str, int] = {}
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
        match command:
            case Cancel():
                self._interrupts.stop(command.run_id)
            case Start():
                previous = self._running.get(command.slot)
                if previous is not None:
                    self._interrupts.stop(previous)
                self._running[command.slot] = command.run_id
            case _:
                pass
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
