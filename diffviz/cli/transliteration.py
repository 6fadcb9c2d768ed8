"""Transliteration: characters that an encoding lacks, written with letters that every encoding has."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

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
