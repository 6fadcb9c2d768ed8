"""Measures the timeline's plots, however they are drawn: `plots` is a measure of `tests.benchmarks.window`."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from diffviz.ui.widgets.view import Shown

if TYPE_CHECKING:
    from tests.benchmarks.window import Bench

MOVES, ROUNDS = 100, 3
BETWEEN = 20
"""Milliseconds between two moves: those of a display frame."""


class PaintedWithin(QObject):
    """Sees `widget`, or anything within it, being painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.seen = False
        self._watched = [widget, *widget.findChildren(QWidget)]
        for each in self._watched:
            each.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.seen = self.seen or event.type() == QEvent.Type.Paint
        return False

    def leave(self) -> None:
        """See nothing more."""
        for each in self._watched:
            each.removeEventFilter(self)


class KeptPicture(QWidget):
    """A picture of its size, painted anew with a line over it: the least that a plot with a cursor can be."""

    def __init__(self, picture: QPixmap, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture, self.at = picture, 0
        self.resize(picture.size())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._picture)
            painter.drawLine(self.at, 0, self.at, self.height())


def milliseconds(bench: Bench, widget: QWidget, act: Callable[[int], object], count: int) -> list[float]:
    """From each of `count` calls of `act` to painted `widget`s."""
    painted, taken = PaintedWithin(widget), []
    for i in range(count):
        bench.live_for(BETWEEN)
        painted.seen = False
        start = time.perf_counter()
        act(i)
        bench.until(lambda: painted.seen)
        taken.append(1e3 * (time.perf_counter() - start))
    painted.leave()
    return taken


def plots(bench: Bench) -> dict[str, float]:
    """A move of the cursor with the timeline's plots, without them, and over a kept picture; medians, the best each."""
    timeline = bench.app.window.lab.timeline
    run = bench.finished(bench.start())
    places = run.store.positions()
    bench.live_for(500)
    kept = KeptPicture(timeline.plots.grab(), timeline.plots)

    def seek(i: int) -> None:
        timeline.draw(Shown(run, places[7 * i % len(places)]))

    def move(i: int) -> None:
        kept.at = 7 * i % kept.width()
        kept.update()

    found: dict[str, list[float]] = {"with": [], "without": [], "kept": []}
    for _ in range(ROUNDS):
        kept.hide()
        found["with"].append(median(milliseconds(bench, timeline.plots, seek, MOVES)))
        kept.show()
        found["kept"].append(median(milliseconds(bench, kept, move, MOVES)))
        timeline.plots.hide()
        found["without"].append(median(milliseconds(bench, timeline.slider, seek, MOVES)))
        timeline.plots.show()
    kept.deleteLater()
    best = {f"cursor_{name}": min(taken) for name, taken in found.items()}
    return best | {"cursor": best["cursor_with"] - best["cursor_without"]}
