"""Figures of a training: read once, in order, and joined over the runs that a branch goes on from."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.frames import Frame
from diffviz.domain.gan import GanFrame, GanRequest, Pictures
from diffviz.domain.messages import FramesReady, Started
from diffviz.domain.store import FrameStore
from diffviz.session.run import Run
from diffviz.theory.gan_verdict import verdict
from diffviz.ui.labs.gan.metrics import GanThumbnails, MetricsLog
from diffviz.ui.timeline.run_plots import lineage
from diffviz.ui.timeline.run_progress import RunProgress
from diffviz.ui.widgets.view import Shown
from tests.ui.labs.gan.toys import GanBench, toy_frame, toy_plan

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
    frames, _ = bench.lab.history.evaluations(bench.run, 160.0)
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


class CountingStore(FrameStore):
    """Counts the frames that are looked at."""

    looks = 0

    def __getitem__(self, index: int) -> Frame:
        self.looks += 1
        return super().__getitem__(index)


def long_run(count: int) -> tuple[Run, CountingStore]:
    """A training that has come to its evaluation number `count`, and goes on."""
    request = GanRequest(steps=20 * count + 200, every=20)
    store = CountingStore()
    run = Run(7, "gan/training", request, toy_plan(request, {}), store)
    for n in range(count):
        arrive(run, n)
    return run, store


def arrive(run: Run, n: int) -> None:
    """The next evaluation: of three kinds in turn."""
    run.store.append(dataclasses.replace(toy_frame(SHORT, 20.0 * (n % 3)), position=20.0 * n, updated=2.0))


def test_what_an_arrival_costs_does_not_grow_with_the_run() -> None:
    """Figures, verdict and track look at the new frame and at the last few, at whatever length of the run."""
    looks = []
    for count in (200, 1600):
        run, store = long_run(count)
        history, track = MetricsLog(), RunProgress.of(run)
        shown = Shown(run, 20.0 * count)
        history(shown)
        store.looks = 0
        arrive(run, count)
        figures = history(shown)
        verdict(*history.evaluations(run, shown.cursor))
        history.largest(shown)
        track = RunProgress.of(run, track)
        looks.append(store.looks)
        assert figures is not None
        assert len(figures.positions) == track.count == count + 1
        assert (track.planned[count], track.planned[-1]) == (20.0 * count, run.plan.positions[-1])
        assert len(track.planned) == len(run.plan.positions)
    assert looks[0] == looks[1]
    assert looks[1] < 200


def test_a_verdict_from_what_was_read_on_the_way_is_that_of_all_frames_read_anew() -> None:
    run, _ = long_run(60)
    frames = [frame for frame in run.store if isinstance(frame, GanFrame)]
    history = MetricsLog()
    history(Shown(run, 0.0))
    for n in (0, 1, 7, 30, 59):
        seen, past = history.evaluations(run, frames[n].position)
        assert len(seen) == n + 1
        assert verdict(seen, past) == verdict(frames[: n + 1])
        assert past.largest == max(frame.gradient for frame in frames[: n + 1])
    assert verdict(*history.evaluations(run, -1.0)).kind == "undetermined"
