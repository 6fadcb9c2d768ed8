"""The program as it is photographed: bundled fonts only, no clock, everything at rest before a picture is taken."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

from diffviz import paths
from diffviz.app import App
from diffviz.domain import latent, messages
from diffviz.domain.requests import Request
from diffviz.session import run as runs
from diffviz.session.run import Run, Status
from diffviz.ui.widgets import theme
from tests import leftovers

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""
PATIENCE = 120.0
LONG_TIMER = 1000
"""Milliseconds from which on a timer is one that nobody waits for: a notice that goes, files that are kept."""
SECONDS = 2.0
"""How long every run is said to have taken."""
BARRIER, NOBODY = "golden/barrier", latent.Decode(model="nobody")
"""A question that cannot be answered: when that is said, all questions before it have had their turn."""


def environment(folder: Path) -> dict[str, str]:
    """Variables of a process that photographs: they have to stand before Qt and torch are there.

    `folder` takes the person's files.
    """
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS.format(fonts=paths.resources() / "fonts", cache=folder / "fonts"), encoding="utf-8")
    ours = ("QT_", "DIFFVIZ", "OMP_", "LC_", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {
        "DIFFVIZ_HOME": str(folder / "home"),
        "FONTCONFIG_FILE": str(fonts),
        "HF_HUB_OFFLINE": "1",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": "1",
    }


class Desk:
    """The program with its window open. What it shows depends on what was asked of it, not on when or where."""

    def __init__(self) -> None:
        leftovers.register()
        setattr(runs, "time", SimpleNamespace(monotonic=lambda: 0.0))  # noqa: B010
        self.application = QApplication(sys.argv[:1])
        self.application.setCursorFlashTime(0)
        self.app = App(self.application, "cpu")
        self.app.preferences["theme"], self.app.preferences["language"] = "dark", "en"
        self._asked: set[str] = set()
        self._send = self.app.link.send
        self.app.link.send = self._note  # type: ignore[method-assign]
        self.app.session.answered.connect(self._on_answered)
        self.app.show()
        self.until(lambda: self.app.session.device is not None)
        self.until(lambda: (self.app.preferences["theme"], self.app.preferences["language"]) == ("dark", "en"))

    def look(self, size: tuple[int, int], theme: str, language: str) -> None:
        """Show the window in `size` and `theme`, in `language`."""
        for name, value in (("theme", theme), ("language", language)):
            if self.app.preferences[name] != value:
                old = self.app.window
                self.app.preferences[name] = value
                self.until(lambda old=old: self.app.window is not old)  # type: ignore[misc]
        self.app.window.resize(*size)
        self.app.window.activateWindow()

    def computed(self, request: Request, slot: str, *, show: bool = True) -> Run:
        """The run of `request`, which is there or is made, finished; it is shown when it is whole, if at all.

        What has been drawn meanwhile, as of a run that is watched, would depend on how quick the machine is.
        """
        session = self.app.session
        there = next((run for run in session.runs if run.request == request and run.slot == slot), None)
        run = there or session.start(request, slot, show=False)
        self.until(lambda: run.status.final)
        assert run.status is Status.FINISHED, run.details
        if show:
            session.show(run)
        return run

    def rest(self) -> None:
        """Wait until nothing is computed, answered or about to be drawn."""
        quiet = 0
        while quiet < 2:
            self.app.session.ask(BARRIER, NOBODY)
            self.until(lambda: BARRIER not in self._asked)
            self.until(lambda: all(run.status.final or run.status is Status.PAUSED for run in self.app.session.runs))
            self._say_seconds()
            quiet = quiet + 1 if self._quiet() else 0
            self.until(lambda: not self._timers())

    def photograph(self, widget: QWidget, path: Path) -> None:
        """Put a picture of `widget`, one pixel for each of its own, into a file."""
        self.rest()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        grabbed = widget.grab()
        image = QImage(grabbed.size(), QImage.Format.Format_RGB888)
        image.fill(theme.color("panel"))  # below what leaves its ground to others
        with QPainter(image) as painter:
            painter.drawPixmap(0, 0, grabbed)
        assert image.save(str(path), "PNG", 100)  # type: ignore[call-overload]  # written quickly, not small

    def until(self, there: Callable[[], bool]) -> None:
        """Let the program live until `there` holds."""
        late = time.monotonic() + PATIENCE
        alarm = QTimer()
        alarm.start(5)
        while not there():
            if time.monotonic() > late:
                raise TimeoutError(f"not at rest after {PATIENCE:.0f} s: {self._timers()}, {self.app.session.runs}")
            every = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
            self.application.processEvents(every)
        alarm.stop()

    def put_away(self) -> None:
        """Close dialogs and menus."""
        for widget in QApplication.topLevelWidgets():
            if widget.isVisible() and widget is not self.app.window:
                widget.done(0) if isinstance(widget, QDialog) else widget.close()
        self.app.window.notice.put_away()

    def close(self) -> None:
        """End the program."""
        self.app.window.closed.disconnect()
        self.app.persistence.guard.discard()
        assert self.app.close()

    def _say_seconds(self) -> None:
        """Let every run have taken the same time, and let the forms read it."""
        timed = [run for run in self.app.session.runs if run.status.final and not run.seconds and len(run.store)]
        for run in timed:
            run.seconds = SECONDS
        if timed:
            self.app.session.runs_changed.emit()

    def _quiet(self) -> bool:
        return not self._asked and not self._timers()

    def _timers(self) -> list[QTimer]:
        """Timers that something is to be drawn or asked after."""
        timers = [each for each in list(leftovers._MADE) if isinstance(each, QTimer) and isValid(each)]
        return [t for t in timers if t.isActive() and t.isSingleShot() and t.interval() < LONG_TIMER and shown(t)]

    def _on_answered(self, view: str, _answer: object) -> None:
        self._asked.discard(view)

    def _note(self, command: messages.Command) -> None:
        """Know what has been asked and not been answered."""
        if isinstance(command, messages.Ask):
            self._asked.add(command.view)
        self._send(command)


def shown(timer: QObject) -> bool:
    """Whether `timer` belongs to something that still lives."""
    return timer.parent() is not None
