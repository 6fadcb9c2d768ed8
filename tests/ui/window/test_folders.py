"""Folders that the window's dialogs begin in, and the language that the desktop asks for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain.requests import ForwardRequest
from diffviz.domain.text import language
from diffviz.session import folders
from diffviz.session.folders import EXPORTS, Folders, answering, usable
from diffviz.ui.export_dialog.dialog import ExportDialog
from tests.test_translations import speak
from tests.ui.conftest import Opener

LONG = 60_000


@pytest.fixture
def dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on a disk that does not answer."""
    folder, answer = tmp_path / "dead", threading.Event()

    def asked(path: Path) -> bool:
        if path.is_relative_to(folder):
            answer.wait(30.0)
        return usable(path)

    def looked_for(path: Path) -> bool:
        return asked(path.parent)

    monkeypatch.setattr(folders, "usable", asked)
    monkeypatch.setattr("diffviz.ui.window.documents.there", looked_for)
    yield folder
    answer.set()


@pytest.fixture
def begun_in(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders that the dialogs to open files began in."""
    seen: list[Path] = []

    def ask(_parent: QWidget, _title: str, folder: str, _kinds: str) -> tuple[list[str], str]:
        seen.append(Path(folder))
        return [], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", ask)
    return seen


def choosing(monkeypatch: pytest.MonkeyPatch, target: Path) -> list[Path]:
    """Let a person choose `target` in the export dialog; what was suggested."""
    suggested: list[Path] = []

    def choose(_parent: QWidget, suggestion: Path, _format: str) -> Path:
        suggested.append(suggestion)
        return target

    monkeypatch.setattr("diffviz.ui.export_dialog.output.choose_file", choose)
    return suggested


def exported(qtbot: QtBot, app: App) -> str:
    """What the dialog says of an export of the shown run as it is."""
    run = app.session.a
    assert run is not None
    qtbot.waitUntil(lambda: run.status.final, timeout=LONG)
    dialog = ExportDialog(run, 0.0, app.session.cards, app.preferences, app.window)
    dialog.export()
    qtbot.waitUntil(lambda: dialog.job is None, timeout=LONG)
    text = dialog.message.text()
    dialog.reject()
    return text


def action(app: App, keys: str) -> QAction:
    return next(each for each in app.window.actions() if each.shortcut().toString() == keys)


def test_a_refused_target_is_not_remembered_and_a_written_one_is_where_open_starts(
    qtbot: QtBot, app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun_in: list[Path]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    request = app.session.a.request if app.session.a else None
    assert isinstance(request, ForwardRequest)
    choosing(monkeypatch, Path("/proc/x.gif"))
    assert not exported(qtbot, app).startswith("Written")
    assert (app.preferences[EXPORTS], app.preferences["last_folder"]) == ("", "")
    (tmp_path / "films").mkdir()
    suggested = choosing(monkeypatch, tmp_path / "films" / "x.gif")
    assert exported(qtbot, app).startswith("Written")
    assert suggested[0].parent == tmp_path
    action(app, "Ctrl+O").trigger()
    assert begun_in == [tmp_path / "films"]
    choosing(monkeypatch, tmp_path / "gone" / "x.gif")
    assert not exported(qtbot, app).startswith("Written")
    suggested = choosing(monkeypatch, tmp_path / "films" / "y.gif")
    exported(qtbot, app)
    assert suggested[0].parent == tmp_path / "films"


@pytest.mark.parametrize("kept", ["/proc", "gone", "file", "relative/path", "\x00"])
def test_no_dialog_begins_in_what_is_no_folder_of_a_person(
    kept: str, app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun_in: list[Path]
) -> None:
    """Earlier versions remembered such."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "file").touch()
    folder = str(tmp_path / kept) if kept in ("gone", "file") else kept
    assert Folders({EXPORTS: folder}).first(EXPORTS) == tmp_path
    app.preferences[EXPORTS] = folder
    action(app, "Ctrl+O").trigger()
    assert begun_in == [tmp_path]


def test_a_disk_that_does_not_answer_holds_up_no_dialog_and_no_menu(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun_in: list[Path], dead: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(folders, "ANSWER_SECONDS", 0.1)
    (tmp_path / "alive.diffviz").touch()
    app.preferences["last_folder"] = str(dead)
    app.preferences["recent"] = "\n".join(
        map(str, (dead / "a.diffviz", dead / "b.diffviz", tmp_path / "alive.diffviz"))
    )
    action(app, "Ctrl+O").trigger()
    assert begun_in == [tmp_path]
    assert app.window.documents.recent == (tmp_path / "alive.diffviz",)
    action(app, "Ctrl+O").trigger()
    waiting = [thread for thread in threading.enumerate() if thread.name == "diffviz-folder"]
    assert len(waiting) == 3, "each is asked once, and nobody has waited for them"


def test_what_answers_late_is_taken_when_it_has_answered(tmp_path: Path) -> None:
    answer = threading.Event()

    def slowly(path: Path) -> bool:
        return answer.wait(30.0) and path.is_dir()

    def at_once(path: Path) -> bool:
        return path.is_dir()

    assert answering([tmp_path], slowly, 0.05) == []
    assert answering([tmp_path, tmp_path / "no"], at_once) == [tmp_path]
    answer.set()
    assert answering([tmp_path], slowly, 30.0) == [tmp_path]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LC_MESSAGES": "ko_KR.UTF-8", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LC_ALL": "ko_KR.UTF-8", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LANGUAGE": "fr:ko", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LANGUAGE": "ko", "LC_ALL": "C"}, "en"),
    ],
)
def test_the_window_speaks_the_desktops_language(
    said: dict[str, str], wanted: str, open_app: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such locale is generated where this is tested."""
    speak(monkeypatch, said)
    app = open_app()
    assert language() == wanted
    assert app.window.lab.form.panel.run.text().strip() == {"ko": "실행", "en": "Run"}[wanted]
