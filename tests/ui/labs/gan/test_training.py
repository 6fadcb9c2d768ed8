"""The GAN lab over the real engine: a training is watched, stepped, gone back to, and asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QUndoStack
from pytestqt.qtbot import QtBot

from diffviz.domain.engine import Engine
from diffviz.domain.gan import GanFrame, GanRequest
from diffviz.families import plan_of
from diffviz.session.engines import WorkerClient
from diffviz.session.player import Player
from diffviz.session.run import Run, RuntimeEstimator, Status
from diffviz.session.session import Session
from diffviz.ui.labs.gan.lab import GanLab

LEFT = Qt.MouseButton.LeftButton
LONG = 90_000
QUICK = GanRequest(steps=40, every=10, batch=32, capacity=8)


class RealBench:
    """A lab that is shown, over a worker with torch."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.session = Session(WorkerClient(partial(_engine)), plan_of, {})
        self.player = Player(self.session)
        self.lab = GanLab(self.session, self.player, QUndoStack(), RuntimeEstimator())
        qtbot.addWidget(self.lab)
        self.lab.form.set_request(QUICK)
        self.lab.resize(1300, 820)
        self.lab.set_active(True)
        self.lab.show()
        self.lab.start_first()

    @property
    def run(self) -> Run:
        assert self.session.a is not None
        return self.session.a

    def ended(self) -> Run:
        """The shown run, when it has come to its end."""
        self._qtbot.waitUntil(lambda: self.run.status.final, timeout=LONG)
        assert self.run.status is Status.FINISHED, self.run.details
        self.lab.draw()
        return self.run

    def came(self, count: int) -> list[GanFrame]:
        """The frames of the shown run, when there are `count`."""
        self._qtbot.waitUntil(lambda: len(self.run.store) >= count, timeout=LONG)
        return [frame for frame in self.run.store if isinstance(frame, GanFrame)]

    def close(self) -> None:
        self.player.pause()
        self.lab.close_lab()
        assert self.session.close()


@pytest.fixture
def real(qtbot: QtBot) -> Iterator[RealBench]:
    made = RealBench(qtbot)
    yield made
    made.close()


def test_a_training_is_watched_gone_back_to_and_continued_alike(qtbot: QtBot, real: RealBench) -> None:
    """Going on from half way with the same settings ends in the same samples, bit for bit."""
    qtbot.mouseClick(real.lab.form.panel.train, LEFT)
    whole = real.ended()
    assert [frame.position for frame in whole.store] == [0.0, 10.0, 20.0, 30.0, 40.0]
    assert real.lab.verdict.title.text()
    assert real.lab.stage.points.maps[0].scene.surface is not None
    real.session.seek(20)
    qtbot.mouseClick(real.lab.form.panel.on, LEFT)
    again = real.ended()
    assert again.parent is whole
    assert [frame.position for frame in again.store] == [20.0, 30.0, 40.0]
    last, before = again.at(40), whole.at(40)
    assert isinstance(last, GanFrame)
    assert isinstance(before, GanFrame)
    np.testing.assert_array_equal(last.fake, before.fake)
    np.testing.assert_array_equal(last.surface, before.surface)


def test_steps_of_d_and_g_make_a_frame_each(qtbot: QtBot, real: RealBench) -> None:
    qtbot.mouseClick(real.lab.form.panel.steps["D"], LEFT)
    qtbot.mouseClick(real.lab.form.panel.steps["G"], LEFT)
    frames = real.came(3)
    assert [frame.position for frame in frames] == [0.0, 0.5, 1.0]
    assert [frame.updated for frame in frames] == [0.0, 1.0, 2.0]
    np.testing.assert_array_equal(frames[0].fake, frames[1].fake)
    before, after = frames[0].surface, frames[1].surface
    assert before is not None
    assert after is not None
    assert not np.array_equal(after, before), "D was updated"
    np.testing.assert_array_equal(frames[2].surface, frames[1].surface)
    assert not np.array_equal(frames[2].fake, frames[1].fake), "G was updated"
    real.session.seek(0.5)
    real.lab.draw()
    assert real.lab.stage.strip.lit() == ("D",)
    assert real.run.status is Status.PAUSED
    real.lab.training.toggle()
    real.ended()
    assert [f.position for f in real.run.store] == [0.0, 0.5, 1.0, 10.0, 20.0, 30.0, 40.0]


def test_d_answers_what_the_map_shows(qtbot: QtBot, real: RealBench) -> None:
    qtbot.mouseClick(real.lab.form.panel.train, LEFT)
    real.ended()
    frame = real.session.frame()
    assert isinstance(frame, GanFrame)
    view = real.lab.stage.points.maps[0]
    x, y = view.scale.to_px(frame.fake[:1])[0]
    with qtbot.waitSignal(real.session.answered, timeout=LONG):
        view.point(QPointF(x, y))
    text = real.lab.stage.readout.text()
    assert "D = " in text
    value = float(text.split("D = ")[1].split(" ")[0].split("<")[0].replace("−", "-"))
    assert value == pytest.approx(float(frame.d_fake[0]), abs=2e-3)


def test_a_change_while_it_runs_branches_off(qtbot: QtBot, real: RealBench) -> None:
    real.lab.form.set_request(dataclasses.replace(QUICK, steps=100_000))
    qtbot.mouseClick(real.lab.form.panel.train, LEFT)
    first = real.run
    real.came(2)
    real.lab.form.draft.set_value(("g_rate",), 2e-3, "")
    qtbot.waitUntil(lambda: real.run is not first, timeout=LONG)
    real.came(2)
    assert real.run.parent is first
    assert first.status is Status.CANCELLED
    assert real.run.request.g_rate == 2e-3  # type: ignore[attr-defined]
    real.lab.training.cancel()
    qtbot.waitUntil(lambda: real.run.status.final, timeout=LONG)


def _engine() -> Engine:
    from diffviz.engine.engine import LocalEngine

    return LocalEngine({}, "cpu")
