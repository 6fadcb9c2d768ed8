"""The form of the Diffusion lab shows the request of the run that is shown, unless a person changed it."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QUndoStack
from pytestqt.qtbot import QtBot

from diffviz.domain.requests import ForwardRequest, Image, Request, ReverseRequest
from diffviz.session.run import Run
from diffviz.ui.labs.diffusion.form import DiffusionForm
from tests.ui.forms.fakes import Stage, card


class Shown:
    """A form over a session without a worker, with the models "one" and "other", as its lab tells it what is shown."""

    def __init__(self, qtbot: QtBot) -> None:
        self.cards = {name: card(name) for name in ("one", "other")}
        self.stage = Stage(*self.cards.values())
        self.session = self.stage.session
        self.form = DiffusionForm(self.session, QUndoStack(), lambda _: None)
        qtbot.addWidget(self.form)
        self.computed: list[Request] = []
        self.form.live_changed.connect(self.computed.append)
        self.form.set_model(self.cards["one"])
        self.session.shown_changed.connect(self._on_shown_changed)

    def run(self, request: Request) -> Run:
        """Have `request` in the form, and run it."""
        self.form.set_request(request)
        run = self.session.start(request, "diffusion/run")
        self.stage.finish(run)
        return run

    def _on_shown_changed(self) -> None:
        assert self.session.a is not None
        self.form.show_run(self.session.a.request, lambda model: self.form.set_model(self.cards[model]))


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot)


def test_a_and_b_change_places_and_the_form_with_them(shown: Shown) -> None:
    """Also where they are of other models: that of the form is chosen with it, and nothing is computed."""
    b = shown.run(ReverseRequest(model="other", steps=20, samples=3))
    shown.form.set_model(shown.cards["one"])
    a = shown.run(ReverseRequest(model="one", steps=10, samples=3))
    shown.session.pin(b)
    for shown_run in (b, a, b):
        shown.session.swap()
        assert shown.session.a is shown_run
        assert shown.form.request() == shown_run.request
        assert not shown.form.panel.changed.isVisibleTo(shown.form)
    assert shown.computed == []


def test_what_was_edited_stays_and_says_so(shown: Shown) -> None:
    a, b = (shown.run(ReverseRequest(model="one", steps=steps, samples=3)) for steps in (10, 20))
    edited = ReverseRequest(model="one", steps=30, samples=3)
    shown.form.set_request(edited)
    shown.session.show(a)
    assert shown.form.request() == edited
    assert shown.form.panel.changed.isVisibleTo(shown.form)
    shown.form.panel.back.click()
    shown.session.show(b)
    assert shown.form.request() == b.request


def test_another_direction_keeps_what_each_was_about(shown: Shown) -> None:
    a, b = (shown.run(ReverseRequest(model="one", steps=steps, samples=3)) for steps in (10, 20))
    forward = shown.run(ForwardRequest(start=Image(("a",), (8, 8)), steps=10))
    assert shown.form.request() == forward.request
    for run in (a, forward, b, forward):
        shown.session.show(run)
        assert shown.form.request() == run.request
