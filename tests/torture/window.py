"""Opening and closing the window, starting and cancelling runs, killing their process: nothing may be left."""

from __future__ import annotations

import os
import random
import signal

from PySide6.QtCore import QCoreApplication

from diffviz.app import App
from diffviz.domain.errors import ProcessLost
from diffviz.domain.gan import GanRequest
from tests.torture import program
from tests.torture.state import Tally

WARM_OPENINGS, WARM_CYCLES = 4, 100
"""Done before what is there is taken as what belongs there: caches fill, libraries start their threads."""
LOOKS = 20


def open_and_close(tally: Tally, seed: int) -> None:
    """Open the window, use a lab or two, and close it again, until the goal is reached."""
    program.application()
    rng = random.Random(f"{seed} {tally.done}")
    for _ in range(WARM_OPENINGS):
        _once(rng)
    watch = program.Watch(tally)
    while not tally.finished:
        _once(rng)
        tally.count("closed")
        if tally.done % max(1, tally.goal // LOOKS) == 0:
            watch.look()
    watch.judge()


def start_and_cancel(tally: Tally, seed: int) -> None:
    """Start runs of every family and cancel them at a random moment, until the goal is reached."""
    rng = random.Random(f"{seed} {tally.done}")
    app = program.opened()
    for _ in range(min(WARM_CYCLES, tally.goal)):
        _cancelled(app, rng)
    watch = program.Watch(tally)
    while not tally.finished:
        tally.count(_cancelled(app, rng))
        if tally.done % max(1, tally.goal // LOOKS) == 0:
            watch.look()
    watch.judge()
    program.close(app)


def kill_engine(tally: Tally, seed: int) -> None:
    """Kill the process that trainings are computed in at random moments, until the goal is reached.

    Each training fails in words with the frames that came, and the next one is computed.
    """
    rng = random.Random(f"{seed} {tally.done}")
    app = program.opened()
    _killed(app, rng, tally)
    watch = program.Watch(tally)
    while not tally.finished:
        tally.count(_killed(app, rng, tally))
        if tally.done % max(1, tally.goal // LOOKS) == 0:
            watch.look()
    watch.judge()
    program.close(app)


def _killed(app: App, rng: random.Random, tally: Tally) -> str:
    """One training whose process is killed, before its first frame or after some; how it ended."""
    request = GanRequest(steps=900_000, every=rng.choice((1, 5, 25)), seed=rng.randrange(1 << 30))
    run = app.session.start(request, "gan/training", show=rng.random() < 0.2)
    frames = rng.choice((0, 1, 1, 5, 50))
    program.until(lambda: len(run.store) >= frames or run.status.final)
    program.live(rng.randint(0, 50))
    (process,) = program.children()
    os.kill(process, signal.SIGKILL)
    program.until(lambda: run.status.final)
    if not isinstance(run.error, ProcessLost) or len(run.store) < frames:
        tally.fault(f"a killed training ended {run.status.value}, with {type(run.error).__name__}")
    if program.children():
        tally.fault("the killed process is still there")
    app.session.remove(run)
    return run.status.value


def _once(rng: random.Random) -> None:
    app = program.opened()
    for lab in rng.sample(("diffusion", "vae", "gan"), rng.randint(0, 2)):
        app.window.open_lab(lab)
        program.live(rng.randint(0, 100))
    program.close(app)
    del app
    program.settle()


def _cancelled(app: App, rng: random.Random) -> str:
    """One run, cancelled after some turns of the event loop; how it ended."""
    slot, request = rng.choice(program.requests(rng))
    run = app.session.start(request, slot, show=rng.random() < 0.2)
    for _ in range(rng.choice((0, 0, 1, 2, 10))):
        QCoreApplication.processEvents()
    app.session.cancel(run)
    program.until(lambda: run.status.final)
    app.session.remove(run)
    return run.status.value
