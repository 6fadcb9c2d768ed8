"""What a Qt test left behind: windows in sight, QThreads still running, QTimers still active.

Threads and timers are registered as they are made, so that the check asks some dozens of objects and not all that
there are.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from weakref import WeakSet

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QThread, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

NEVER_RAN = -1
PATIENCE_MILLISECONDS = 5000
_MADE: WeakSet[QThread | QTimer] = WeakSet()


@cache
def register() -> None:
    """Keep note of every QThread and QTimer made in Python from now on, subclasses too."""
    _register(QThread)
    _register(QTimer)


def _register(cls: type[QThread] | type[QTimer]) -> None:
    init = cls.__init__

    def registered(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        _MADE.add(self)

    cls.__init__ = registered  # type: ignore[method-assign]


def qt_left_behind() -> list[object]:
    """Windows in sight (which are closed), QThreads still running (which are ended), QTimers still active (stopped).

    What is left behind is so the fault of one test only.
    """
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    windows = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    for window in windows:
        window.close()
    main = QThread.currentThread()
    left = [each for each in list(_MADE) if isValid(each) and each is not main and _goes_on(each)]
    for each in left:
        if isinstance(each, QTimer):
            each.stop()
        else:
            each.quit()
            each.wait(PATIENCE_MILLISECONDS)
    return [*windows, *left]


def let_event_loops_run() -> None:
    """Take back an end of the application that a test asked for: no event loop of the next test would run."""
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    if loop.exec() == NEVER_RAN:
        QTimer.singleShot(0, QCoreApplication.quit)
        QCoreApplication.exec()


def _goes_on(each: QThread | QTimer) -> bool:
    return each.isRunning() if isinstance(each, QThread) else each.isActive()
