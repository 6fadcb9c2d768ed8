"""Crash file: where Python writes what all threads were doing when the process dies of a hard fault."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLockFile

from diffviz.domain.regular_files import opened

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
            with suppress(OSError), opened(path) as file:
                told.append(file.read(MOST_BYTES).decode("utf-8", "replace").strip())
            with suppress(OSError):
                path.unlink()
            lock.unlock()
    return tuple(text for text in told if text)


def _lock_of(path: Path) -> QLockFile:
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)
    return lock
