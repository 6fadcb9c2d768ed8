"""Crash reporting: the log, the crash file and the hooks for what nobody caught, as long as a window is open."""

from __future__ import annotations

import logging
import platform
from collections.abc import Sequence
from types import TracebackType

from PySide6.QtCore import qVersion

from diffviz import __version__, paths
from diffviz.cli import window
from diffviz.log import Log
from diffviz.session.crash_file import CrashFile, left_behind
from diffviz.session.faults import FaultWatch
from diffviz.session.qt_messages import QtMessages

logger = logging.getLogger(__name__)


class CrashReporting:
    """A context in which everything that goes wrong is logged. `crashes` are traces of earlier ends without a word."""

    def __init__(self) -> None:
        folder = paths.log_file().parent
        self.log = Log(paths.log_file())
        self.faults = FaultWatch()
        self.messages = QtMessages(window.leave_without_window)
        self.crashes: Sequence[str] = left_behind(folder)
        self._file = CrashFile(folder)

    def __enter__(self) -> CrashReporting:
        self.messages.install()
        self.faults.install()
        for crash in self.crashes:
            logger.error("The program crashed\n%s", crash)
        logger.info("diffviz %s, Qt %s, Python %s", __version__, qVersion(), platform.python_version())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if error is not None and not isinstance(error, SystemExit | KeyboardInterrupt):
            logger.error("The program could not go on", exc_info=error)
        logger.info("ended")
        self.faults.restore()
        self.messages.restore()
        self._file.close()
        self.log.close()
