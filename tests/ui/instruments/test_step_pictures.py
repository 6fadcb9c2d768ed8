"""One step as pictures: the terms add up to the x that came, and what is no such sum is said."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.frames import ReverseFrame
from diffviz.domain.sampling import Ddim, Ddpm, Heun, Sampler
from diffviz.theory.processes import VariancePreserving
from diffviz.ui.instruments.readouts import quantities
from diffviz.ui.instruments.step_pictures import StepPictures, sum_of
from diffviz.ui.widgets.view import EPS
from tests.ui.instruments.desk import Desk, at, desk, stepping_run
from tests.ui.sample_viewer.runs import GREY, SCHEDULE, forward_run, noise


@pytest.fixture
def bench(qtbot: QtBot) -> Desk:
    return desk(qtbot)


def made(bench: Desk) -> StepPictures:
    found = bench.show(StepPictures)
    assert isinstance(found, StepPictures)
    return found


@pytest.mark.parametrize("sampler", [Ddpm(), Ddim(eta=0.7), Ddim()])
def test_the_terms_add_up_to_the_next_x(sampler: Sampler) -> None:
    run = stepping_run(sampler)
    frame = run.at(60.0)
    after = run.at(30.0)
    assert isinstance(frame, ReverseFrame)
    assert isinstance(after, ReverseFrame)
    found = sum_of(run, frame, quantities(run, frame, VariancePreserving(SCHEDULE)), 1)
    assert found is not None
    np.testing.assert_allclose(np.asarray(found.x0 + found.eps + found.z, np.float64), after.x[1], atol=1e-5)
    drawn = found.coefficients[2] * noise(3, GREY, 62)[1]
    np.testing.assert_allclose(found.z, drawn, atol=1e-4)


def test_the_sample_in_focus_is_shown_with_its_coefficients(bench: Desk) -> None:
    instrument, bench.sample = made(bench), 2
    run = stepping_run(Ddim(eta=0.7))
    instrument.draw(at(run, 60.0))
    frame = run.at(30.0)
    assert frame is not None
    total = instrument.terms["total"].picture.values
    assert total is not None
    np.testing.assert_array_equal(total, frame.arrays()["x"][2])
    assert instrument.terms["x0"].label.accessibleName().endswith("x̂₀")
    assert "Sample 3, from t = 60 to 30" in instrument.note.accessibleName()


def test_what_is_no_such_sum_says_why(bench: Desk) -> None:
    instrument = made(bench)
    for shown, words in (
        (at(forward_run(), 60.0), "reverse run"),
        (at(stepping_run(Ddpm(), run_id=2), 0.0), "t = 0"),
        (at(stepping_run(Ddpm(), run_id=3, every=2), 60.0), "every 2th frame"),
    ):
        instrument.draw(shown)
        assert words in instrument.note.accessibleName()
        assert instrument.terms["total"].picture.values is None


def test_a_step_of_several_evaluations_is_no_such_sum() -> None:
    run = stepping_run(Ddim())
    object.__setattr__(run.request, "sampler", Heun())
    frame = run.at(60.0)
    assert isinstance(frame, ReverseFrame)
    assert sum_of(run, frame, quantities(run, frame, VariancePreserving(SCHEDULE)), 0) is None


def test_a_picture_is_tinted_with_its_term(bench: Desk) -> None:
    instrument = made(bench)
    bench.services.highlight.point(EPS)
    assert "background" in instrument.terms["eps"].styleSheet()
    assert instrument.terms["x0"].styleSheet() == ""
