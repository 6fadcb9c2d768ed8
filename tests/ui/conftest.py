"""The whole program for tests of its window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain import messages
from diffviz.session.engines import Engines

LONG = 60_000


class Opener(Protocol):
    """Starts the program in a window of `size`, or of the size it finds itself."""

    def __call__(self, size: tuple[int, int] | None = (1440, 900)) -> App: ...


@pytest.fixture
def open_app(qtbot: QtBot) -> Iterator[Opener]:
    """Starts the program with the models there are then, as often as it is called; the test's end closes each."""
    opened: list[App] = []

    def start(size: tuple[int, int] | None = (1440, 900)) -> App:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        app = App(application, "cpu")
        if size is not None:
            app.window.resize(*size)
        app.show()
        opened.append(app)
        return app

    yield start
    for app in opened:
        close(qtbot, app)


@pytest.fixture
def app(open_app: Opener) -> App:
    """The program with the bundled models."""
    return open_app()


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[messages.Start]:
    """What any window asks to be computed."""
    seen: list[messages.Start] = []
    send = Engines.send

    def watched(self: Engines, command: messages.Command) -> None:
        if isinstance(command, messages.Start):
            seen.append(command)
        send(self, command)

    monkeypatch.setattr(Engines, "send", watched)
    return seen


def close(qtbot: QtBot, app: App) -> None:
    """Close the window for good, and let the worker end.

    The import of torch cannot be interrupted; on a busy machine it takes longer than the program waits.
    """
    qtbot.waitUntil(lambda: app.session.device is not None, timeout=LONG)
    app.window.closed.disconnect()
    app.persistence.guard.discard()
    assert app.close()
    app.window.deleteLater()
