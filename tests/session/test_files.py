"""Session files: saves and openings wait for each other, none is dropped, and each comes to one outcome."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.bookmarks import LONGEST_NAME
from diffviz.domain.errors import ExportFailed, NoRunInside
from diffviz.domain.messages import FramesReady
from diffviz.domain.requests import ReverseRequest
from diffviz.export import archive
from diffviz.session import file_task
from diffviz.session.file_task import Ending, Outcome, hung
from diffviz.session.files import Opening, Saving, SessionFiles, Task
from diffviz.session.run import Status
from diffviz.session.saving import saved_of
from diffviz.session.session import Session
from diffviz.ui.forms.run_commands import RemoveRuns
from tests.export.runs import reverse_run
from tests.session.gates import Gate
from tests.session.test_saving import computed, filled, new_session

RUN = ReverseRequest(model="toy", steps=5, samples=2)


class Transcript:
    """What began and how it ended, in order."""

    def __init__(self, files: SessionFiles) -> None:
        self.lines: list[str] = []
        self.outcomes: list[Outcome] = []
        files.begun.connect(self._on_begun)
        files.ended.connect(self._on_ended)

    def _on_begun(self, task: Task) -> None:
        self.lines.append(f"{_verb(task)} {task.path.stem}")

    def _on_ended(self, task: Task, outcome: Outcome) -> None:
        self.lines.append(f"{outcome.ending.value} {task.path.stem}")
        self.outcomes.append(outcome)


def _verb(task: Task) -> str:
    return "save" if isinstance(task, Saving) else "open"


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    made = new_session()
    yield made
    made.close()


@pytest.fixture
def files(session: Session) -> Iterator[SessionFiles]:
    made = SessionFiles(session)
    yield made
    made.close()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate(monkeypatch)
    yield made
    made.open()


def idle(qtbot: QtBot, files: SessionFiles) -> None:
    qtbot.waitUntil(lambda: files.current is None)


def stored(path: Path) -> Path:
    """A session of three runs at `path`."""
    other = new_session()
    filled(other)
    archive.write(saved_of(other), path)
    other.close()
    return path


def test_a_file_opened_while_one_is_saved_waits_for_it(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path, gate: Gate
) -> None:
    computed(session, RUN)
    gate.open()
    other = stored(tmp_path / "other.diffviz")
    gate.shut()
    said = Transcript(files)
    files.save(tmp_path / "mine.diffviz")
    files.open(other)
    assert isinstance(files.current, Saving)
    gate.open()
    idle(qtbot, files)
    assert said.lines == ["save mine", "done mine", "open other", "done other"]
    assert len(archive.read(tmp_path / "mine.diffviz").runs) == 1, "as it was when it was asked for"
    assert len(session.runs) == 4
    assert session.unsaved == []
    assert files.path == other


def test_a_save_asked_for_while_one_goes_on_has_the_newer_state(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path, gate: Gate
) -> None:
    path = tmp_path / "s.diffviz"
    computed(session, RUN)
    files.save(path)
    computed(session, RUN)
    files.save(path)
    computed(session, RUN)
    files.save(path)
    gate.open()
    idle(qtbot, files)
    assert gate.written == [path, path], "one that was never begun is not written only to be written over"
    assert len(archive.read(path).runs) == 3
    assert session.unsaved == []


def test_several_files_are_opened_in_turn_and_one_that_is_being_opened_once(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path, gate: Gate
) -> None:
    gate.open()
    one, two = stored(tmp_path / "one.diffviz"), stored(tmp_path / "two.diffviz")
    gate.shut()
    said = Transcript(files)
    for path in (one, two, one):
        files.open(path)
    gate.open()
    idle(qtbot, files)
    assert said.lines == ["open one", "done one", "open two", "done two"]
    assert len(session.runs) == 6


def test_a_save_that_is_cancelled_leaves_the_file_and_is_said(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path, gate: Gate
) -> None:
    path = tmp_path / "s.diffviz"
    path.write_bytes(b"old")
    run = computed(session, RUN)
    said = Transcript(files)
    files.save(path)
    files.cancel()
    idle(qtbot, files)
    assert said.lines == ["save s", "cancelled s"]
    assert path.read_bytes() == b"old"
    assert session.unsaved == [run]
    assert files.path is None


def test_an_opening_that_is_cancelled_gives_its_memory_back(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(tmp_path / "s.diffviz")
    said = Transcript(files)
    append, store = 0, type(session.budget)

    def take(self: object, nbytes: int, take: object = store.take) -> bool:
        nonlocal append
        append += nbytes
        files.cancel()
        return take(self, nbytes)  # type: ignore[operator, no-any-return]

    monkeypatch.setattr(store, "take", take)
    files.open(path)
    idle(qtbot, files)
    assert said.lines == ["open s", "cancelled s"]
    assert append > 0
    assert session.budget.used == 0
    assert session.runs == []


def test_an_opening_that_does_not_answer_is_given_up_and_the_next_goes_on(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_task, "PATIENCE_MILLISECONDS", 1)
    said = Transcript(files)
    files.open(tmp_path / "blocked.diffviz")
    files.cancel()
    qtbot.waitUntil(lambda: files.current is None)
    files.save(tmp_path / "s.diffviz")
    assert said.lines == ["open blocked", "cancelled blocked", "save s"]
    assert hung()
    gate.open()
    idle(qtbot, files)
    qtbot.waitUntil(lambda: not hung())
    assert said.lines == ["open blocked", "cancelled blocked", "save s", "done s"]


def test_a_save_that_does_not_answer_is_given_up_and_changes_nothing_when_it_comes_back(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(tmp_path / "s.diffviz")
    before, said, asked, answers = path.read_bytes(), Transcript(files), threading.Event(), threading.Event()
    computed(session, RUN)
    fsync = os.fsync

    def blocked(handle: int) -> None:
        asked.set()
        assert answers.wait(20)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", blocked)
    monkeypatch.setattr(file_task, "PATIENCE_MILLISECONDS", 1)
    files.save(path)
    qtbot.waitUntil(asked.is_set)
    files.cancel()
    qtbot.waitUntil(lambda: files.current is None)
    assert said.lines == ["save s", "cancelled s"]
    assert session.unsaved
    assert hung()
    answers.set()
    qtbot.waitUntil(lambda: not hung())
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["s.diffviz"]


def test_what_fails_says_why_and_the_next_goes_on(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path
) -> None:
    run = computed(session, RUN)
    (tmp_path / "bad.diffviz").write_text("no session")
    said = Transcript(files)
    files.save(tmp_path / "nowhere" / "a.diffviz")
    files.open(tmp_path / "bad.diffviz")
    files.save(tmp_path / "b.diffviz")
    idle(qtbot, files)
    assert said.lines == ["save a", "failed a", "open bad", "failed bad", "save b", "done b"]
    first, second, _ = said.outcomes
    assert isinstance(first.error, ExportFailed)
    assert first.error.kind == "missing-folder"
    assert isinstance(second.error, NoRunInside)
    assert run.saved == run.mark
    assert files.path == tmp_path / "b.diffviz"


def test_a_disk_that_is_full_leaves_the_last_good_file(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.diffviz"
    computed(session, RUN)
    files.save(path)
    idle(qtbot, files)
    run, said = computed(session, RUN), Transcript(files)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    files.save(path)
    idle(qtbot, files)
    [outcome] = said.outcomes
    assert isinstance(outcome.error, ExportFailed)
    assert outcome.error.kind == "full"
    assert session.unsaved == [run]
    assert len(archive.read(path).runs) == 1
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".part"] == []


def test_closing_lets_a_save_come_to_its_end(session: Session, files: SessionFiles, tmp_path: Path, gate: Gate) -> None:
    computed(session, RUN)
    files.save(tmp_path / "s.diffviz")
    files.open(tmp_path / "never.diffviz")
    gate.open()
    files.close()
    assert len(archive.read(tmp_path / "s.diffviz").runs) == 1
    assert files.current is None


# What is unsaved


def test_a_run_is_unsaved_until_a_file_has_it_as_it_is(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path
) -> None:
    assert session.unsaved == []
    run = session.start(RUN, "diffusion/reverse")
    assert session.unsaved == [run], "it is being computed"
    for frame in reverse_run(3):
        run.apply(FramesReady(run.id, (frame,)))
    files.save(tmp_path / "s.diffviz")
    run.apply(FramesReady(run.id, tuple(reverse_run(4)[3:])))
    idle(qtbot, files)
    assert session.unsaved == [run], "it has grown meanwhile"
    files.save(tmp_path / "s.diffviz")
    idle(qtbot, files)
    assert session.unsaved == []
    session.rename(run, "mine")
    assert session.unsaved == [run]
    session.rename(run, "")
    assert session.unsaved == []


def test_what_comes_from_a_file_is_saved_and_what_was_recovered_is_not(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path
) -> None:
    path = stored(tmp_path / "s.diffviz")
    files.open(path)
    idle(qtbot, files)
    assert len(session.runs) == 3
    assert session.unsaved == []
    files.open(path, recovered=True)
    idle(qtbot, files)
    assert session.unsaved == [run for run in session.runs[3:] if len(run.store)]
    assert files.path == path, "the recovered one is not a person's file"


def test_runs_that_follow_a_control_and_those_of_instruments_are_not_missed(session: Session) -> None:
    session.start(RUN, "diffusion/forward", replace=True)
    session.start(RUN, "instrument/objective", show=False)
    assert session.unsaved == []


def test_a_file_that_could_not_be_opened_whole_is_not_written_over_unasked(
    qtbot: QtBot, files: SessionFiles, session: Session, tmp_path: Path
) -> None:
    path = stored(tmp_path / "s.diffviz")
    session.cards.clear()
    files.open(path)
    idle(qtbot, files)
    assert len(session.runs) == 1, "the model of the others is not here"
    assert files.path is None


def test_what_could_not_be_opened_again_takes_the_place_of_nothing(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, said = tmp_path / "s.diffviz", Transcript(files)
    for _ in range(3):
        computed(session, RUN)
    files.save(path)
    idle(qtbot, files)
    monkeypatch.setattr(archive, "MOST_RUNS", 3)
    new = computed(session, RUN)
    files.save(path)
    idle(qtbot, files)
    assert said.lines == ["save s", "done s", "save s", "failed s"]
    assert len(archive.read(path).runs) == 3
    assert session.unsaved == [new]


def test_a_run_that_was_removed_and_came_back_is_opened_with_those_that_continue_it(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path
) -> None:
    filled(session)
    parent, _, child = [run for run in session.runs if run.lasting]
    removal = RemoveRuns(session, [parent])
    parent.status = Status.PAUSED  # then it is computed anew, and stands behind those that continue it
    removal.redo()
    removal.undo()
    assert session.runs[-1] is child.parent
    files.save(tmp_path / "s.diffviz")
    idle(qtbot, files)
    opened = archive.read(tmp_path / "s.diffviz").runs
    assert [run.record.request for run in opened] == [session.runs[0].request, parent.request, child.request]
    assert [run.parent for run in opened] == [None, None, 1]


def test_a_name_that_no_file_holds_is_saved_as_far_as_it_goes(
    qtbot: QtBot, session: Session, files: SessionFiles, tmp_path: Path
) -> None:
    session.rename(computed(session, RUN), "a\x07\nb" + 5000 * "c")
    files.save(tmp_path / "s.diffviz")
    idle(qtbot, files)
    assert archive.read(tmp_path / "s.diffviz").runs[0].name == "ab" + (LONGEST_NAME - 2) * "c"


def test_an_outcome_names_its_task(qtbot: QtBot, files: SessionFiles, tmp_path: Path) -> None:
    with qtbot.waitSignal(files.ended) as ended:
        files.open(tmp_path / "absent.diffviz")
    assert ended.args is not None
    task, outcome = ended.args
    assert isinstance(task, Opening)
    assert outcome.path == task.path == tmp_path / "absent.diffviz"
    assert outcome.ending is Ending.FAILED
