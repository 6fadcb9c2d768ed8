"""Faults: exceptions that nobody caught, on any thread. Each is logged, and a new one is announced to the window."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QObject, Signal

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
