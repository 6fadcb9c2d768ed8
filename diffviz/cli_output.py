"""What is printed, until it is written: a reader that has gone away ends a command as quietly as other programs."""

from __future__ import annotations

import os
import sys
from typing import TextIO

READER_GONE = 141  # 128 + SIGPIPE, what a shell says of a program that this signal ended


def write_out() -> None:
    """Write what was printed. Raises what keeps it from being written, which then is not tried again.

    When the interpreter ends it would write it too, but nobody could catch the error any more.
    """
    for stream in _streams():
        try:
            stream.flush()
        except OSError:
            _to_nowhere(stream)
            raise


def silence() -> None:
    """Whatever is still to be written goes nowhere: see "Note on SIGPIPE" in the documentation of `signal`."""
    for stream in _streams():
        _to_nowhere(stream)


def _streams() -> list[TextIO]:
    """Output and errors; a stream that was closed before the program began is None."""
    streams: tuple[TextIO | None, ...] = (sys.stdout, sys.stderr)
    return [stream for stream in streams if stream is not None]


def _to_nowhere(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
