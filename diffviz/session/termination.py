"""Termination signals of the system (SIGTERM, SIGINT, SIGHUP) as a Qt signal."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from types import FrameType
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

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
