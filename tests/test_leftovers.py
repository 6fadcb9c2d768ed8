"""The check that fails tests which leave something behind must find what it looks for."""

from __future__ import annotations

from PySide6.QtCore import QEventLoop, Qt, QThread, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.leftovers import let_event_loops_run, qt_left_behind
from tests.waiting import NOWHERE, put_mouse_away


def test_nothing_is_found_where_nothing_is_left(qapp: QApplication) -> None:
    QTimer(qapp).deleteLater()
    hidden = QWidget()
    assert qt_left_behind() == []
    hidden.deleteLater()


def test_a_visible_window_is_found_and_closed(qapp: QApplication) -> None:
    window = QWidget()
    window.show()
    assert qt_left_behind() == [window]
    assert not window.isVisible()


def test_an_active_timer_is_found(qapp: QApplication) -> None:
    timer = QTimer(qapp)
    timer.start(10_000)
    assert qt_left_behind() == [timer]
    timer.stop()


def test_a_running_thread_is_found(qapp: QApplication) -> None:
    thread = QThread(qapp)
    thread.start()
    assert qt_left_behind() == [thread]
    thread.quit()
    assert thread.wait(5000)


def test_a_button_that_is_held_is_let_go_and_the_pointer_is_over_nothing(qapp: QApplication) -> None:
    QTest.mouseDClick(QWidget(), Qt.MouseButton.LeftButton)
    QTest.mousePress(QWidget(), Qt.MouseButton.MiddleButton)
    assert QApplication.mouseButtons() == Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton
    put_mouse_away()
    assert QApplication.mouseButtons() == Qt.MouseButton.NoButton
    assert QCursor.pos() == NOWHERE


def test_an_application_that_was_ended_runs_event_loops_again(qapp: QApplication) -> None:
    qapp.exit()
    assert QEventLoop().exec() == -1
    let_event_loops_run()
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    assert loop.exec() == 0
