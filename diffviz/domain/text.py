"""Text for people: translation, and symbols as plain text.

Translation of everything a person reads.

`tr` looks a literal English sentence up in the current catalogue. `mark` only marks a literal for extraction: it is for
text that is declared once (labels, help) and translated each time it is shown.

Symbols as plain text: combining marks stand over the letter before them, `_` begins a subscript (`x_t`,
`x_{t−1}`), and `√` takes the next letter or a pair of parentheses.
"""

from __future__ import annotations

import gettext
import html
import locale
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from diffviz import paths

DOMAIN = "diffviz"
LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "ko": "한국어"})

_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def tr(text: str) -> str:
    """`text` in the current language; English text is its own key."""
    return _current.gettext(text) if text else text


def trn(one: str, many: str, n: int) -> str:
    """`one` or `many` as the current language counts `n`."""
    return _current.ngettext(one, many, n)


def mark(text: str) -> str:
    """`text` itself, marked for extraction and translated later by `tr`."""
    return text


def language() -> str:
    """Code of the language in force, a key of `LANGUAGES`."""
    return _language


def set_language(code: str) -> None:
    """Switch to `code`, a key of `LANGUAGES`. Raises ValueError for another."""
    global _current, _language
    if code not in LANGUAGES:
        raise ValueError(f"unknown language {code!r}; one of {', '.join(LANGUAGES)}")
    folder = paths.resources() / "translations"
    _current = gettext.translation(DOMAIN, folder, [code], fallback=True)
    _language = code


CALLED = MappingProxyType({"korean": "ko", "english": "en", "c": "en", "posix": "en"})
"""What systems call languages otherwise; without a locale programs speak as they were written."""
ENGLISH = ("C", "POSIX")


def desktop_language(system: Sequence[str] = ()) -> str:
    """The desktop's language where it is offered, else English.

    The environment is read as by GNU gettext, whether the locale that it names was generated or not: the first of
    LC_ALL, LC_MESSAGES and LANG that is set; unless that is C or POSIX, the list LANGUAGE goes before it, the language
    wanted most first. Where it says nothing, `system` holds: codes of languages in the same order.
    """
    wanted = _environment() or system or [locale.getlocale()[0] or "en"]
    return next((code for code in map(_code, wanted) if code in LANGUAGES), "en")


def _environment() -> list[str]:
    """Languages that the environment asks for, the one wanted most first; empty where it does not say."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = [value for name in names if (value := os.environ.get(name))][:1]
    if chosen and chosen[0].partition(".")[0] in ENGLISH:
        return chosen
    return [value for value in os.environ.get("LANGUAGE", "").split(":") if value] or chosen


def _code(name: str) -> str:
    """Code of the language of a locale: `ko` of `ko_KR.UTF-8`, `ko-KR` and `Korean_Korea.949`."""
    code = re.split(r"[_.@-]", name, maxsplit=1)[0].lower()
    return CALLED.get(code, code)


MARKS = "\u0302\u0303\u0304"
HAT, TILDE, BAR = tuple(MARKS)
TERM = re.compile(
    rf"(?P<root>√)|(?P<letter>[^\W\d_])(?P<mark>[{MARKS}])?|(?P<other>(?:(?:[^\w√]|\d)(?!_))+|.)", re.DOTALL
)
SUBSCRIPT = re.compile(r"_(\{([^}]*)\}|\w)")
UNMARKED = re.compile(rf"(?<=[{MARKS}])(\d)")
LETTERS, SMALL = "0123456789t+−", "₀₁₂₃₄₅₆₇₈₉ₜ₊₋"
SUBSCRIPTS, LARGE = str.maketrans(LETTERS, SMALL), str.maketrans(SMALL, LETTERS)
SYLLABLE = re.compile("[\u1100-\u11ff]+")
"""Parts of Korean syllables, which are not letters with marks."""
SMALL_ONES = re.compile(f"[{SMALL}]+")
KEPT = 1024


@dataclass(frozen=True, slots=True)
class Term:
    """Letters with an optional mark above and a subscript."""

    text: str
    mark: str = ""
    subscript: str = ""


@dataclass(frozen=True, slots=True)
class Root:
    """A square root over terms."""

    terms: tuple[Term | Root, ...]


@lru_cache(maxsize=KEPT)
def parse(notation: str) -> tuple[Term | Root, ...]:
    """The terms of `notation`: a letter each, with what belongs to it; what stands between letters is one term."""
    text = SYLLABLE.sub(lambda m: unicodedata.normalize("NFC", m.group()), unicodedata.normalize("NFD", notation))
    terms: list[Term | Root] = []
    while text:
        term, text = _next(text)
        terms.append(term)
    return tuple(terms)


@lru_cache(maxsize=KEPT)
def plain(notation: str) -> str:
    """`notation` in one line of ordinary characters, with small letters where there are some: x̂₀, xₜ, xₜ₋₁, √(1 − ᾱₜ).

    There is no small T: what is written of x_T has to be in words, or `rich`. A word stands beside its letter where the
    two cannot be read as one: σmax, but d_real.
    """

    def small(match: re.Match[str]) -> str:
        inner = match.group(2) or match.group(1)
        if set(inner) <= set(LETTERS):
            return inner.translate(SUBSCRIPTS)
        apart = not match.string[: match.start()][-1:].isascii()
        return inner if apart and len(inner) > 1 and inner.isalpha() else "_" + inner

    return unicodedata.normalize("NFC", SUBSCRIPT.sub(small, _decomposed(notation)))


def rich(text: str) -> str:
    """`text` as rich text for labels and tooltips, with true subscripts for `_` and for small letters."""
    escaped = html.escape(_decomposed(text), quote=False)
    lowered = SUBSCRIPT.sub(lambda m: f"<sub>{m.group(2) or m.group(1)}</sub>", escaped)
    lowered = SMALL_ONES.sub(lambda m: f"<sub>{m.group().translate(LARGE)}</sub>", lowered)
    return f"<span>{unicodedata.normalize('NFC', lowered)}</span>"


def _decomposed(text: str) -> str:
    """Marks apart from their letters; a digit right after a mark is a subscript even without `_`: x̂0."""
    return UNMARKED.sub(r"_\1", unicodedata.normalize("NFD", text))


def _next(text: str) -> tuple[Term | Root, str]:
    match = TERM.match(text)
    assert match
    rest = text[match.end() :]
    if match["root"]:
        return _root(rest)
    subscript = SUBSCRIPT.match(rest)
    rest = rest[subscript.end() :] if subscript else rest
    inner = (subscript[2] or subscript[1]) if subscript else ""
    return Term(match["letter"] or match["other"], match["mark"] or "", inner), rest


def _root(text: str) -> tuple[Root, str]:
    if not text.startswith("("):
        term, rest = _next(text) if text[:1].isalpha() else (Term(text[:1]), text[1:])
        return Root((term,)), rest
    inner, _, rest = text[1:].partition(")")
    return Root(parse(inner)), rest
