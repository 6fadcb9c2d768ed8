"""Measures the whole program in a process of its own and prints figures as JSON: `python -m tests.benchmarks.window`.

In a process that has used torch on another thread the worker would sample two to four times slower than it does for a
person.
"""

from __future__ import annotations

import bisect
import json
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from diffviz import app as program
from diffviz.app import App
from diffviz.domain.cards import Card
from diffviz.domain.engine import Engine
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.store import Budget
from diffviz.session.run import Run, Status
from diffviz.ui.instruments.table import INSTRUMENTS
from tests.benchmarks.child import child
from tests.benchmarks.figures import percentile
from tests.benchmarks.gan import gan
from tests.benchmarks.latent import latent
from tests.benchmarks.maps import maps
from tests.benchmarks.plots import plots

if TYPE_CHECKING:
    from tests.benchmarks.probe import Probe

MODEL = "fashion-ddpm"
SLOT = "diffusion/reverse"
MOVES = 300
DISPLAY_MILLISECONDS = 20
ROUNDS = 8
SCRUBS = 3
PATIENCE = 300.0


class Painted(QObject):
    """Sees `widget` being painted: all that is to be painted is painted in the same go."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.seen = False
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.seen = self.seen or event.type() == QEvent.Type.Paint
        return False


class Bench:
    """The program with its window open, ready to be measured."""

    def __init__(self) -> None:
        self.application = QApplication(sys.argv)
        self.engine: Probe | None = None
        program.make_engine = self._make_engine
        self.app = App(self.application, "cpu")
        self.app.window.resize(1440, 900)
        self.app.show()
        self.until(lambda: self.app.session.device is not None)

    def until(self, there: Callable[[], bool]) -> None:
        """Let the program live until `there` holds, asleep while nothing happens: a busy wait would slow the worker."""
        patience = time.monotonic() + PATIENCE
        alarm = QTimer()
        alarm.start(DISPLAY_MILLISECONDS)
        while not there():
            if time.monotonic() > patience:
                raise TimeoutError
            self._live()
        alarm.stop()

    def start(self, seed: int = 0, samples: int = 16, steps: int = 50) -> Run:
        request = ReverseRequest(model=MODEL, samples=samples, steps=steps, seed=seed)
        return self.app.session.start(request, SLOT)

    def finished(self, run: Run) -> Run:
        self.until(lambda: run.status.final)
        assert run.status is Status.FINISHED, run.details
        return run

    def seconds(self, *, watched: bool, bare: bool = False, samples: int = 16, steps: int = 50) -> float:
        """Seconds that a run takes from its first step to the arrival of its last frame."""
        assert self.engine is not None
        self.app.window.setVisible(watched)
        self.engine.bare = bare
        run = self.finished(self.start(samples=samples, steps=steps))
        self.engine.bare = False
        self.app.session.remove(run)
        return run.seconds

    def scrub(self, moves: int = MOVES) -> list[float]:
        """Milliseconds from moving the slider to the painted window, for each of `moves` places.

        A move comes when the display frame of the one before is over, as from a mouse.
        """
        run, slider = self.app.session.a, self.app.window.lab.timeline.slider
        assert run is not None
        painted = Painted(slider)
        taken = []
        for i in range(moves):
            self.live_for(DISPLAY_MILLISECONDS)
            positions = run.store.positions()
            here = bisect.bisect_left(positions, self.app.session.cursor)
            painted.seen = False
            start = time.perf_counter()
            self.app.session.seek(positions[(here + 7 + i % 3) % len(positions)])
            while not painted.seen:
                self._live()
            taken.append(1e3 * (time.perf_counter() - start))
        slider.removeEventFilter(painted)
        return taken

    def _live(self) -> None:
        every = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        self.application.processEvents(every)

    def live_for(self, milliseconds: int) -> None:
        """Let the program live for a while."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def close(self) -> None:
        self.app.window.closed.disconnect()
        self.app.persistence.guard.discard()
        assert self.app.close()

    def _make_engine(self, cards: Mapping[str, Card], device: str, budget: Budget) -> Engine:
        from tests.benchmarks.probe import Probe

        self.engine = Probe(cards, device, budget)
        return self.engine


def scrubbing(bench: Bench) -> dict[str, float]:
    """When nothing is computed, from memory and from a spill file; of three rounds that which was disturbed least."""
    found: dict[str, float] = {}
    for name in ("idle", "spilled"):
        if name == "spilled":
            bench.app.session.budget.limit = 0
        run = bench.finished(bench.start(samples=16, steps=400 if name == "spilled" else 50))
        assert (run.store.spilled > 0) == (name == "spilled")
        bench.scrub(20)
        taken = min((bench.scrub() for _ in range(SCRUBS)), key=lambda each: percentile(each, 0.99))
        found |= {f"{name}_median": median(taken), f"{name}_worst": percentile(taken, 0.99)}
    return found


def instruments(bench: Bench) -> dict[str, float]:
    """When nothing is computed, with every instrument chosen: at the top of the page and at its foot."""
    lab = bench.app.window.lab
    for key in INSTRUMENTS:
        lab.instruments.choose(key, True)
    bench.finished(bench.start(samples=16, steps=50))
    lab.pages.open("instruments")
    bench.live_for(3000)
    bench.until(lambda: all(run.status.final for run in bench.app.session.runs))
    area = lab.instruments.findChild(QScrollArea)
    assert area is not None
    bar = area.verticalScrollBar()
    found: dict[str, float] = {"chosen": float(len(lab.instruments.shown_keys()))}
    for name, share in (("top", 0.0), ("middle", 0.5), ("foot", 1.0)):
        bar.setValue(round(share * bar.maximum()))
        bench.live_for(500)
        bench.scrub(20)
        taken = bench.scrub()
        found |= {f"{name}_median": median(taken), f"{name}_worst": percentile(taken, 0.99)}
    return found


def sampling(bench: Bench) -> dict[str, float]:
    """While a run is computed: how quickly the window answers, and how fast the run goes on."""
    bench.app.window.hide()
    free = bench.start(steps=1000)
    bench.until(lambda: len(free.store) >= 150)
    bench.app.session.cancel(free)
    bench.app.window.show()
    run = bench.start(seed=1, steps=1000)
    bench.until(lambda: len(run.store) >= 20)
    before, start = len(run.store), time.monotonic()
    taken = bench.scrub()
    rate = (len(run.store) - before) / (time.monotonic() - start)
    bench.app.session.cancel(run)
    return {"worst": percentile(taken, 0.99), "share": rate / free.rate}


def watching(bench: Bench) -> dict[str, float]:
    """A run hidden and watched, over the bare loop on the same thread, in turns; the best of each."""
    found: dict[str, float] = {}
    for samples, steps, rounds in ((1, 200, 2 * ROUNDS), (16, 50, ROUNDS)):  # the best of short runs is noisier
        bare, hidden, watched = [], [], []
        for _ in range(rounds):
            bare.append(bench.seconds(watched=False, bare=True, samples=samples, steps=steps))
            hidden.append(bench.seconds(watched=False, samples=samples, steps=steps))
            watched.append(bench.seconds(watched=True, samples=samples, steps=steps))
        found |= {f"hidden_{samples}": min(hidden) / min(bare), f"watched_{samples}": min(watched) / min(bare)}
    return found


MEASURES: dict[str, Callable[[Bench], dict[str, float]]] = {
    "scrubbing": scrubbing,
    "sampling": sampling,
    "watching": watching,
    "latent": latent,
    "gan": gan,
    "child": child,
    "instruments": instruments,
    "plots": plots,
    "maps": maps,
}


def main(name: str) -> None:
    """Measure `name` and print what was found."""
    bench = Bench()
    try:
        found = MEASURES[name](bench)
    finally:
        bench.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
