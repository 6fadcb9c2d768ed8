"""What is printed, until it is written: in letters that the stream has, and quietly where nobody reads it any more.

Transliteration: characters that an encoding lacks, written with letters that every encoding has.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TextIO

from diffviz.domain.text import LANGUAGES, desktop_language

TRANSLITERATE = "diffviz.transliterate"
OWN: Mapping[str, str] = MappingProxyType(
    {
        "ε": "eps",
        "\u0302": "_hat",
        "\u0303": "_tilde",
        "\u0304": "_bar",
        "−": "-",
        "–": "-",
        "—": "--",
        "·": "-",
        "…": "...",
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "«": '"',
        "»": '"',
        "×": "x",
        "±": "+-",
        "∓": "-+",
        "√": "sqrt ",
        "∂": "d",
        "∇": "grad ",
        "∫": "integral ",
        "‖": "||",
        "′": "'",
        "⌊": "floor(",
        "⌋": ")",
        "⁄": "/",
        "≤": "<=",
        "≥": ">=",
        "≈": "~",
        "≠": "!=",
        "∞": "inf",
        "→": "->",
        "⟶": "->",
        "←": "<-",
        "✓": "ok",
        "✗": "no",
        "⚠": "!",
    }
)
GREEK = "GREEK SMALL LETTER ", "GREEK CAPITAL LETTER "
MARKS: Mapping[str, str] = MappingProxyType({"<sub>": "_", "<super>": "^"})
ESCAPED_BYTES = range(0xDC80, 0xDD00)


def transliterated(text: str) -> str:
    """`text` in ASCII: ᾱ_t is alpha_bar_t, x̂₀ is x_hat_0; what has no such name is its number, as in \\ud55c."""
    return "".join(character if character.isascii() else _letters(character) for character in text)


def _letters(character: str) -> str:
    """ASCII for one character that is none."""
    return OWN.get(character) or _greek(character) or _parts(character) or _number(character)


def _greek(character: str) -> str:
    """The name of a Greek letter, with its macron: "alpha_bar"."""
    name = unicodedata.name(character, "")
    start = next((start for start in GREEK if name.startswith(start)), "")
    letter, _with, mark = name.removeprefix(start).partition(" WITH ")
    if not start or mark not in ("", "MACRON"):
        return ""
    cased = letter.lower() if start == GREEK[0] else letter.capitalize()
    return cased.replace("lamda", "lambda") + ("_bar" if mark else "")


def _parts(character: str) -> str:
    """A letter without its accents, an index or a power as it is typed; empty where the parts are not ASCII either."""
    kind, _, _ = unicodedata.decomposition(character).partition(" ")
    parts = [p for p in unicodedata.normalize("NFKD", character) if not unicodedata.combining(p)]
    text = MARKS.get(kind, "") + "".join(OWN.get(p, p) for p in parts)
    return text if text.isascii() and text != character else ""


def _number(character: str) -> str:
    code = ord(character)
    if code in ESCAPED_BYTES:
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("ascii", "backslashreplace").decode("ascii")


def _on_error(error: UnicodeError) -> tuple[str | bytes, int]:
    """What to write in place of the characters that `error` is about.

    Bytes of a file name that were no text stay the bytes they are where the encoding knows of ASCII alone: all that is
    typed on such a machine comes in that way.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    if codecs.lookup(error.encoding).name == "ascii" and all(ord(c) in ESCAPED_BYTES for c in lacking):
        return lacking.encode("ascii", "surrogateescape"), error.end
    return transliterated(lacking), error.end


codecs.register_error(TRANSLITERATE, _on_error)


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
