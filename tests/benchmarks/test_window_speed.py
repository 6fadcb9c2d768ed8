"""How quickly the window answers: from slider to paint, from start to first picture, and what frames cost in memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain.frames import ReverseFrame
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.store import Budget, FrameStore
from diffviz.session.run import Status
from tests.benchmarks.conftest import Table, percentile

pytestmark = pytest.mark.bench

MOVES = 300


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[App]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    app = App(application, "cpu")
    app.window.resize(1440, 900)
    app.show()
    qtbot.waitUntil(lambda: app.session.device is not None, timeout=60_000)
    yield app
    app.window.closed.disconnect()
    app.window.close()
    assert app.close()
    app.window.deleteLater()


def scrub(app: App, moves: int = MOVES) -> list[float]:
    """Milliseconds from moving the cursor to the painted window, for each of `moves` places."""
    run = app.session.a
    assert run is not None
    taken = []
    for i in range(moves):
        start = time.perf_counter()
        app.session.seek((i * 37) % int(run.plan.high))
        app.window.lab.draw()
        app.window.repaint()
        taken.append(1e3 * (time.perf_counter() - start))
        QApplication.processEvents()
    return taken


def test_scrubbing_when_idle(qtbot: QtBot, app: App, table: Table) -> None:
    run = app.session.start(ReverseRequest(model="fashion-ddpm", samples=16, steps=50), "diffusion/reverse")
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=60_000)
    scrub(app, 20)
    taken = scrub(app)
    worst = percentile(taken, 0.99)
    table.add("slider to paint, idle, median", f"{percentile(taken, 0.5):.1f} ms")
    table.add("slider to paint, idle, 99th percentile", f"{worst:.1f} ms", "below 12 ms")
    assert worst < 12


def test_scrubbing_while_sampling(qtbot: QtBot, app: App, table: Table) -> None:
    request = ReverseRequest(model="fashion-ddpm", samples=16, steps=1000)
    free = app.session.start(request, "diffusion/reverse")
    app.window.hide()
    qtbot.waitUntil(lambda: len(free.store) >= 150, timeout=60_000)
    unwatched = free.rate
    app.window.show()
    app.session.cancel(free)
    run = app.session.start(ReverseRequest(model="fashion-ddpm", samples=16, steps=1000, seed=1), "diffusion/reverse")
    qtbot.waitUntil(lambda: len(run.store) >= 20, timeout=60_000)
    before, start = len(run.store), time.monotonic()
    taken = scrub(app)
    rate = (len(run.store) - before) / (time.monotonic() - start)
    app.session.cancel(run)
    worst = percentile(taken, 0.99)
    table.add("slider to paint, while sampling, 99th percentile", f"{worst:.1f} ms", "below 25 ms")
    table.add("  sampling speed meanwhile, of its free speed", f"{rate / unwatched:.2f}", "at least 0.5")
    assert worst < 25
    assert rate / unwatched >= 0.5


def test_watching_a_run(qtbot: QtBot, app: App, table: Table) -> None:
    def seconds(seed: int, hidden: bool) -> float:
        app.window.setVisible(not hidden)
        request = ReverseRequest(model="fashion-ddpm", samples=16, steps=100, seed=seed)
        run = app.session.start(request, "diffusion/reverse")
        qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=60_000)
        return run.seconds

    seconds(0, True)
    pairs = [(seconds(2 * i + 1, True), seconds(2 * i + 2, False)) for i in range(3)]
    app.window.show()
    hidden, watched = (sorted(values)[1] for values in zip(*pairs, strict=True))
    table.add("100 steps of 16, watched over hidden", f"{watched / hidden:.2f}", "at most 1.25")
    assert watched / hidden <= 1.25


def test_start(table: Table, tmp_path: Path) -> None:
    code = """
import sys, time
began = time.perf_counter()
from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QApplication
from diffviz.app import App
application = QApplication(sys.argv)
app = App(application, "cpu")
app.show()
app.window.repaint()
painted = time.perf_counter() - began
assert "torch" not in sys.modules
beats, clock = [], QElapsedTimer()
clock.start()
def beat():
    beats.append(clock.restart())
    if app.session.device is not None:
        application.quit()
timer = QTimer()
timer.timeout.connect(beat)
timer.start(5)
application.exec()
timer.stop()
app.close()
print(painted, max(beats))
"""
    env = {**os.environ, "DIFFVIZ_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    runs = [
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=env, timeout=120)
        for _ in range(3)
    ]
    painted, freeze = (sorted(values)[1] for values in zip(*(map(float, r.stdout.split()) for r in runs), strict=True))
    table.add("start to painted window", f"{painted:.2f} s", "within 1 s, without torch")
    table.add("longest freeze while torch loads", f"{freeze:.0f} ms", "at most 500 ms")
    assert painted < 1
    assert freeze <= 500


def test_memory_of_a_thousand_steps(table: Table, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).standard_normal((16, 1, 28, 28), np.float32)
    budget = Budget(64 << 20, tmp_path)
    store = FrameStore(budget)
    for t in range(1000, -1, -1):
        store.append(ReverseFrame(float(t), 0.5, 0.5, 0.0, noise, noise, noise))
    ratio = store.nbytes / (1001 * 3 * noise.nbytes)
    reads = []
    for i in range(MOVES):
        start = time.perf_counter()
        frame = store.nearest((i * 37) % 1000)
        float(frame.arrays()["x"].sum())
        reads.append(1e3 * (time.perf_counter() - start))
    worst = percentile(reads, 0.99)
    table.add("1,000 steps of 16: bytes held over the frames' bytes", f"{ratio:.2f}", "at most 1.2")
    table.add("  of which in files", f"{store.spilled / store.nbytes:.2f}")
    table.add("  reading a frame back, 99th percentile", f"{worst:.2f} ms", "scrubbing below 16 ms")
    assert ratio <= 1.2
    assert store.spilled > 0
    assert worst < 16
    store.clear()
    assert list(tmp_path.iterdir()) == []
