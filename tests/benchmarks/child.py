"""Measures the engine's process: `child` is a measure of `tests.benchmarks.window`."""

from __future__ import annotations

import time
from statistics import mean
from typing import TYPE_CHECKING

import numpy as np

from diffviz.domain.gan import GanRequest, Pictures
from diffviz.domain.requests import ForwardRequest, Image, Request, ReverseRequest
from diffviz.domain.wire import Setup
from diffviz.families import plan_of
from diffviz.session.child_client import ChildClient
from diffviz.session.engines import NICENESS
from diffviz.session.run import Status
from diffviz.session.session import Session

if TYPE_CHECKING:
    from tests.benchmarks.window import Bench

MODEL = "fashion-ddpm"
ROUNDS = 5
WATCHED_MILLISECONDS, WARM_FRAMES = 5000, 3
ENDLESS = 900_000
RUN = ReverseRequest(model=MODEL, samples=16, steps=1000)
TRAININGS = {
    "points": GanRequest(steps=ENDLESS, every=25),
    "pictures": GanRequest(data=Pictures("digits"), steps=ENDLESS, every=5),
}


def child(bench: Bench) -> dict[str, float]:
    """Frames a second from the process over those from the thread, and how fast both compute at the same time."""
    bench.app.window.hide()
    return streamed(bench) | together(bench)


def streamed(bench: Bench) -> dict[str, float]:
    """Runs of 16 × 28×28 by either, in turns, the best of each: denoised by a network, and noised, which costs less."""
    cards, budget = bench.app.session.cards, bench.app.session.budget
    far = Session(ChildClient(Setup(cards, "cpu", NICENESS), budget), plan_of, cards, budget)
    near = bench.app.session
    found: dict[str, float] = {}
    requests = {"network": ReverseRequest(model=MODEL, samples=16, steps=50), "noise": noised(near, far)}
    for name, request in requests.items():
        rates = [(rate(bench, near, request), rate(bench, far, request)) for _ in range(ROUNDS)]
        found |= {f"{name}_near": max(one for one, _ in rates), f"{name}_far": max(other for _, other in rates)}
    far.close()
    return found


def noised(*sessions: Session) -> Request:
    """A run that takes no network: as many frames as can be."""
    rng = np.random.default_rng(0)
    pixels = [rng.integers(0, 256, (28, 28), np.uint8) for _ in range(16)]
    names = [[session.add_image(each) for each in pixels] for session in sessions]
    return ForwardRequest(start=Image(tuple(names[0])), steps=1000)


def rate(bench: Bench, session: Session, request: Request) -> float:
    """Frames a second of a run of `request`, from its start to the arrival of its last frame."""
    run = session.start(request, "bench")
    bench.until(lambda: run.status.final)
    assert run.status is Status.FINISHED, run.details
    found = run.rate
    session.remove(run)
    return found


def together(bench: Bench) -> dict[str, float]:
    """A run by a network on the thread and a training in the process: the speed of each while the other goes on, over
    that alone, which is measured before and after."""
    found: dict[str, float] = {}
    for name, training in TRAININGS.items():
        before = speeds(bench, training) + speeds(bench, RUN)
        both = speeds(bench, training, RUN)
        after = speeds(bench, training) + speeds(bench, RUN)
        for what, *measured in zip(("training", "run"), before, both, after, strict=True):
            found[f"{name}_{what}"] = measured[1] / mean(measured[::2])
    return found


def speeds(bench: Bench, *requests: Request) -> list[float]:
    """How far runs of `requests`, all at the same time, come in a second along their axes."""
    session = bench.app.session
    runs = [session.start(request, f"bench/{n}") for n, request in enumerate(requests)]
    bench.until(lambda: all(len(run.store) >= WARM_FRAMES for run in runs))
    before, began = [run.newest for run in runs], time.monotonic()
    bench.live_for(WATCHED_MILLISECONDS)
    after, seconds = [run.newest for run in runs], time.monotonic() - began
    assert not any(run.status.final for run in runs)
    for run in runs:
        session.cancel(run)
    bench.until(lambda: all(run.status.final for run in runs))
    for run in runs:
        session.remove(run)
    return [abs(b - a) / seconds for a, b in zip(before, after, strict=True)]
