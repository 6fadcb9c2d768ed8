"""What a person marks on the axis of runs: frames to come back to, and the range that is played and exported.

Positions are those of a run's own axis. Bookmarks are kept in session files, at most `MOST` of a run.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from diffviz.domain.arrays import nearest_index

MOST = 256
LONGEST_NAME = 120
"""Of a bookmark, and of a run that is kept with its bookmarks."""
STOP, LOOP, SWING = ENDINGS = "stop", "loop", "swing"
"""What playing does at the end of the range: it stops, begins again, or turns."""


@dataclass(frozen=True, slots=True, order=True)
class Bookmark:
    """A frame to come back to: its `position`, and what a person calls it, empty where nobody has named it."""

    position: float
    name: str = ""


Bookmarks = tuple[Bookmark, ...]
"""Ascending, no two at one position."""


def toggled(bookmarks: Bookmarks, position: float) -> Bookmarks:
    """`bookmarks` with one at `position`, or without the one that is there; unchanged where there are `MOST`."""
    kept = without(bookmarks, position)
    if kept != bookmarks or len(bookmarks) >= MOST:
        return kept
    return tuple(sorted((*bookmarks, Bookmark(position))))


def without(bookmarks: Bookmarks, position: float) -> Bookmarks:
    """`bookmarks` without the one at `position`."""
    return tuple(each for each in bookmarks if each.position != position)


def renamed(bookmarks: Bookmarks, position: float, name: str) -> Bookmarks:
    """`bookmarks` with the one at `position` called `name`, a line of at most `LONGEST_NAME` characters."""
    called = "".join(filter(str.isprintable, name)).strip()[:LONGEST_NAME]
    return tuple(replace(each, name=called) if each.position == position else each for each in bookmarks)


def beyond(bookmarks: Bookmarks, position: float, by: int) -> Bookmark | None:
    """The first of `bookmarks` above `position` (`by` > 0) or below it; None where there is none."""
    at = [each.position for each in bookmarks]
    index = bisect_right(at, position) if by > 0 else bisect_left(at, position) - 1
    return bookmarks[index] if 0 <= index < len(bookmarks) else None


def fitting(bookmarks: Iterable[Bookmark], low: float, high: float) -> Bookmarks:
    """Those of `bookmarks`, of whom a stranger may have made them, that an axis from `low` to `high` can have."""
    found = {each.position: each for each in bookmarks if low <= each.position <= high}
    return tuple(sorted(found.values())[:MOST])


@dataclass(frozen=True, slots=True)
class Span:
    """From `low` to `high` on an axis, both included, `low` < `high`."""

    low: float
    high: float

    def holds(self, position: float) -> bool:
        """Whether `position` is in it."""
        return self.low <= position <= self.high

    def of(self, positions: Sequence[float]) -> tuple[float, float] | None:
        """The first and the last of the ascending `positions` that it holds; None where these are not two."""
        first, last = bisect_left(positions, self.low), bisect_right(positions, self.high) - 1
        return (positions[first], positions[last]) if first < last else None


def span(one: float, other: float) -> Span | None:
    """What lies between two positions in any order; None where they are one."""
    low, high = min(one, other), max(one, other)
    return Span(low, high) if low < high and math.isfinite(high - low) else None


def span_over(positions: Sequence[float], one: float, other: float) -> Span | None:
    """The range between the two of the ascending `positions` that are nearest to `one` and `other`."""
    if not len(positions):
        return None
    return span(*(positions[nearest_index(positions, each)] for each in (one, other)))


def bounded(before: Span | None, ends: Span, at: float, *, high: bool) -> Span | None:
    """The range `before`, or the whole axis between `ends`, that now ends at `at`, or, not `high`, begins there.

    Where its other end would lie beyond `at`, that is the axis's; None where nothing is left.
    """
    known = before or ends
    if high:
        return span(known.low if known.low < at else ends.low, at)
    return span(at, known.high if known.high > at else ends.high)
