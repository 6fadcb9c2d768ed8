"""The whole program, as a person uses it: the real window, worker, engine and bundled model."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QMenu,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain.errors import ImageUnreadable
from diffviz.domain.frames import ReverseFrame
from diffviz.domain.requests import ForwardRequest, ReverseRequest, Step
from diffviz.domain.sampling import Cosine, Ddpm
from diffviz.domain.sentences import sentence
from diffviz.session.run import Status
from diffviz.ui.labs.diffusion.lab import DiffusionLab
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.shortcuts import ShortcutsDialog, rows_of
from tests import waiting
from tests.ui.conftest import LONG

RAW = re.compile(r"\b[xε]̂?_|[̂̃̄]\d")
"""Notation that should have been set: x_t, x̂0."""


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
    qtbot.waitUntil(lambda: all(each.seen for each in app.window.lab.stage.canvas.labels), timeout=LONG)


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
        timeline.plots.make()
        stack = timeline.plots.stack
        assert stack is not None
        assert len(stack.shown) == 2
        assert stack.mapToGlobal(QPointF(stack.cursor_px, 0)).x() == pytest.approx(handle, abs=0.5)
        for panel in stack.shown:
            assert panel.to_px(position, 1.0).x() == pytest.approx(stack.cursor_px, abs=1e-6)


def test_narrow_and_low_windows_fold(qtbot: QtBot, app: App) -> None:
    app.window.resize(1100, 700)
    qtbot.waitUntil(lambda: not app.window.lab.instant.isVisible(), timeout=LONG)
    app.window._bar.drawer.click()
    assert app.window.lab.instant.isVisible()
    app.window.resize(1440, 900)
    qtbot.waitUntil(app.window.lab.instant.isVisible, timeout=LONG)


def test_eight_pictures_are_in_sight_without_scrolling(qtbot: QtBot, app: App) -> None:
    qtbot.waitUntil(lambda: app.session.frame() is not None, timeout=LONG)
    sheet = app.window.lab.form.forward.gallery.sheet

    def seen() -> bool:
        region = sheet.visibleRegion().boundingRect()
        return all(region.contains(sheet.rect_of(number)) for number in range(8))

    qtbot.waitUntil(seen, timeout=LONG)


def test_the_drawer_takes_nothing_from_the_stage_and_stays_in_the_window(qtbot: QtBot, app: App) -> None:
    lab = app.window.lab
    app.window.resize(900, 620)
    qtbot.waitUntil(lambda: not lab.instant.isVisible(), timeout=LONG)
    QApplication.processEvents()
    wide = lab.stage.width()
    app.window._bar.drawer.click()
    QApplication.processEvents()
    assert lab.stage.width() == wide
    right = lab.instant.mapTo(app.window, QPoint(lab.instant.width(), 0)).x()
    assert right <= app.window.width()
    app.window.resize(1440, 900)
    qtbot.waitUntil(lambda: lab.stage.geometry().width() > wide, timeout=LONG)

    def beside() -> bool:
        edge = lab.stage.mapTo(app.window, QPoint(lab.stage.width(), 0)).x()
        return bool(edge < lab.instant.mapTo(app.window, QPoint(0, 0)).x())

    qtbot.waitUntil(beside, timeout=LONG)


@pytest.mark.parametrize("size", [(900, 620), (1100, 700), (1440, 900)])
def test_nothing_is_squeezed_below_what_it_needs(qtbot: QtBot, app: App, size: tuple[int, int]) -> None:
    """Every button is wide enough for its text, at every size of the window."""
    app.window.resize(*size)
    qtbot.waitUntil(lambda: app.session.frame() is not None, timeout=LONG)
    QApplication.processEvents()
    for button in app.window.findChildren(QPushButton):
        if button.isVisible() and button.text():
            needed = button.fontMetrics().horizontalAdvance(button.text())
            assert button.width() >= needed, button.text()


def test_no_raw_notation_is_on_the_screen(qtbot: QtBot, app: App) -> None:
    for direction in ("forward", "reverse"):
        app.window.lab.form.directions.button(direction).click()
        QApplication.processEvents()
        said = [text for text in spoken(app.window) if RAW.search(text)]
        assert not said


def spoken(window: QWidget) -> list[str]:
    """Texts and tooltips of what is visible, and of the menus."""
    seen = [widget for widget in window.findChildren(QWidget) if widget.isVisible()]
    words = [w.text() for w in seen if isinstance(w, QLabel | QAbstractButton)]
    menus = [action.text() for menu in window.findChildren(QMenu) for action in menu.actions()]
    combos = [w.itemText(i) for w in seen if isinstance(w, QComboBox) for i in range(w.count())]
    return [*words, *menus, *combos, *(w.toolTip() for w in seen)]


def test_every_control_says_what_it_does(app: App) -> None:
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox)
    for direction in ("forward", "reverse"):
        app.window.lab.form.directions.button(direction).click()
        QApplication.processEvents()
        for widget in app.window.findChildren(QWidget):
            if widget.isVisible() and isinstance(widget, kinds):
                assert tip_of(widget), (widget, widget.accessibleName())


def tip_of(widget: QWidget | None) -> str:
    """The tooltip that is shown over `widget`: its own, or that of what it stands in."""
    while widget is not None and not widget.toolTip():
        widget = widget.parentWidget()
    return widget.toolTip() if widget else ""


def test_tab_goes_down_the_form_from_row_to_row(qtbot: QtBot, app: App) -> None:
    form = app.window.lab.form
    form.directions.button("reverse").click()
    waiting.stand_on(qtbot, form.directions.button("reverse"))
    tops, names = [], []
    for _ in range(12):
        focused = QApplication.focusWidget()
        assert focused is not None
        tops.append(focused.mapTo(app.window, QPoint(0, 0)).y())
        names.append(focused.accessibleName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert tops == sorted(tops)
    assert [name for name in names if name in ("Sampler", "η", "Steps", "Spacing", "Class", "Guidance", "Samples")] == [
        "Sampler",
        "η",
        "Steps",
        "Spacing",
        "Class",
        "Guidance",
        "Samples",
    ]


def test_the_title_says_what_is_shown(qtbot: QtBot, app: App) -> None:
    denoised(qtbot, app)
    assert app.window.windowTitle() == "DDIM 8 – diffviz"


def test_hovering_a_pixel_takes_the_place_of_the_hints(qtbot: QtBot, app: App) -> None:
    denoised(qtbot, app)
    app.window.lab.draw()
    hints, canvas = app.window._hints, app.window.lab.stage.canvas
    before = hints.text()
    assert "Space plays" in before
    QTest.mouseMove(canvas, QPoint(20, canvas.height() // 2))
    assert "row" in hints.text()
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert hints.text() == before


def test_the_hints_follow_a_mirrored_axis(app: App) -> None:
    assert "Home x<sub>0</sub>" in app.window._hints.text()
    app.preferences["mirrored"] = True
    assert "Home x<sub>T</sub>" in app.window._hints.text()
    app.preferences["mirrored"] = False


def test_a_picture_dropped_anywhere_is_taken_in(qtbot: QtBot, app: App, tmp_path: Path) -> None:
    file = tmp_path / "own.png"
    Pillow.new("L", (40, 30), 200).save(file)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    where, move = QPoint(700, 300), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(app.window, QDragEnterEvent(where, move, data, left, none))
    assert "Drop" in app.window._hints.text()
    QApplication.sendEvent(app.window, QDropEvent(QPointF(where), move, data, left, none))
    dialog = app.window.lab.form.own.dialog
    assert dialog is not None
    dialog.accept()
    assert app.window.lab.form.forward.gallery.count.text() == "9 of 16"
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "notes.txt"))])
    entered = QDragEnterEvent(where, move, data, left, none)
    entered.ignore()
    QApplication.sendEvent(app.window, entered)
    assert not entered.isAccepted()


def test_a_broken_picture_is_said_where_it_is_seen(qtbot: QtBot, app: App, tmp_path: Path) -> None:
    app.window.resize(1100, 700)
    files = [tmp_path / "broken.png", tmp_path / "IMG_1.HEIC"]
    for file in files:
        file.write_bytes(b"no picture")
    data, where, move = QMimeData(), QPointF(700, 300), Qt.DropAction.CopyAction
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(app.window, QDragEnterEvent(where.toPoint(), move, data, left, none))
    QApplication.sendEvent(app.window, QDropEvent(where, move, data, left, none))
    error = app.window.lab.form.forward.gallery.error
    qtbot.waitUntil(lambda: error.visibleRegion().boundingRect().height() >= error.height() - 1, timeout=LONG)
    assert error.text().splitlines() == [sentence(ImageUnreadable(file)) for file in files]
    app.window.open_lab("gan")
    app.window.import_pictures(files)
    assert "takes no pictures" in app.window.notice.text.text()


def test_the_run_button_stays_where_it_is_when_settings_change(qtbot: QtBot, app: App) -> None:
    request = denoised(qtbot, app)
    form = app.window.lab.form
    form.set_request(request, undoable=False)
    qtbot.waitUntil(lambda: form.panel.height() == form.panel.sizeHint().height())  # laid out
    before = form.panel.run.mapTo(app.window, QPoint(0, 0))
    form.set_request(dataclasses.replace(request, samples=5), undoable=False)
    QApplication.processEvents()
    assert form.panel.notice.isVisible()
    assert form.panel.run.mapTo(app.window, QPoint(0, 0)) == before


def test_all_shortcuts_are_listed_once_and_say_what_they_do(app: App, qtbot: QtBot) -> None:
    window = app.window
    dialog = ShortcutsDialog({**window.lab.shortcuts(), "Window": rows_of(window._own_actions)}, window)
    qtbot.addWidget(dialog)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    assert {"Ctrl+Return", "Space", "←", "D", "Ctrl+Z", "? / F1"} <= set(words)
    assert not [word for word in words if " / " in word and len(set(word.split(" / "))) == 1]
    listed = {word for word in words if len(word) == 1}
    keys = {b.shortcut().toString() for b in window.lab.stage.findChildren(QPushButton)} - {""}
    assert {key for key in keys if len(key) == 1} <= listed


def test_a_failed_run_shows_nothing_of_the_run_before(qtbot: QtBot, app: App) -> None:
    denoised(qtbot, app)
    app.window.lab.draw()
    lab = app.window.lab
    assert lab.instant.value("snr") != "—"
    card = app.session.cards["fashion-ddpm"]
    app.session.cards["gone"] = dataclasses.replace(card, id="gone")
    run = app.session.start(ReverseRequest(model="gone", samples=1, steps=4), "diffusion/reverse")
    qtbot.waitUntil(lambda: run.status is Status.FAILED, timeout=LONG)
    qtbot.waitUntil(lambda: lab.stage.canvas.picture is None, timeout=LONG)
    assert lab.instant.value("snr") == "—"
    assert lab.histogram.densities == ()
    assert lab.form.panel.problem.text.isVisible()


def test_dragging_a_schedule_s_parameter_moves_plots_and_frames(qtbot: QtBot, app: App) -> None:
    qtbot.waitUntil(lambda: bool(app.session.a and app.session.a.status is Status.FINISHED), timeout=LONG)
    app.session.seek(300)
    app.window.lab.draw()
    app.window.lab.timeline.plots.make()
    plot = app.window.lab.timeline.plots.panels[1]
    frame, row = app.session.frame(), app.window.lab.form.forward.form.row("schedule", "s")
    assert frame is not None
    assert row is not None
    before = plot.drawn[0].at(plot.map.scale.share(300.0))
    track, handle = row.editor.track, row.editor.handle
    for share in (0.5, 0.75, 1.0):
        handle.moved.emit(track.x() + share * track.width())
    handle.released.emit()
    qtbot.waitUntil(lambda: bool(app.session.a and app.session.a.status is Status.FINISHED), timeout=LONG)
    app.window.lab.draw()
    now = app.session.frame()
    assert now is not None
    assert now.position == frame.position
    assert plot.drawn[0].at(plot.map.scale.share(300.0)) != before
    assert not np.array_equal(now.arrays()["x"], frame.arrays()["x"])
    assert len(app.session.runs) == 1
    app.undo.undo()
    request = app.window.lab.form.request()
    assert isinstance(request, ForwardRequest)
    assert request.schedule == Cosine()
    waiting.stand_on(qtbot, app.window.lab.timeline.slider)
    QTest.keyClick(app.window.lab.timeline.slider, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    again = app.window.lab.form.request()
    assert isinstance(again, ForwardRequest)
    assert again.schedule != Cosine(), "also where Ctrl+Y is the system's own key"


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


def test_another_theme_keeps_the_page_its_share_of_the_height_and_its_scroll(qtbot: QtBot, app: App) -> None:
    old, lab = app.window, app.window.lab
    first = share_of_stage(lab)
    lab.pages.open("instruments")
    for key in ("equations", "kl", "scaling", "markov"):
        lab.instruments.choose(key, True)
    bar = lab.instruments.grid.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 300)
    lab.splitter.setSizes([lab.splitter.height() - 330, 330])
    share = share_of_stage(lab)
    lab.instruments.grid.reveal(None)
    bar.setValue(240)
    app.preferences["theme"] = "light" if theme.palette().name == "dark" else "dark"
    qtbot.waitUntil(lambda: app.window is not old, timeout=LONG)
    new = app.window.lab
    assert new.pages.page == "instruments"
    assert share_of_stage(new) == pytest.approx(share, abs=0.01), "of a height that the screen may cut"
    qtbot.waitUntil(lambda: new.instruments.grid.verticalScrollBar().value() == 240)
    new.pages.open("stage")
    assert share_of_stage(new) == pytest.approx(first, abs=0.01)


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


def share_of_stage(lab: DiffusionLab) -> float:
    above, below = lab.splitter.sizes()
    return above / (above + below)


def texts(window: QWidget) -> list[str]:
    words: list[QLabel | QPushButton] = [*window.findChildren(QLabel), *window.findChildren(QPushButton)]
    return [w.text() for w in words if w.isVisible()]


def test_every_button_has_a_name_and_says_what_it_does(app: App) -> None:
    for button in app.window.findChildren(QPushButton):
        assert button.text() or button.accessibleName() or button.toolTip(), button


def test_clicking_the_stage_fills_it_with_one_sample(qtbot: QtBot, app: App) -> None:
    denoised(qtbot, app)
    app.window.lab.draw()
    stage, canvas = app.window.lab.stage, app.window.lab.stage.canvas
    assert canvas.scene
    box = canvas.scene.tile(0, 1, canvas.viewport)
    with qtbot.waitSignal(stage.focus_changed):
        middle = QPoint(box.x + box.width // 2, box.y + box.height // 2)
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=middle)
    assert stage.focus == 1
    assert app.window.lab.timeline.sample == stage.focus
    with qtbot.waitSignal(stage.focus_changed):
        qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert stage.focus is None
