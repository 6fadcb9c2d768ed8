"""What looks alike everywhere, and figures that go with what they are of."""

from __future__ import annotations

import re

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain.requests import ReverseRequest
from diffviz.session.run import Status
from tests.ui.conftest import LONG

REACHES_TOOLTIPS = re.compile(r"^\s*(\*|QWidget|QFrame|QLabel)\s*$")


def loose(sheet: str) -> list[str]:
    """Selectors of a widget's own style sheet that its tooltip, a QLabel that borrows the sheet, obeys as well."""
    if not sheet.strip():
        return []
    if "{" not in sheet:
        return ["*"]
    selectors = [one for rule in sheet.split("}") for one in rule.partition("{")[0].split(",")]
    return [one for one in selectors if REACHES_TOOLTIPS.match(one)]


def test_a_sheet_without_a_selector_is_found() -> None:
    assert loose("padding: 2px") == ["*"]
    assert loose("QFrame { border: none; }") != []
    assert loose("QPushButton { padding: 2px; } QFrame#card { border: none; }") == []


def test_no_widget_lends_its_tooltip_another_look(app: App) -> None:
    for name in ("diffusion", "vae", "gan"):
        app.window.open_lab(name)
        widgets = [app.window, *app.window.findChildren(QWidget)]
        assert {type(each).__name__: found for each in widgets if (found := loose(each.styleSheet()))} == {}


def test_a_tooltip_is_hardly_higher_than_its_words(app: App, qtbot: QtBot) -> None:
    QToolTip.showText(app.window.mapToGlobal(QPoint(9, 9)), "What this is for", app.window)
    (tip,) = [each for each in QApplication.topLevelWidgets() if each.inherits("QTipLabel")]
    assert isinstance(tip, QLabel)
    assert tip.fontMetrics().height() + 8 <= tip.height() <= tip.fontMetrics().height() + 20
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_the_value_of_a_pixel_goes_with_its_run(app: App, qtbot: QtBot) -> None:
    run = app.session.start(ReverseRequest(model="digits-ddpm", steps=2, samples=1), "diffusion/reverse")
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    viewer = app.window.lab.stage
    said: list[str] = []
    viewer.readout_changed.connect(said.append)
    QTest.mouseMove(viewer.canvas, viewer.canvas.rect().center())
    qtbot.waitUntil(lambda: bool(viewer.readout()))
    for each in list(app.session.runs):
        app.session.remove(each)
    qtbot.waitUntil(lambda: not viewer.readout())
    assert said[-1] == ""
