"""Answers that take long, given a part at a time, so that what else is asked has its turn in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from diffviz.domain.messages import Later, Query

MOST = 16


class IncrementalAnswer:
    """Goes on with a query each time it is asked again.

    Of queries that are never asked again, because newer ones took their place, the oldest are forgotten: more than
    `MOST` are not begun at a time.
    """

    def __init__(self) -> None:
        self._begun: dict[int, tuple[Query, Iterator[object]]] = {}

    def answer(self, query: Query, begin: Callable[[], Iterator[object]]) -> object:
        """The next of the parts that `begin` makes of `query`: a `Later` for each but the last, which is the answer."""
        _, parts = self._begun.pop(id(query), (query, None))
        parts = begin() if parts is None else parts
        part = next(parts)
        if isinstance(part, Later):
            while len(self._begun) >= MOST:
                self._begun.pop(next(iter(self._begun)))
            self._begun[id(query)] = query, parts  # kept with the query, whose id is its own as long as it lives
        return part
