"""Fixtures for all tests: no display, no network, a home folder of their own, and nothing left behind."""

from __future__ import annotations

import gc
import itertools
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


FULL_COLLECTION_EVERY = 50
_tests = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Benchmarks have all cores; tests share them.

    Garbage is collected between tests and never by itself, as in the program: Qt's objects must not be destroyed on
    whatever thread happens to allocate.
    """
    gc.disable()
    if config.getoption("markexpr") != "bench":
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_finish() -> None:
    """What has been imported and collected stays: no collection looks through it again."""
    gc.collect()
    gc.freeze()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Benchmarks, and what they import, are for those who ask for them."""
    return True if collection_path.name == "benchmarks" and config.getoption("markexpr") != "bench" else None


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folders, empty, and English, on a disk that nobody waits for."""
    from diffviz.domain.text import set_language

    folder = tmp_path / "home"
    monkeypatch.setenv("DIFFVIZ_HOME", str(folder))
    monkeypatch.setattr(os, "fsync", lambda _: None)
    set_language("en")
    return folder


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> QtBot:
    """pytest-qt's, with more patience."""
    from tests import waiting

    return waiting.patient(request)


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer or a window."""
    before = set(threading.enumerate())
    if "qapp" not in request.fixturenames:
        yield
        left: list[object] = []
    else:
        from tests import leftovers

        leftovers.register()
        yield
        left = leftovers.qt_left_behind()
        leftovers.let_event_loops_run()
    gc.collect(2 if next(_tests) % FULL_COLLECTION_EVERY == 0 else 1)
    threads = [thread for thread in set(threading.enumerate()) - before if not thread.daemon]
    assert not threads, f"threads left behind: {threads}"
    assert not left, f"left behind: {left}"
