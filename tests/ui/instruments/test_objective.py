"""The objective is measured on the pictures, the class and the draws that a person chose, and says so."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.domain import samples
from diffviz.domain.messages import Cancelled, Finished, FramesReady, Start, Started
from diffviz.domain.objective import OWN, ObjectiveFrame, ObjectiveRequest
from diffviz.domain.requests import ForwardRequest, Image, digest
from diffviz.session.run import Run
from diffviz.ui.forms.editors import ClassPicker
from diffviz.ui.instruments.instrument import COMMAND, PYTHON, Services
from diffviz.ui.instruments.objective import ObjectiveInstrument
from diffviz.ui.instruments.objective_form import CHOSEN, FIRST, RUN
from diffviz.ui.widgets.view import Shown
from tests.ui.forms.fakes import card
from tests.ui.instruments.desk import DATASET, Desk, desk, real_card
from tests.ui.sample_viewer.runs import GREY, run_of


@pytest.fixture
def bench(qtbot: QtBot) -> Desk:
    return desk(qtbot)


def objective(bench: Desk) -> ObjectiveInstrument:
    made = bench.show(ObjectiveInstrument)
    assert isinstance(made, ObjectiveInstrument)
    made.draw(Shown(None, 0.0))
    made.settings.click()
    return made


def request(made: ObjectiveInstrument) -> ObjectiveRequest:
    found = made.draft.request
    assert isinstance(found, ObjectiveRequest)
    return found


def names(made: ObjectiveInstrument) -> tuple[str, ...]:
    start = request(made).start
    assert isinstance(start, Image)
    return start.sha256


def first(count: int) -> tuple[str, ...]:
    return tuple(digest(p) for p in samples.load(DATASET).images[:count])


def sent(bench: Desk) -> Start:
    found = bench.stage.link.sent[-1]
    assert isinstance(found, Start)
    return found


def forward(bench: Desk, *numbers: int) -> Run:
    pixels = [samples.load(DATASET).images[n] for n in numbers]
    start = Image(tuple(bench.stage.session.add_image(p) for p in pixels), (28, 28))
    return run_of([], ForwardRequest(start=start, model=None))


def test_at_first_it_is_the_first_test_pictures_and_their_number_can_be_chosen(bench: Desk) -> None:
    made = objective(bench)
    assert names(made) == first(8)
    assert made.form.source.current() == FIRST
    made.form.count.spin.setValue(20)
    assert names(made) == first(20)
    made.button.click()
    start = sent(bench)
    assert start.request == request(made)
    assert set(start.materials.images) == set(first(20)), "the pixels travel with the request"


def test_pictures_are_chosen_in_the_gallery(bench: Desk) -> None:
    made = objective(bench)
    made.form.source.button(CHOSEN).click()
    assert made.form.gallery.isVisible()
    before = names(made)
    kept = made.form.gallery.sheet.rect_of(0).center()
    QTest.mouseClick(made.form.gallery.sheet.viewport(), Qt.MouseButton.LeftButton, pos=kept)
    assert len(set(before) ^ set(names(made))) == 1
    mine = np.full((28, 28), 7, np.uint8)
    made.form.gallery.add_picture(mine, "mine.png")
    assert digest(mine) in names(made)
    made.button.click()
    assert digest(mine) in sent(bench).materials.images


def test_the_pictures_of_the_run_on_the_screen_can_be_taken_and_are_followed(bench: Desk) -> None:
    made = objective(bench)
    assert not made.form.source.button(RUN).isEnabled()
    made.draw(Shown(forward(bench, 30, 31), 0.0))
    made.form.source.button(RUN).click()
    data = samples.load(DATASET)
    assert names(made) == (digest(data.images[30]), digest(data.images[31]))
    made.draw(Shown(forward(bench, 40), 0.0))
    assert names(made) == (digest(data.images[40]),)
    assert made.form.source.current() == RUN


def test_each_picture_is_told_its_own_class(bench: Desk) -> None:
    made = objective(bench)
    row = made.form.form.row("label")
    assert row is not None
    picker = row.editor
    assert isinstance(picker, ClassPicker)
    picker.edited.emit(OWN)
    labels = samples.load(DATASET).labels
    assert request(made).labels == tuple(labels[:8])
    made.form.count.spin.setValue(12)
    assert request(made).labels == tuple(labels[:12]), "classes follow the pictures"
    picker.edited.emit(3)
    assert request(made).labels == ()


def test_a_picture_of_ones_own_has_no_class_of_its_own(bench: Desk) -> None:
    made = objective(bench)
    made.form.gallery.add_picture(np.full((28, 28), 7, np.uint8), "mine.png")
    row = made.form.form.row("label")
    assert row is not None
    row.editor.edited.emit(OWN)
    made.draw(Shown(None, 0.0))
    assert "The class of 1 of the pictures is not known" in made.cost.text()
    assert not made.button.isEnabled()
    row.editor.edited.emit("none")
    made.draw(Shown(None, 0.0))
    assert made.button.isEnabled()


def test_the_cost_is_said_before_it_is_measured(bench: Desk) -> None:
    bench.services = dataclasses.replace(bench.services, seconds=lambda _request: 12.0)
    made = objective(bench)
    assert "8 pictures" in made.cost.text()
    assert "100 evaluations" in made.cost.text()
    assert "12" in made.cost.text()
    made.draft.set_value(("draws",), 64)  # 8 × 64 noisy pictures are two batches of 256
    made.draw(Shown(None, 0.0))
    assert "200 evaluations" in made.cost.text()


def test_changes_can_be_undone_also_after_the_panel_was_closed(bench: Desk) -> None:
    made = objective(bench)
    made.form.count.spin.setValue(20)
    made.draft.set_value(("variance",), "beta")
    made.close_instrument()
    draft = made.draft
    made.deleteLater()
    QTest.qWait(0)
    bench.undo.undo()
    bench.undo.undo()
    again = objective(bench)
    assert again.draft is draft
    assert request(again).variance == "posterior"
    assert names(again) == first(8)
    bench.undo.redo()
    assert again.form.count.value() == 20


def test_a_model_without_classes_is_told_none(bench: Desk) -> None:
    plain = card("plain", classes=(), shape=GREY, dataset=DATASET)
    bench.stage.session.cards["plain"] = plain
    made = objective(bench)
    made.draft.set_value(("label",), 3)
    made.draw(Shown(None, 0.0, plain))
    assert made.form.form.row("label") is None
    assert request(made).label == "none"
    assert request(made).model == "plain"


@pytest.mark.parametrize("back", [False, True])
def test_another_data_set_brings_its_own_pictures(bench: Desk, back: bool) -> None:
    digits = card("digits", shape=GREY, dataset="digits", classes=real_card().classes)
    bench.stage.session.cards["digits"] = digits
    made = objective(bench)
    made.draw(Shown(None, 0.0, digits))
    data = samples.load("digits")
    assert names(made) == tuple(digest(p) for p in data.images[:8])
    if back:
        made.draw(Shown(None, 0.0, real_card()))
        assert names(made) == first(8)


def test_it_shows_what_was_measured_when_something_else_is_chosen_meanwhile(bench: Desk) -> None:
    made = objective(bench)
    made.button.click()
    made.form.count.spin.setValue(3)
    made.draw(Shown(None, 0.0))
    assert made.strip.names == first(8)
    assert made.cost.text().startswith("3 pictures")


def test_more_pictures_than_there_is_room_for_are_counted(bench: Desk) -> None:
    made = objective(bench)
    made.form.count.spin.setValue(64)
    made.button.click()
    made.draw(Shown(None, 0.0))
    made.strip.resize(200, 28)
    assert 0 < made.strip.room() < 64
    assert made.strip.grab().width() == 200


def test_it_needs_no_model(qtbot: QtBot, bench: Desk) -> None:
    bench.services = dataclasses.replace(bench.services, card=lambda: None)

    def make(key: str, services: Services) -> ObjectiveInstrument:
        return ObjectiveInstrument(key, services)

    made = bench.show(make)
    assert isinstance(made, ObjectiveInstrument)
    made.draw(Shown(None, 0.0))
    assert not made.button.isEnabled()


def test_the_gallery_says_what_it_needs(bench: Desk) -> None:
    made = objective(bench)
    made.form.count.spin.setValue(1)
    made.form.source.button(CHOSEN).click()
    made.form.gallery.sheet.toggled.emit(samples.load(DATASET).one_of_each(16).index(0))
    assert "At least one picture" in made.form.gallery.error.text()


def measured(bench: Desk, made: ObjectiveInstrument) -> Run:
    """A measurement of which all frames have come."""
    made.draft.set_value(("every",), 50)
    made.button.click()
    run = made.run
    assert run is not None
    values = np.full(8, 0.5, np.float32)
    frames = [ObjectiveFrame(p, 0.9, 0.4, 0.1, 1.0, 0.0, 4.0, *([values] * 7)) for p in run.plan.positions]
    bench.stage.say(Started(run.id), FramesReady(run.id, tuple(frames)))
    return run


def test_before_anything_was_measured_the_plot_says_what_to_press_and_has_no_axis(bench: Desk) -> None:
    made = objective(bench)
    assert made.chart.awaited
    assert "Press Measure" in made.chart.accessibleDescription()
    made.button.click()
    made.draw(Shown(None, 0.0))
    assert made.chart.accessibleDescription() == "Measuring…"
    assert made.run is not None
    bench.stage.say(Cancelled(made.run.id))
    made.draw(Shown(None, 0.0))
    assert "Press Measure" in made.chart.accessibleDescription(), "nothing came: the plot is as empty as before"
    measured(bench, made)
    made.draw(Shown(None, 0.0))
    assert not made.chart.awaited
    assert "95 %" in made.chart.accessibleDescription()


def test_what_cannot_be_measured_is_not_offered_in_the_plot(bench: Desk) -> None:
    bench.services = dataclasses.replace(bench.services, card=lambda: None)
    made = bench.show(ObjectiveInstrument)
    assert isinstance(made, ObjectiveInstrument)
    made.draw(Shown(None, 0.0))
    assert made.chart.awaited
    assert "Press" not in made.chart.accessibleDescription()


def test_terms_are_exported_once_there_are_some_at_the_cursor_within_their_axis(bench: Desk) -> None:
    made = objective(bench)
    assert not made.export.isVisible()
    made.button.click()
    made.draw(Shown(None, 7.0))
    assert made.export.isVisible()
    assert not made.export.isEnabled(), "there is nothing to write yet"
    made.button.click()
    run = measured(bench, made)
    made.draw(Shown(None, 7.0))
    made.export.click()
    made.draw(Shown(None, 900.0))  # the model on the stage has more timesteps than the measured one
    made.export.click()
    assert bench.exported == [(run, 7.0), (run, run.plan.high)]


def test_what_was_measured_is_copied_and_not_what_the_form_says_meanwhile(bench: Desk) -> None:
    made = objective(bench)
    run = measured(bench, made)
    made.draft.set_value(("draws",), 64)
    for action in made.copy.offers.actions():
        action.trigger()
    assert bench.copied == [(run, COMMAND), (run, PYTHON)]


def test_an_exported_measurement_is_done_again_as_it_was(bench: Desk) -> None:
    made = objective(bench)
    pixels = [samples.load(DATASET).images[n] for n in (30, 31)]
    start = Image(tuple(bench.stage.session.add_image(p) for p in pixels), GREY[1:])
    wanted = ObjectiveRequest(start=start, model=real_card().id, draws=9, every=7, seed=5, variance="beta")
    made.draft.lock_seed(False)
    made.compute_request(wanted)
    assert sent(bench).request == wanted
    assert set(sent(bench).materials.images) == set(start.sha256)
    assert request(made) == wanted
    assert made.form.source.current() == CHOSEN
    assert made.run is not None
    assert made.run.request == wanted


def test_the_verdict_is_said_though_all_frames_came_before_the_end(bench: Desk) -> None:
    made = objective(bench)
    run = measured(bench, made)
    made.draw(Shown(None, 0.0))
    assert "bounds nothing" not in made.note.text()
    bench.stage.say(Finished(run.id))
    made.draw(Shown(None, 0.0))
    assert "Terms of a part of the timesteps" in made.note.text()
    assert "8 pictures" in made.note.text()


def test_what_is_measured_is_found_by_another_window_until_it_is_put_away(bench: Desk) -> None:
    made = objective(bench)
    made.button.click()
    run = made.run
    made.close_instrument()
    again = objective(bench)
    assert run is not None
    assert again.run is run
    again.put_away()
    assert again.run is None
    assert run not in bench.stage.session.runs
    assert objective(bench).run is None
