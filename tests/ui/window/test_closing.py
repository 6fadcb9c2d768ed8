"""Closing, saving, opening and rebuilding the real window in any order, by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain.requests import ForwardRequest
from diffviz.export import archive
from diffviz.session.recovery import left_behind
from diffviz.session.run import Run, Status
from diffviz.ui.export_dialog.dialog import ExportDialog
from tests.session.gates import Gate
from tests.ui.conftest import LONG


@pytest.fixture(autouse=True)
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Codes with which the program wanted to end: the test goes on."""
    codes: list[int] = []
    monkeypatch.setattr(QApplication, "exit", codes.append)
    return codes


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate(monkeypatch)
    yield made
    made.open()


def asked_for(qtbot: QtBot, app: App) -> Run:
    """A run that a person asked for, computed."""
    first = app.session.a
    assert first is not None
    run = app.session.start(first.request, "diffusion/forward")
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    return run


def idle(qtbot: QtBot, app: App) -> None:
    qtbot.waitUntil(lambda: app.persistence.files.current is None, timeout=LONG)


def question() -> QMessageBox:
    """The question that stands over the window."""
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    return box


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press `key` where the keyboard is, once a window that was just opened has it."""
    QApplication.processEvents()
    focus = QApplication.focusWidget() or QApplication.activeWindow()
    assert focus is not None
    QTest.keyClick(focus, key, modifier)


def choose(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    """What a person chooses in the file dialog."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path or ""), ""))


def said(app: App) -> str:
    return app.window.notice.text.text() if app.window.notice.isVisible() else ""


def test_closing_with_nothing_unsaved_asks_nothing(qtbot: QtBot, app: App) -> None:
    first = app.session.a
    assert first is not None
    qtbot.waitUntil(lambda: first.status is Status.FINISHED, timeout=LONG)
    app.window.open_lab("vae")
    app.window.open_lab("diffusion")
    assert app.window.close()
    assert QApplication.activeModalWidget() is None


def test_the_question_is_answered_by_the_keyboard(
    qtbot: QtBot, app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asked_for(qtbot, app)
    press(Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    box = question()
    assert "1 run is not saved" in box.text()
    press(Qt.Key.Key_Escape)
    assert app.window.isVisible()
    assert app.session.unsaved == [run]

    choose(monkeypatch, None)
    app.window.close()
    press(Qt.Key.Key_Return)
    assert app.window.isVisible(), "no file was chosen"
    assert app.persistence.files.current is None

    choose(monkeypatch, tmp_path / "mine")
    app.window.close()
    default = question().defaultButton()
    assert isinstance(default, QPushButton)
    assert default.text().startswith("Save")
    with qtbot.waitSignal(app.window.closed, timeout=LONG):
        press(Qt.Key.Key_Return)
    assert not app.window.isVisible()
    assert run in app.session.runs
    assert len(archive.read(tmp_path / "mine.diffviz").runs) == 2


def test_what_is_being_computed_is_said_and_can_be_given_up_by_the_mouse(qtbot: QtBot, app: App) -> None:
    first = app.session.a
    assert first is not None
    run = app.session.start(first.request, "diffusion/forward", held=True)
    qtbot.waitUntil(lambda: run.status is Status.PAUSED, timeout=LONG)
    app.session.advance(run)
    qtbot.waitUntil(lambda: len(run.store) > 0, timeout=LONG)
    app.session.start(first.request, "other")
    app.window.close()
    box = question()
    assert "2 runs are not saved" in box.text()
    assert "still being computed" in box.informativeText()
    app.window.close()
    assert question() is box, "once is enough"
    [discard] = [button for button in box.buttons() if "without" in button.text()]
    with qtbot.waitSignal(app.window.closed):
        qtbot.mouseClick(discard, Qt.MouseButton.LeftButton)
    assert app.persistence.close()
    assert left_behind(app.persistence.autosave.folder) == []


def test_closing_while_saving_waits_for_the_save(qtbot: QtBot, app: App, tmp_path: Path, gate: Gate) -> None:
    asked_for(qtbot, app)
    app.window.documents.save_to(tmp_path / "s.diffviz")
    app.window.close()
    assert app.window.isVisible()
    assert QApplication.activeModalWidget() is None
    assert "s.diffviz" in said(app)
    assert "closes" in said(app)
    with qtbot.waitSignal(app.window.closed, timeout=LONG):
        gate.open()
    assert archive.read(tmp_path / "s.diffviz").runs


def test_a_save_that_fails_at_the_end_keeps_the_window_and_says_so(
    qtbot: QtBot, app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for(qtbot, app)
    choose(monkeypatch, tmp_path / "vanished" / "s.diffviz")
    app.window.close()
    press(Qt.Key.Key_Return)
    idle(qtbot, app)
    assert app.window.isVisible()
    assert "does not exist" in said(app)


@pytest.mark.parametrize(
    ("what", "setting", "value", "going_on"),
    [("save", "theme", "light", "Saving s.diffviz…"), ("open", "language", "ko", "s.diffviz 여는 중…")],
)
def test_another_theme_or_language_meanwhile_changes_nothing(
    qtbot: QtBot, app: App, tmp_path: Path, gate: Gate, what: str, setting: str, value: str, going_on: str
) -> None:
    run = asked_for(qtbot, app)
    path = tmp_path / "s.diffviz"
    gate.open()
    app.persistence.files.save(path)
    idle(qtbot, app)
    gate.shut()
    app.session.rename(run, "mine")
    count, before = len(app.session.runs), app.window
    if what == "save":
        app.window.documents.save_to(path)
    else:
        app.window.documents.open_all([path])
    app.preferences[setting] = value
    qtbot.waitUntil(lambda: app.window is not before, timeout=LONG)
    assert said(app) == going_on, "the new window says it"
    gate.open()
    idle(qtbot, app)
    assert app.persistence.files.path == path
    assert len(app.session.runs) == (count if what == "save" else 2 * count)
    assert (app.session.unsaved == []) is (what == "save")
    assert "…" not in said(app)


def test_a_window_that_waits_for_a_save_is_rebuilt_and_closes_then(
    qtbot: QtBot, app: App, tmp_path: Path, gate: Gate
) -> None:
    asked_for(qtbot, app)
    app.window.documents.save_to(tmp_path / "s.diffviz")
    app.window.close()
    before = app.window
    app.preferences["theme"] = "light"
    qtbot.waitUntil(lambda: app.window is not before, timeout=LONG)
    with qtbot.waitSignal(app.window.closed, timeout=LONG):
        gate.open()


def test_what_is_done_while_a_save_is_waited_for_counts(qtbot: QtBot, app: App, tmp_path: Path, gate: Gate) -> None:
    run = asked_for(qtbot, app)
    app.window.documents.save_to(tmp_path / "s.diffviz")
    app.window.close()
    dialog = ExportDialog(run, 0.0, app.session.cards, app.preferences, app.window)
    dialog.open()
    gate.open()
    idle(qtbot, app)
    assert app.window.isVisible(), "an export has begun"
    dialog.reject()
    app.session.rename(run, "mine")
    app.window.close()
    question().reject()
    assert app.window.isVisible()


def test_no_window_comes_back_that_was_closed(qtbot: QtBot, app: App, exits: list[int]) -> None:
    app.preferences["theme"] = "light"
    assert app.window.close()
    QApplication.processEvents()
    assert exits == [0]
    assert not any(window.isVisible() for window in QApplication.topLevelWidgets())


def test_opening_while_saving_opens_afterwards(qtbot: QtBot, app: App, tmp_path: Path, gate: Gate) -> None:
    run = asked_for(qtbot, app)
    gate.open()
    app.window.documents.save_to(tmp_path / "one.diffviz")
    idle(qtbot, app)
    gate.shut()
    app.session.rename(run, "renamed")
    count = len(app.session.runs)
    press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    app.window.documents.open_all([tmp_path / "one.diffviz"])
    assert "Saving" in said(app)
    gate.open()
    idle(qtbot, app)
    assert len(app.session.runs) == 2 * count
    assert app.session.unsaved == []
    assert "runs opened" in said(app)


def test_a_dialog_keeps_its_window_through_a_change_of_theme_and_a_close(qtbot: QtBot, app: App) -> None:
    run = asked_for(qtbot, app)
    dialog = ExportDialog(run, 0.0, app.session.cards, app.preferences, app.window)
    dialog.open()
    before = app.window
    app.preferences["theme"] = "light"
    assert not app.window.close()
    QApplication.processEvents()
    assert app.window is before
    assert dialog.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: app.window is not before, timeout=LONG)


def test_the_setting_turns_the_question_off_and_the_runs_are_offered_at_the_next_start(
    qtbot: QtBot, app: App, tmp_path: Path
) -> None:
    run = asked_for(qtbot, app)
    [switch] = [action for action in settings(app) if "unsaved" in action.text()]
    assert switch.isChecked()
    switch.trigger()
    assert app.preferences["ask_unsaved"] is False
    assert app.window.close()
    assert app.persistence.close()
    [left] = left_behind(app.persistence.autosave.folder)
    assert isinstance(run.request, ForwardRequest)
    assert run.request in [saved.record.request for saved in archive.read(left).runs]


def settings(app: App) -> list[QAction]:
    """The actions of the settings' menu, as they are when it opens."""
    [button] = [b for b in app.window.findChildren(QToolButton) if b.accessibleName() == "Settings"]
    menu = button.menu()
    menu.aboutToShow.emit()
    return menu.actions()


def test_an_autosave_that_fails_is_said_once_until_it_succeeds(qtbot: QtBot, app: App) -> None:
    autosave = app.persistence.autosave
    autosave.folder.rmdir()
    autosave.folder.write_text("a file where the folder should be")
    asked_for(qtbot, app)
    notice = app.window.notice
    assert not autosave.flush()
    assert "cannot be kept" in said(app)
    notice.put_away()
    assert not autosave.flush()
    assert said(app) == "", "once"
    app.preferences["theme"] = "light"
    before = app.window
    qtbot.waitUntil(lambda: app.window is not before, timeout=LONG)
    assert "cannot be kept" in said(app), "another window has not said it yet"
    [_, again] = app.window.notice.buttons
    with qtbot.waitSignal(autosave.ended):
        qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert "cannot be kept" in said(app)
    autosave.folder.unlink()
    assert autosave.flush()
    assert "cannot be kept" not in said(app)


def test_what_was_left_is_offered_and_restored_and_is_unsaved_then(
    qtbot: QtBot, app: App, open_app: object, tmp_path: Path
) -> None:
    folder = app.persistence.autosave.folder
    asked_for(qtbot, app)
    for number in (1, 2):
        app.persistence.files.save(tmp_path / "s.diffviz")
        idle(qtbot, app)
        folder.mkdir(exist_ok=True)
        (tmp_path / "s.diffviz").rename(folder / f"2026010{number}-000000-1.diffviz")
    app.window.recovery.offer()
    before = app.window
    app.preferences["theme"] = "light"
    qtbot.waitUntil(lambda: app.window is not before, timeout=LONG)
    [restore, _delete] = app.window.notice.buttons
    count = len(app.session.runs)
    qtbot.mouseClick(restore, Qt.MouseButton.LeftButton)
    idle(qtbot, app)
    assert len(app.session.runs) == 3 * count, "of both"
    assert len(app.session.unsaved) >= 2 * count
    app.window.recovery.offer()
    assert "kept" not in said(app)
