"""Trainings that a test makes up frame by frame: points that wander from the middle to the data, or images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtGui import QUndoStack
from pytestqt.qtbot import QtBot

from diffviz.domain.cards import Card
from diffviz.domain.gan import EXTENT, GRID, GanFrame, GanRequest, Pictures
from diffviz.domain.messages import Advance, Cancelled, Finished, FramesReady, Paused, Resumed, Start, Started
from diffviz.domain.requests import Plan, Request, Step
from diffviz.session.player import Player
from diffviz.session.run import Run, RuntimeEstimator
from diffviz.session.session import Session
from diffviz.theory.gan_distributions import modes_of
from diffviz.ui.labs.gan.lab import GanLab
from tests.session.toys import FakeLink

SHOWN, JUDGED = 128, 1000


def toy_plan(request: Request, cards: Mapping[str, Card]) -> Plan:
    """Frames from the start of `request` to its last step."""
    assert isinstance(request, GanRequest)
    begin = request.start.at if isinstance(request.start, Step) else 0.0
    positions = (begin, *(float(n) for n in range(request.every, request.steps + 1, request.every) if n > begin))
    return Plan(0.0, float(request.steps), positions, request.steps, 1000, between=True)


def toy_frame(request: GanRequest, position: float, updated: float = 2.0) -> GanFrame:
    """G is as near to the data as the training is to its end; D sees the difference."""
    share = min(1.0, position / request.steps)
    rng = np.random.default_rng(int(2 * position))
    planar = not isinstance(request.data, Pictures)
    figures = _figures(request, share, rng, planar)
    where = _points(request, share, rng) if planar else _images(share, rng)
    losses = rng.normal(1 - share, 0.1, (2, request.every)).astype(np.float32)
    return GanFrame(
        position,
        loss_d=losses[0],
        loss_g=losses[1],
        threshold=0.5,
        gradient=0.5 * (1.02 - share),
        updated=updated if position else 0.0,
        **figures,
        **where,
    )


class GanBench:
    """A lab over a session whose worker is the test."""

    def __init__(self, qtbot: QtBot, request: GanRequest | None = None) -> None:
        self.link = FakeLink()
        self.session = Session(self.link, toy_plan, {})
        self.player = Player(self.session)
        self.undo = QUndoStack()
        self.lab = GanLab(self.session, self.player, self.undo, RuntimeEstimator())
        qtbot.addWidget(self.lab)
        if request is not None:
            self.lab.form.set_request(request)
        self.lab.resize(1300, 820)
        self.lab.set_active(True)
        self.lab.show()
        self.lab.start_first()

    @property
    def run(self) -> Run:
        assert self.session.a is not None
        return self.session.a

    @property
    def request(self) -> GanRequest:
        return self.lab.form.request()

    def sent(self, kind: type[object]) -> list[object]:
        return [command for command in self.link.sent if isinstance(command, kind)]

    def come(self, count: int | None = None, run: Run | None = None) -> None:
        """Let the next `count` frames of a run come; all of them, and its end, where it is None."""
        run = run or self.run
        if not len(run.store):
            self.link.received.emit(Started(run.id))
        first = len(run.store)
        positions = run.plan.positions[first : None if count is None else first + count]
        assert isinstance(run.request, GanRequest)
        frames = tuple(toy_frame(run.request, position) for position in positions)
        if frames:
            self.link.received.emit(FramesReady(run.id, frames))
        if count is None:
            self.link.received.emit(Finished(run.id))
        self.lab.draw()

    def obey(self) -> None:
        """Do what the newest commands asked for, as a worker would."""
        for command in self.link.sent:
            match type(command).__name__:
                case "Pause":
                    self.link.received.emit(Paused(command.run_id))  # type: ignore[union-attr]
                case "Resume":
                    self.link.received.emit(Resumed(command.run_id))  # type: ignore[union-attr]
                case "Cancel":
                    self.link.received.emit(Cancelled(command.run_id))  # type: ignore[union-attr]
                case "Start":
                    self._supersede(command)  # type: ignore[arg-type]
        self.link.sent.clear()
        self.lab.draw()

    def close(self) -> None:
        self.player.pause()
        self.lab.close_lab()
        self.session.close()

    def _supersede(self, start: Start) -> None:
        for run in self.session.runs:
            if run.slot == start.slot and run.id != start.run_id:
                self.link.received.emit(Cancelled(run.id))


def _figures(request: GanRequest, share: float, rng: np.random.Generator, planar: bool) -> dict[str, Any]:
    accuracy = 0.95 - 0.45 * share + float(rng.normal(0, 0.01))
    tv = max(0.0, 0.9 - 0.9 * share)
    modes = modes_of(request.data).count if not isinstance(request.data, Pictures) else 10
    nan = float("nan")
    return {
        "accuracy_real": accuracy + 0.02,
        "accuracy_fake": accuracy - 0.02,
        "accuracy": accuracy,
        "low": accuracy - 0.02,
        "high": accuracy + 0.02,
        "tv": tv if planar else nan,
        "js": 0.8 * tv if planar else nan,
        "best": 0.5 * (1 + tv) if planar else nan,
        "quality": 0.3 + 0.7 * share if planar else nan,
        "covered": float(round(1 + (modes - 1) * share)) if planar else nan,
        "per_mode": rng.multinomial(JUDGED, np.full(modes, 1 / modes)).astype(np.float32),
    }


def _points(request: GanRequest, share: float, rng: np.random.Generator) -> dict[str, Any]:
    assert not isinstance(request.data, Pictures)
    mixture = modes_of(request.data).mixture
    real, fake = (mixture.sample(SHOWN, rng).astype(np.float32) for _ in range(2))
    axis = np.linspace(-EXTENT, EXTENT, GRID)
    x, y = np.meshgrid(axis, axis)
    surface = (0.5 + 0.5 * (1 - share) * np.sin(x) * np.cos(y)).astype(np.float32)
    density = mixture.noised(1.0, 1.05 - share).density(np.stack([x, y], -1))
    return {
        "real": real,
        "fake": np.float32(share) * fake,
        "d_real": rng.uniform(0.4, 1, SHOWN).astype(np.float32),
        "d_fake": rng.uniform(0, 0.6, SHOWN).astype(np.float32),
        "surface": surface,
        "density": density.astype(np.float32),
        "arrows": (0.2 * (1.02 - share) * fake).astype(np.float32),
    }


def _images(share: float, rng: np.random.Generator) -> dict[str, Any]:
    real, fake = (np.tanh(rng.normal(0, 1, (36, 1, 28, 28))).astype(np.float32) for _ in range(2))
    return {
        "real": real,
        "fake": np.float32(share) * fake,
        "d_real": rng.uniform(0.4, 1, 36).astype(np.float32),
        "d_fake": rng.uniform(0, 0.6, 36).astype(np.float32),
    }


__all__ = ["Advance", "GanBench", "toy_frame", "toy_plan"]
