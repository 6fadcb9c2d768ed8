"""The whole program where something goes wrong that nobody foresaw: it goes on and says so, and the log has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from diffviz.log import last_errors
from diffviz.session.runtime import Fault
from diffviz.ui.window.dialogs import CrashDialog
from tests.ui.conftest import Opener
from tests.ui.conftest import open_app as open_app  # a fixture

# Does `sys.argv[1]` as soon as the window is shown, and prints what is then said.
CODE = """
import sys, threading
from PySide6.QtCore import QTimer, qFatal
from diffviz import app
def fail():
    raise ValueError("nobody foresaw this")
def look(self):
    for dialog in self._application.topLevelWidgets():
        if type(dialog).__name__ == "CrashDialog" and dialog.isVisible():
            print(dialog.details.toPlainText())
            dialog.go_on.click()
    print(self.window.notice.text.text())
    self.window.close()
def shown(self):
    show(self)
    match sys.argv[1]:
        case "slot": QTimer.singleShot(0, fail)
        case "thread": threading.Thread(target=fail).start()
        case "fatal": QTimer.singleShot(0, lambda: qFatal("Qt gives up"))
        case "nothing": QTimer.singleShot(100, lambda: look(self))
def faulty(self, fault):
    show_fault(self, fault)
    QTimer.singleShot(0, lambda: look(self))
show, app.App.show = app.App.show, shown
show_fault, app.App.show_fault = app.App.show_fault, faulty
app.make_engine = lambda cards, device, budget: None
sys.exit(app.run())
"""


def start(home: Path, how: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DIFFVIZ_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run([sys.executable, "-c", CODE, how], capture_output=True, text=True, timeout=150, env=env)


def files(home: Path) -> list[str]:
    return sorted(path.name for path in home.rglob("*") if path.is_file())


@pytest.mark.parametrize("how", ["slot", "thread"])
def test_the_window_says_so_and_goes_on(tmp_path: Path, how: str) -> None:
    done = start(tmp_path, how)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ValueError: nobody foresaw this")
    assert "ValueError: nobody foresaw this\n" in done.stderr
    [error] = [error for error in last_errors(tmp_path / "data" / "log" / "diffviz.log") if "foresaw" in error]
    assert "in fail" in error
    assert files(tmp_path) == ["diffviz.ini", "diffviz.log"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_a_crash_is_said_at_the_next_start(tmp_path: Path) -> None:
    assert start(tmp_path, "fatal").returncode < 0
    done = start(tmp_path, "nothing")
    assert done.returncode == 0
    assert "crashed the last time" in done.stdout
    told = "\n".join(last_errors(tmp_path / "data" / "log" / "diffviz.log"))
    assert "qFatal() call" in told
    assert "Fatal Python error: Aborted" in told
    assert files(tmp_path) == ["diffviz.ini", "diffviz.log"]


def test_diagnostics_are_copied_from_the_menu_of_help(qtbot: QtBot, open_app: Opener) -> None:
    app = open_app()
    menu = app.window._bar.help.menu()
    assert isinstance(menu, QMenu)
    copy = next(action for action in menu.actions() if action.shortcut().toString() == "Ctrl+Shift+D")
    copy.trigger()
    text = QGuiApplication.clipboard().text()
    assert "PySide6" in text
    assert "offscreen" in text
    assert "Copied" in app.window.notice.text.text()


def test_one_dialog_at_a_time_points_to_the_diagnostics(qtbot: QtBot, open_app: Opener) -> None:
    app = open_app((780, 700))
    for number in range(3):
        app.show_fault(Fault(f"ValueError: number {number}", "Traceback …"))
    dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, CrashDialog) and one.isVisible()]
    assert len(dialogs) == 1
    [dialog] = dialogs
    assert "number 0" in dialog.details.toPlainText()
    assert app.window.screen().availableGeometry().contains(dialog.frameGeometry())
    dialog.copy.click()
    assert "PySide6" in QGuiApplication.clipboard().text()
    dialog.go_on.click()
    app.show_fault(Fault("ValueError: again", ""))
    again = [one for one in QApplication.topLevelWidgets() if isinstance(one, CrashDialog) and one.isVisible()]
    assert len(again) == 1
    again[0].go_on.click()
