"""Fixtures for all tests: no display, no network, a home folder of their own, and nothing left behind."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folders, empty, and English."""
    from diffviz.domain.text import set_language

    folder = tmp_path / "home"
    monkeypatch.setenv("DIFFVIZ_HOME", str(folder))
    set_language("en")
    return folder


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer or a window."""
    before = set(threading.enumerate())
    yield
    left = [t for t in set(threading.enumerate()) - before if not t.daemon and not t.name.startswith("Dummy")]
    assert not left, f"threads left behind: {left}"
    if "PySide6.QtWidgets" in sys.modules:
        _no_qt_left()


def _no_qt_left() -> None:
    from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    windows = [w for w in app.topLevelWidgets() if w.isVisible()]
    for window in windows:
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not windows, f"windows left behind: {windows}"
    objects = [o for o in gc.get_objects() if isinstance(o, QThread | QTimer)]
    threads = [o for o in objects if isinstance(o, QThread) and o.isRunning() and o is not app.thread()]
    timers = [o for o in objects if isinstance(o, QTimer) and o.isActive()]
    assert not threads, f"QThreads left running: {threads}"
    assert not timers, f"QTimers left running: {[(t, t.parent()) for t in timers]}"
