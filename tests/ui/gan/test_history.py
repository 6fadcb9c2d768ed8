"""Figures of a training: read once, in order, and joined over the runs that a branch goes on from."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.gan import GanRequest, Pictures
from diffviz.domain.messages import FramesReady, Started
from diffviz.ui.labs.gan_history import lineage, slim
from diffviz.ui.labs.gan_thumbnails import GanThumbnails
from diffviz.ui.views.view import Shown
from tests.ui.labs.gan_toys import GanBench, toy_frame

SHORT = GanRequest(steps=200, every=20)


@pytest.fixture
def bench(qtbot: QtBot) -> GanBench:
    made = GanBench(qtbot, SHORT)
    made.lab.training.train()
    return made


def test_losses_stand_at_every_step_and_half_steps_add_none(bench: GanBench) -> None:
    run = bench.run
    bench.link.received.emit(Started(run.id))
    frames = [toy_frame(SHORT, position) for position in (0.0, 20.0, 20.5, 21.0, 40.0)]
    bench.link.received.emit(FramesReady(run.id, tuple(frames)))
    figures = bench.lab.history(bench_shown(bench))
    assert figures is not None
    assert figures.positions.tolist() == [0.0, 20.0, 20.5, 21.0, 40.0]
    assert figures.steps.tolist() == [float(n) for n in range(1, 41)]
    np.testing.assert_array_equal(figures.loss_d[:20], frames[1].loss_d)
    np.testing.assert_array_equal(figures.loss_d[20], frames[3].loss_d[-1])
    np.testing.assert_array_equal(figures.loss_d[21:], frames[4].loss_d[1:])
    bench.close()


def test_figures_are_the_same_object_until_a_frame_comes(bench: GanBench) -> None:
    bench.come(3)
    history, shown = bench.lab.history, bench_shown(bench)
    assert history(shown) is history(shown)
    before = history(shown)
    bench.come(1)
    assert history(bench_shown(bench)) is not before
    bench.close()


def test_a_slim_frame_keeps_what_a_verdict_needs() -> None:
    frame = toy_frame(SHORT, 100.0)
    kept = slim(frame)
    assert kept.nbytes < frame.nbytes / 5
    for name in ("accuracy", "best", "covered", "gradient", "updated"):
        assert getattr(kept, name) == getattr(frame, name)
    np.testing.assert_array_equal(kept.per_mode, frame.per_mode)


def test_a_branch_of_a_branch_has_its_ancestors_in_order(bench: GanBench) -> None:
    bench.come()
    first = bench.run
    for at in (100.0, 140.0):
        bench.session.seek(at)
        bench.lab.training.go_on()
        bench.come()
    runs = lineage(bench.run)
    assert runs[0] is first
    assert [run.plan.positions[0] for run in runs] == [0.0, 100.0, 140.0]
    frames = bench.lab.history.frames(bench.run, 160.0)
    assert [frame.position for frame in frames] == [float(p) for p in range(0, 180, 20)]
    bench.close()


def test_thumbnails_are_points_or_a_grid_of_sixteen(qtbot: QtBot, bench: GanBench) -> None:
    bench.come(2)
    pictures = GanThumbnails()
    assert pictures.shape(bench.run) == (56, 56)
    image = pictures.image(bench.run, 1, 0, (56, 56))
    assert image is not None
    assert (image.width(), image.height()) == (56, 56)
    assert pictures.image(bench.run, 1, 0, (56, 56)) is image
    bench.close()
    images = GanBench(qtbot, dataclasses.replace(SHORT, data=Pictures()))
    images.lab.training.train()
    images.come(2)
    assert pictures.shape(images.run) == (112, 112)
    grid = pictures.image(images.run, 1, 0, (112, 112))
    assert grid is not None
    frame = toy_frame(dataclasses.replace(SHORT, data=Pictures()), 20.0)
    wanted = np.clip(frame.fake[5, 0, 3, 7] * 127.5 + 128, 0, 255)
    assert grid.pixelColor(28 + 7, 28 + 3).red() == pytest.approx(float(wanted), abs=1.5), "image 5 is second in row 2"
    images.close()


def bench_shown(bench: GanBench) -> Shown:
    return Shown(bench.run, bench.session.cursor)


def test_a_run_without_frames_has_no_figures_of_another(bench: GanBench) -> None:
    bench.come(3)
    assert bench.lab.history(bench_shown(bench)) is not None
    bench.lab.training.train()
    assert not len(bench.run.store)
    assert bench.lab.history(bench_shown(bench)) is None
    bench.close()
