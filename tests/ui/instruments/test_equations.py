"""The equations: every piece is rendered, its numbers are the step's, and pointing goes both ways."""

from __future__ import annotations

import importlib
import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from diffviz.domain.frames import ReverseFrame
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.sampling import Ddim, Ddpm, Flow, ProcessSettings, VarianceExploding
from diffviz.theory import posterior
from diffviz.theory.processes import process_of
from diffviz.ui.instruments.equation_view import EquationsInstrument, EquationView, _renderer
from diffviz.ui.instruments.formulas import FORMULAS, WITHOUT_BETA, latex_of, rendered
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.view import BETA
from tests.ui.instruments.desk import at, desk, stepping_run
from tests.ui.sample_viewer.runs import SCHEDULE, forward_run, run_of


def test_every_piece_has_been_rendered_and_qt_can_draw_it(qapp: object) -> None:
    assert set(rendered()) == set(latex_of()), "run packaging/make_equations.py"
    for latex in latex_of():
        assert _renderer(latex, "#102030").isValid(), latex


def test_the_rendered_pieces_are_those_of_today_s_library(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ziamath")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / "packaging"))
    maker = importlib.import_module("make_equations")
    sys.modules.pop("make_equations")
    for latex in (r"\sqrt{\beta_t}", r"p_\theta(x_{0:T})"):
        made = maker.render(latex)
        kept = rendered()[latex]
        assert made["width"] == pytest.approx(kept.width, abs=0.5)
        assert made["above"] == pytest.approx(kept.above, abs=0.5)


def shown_sheet(qtbot: QtBot, width: int = 560) -> tuple[EquationsInstrument, EquationView]:
    made = desk(qtbot).show(EquationsInstrument, width=width)
    assert isinstance(made, EquationsInstrument)
    return made, made.sheet


def test_the_numbers_are_those_of_the_visited_pair(qtbot: QtBot) -> None:
    instrument, sheet = shown_sheet(qtbot)
    instrument.draw(at(stepping_run(Ddim(eta=0.5)), 60.0))
    here = float(SCHEDULE.alpha_bar[60])
    of_x0, of_xt = posterior.mean_weights(SCHEDULE.pair(60, 30))
    values = sheet.values
    assert values["alpha"] == pytest.approx(math.sqrt(here))
    assert (values["mu_x0"], values["mu_xt"]) == pytest.approx((of_x0, of_xt))
    assert values["beta_tilde"] == pytest.approx(values["ratio"] * values["beta"])
    assert values["ddim_std"] == pytest.approx(0.5 * math.sqrt(values["beta_tilde"]))
    total = values["ddim_x0"] ** 2 + values["ddim_eps"] ** 2 + values["ddim_std"] ** 2
    assert total == pytest.approx(1.0), "for x_0 of variance 1 the step keeps the variance at 1"


def test_at_t_0_there_is_no_step_and_no_number(qtbot: QtBot) -> None:
    instrument, sheet = shown_sheet(qtbot)
    instrument.draw(at(stepping_run(Ddpm()), 0.0))
    assert sheet.values == {}
    assert "t = 0" in instrument.note.accessibleName()


def test_the_simple_loss_is_measured_where_a_model_looks(qtbot: QtBot) -> None:
    instrument, sheet = shown_sheet(qtbot)
    instrument.draw(at(forward_run(model=True), 60.0))
    assert sheet.values["loss"] == pytest.approx(0.25)


def test_every_number_has_a_place_of_its_own(qtbot: QtBot) -> None:
    _, sheet = shown_sheet(qtbot)
    boxes = [place.box for place in sheet.places if place.piece.value]
    assert len(boxes) == sum(bool(piece.value) for formula in FORMULAS for piece in formula.pieces)
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_a_narrow_sheet_flows_into_more_rows(qtbot: QtBot) -> None:
    instrument, sheet = shown_sheet(qtbot, 900)
    wide = sheet.height()
    instrument.resize(420, 500)
    qtbot.waitUntil(lambda: sheet.height() > wide)


def test_pointing_at_a_term_lights_it_everywhere(qtbot: QtBot) -> None:
    instrument, sheet = shown_sheet(qtbot)
    instrument.draw(at(stepping_run(Ddpm()), 60.0))
    highlight = instrument.services.highlight
    centre = sheet.place_of("sqrt_beta").box.center()
    QApplication.sendEvent(sheet, moved(centre))
    assert highlight.term == BETA
    lit = sheet.grab().toImage()
    highlight.point("")
    assert sheet.grab().toImage() != lit
    highlight.point(BETA)
    assert sheet.grab().toImage() == lit


def moved(to: QPointF) -> QMouseEvent:
    none = Qt.MouseButton.NoButton
    return QMouseEvent(QMouseEvent.Type.MouseMove, to, to, none, none, Qt.KeyboardModifier.NoModifier)


def test_terms_are_painted_in_their_colours(qtbot: QtBot) -> None:
    _, sheet = shown_sheet(qtbot)
    box = sheet.place_of("sqrt_beta").box.toRect()
    image = sheet.grab(box).toImage()
    hue = theme.color("beta")
    near = sum(
        abs(image.pixelColor(x, y).red() - hue.red()) + abs(image.pixelColor(x, y).blue() - hue.blue()) < 40
        for x in range(image.width())
        for y in range(image.height())
    )
    assert near > 10


@pytest.mark.parametrize("settings", [Flow(), VarianceExploding()], ids=["flow", "ve"])
def test_a_process_without_beta_has_its_equations_in_alpha_and_sigma(qtbot: QtBot, settings: ProcessSettings) -> None:
    made = desk(qtbot).show(EquationsInstrument)
    assert isinstance(made, EquationsInstrument)
    process = process_of(settings)
    times = [0.75 * process.T, 0.5 * process.T, 0.0]
    x = np.zeros((1, 1, 4, 4), np.float32)
    frames = [ReverseFrame(t, *process.at(t), 0.0, x, x, x) for t in times]
    run = run_of(frames, ReverseRequest(model="ideal-toys", process=settings), times)
    made.draw(replace(at(run, times[0]), process=process))
    assert made.sheet.formulas is WITHOUT_BETA
    assert not [place for place in made.sheet.places if "beta" in place.piece.latex or "bar" in place.piece.latex]
    pair = process.pair(times[0], times[1])
    of_x0, of_xt = posterior.mean_weights(pair)
    wanted = {
        "sqrt_one_minus_beta": pair.keep,
        "beta": pair.added,
        "alpha": pair.alpha,
        "sigma": pair.sigma,
        "mu_x0": of_x0,
        "mu_xt": of_xt,
        "beta_tilde": posterior.posterior_variance(pair),
        "ddim_x0": pair.alpha_prev,
        "ddim_eps": pair.sigma_prev,
    }
    assert {name: made.sheet.values[name] for name in wanted} == pytest.approx(wanted)
    made.draw(at(stepping_run(Ddim(), run_id=2), 60.0))
    assert made.sheet.formulas is FORMULAS
    assert made.sheet.place_of("sqrt_beta")
