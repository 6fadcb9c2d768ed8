"""How tests wait for Qt: with patience, as machines are busy, and for the keyboard to stand where it is needed."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

LONG = 60_000
"""Milliseconds after which what a test waits for does not come any more."""
BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)
NOWHERE = QPoint(4000, 4000)
WAITS = ("waitUntil", "waitSignal", "waitSignals", "waitActive", "waitExposed")


def patient(request: pytest.FixtureRequest) -> QtBot:
    """A bot whose waits are `LONG` where the test does not say how long; pytest-qt's are five seconds.

    The pointer, wherever an earlier test left it, is over nothing, and no button is held.
    """
    put_mouse_away()
    bot = QtBot(request)
    for name in WAITS:
        setattr(bot, name, partial(getattr(bot, name), timeout=LONG))
    return bot


def put_mouse_away() -> None:
    """Let go of buttons, which `QTest.mouseDClick` holds for ever: the program takes the keyboard for clicked then."""
    QCursor.setPos(NOWHERE)
    for button in BUTTONS:
        if QApplication.mouseButtons() & button:
            QTest.mouseRelease(QWidget(), button)


def activate(qtbot: QtBot, window: QWidget) -> None:
    """Show `window` and wait until it is the active one, also after all that was on its way to it."""
    window.show()

    def active() -> bool:
        QApplication.processEvents()
        if window.isActiveWindow() and QApplication.activeWindow() is window:
            return True
        window.activateWindow()
        return False

    qtbot.waitUntil(active, timeout=LONG)


def stand_on(qtbot: QtBot, widget: QWidget, reason: Qt.FocusReason = Qt.FocusReason.TabFocusReason) -> None:
    """Wait until `widget`, or what stands for it, has the keyboard, as if it had come for `reason`.

    An active window is not enough: that another one is active, as an earlier test left it, may still be on its way.
    """
    activate(qtbot, widget.window())
    widget.setFocus(reason)

    def stands() -> bool:
        QApplication.processEvents()
        if QApplication.focusWidget() is _taker(widget):
            return True
        widget.window().activateWindow()
        widget.setFocus(reason)
        return False

    qtbot.waitUntil(stands, timeout=LONG)


def _taker(widget: QWidget) -> QWidget:
    """Who has the keyboard when `widget` is given it."""
    proxy = widget.focusProxy()
    return _taker(proxy) if isinstance(proxy, QWidget) else widget
