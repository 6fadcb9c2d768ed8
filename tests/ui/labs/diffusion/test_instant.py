"""The instant: the schedule's numbers, the visited pair's β̃, and equations that hold for the frames shown."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from diffviz.domain import text
from diffviz.domain.arrays import F32
from diffviz.domain.frames import ForwardFrame, ReverseFrame
from diffviz.domain.requests import ForwardRequest, ReverseRequest
from diffviz.domain.sampling import Ddim, Ddpm, VarianceExploding
from diffviz.session.run import Run
from diffviz.theory import posterior
from diffviz.theory.processes import ExplodingProcess, FlowProcess, Process, VariancePreserving, process_of
from diffviz.theory.shared_time import link
from diffviz.ui.instruments.readouts import alpha_bar_at, beta_at, equation, quantities
from diffviz.ui.labs.diffusion.instant import InstantView, moment
from diffviz.ui.labs.diffusion.lab import INSTANT_WIDTH
from diffviz.ui.labs.lab import views_side
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.figures import GAP, FigureRow
from diffviz.ui.widgets.format import figure
from diffviz.ui.widgets.view import Shown
from tests.ui.sample_viewer.runs import SCHEDULE, VISITED, forward_run, noise, reverse_frame, reverse_run, run_of, shown

EXPLODING = process_of(VarianceExploding())
PRESERVING = VariancePreserving(SCHEDULE)


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


def test_the_pair_s_beta_stands_beside_its_beta_tilde_and_both_say_the_step(instant: InstantView) -> None:
    """β_60 of one timestep is no match for β̃ of 60 → 30: β of the same pair stands there."""
    instant.draw(shown(reverse_run(), 60.0))
    pair = SCHEDULE.pair(60, 30)
    beta = 1 - float(SCHEDULE.alpha_bar[60] / SCHEDULE.alpha_bar[30])
    assert instant.value("pair_beta") == figure(beta)
    assert posterior.posterior_variance(pair) == pytest.approx(beta * pair.sigma_prev**2 / pair.sigma**2)
    assert "60 → 30" in instant.rows["pair_beta"].said
    assert "60 → 30" in instant.rows["beta_tilde"].said
    assert "t = 60 alone" in instant.rows["beta"].said
    assert not instant.rows["pair_beta"].label.isHidden()
    named = list(instant.rows)
    assert named.index("beta_tilde") == named.index("pair_beta") + 1
    instant.draw(shown(reverse_run(), 0.0))
    assert (instant.value("pair_beta"), instant.value("beta_tilde")) == ("—", "—")


def test_sigma_says_which_eta_it_is_from(instant: InstantView) -> None:
    instant.draw(shown(reverse_run(eta=0.0), 60.0))
    assert instant.value("std") == "0 (η = 0)"
    instant.draw(shown(reverse_run(eta=0.5, std=0.125, run_id=2), 60.0))
    assert instant.value("std") == "0.1250 (η = 0.5)"


def test_at_the_end_nothing_is_left_to_visit(instant: InstantView) -> None:
    instant.draw(shown(reverse_run(), 0.0))
    assert [instant.value(row) for row in ("beta", "beta_tilde", "std", "next", "snr")] == ["—", "—", "—", "—", "∞"]
    for row in ("beta", "beta_tilde", "std", "next"):
        assert "no smaller t than 0" in instant.rows[row].figures.toolTip()
    assert instant.rows["snr"].why == ""


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


@pytest.mark.parametrize("std", [0.125, 0.0])
def test_the_numbers_of_a_ddim_step_keep_the_variance(std: float) -> None:
    """√ᾱ'² + (direction² + σ²) = 1 for unit-variance x_0 and ε (Song et al. 2021, lemma 1).

    z has a number where the formula above it has z.
    """
    run = reverse_run(eta=4 * std, std=std)
    frame = run.at(60.0)
    assert isinstance(frame, ReverseFrame)
    shown_step = equation(run.request, frame, quantities(run, frame, VariancePreserving(SCHEDULE)))
    factors = [float(term.split()[0]) for term in shown_step.numbers.split(" + ")]
    assert sum(each**2 for each in factors) == pytest.approx(1, abs=2e-3)
    assert shown_step.symbols.startswith("x_{30} = √ᾱ_{30} x̂_0 + ")
    for written in (shown_step.symbols, shown_step.numbers):
        assert written.endswith(" z") is (std > 0), "the noise that is drawn"


def test_the_numbers_of_a_ddpm_step_are_the_posterior_mean_s() -> None:
    run = run_of([reverse_frame(t, 1, (1, 4, 4), 0.1) for t in VISITED], ReverseRequest(model="toy", sampler=Ddpm()))
    frame = run.at(60.0)
    assert isinstance(frame, ReverseFrame)
    found = equation(run.request, frame, quantities(run, frame, VariancePreserving(SCHEDULE))).numbers
    of_x0, of_xt = posterior.mean_weights(SCHEDULE.pair(60, 30))
    assert found == f"{of_x0:.3f} x̂_0 + {of_xt:.3f} x_t + 0.100 z"


@pytest.mark.parametrize("value", [1e308, -1e308, math.inf, -math.inf, math.nan, 1e-320, 0.0])
@pytest.mark.parametrize("process", [VariancePreserving(SCHEDULE), FlowProcess(), ExplodingProcess(80.0), None])
def test_numbers_that_no_process_has_raise_nothing(process: Process | None, value: float) -> None:
    """A frame may come from a stranger's program."""
    run = reverse_run(eta=0.5, std=0.125)
    found = run.at(60.0)
    assert isinstance(found, ReverseFrame)
    position = found.position if process is None or process.whole else 0.5
    each: list[dict[str, Any]] = [
        {"alpha": value},
        {"sigma": value},
        {"std": value},
        dict.fromkeys(("alpha", "sigma", "std"), value),
    ]
    for fields in each:
        frame = dataclasses.replace(found, position=position, **fields)
        for sampler in (Ddim(1.0), Ddpm()):
            at = quantities(run, frame, process)
            equation(dataclasses.replace(run.request, sampler=sampler), frame, at)  # type: ignore[call-arg]
            assert isinstance(at.previous_alpha_bar, float)


def test_the_forward_equation_names_the_chain_s_noise(instant: InstantView) -> None:
    for chain, letter in ((True, "ε̄_t"), (False, "ε")):
        run = forward_run(1, chain=chain)
        frame = run.at(60.0)
        assert frame
        numbers = equation(run.request, frame, quantities(run, frame, VariancePreserving(SCHEDULE))).numbers  # type: ignore[arg-type]
        assert numbers == f"{SCHEDULE.alpha[60]:.3f} x_0 + {SCHEDULE.sigma[60]:.3f} {letter}"


def test_every_row_says_where_it_comes_from(instant: InstantView) -> None:
    assert all(row.label.toolTip() for row in instant.rows.values())


def test_the_formula_says_what_its_symbols_are_that_have_no_row(instant: InstantView) -> None:
    instant.draw(shown(reverse_run(eta=0.5, std=0.125), 60.0))
    assert "z is noise that this step draws afresh" in instant.formula.whatsThis()
    instant.draw(shown(reverse_run(run_id=2), 60.0))
    assert "ε̂ are the model's estimates" in instant.formula.whatsThis()
    assert "draws afresh" not in instant.formula.whatsThis(), "no z is in it"


def test_without_a_frame_the_numbers_stay_until_they_are_cleared(instant: InstantView) -> None:
    instant.draw(shown(reverse_run(), 60.0))
    before = instant.value("snr")
    instant.draw(shown(run_of([], ReverseRequest(model="toy"), run_id=2)))
    assert instant.value("snr") == before
    instant.clear(None)
    assert {instant.value(row) for row in instant.rows} == {"—"}
    assert all(row.why == "no frame is shown yet" for row in instant.rows.values())
    assert instant.heading.text() == "NO FRAME YET"
    instant.draw(shown(reverse_run(), 60.0))
    assert instant.value("snr") == before


@pytest.fixture(params=["en", "ko"])
def _language(request: pytest.FixtureRequest) -> Iterator[None]:
    text.set_language(request.param)
    yield
    text.set_language("en")


def exploding_run(count: int = 4, run_id: int = 9, *, reverse: bool = False) -> Run:
    """A run whose numbers are as long as those of variance exploding are: variances of thousands, a mean below 0."""
    x0, positions = noise(count, (1, 8, 8), 1, 0.5) - 0.8, (0.0, 3.911, 77.8, 80.0)
    frames = [_exploded(t, x0, reverse=reverse) for t in positions]
    if reverse:
        return run_of(frames[::-1], ReverseRequest(model="toy"), positions[::-1], run_id)
    return run_of(frames, ForwardRequest(path="fixed"), positions, run_id)


def _exploded(t: float, x0: F32, *, reverse: bool) -> ForwardFrame | ReverseFrame:
    eps = noise(len(x0), x0.shape[1:], 2)
    x = (x0 + t * eps).astype(np.float32)
    if reverse:
        return ReverseFrame(t, 1.0, t, 0.05128 if t else 0.0, x, x0, eps)
    return ForwardFrame(t, 1.0, t, x, eps, math.nan, None, None, None, None)


def beside(a: Run, ours: Process, b: Run, theirs: Process, cursor: float) -> Shown:
    return Shown(a, cursor, None, ours, b, theirs, ("A", "B"), link(ours, theirs))


def cut(row: FigureRow) -> bool:
    """Whether anything of the row's figures lies beyond its widget, or is not written."""
    line = row.figures
    return any(line._length(parts) > line.width() for parts in line.lines()) or "…" in "".join(line.written())


@pytest.mark.usefixtures("_language")
@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("t", [0.0, 3.911, 77.8, 80.0])
def test_no_figure_is_cut_in_the_panel(qtbot: QtBot, t: float, pinned: bool, reverse: bool) -> None:
    """A number without its front is another number: 442 for 6311, 0.517 for −0.517."""
    view, run, other = InstantView(), exploding_run(reverse=reverse), reverse_run(std=0.125, eta=0.5)
    panel = views_side(view, width=INSTANT_WIDTH)
    qtbot.addWidget(panel)
    panel.resize(INSTANT_WIDTH, 800)
    panel.show()
    for cursor in (80.0, t):
        both = beside(run, EXPLODING, other, PRESERVING, cursor)
        view.draw(both if pinned else Shown(run, cursor, None, EXPLODING))
        qtbot.wait(1)
    rows = {name: row for name, row in view.rows.items() if row.figures.isVisible()}
    assert len(rows) > 5
    assert [name for name, row in rows.items() if cut(row)] == []
    assert all(row.figures.height() >= 24 * len(row.figures.lines()) for row in rows.values())


@pytest.mark.parametrize("width", range(40, 300, 7))
def test_what_there_is_no_room_for_goes_below_and_no_front_is_lost(qtbot: QtBot, width: int) -> None:
    row = FigureRow("posterior variance", theme.color("text"), "", symbol=False)
    qtbot.addWidget(row.label)
    line = row.figures
    qtbot.addWidget(line)
    line.resize(width, 24)
    line.show()
    row.show_text("−0.05128", expected="6400.326")
    row.show_beside("0.3687 (η = 0.5)")
    written = line.written()
    assert written[0].startswith("−0"), "the number stands first and has its sign"
    assert all(line._length(parts) <= line.width() or len(parts) == 1 for parts in line.lines())
    assert line.height() == 24 * len(written)
    if width >= line.minimumSizeHint().width():
        assert " ".join(written) == row.said
    else:
        assert "…" in "".join(written), "what is cut says so, at its end"
        return
    inked = _inked_columns(line.grab().toImage())
    assert inked[-1] - inked[0] > line._length(line.lines()[0]) - GAP, "all of the first line is painted"


def _inked_columns(image: QImage) -> list[int]:
    """Columns of the first line that something is painted in."""
    ground = image.pixelColor(0, 0)
    return [x for x in range(image.width()) if any(image.pixelColor(x, y) != ground for y in range(24))]


def test_what_b_lacks_is_a_dash_and_what_both_have_is_named_for_both(instant: InstantView) -> None:
    """√ᾱ, √(1 − ᾱ) and β̃ are what α, σ and the posterior variance are of a schedule; the other process has no ᾱ."""
    a, b = reverse_run(), exploding_run(reverse=True)
    instant.draw(shown(a, 60.0))
    assert instant.rows["alpha"].label.accessibleName() == "√ᾱₜ"
    instant.draw(beside(a, PRESERVING, b, EXPLODING, 60.0))
    assert instant.rows["alpha"].label.accessibleName() == "αₜ"
    assert instant.rows["sigma"].label.accessibleName() == "σₜ"
    assert instant.rows["beta_tilde"].label.text() == "posterior variance"  # type: ignore[attr-defined]
    assert [instant.rows[row].beside for row in ("beta", "alpha_bar")] == ["—", "—"]
    assert "B: this process has no β" in instant.rows["beta"].figures.whatsThis()
    assert instant.rows["alpha"].beside == "1.000"
    assert instant.value("alpha") == figure(float(SCHEDULE.alpha[60]))
    instant.draw(shown(a, 60.0))
    assert instant.rows["alpha"].label.accessibleName() == "√ᾱₜ"
    assert not any(row.beside for row in instant.rows.values())
    instant.draw(Shown(b, 77.8, None, EXPLODING))
    assert not any(row.beside for row in instant.rows.values()), "nothing of B is left over"


@pytest.mark.parametrize(
    ("value", "written"), [(-0.00013, "0.000"), (-0.517, "−0.517"), (6311.442, "6311"), (12.3456, "12.35")]
)
def test_moments_have_a_sign_only_where_they_have_a_digit(value: float, written: str) -> None:
    assert moment(value) == written
