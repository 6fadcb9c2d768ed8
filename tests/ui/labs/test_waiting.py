"""A stage says plainly that its run waits for another one, and for which."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from diffviz.domain.messages import Finished, FramesReady, Queued, Started
from diffviz.domain.requests import ReverseRequest
from diffviz.session.run import Run
from diffviz.ui.labs.drawing import MILLISECONDS, QueuedNotice
from tests.ui.forms.fakes import Stage, card, frames_at


class Waits:
    """A run on the stage that is queued behind another one."""

    def __init__(self, qtbot: QtBot) -> None:
        self.stage, self.host = Stage(card()), QWidget()
        qtbot.addWidget(self.host)
        self.host.resize(700, 400)
        self.host.show()
        self.card = QueuedNotice(self.stage.session, self.host)
        request = ReverseRequest(model="toy", steps=3, samples=1)
        self.first = self.stage.session.start(request, "other", show=False)
        self.stage.say(Started(self.first.id))
        self.run: Run = self.stage.session.start(request, "here")
        self.stage.say(Queued(self.run.id))


@pytest.fixture
def waits(qtbot: QtBot) -> Iterator[Waits]:
    made = Waits(qtbot)
    yield made
    made.card.stop()


def test_it_names_what_is_waited_for_in_the_middle_of_the_stage(qtbot: QtBot, waits: Waits) -> None:
    waits.first.name = "Long one"
    waits.card.follow(waits.run)
    assert waits.card.isHidden(), "a short wait is not worth a word"
    qtbot.waitUntil(waits.card.isVisible)
    assert "Long one is computed first" in waits.card.sentence.text()
    assert "Long one" in waits.card.accessibleName()
    for width in (700, 240):
        waits.host.resize(width, 300)
        assert abs(waits.card.geometry().center().x() - width / 2) <= 1
        assert waits.host.rect().contains(waits.card.geometry())
        assert waits.card.sentence.height() >= waits.card.sentence.heightForWidth(waits.card.sentence.width())


def test_it_goes_as_soon_as_the_run_begins(qtbot: QtBot, waits: Waits) -> None:
    waits.card.follow(waits.run)
    qtbot.waitUntil(waits.card.isVisible)
    waits.stage.say(Started(waits.run.id), FramesReady(waits.run.id, frames_at(waits.run.plan.positions[:1])))
    waits.card.follow(waits.run)
    assert waits.card.isHidden()


def test_a_run_that_the_worker_has_not_come_to_waits_for_the_one_it_is_at(qtbot: QtBot, waits: Waits) -> None:
    sent = waits.stage.session.start(ReverseRequest(model="toy", steps=2, samples=1), "third")
    waits.card.follow(sent)
    qtbot.waitUntil(waits.card.isVisible)
    waits.stage.say(Finished(waits.first.id), Started(sent.id))
    waits.card.follow(sent)
    assert waits.card.isHidden()


def test_a_run_that_is_computed_shows_no_card(qtbot: QtBot, waits: Waits) -> None:
    waits.card.follow(waits.first)
    waits.card.follow(None)
    qtbot.wait(2 * MILLISECONDS)
    assert waits.card.isHidden()
