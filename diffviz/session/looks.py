"""Looks: what each lab shows beside its runs, as plain data that session files keep and any window can take.

Every view that people leave in a state of its own is `Looking`, and stands in the look of what it is a part of under a
name; names that are not known are passed over. A look may come from a stranger's file, or from a window of another
size, language or version: whoever takes one asks for each value by `flag`, `number`, `indices` or the like, which give
None for anything that it cannot be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from diffviz.domain.bookmarks import Span, span
from diffviz.domain.errors import DiffvizError
from diffviz.domain.provenance import located, missing, record_of
from diffviz.domain.requests import Request
from diffviz.export.archive import SavedLab, SavedRange
from diffviz.session.run import Run
from diffviz.session.session import Session

Look = Mapping[str, Any]
MOST_WORDS, MOST_LETTERS = 256, 1024


class Looking(Protocol):
    """A view, or a control, in a state that people chose."""

    def look(self) -> Look:
        """That state as plain data."""

    def take_look(self, look: Look) -> None:
        """Be in the state `look` again, as far as that can be; what it does not say stays."""


def look_of(parts: Mapping[str, Looking]) -> dict[str, Any]:
    """The looks of `parts` by their names."""
    return {name: part.look() for name, part in parts.items()}


def show_look(parts: Mapping[str, Looking], look: Look) -> None:
    """Let each of `parts` take what `look` says of it."""
    for name, part in parts.items():
        if within(look, name):
            part.take_look(within(look, name))


@dataclass(frozen=True, slots=True, eq=False)
class LabLook:
    """What one lab shows: its run and the cursor on it, the chosen model, the requests in its forms, and its `look`."""

    run: Run | None
    cursor: float = 0.0
    model: str = ""
    forms: tuple[Request, ...] = ()
    look: Look = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class WindowLook:
    """The looks of labs by name, and which of them is shown."""

    labs: Mapping[str, LabLook] = field(default_factory=dict)
    shown: str = ""


NOTHING_SEEN = WindowLook()
Looked = Callable[[], WindowLook]
"""Asks a window what it shows."""


def saved_labs(seen: WindowLook, session: Session, numbers: Mapping[int, int]) -> dict[str, SavedLab]:
    """`seen` as a file holds it; `numbers` are those of runs there, by id."""
    return {name: _saved(lab, session, numbers) for name, lab in seen.labs.items()}


def _saved(lab: LabLook, session: Session, numbers: Mapping[int, int]) -> SavedLab:
    forms = tuple(record_of(each, session.images, session.cards) for each in lab.forms)
    run = numbers.get(lab.run.id) if lab.run is not None else None
    return SavedLab(run, lab.cursor, lab.model, forms, lab.look)


def opened_labs(labs: Mapping[str, SavedLab], shown: str, session: Session, made: Mapping[int, Run]) -> WindowLook:
    """What a file says of labs, as far as it can be had here; `made` are its runs by number."""
    return WindowLook({name: _opened(lab, session, made) for name, lab in labs.items()}, shown)


def _opened(lab: SavedLab, session: Session, made: Mapping[int, Run]) -> LabLook:
    run = made.get(lab.run) if lab.run is not None else None
    forms = []
    for record in lab.forms:
        record = located(record, session.offered)
        if missing(record, session.offered):
            continue
        try:
            session.plan(record.request)
        except DiffvizError:
            continue
        for pixels in record.images.values():
            session.add_image(pixels)
        forms.append(record.request)
    return LabLook(run, lab.cursor, lab.model, tuple(forms), lab.look)


def saved_ranges(session: Session) -> tuple[SavedRange, ...]:
    """The ranges that are chosen, by the axes that they are of."""
    found = session.places.ranges
    return tuple(SavedRange(*axis, chosen.low, chosen.high) for axis, chosen in found.items())


def opened_range(saved: SavedRange) -> tuple[tuple[str, float, float], Span | None]:
    """The axis and the range on it; a range ends where its axis does."""
    low, high = (min(max(end, saved.low), saved.high) for end in (saved.begin, saved.end))
    return (saved.lab, saved.low, saved.high), span(low, high)


def flag(look: Look, key: str) -> bool | None:
    """Whether something is on."""
    value = look.get(key)
    return value if isinstance(value, bool) else None


def word(look: Look, key: str, known: Collection[str]) -> str | None:
    """One of the `known` words."""
    value = look.get(key)
    return value if isinstance(value, str) and value in known else None


def number(look: Look, key: str, low: float, high: float) -> float | None:
    """A number between `low` and `high`."""
    value = look.get(key)
    return float(value) if value is not None and _finite(value) and low <= value <= high else None


def numbers(look: Look, key: str, count: int) -> tuple[float, ...] | None:
    """`count` numbers."""
    value = look.get(key)
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != count:
        return None
    return tuple(map(float, value)) if all(map(_finite, value)) else None


def indices(look: Look, key: str, count: int) -> tuple[int, ...] | None:
    """Numbers of some of `count` things, each once, in their order."""
    value = look.get(key)
    if not isinstance(value, list | tuple) or len(value) > count:
        return None
    whole = all(type(each) is int and 0 <= each < count for each in value)
    return tuple(dict.fromkeys(value)) if whole else None


def words(look: Look, key: str) -> tuple[str, ...] | None:
    """Words, a few of them."""
    value = look.get(key)
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        return None
    return tuple(value) if len(value) <= MOST_WORDS else None


def text(look: Look, key: str) -> str | None:
    """A text that is not long."""
    value = look.get(key)
    return value if isinstance(value, str) and len(value) <= MOST_LETTERS else None


def within(look: Look, key: str) -> Look:
    """The look of a part; empty where there is none."""
    value = look.get(key)
    return value if isinstance(value, Mapping) else {}


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 and math.isfinite(value)
