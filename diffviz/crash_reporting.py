"""What is kept of what goes wrong while a window is open, and what a report of a fault has to tell.

Crash reporting: the log, the crash file and the hooks for what nobody caught, as long as a window is open.

Crash file: where Python writes what all threads were doing when the process dies of a hard fault.

Qt's own messages, which go to the log; until there is a window they are kept, to explain why there is none.

Diagnostics: what a report of a fault has to tell, as plain data and as text.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import platform
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6 import __version__ as qt_version
from PySide6.QtCore import QLockFile, QMessageLogContext, QtMsgType, qInstallMessageHandler, qVersion
from PySide6.QtGui import QGuiApplication, QScreen

from diffviz import __version__, paths
from diffviz.cli import window
from diffviz.domain import ideal, messages, serialization
from diffviz.domain.provenance import versions
from diffviz.domain.text import language
from diffviz.log import Log, last_errors, without_home
from diffviz.session.runtime import FaultWatch

STEM, SUFFIX = "crash-", ".txt"
MOST_BYTES = 64 << 10


class CrashFile:
    """A file in `folder` that is empty unless the process dies of a signal; a clean end removes it.

    `enabled` is False where the file cannot be made: then there will be no traces.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{STEM}{os.getpid()}-{os.urandom(4).hex()}{SUFFIX}"
        self._lock = _lock_of(self._path)
        self._lock.tryLock(0)
        try:
            self._file = self._path.open("w", encoding="utf-8", errors="replace")
        except OSError:
            self.enabled = False
        else:
            self.enabled = True
            faulthandler.enable(self._file)

    def close(self) -> None:
        """The program ends well: there is nothing to tell."""
        if self.enabled:
            faulthandler.disable()
            self._file.close()
            self.enabled = False
            with suppress(OSError):
                self._path.unlink()
        self._lock.unlock()


def left_behind(folder: Path) -> Sequence[str]:
    """What crash files in `folder` tell whose program runs no more, the oldest first; those files are removed."""
    try:
        found = sorted(folder.glob(f"{STEM}*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
    except OSError:
        return ()
    told = []
    for path in found:
        lock = _lock_of(path)
        if lock.tryLock(0):
            with suppress(OSError), serialization.opened(path) as file:
                told.append(file.read(MOST_BYTES).decode("utf-8", "replace").strip())
            with suppress(OSError):
                path.unlink()
            lock.unlock()
    return tuple(text for text in told if text)


def _lock_of(path: Path) -> QLockFile:
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)
    return lock


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


WIDTH = 16
DESKTOP = ("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP")


def known(
    device: messages.Device | None, kinds: Sequence[str] = (), errors: Sequence[str] | None = None
) -> dict[str, Any]:
    """Versions, device, folders, models, formats and errors, by name.

    `device` is None until it is known, `kinds` are all there are; `errors` are those in the log where none are given.
    """
    from diffviz.export.formats import FORMATS  # what is exported is drawn by much that no start waits for

    cards, damaged = ideal.known_cards(paths.model_roots())
    return {
        "versions": {**versions(), "PySide6": qt_version},
        "system": platform.platform(),
        **_desktop(),
        **({"devices": list(kinds)} if kinds else {}),
        "device": {"kind": device.kind, "name": device.name, "threads": device.threads} if device else "",
        "folders": {
            "program": str(paths.data_root()),
            "models": str(paths.user_models()),
            "settings": str(paths.config_home()),
            "cache": str(paths.cache_home()),
            "recovery": str(paths.recovery_home()),
            "log": str(paths.log_file().parent),
        },
        "models": sorted(cards),
        "damaged": sorted(damaged),
        "formats": {name: kind.missing() for name, kind in FORMATS.items()},
        "errors": list(last_errors(paths.log_file()) if errors is None else errors),
    }


def lines(found: dict[str, Any], indent: str = "") -> list[str]:
    """`found`, as a person reads it: a name and its value in each line, what belongs together below its name."""
    told = []
    for name, value in found.items():
        if isinstance(value, dict):
            told += [f"{indent}{name}", *lines(value, indent + "  ")]
        elif name == "errors" and value:
            told += [name, *(f"  {line}".rstrip() for error in value for line in error.splitlines())]
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            told.append(f"{indent}{name:<{WIDTH - len(indent)}}{text or ('✓' if indent else '–')}")
    return told


def report(found: dict[str, Any]) -> str:
    """`found` as a block to paste into an issue: monospaced there, with `~` for the home folder."""
    return without_home("\n".join(["```", *lines(found), "```", ""]))


def _desktop() -> dict[str, Any]:
    """What is known of the desktop from inside a window."""
    if not isinstance(QGuiApplication.instance(), QGuiApplication):
        return {}
    return {
        "desktop": ", ".join(
            [QGuiApplication.platformName(), *(os.environ[name] for name in DESKTOP if os.environ.get(name))]
        ),
        "screens": [_screen(screen) for screen in QGuiApplication.screens()],
        "language": language(),
    }


def _screen(screen: QScreen) -> str:
    size, ratio = screen.size(), screen.devicePixelRatio()
    return f"{size.width()}×{size.height()}" + (f" at {ratio:g}" if ratio != 1 else "")
