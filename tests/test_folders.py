"""A person's folders that may not be written: the window opens, and says what is not kept."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from diffviz import app as folders
from diffviz import paths
from diffviz.cli.main import main
from diffviz.session.preferences import Preferences
from tests.ui.conftest import Opener
from tests.ui.conftest import open_app as open_app  # a fixture


@pytest.fixture(params=["file", "proc"])
def nowhere(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Home folders below a file, and where not even root may make one."""
    if request.param == "file":
        home.write_text("not a folder")
    elif sys.platform.startswith("linux"):
        monkeypatch.setenv("DIFFVIZ_HOME", "/proc/diffviz")
    else:
        pytest.skip("there is no /proc")
    return home


def test_settings_that_cannot_be_written_hold_until_the_end(nowhere: Path) -> None:
    preferences = Preferences(paths.config_home() / "diffviz.ini")
    assert not preferences.writable
    preferences["theme"] = "light"
    preferences.save()
    assert preferences["theme"] == "light"


def test_a_folder_where_the_settings_should_be(tmp_path: Path) -> None:
    (tmp_path / "diffviz.ini").mkdir()
    assert not Preferences(tmp_path / "diffviz.ini").writable


def test_settings_that_are_kept_are_not_mentioned(tmp_path: Path) -> None:
    assert Preferences(tmp_path / "new" / "diffviz.ini").writable
    assert folders.what_is_not_kept(settings=True, log=True) == ""
    assert str(paths.log_file().parent) in folders.what_is_not_kept(settings=True, log=False)
    assert folders.frames_home() == paths.cache_home() / "frames"


def test_frames_go_to_the_temporary_folder_instead(nowhere: Path) -> None:
    assert folders.frames_home().is_dir()


def test_the_window_opens_and_says_so(nowhere: Path, qtbot: QtBot, open_app: Opener) -> None:
    app = open_app()
    said = app.window.notice.text.text()
    assert app.window.notice.isVisible()
    for folder in (paths.config_home(), paths.recovery_home(), paths.cache_home()):
        assert str(folder) in said
    app.preferences["mirrored"] = True
    qtbot.waitUntil(lambda: app.session.a is not None and len(app.session.a.store) > 0)
    assert app.preferences["mirrored"]


@pytest.mark.parametrize("command", ["models", "info"])
def test_commands_need_no_folder(nowhere: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command]) == 0
    assert capsys.readouterr().err == ""
