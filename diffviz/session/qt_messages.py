"""Qt's own messages, which go to the log; until there is a window they are kept, to explain why there is none."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

logger = logging.getLogger(__name__)
LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
SHOWN = logging.WARNING


class QtMessages:
    """Takes what Qt says from `install` to `restore`; `said` is what it said before `opened`.

    Until then a fatal message ends in `no_window(said)`. Afterwards Qt aborts the process, as it always does.
    """

    def __init__(self, no_window: Callable[[Sequence[str]], object]) -> None:
        self._no_window = no_window
        self.said: list[str] = []
        self._opened = False

    def install(self) -> None:
        """Take messages from now on."""
        qInstallMessageHandler(self._take)

    def opened(self) -> None:
        """There is a window: what was said before is forgotten."""
        self.said.clear()
        self._opened = True

    def restore(self) -> None:
        """Let Qt write its messages itself again."""
        qInstallMessageHandler(None)

    def _take(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        level = LEVELS[kind]
        logger.log(level, "%s: %s", context.category or "default", text)
        if not self._opened:
            self.said.append(text)
            if kind is QtMsgType.QtFatalMsg:
                self._no_window(self.said)
        elif level >= SHOWN and sys.stderr is not None:
            print(text, file=sys.stderr)
