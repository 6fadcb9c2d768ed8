"""Measures the GAN lab in the window: `gan` is a measure of `tests.benchmarks.window`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer

from diffviz.domain.gan import GanRequest
from diffviz.session.run import Run, Status
from tests.benchmarks.figures import percentile

if TYPE_CHECKING:
    from tests.benchmarks.window import Bench

STEPS, BEGIN, SEEKS = 6000, 500, 100
LONG = GanRequest(steps=10_000, every=10)


class Paints(QObject):
    """Counts paints of a widget."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.count = 0
        parent.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def gan(bench: Bench) -> dict[str, float]:
    """Training in two dimensions while it is watched, scrubbed while it goes on, and the memory of 10,000 steps."""
    bench.app.window.open_lab("gan")
    return watched(bench) | scrubbed(bench) | long(bench)


def watched(bench: Bench) -> dict[str, float]:
    """Steps a second with the cursor at the newest frame, and how often the stage is painted."""
    lab = bench.app.window.gan
    run = begun(bench, GanRequest(steps=STEPS))
    paints = Paints(lab.stage.points.maps[0])
    first, start = run.store[-1].position, time.monotonic()
    bench.until(lambda: run.status.final)
    assert run.status is Status.FINISHED, run.details
    seconds = time.monotonic() - start
    return {"steps": (STEPS - first) / seconds, "paints": paints.count / seconds}


def scrubbed(bench: Bench) -> dict[str, float]:
    """How long the window's event loop is held up at worst while the cursor is moved through a running training."""
    run = begun(bench, GanRequest(steps=20 * STEPS, seed=1))
    beats: list[float] = []
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        beats.append(1e3 * (now - last))
        last = now

    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(5)
    for i in range(SEEKS):
        bench.app.session.seek(run.store[i % len(run.store)].position)
        bench.live_for(20)
    timer.stop()
    bench.app.session.cancel(run)
    bench.until(lambda: run.status.final)
    return {"held_up": percentile(beats, 0.99)}


def long(bench: Bench) -> dict[str, float]:
    """Megabytes that 10,000 steps with 1,001 frames take: what the frames take, and the keyframes."""
    run = begun(bench, LONG)
    bench.until(lambda: run.status.final)
    frames = run.plan.frame_bytes * len(run.store)
    return {"frames": run.store.nbytes / 2**20, "planned": frames / 2**20, "keyframes": run.keyframes.nbytes / 2**20}


def begun(bench: Bench, request: GanRequest) -> Run:
    """A training that has come to step `BEGIN`."""
    run = bench.app.session.start(request, "gan/training")
    bench.until(lambda: bool(len(run.store)) and run.store[-1].position >= BEGIN)
    return run
