"""Regular files, opened to be read without ever waiting: a pipe, a device or a socket of the same name is refused."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

from diffviz.domain.text import mark

AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def opened(path: Path) -> BufferedReader:
    """The regular file `path`, or the one that it links to, for reading.

    Raises OSError, with a reason in words where `path` is something else or a name that no file can have.
    """
    try:
        _check(path.stat())  # first: opening alone makes some devices act
        return open(path, "rb", opener=_at_once)
    except ValueError as error:  # a zero byte
        raise OSError(errno.EINVAL, mark("no file can have such a name")) from error


def _at_once(path: str, flags: int) -> int:
    handle = os.open(path, flags | AT_ONCE)
    try:
        _check(os.fstat(handle))  # again: it may be another by now
    except OSError:
        os.close(handle)
        raise
    return handle


def _check(found: os.stat_result) -> None:
    """Raise OSError for what is no regular file."""
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, mark("it is not an ordinary file"))
