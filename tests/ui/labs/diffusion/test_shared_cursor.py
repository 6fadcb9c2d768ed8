"""Two runs of unlike processes under one cursor, in the lab over a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.domain.frames import ForwardFrame
from diffviz.domain.requests import ForwardRequest, Image
from diffviz.domain.sampling import Cosine, Linear
from diffviz.session.run import Run, Status
from diffviz.theory.shared_time import LOG_SNR, SHARE
from tests.toys import save_diffusion
from tests.ui.labs.diffusion.bench import DiffusionBench

LONG = 60_000


class Bench(DiffusionBench):
    """The lab with a forward run of one thousand timesteps (A) and one of two hundred (B)."""

    def __init__(self, qtbot: QtBot, root: Path) -> None:
        super().__init__(qtbot, root, {"toy": save_diffusion(root)}, "toy")
        picture = self.session.add_image(np.zeros((12, 12), np.uint8))
        self.b = self._forward(Linear(200), picture)
        self.a = self._forward(Cosine(), picture)
        self.session.pin(self.b)

    def _forward(self, schedule: Cosine | Linear, picture: str) -> Run:
        request = ForwardRequest(start=Image((picture,), shape=(1, 12, 12)), schedule=schedule, steps=100)
        run = self.session.start(request, "diffusion/forward")
        self._qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
        return run

    def at(self, position: float) -> tuple[ForwardFrame, ForwardFrame]:
        """The frames of A and of B that stand in the lab with the cursor at `position`."""
        self.session.seek(position)
        self.lab.draw()
        shown = self.lab.shown()
        stage = self.lab.stage
        assert isinstance(shown.frame, ForwardFrame)
        assert isinstance(shown.frame_b, ForwardFrame)
        assert stage.canvas.picture is not None
        assert stage.beside.picture is not None
        assert stage.canvas.picture.key[1] == shown.frame.position
        assert stage.beside.picture.key[1] == shown.frame_b.position
        return shown.frame, shown.frame_b


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.close()


def test_one_cursor_shows_as_much_noise_in_both(bench: Bench) -> None:
    a, b = bench.at(500.0)
    ratio = (a.alpha / a.sigma) / (b.alpha / b.sigma)
    assert ratio == pytest.approx(1, rel=0.05), "the nearest of a hundred frames"
    assert b.position < 200
    bench.session.share_by(SHARE)
    bench.lab.draw()
    a, b = bench.at(500.0)
    assert a.position / 1000 == pytest.approx(b.position / 200, abs=0.005)
    bench.session.share_by(LOG_SNR)


def test_the_ends_are_reached_together_and_said_to_be_ends(bench: Bench) -> None:
    for position, theirs in ((0.0, 0.0), (1000.0, 200.0)):
        a, b = bench.at(position)
        assert (a.position, b.position) == (position, theirs)
        assert all("(end)" in line.cost.text() for line in bench.lab.stage.lines)
    bench.at(500.0)
    assert not any("(end)" in line.cost.text() for line in bench.lab.stage.lines)


def test_keys_step_along_the_shown_run_and_the_other_follows(bench: Bench) -> None:
    before, _ = bench.at(500.0)
    QTest.keyClick(bench.lab.timeline.slider, Qt.Key.Key_Right)
    a, b = bench.at(bench.session.cursor)
    positions = list(bench.a.positions())
    assert a.position == bench.session.cursor == positions[positions.index(before.position) + 1]
    strip = bench.lab.timeline.beside
    assert strip.track is not None
    assert strip.track.own(strip.track.shown_at(a.position)) == b.position


def test_runs_change_places_without_a_change_of_noise(bench: Bench) -> None:
    bench.at(300.0)
    level = bench.a.process.log_snr(300.0) if bench.a.process else 0.0
    bench.session.swap()
    assert bench.session.a is bench.b
    assert bench.b.process is not None
    assert bench.b.process.log_snr(bench.session.cursor) == pytest.approx(level)
    bench.session.swap()
    assert bench.session.cursor == pytest.approx(300.0)


def test_the_filmstrip_of_b_lies_under_that_of_a_by_noise(bench: Bench) -> None:
    bench.at(500.0)
    strip = bench.lab.timeline.beside
    assert strip.track is not None
    positions = strip.track.computed
    assert (positions[0], positions[-1]) == (0.0, 1000.0), "on the axis of A"
    assert list(positions) == sorted(positions)
    assert strip.track.run is bench.b


def test_distances_are_taken_where_the_noise_is_the_same(bench: Bench) -> None:
    bench.at(1000.0)
    assert bench.lab.stage.lines[1].apart.text() != ""
    bench.at(500.0)
    bench.lab.timeline.plots.make()
    source = bench.lab.timeline.plots.panels[-1]
    assert source.shown
    line = source.drawn[0].line
    assert line is not None
    for position in line.xs:
        a, b = bench.at(float(position))
        if 0 < position < 1000:
            assert a.alpha / a.sigma == pytest.approx(b.alpha / b.sigma, rel=0.02)
