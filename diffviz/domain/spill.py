"""File-backed memory for frames that do not fit: one file without a name, which vanishes with its last user."""

from __future__ import annotations

import mmap
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_BYTES = 256 << 20
ALIGNMENT = 64
ZEROS = bytes(1 << 20)


class SpillFile:
    """A file in `folder` that blocks of memory are cut from, `size` bytes in all.

    One file for many blocks: each mapping takes a file descriptor, of which a process may have as few as 256.
    Raises OSError where the folder cannot be made or written.
    """

    def __init__(self, folder: Path, size: int = FILE_BYTES) -> None:
        self._used = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder, prefix="frames-")  # noqa: SIM115  (the finalizer closes it)
        weakref.finalize(self, self._file.close)
        with _named(folder):
            self._file.truncate(size)
            self._map = memoryview(mmap.mmap(self._file.fileno(), size))
        self._folder = folder

    def cut(self, nbytes: int) -> memoryview | None:
        """The next `nbytes`, all 0, or None where that many are not left. Raises OSError where the disk is full."""
        start = -(-self._used // ALIGNMENT) * ALIGNMENT
        if start + nbytes > len(self._map):
            return None
        with _named(self._folder):
            self._reserve(start, nbytes)
        self._used = start + nbytes
        return self._map[start : self._used]

    def _reserve(self, start: int, nbytes: int) -> None:
        """Have the disk give the room now: memory over a full one would end the process (SIGBUS) when written."""
        self._file.seek(start)
        for done in range(0, nbytes, len(ZEROS)):
            self._file.write(ZEROS[: nbytes - done])
        self._file.flush()


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    """Let an error of the system say where it was."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error
