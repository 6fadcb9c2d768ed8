"""Every panel says what its theory says, answers to its controls, and can be had by keyboard."""

from __future__ import annotations

import dataclasses
import json
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.domain.arrays import F32
from diffviz.domain.frames import ForwardFrame, ReverseFrame
from diffviz.domain.ideal import AskIdeal, IdealFound, NearestFound
from diffviz.domain.messages import Ask, Device, Ready, Recognise, Recognised
from diffviz.domain.requests import ForwardRequest
from diffviz.domain.sampling import Ddpm, Flow, ProcessSettings, VarianceExploding
from diffviz.domain.serialization import encode
from diffviz.session.run import Run
from diffviz.theory import forward, gaussians
from diffviz.theory.processes import process_of
from diffviz.theory.schedules import visits
from diffviz.ui.gallery.picture_source import data_of, pictures
from diffviz.ui.instruments.forward_chain import DDIM, UNSCALED, MarkovInstrument, ScalingInstrument
from diffviz.ui.instruments.ideal import IdealInstrument
from diffviz.ui.instruments.instrument import SliderRow
from diffviz.ui.instruments.kl import FORWARD, JS, REVERSE, KlPanel, LeftoverInstrument
from diffviz.ui.instruments.recognised import RecognisedInstrument
from diffviz.ui.instruments.reverse_step import ReverseLine, VariancesInstrument
from diffviz.ui.instruments.visited_steps import VisitsInstrument
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.format import figure
from tests import waiting
from tests.ui.instruments.desk import DATASET, Desk, at, desk, real_card, stepping_run
from tests.ui.sample_viewer.runs import SCHEDULE, forward_run, reverse_run, run_of
from tests.ui.timeline.pixels import grab


@pytest.fixture
def bench(qtbot: QtBot) -> Desk:
    return desk(qtbot)


# KL


@pytest.fixture
def kl(bench: Desk) -> KlPanel:
    made = KlPanel()
    bench.place(made)
    return made


def test_the_divergences_are_those_of_the_two_gaussians(kl: KlPanel) -> None:
    kl.set_gaussian(0, 0.0, 1.0)
    kl.set_gaussian(1, 1.0, 2.0)
    found = gaussians.divergences(0.0, 1.0, 1.0, 2.0)
    assert found.forward == pytest.approx(np.log(2) + (1 + 1) / 8 - 0.5)
    for value in (found.forward, found.reverse, found.js):
        assert figure(value) in kl.note.accessibleName()


@pytest.mark.parametrize("key", [FORWARD, REVERSE, JS])
def test_the_area_shown_is_the_divergence(kl: KlPanel, key: str) -> None:
    kl.set_gaussian(0, -0.5, 0.8)
    kl.set_gaussian(1, 0.7, 1.1)
    QTest.mouseClick(kl.which.button(key), Qt.MouseButton.LeftButton)
    area = kl.chart.lines[0]
    want = {FORWARD: kl.values.forward, REVERSE: kl.values.reverse, JS: kl.values.js}[key]
    assert np.trapezoid(area.ys, area.xs) == pytest.approx(want, abs=2e-3)


def test_a_gaussian_is_dragged_by_its_peak(kl: KlPanel, qtbot: QtBot) -> None:
    waiting.stand_on(qtbot, kl.chart)
    before = kl.gaussians[0]
    with qtbot.waitSignal(kl.changed):
        QTest.keyClick(kl.chart, Qt.Key.Key_Right)
    assert kl.gaussians[0][0] > before[0]
    QTest.keyClick(kl.chart, Qt.Key.Key_Up)
    assert kl.gaussians[0][1] < before[1], "a higher peak is a narrower Gaussian"


# the reverse step in one dimension


def reverse_line(bench: Desk) -> ReverseLine:
    made = bench.show(ReverseLine)
    assert isinstance(made, ReverseLine)
    return made


def test_large_steps_have_several_modes_and_small_ones_are_nearly_gaussian(bench: Desk) -> None:
    made = reverse_line(bench)
    made.draw(at(reverse_run(), 90.0))
    made.stride.slider.setValue(90)
    said = made.note.accessibleName()
    assert "to s = 0: " in said
    assert "1 mode," not in said
    made.stride.slider.setValue(1)
    assert "1 mode," in made.note.accessibleName()


def test_a_mixture_of_one_gaussian_has_a_gaussian_reverse_step(bench: Desk) -> None:
    made = reverse_line(bench)
    made.draw(at(reverse_run(), 60.0))
    while made.fewer.isEnabled():
        made.fewer.click()
    assert len(made.gaussians) == 1
    exact = next(line for line in made.step.lines if line.fill)
    fit = made.step.lines[-1]
    np.testing.assert_allclose(exact.ys, fit.ys, atol=1e-6)


def test_the_mixture_is_edited(bench: Desk, qtbot: QtBot) -> None:
    made = reverse_line(bench)
    made.draw(at(reverse_run(), 60.0))
    waiting.stand_on(qtbot, made.data)
    x = made.gaussians[0][0]
    QTest.keyClick(made.data, Qt.Key.Key_Right)
    assert made.gaussians[0][0] > x
    made.more.click()
    assert len(made.data.handles) == 4
    made.more.click()
    assert not made.more.isEnabled()
    made.spread.slider.setValue(50)
    assert made.mixture.stds[0] == 0.5
    again = reverse_line(bench)
    again.take_look({"mixture": [1, 2, 3], "stride": -1})
    assert len(again.gaussians) == 3
    again.take_look(json.loads(encode(made.look())))
    assert again.gaussians == made.gaussians
    assert len(again.data.handles) == 5


# variances


def test_the_best_variance_lies_between_the_two(bench: Desk) -> None:
    made = bench.show(VariancesInstrument)
    assert isinstance(made, VariancesInstrument)
    made.draw(at(reverse_run(), 60.0))
    for value, like in ((0, 1), (100, 0)):
        made.spread.slider.setValue(value)
        np.testing.assert_allclose(made.chart.lines[2].ys, made.chart.lines[like].ys, atol=1e-6)
    made.spread.slider.setValue(50)
    beta, tilde, best = (line.ys for line in made.chart.lines)
    assert (best >= tilde - 1e-9).all()
    assert (best <= beta + 1e-9).all()


# scaling


def test_without_the_factor_the_variance_grows_by_the_sum_of_beta(bench: Desk) -> None:
    made = bench.show(ScalingInstrument)
    assert isinstance(made, ScalingInstrument)
    made.draw(at(forward_run(), 60.0))
    variance, coefficient, measured, slope = made.chart.lines
    assert variance.ys[-1] == pytest.approx(1.0, abs=0.05)
    assert coefficient.ys[-1] < 0.1
    made.switch.button(UNSCALED).click()
    variance, coefficient, measured, slope = made.chart.lines
    assert variance.ys[-1] - variance.ys[0] == pytest.approx(np.nansum(SCHEDULE.beta))
    assert (coefficient.ys == 1.0).all()
    np.testing.assert_allclose(measured.ys, np.interp(measured.xs, variance.xs, variance.ys), rtol=0.15)
    np.testing.assert_allclose(slope.ys, 1.0, atol=0.2)


# Markov


def test_given_x_t_the_chain_has_forgotten_and_ddim_has_not(bench: Desk) -> None:
    made = bench.show(MarkovInstrument)
    assert isinstance(made, MarkovInstrument)
    made.gap.slider.setValue(10)
    made.draw(at(reverse_run(), 50.0))
    triples = made.triples()
    assert triples is not None
    partial = forward.partial_correlation(triples)
    assert partial.low < 0 < partial.high
    assert "says nothing more" in made.note.accessibleName()
    made.process.button(DDIM).click()
    assert "not a Markov chain" in made.note.accessibleName()
    assert made.given.slope is not None


# how much is left


def leftover_of(bench: Desk) -> LeftoverInstrument:
    made = bench.show(LeftoverInstrument)
    assert isinstance(made, LeftoverInstrument)
    return made


def test_the_measured_correlation_is_that_of_the_shown_pixels(bench: Desk) -> None:
    made = leftover_of(bench)
    run = forward_run()
    made.draw(at(run, 30.0))
    frame = run.at(30.0)
    assert frame is not None
    assert figure(gaussians.neighbour_correlation(frame.arrays()["x"])) in made.note.accessibleName()
    assert made.kl.log
    assert made.kl.lines[0].ys[-1] < made.kl.lines[0].ys[10]


def test_a_start_that_leaves_signal_in_is_warned_of(bench: Desk) -> None:
    """50 "leading" steps of a cosine schedule begin below T (Lin et al. 2024)."""
    made = leftover_of(bench)
    run = reverse_run()
    made.draw(at(run, 60.0))
    assert "⚠" not in made.warning.text()
    early = reverse_run(run_id=2)
    early.plan = type(early.plan)(0.0, 100.0, (81.0, 60.0, 30.0, 0.0), 0, 0)
    made.draw(at(early, 60.0))
    assert "⚠" in made.warning.text()


@pytest.mark.parametrize("settings", [Flow(), VarianceExploding()], ids=["flow", "ve"])
def test_both_questions_are_answered_of_a_process_without_beta(bench: Desk, settings: ProcessSettings) -> None:
    process = process_of(settings)
    x = np.random.default_rng(1).normal(size=(2, 1, 28, 28)).astype(np.float32)
    frames = [ForwardFrame(t, *process.at(t), x, x, step_noise=x) for t in process.kept(4)]
    run = run_of(frames, ForwardRequest(schedule=settings), [frame.position for frame in frames])
    shown = dataclasses.replace(at(run, frames[2].position), process=process)
    left, past = leftover_of(bench), bench.show(MarkovInstrument)
    assert isinstance(past, MarkovInstrument)
    for made in (left, past):
        made.draw(shown)
    assert len(left.kl.lines[0].xs) > 100
    assert "KL here" in left.note.accessibleName()
    assert "⚠" not in left.warning.accessibleName()
    assert "says nothing more" in past.note.accessibleName()
    past.process.button(DDIM).click()
    assert "not a Markov chain" in past.note.accessibleName()


# visited steps


def test_the_table_is_that_of_the_sampler_and_follows_the_cursor(bench: Desk) -> None:
    made = bench.show(VisitsInstrument)
    assert isinstance(made, VisitsInstrument)
    run = stepping_run(Ddpm())
    bench.stage.session.a = run
    made.draw(at(run, 0.0))
    path = visits(100, 3, "trailing")
    assert [(step.t, step.t_prev) for step in made.table.steps] == list(pairwise(path))
    assert made.table.data(made.table.index(0, 2)) == figure(float(SCHEDULE.alpha_bar[path[0]]))
    made.draw(at(run, 60.0))
    assert made.table.steps[made.view.currentIndex().row()].t == path[2]
    assert set(made.ticks.visits) == {"trailing", "linspace", "leading", "karras"}
    made.view.clicked.emit(made.table.index(0, 0))
    assert bench.stage.session.cursor == path[0]
    bench.stage.session.a = None


@pytest.mark.parametrize("width", [250, 290, 420])
def test_figures_of_the_table_are_whole_at_any_width(bench: Desk, width: int) -> None:
    made = bench.show(VisitsInstrument)
    assert isinstance(made, VisitsInstrument)
    run = stepping_run(Ddpm())
    bench.stage.session.a = run
    made.resize(width, 700)
    made.draw(at(run, 0.0))
    view, metrics = made.view, QFontMetricsF(theme.font(11))
    for column in range(made.table.columnCount()):
        texts = [str(made.table.index(row, column).data()) for row in range(made.table.rowCount())]
        assert view.columnWidth(column) >= max(map(metrics.horizontalAdvance, texts)) + 6
        assert view.columnWidth(column) >= view.horizontalHeader().sectionSizeHint(column)
    across = sum(map(view.columnWidth, range(5)))
    assert across >= view.viewport().width(), "it fills its place, and scrolls where that is too narrow"
    bench.stage.session.a = None


# the ideal denoiser


def asked(bench: Desk) -> AskIdeal:
    query = next(c.query for c in reversed(bench.stage.link.sent) if isinstance(c, Ask))
    assert isinstance(query, AskIdeal)
    return query


def near(image: F32, distance: float) -> NearestFound:
    return NearestFound(np.array([distance], np.float32), np.array([3]), image[None], 10_000)


def noised(label: str | int = "none") -> tuple[Run, F32]:
    """A run with one frame, at t = 60: the seventh picture with noise, and an estimate of it."""
    data = data_of(real_card())
    assert data is not None
    original = pictures(data)[7]
    alpha, sigma = 0.9, float(np.sqrt(1 - 0.81))
    x = (alpha * original + sigma * np.random.default_rng(0).standard_normal(original.shape)).astype(np.float32)
    run = reverse_run(1)
    run.store.clear()
    run.store.append(ReverseFrame(60.0, alpha, sigma, 0.0, x[None], np.clip(x / alpha, -1, 1)[None], x[None]))
    object.__setattr__(run.request, "label", label)
    return run, original


def test_the_ideal_denoiser_is_asked_about_the_sample_at_the_cursor(bench: Desk) -> None:
    run, original = noised()
    made = bench.show(IdealInstrument)
    assert isinstance(made, IdealInstrument)
    made.draw(at(run, 60.0))
    query = asked(bench)
    assert (query.part, query.count, query.label) == ("train", 10_000, None)
    assert query.estimate is not None
    assert (query.alpha, query.sigma) == (0.9, float(np.sqrt(1 - 0.81)))
    np.testing.assert_array_equal(made.panes["x"].picture.values, query.x)
    assert made.panes["ideal"].picture.values is None, "nothing is shown that was not computed"
    found = IdealFound(original, 10_000, near(original, 0.0), near(original, 0.25), query.key)
    made.take("mean", dataclasses.replace(found, key=("another",)))
    assert made.panes["ideal"].picture.values is None
    made.take("mean", found)
    np.testing.assert_array_equal(made.panes["ideal"].picture.values, original)
    assert made.panes["ideal"].distance.accessibleName() == "nearest: 0"
    assert made.panes["x0"].distance.accessibleName() == "nearest: 0.2500"
    assert "10,000 pictures of the training set, of all classes" in made.note.accessibleName()
    made.close_instrument()


def test_the_set_is_chosen_and_the_network_s_pictures_are_counted(bench: Desk) -> None:
    run, original = noised(3)
    made = bench.show(IdealInstrument)
    assert isinstance(made, IdealInstrument)
    made.part.button("test").click()
    made.count.setCurrentIndex(made.count.findData(100))
    trained = dataclasses.replace(real_card(), dataset={"name": DATASET, "images": 60_000})
    made.draw(dataclasses.replace(at(run, 60.0), card=trained))
    query = asked(bench)
    assert (query.part, query.count, query.label) == ("test", 100, 3)
    made.take("mean", IdealFound(original, 10, near(original, 0.1), near(original, 0.2), query.key))
    said = made.note.accessibleName()
    assert "10 pictures of the test set, of class Dress" in said
    assert "10,000 of the 60,000 training pictures" in said
    made.close_instrument()


def test_where_the_model_is_ideal_itself_the_set_is_the_run_s(bench: Desk) -> None:
    run, _ = noised()
    object.__setattr__(run.request, "images", 500)
    made = bench.show(IdealInstrument)
    assert isinstance(made, IdealInstrument)
    itself = dataclasses.replace(real_card(), architecture={"net": "ideal"})
    made.draw(dataclasses.replace(at(run, 60.0), card=itself))
    assert asked(bench).count == 500
    assert not made.part.isVisible()
    made.close_instrument()


def test_what_comes_too_late_is_not_left_beside_another_x_t(bench: Desk, qtbot: QtBot) -> None:
    run, original = noised()
    made = bench.show(IdealInstrument)
    assert isinstance(made, IdealInstrument)
    made.draw(at(run, 60.0))
    made.take("mean", IdealFound(original, 9, near(original, 0.1), near(original, 0.2), asked(bench).key))
    assert made.panes["ideal"].picture.values is not None
    made.part.button("test").click()
    made.draw(at(run, 60.0))
    qtbot.waitUntil(lambda: made.panes["ideal"].picture.values is None)
    assert not made.panes["ideal"].distance.accessibleName()


def test_the_picture_beside_is_called_what_it_is_and_says_what_it_is_nearest_to(bench: Desk) -> None:
    run, original = noised()
    made = bench.show(IdealInstrument, width=560)
    assert isinstance(made, IdealInstrument)
    nearest = made.panes["nearest"]
    assert nearest.symbol.accessibleName() == "nearest training picture", "it is no x_0: that is not known here"
    assert nearest.symbol.scale > 0.99, "as large as it is meant"
    made.draw(at(run, 60.0))
    key = asked(bench).key
    made.take("mean", IdealFound(original, 9, near(original, 0.1), near(original, 0.2), key))
    assert nearest.distance.text() == "to x̂₀"
    made.take("mean", IdealFound(original, 9, near(original, 0.1), None, key))
    assert nearest.distance.text() == "to E[x₀|xₜ]"
    made.close_instrument()


def test_without_a_network_the_empty_box_says_why_and_what_to_do(bench: Desk) -> None:
    run = forward_run(1)
    made = bench.show(IdealInstrument, width=560)
    assert isinstance(made, IdealInstrument)
    box = made.panes["x0"].picture
    blank = grab(box)
    made.draw(at(run, 60.0))
    assert asked(bench).estimate is None
    assert box.excuse == "No network in this run: tick Model in the form."
    assert (grab(box) != blank).any(), "it is written in the box"
    reverse, _ = noised()
    made.forget()
    made.draw(at(reverse, 60.0))
    assert box.values is not None
    assert not box.excuse
    made.close_instrument()


# p(y | x)


def recognised(bench: Desk) -> RecognisedInstrument:
    made = bench.show(RecognisedInstrument, key="recognised")
    assert isinstance(made, RecognisedInstrument)
    bench.stage.say(Ready(Device("cpu", "toy", 1)))
    return made


def test_bars_are_asked_for_at_the_cursor_first_and_then_along_the_run(bench: Desk) -> None:
    made, run = recognised(bench), reverse_run()
    made.draw(at(run, 60.0))
    asked: list[float] = []
    for _ in range(4):
        ask = bench.stage.link.sent[-1]
        assert isinstance(ask, Ask)
        assert isinstance(ask.query, Recognise)
        asked.append(float(str(ask.query.key[1])))
        shares = np.full((4, 3), 1 / 3, np.float32)
        made.take("bars", Recognised(shares, ("a", "b", "c"), ask.query.key))
        made.draw(at(run, 60.0))
    assert asked[0] == 60.0
    assert sorted(asked) == [0.0, 30.0, 60.0, 100.0]
    assert set(made.strip.known) == set(asked)


def test_an_answer_about_another_run_is_not_shown(bench: Desk) -> None:
    made = recognised(bench)
    made.draw(at(reverse_run(), 60.0))
    made.take("bars", Recognised(np.ones((4, 1), np.float32), ("a",), (99, 60.0)))
    assert made.strip.known == {}


def test_without_a_classifier_it_says_so_and_asks_no_more(bench: Desk) -> None:
    made, run = recognised(bench), reverse_run()
    made.draw(at(run, 60.0))
    made.take("bars", RuntimeError("no classifier"))
    count = len(bench.stage.link.sent)
    made.draw(at(run, 60.0))
    assert "no classifier" in made.note.accessibleName()
    assert len(bench.stage.link.sent) == count


def test_a_click_on_a_sample_chooses_it_for_the_strip(bench: Desk, qtbot: QtBot) -> None:
    made = recognised(bench)
    made.draw(at(reverse_run(), 60.0))
    QTest.mouseClick(made.bars, Qt.MouseButton.LeftButton, pos=made.bars.cell(2).center().toPoint())
    assert made.bars.sample == 2


def test_the_pointer_names_the_class_of_a_bar_and_of_a_colour_along_t(bench: Desk) -> None:
    made, run = recognised(bench), reverse_run()
    made.draw(at(run, 60.0))
    shares = np.tile(np.array([0.1, 0.7, 0.2], np.float32), (4, 1))
    made.take("bars", Recognised(shares, ("boot", "bag", "coat"), (run.id, 60.0)))
    made.draw(at(run, 60.0))
    cell = made.bars.cell(2)
    for index, said in enumerate(("boot: 10 %", "bag: 70 %", "coat: 20 %")):
        x = cell.left() + (index + 0.5) / 3 * cell.width()
        assert made.bars.tip(x, cell.bottom() - 1) == said, "also above a bar that is too low to be met"
    assert made.bars.tip(cell.left() + 2, cell.top() + 2).splitlines() == ["bag: 70 %", "coat: 20 %", "boot: 10 %"]
    assert not made.bars.tip(made.bars.cell(7).center().x(), cell.center().y()), "there are four samples"
    for share, said in ((0.05, "boot: 10 %"), (0.5, "bag: 70 %"), (0.95, "coat: 20 %")):
        assert made.strip.tip(10.0, share * made.strip.height()) == f"t = 60\n{said}"


def test_classes_have_a_key_where_there_is_room(bench: Desk) -> None:
    made, run = recognised(bench), reverse_run()
    made.draw(at(run, 60.0))
    key = made.key_of_classes
    assert not key.isVisible(), "no class is known yet"
    names = tuple(f"garment {i}" for i in range(10))
    made.take("bars", Recognised(np.full((4, 10), 0.1, np.float32), names, (run.id, 60.0)))
    made.draw(at(run, 60.0))
    assert key.isVisible()
    assert key.names == names
    metrics = QFontMetricsF(theme.font(11))
    for name, place in zip(names, key.places(), strict=True):
        assert place.x() + metrics.horizontalAdvance(name) <= key.width()
        assert place.y() < key.height()
    many = tuple(f"class {i}" for i in range(100))
    made.take("bars", Recognised(np.full((4, 100), 0.01, np.float32), many, (run.id, 60.0)))
    made.draw(at(run, 60.0))
    assert not key.isVisible()


# controls


def test_a_slider_s_arrow_keys_are_its_own(bench: Desk, qtbot: QtBot) -> None:
    row = SliderRow("k", 1, 10, 5)
    bench.place(row)
    waiting.stand_on(qtbot, row.slider)
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    assert row.value == 6
