"""A session with runs that the test feeds frame by frame, and a timeline that is drawn as a lab draws it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from diffviz.domain.cards import Card
from diffviz.domain.frames import ReverseFrame
from diffviz.domain.messages import Cancelled, Finished, FramesReady, Started
from diffviz.domain.requests import Plan, Request, ReverseRequest
from diffviz.domain.sampling import Cosine
from diffviz.session.player import Player
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.theory.processes import Process, process_of
from diffviz.ui.timeline import Timeline
from diffviz.ui.widgets.view import Shown
from tests.session.toys import FakeLink

T = 1000
Size = tuple[int, int, int]


class Bench:
    """A session, its player and a timeline that follows it."""

    def __init__(self, size: Size = (1, 28, 28), samples: int = 2) -> None:
        self.link = FakeLink()
        self.session = Session(self.link, _plan, {})
        self.player = Player(self.session)
        self.timeline = Timeline(self.session, self.player)
        self.timeline.plots.make()
        self.process: Process | None = process_of(Cosine(timesteps=T))
        self._size, self._samples = size, samples
        self.session.cursor_changed.connect(self.draw)
        self.session.frames_arrived.connect(self.draw)
        self.session.shown_changed.connect(self.draw)
        self.session.runs_changed.connect(self.draw)
        self.session.places.changed.connect(self.draw)
        self.draw()

    def draw(self) -> None:
        self.timeline.draw(Shown(self.session.a, self.session.cursor, None, self.process))

    def start(self, steps: int = 50, come: int | None = None) -> Run:
        """A run of `steps` steps of which `come` frames have come; all of them, and finished, where it is None."""
        run = self.session.start(ReverseRequest(steps=steps), "reverse")
        self.link.received.emit(Started(run.id))
        self.come(run, steps + 1 if come is None else come)
        if come is None:
            self.link.received.emit(Finished(run.id))
        return run

    def come(self, run: Run, count: int) -> None:
        """Let the next `count` frames of `run` come."""
        first = len(run.store)
        positions = run.plan.positions[first : first + count]
        if positions:
            frames = tuple(frame(t, self._size, self._samples) for t in positions)
            self.link.received.emit(FramesReady(run.id, frames))

    def cancel(self, run: Run) -> None:
        self.link.received.emit(Cancelled(run.id))

    def close(self) -> None:
        self.player.pause()
        self.session.close()


def frame(t: float, size: Size = (1, 28, 28), samples: int = 2) -> ReverseFrame:
    """Pictures whose grey level tells t: -1 at t = 0, +1 at t = T; sample 1 is their negative."""
    level = np.float32(2 * t / T - 1)
    x = np.stack([np.full(size, level if i % 2 == 0 else -level, np.float32) for i in range(samples)])
    return ReverseFrame(t, alpha=1.0, sigma=0.0, std=0.0, x=x, x0=x, eps=x)


def _plan(request: Request, cards: Mapping[str, Card]) -> Plan:
    assert isinstance(request, ReverseRequest)
    positions = tuple(float(t) for t in np.linspace(T, 0, request.steps + 1).round())
    return Plan(0.0, float(T), positions, request.steps, 4 * 28 * 28 * 3, schedule=Cosine(timesteps=T))
