"""What is printed, until it is written: in letters that the stream has, and quietly where nobody reads it any more."""

from __future__ import annotations

import io
import json
import os
import sys
from typing import Any, TextIO

from diffviz.cli.transliteration import TRANSLITERATE
from diffviz.domain.text import LANGUAGES, desktop_language

READER_GONE = 141  # 128 + SIGPIPE, what a shell says of a program that this signal ended
STANDARD = range(3)
REPLACED = frozenset({"strict", "surrogateescape", "backslashreplace"})


def prepare() -> None:
    """Make output and errors take any text: what their encoding lacks is transliterated, and a closed one is nowhere.

    Where a person chose another treatment of such characters (PYTHONIOENCODING=ascii:replace), that holds.
    """
    _fill_closed()
    for stream in _streams():
        if isinstance(stream, io.TextIOWrapper) and stream.errors in REPLACED:
            stream.reconfigure(errors=TRANSLITERATE)


def language() -> str:
    """The desktop's language where output and errors have its letters, else English."""
    wanted = desktop_language()
    return wanted if all(_has(stream, LANGUAGES[wanted]) for stream in _streams()) else "en"


def print_json(value: Any, indent: int | None = 2) -> None:
    """Print `value` as JSON in ASCII, which no encoding changes."""
    print(json.dumps(value, ensure_ascii=True, indent=indent))


def on_terminal() -> bool:
    """Whether a person watches the errors as they come."""
    return sys.stderr is not None and sys.stderr.isatty()


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


def _has(stream: TextIO, letters: str) -> bool:
    try:
        letters.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _fill_closed() -> None:
    """Open the null device in place of closed standard streams: else the next file that is opened becomes one."""
    for number in STANDARD:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def _to_nowhere(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
