"""The instant: the schedule's numbers, the visited pair's β̃, and equations that hold for the frames shown."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.frames import ReverseFrame
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.sampling import Ddpm
from diffviz.theory import posterior
from diffviz.theory.processes import VariancePreserving
from diffviz.ui.instruments.readouts import alpha_bar_at, beta_at, equation, quantities
from diffviz.ui.labs.diffusion.instant import InstantView
from diffviz.ui.widgets.format import figure
from tests.ui.sample_viewer.runs import SCHEDULE, VISITED, forward_run, reverse_frame, reverse_run, run_of, shown


@pytest.fixture
def instant(qtbot: QtBot) -> InstantView:
    made = InstantView()
    qtbot.addWidget(made)
    return made


def test_the_figures_are_the_schedule_s(instant: InstantView) -> None:
    instant.draw(shown(reverse_run(), 60.0))
    assert instant.heading.text() == "AT t = 60"
    for row in ("beta", "alpha_bar", "alpha", "sigma", "snr"):
        assert instant.value(row) == figure(float(getattr(SCHEDULE, row)[60]))
    assert instant.value("next") == "t = 30"


def test_the_posterior_s_variance_is_the_visited_pair_s(instant: InstantView) -> None:
    instant.draw(shown(reverse_run(), 60.0))
    want = posterior.posterior_variance(SCHEDULE.pair(60, 30))
    assert instant.value("beta_tilde") == figure(want)
    assert "60 → 30" in instant.rows["beta_tilde"].said
    assert figure(want) != figure(posterior.posterior_variance(SCHEDULE.pair(60, 59)))


def test_sigma_says_which_eta_it_is_from(instant: InstantView) -> None:
    instant.draw(shown(reverse_run(eta=0.0), 60.0))
    assert instant.value("std") == "0 (η = 0)"
    instant.draw(shown(reverse_run(eta=0.5, std=0.125, run_id=2), 60.0))
    assert instant.value("std") == "0.1250 (η = 0.5)"


def test_at_the_end_nothing_is_left_to_visit(instant: InstantView) -> None:
    instant.draw(shown(reverse_run(), 0.0))
    assert [instant.value(row) for row in ("beta", "beta_tilde", "std", "next", "snr")] == ["—", "—", "—", "—", "∞"]


def test_measured_moments_of_the_forward_process_stand_beside_the_expected(instant: InstantView) -> None:
    run = forward_run(64)
    instant.draw(shown(run, 60.0))
    frame, first = run.at(60.0), run.at(0.0)
    assert frame
    assert first
    x, x0 = frame.arrays()["x"], first.arrays()["x"]
    alpha_bar = float(SCHEDULE.alpha_bar[60])
    expected = alpha_bar * x0.var(dtype=np.float64) + 1 - alpha_bar
    assert instant.value("variance") == f"{x.var(dtype=np.float64):.3f} · expected {expected:.3f}"
    assert abs(float(x.var()) - expected) < 0.03
    assert instant.rows["std"].label.isHidden()


def test_between_timesteps_values_lie_between_theirs() -> None:
    below, above = alpha_bar_at(SCHEDULE, 40.0), alpha_bar_at(SCHEDULE, 41.0)
    assert below == SCHEDULE.alpha_bar[40]
    assert alpha_bar_at(SCHEDULE, 40.5) == pytest.approx(math.sqrt(below * above))
    assert SCHEDULE.beta[40] < beta_at(SCHEDULE, 40.5) < SCHEDULE.beta[41]
    assert math.isnan(beta_at(SCHEDULE, 0.0))


def test_the_numbers_of_a_ddim_step_keep_the_variance() -> None:
    """√ᾱ'² + (direction² + σ²) = 1 for unit-variance x_0 and ε (Song et al. 2021, lemma 1)."""
    run = reverse_run(eta=0.5, std=0.125)
    frame = run.at(60.0)
    assert isinstance(frame, ReverseFrame)
    shown_step = equation(run.request, frame, quantities(run, frame, VariancePreserving(SCHEDULE)))
    a, b, c = (float(term.split()[0]) for term in shown_step.numbers.split(" + "))
    assert a**2 + b**2 + c**2 == pytest.approx(1, abs=2e-3)
    assert shown_step.symbols.startswith("x_{30} = √ᾱ_{30} x̂_0 + ")


def test_the_numbers_of_a_ddpm_step_are_the_posterior_mean_s() -> None:
    run = run_of([reverse_frame(t, 1, (1, 4, 4), 0.1) for t in VISITED], ReverseRequest(model="toy", sampler=Ddpm()))
    frame = run.at(60.0)
    assert isinstance(frame, ReverseFrame)
    found = equation(run.request, frame, quantities(run, frame, VariancePreserving(SCHEDULE))).numbers
    of_x0, of_xt = posterior.mean_weights(SCHEDULE.pair(60, 30))
    assert found == f"{of_x0:.3f} x̂_0 + {of_xt:.3f} x_t + 0.100 z"


def test_the_forward_equation_names_the_chain_s_noise(instant: InstantView) -> None:
    for chain, noise in ((True, "ε̄_t"), (False, "ε")):
        run = forward_run(1, chain=chain)
        frame = run.at(60.0)
        assert frame
        numbers = equation(run.request, frame, quantities(run, frame, VariancePreserving(SCHEDULE))).numbers  # type: ignore[arg-type]
        assert numbers == f"{SCHEDULE.alpha[60]:.3f} x_0 + {SCHEDULE.sigma[60]:.3f} {noise}"


def test_every_row_says_where_it_comes_from(instant: InstantView) -> None:
    assert all(row.label.toolTip() for row in instant.rows.values())


def test_without_a_frame_the_numbers_stay_until_they_are_cleared(instant: InstantView) -> None:
    instant.draw(shown(reverse_run(), 60.0))
    before = instant.value("snr")
    instant.draw(shown(run_of([], ReverseRequest(model="toy"), run_id=2)))
    assert instant.value("snr") == before
    instant.clear(None)
    assert {instant.value(row) for row in instant.rows} == {"—"}
    instant.draw(shown(reverse_run(), 60.0))
    assert instant.value("snr") == before
