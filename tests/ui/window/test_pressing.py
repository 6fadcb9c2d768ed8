"""Every control of every lab does something when it is pressed by a key; none is a dead end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.session.run import Run
from tests import waiting
from tests.ui.conftest import LONG, Opener
from tests.ui.window.test_keyboard import around, at_rest

PRESSES = (Qt.Key.Key_Space, Qt.Key.Key_Return)
OWN = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Plus, Qt.Key.Key_Minus)
"""What else is tried on what is no button: a field, a list, a slider, a plot."""


QUICK = 100
"""Network evaluations of a run whose end is waited for."""


class Closer(QObject):
    """Closes every menu, list and dialog that opens, and counts them: they would wait for a person."""

    def __init__(self) -> None:
        super().__init__()
        self.closed: list[str] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start(5)

    def stop(self) -> None:
        self._timer.stop()

    @Slot()
    def _on_timeout(self) -> None:
        above = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if above is not None and above.isVisible():
            self.closed.append(type(above).__name__)
            above.reject() if isinstance(above, QDialog) else above.close()


@pytest.fixture
def closer(qapp: QApplication) -> Iterator[Closer]:
    made = Closer()
    yield made
    made.stop()
    made.deleteLater()


def rest(qtbot: QtBot, app: App, shown: Run | None = None) -> None:
    """Nothing plays, computes or opens any more; `shown` is on the screen, at its middle."""
    app.player.pause()
    shown = shown if shown in app.session.runs else app.session.a
    if shown is not None:
        app.session.show(shown)
        app.session.seek((shown.plan.low + shown.plan.high) / 2)
    for run in app.session.runs:
        if not run.status.final and run.plan.evaluations > QUICK:
            app.session.cancel(run)
    qtbot.waitUntil(lambda: all(run.status.final for run in app.session.runs), timeout=LONG)
    qtbot.waitUntil(lambda: not (QApplication.activePopupWidget() or QApplication.activeModalWidget()), timeout=LONG)
    for _ in range(3):
        QApplication.processEvents()


def state(app: App, closer: Closer) -> tuple[object, ...]:
    """All that a key could have changed that a person would notice."""
    session, window = app.session, app.window
    image = window.grab().toImage()
    runs = tuple((run.id, run.name, run.status.final) for run in session.runs)
    b, clipboard = session.b.id if session.b else None, QGuiApplication.clipboard().text()
    seen = bytes(image.constBits())
    return len(closer.closed), runs, b, session.cursor, app.player.playing, app.player.ending, clipboard, hash(seen)


def did(qtbot: QtBot, app: App, closer: Closer, shown: Run, widget: QWidget, key: Qt.Key) -> bool:
    """Press `key` on `widget` once all is at rest as before any; whether anything came of it."""
    while app.undo.canUndo():
        app.undo.undo()
    rest(qtbot, app, shown)
    if not usable(widget):
        return True
    waiting.stand_on(qtbot, widget, Qt.FocusReason.ShortcutFocusReason)
    if already_chosen(widget):
        choose_another(qtbot, widget)
    before = state(app, closer)
    qtbot.keyClick(widget, key)
    QApplication.processEvents()
    here = widget if usable(widget) else None
    if here is not None and here is not QApplication.focusWidget():
        waiting.stand_on(qtbot, here, Qt.FocusReason.ShortcutFocusReason)
    return here is None or state(app, closer) != before


def already_chosen(widget: QWidget) -> bool:
    """Whether it is the one of several that is chosen: to choose it again is nothing."""
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    return group is not None and group.exclusive() and group.checkedButton() is widget


def choose_another(qtbot: QtBot, widget: QWidget) -> None:
    assert isinstance(widget, QAbstractButton)
    other = next(one for one in widget.group().buttons() if one is not widget and one.isVisible())
    waiting.stand_on(qtbot, other, Qt.FocusReason.ShortcutFocusReason)
    qtbot.keyClick(other, Qt.Key.Key_Space)
    if widget.isVisible():
        waiting.stand_on(qtbot, widget, Qt.FocusReason.ShortcutFocusReason)
    QApplication.processEvents()


def usable(widget: QWidget) -> bool:
    return shiboken6.isValid(widget) and widget.isVisible() and widget.isEnabled()


def called(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return f"{type(widget).__name__} {widget.accessibleName() or text or widget.toolTip()}"


@pytest.mark.parametrize("lab", ["diffusion", *(pytest.param(lab, marks=pytest.mark.slow) for lab in ("vae", "gan"))])
def test_every_control_does_something_by_key(qtbot: QtBot, open_app: Opener, closer: Closer, lab: str) -> None:
    app = open_app()
    at_rest(qtbot, app, lab)
    names = [(widget, called(widget)) for widget in around(qtbot, app)]
    dead, shown = list[str](), app.session.a
    assert shown is not None
    for widget, name in names:
        if not usable(widget):
            continue
        if isinstance(widget, QAbstractButton):
            dead += [f"{name}: {key.name}" for key in PRESSES if not did(qtbot, app, closer, shown, widget, key)]
        elif not any(did(qtbot, app, closer, shown, widget, key) for key in (*PRESSES, *OWN)):
            dead.append(name)
        if app.window.shown.name != lab:
            app.window.open_lab(lab)
    rest(qtbot, app)
    assert not dead, "\n".join(dead)
