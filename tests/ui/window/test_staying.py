"""What one aims at stays where it is while something is said, and while forms change."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.ui.widgets import notice
from diffviz.ui.widgets.layout import FEWEST, LIST_ROW
from diffviz.ui.widgets.notice import Message
from tests import waiting
from tests.ui.conftest import LONG, Opener

SIZES = ((1440, 900), (1100, 700), (900, 620))
LONG_TEXT = "Some folders cannot be written, so this is not kept: settings, the log of errors, frames on disk. " * 3


def places(app: App) -> dict[str, QRect]:
    """Where the main widgets of the window are."""
    window, lab = app.window, app.window.lab
    QApplication.processEvents()
    main: dict[str, QWidget] = {
        "bar": window.regions()[0].widget,
        "form": lab.form.page,
        "directions": lab.form.directions,
        "run": next(b for b in (lab.form.panel.run, lab.form.panel.cancel) if not b.isHidden()),
        "runs": lab.form.runs,
        "stage": lab.stage,
        "pictures": lab.stage.canvas,
        "transport": lab.timeline.transport,
        "slider": lab.timeline.slider,
        "plots": lab.timeline.plots,
        "instant": lab.instant,
    }
    return {name: QRect(w.mapTo(window, QPoint()), w.size()) for name, w in main.items() if w.isVisible()}


def at_rest(qtbot: QtBot, app: App) -> None:
    run = app.session.a
    assert run is not None
    qtbot.waitUntil(lambda: app.session.device is not None and run.status.final, timeout=LONG)
    QApplication.processEvents()


@pytest.mark.parametrize("size", SIZES)
def test_a_notice_lies_over_the_window_and_moves_nothing(
    qtbot: QtBot, open_app: Opener, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = list[str]()
    monkeypatch.setattr(notice, "announce", lambda _widget, text, urgent: heard.append(f"{text} {urgent}"))
    app = open_app(size)
    at_rest(qtbot, app)
    QTest.mouseMove(app.window, QPoint(2, 2))
    said, before = app.window.notice, places(app)
    assert len(before) >= 10
    for message in (
        Message("The run was saved."),
        Message(LONG_TEXT, (("Open…", said.put_away), ("Forget", said.put_away)), error=True),
    ):
        said.say(message)
        assert places(app) == before
        assert said.isVisible()
        assert app.window.rect().contains(said.geometry())
        assert said.text.height() >= said.text.heightForWidth(said.text.width())
        assert not said.geometry().intersects(before["run"])
        assert heard == [f"{message.text} {not message.passing}"]
        for button in (*said.buttons, said.close_button):
            at = button.mapTo(app.window, button.rect().center())
            assert app.window.childAt(at) is button, "what is to be answered lies on top"
        heard.clear()
        if message.passing:
            assert not said.underMouse(), "it would stay"
            said.passing.setInterval(0)
            qtbot.waitUntil(said.isHidden)  # it has only informed
        else:
            assert not said.passing.isActive(), "it waits for an answer"
            waiting.activate(qtbot, app.window)
            for _ in range(9):
                qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6)
                there = QApplication.focusWidget()
                if there is not None and said.isAncestorOf(there):
                    break
            qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
        assert said.isHidden()
        assert places(app) == before


def test_screen_readers_are_told_what_is_said(qtbot: QtBot, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[tuple[str, QAccessible.AnnouncementPoliteness]]()
    hear = staticmethod(lambda event: told.append((event.message(), event.politeness())))
    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    app.window.notice.say(Message("The run was saved."))
    app.window.notice.say(Message("The disk is full.", error=True))
    polite = QAccessible.AnnouncementPoliteness
    assert told == [("The run was saved.", polite.Polite), ("The disk is full.", polite.Assertive)]


def still(app: App, *names: str) -> dict[str, QRect]:
    """Where the widgets called `names` are: those that the pointer may be over."""
    return {name: place for name, place in places(app).items() if name in names}


@pytest.mark.parametrize("size", SIZES)
def test_run_and_the_list_stay_where_they_are_while_the_form_changes(
    qtbot: QtBot, open_app: Opener, size: tuple[int, int]
) -> None:
    app = open_app(size)
    at_rest(qtbot, app)
    form, lab = app.window.lab.form, app.window.lab
    before = places(app)
    for other in ("pictures", "instant"):  # captions and figures of another run
        before.pop(other, None)
    held = tuple(before)
    assert form.runs.height() >= FEWEST * LIST_ROW - 1
    if size == SIZES[0]:
        assert form.page.verticalScrollBar().maximum() == 0, "all pictures are in sight"

    def changed(what: str) -> None:
        now = still(app, *held)
        now["run"].setWidth(before["run"].width())  # *Cancel* stands in its place, with *Hold* beside it
        moved = {name: (before[name], now.get(name)) for name in held if now.get(name) != before[name]}
        assert not moved, f"{what}: {moved}"

    for direction in ("reverse", "forward", "reverse"):
        qtbot.mouseClick(form.directions.button(direction), Qt.MouseButton.LeftButton)
        changed(direction)
    row = form.reverse.row("sampler")
    assert row is not None
    sampler = row.editor.combo
    for index in range(sampler.count()):
        waiting.stand_on(qtbot, sampler, Qt.FocusReason.ShortcutFocusReason)
        sampler.setCurrentIndex(index)
        sampler.activated.emit(index)
        changed(sampler.itemText(index))
    qtbot.mouseClick(form.panel.run, Qt.MouseButton.LeftButton)
    changed("a run begins")
    run = app.session.a
    assert run is not None
    qtbot.waitUntil(lambda: len(run.store) > 1, timeout=LONG)
    changed("a run goes on")
    app.session.cancel(run)
    qtbot.waitUntil(lambda: run.status.final, timeout=LONG)
    changed("a run ends")
    qtbot.mouseClick(form.directions.button("forward"), Qt.MouseButton.LeftButton)
    changed("settings are those of another run")
    app.window.open_lab("vae")
    app.window.open_lab("diffusion")
    changed("another lab was opened")
    assert lab.isVisible()
