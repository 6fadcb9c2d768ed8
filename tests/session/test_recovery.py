"""Recovery files: whenever the program crashes, what it has restored or computed is offered at the next start."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from diffviz.export import archive
from diffviz.session import recovery
from diffviz.session.persistence import Persistence
from diffviz.session.preferences import Preferences
from diffviz.session.recovery import left_behind
from diffviz.session.run import Run
from diffviz.session.session import Session
from tests.session.gates import Gate
from tests.session.test_close_guard import RUN
from tests.session.test_saving import computed, new_session


class Window:
    """What a window has of the program, with a session of its own; `recovery` is shared by all of them."""

    def __init__(self, folder: Path, *, cards: bool = True) -> None:
        self.folder = folder
        self.session: Session = new_session(cards=cards)
        self.kept = Persistence(self.session, folder / "recovery", Preferences(folder / "p.ini"))

    def offered_after_a_crash(self) -> list[Path]:
        """What a start would offer if the program ended at this moment: its locks are nobody's then."""
        copy = self.folder / "after"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder / "recovery", copy, ignore=shutil.ignore_patterns("*.lock"))
        return left_behind(copy)

    def end(self) -> list[Path]:
        """The program ends as it should; what the next start offers."""
        assert self.kept.close()
        self.session.close()
        return left_behind(self.folder / "recovery")


@pytest.fixture
def left(qapp: object, tmp_path: Path) -> Path:
    """The recovery file of a program that has ended."""
    first = Window(tmp_path)
    computed(first.session, RUN)
    [path] = first.end()
    return path.rename(path.with_name("20260101-000000-1.diffviz"))


@pytest.fixture
def window(left: Path, tmp_path: Path) -> Iterator[Window]:
    made = Window(tmp_path)
    yield made
    made.end()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate(monkeypatch)
    yield made
    made.open()


def restored(qtbot: QtBot, window: Window, path: Path) -> None:
    window.kept.restore(path)
    qtbot.waitUntil(lambda: window.kept.files.current is None)


def settled(qtbot: QtBot, window: Window) -> None:
    qtbot.waitUntil(lambda: window.kept.autosave.job is None)


def shutting(gate: Gate, adopt: Callable[..., Run]) -> Callable[..., Run]:
    """`adopt`, which shuts `gate` first."""

    def shut(*args: Any) -> Run:
        gate.shut()
        return adopt(*args)

    return shut


def test_a_second_crash_loses_nothing_whenever_it_comes(
    qtbot: QtBot, window: Window, left: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert window.offered_after_a_crash() != []
    window.kept.restore(left)
    assert [path.name for path in window.offered_after_a_crash()] == [left.name], "while it is read"
    monkeypatch.setattr(window.kept.files.session, "adopt", shutting(gate, window.session.adopt))
    gate.open()
    qtbot.waitUntil(lambda: len(window.session.runs) == 1)
    assert window.kept.autosave.job is not None, "it is kept anew at once"
    assert [path.name for path in window.offered_after_a_crash()] == [left.name], "while that is written"
    gate.open()
    settled(qtbot, window)
    assert [path.name for path in window.offered_after_a_crash()] == [window.kept.autosave.path.name]
    assert len(archive.read(window.kept.autosave.path).runs) == 1
    assert not left.exists(), "it is needed no more"


def test_no_other_window_offers_what_one_restores(qtbot: QtBot, window: Window, left: Path, gate: Gate) -> None:
    assert left_behind(left.parent) == [left]
    window.kept.restore(left)
    window.kept.restore(left)
    assert left_behind(left.parent) == []
    gate.open()
    settled(qtbot, window)
    qtbot.waitUntil(lambda: len(window.session.runs) == 1)


def test_a_write_that_fails_leaves_the_old_file_on_offer(qtbot: QtBot, window: Window, left: Path) -> None:
    window.kept.autosave.path.mkdir()
    restored(qtbot, window, left)
    settled(qtbot, window)
    assert window.kept.autosave.error is not None
    window.kept.autosave.path.rmdir()
    assert [path.name for path in window.offered_after_a_crash()] == [left.name]


def test_frames_that_take_too_much_to_keep_leave_the_old_file_on_offer(
    qtbot: QtBot, window: Window, left: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "MOST_BYTES", 10)
    restored(qtbot, window, left)
    settled(qtbot, window)
    assert left.name in [path.name for path in window.offered_after_a_crash()]


def test_a_file_of_which_a_run_could_not_come_stays_on_offer(qtbot: QtBot, left: Path, tmp_path: Path) -> None:
    window = Window(tmp_path, cards=False)  # the model is away, as on a disk that is not plugged in
    restored(qtbot, window, left)
    settled(qtbot, window)
    window.kept.autosave.save()
    settled(qtbot, window)
    assert left in window.end()


def test_what_was_saved_is_offered_no_more(qtbot: QtBot, window: Window, left: Path, tmp_path: Path) -> None:
    window.kept.autosave.path.mkdir()
    restored(qtbot, window, left)
    settled(qtbot, window)
    window.kept.autosave.path.rmdir()
    window.kept.files.save(tmp_path / "s.diffviz")
    qtbot.waitUntil(lambda: window.kept.files.current is None)
    assert window.offered_after_a_crash() == []


def test_what_was_given_up_is_offered_no_more(qtbot: QtBot, left: Path, tmp_path: Path) -> None:
    window = Window(tmp_path)
    restored(qtbot, window, left)
    settled(qtbot, window)
    window.kept.guard.discard()
    assert window.end() == []


@pytest.mark.parametrize("cards", [True, False])
def test_an_end_before_anything_was_restored_changes_nothing(
    qtbot: QtBot, left: Path, tmp_path: Path, *, cards: bool
) -> None:
    window = Window(tmp_path, cards=cards)
    if cards:
        window.kept.restore(left)
        window.kept.files.cancel()
        qtbot.waitUntil(lambda: window.kept.files.current is None)
    else:
        restored(qtbot, window, left)
    assert window.session.runs == []
    assert window.end() == [left]


def test_a_file_that_is_none_is_kept_until_somebody_answers_for_it(qtbot: QtBot, window: Window, left: Path) -> None:
    left.write_bytes(b"no archive")
    restored(qtbot, window, left)
    assert [path.name for path in window.offered_after_a_crash()] == [left.name]
    recovery.forget(left)
    assert window.offered_after_a_crash() == []
