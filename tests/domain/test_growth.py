"""What grows with a run: rows and looks at sequences that take the same time however much there is."""

from __future__ import annotations

import numpy as np
import pytest

from diffviz.domain.arrays import Chain, Part, nearest_index
from diffviz.domain.plots import Rows
from diffviz.domain.requests import Plan


def test_a_look_at_rows_stays_as_it_is_while_more_come() -> None:
    rows, looks = Rows(2), []
    for n in range(300):
        rows.extend([(n, -n)])
        looks.append(rows.values)
    rows.extend(np.empty((0, 2)))
    assert [len(look) for look in looks] == list(range(1, 301))
    assert all(look[-1].tolist() == [n, -n] for n, look in enumerate(looks))
    assert len(rows) == 300
    with pytest.raises(ValueError, match="read-only"):
        looks[-1][0, 0] = 1


@pytest.mark.parametrize("backwards", [False, True])
def test_a_part_is_a_slice_that_does_not_copy(backwards: bool) -> None:
    whole = list(range(10))
    part, wanted = Part(whole, 2, 7, backwards=backwards), whole[2:7][:: -1 if backwards else 1]
    whole.append(10)
    assert list(part) == wanted
    assert len(part) == 5
    assert (part[0], part[-1], part[1:4], part[::2]) == (wanted[0], wanted[-1], wanted[1:4], wanted[::2])
    assert part[-100:] == wanted
    for outside in (5, -6):
        with pytest.raises(IndexError):
            part[outside]
    assert len(Part(whole, 5, 3)) == 0


def test_a_chain_is_its_parts_one_after_the_other() -> None:
    chain = Chain(([], [1, 2], Part([9, 3, 4], 1, 3), [5]))
    assert list(chain) == [1, 2, 3, 4, 5]
    assert (chain[-1], chain[2], chain[1:4]) == (5, 3, [2, 3, 4])
    with pytest.raises(IndexError):
        chain[5]


@pytest.mark.parametrize(("position", "index"), [(-5.0, 0), (0.4, 0), (0.5, 1), (0.6, 1), (9.0, 2)])
def test_the_nearest_of_two_as_near_is_the_larger(position: float, index: int) -> None:
    assert nearest_index((0.0, 1.0, 2.0), position) == index


@pytest.mark.parametrize("backwards", [False, True])
def test_the_nearest_of_a_part_is_that_of_the_same_numbers_in_a_list(backwards: bool) -> None:
    ascending = [0.0, 1.0, 1.0, 2.5, 4.0, 4.0, 7.0]
    part = Part(ascending[::-1] if backwards else ascending, 1, 6, backwards=backwards)
    for position in np.arange(-1.0, 9.0, 0.25):
        assert nearest_index(part, position) == nearest_index(list(part), position)


@pytest.mark.parametrize("positions", [(0.0, 1.0, 2.5), (2.5, 1.0, 0.0), (1.0,)])
def test_what_is_planned_below_a_position(positions: tuple[float, ...]) -> None:
    plan = Plan(0.0, 3.0, positions, 0, 0)
    for at in (-1.0, 0.0, 0.5, 1.0, 2.0, 2.5, 9.0):
        assert plan.below(at) == max((position for position in positions if position < at), default=None)
