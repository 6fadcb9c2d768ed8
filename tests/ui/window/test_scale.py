"""The size of the interface: one factor for all type and spacing, from the settings, at the next start."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from diffviz.app import App, read_preferences
from diffviz.session.preferences import SCALE_FACTOR, scaled

RATIO = """
import sys
from PySide6.QtWidgets import QApplication
from diffviz.app import read_preferences
from diffviz.session.preferences import scaled
with scaled(read_preferences()["scale"]):
    application = QApplication(sys.argv[:1])
print(application.primaryScreen().devicePixelRatio())
"""


@pytest.mark.parametrize("percent", [80, 100, 200])
def test_the_next_start_has_the_size_that_was_chosen(percent: int) -> None:
    preferences = read_preferences()
    preferences["scale"] = percent
    preferences.save()
    ours = {**os.environ, SCALE_FACTOR: "1"}
    done = subprocess.run([sys.executable, "-c", RATIO], env=ours, check=True, capture_output=True, text=True)
    assert float(done.stdout) == pytest.approx(percent / 100)


@pytest.mark.parametrize(("before", "within"), [(None, "1.5"), ("2", "3"), ("none", "1.5")])
def test_the_scale_of_the_desktop_is_multiplied_and_left_to_others(
    before: str | None, within: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SCALE_FACTOR, raising=False)
    if before is not None:
        monkeypatch.setenv(SCALE_FACTOR, before)
    with scaled(150):
        assert os.environ[SCALE_FACTOR] == within
    assert os.environ.get(SCALE_FACTOR) == before


def test_what_is_out_of_bounds_is_not_taken() -> None:
    preferences = read_preferences()
    preferences["scale"] = 1000
    assert preferences["scale"] == 200


def test_the_menu_says_when_the_size_is_had(app: App, qtbot: QtBot) -> None:
    menus = app.window.findChildren(QMenu)
    menu = next(menu for menu in menus if menu.title() == "Interface size")
    assert [action.text() for action in menu.actions()][::7] == ["80 %", "200 %"]
    menu.actions()[-1].trigger()
    assert app.preferences["scale"] == 200
    assert "200 %" in app.window.notice.text.text()
