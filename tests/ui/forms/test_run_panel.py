"""The run panel says what a run will cost, how far it is, what it waits for and what went wrong."""

from __future__ import annotations

import dataclasses
import math

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from diffviz.domain.errors import DeviceLost, OutOfMemory
from diffviz.domain.messages import (
    Cancelled,
    Device,
    Finished,
    Pause,
    Paused,
    Queued,
    Ready,
    Resume,
    Resumed,
    Started,
    Unready,
    UseDevice,
)
from diffviz.domain.requests import ForwardRequest, Image, Request, ReverseRequest
from diffviz.session.run import Run
from diffviz.ui.forms.run_panel import RunPanel
from tests import waiting
from tests.ui.forms.fakes import Stage, card

REQUEST = ReverseRequest(model="toy", steps=10, samples=4)
CPU = Ready(Device("cpu", "CPU", 2))


class Panel:
    """A run panel over a session without a worker."""

    def __init__(self, qtbot: QtBot, seconds: float | None = None) -> None:
        self.stage = Stage(card())
        self.session = self.stage.session
        self.panel = RunPanel(self.session, lambda _: seconds)
        qtbot.addWidget(self.panel)
        self.panel.show()
        self.refresh()

    def start(self, request: Request = REQUEST, slot: str = "r") -> Run:
        run = self.session.start(request, slot)
        self.refresh()
        return run

    def refresh(self, request: Request = REQUEST) -> str:
        self.panel.refresh(request)
        return self.panel.progress.text().replace("\xa0", " ")


@pytest.fixture
def panel(qtbot: QtBot) -> Panel:
    return Panel(qtbot)


def test_the_cost_is_shown_before_the_first_run(panel: Panel) -> None:
    text = panel.panel.cost.text().replace("\xa0", " ")
    kilobytes = math.prod((1, 8, 8)) * 4 * 4 * 3 * 11 / 1000
    assert text == f"10 evaluations · time unknown · {kilobytes:.0f} kB"


def test_guidance_doubles_the_evaluations_and_known_costs_are_said(qtbot: QtBot) -> None:
    panel = Panel(qtbot, 1.23)
    panel.refresh(dataclasses.replace(REQUEST, guidance=2.0))
    assert panel.panel.cost.text().replace("\xa0", " ").startswith("20 evaluations · about 1.2 s")


def test_a_run_without_a_network_says_so(panel: Panel) -> None:
    panel.refresh(ForwardRequest(start=Image(("a",), (8, 8)), steps=10))
    assert panel.panel.cost.text().startswith("11 frames · no network")


def test_what_cannot_run_says_why_and_cannot_be_started(panel: Panel, qtbot: QtBot) -> None:
    panel.refresh(ReverseRequest(model="gone"))
    assert "gone" in panel.panel.cost.text()
    assert panel.panel.cost.property("role") == "error"
    assert not panel.panel.run.isEnabled()
    with qtbot.assertNotEmitted(panel.panel.run_asked):
        QTest.keyClick(panel.panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    panel.refresh()
    assert panel.panel.run.isEnabled()


def test_run_becomes_cancel_while_it_computes_and_run_again_afterwards(panel: Panel, qtbot: QtBot) -> None:
    run = panel.start()
    panel.stage.compute(run, 3)
    panel.refresh()
    assert panel.panel.cancel.isVisible()
    assert not panel.panel.run.isVisible()
    with qtbot.waitSignal(panel.panel.cancel_asked):
        QTest.mouseClick(panel.panel.cancel, Qt.MouseButton.LeftButton)
    panel.stage.say(Cancelled(run.id))
    assert panel.refresh() == "cancelled at 2 / 10 steps"
    assert panel.panel.run.isVisible()
    assert not panel.panel.cancel.isVisible()


def test_keys_run_and_cancel(panel: Panel, qtbot: QtBot) -> None:
    waiting.activate(qtbot, panel.panel.window())
    with qtbot.waitSignal(panel.panel.run_asked):
        QTest.keyClick(panel.panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    with qtbot.assertNotEmitted(panel.panel.cancel_asked):
        QTest.keyClick(panel.panel, Qt.Key.Key_Escape)
    panel.start()
    with qtbot.waitSignal(panel.panel.cancel_asked):
        QTest.keyClick(panel.panel, Qt.Key.Key_Escape)


def test_a_short_forward_run_leaves_the_button_alone(panel: Panel) -> None:
    forward = ForwardRequest(start=Image(("a",), (8, 8)), steps=10)
    run = panel.start(forward)
    panel.stage.say(Started(run.id))
    panel.refresh(forward)
    assert panel.panel.run.isVisible()
    run.seconds = 2.0
    panel.refresh(forward)
    assert panel.panel.cancel.isVisible()


def test_loading_and_starting_are_told_apart(panel: Panel) -> None:
    run = panel.start()
    panel.stage.say(Started(run.id))
    assert panel.refresh() == "loading torch…"
    assert panel.panel.bar.maximum() == 0
    panel.stage.say(CPU)
    assert panel.refresh() == "starting…"


def test_progress_has_steps_rate_and_time_left(panel: Panel) -> None:
    run = panel.start()
    panel.stage.compute(run, 6)
    run.seconds = 0.5
    assert panel.refresh() == "5 / 10 · 12 steps/s · 0.4 s left"
    assert panel.panel.bar.value() == round(panel.panel.bar.maximum() * 6 / 11)


def test_a_finished_run_says_how_long_it_took(panel: Panel) -> None:
    run = panel.start()
    panel.stage.compute(run, 11)
    run.seconds = 1.5
    panel.stage.say(Finished(run.id))
    assert panel.refresh() == "10 steps in 1.5 s"


def test_a_queued_run_says_what_it_waits_for(panel: Panel) -> None:
    first = panel.start()
    panel.stage.compute(first, 2)
    second = panel.start(dataclasses.replace(REQUEST, seed=7), "other")
    panel.stage.say(Queued(second.id))
    assert panel.refresh() == "waiting for DDIM 10"
    panel.stage.say(Finished(first.id))
    assert panel.refresh() == "waiting…"


def test_pause_holds_and_goes_on(panel: Panel) -> None:
    run = panel.start()
    panel.stage.compute(run, 3)
    panel.refresh()
    QTest.mouseClick(panel.panel.pause, Qt.MouseButton.LeftButton)
    assert Pause(run.id) in panel.stage.link.sent
    panel.stage.say(Paused(run.id))
    assert panel.refresh() == "paused at 2 / 10 steps"
    assert panel.panel.pause.toolTip() == "Go on with the run"
    QTest.mouseClick(panel.panel.pause, Qt.MouseButton.LeftButton)
    assert Resume(run.id) in panel.stage.link.sent
    panel.stage.say(Resumed(run.id))
    panel.refresh()
    assert panel.panel.pause.toolTip().startswith("Hold")


def test_a_failure_is_a_sentence_with_details_behind_a_disclosure(panel: Panel) -> None:
    run = panel.start()
    panel.stage.fail(run, OutOfMemory(64), "Traceback: somewhere")
    assert panel.refresh() == "failed at 2 / 10 steps"
    problem = panel.panel.problem
    assert "choose 32 or fewer" in problem.text.text()
    assert not problem.details.isVisible()
    assert not problem.cpu.isVisible()
    QTest.mouseClick(problem.more, Qt.MouseButton.LeftButton)
    assert problem.details.isVisible()
    assert problem.details.toPlainText() == "Traceback: somewhere"
    panel.start()
    assert not problem.isVisible()


def test_a_lost_device_offers_the_cpu(panel: Panel) -> None:
    panel.stage.fail(panel.start(), DeviceLost("cuda", "gone"))
    panel.refresh()
    QTest.mouseClick(panel.panel.problem.cpu, Qt.MouseButton.LeftButton)
    assert panel.stage.link.sent[-1] == UseDevice("cpu")


def test_an_engine_that_cannot_be_made_ready_is_said_too(panel: Panel) -> None:
    panel.stage.say(Unready(DeviceLost("cuda", "gone"), ""))
    panel.refresh()
    assert panel.panel.problem.isVisible()
    panel.stage.say(CPU)
    panel.refresh()
    assert not panel.panel.problem.isVisible()


def test_changed_settings_are_noticed_with_a_way_back(panel: Panel, qtbot: QtBot) -> None:
    run = panel.start()
    assert not panel.panel.notice.isVisible()
    panel.refresh(dataclasses.replace(REQUEST, seed=1))
    assert panel.panel.progress.isVisible(), "how far it is comes first while it goes on"
    panel.stage.say(Cancelled(run.id))
    panel.refresh(dataclasses.replace(REQUEST, seed=1))
    assert panel.panel.notice.isVisible()
    with qtbot.waitSignal(panel.panel.settings_asked):
        QTest.mouseClick(panel.panel.back, Qt.MouseButton.LeftButton)
    settings = panel.panel.changed.text()
    panel.refresh(ForwardRequest(start=Image(("a",), (8, 8))))
    assert panel.panel.notice.isVisible()
    assert panel.panel.changed.text() != settings, "it is not the settings: the other direction is on the stage"
    panel.refresh()
    assert not panel.panel.notice.isVisible()


def test_the_focus_goes_from_run_to_cancel(panel: Panel, qtbot: QtBot) -> None:
    waiting.stand_on(qtbot, panel.panel.run)
    panel.start()
    assert panel.panel.cancel.hasFocus()


def test_progress_paints_nothing_within_a_change(panel: Panel, qtbot: QtBot) -> None:
    """QProgressBar repaints at once when its value changes, while the views still hold what was before."""
    run = panel.start()
    panel.refresh()
    QApplication.processEvents()
    painted: list[QEvent] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.append(event)
            return False

    watch = Watch()
    panel.panel.bar.installEventFilter(watch)
    panel.stage.compute(run, 5)
    panel.refresh()
    assert panel.panel.bar.value() > 0
    assert not painted
    qtbot.waitUntil(lambda: bool(painted))


def test_a_run_from_a_file_does_not_say_how_long_it_took(panel: Panel) -> None:
    run = panel.start()
    panel.stage.compute(run, 11)
    panel.stage.say(Finished(run.id))
    run.seconds = 0.0
    assert panel.refresh() == "10 steps"
