"""The whole program, as a person uses it: the real window, worker, engine and bundled model."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain.frames import ReverseFrame
from diffviz.domain.requests import ForwardRequest, ReverseRequest, Step
from diffviz.domain.samplers import Ddpm
from diffviz.session.run import Status
from diffviz.ui.timeline.plot import Plot

LONG = 60_000


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[App]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    app = App(application, "cpu")
    app.window.resize(1440, 900)
    app.show()
    yield app
    app.window.closed.disconnect()
    app.window.close()
    assert app.close()
    app.window.deleteLater()


def ready(qtbot: QtBot, app: App) -> None:
    qtbot.waitUntil(lambda: app.session.device is not None, timeout=LONG)


def denoised(qtbot: QtBot, app: App) -> ReverseRequest:
    request = ReverseRequest(model="fashion-ddpm", samples=4, steps=8)
    run = app.session.start(request, "diffusion/reverse")
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    return request


def test_first_screen_is_useful_before_torch(qtbot: QtBot, app: App) -> None:
    qtbot.waitUntil(lambda: app.session.frame() is not None, timeout=LONG)
    run = app.session.a
    assert run is not None
    assert isinstance(run.request, ForwardRequest)
    assert app.window.lab.form.panel.run.isEnabled()
    assert app.window.lab.stage.canvas.picture is not None
    assert app.window.lab.timeline.slider.hasFocus()


def test_run_from_the_button_to_the_last_frame(qtbot: QtBot, app: App) -> None:
    form = app.window.lab.form
    form.show_direction("reverse")
    qtbot.mouseClick(form.panel.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(app.session.a and isinstance(app.session.a.request, ReverseRequest)), timeout=LONG)
    run = app.session.a
    assert run is not None
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    assert app.session.cursor == 0
    assert run.progress == 1
    frame = app.session.frame()
    assert isinstance(frame, ReverseFrame)
    assert np.abs(frame.x).max() < 1.5


def test_cancel_keeps_what_came(qtbot: QtBot, app: App) -> None:
    ready(qtbot, app)
    run = app.session.start(ReverseRequest(model="fashion-ddpm", samples=8, steps=1000), "diffusion/reverse")
    qtbot.waitUntil(lambda: len(run.store) > 3, timeout=LONG)
    app.window.lab.form.cancel_asked.emit()
    qtbot.waitUntil(lambda: run.status is Status.CANCELLED, timeout=LONG)
    app.session.seek(1000)
    assert app.session.frame() is not None


def test_class_recognised_reaches_the_stage(qtbot: QtBot, app: App) -> None:
    ready(qtbot, app)
    with qtbot.waitSignal(app.session.answered, timeout=LONG):
        denoised(qtbot, app)
    qtbot.waitUntil(lambda: app.window.lab._seen is not None, timeout=LONG)


def test_denoise_from_here(qtbot: QtBot, app: App) -> None:
    qtbot.waitUntil(lambda: bool(app.session.a and app.session.a.status is Status.FINISHED), timeout=LONG)
    app.session.seek(300)
    app.window.lab.stage.denoise_asked.emit(0)
    run = app.session.a
    assert run is not None
    assert isinstance(run.request, ReverseRequest)
    assert isinstance(run.request.start, Step)
    assert isinstance(run.request.sampler, Ddpm)
    assert run.parent is not None
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    first, last = run.store[0], run.store[-1]
    assert abs(first.position - 300) < 5
    assert not np.array_equal(last.arrays()["x"][0], last.arrays()["x"][1])


def test_plots_and_slider_share_one_axis_in_the_window(qtbot: QtBot, app: App) -> None:
    denoised(qtbot, app)
    timeline = app.window.lab.timeline
    for width, position in ((1440, 0), (1440, 125), (1203, 500), (1100, 1000)):
        app.window.resize(width, 900)
        QApplication.processEvents()
        app.session.seek(position)
        app.window.lab.draw()
        handle = timeline.slider.mapToGlobal(timeline.slider.handle_centre()).x()
        plots = [plot for plot in timeline.findChildren(Plot) if plot.isVisible()]
        assert len(plots) == 2
        for plot in plots:
            assert plot.mapToGlobal(QPointF(plot.cursor_px, 0)).x() == pytest.approx(handle, abs=0.5)


def test_narrow_and_low_windows_fold(qtbot: QtBot, app: App) -> None:
    app.window.resize(1100, 700)
    qtbot.waitUntil(lambda: not app.window.lab.instant.isVisible(), timeout=LONG)
    app.window._drawer.click()
    assert app.window.lab.instant.isVisible()
    app.window.resize(1440, 900)
    qtbot.waitUntil(app.window.lab.instant.isVisible, timeout=LONG)


def test_language_switches_at_once_and_keeps_the_runs(qtbot: QtBot, app: App) -> None:
    denoised(qtbot, app)
    runs = list(app.session.runs)
    english = texts(app.window)
    old = app.window
    app.preferences["language"] = "ko"
    qtbot.waitUntil(lambda: app.window is not old, timeout=LONG)
    assert app.session.runs == runs
    assert texts(app.window) != english
    assert any("가" <= c <= "힣" for text in texts(app.window) for c in text)


def test_theme_switches_at_once(qtbot: QtBot, app: App) -> None:
    app.preferences["theme"] = "dark"
    old = app.window
    app.preferences["theme"] = "light"
    qtbot.waitUntil(lambda: app.window is not old, timeout=LONG)
    colour = app.window.grab().toImage().pixelColor(4, app.window.height() // 2)
    assert colour.lightness() > 200


def test_undo_and_redo_reach_the_form(qtbot: QtBot, app: App) -> None:
    form = app.window.lab.form
    form.show_direction("reverse")
    before = form.request()
    assert isinstance(before, ReverseRequest)
    changed = dataclasses.replace(before, seed=7, guidance=3.0)
    form.set_request(changed)
    assert form.request() == changed
    app.undo.undo()
    assert form.request() == before
    app.undo.redo()
    assert form.request().seed == 7


def test_geometry_and_preferences_persist(qtbot: QtBot, app: App, home: Path) -> None:
    app.preferences["mirrored"] = True
    app.preferences.save()
    assert "mirrored" in next(home.rglob("diffviz.ini")).read_text()


def texts(window: QWidget) -> list[str]:
    words: list[QLabel | QPushButton] = [*window.findChildren(QLabel), *window.findChildren(QPushButton)]
    return [w.text() for w in words if w.isVisible()]


def test_every_button_has_a_name_and_says_what_it_does(app: App) -> None:
    for button in app.window.findChildren(QPushButton):
        assert button.text() or button.accessibleName() or button.toolTip(), button


def test_clicking_the_stage_fills_it_with_one_sample(qtbot: QtBot, app: App) -> None:
    denoised(qtbot, app)
    app.window.lab.draw()
    stage = app.window.lab.stage
    with qtbot.waitSignal(stage.focus_changed):
        canvas = stage.canvas
        qtbot.mouseClick(
            canvas, Qt.MouseButton.LeftButton, pos=QPoint(canvas.width() // 6 - 30, canvas.height() // 2 - 30)
        )
    assert stage.focus is not None
    assert app.window.lab.timeline.sample == stage.focus
    with qtbot.waitSignal(stage.focus_changed):
        qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert stage.focus is None
