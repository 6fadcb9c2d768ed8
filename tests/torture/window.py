"""Opening and closing the window, and starting and cancelling runs: nothing may be left."""

from __future__ import annotations

import random

from PySide6.QtCore import QCoreApplication

from diffviz.app import App
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
