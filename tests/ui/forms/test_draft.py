"""Every change of a draft can be undone, and consecutive changes of one setting are one."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtGui import QUndoStack
from pytestqt.qtbot import QtBot

from diffviz.domain.requests import ForwardRequest, Request, ReverseRequest
from diffviz.domain.sampling import Ddim, Ddpm, VarianceExploding
from diffviz.ui.forms.draft import Draft, Following


@pytest.fixture
def stack(qapp: object) -> QUndoStack:
    return QUndoStack()


@pytest.fixture
def draft(stack: QUndoStack) -> Draft:
    return Draft(ReverseRequest(model="toy"), stack)


def test_a_change_is_undone_and_redone(draft: Draft, stack: QUndoStack) -> None:
    before = draft.request
    assert isinstance(before, ReverseRequest)
    draft.set_value(("steps",), 20, "Steps")
    after = draft.request
    assert after == dataclasses.replace(before, steps=20)
    stack.undo()
    assert draft.request == before
    stack.redo()
    assert draft.request == after
    assert stack.undoText() == "Change Steps"


def test_consecutive_changes_of_a_setting_are_one_step(draft: Draft, stack: QUndoStack) -> None:
    before = draft.request
    for steps in (49, 48, 47):
        draft.set_value(("steps",), steps)
    assert stack.count() == 1
    stack.undo()
    assert draft.request == before


def test_changes_of_other_settings_or_after_settling_are_steps_of_their_own(draft: Draft, stack: QUndoStack) -> None:
    draft.set_value(("steps",), 20)
    draft.set_value(("samples",), 4)
    draft.set_value(("samples",), 5)
    draft.settle()
    draft.set_value(("samples",), 6)
    assert stack.count() == 3
    stack.undo()
    assert draft.request.samples == 5


def test_dragging_there_and_back_leaves_nothing_to_undo(draft: Draft, stack: QUndoStack) -> None:
    draft.set_value(("steps",), 20)
    draft.set_value(("steps",), 50)
    assert stack.count() == 0


def test_undoing_another_sampler_brings_its_settings_back(draft: Draft, stack: QUndoStack) -> None:
    draft.set_value(("sampler", "eta"), 0.5)
    draft.set_value(("sampler",), "ddpm")
    assert draft.request.sampler == Ddpm()
    stack.undo()
    assert draft.request.sampler == Ddim(eta=0.5)


def test_replacing_everything_is_one_step(draft: Draft, stack: QUndoStack) -> None:
    before = draft.request
    draft.replace(ReverseRequest(model="toy", steps=9, seed=1, guidance=2.0), "Settings")
    assert stack.count() == 1
    stack.undo()
    assert draft.request == before


def test_what_undo_brings_back_is_fitted_again(stack: QUndoStack) -> None:
    most = 1000

    def fit(request: object) -> object:
        assert isinstance(request, ReverseRequest)
        return dataclasses.replace(request, steps=min(request.steps, most))

    draft = Draft(ReverseRequest(steps=900), stack, fit)  # type: ignore[arg-type]
    draft.set_value(("steps",), 10)
    most = 100
    stack.undo()
    assert draft.request.steps == 100


def test_signals_tell_a_person_from_an_undo_and_from_loading(draft: Draft, stack: QUndoStack, qtbot: QtBot) -> None:
    heard: list[str] = []
    for name in ("changed", "edited", "restored"):
        getattr(draft, name).connect(lambda name=name: heard.append(name))
    draft.set_value(("steps",), 20)
    assert heard == ["changed", "edited"]
    heard.clear()
    stack.undo()
    assert heard == ["changed", "edited", "restored"]
    heard.clear()
    draft.load(ReverseRequest(model="toy", steps=7))
    assert heard == ["changed"]
    assert stack.canRedo()


def test_rolling_takes_a_new_seed_that_can_be_undone(draft: Draft, stack: QUndoStack) -> None:
    draft.seeds = lambda: 7
    draft.roll()
    assert draft.request.seed == 7
    stack.undo()
    assert draft.request.seed == 42


def test_a_process_that_explodes_brings_its_spacing_and_takes_it_along(draft: Draft, stack: QUndoStack) -> None:
    draft.load(ReverseRequest(model="ideal-toys"))
    for process, spacing in (("flow", "trailing"), ("ve", "karras"), ("cosine", "trailing")):
        draft.set_value(("process",), process)
        draft.settle()
        assert isinstance(draft.request, ReverseRequest)
        assert draft.request.spacing == spacing
    stack.undo()
    assert (draft.request.process, draft.request.spacing) == (VarianceExploding(), "karras")
    draft.set_value(("spacing",), "leading")
    draft.set_value(("process", "sigma_max"), 50.0)
    assert draft.request.spacing == "leading", "what a person chose stays"


def test_a_draft_goes_with_the_run_that_is_shown_until_it_is_edited(draft: Draft, stack: QUndoStack) -> None:
    """As A and B change places, or another run is chosen in the list."""
    following = Following(draft)
    a, b, c = (ReverseRequest(model="toy", steps=steps) for steps in (10, 20, 30))
    draft.load(a)
    for shown in (a, b, a, b):
        following.show(shown)
        assert draft.request == shown
    draft.set_value(("steps",), 25, "Steps")
    edited = draft.request
    for other in (a, None, b, c):
        following.show(other)
        assert draft.request == edited
    draft.replace(c, "Settings")
    following.show(a)
    assert draft.request == a, "it had come to equal the run that was shown"


def test_the_first_run_that_is_shown_changes_no_draft(draft: Draft) -> None:
    """A form that a file restored, with settings that nobody has run yet."""
    before, following = draft.request, Following(draft)
    following.show(ReverseRequest(model="toy", steps=10))
    following.show(ReverseRequest(model="toy", steps=20))
    assert draft.request == before


def short(request: Request) -> Request:
    assert isinstance(request, ReverseRequest)
    return dataclasses.replace(request, steps=min(50, request.steps))


def test_a_draft_follows_runs_of_its_kind_alone_and_as_it_would_have_them(stack: QUndoStack) -> None:
    draft = Draft(ReverseRequest(), stack, short)
    following, long = Following(draft), ReverseRequest(steps=100)
    draft.load(long)
    shown: Request
    for shown in (long, ForwardRequest(), long):
        following.show(shown)
    assert draft.request == ReverseRequest(steps=50)
    following.show(ReverseRequest(steps=20))
    assert draft.request == ReverseRequest(steps=20)
