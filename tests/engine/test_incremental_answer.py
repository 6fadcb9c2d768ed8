"""Long answers in turn with others."""

from collections.abc import Iterator
from functools import partial

import pytest

from diffviz.domain.messages import Later, Query
from diffviz.engine.device_context import MOST, IncrementalAnswer


class Asked(Query):
    """Something that takes three parts."""


def count(begun: list[int], answer: str) -> Iterator[object]:
    begun.append(1)
    yield Later()
    yield Later()
    yield answer


def test_queries_that_are_asked_in_turn_all_come_to_their_end() -> None:
    parts, begun, waiting = IncrementalAnswer(), list[int](), {name: Asked() for name in "abcde"}
    found = {}
    for _ in range(3):
        for name, query in waiting.items():
            found[name] = parts.answer(query, partial(count, begun, name))
    assert found == {name: name for name in "abcde"}
    assert len(begun) == 5


def test_it_begins_anew_after_the_answer_and_after_an_error() -> None:
    parts, begun, query = IncrementalAnswer(), list[int](), Asked()
    assert [parts.answer(query, lambda: count(begun, "x")) for _ in range(6)][2::3] == ["x", "x"]
    assert len(begun) == 2

    def broken() -> Iterator[object]:
        yield Later()
        raise ArithmeticError

    parts.answer(query, broken)
    with pytest.raises(ArithmeticError):
        parts.answer(query, broken)
    assert isinstance(parts.answer(query, broken), Later)


def test_what_is_never_asked_again_is_forgotten() -> None:
    parts, begun, first = IncrementalAnswer(), list[int](), Asked()
    parts.answer(first, lambda: count(begun, "x"))
    others = [Asked() for _ in range(MOST)]
    for query in others:
        parts.answer(query, lambda: count(begun, "x"))
    parts.answer(others[-1], lambda: count(begun, "x"))
    assert len(begun) == 1 + MOST
    parts.answer(first, lambda: count(begun, "x"))
    assert len(begun) == 2 + MOST
