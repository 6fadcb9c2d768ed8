"""The close guard, without a window: in whatever order things come, nothing unsaved is lost without a question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.messages import FramesReady
from diffviz.domain.requests import ReverseRequest
from diffviz.export import archive
from diffviz.session import recovery
from diffviz.session.persistence import CloseGuard, Persistence, Stage
from diffviz.session.preferences import Preferences
from diffviz.session.recovery import left_behind
from diffviz.session.session import Session
from tests.export.runs import reverse_run
from tests.session.gates import Gate
from tests.session.test_saving import computed, filled, new_session

RUN = ReverseRequest(model="toy", steps=5, samples=2)


class Bench:
    """A session with all that keeps it; `said` has what the guard emitted."""

    def __init__(self, folder: Path) -> None:
        self.session: Session = new_session()
        self.preferences = Preferences(folder / "p.ini")
        self.kept = Persistence(self.session, folder / "recovery", self.preferences)
        self.file = folder / "s.diffviz"
        self.said: list[str] = []
        self._ended = False
        self.guard.question.connect(self._on_question)
        self.guard.granted.connect(self._on_granted)

    @property
    def guard(self) -> CloseGuard:
        return self.kept.guard

    def end(self) -> list[Path]:
        """The program ends; the files that the next start would offer."""
        if not self._ended:
            self._ended = True
            assert self.kept.close()
            self.session.close()
        return left_behind(self.kept.autosave.folder)

    def _on_question(self) -> None:
        self.said.append("question")

    def _on_granted(self) -> None:
        self.said.append("granted")


@pytest.fixture
def bench(qapp: object, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.end()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate(monkeypatch)
    yield made
    made.open()


def idle(qtbot: QtBot, bench: Bench) -> None:
    qtbot.waitUntil(lambda: bench.kept.files.current is None)


def test_nothing_unsaved_is_not_asked_about(qtbot: QtBot, bench: Bench) -> None:
    bench.session.start(RUN, "diffusion/forward", replace=True)
    assert bench.guard.may_close()
    assert bench.said == []
    assert bench.end() == []


def test_what_was_opened_and_not_changed_is_not_asked_about(qtbot: QtBot, bench: Bench) -> None:
    filled(bench.session)
    bench.kept.files.save(bench.file)
    idle(qtbot, bench)
    for run in list(bench.session.runs):
        bench.session.remove(run)
    bench.kept.files.open(bench.file)
    idle(qtbot, bench)
    assert len(bench.session.runs) == 3
    assert bench.guard.may_close()
    assert bench.said == []


def test_it_asks_once_and_closes_when_the_save_has_ended(qtbot: QtBot, bench: Bench, gate: Gate) -> None:
    computed(bench.session, RUN)
    assert not bench.guard.may_close()
    assert not bench.guard.may_close()
    assert bench.said == ["question"]
    bench.guard.save(bench.file)
    assert not bench.guard.may_close()
    assert bench.said == ["question"]
    gate.open()
    with qtbot.waitSignal(bench.guard.granted):
        pass
    assert bench.guard.may_close()
    assert len(archive.read(bench.file).runs) == 1
    assert bench.end() == []


def test_cancel_leaves_everything_as_it_was_and_it_asks_again_the_next_time(qtbot: QtBot, bench: Bench) -> None:
    run = computed(bench.session, RUN)
    assert bench.kept.autosave.flush()
    assert not bench.guard.may_close()
    bench.guard.stay()
    assert bench.guard.stage is Stage.OPEN
    assert bench.session.unsaved == [run]
    assert bench.kept.autosave.path.exists()
    assert not bench.guard.may_close()
    assert bench.said == ["question", "question"]


def test_what_is_given_up_is_not_offered_again(qtbot: QtBot, bench: Bench) -> None:
    computed(bench.session, RUN)
    assert bench.kept.autosave.flush()
    assert not bench.guard.may_close()
    bench.guard.discard()
    assert bench.said == ["question", "granted"]
    assert bench.guard.may_close()
    assert bench.end() == []


def test_a_save_that_fails_keeps_the_window_and_the_recovery_file(qtbot: QtBot, bench: Bench, tmp_path: Path) -> None:
    run = computed(bench.session, RUN)
    assert bench.kept.autosave.flush()
    assert not bench.guard.may_close()
    bench.guard.save(tmp_path / "gone" / "s.diffviz")
    idle(qtbot, bench)
    assert bench.guard.stage is Stage.OPEN
    assert bench.said == ["question"]
    assert bench.session.unsaved == [run]
    assert bench.kept.autosave.path.exists()
    assert not bench.guard.may_close()
    assert bench.said == ["question", "question"]


def test_a_save_that_goes_on_is_waited_for(qtbot: QtBot, bench: Bench, gate: Gate) -> None:
    computed(bench.session, RUN)
    bench.kept.files.save(bench.file)
    assert not bench.guard.may_close()
    assert bench.said == []
    gate.open()
    with qtbot.waitSignal(bench.guard.granted):
        pass
    assert bench.said == ["granted"]
    assert bench.end() == []


def test_a_save_that_is_cancelled_meanwhile_cancels_the_closing(qtbot: QtBot, bench: Bench, gate: Gate) -> None:
    computed(bench.session, RUN)
    bench.kept.files.save(bench.file)
    assert not bench.guard.may_close()
    bench.kept.files.cancel()
    idle(qtbot, bench)
    assert bench.said == []
    assert bench.guard.stage is Stage.OPEN


def test_a_run_begun_while_it_saves_is_asked_about_and_one_that_only_grows_is_not(
    qtbot: QtBot, bench: Bench, gate: Gate
) -> None:
    growing = bench.session.start(RUN, "diffusion/reverse")
    growing.apply(FramesReady(growing.id, tuple(reverse_run(2))))
    assert not bench.guard.may_close()
    bench.guard.save(bench.file)
    growing.apply(FramesReady(growing.id, tuple(reverse_run(4)[2:])))
    new = computed(bench.session, RUN)
    gate.open()
    with qtbot.waitSignal(bench.guard.question):
        pass
    assert bench.guard.stage is Stage.ASKING
    assert new in bench.session.unsaved
    bench.session.remove(new)
    bench.guard.stay()
    gate.shut()
    assert not bench.guard.may_close()
    bench.guard.save(bench.file)
    growing.apply(FramesReady(growing.id, tuple(reverse_run(5)[4:])))
    gate.open()
    with qtbot.waitSignal(bench.guard.granted):
        pass
    assert len(archive.read(bench.file).runs[0].frames) == 4
    assert bench.end() == []


def test_a_file_that_is_being_opened_stops_nobody(qtbot: QtBot, bench: Bench, gate: Gate) -> None:
    bench.kept.files.open(bench.file)
    assert bench.guard.may_close()
    gate.open()


def test_unasked_unsaved_runs_are_kept_for_the_next_start(qtbot: QtBot, bench: Bench) -> None:
    bench.preferences["ask_unsaved"] = False
    computed(bench.session, RUN)
    assert bench.guard.may_close()
    assert bench.said == []
    [left] = bench.end()
    assert len(archive.read(left).runs) == 1


def test_where_they_cannot_be_kept_it_asks_after_all(qtbot: QtBot, bench: Bench) -> None:
    bench.preferences["ask_unsaved"] = False
    bench.kept.autosave.folder.write_text("a file where the folder should be")
    computed(bench.session, RUN)
    assert not bench.guard.may_close()
    assert bench.said == ["question"]
    bench.guard.discard()


def test_in_a_hurry_nothing_is_asked_and_everything_kept(qtbot: QtBot, bench: Bench) -> None:
    computed(bench.session, RUN)
    assert not bench.guard.may_close()
    bench.guard.hurry()
    assert bench.said == ["question", "granted"]
    [left] = bench.end()
    assert len(archive.read(left).runs) == 1


def test_in_a_hurry_a_save_comes_to_its_end_first(qtbot: QtBot, bench: Bench, gate: Gate) -> None:
    computed(bench.session, RUN)
    bench.kept.files.save(bench.file)
    computed(bench.session, RUN)
    bench.guard.hurry()
    assert bench.said == []
    gate.open()
    with qtbot.waitSignal(bench.guard.granted):
        pass
    assert len(archive.read(bench.file).runs) == 1
    [left] = bench.end()
    assert len(archive.read(left).runs) == 2


def test_an_end_that_nobody_announced_keeps_what_is_unsaved(qtbot: QtBot, bench: Bench) -> None:
    computed(bench.session, RUN)
    [left] = bench.end()
    assert len(archive.read(left).runs) == 1


def test_a_write_that_does_not_end_is_no_reason_to_lose_the_last_good_one(
    qtbot: QtBot, bench: Bench, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed(bench.session, RUN)
    gate.open()
    assert bench.kept.autosave.flush()
    gate.shut()
    computed(bench.session, RUN)
    monkeypatch.setattr(recovery, "FLUSH_MILLISECONDS", 1)
    bench.guard.hurry()
    assert bench.said == ["granted"]
    [left] = bench.end()
    gate.open()
    assert len(archive.read(left).runs) == 1
