"""Windows and dialogs are never larger than their screen, nor out of its sight."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from diffviz import paths
from diffviz.session.preferences import Preferences
from diffviz.ui.widgets.layout import FRAME, Fitting, ScrollingBelow, fitted, room_on
from tests.ui.conftest import Opener

# The first start on a screen of 1366 × 768; prints what does not fit into it, and what its bar cuts off.
CODE = """
import json, os, sys
from PIL import Image
from PySide6.QtWidgets import QApplication, QWidget
from diffviz.app import App
from diffviz.ui.export_dialog.dialog import ExportDialog
from diffviz.ui.gallery.picture_import import PictureDialog
from diffviz.ui.widgets.shortcuts import ShortcutsDialog, rows_of

application = QApplication([])
app = App(application, "cpu")
app.window.show()
app.window.lab.start_first()
run = app.session.a
while not len(run.store):
    application.processEvents()
dialogs = [
    ExportDialog(run, 0.0, app.session.cards, app.preferences, app.window),
    PictureDialog(Image.new("L", (300, 400)), "x", (28, 28), dark=True, parent=app.window),
    ShortcutsDialog({**app.window.shown.shortcuts(), "Window": rows_of(app.window.actions())}, app.window),
]
available = application.primaryScreen().availableGeometry()
found = {"screen": [available.width(), available.height()], "outside": []}
for window in (app.window, *dialogs):
    window.show()
    for _ in range(10):
        application.processEvents()
    if not available.contains(window.frameGeometry()):
        found["outside"].append([type(window).__name__, window.frameGeometry().getRect()])
bar = app.window.centralWidget().layout().itemAt(0).widget()
shown = [child for child in bar.children() if isinstance(child, QWidget) and child.isVisible()]
found["cut"] = [child.geometry().getRect() for child in shown if not bar.rect().contains(child.geometry())]
print(json.dumps(found))
sys.stdout.flush()
os._exit(0)
"""


@pytest.mark.parametrize(
    ("scale", "width"), [("1", 1366), pytest.param("1.25", 1093, marks=pytest.mark.slow), ("1.5", 911)]
)
def test_a_first_start_fits_a_small_screen(tmp_path: Path, scale: str, width: int) -> None:
    screen = {"name": "one", "x": 0, "y": 0, "width": 1366, "height": 768, "logicalDpi": 96, "dpr": 1}
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": [screen]}))
    env = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}", "QT_SCALE_FACTOR": scale}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=150, env=env)
    found = json.loads(done.stdout)
    assert found["screen"][0] == width
    assert (found["outside"], found["cut"]) == ([], [])


numbers = st.integers(-4000, 6000)
sizes = st.integers(1, 5000)


@given(numbers, numbers, sizes, sizes)
def test_what_is_fitted_is_within_the_room(x: int, y: int, width: int, height: int) -> None:
    room, wanted = QRect(100, 30, 1366, 738), QRect(x, y, width, height)
    found = fitted(wanted, room)
    assert room.contains(found)
    assert found.size() == wanted.size().boundedTo(room.size())
    assert found == wanted or not room.contains(wanted)


def kept_window(x: int, y: int, width: int, height: int) -> QByteArray:
    """What a window keeps that lay there, on a screen that is no more."""
    window = QWidget()
    window.setGeometry(x, y, width, height)
    return window.saveGeometry()


@pytest.mark.parametrize("place", [(2600, 300, 1400, 900), (-3000, -2000, 700, 500), (10, 50, 3000, 2000)])
def test_a_restored_window_is_in_sight(place: tuple[int, int, int, int], qtbot: QtBot, open_app: Opener) -> None:
    preferences = Preferences(paths.config_home() / "diffviz.ini")
    preferences.keep_layout("window", kept_window(*place))
    preferences.save()
    window = open_app(None).window
    assert window.screen().availableGeometry().contains(window.frameGeometry())


def test_a_restored_window_that_fits_stays_where_it_was(qtbot: QtBot, open_app: Opener) -> None:
    preferences = Preferences(paths.config_home() / "diffviz.ini")
    preferences.keep_layout("window", kept_window(60, 70, 650, 500))
    preferences.save()
    assert open_app(None).window.geometry() == QRect(60, 70, 650, 500)


def test_a_small_window_scrolls_what_cannot_be_smaller(qtbot: QtBot) -> None:
    content = QWidget()
    area = ScrollingBelow(content, QSize(400, 300))
    qtbot.addWidget(area)
    area.resize(500, 400)
    area.show()
    assert content.size() == QSize(500, 400)
    area.resize(300, 200)
    assert content.size() == QSize(400, 300)
    assert area.verticalScrollBar().maximum() >= 100
    area.resize(500, 400)
    assert content.size() == QSize(500, 400)
    assert area.verticalScrollBar().maximum() == 0


def test_a_dialog_is_as_large_as_its_content_up_to_the_screen(qtbot: QtBot) -> None:
    dialog = QWidget()
    qtbot.addWidget(dialog)
    content, line = QWidget(), QLabel("one line")
    QVBoxLayout(content).addWidget(line)
    main = Fitting(content, QSize(40, 100))
    QVBoxLayout(dialog).addWidget(main)
    dialog.show()
    assert main.sizeHint() == content.sizeHint()
    line.setMinimumSize(300, 5000)
    qtbot.waitUntil(lambda: main.minimumSizeHint().height() > 300)
    room = QGuiApplication.primaryScreen().availableGeometry().marginsRemoved(FRAME)
    qtbot.waitUntil(lambda: dialog.height() > 300)
    assert dialog.height() <= room.height() == room_on(dialog).height()
