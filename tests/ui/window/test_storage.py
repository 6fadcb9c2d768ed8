"""Nothing is computed before a person says so, and what is kept on disk is seen and cleared; on the real window."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from diffviz import paths
from diffviz.app import App
from diffviz.domain import messages
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.store import Budget
from diffviz.export import archive
from diffviz.session import storage as session_storage
from diffviz.session.run import Run, Status
from diffviz.session.saving import saved_of
from diffviz.session.storage import Storage, nbytes_of
from diffviz.ui.window.storage import StorageDialog
from tests.ui.conftest import LONG, Opener

REQUEST = ReverseRequest(model="digits-ddpm", steps=4, samples=1)


def waiting(qtbot: QtBot, app: App, path: Path) -> Path:
    """A recovery file with two runs that waited for their turn when it was written, one behind the other."""
    qtbot.waitUntil(lambda: all(run.status is Status.FINISHED for run in app.session.runs), timeout=LONG)
    first = app.session.start(REQUEST, "diffusion/reverse")
    second = app.session.start(ReverseRequest(model="digits-ddpm", steps=5, samples=1), "diffusion/reverse", show=False)
    app.session.rename(first, "mine")
    first.status = second.status = Status.QUEUED
    path.parent.mkdir(parents=True, exist_ok=True)
    archive.write(saved_of(app.session), path)
    for run in (first, second):
        app.session.remove(run)
    return path


def said(app: App) -> str:
    return app.window.notice.text.text()


def named(app: App, name: str) -> Run:
    return next(run for run in app.session.runs if run.name == name)


def idle(qtbot: QtBot, app: App) -> None:
    qtbot.waitUntil(lambda: app.persistence.files.current is None, timeout=LONG)


def press(app: App, text: str) -> None:
    """Click the button of the notice that says `text`."""
    [button] = [each for each in app.window.notice.buttons if each.text() == text]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_what_waited_is_offered_and_computed_only_then(
    qtbot: QtBot, app: App, open_app: Opener, begun: list[messages.Start]
) -> None:
    waiting(qtbot, app, app.persistence.autosave.folder / "20260101-000000-1.diffviz")
    other = open_app()
    assert "were kept (" in said(other)
    count = len(begun)
    press(other, "Restore them")
    idle(qtbot, other)
    assert "2 of them were not computed to their end." in said(other)
    assert (len(begun), named(other, "mine").status) == (count, Status.CANCELLED)
    press(other, "Compute them")
    assert len(begun) == count + 1, "the other one waits for it"
    qtbot.waitUntil(lambda: len(begun) == count + 2, timeout=LONG)
    qtbot.waitUntil(lambda: all(run.status is Status.FINISHED for run in other.session.runs), timeout=LONG)
    assert len(named(other, "mine").store) == len(named(other, "mine").plan.positions)


def test_what_nobody_answered_for_stays_and_what_was_refused_goes(qtbot: QtBot, app: App, open_app: Opener) -> None:
    left = waiting(qtbot, app, app.persistence.autosave.folder / "20260101-000000-1.diffviz")
    other = open_app()
    QTest.mouseClick(other.window.notice.close_button, Qt.MouseButton.LeftButton)
    assert left.exists(), "put away is not answered"
    third = open_app()
    assert "were kept (" in said(third)
    press(third, "Delete them")
    assert not left.exists()
    assert app.persistence.autosave.folder.exists()


def test_a_file_that_cannot_be_restored_is_offered_for_deletion(qtbot: QtBot, app: App, open_app: Opener) -> None:
    left = app.persistence.autosave.folder / "20260101-000000-1.diffviz"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"no archive")
    other = open_app()
    press(other, "Restore them")
    idle(qtbot, other)
    qtbot.waitUntil(lambda: left.name in said(other), timeout=LONG)
    assert left.exists()
    press(other, "Delete what was kept")
    assert not left.exists()


def test_the_settings_show_what_is_kept_on_disk_and_clear_it(qtbot: QtBot, app: App) -> None:
    left = waiting(qtbot, app, app.persistence.autosave.folder / "20260101-000000-1.diffviz")
    app.persistence.autosave.flush()
    own = app.persistence.autosave.path
    features, frames = paths.cache_home() / "features" / "a.npy", paths.cache_home() / "frames" / "frames-1"
    for path, nbytes in ((features, 3_000), (frames, 5_000)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(nbytes))
    spilled = app.session.budget.spill_file(1 << 20)
    dialog = opened(app)
    qtbot.waitUntil(lambda: "…" not in {label.text() for label in dialog.sizes.values()}, timeout=LONG)
    assert dialog.sizes["caches"].text().replace("\xa0", " ") == "3.0 kB"
    nbytes = left.stat().st_size + (own.stat().st_size if own.exists() else 0)
    assert dialog._storage.found["recovery"].nbytes >= nbytes
    assert dialog._storage.found["recovery"].free == left.stat().st_size
    assert dialog._storage.found["frames"].nbytes == spilled.size + 5_000
    for kind, button in dialog.buttons.items():
        assert button.isEnabled(), kind
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: dialog._storage._job is None, timeout=LONG)
        assert not button.isEnabled(), kind
    assert [path.exists() for path in (left, features, frames)] == [False, False, False]
    assert dialog._storage.found["frames"].nbytes == spilled.size, "what this window needs stays"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    del spilled


def test_what_lies_behind_a_link_or_is_not_the_program_s_own_stays(tmp_path: Path) -> None:
    large, cache = tmp_path / "large", tmp_path / "cache"
    for folder in (large, cache / "features", cache / "notes"):
        folder.mkdir(parents=True)
    kept = [large / "thesis.txt", cache / "notes" / "mine.txt"]
    for path in (*kept, cache / "features" / "a.npy"):
        path.write_text("x", encoding="utf-8")
    (cache / "frames").symlink_to(large, target_is_directory=True)
    storage = Storage(tmp_path / "recovery", cache, Budget())
    storage._clear_frames()
    storage._clear_caches()
    assert all(path.exists() for path in kept)
    assert not (cache / "features" / "a.npy").exists()


def test_counting_is_left_without_waiting_for_it(
    qtbot: QtBot, qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be very many files, and the disk that they are on may not answer; the next file is the last."""
    begun, answered = threading.Event(), threading.Event()
    counted: list[Path] = []

    def slow(path: Path) -> int:
        begun.set()
        assert answered.wait(10)
        counted.append(path)
        return nbytes_of(path)

    monkeypatch.setattr(session_storage, "nbytes_of", slow)
    for number in range(3):
        (tmp_path / "features").mkdir(exist_ok=True)
        (tmp_path / "features" / f"{number}.npy").write_bytes(b"x")
    storage = Storage(tmp_path / "recovery", tmp_path, Budget())
    storage.count()
    assert begun.wait(10)
    job = storage._job
    assert job is not None
    with monkeypatch.context() as patch:
        patch.setattr(job._thread, "wait", lambda *_: pytest.fail("it is waited for"))
        storage.close()
    answered.set()
    qtbot.waitUntil(lambda: not job.running, timeout=LONG)
    assert len(counted) == 1


def opened(app: App) -> StorageDialog:
    """The dialog on what is kept, by the menu of the settings."""
    [button] = [each for each in app.window.findChildren(QToolButton) if each.accessibleName() == "Settings"]
    [action] = [each for each in button.menu().actions() if each.text() == "Kept on disk…"]
    action.trigger()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, StorageDialog)
    return dialog
