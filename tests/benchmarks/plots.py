"""Measures single plots in the window by what a person does to them: `plots` is a measure of `tests.benchmarks.window`.

Nothing here knows how they are drawn: they are handed something new, or the mouse is moved, and the time is taken until
they are painted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from diffviz.domain.gan import GanRequest
from diffviz.ui.labs.gan.plane import LEARNT
from diffviz.ui.widgets.view import Shown
from tests.benchmarks import gan as training
from tests.benchmarks import latent
from tests.benchmarks.figures import percentile

if TYPE_CHECKING:
    from tests.benchmarks.window import Bench

MOVES, ROUNDS, FRAMES, PANS = 150, 3, 150, 150
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


def plots(bench: Bench) -> dict[str, float]:
    """The cursor over the timeline's plots, a new frame of a GAN's plane, a map of 2,000 points that is panned."""
    return cursor(bench) | plane(bench) | pan(bench)


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


def cursor(bench: Bench) -> dict[str, float]:
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


def plane(bench: Bench) -> dict[str, float]:
    """A new frame of a training in two dimensions: surface, points and arrows of one map."""
    bench.app.window.open_lab("gan")
    stage = bench.app.window.gan.stage
    run = training.begun(bench, GanRequest(steps=2000, every=10))
    bench.until(lambda: run.status.final)
    stage.set_surfaces(LEARNT)
    stage.arrows.setChecked(True)
    bench.live_for(500)

    def show(i: int) -> None:
        stage.draw(Shown(run, run.store[(7 * i + 3) % len(run.store)].position))

    taken = milliseconds(bench, stage.points, show, FRAMES)
    return {"plane": median(taken), "plane_worst": percentile(taken, 0.99)}


def pan(bench: Bench) -> dict[str, float]:
    """The latent map of the sample pictures, dragged back and forth at a place where there is nothing to be held."""
    view = latent.opened(bench)
    bench.live_for(500)
    mouse = view.viewport() if isinstance(view, QAbstractScrollArea) else view
    corner = QPoint(mouse.width() - 40, 30)
    before = view.grab().toImage()
    QTest.mousePress(mouse, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, corner)

    def drag(i: int) -> None:
        QTest.mouseMove(mouse, corner - QPoint(20 + 3 * (i % 50 if i // 50 % 2 == 0 else 50 - i % 50), 0))

    taken = milliseconds(bench, view, drag, PANS)
    assert view.grab().toImage() != before, "it was not panned"
    QTest.mouseRelease(mouse, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, corner)
    return {"pan": median(taken), "pan_worst": percentile(taken, 0.99)}
