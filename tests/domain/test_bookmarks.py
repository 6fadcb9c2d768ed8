"""Bookmarks and ranges as data: in order, one to a place, no more than there may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diffviz.domain import bookmarks
from diffviz.domain.bookmarks import MOST, Bookmark, Span

POSITIONS = st.lists(st.floats(0, 100), max_size=12)


@given(POSITIONS)
def test_setting_and_removing_keeps_them_in_order_and_apart(positions: list[float]) -> None:
    kept: bookmarks.Bookmarks = ()
    for position in positions:
        there = any(each.position == position for each in kept)
        kept = bookmarks.toggled(kept, position)
        assert any(each.position == position for each in kept) != there
        assert [each.position for each in kept] == sorted({each.position for each in kept})


def test_names_stay_with_their_place_and_are_one_line() -> None:
    kept = bookmarks.renamed((Bookmark(1.0), Bookmark(2.0)), 2.0, "  here\nit\tturns ")
    assert kept == (Bookmark(1.0), Bookmark(2.0, "hereitturns"))
    assert len(bookmarks.renamed(kept, 1.0, "x" * 500)[0].name) == bookmarks.LONGEST_NAME


def test_the_next_one_lies_beyond_the_cursor() -> None:
    kept = tuple(map(Bookmark, (10.0, 20.0, 30.0)))
    assert bookmarks.beyond(kept, 20.0, 1) == Bookmark(30.0)
    assert bookmarks.beyond(kept, 20.0, -1) == Bookmark(10.0)
    assert bookmarks.beyond(kept, 15.0, 1) == Bookmark(20.0)
    assert bookmarks.beyond(kept, 30.0, 1) is None
    assert bookmarks.beyond(kept, 10.0, -1) is None


def test_of_a_strangers_bookmarks_those_stay_that_the_axis_can_have() -> None:
    many = [Bookmark(float(n)) for n in range(1000)] + [Bookmark(-1.0), Bookmark(5.0, "again")]
    kept = bookmarks.fitting(many, 0.0, 600.0)
    assert len(kept) == MOST
    assert kept[5] == Bookmark(5.0, "again")
    assert bookmarks.toggled(kept, 599.5) == kept, "there is no room for one more"
    assert len(bookmarks.toggled(kept, 5.0)) == MOST - 1


def test_a_range_lies_between_frames_in_whatever_order_it_was_dragged() -> None:
    frames = [0.0, 10.0, 20.0, 30.0]
    assert bookmarks.span_over(frames, 27.0, 8.0) == Span(10.0, 30.0)
    assert bookmarks.span_over(frames, 11.0, 12.0) is None
    assert bookmarks.span_over([], 1.0, 2.0) is None


def test_one_end_is_set_at_a_time() -> None:
    ends = Span(0.0, 100.0)
    assert bookmarks.bounded(None, ends, 40.0, high=False) == Span(40.0, 100.0)
    assert bookmarks.bounded(Span(40.0, 60.0), ends, 80.0, high=True) == Span(40.0, 80.0)
    assert bookmarks.bounded(Span(40.0, 60.0), ends, 20.0, high=True) == Span(0.0, 20.0), "the other end makes way"
    assert bookmarks.bounded(None, ends, 0.0, high=True) is None


def test_what_a_range_holds_of_frames() -> None:
    chosen = Span(10.0, 30.0)
    assert chosen.of([0.0, 10.0, 20.0, 30.0, 40.0]) == (10.0, 30.0)
    assert chosen.of([0.0, 15.0, 40.0]) is None, "one frame cannot be played"
    assert chosen.holds(10.0)
    assert not chosen.holds(30.1)
