"""Log: a rotating file of what a window did and what went wrong in it.

It has no picture, no prompt and no contents of files in it, and the home folder in paths is `~`.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from diffviz import paths
from diffviz.domain.serialization import opened

LOGGER = logging.getLogger("diffviz")
FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
BEGINNING = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>[A-Z]+) ", re.MULTILINE)
ERRORS = frozenset({"ERROR", "CRITICAL"})
FILE_BYTES, FILES_BEFORE = 1 << 20, 2
MOST_ERRORS = 5
ERROR_LENGTH = 4000


class Log:
    """Takes what the program logs from its making to `close`, into `file` where that can be written.

    Where it cannot, or no longer, the last errors are in memory only.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._memory = Memory()
        self._handlers: list[logging.Handler] = [self._memory]
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._handlers.append(FileHandler(file))
        except OSError:
            pass
        for handler in self._handlers:
            handler.setFormatter(Formatter(FORMAT))
            LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.INFO)

    @property
    def kept(self) -> bool:
        """Whether the file takes what is logged."""
        return any(isinstance(handler, FileHandler) and not handler.failed for handler in self._handlers)

    def last_errors(self) -> Sequence[str]:
        """The newest errors that were logged, the newest last."""
        return last_errors(self._file) if self.kept else tuple(self._memory.errors)

    def close(self) -> None:
        """Take no more."""
        for handler in self._handlers:
            LOGGER.removeHandler(handler)
            handler.close()
        LOGGER.setLevel(logging.NOTSET)


class FileHandler(RotatingFileHandler):
    """Writes to a file that stays small, up to the first time that this fails, as on a full disk: it says nothing."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, maxBytes=FILE_BYTES, backupCount=FILES_BEFORE, encoding="utf-8")
        self.failed = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self.failed:
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        del record
        self.failed = True

    def close(self) -> None:
        """Let go of the file; what it could not take is lost."""
        with suppress(OSError, ValueError):
            super().close()


class Formatter(logging.Formatter):
    """Entries with `~` for the home folder."""

    def format(self, record: logging.LogRecord) -> str:
        return without_home(super().format(record))


class Memory(logging.Handler):
    """Keeps the last errors."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: deque[str] = deque(maxlen=MOST_ERRORS)

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(shortened(self.format(record)))


def last_errors(file: Path) -> Sequence[str]:
    """The newest errors in `file` and the files before it, at most `MOST_ERRORS`, the newest last."""
    found: list[str] = []
    for part in (file, *(file.with_name(f"{file.name}.{n}") for n in range(1, FILES_BEFORE + 1))):
        if len(found) < MOST_ERRORS:
            found = [*_errors_in(_tail(part)), *found]
    return tuple(found[-MOST_ERRORS:])


def shortened(entry: str) -> str:
    """`entry` without what lies in its middle, where it is very long."""
    if len(entry) <= ERROR_LENGTH:
        return entry
    half = ERROR_LENGTH // 2
    return f"{entry[:half]}\n[…]\n{entry[-half:]}"


def without_home(text: str) -> str:
    """`text` with `~` for the home folder."""
    home = str(paths.home() or "")
    return re.sub(rf"{re.escape(home)}(?=[/\\]|\W|$)", "~", text) if len(home) > 1 else text


def _errors_in(text: str) -> list[str]:
    heads = list(BEGINNING.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    entries = zip(heads, ends, strict=False)  # no entry has an end, and none a head
    return [shortened(text[head.start() : end].strip()) for head, end in entries if head["level"] in ERRORS]


def _tail(file: Path) -> str:
    try:
        with opened(file) as stream:
            stream.seek(max(0, stream.seek(0, 2) - FILE_BYTES))
            return stream.read(FILE_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
