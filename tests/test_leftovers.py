"""The check that fails tests which leave something behind must find what it looks for."""

from __future__ import annotations

from PySide6.QtCore import QEventLoop, QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from tests.leftovers import let_event_loops_run, qt_left_behind


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


def test_an_application_that_was_ended_runs_event_loops_again(qapp: QApplication) -> None:
    qapp.exit()
    assert QEventLoop().exec() == -1
    let_event_loops_run()
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    assert loop.exec() == 0
