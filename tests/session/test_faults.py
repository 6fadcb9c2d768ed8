"""Exceptions that nobody caught are logged and announced, whichever thread they came from, and not over and over."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QThread, Signal, Slot
from pytestqt.qtbot import QtBot

from diffviz.session.runtime import Fault, FaultWatch


class Speaker(QObject):
    spoken = Signal(int)


class Failing(QObject):
    @Slot(int)
    def fail(self, number: int) -> None:
        raise ValueError(f"number {number}")


class FailingThread(QThread):
    def run(self) -> None:
        raise KeyError("in a Qt thread")


@pytest.fixture
def left() -> list[int]:
    """Exit codes with which the program was to be left."""
    return []


@pytest.fixture
def faults(qapp: object, left: list[int], monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultWatch]:
    monkeypatch.setattr(sys, "__excepthook__", lambda *_: None)
    monkeypatch.setattr(threading, "__excepthook__", lambda _: None)
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    watching = FaultWatch(left.append)
    watching.install()
    yield watching
    sys.excepthook, threading.excepthook, sys.unraisablehook = before


def test_a_slot_that_fails_is_announced(faults: FaultWatch, qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    speaker, failing = Speaker(), Failing()
    speaker.spoken.connect(failing.fail)
    with qtbot.waitSignal(faults.noticed) as noticed:
        speaker.spoken.emit(7)
    [fault] = noticed.args
    assert isinstance(fault, Fault)
    assert fault.title == "ValueError: number 7"
    assert "raise ValueError" in fault.details
    assert "ValueError: number 7" in caplog.text


def test_the_same_line_is_announced_once_and_logged_ever_less(
    faults: FaultWatch, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    speaker, failing, announced = Speaker(), Failing(), list[object]()
    speaker.spoken.connect(failing.fail)
    faults.noticed.connect(announced.append)
    for number in range(100):
        speaker.spoken.emit(number)
    assert len(announced) == 1
    logged = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(logged) == 7  # 1, 2, 4, 8, 16, 32, 64
    assert "number 64" in logged[-1]


@pytest.mark.parametrize("kind", ["python", "qt"])
def test_a_thread_that_fails_is_announced(faults: FaultWatch, qtbot: QtBot, kind: str) -> None:
    def fail() -> None:
        raise KeyError("in a thread")

    python, qt = threading.Thread(target=fail), FailingThread()
    with qtbot.waitSignal(faults.noticed) as noticed:
        python.start() if kind == "python" else qt.start()
    python.join() if kind == "python" else qt.wait()
    [fault] = noticed.args
    assert fault.title.startswith("KeyError")


def test_an_interrupt_is_no_fault(
    faults: FaultWatch, left: list[int], qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    with qtbot.assertNotEmitted(faults.noticed):
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not caplog.records
    assert left == [130]


def test_what_fails_while_it_is_destroyed_is_only_logged(
    faults: FaultWatch, qtbot: QtBot, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dying:
        def __del__(self) -> None:
            raise RuntimeError("too late")

    monkeypatch.setattr(sys, "__unraisablehook__", lambda _: None)
    with qtbot.assertNotEmitted(faults.noticed):
        Dying()
    assert "RuntimeError: too late" in caplog.text
