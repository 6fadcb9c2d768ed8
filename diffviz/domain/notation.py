"""Symbols as plain text: combining marks stand over the letter before them, `_` begins a subscript (`x_t`,
`x_{t−1}`), and `√` takes the next letter or a pair of parentheses.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MARKS = "\u0302\u0303\u0304"
HAT, TILDE, BAR = tuple(MARKS)
TERM = re.compile(rf"(?P<root>√)|(?P<letter>[^\W\d_])(?P<mark>[{MARKS}])?|(?P<other>.)", re.DOTALL)
SUBSCRIPT = re.compile(r"_(\{([^}]*)\}|\w)")
SUBSCRIPTS = str.maketrans("0123456789t+−", "₀₁₂₃₄₅₆₇₈₉ₜ₊₋")


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


def parse(notation: str) -> tuple[Term | Root, ...]:
    """The terms of `notation`."""
    text = unicodedata.normalize("NFD", notation)
    terms: list[Term | Root] = []
    while text:
        term, text = _next(text)
        terms.append(term)
    return tuple(terms)


def plain(notation: str) -> str:
    """`notation` in one line of ordinary characters, with small digits where there are some: x̂₀, xₜ, √(1 − ᾱₜ)."""

    def small(match: re.Match[str]) -> str:
        inner = match.group(2) or match.group(1)
        return inner.translate(SUBSCRIPTS) if inner.isdigit() or inner == "t" else "_" + inner

    return unicodedata.normalize("NFC", SUBSCRIPT.sub(small, notation))


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
        term, rest = _next(text)
        return Root((term,)), rest
    inner, _, rest = text[1:].partition(")")
    return Root(parse(inner)), rest
