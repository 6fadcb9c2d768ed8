"""Autosave: a write that fails is tried again, later and later, and the file stays as long as something is unsaved."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.errors import ExportFailed
from diffviz.domain.requests import ReverseRequest
from diffviz.export import archive
from diffviz.session import file_task
from diffviz.session import recovery as autosave
from diffviz.session.files import SessionFiles
from diffviz.session.recovery import MILLISECONDS, RETRY_MILLISECONDS, Autosave
from diffviz.session.session import Session
from tests.session.gates import Gate
from tests.session.test_saving import computed, new_session

RUN = ReverseRequest(model="toy", steps=5, samples=2)


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    made = new_session()
    yield made
    made.close()


@pytest.fixture
def saver(session: Session, tmp_path: Path) -> Iterator[Autosave]:
    made = Autosave(session, tmp_path / "recovery")
    yield made
    made.close(keep=True)


def tried(qtbot: QtBot, saver: Autosave) -> None:
    with qtbot.waitSignal(saver.ended):
        saver.save()


def test_a_write_that_fails_is_tried_again_ever_later_until_it_succeeds(
    qtbot: QtBot, session: Session, saver: Autosave
) -> None:
    saver.folder.write_text("a file where the folder should be")
    computed(session, RUN)
    waits = []
    for _ in range(8):
        tried(qtbot, saver)
        assert isinstance(saver.error, ExportFailed)
        waits.append(saver.milliseconds // RETRY_MILLISECONDS)
    assert waits == [1, 2, 4, 8, 16, 32, 32, 32]
    saver.folder.unlink()
    tried(qtbot, saver)
    assert saver.error is None
    assert saver.milliseconds == MILLISECONDS
    assert len(archive.read(saver.path).runs) == 1


def test_the_timer_tries_again_by_itself(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autosave, "MILLISECONDS", 1)
    monkeypatch.setattr(autosave, "RETRY_MILLISECONDS", 1)
    failing = [OSError(errno.ENOSPC, "full")] * 2
    fsync = archive.write

    def write(*args: object) -> None:
        if failing:
            raise failing.pop()
        fsync(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(archive, "write", write)
    saver = Autosave(session, tmp_path / "recovery")
    computed(session, RUN)
    qtbot.waitUntil(saver.path.exists)
    assert not failing
    saver.close(keep=False)


def test_a_good_save_makes_the_file_go_and_the_trouble_with_it(
    qtbot: QtBot, session: Session, saver: Autosave, tmp_path: Path
) -> None:
    files = SessionFiles(session)
    computed(session, RUN)
    tried(qtbot, saver)
    assert saver.path.exists()
    files.save(tmp_path / "nowhere" / "s.diffviz")
    qtbot.waitUntil(lambda: files.current is None)
    saver.save()
    assert saver.path.exists(), "that was no good one"
    saver.error = OSError()
    files.save(tmp_path / "s.diffviz")
    qtbot.waitUntil(lambda: files.current is None)
    tried(qtbot, saver)
    assert saver.error is None
    assert not saver.path.exists()
    files.close()


def test_a_file_that_somebody_removed_is_written_again(session: Session, saver: Autosave) -> None:
    computed(session, RUN)
    assert saver.flush()
    saver.path.unlink()
    assert saver.flush()
    assert len(archive.read(saver.path).runs) == 1


def test_flushing_has_the_newest_state_whatever_goes_on(
    session: Session, saver: Autosave, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    computed(session, RUN)
    saver.save()
    computed(session, RUN)
    saver.path.parent.mkdir(exist_ok=True)
    monkeypatch.setattr(autosave, "FLUSH_MILLISECONDS", 1)
    assert not saver.flush(), "a write that does not end is given up"
    assert isinstance(saver.error, ExportFailed)
    assert not saver.path.exists()
    monkeypatch.setattr(autosave, "FLUSH_MILLISECONDS", 20_000)
    gate.open()
    assert saver.flush()
    assert len(archive.read(saver.path).runs) == 2
    assert saver.flush()
    assert len(gate.written) == 1, "nothing has changed since"


def test_a_write_that_is_late_is_said_until_it_ends(
    qtbot: QtBot, session: Session, saver: Autosave, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    computed(session, RUN)
    saver.save()
    saver.save()
    assert saver.error is None
    monkeypatch.setattr(autosave, "LATE_SECONDS", -1.0)
    tried(qtbot, saver)
    assert isinstance(saver.error, ExportFailed)
    with qtbot.waitSignal(saver.ended):
        gate.open()
    assert saver.error is None
    assert len(archive.read(saver.path).runs) == 1


def test_flushing_does_not_wait_twice_for_a_disk_that_does_not_answer(
    session: Session, saver: Autosave, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    begun, answers = threading.Event(), threading.Event()

    def write(*_: object) -> None:
        asked.append(True)
        begun.set()
        answers.wait(20)

    monkeypatch.setattr(archive, "write", write)
    monkeypatch.setattr(file_task, "WAIT_MILLISECONDS", 1)
    computed(session, RUN)
    saver.save()
    assert begun.wait(20)
    assert not saver.flush()
    assert saver.job is None
    answers.set()
    monkeypatch.setattr(file_task, "WAIT_MILLISECONDS", 20_000)
    assert saver.flush()
    assert len(asked) == 2


def test_the_file_is_left_for_the_next_start_or_goes(session: Session, tmp_path: Path) -> None:
    for keep in (True, False):
        saver = Autosave(session, tmp_path / str(keep))
        computed(session, RUN)
        assert saver.flush()
        saver.close(keep=keep)
        assert saver.path.exists() is keep
        assert autosave.left_behind(saver.folder) == ([saver.path] if keep else [])
