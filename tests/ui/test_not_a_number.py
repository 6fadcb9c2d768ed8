"""Nothing that is painted raises, whatever numbers a frame has: nan, infinities, and ᾱ that underflows.

pytest-qt turns an exception within a paint event into a failure of its test. That arithmetic with such numbers warns is
as it should be.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.frames import ForwardFrame, Frame, PathFrame
from diffviz.domain.gan import GanRequest, Pictures
from diffviz.domain.latent import PathRequest
from diffviz.domain.messages import FramesReady, Started
from diffviz.domain.requests import ForwardRequest, ReverseRequest
from diffviz.domain.sampling import SAMPLERS, Constant
from diffviz.session.run import Run
from diffviz.theory.processes import VariancePreserving
from diffviz.theory.schedules import NoiseSchedule
from diffviz.ui.instruments.table import INSTRUMENTS
from diffviz.ui.labs.diffusion.histogram import HistogramView
from diffviz.ui.labs.diffusion.instant import InstantView
from diffviz.ui.labs.vae.point import PathPointView
from diffviz.ui.sample_viewer.viewer import SampleViewer
from diffviz.ui.timeline import Timeline
from diffviz.ui.widgets.view import Shown, View
from tests.ui.forms.fakes import card
from tests.ui.instruments.desk import Desk, desk, real_card
from tests.ui.labs.gan.toys import GanBench, toy_frame
from tests.ui.sample_viewer.runs import SCHEDULE, VISITED, forward_run, reverse_run, run_of
from tests.ui.timeline.toys import Bench as TimelineBench

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
HOSTILE = [float("nan"), float("inf"), -float("inf"), 3e38]
KEPT = frozenset({"position", "updated"})


def broken(frame: Frame, value: float, *, numbers: bool = False) -> Frame:
    """`frame` with `value` in every array, and with `numbers` in place of each number as well; its position stays."""
    changed: dict[str, Any] = {name: np.full_like(array, value) for name, array in frame.arrays().items()}
    names = [f.name for f in dataclasses.fields(frame) if isinstance(getattr(frame, f.name), float)]
    changed |= {name: float("nan") for name in names if numbers and name not in KEPT}
    return dataclasses.replace(frame, **changed)


def diffusion_runs(value: float) -> Iterator[Run]:
    for run in (reverse_run(), forward_run(model=True), forward_run(chain=False)):
        frames = [broken(frame, value) for frame in run.store]
        yield run_of(frames, run.request, run.plan.positions, run.id)


@pytest.fixture
def bench(qtbot: QtBot) -> Desk:
    return desk(qtbot)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("kind", [SampleViewer, InstantView, HistogramView])
def test_views_of_diffusion(qtbot: QtBot, kind: type[View], value: float) -> None:
    view = kind()
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    for run in diffusion_runs(value):
        for cursor in VISITED:
            view.draw(Shown(run, cursor, real_card(), VariancePreserving(SCHEDULE)))
            assert not view.grab().isNull()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("key", INSTRUMENTS)
def test_instruments(bench: Desk, key: str, value: float) -> None:
    made = bench.show(INSTRUMENTS[key].make, key)
    for run in diffusion_runs(value):
        for cursor in VISITED:
            made.draw(Shown(run, cursor, real_card(), VariancePreserving(SCHEDULE)))
            assert not made.grab().isNull()
    made.close_instrument()


@pytest.mark.parametrize("value", HOSTILE)
def test_the_timeline(qtbot: QtBot, value: float) -> None:
    made = TimelineBench()
    qtbot.addWidget(made.timeline)
    made.timeline.resize(900, 420)
    made.timeline.show()
    run = made.start(steps=4, come=0)
    frames = tuple(broken(frame, value) for frame in reverse_run().store)
    kept = [dataclasses.replace(f, position=p) for f, p in zip(frames, run.plan.positions, strict=False)]
    made.link.received.emit(FramesReady(run.id, tuple(kept)))
    made.session.seek(500.0)
    assert not made.timeline.grab().isNull()
    made.close()


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("loss", ["non_saturating", "wasserstein"])
@pytest.mark.parametrize("pictures", [False, True])
def test_the_gan_lab(qtbot: QtBot, value: float, loss: str, pictures: bool) -> None:
    request = GanRequest(steps=100, every=20, loss=loss)
    request = dataclasses.replace(request, data=Pictures()) if pictures else request
    made = GanBench(qtbot, request)
    made.lab.training.train()
    run = made.run
    made.link.received.emit(Started(run.id))
    frames = tuple(broken(toy_frame(request, p), value, numbers=True) for p in run.plan.positions)
    made.link.received.emit(FramesReady(run.id, frames))
    made.lab.draw()
    assert not made.lab.grab().isNull()
    made.session.seek(40.0)
    made.lab.draw()
    assert not made.lab.grab().isNull()
    made.close()


@pytest.mark.parametrize("value", HOSTILE)
def test_the_point_of_a_path(qtbot: QtBot, value: float) -> None:
    one = np.ones(1, np.float32)
    frame = PathFrame(0.0, np.zeros((1, 1, 8, 8), np.float32), np.zeros((1, 2), np.float32), one, one, one, one)
    view = PathPointView()
    qtbot.addWidget(view)
    view.set_titles(("VAE",))
    view.show()
    view.draw(Shown(run_of([broken(frame, value)], PathRequest(), (0.0, 1.0)), 0.0))
    assert not view.grab().isNull()


STEEP = NoiseSchedule.from_settings(Constant(timesteps=1000, beta=0.6))
STEEP_CARD = dataclasses.replace(card(timesteps=1000), schedule=Constant(timesteps=1000, beta=0.6))


def steep_runs() -> Iterator[Run]:
    """A reverse run of every sampler, and a forward run, on a schedule whose ᾱ underflows at t = 813."""
    positions = (1000.0, 900.0, 400.0, 20.0, 0.0)
    for number, sampler in enumerate(SAMPLERS.values(), 1):
        frames = [steep(frame, t) for frame, t in zip([*reverse_run().store] * 2, positions, strict=False)]
        request = ReverseRequest(model="toy", sampler=sampler(), steps=4)
        yield run_of(frames, request, positions, number)
    forward = [steep(frame, t) for frame, t in zip([*forward_run().store] * 2, positions[::-1], strict=False)]
    yield run_of(forward, ForwardRequest(schedule=Constant(beta=0.6)), positions[::-1], 99)


def steep(frame: Frame, t: float) -> Frame:
    """`frame` at `t` of the steep schedule."""
    at = int(t)
    changed: dict[str, Any] = {"position": t, "alpha": float(STEEP.alpha[at]), "sigma": float(STEEP.sigma[at])}
    changed |= {"beta": float(STEEP.beta[at])} if isinstance(frame, ForwardFrame) else {}
    return dataclasses.replace(frame, **changed)


@pytest.mark.parametrize("key", INSTRUMENTS)
def test_instruments_where_alpha_bar_underflows(bench: Desk, key: str) -> None:
    made = bench.show(INSTRUMENTS[key].make, key)
    for run in steep_runs():
        for cursor in (1000.0, 900.0, 20.0, 0.0):
            made.draw(Shown(run, cursor, STEEP_CARD, VariancePreserving(STEEP)))
            assert not made.grab().isNull()
    made.close_instrument()


def test_instant_and_timeline_where_alpha_bar_underflows(qtbot: QtBot) -> None:
    instant, made = InstantView(), TimelineBench()
    timeline: Timeline = made.timeline
    for widget in (instant, timeline):
        qtbot.addWidget(widget)
        widget.resize(900, 460)
        widget.show()
    for chip in timeline.plots.chips.values():
        chip.setChecked(True)
    for run in steep_runs():
        for cursor in (1000.0, 900.0, 20.0, 0.0):
            for view in (instant, timeline):
                view.draw(Shown(run, cursor, STEEP_CARD, VariancePreserving(STEEP)))
                assert not view.grab().isNull()
        assert instant.value("beta") == ("—" if cursor == 0 else "0.6000")
    made.close()


def test_the_ratio_of_signal_to_noise_is_drawn_beyond_the_smallest_float(qtbot: QtBot) -> None:
    made = TimelineBench()
    qtbot.addWidget(made.timeline)
    panel = next(panel for panel in made.timeline.plots.panels if panel.given.label == "SNR")
    panel.switch("snr", on=True)
    made.timeline.draw(Shown(None, 0.0, None, VariancePreserving(STEEP)))
    [curve] = panel.drawn
    assert curve.line is not None
    assert curve.line.xs[-1] == 1000
    assert curve.ys[-1] == pytest.approx(1000 * np.log10(0.4), rel=1e-6)
    made.close()
