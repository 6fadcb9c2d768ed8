"""The process that the window runs in: what nobody caught, signals of the system, collection of garbage.

Faults: exceptions that nobody caught, on any thread. Each is logged, and a new one is announced to the window.

Termination signals of the system (SIGTERM, SIGINT, SIGHUP) as a Qt signal.

Garbage is collected on the GUI thread only: Python's collector in a worker could destroy Qt objects there.
"""

from __future__ import annotations

import gc
import logging
import signal
import socket
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, QTimer, Signal, Slot

from diffviz.log import without_home

logger = logging.getLogger(__name__)
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Fault:
    """One exception: `title` names it in one line, `details` is its traceback."""

    title: str
    details: str


class FaultWatch(QObject):
    """Watches for exceptions that nobody caught, from `install` to `restore`.

    One that comes again from the same line, as from a view that is painted over and over, is announced once and logged
    whenever its number has doubled. An interrupt from the terminal is a wish to `leave`.

    Signals, from any thread: `noticed(fault)`.
    """

    noticed = Signal(object)

    def __init__(self, leave: Callable[[int], None] = QCoreApplication.exit, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._leave = leave
        self._counts: Counter[object] = Counter()
        self._lock = threading.Lock()

    def install(self) -> None:
        """Watch from now on; what is printed on stderr of such an exception still is."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable

    def restore(self) -> None:
        """Watch no more."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__

    def _on_exception(self, kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._leave(INTERRUPTED)
            return
        sys.__excepthook__(kind, error, where)
        self._take(error, where)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        threading.__excepthook__(args)
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self._take(args.exc_value, args.exc_traceback)

    def _on_unraisable(self, args: sys.UnraisableHookArgs) -> None:
        """Something that was being destroyed raised: nothing that a person does is affected."""
        sys.__unraisablehook__(args)
        if args.exc_value is not None:
            self._count(args.exc_value, args.exc_traceback)

    def _take(self, error: BaseException, where: TracebackType | None) -> None:
        if self._count(error, where) == 1:
            details = "".join(traceback.format_exception(type(error), error, where))
            self.noticed.emit(Fault(traceback.format_exception_only(error)[-1].strip(), without_home(details)))

    def _count(self, error: BaseException, where: TracebackType | None) -> int:
        """How often `error` came from its line, this time included; logged at 1, 2, 4, 8 …"""
        with self._lock:
            key = (type(error), _origin(where))
            self._counts[key] += 1
            count = self._counts[key]
        if count & (count - 1) == 0:
            again = f" (number {count} from this line)" if count > 1 else ""
            logger.error("Unhandled exception%s", again, exc_info=(type(error), error, where))
        return count


def _origin(where: TracebackType | None) -> tuple[str, int] | None:
    """File and line that raised."""
    frames = traceback.extract_tb(where, limit=-1)
    return (frames[-1].filename, frames[-1].lineno or 0) if frames else None


SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name))


class Termination(QObject):
    """Says that the system, or a terminal, wants the program to end; a second time it ends without being asked.

    Python's handlers wait for Python code, which does not run while nothing happens: the number of a signal also comes
    through a socket that wakes the event loop. Made on the main thread. Signals: `asked(number)`.
    """

    asked = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_activated)
        self._woken_before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._before: dict[int, Any] = {number: signal.signal(number, _noticed) for number in SIGNALS}

    def close(self) -> None:
        """Leave the signals to those that had them before."""
        self._restore()
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._woken_before)
        self._reader.close()
        self._writer.close()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    @Slot()
    def _on_activated(self) -> None:
        with suppress(BlockingIOError):
            numbers = [number for number in self._reader.recv(64) if number in SIGNALS]
            if numbers and self._before:
                self._restore()
                self.asked.emit(numbers[0])


def _noticed(_number: int, _frame: FrameType | None) -> None:
    """The socket carries it on."""


INTERVAL_MILLISECONDS = 1000


class GcTimer(QObject):
    """Turns Python's automatic collection off and collects on its own thread's event loop."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()

    def close(self) -> None:
        """Turn automatic collection on again where it was."""
        self._timer.stop()
        if self._before:
            gc.enable()

    @Slot()
    def _on_timeout(self) -> None:
        gc.collect(1)
