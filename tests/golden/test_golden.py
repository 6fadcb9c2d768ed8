"""The screens look as they were recorded, and a comparison sees what a person would."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from diffviz.domain.arrays import U8
from tests.golden import KEPT, pictures
from tests.golden.__main__ import taken
from tests.golden.screens import GROUPS, TABLE, screens_of

FAILED = Path(__file__).parent.parent.parent / "build" / "golden"
"""Where the pictures of screens that look different are put."""
SAME = "unmade"
CASES = [  # those for every change, and all where there are more
    pytest.param(group, slow, marks=pytest.mark.slow if slow else ())
    for group in GROUPS
    for slow in (False, True)
    if screens_of(group, slow=slow) != (screens_of(group, slow=False) if slow else [])
]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems draw letters in their own way")
@pytest.mark.parametrize(("group", "slow"), CASES)
def test_the_screens_look_as_they_were_recorded(group: str, slow: bool, tmp_path: Path) -> None:
    folder = taken(group, tmp_path, slow=slow)
    wrong = []
    for screen in screens_of(group, slow=slow):
        now, before = pictures.read(folder / f"{screen.name}.png"), pictures.read(KEPT / f"{screen.name}.png")
        wrong += [f"{screen.name}: {why}" for why in [_kept(screen.name, now, before)] if why]
        for change in screen.changes:
            changed = pictures.read(folder / f"{screen.name}.{change}.png")
            seen = bool(pictures.compare(changed, now).why)
            assert seen != (change == SAME), f"{change}: seen {seen}"
    assert not wrong, f"see {FAILED}, and record what is meant by `python -m tests.golden --record NAME`: {wrong}"


def _kept(name: str, now: U8, before: U8) -> str:
    """Why the screen `name` is not as it was; its picture and what differs are then put into `FAILED`."""
    difference = pictures.compare(now, before)
    new, marked = FAILED / f"{name}.png", FAILED / f"{name}.difference.png"
    for path in (new, marked):
        path.unlink(missing_ok=True)
    if difference.why:
        FAILED.mkdir(parents=True, exist_ok=True)
        pictures.write(now, new)
        pictures.write(pictures.marked(now, difference), marked)
    return difference.why


def test_every_picture_belongs_to_a_row_and_is_small() -> None:
    kept = {path.stem: path.stat().st_size for path in KEPT.glob("*.png")}
    assert sorted(kept) == sorted(screen.name for screen in TABLE)
    assert sum(kept.values()) < 5_000_000
    assert max(kept.values()) < 400_000


SCREEN = np.full((200, 300, 3), 40, np.uint8)


def bar(left: int, colour: int = 90) -> U8:
    """A screen with a small bar whose left end is at `left`."""
    screen = SCREEN.copy()
    screen[80:100, left : left + 40] = colour
    return screen


def test_what_another_processor_draws_is_the_same() -> None:
    noise = np.random.default_rng(0).integers(-2, 3, SCREEN.shape)
    now = (bar(50) + noise).astype(np.uint8)
    assert not pictures.compare(now, bar(50)).why
    assert not pictures.compare(now, pictures.rounded(bar(50))).why
    one = bar(50)
    one[80:90, 50] = 60  # an edge that is smoothed in another way
    assert not pictures.compare(one, bar(50)).why


@pytest.mark.parametrize(
    "now", [bar(52), bar(51), SCREEN, bar(50, 80), bar(50)[:-1]], ids=["two", "one", "gone", "colour", "size"]
)
def test_what_moved_went_or_changed_its_colour_is_another_picture(now: U8) -> None:
    assert pictures.compare(now, bar(50)).why


def test_what_differs_is_marked(tmp_path: Path) -> None:
    difference = pictures.compare(bar(52), bar(50))
    shown = pictures.marked(bar(52), difference)
    red = (shown == (255, 40, 40)).all(axis=2)
    assert red.sum() == 2 * 2 * 20
    assert np.flatnonzero(red.any(axis=0)).tolist() == [50, 51, 90, 91]
    pictures.write(shown, tmp_path / "shown.png")
    assert (pictures.read(tmp_path / "shown.png") == shown).all()
