"""Table of requests, each once and behind the one that it continues: what a long line of runs is stored as.

A row is a request as JSON, with the number of the row that it continues where else that request itself would stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diffviz.domain.requests import Request, Step
from diffviz.domain.serialization import encode
from diffviz.domain.tagged import from_json, linked
from diffviz.domain.text import mark


class RequestTable:
    """Rows of requests; `number` adds what is missing."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._known: dict[str, int] = {}
        self._numbers: dict[int, tuple[int, Request]] = {}

    def number(self, request: Request) -> int:
        """The row of `request`."""
        line: list[Request] = [request]
        while id(line[-1]) not in self._numbers and isinstance(start := line[-1].start, Step):
            line.append(start.of)
        number: int | None = None
        for each in reversed(line):
            number = self._row(each, number)
        assert number is not None
        return number

    def _row(self, request: Request, of: int | None) -> int:
        if id(request) not in self._numbers:
            row = linked(request, of)
            number = self._known.setdefault(encode(row), len(self.rows))
            if number == len(self.rows):
                self.rows.append(row)
            self._numbers[id(request)] = number, request  # kept, so that nothing else gets its id
        return self._numbers[id(request)][0]


def requests_in(rows: Sequence[Any]) -> tuple[Request, ...]:
    """The requests of `rows`. Raises ValueError where one continues a row that comes later, or is no request."""
    found: list[Request] = []
    for row in rows:
        start = row.get("start") if isinstance(row, dict) else None
        if isinstance(start, dict) and type(start.get("of")) is int:
            row = {**row, "start": {**start, "of": request_at(found, start["of"])}}
        request = from_json(row)
        if not isinstance(request, Request):
            raise ValueError(mark("there is no request in it"))
        found.append(request)
    return tuple(found)


def request_at(found: Sequence[Request], number: int) -> Request:
    """Request `number` of `found`. Raises ValueError where there is none."""
    if not 0 <= number < len(found):
        raise ValueError(mark("a run in it continues one that comes later"))
    return found[number]
