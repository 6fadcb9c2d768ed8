"""Flow and variance exploding in the real window, by the ideal denoiser: watched, compared, exported, kept."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.frames import ForwardFrame, ReverseFrame
from diffviz.domain.requests import ForwardRequest, Request, ReverseRequest
from diffviz.domain.sampling import Cosine, Flow, OfNetwork, ProcessSettings, VarianceExploding
from diffviz.export.formats import export
from diffviz.export.run_info import about_of
from diffviz.families import family_of
from diffviz.session.run import Run, Status
from tests.ui.conftest import LONG

MODEL = "ideal-digits"
FLOW, EXPLODING = Flow(), VarianceExploding()
SCALED = "x_t/√(α²+σ²)"


def run(app: App, qtbot: QtBot, request: Request) -> Run:
    """The run of `request`, computed and on the stage."""
    app.window.run(request)

    def done() -> bool:
        a = app.session.a
        return a is not None and a.request == request and a.status.final

    qtbot.waitUntil(done, timeout=LONG)
    assert app.session.a is not None
    assert app.session.a.status is Status.FINISHED
    return app.session.a


def reverse(process: ProcessSettings, steps: int = 12) -> ReverseRequest:
    spacing = "karras" if isinstance(process, VarianceExploding) else "trailing"
    return ReverseRequest(model=MODEL, process=process, steps=steps, spacing=spacing, samples=4, images=200, seed=5)


def forward(app: App, process: ProcessSettings) -> ForwardRequest:
    request = app.window.lab.form.request_for("forward")
    assert isinstance(request, ForwardRequest)
    return dataclasses.replace(request, model=None, schedule=process, steps=20)


def at(app: App, position: float) -> None:
    app.session.seek(position)
    app.window.lab.draw()


@pytest.mark.parametrize("process", [FLOW, EXPLODING])
def test_it_is_denoised_and_noised_and_says_what_it_shows(app: App, qtbot: QtBot, process: ProcessSettings) -> None:
    lab = app.window.lab
    for request in (reverse(process), forward(app, process)):
        shown = run(app, qtbot, request)
        middle = shown.positions()[len(shown.positions()) // 2]
        at(app, middle)
        picture = lab.stage.canvas.picture
        frame = shown.at(middle)
        assert picture is not None
        assert isinstance(frame, ReverseFrame | ForwardFrame)
        place = next(i for i, pane in enumerate(picture.panes) if pane.symbol == SCALED)
        np.testing.assert_allclose(
            picture.arrays[place], frame.x / np.hypot(frame.alpha, frame.sigma), rtol=1e-5, atol=1e-6
        )
        assert lab.stage.toolbar.scaled.isVisible()
        lab.stage.toolbar.unscaled.click()
        raw = lab.stage.canvas.picture
        assert raw is not None
        assert SCALED not in {pane.symbol for pane in raw.panes}
        np.testing.assert_array_equal(raw.arrays[place], frame.x)
        lab.draw()
        assert "x_t AG" in lab.histogram.heading.text() or "xₜ AG" in lab.histogram.heading.text()
        assert lab.timeline.filmstrip.shows_raw
        lab.stage.toolbar.scaled.click()
        lab.draw()
        assert "√(α²+σ²) AG" in lab.histogram.heading.text()
        assert not lab.timeline.filmstrip.shows_raw
        assert not lab.instant.rows["beta"].label.isVisible()
        assert {part.plot.key for part in lab.timeline.plots.parts} >= {"alpha_sigma", "snr"}
        assert lab.timeline.readout.words.last == ("1" if process is FLOW else "80")


def test_both_ends_are_reached_by_keys(app: App, qtbot: QtBot) -> None:
    shown = run(app, qtbot, reverse(FLOW))
    slider = app.window.lab.timeline.slider
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert app.session.cursor == 1.0
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert app.session.cursor == pytest.approx(shown.positions()[-2])
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert app.session.cursor == 0.0
    QTest.keyClick(slider, Qt.Key.Key_PageUp)
    assert app.session.cursor == pytest.approx(shown.positions()[10])


def test_flow_stands_beside_a_noise_schedule_at_the_same_noise(app: App, qtbot: QtBot) -> None:
    b = run(app, qtbot, reverse(Cosine(), 50))
    a = run(app, qtbot, reverse(FLOW, 50))
    app.session.pin(b)
    for position, theirs in ((1.0, 1000.0), (0.0, 0.0)):
        at(app, position)
        shown = app.window.lab.shown()
        assert shown.frame_b is not None
        assert shown.frame_b.position == theirs
        assert "(end)" in app.window.lab.stage.lines[1].cost.text()
    at(app, 0.4)
    shown = app.window.lab.shown()
    ours, other = shown.frame, shown.frame_b
    assert isinstance(ours, ReverseFrame)
    assert isinstance(other, ReverseFrame)
    assert other.alpha / other.sigma == pytest.approx(ours.alpha / ours.sigma, rel=0.1)
    # the same marginals, the same start, the same ODE: up to a scale the same trajectory
    apart = other.x - ours.x / np.hypot(ours.alpha, ours.sigma)
    assert float(np.sqrt(np.mean(apart**2))) < 0.1
    assert a.process is not b.process
    sharing = app.window.lab.timeline.sharing
    assert sharing.isVisible()
    assert "log-SNR" in sharing.text()
    sharing.click()
    app.window.lab.draw()
    assert app.preferences["shared_by"] == "share"
    assert "t / T" in sharing.text()
    assert app.window.lab.shown().cursor_b == pytest.approx(400)
    app.preferences["shared_by"] = "log_snr"


@pytest.mark.parametrize("process", [FLOW, EXPLODING])
def test_the_chosen_process_stays_from_direction_to_direction(app: App, process: ProcessSettings) -> None:
    """An ideal denoiser runs on any process; which one was chosen is not lost on the way."""
    form: Any = app.window.lab.form
    choose(app, MODEL)
    form.directions.button("forward").click()
    form.set_request(dataclasses.replace(form.request_for("forward"), schedule=process))
    form.forward.look.click()
    assert (form.request().model, form.request().process) == (MODEL, process)
    form.forward.look.click()
    assert (form.request().model, form.request().schedule) == (None, process)
    form.directions.button("reverse").click()
    assert form.request().process == process
    assert form.request().spacing == ("karras" if process is EXPLODING else "trailing")
    form.set_request(dataclasses.replace(form.request(), process=OfNetwork()))
    form.directions.button("forward").click()
    assert form.request().schedule == app.session.cards[MODEL].schedule
    form.directions.button("reverse").click()
    assert form.request().process == OfNetwork()


def test_a_network_keeps_to_its_own_process(app: App) -> None:
    form: Any = app.window.lab.form
    choose(app, "fashion-ddpm")
    form.directions.button("forward").click()
    assert "its training objective" in form.forward.look.parentWidget().toolTip()
    form.set_request(dataclasses.replace(form.request_for("forward"), schedule=FLOW))
    form.directions.button("reverse").click()
    assert form.request().process == OfNetwork()
    choose(app, MODEL)
    assert "network" not in form.forward.look.parentWidget().toolTip()


def choose(app: App, model: str) -> None:
    app.window.lab.set_model(app.session.cards[model])


def test_one_number_of_pictures_in_the_form_and_in_the_command(app: App) -> None:
    form: Any = app.window.lab.form
    choose(app, MODEL)
    form.set_request(ReverseRequest(model=MODEL))
    row = form.reverse.row("images")
    there = app.session.cards[MODEL].dataset["parts"]["train"]
    assert row is not None
    assert not row.reset.isVisibleTo(form)
    command = family_of(form.request()).command(form.request(), app.session.cards)
    assert command is not None
    assert command[list(command).index("--set-size") + 1] == str(there) == f"{row.setting.default}"


@pytest.mark.parametrize("process", [FLOW, EXPLODING])
def test_it_is_exported(app: App, qtbot: QtBot, tmp_path: Path, process: ProcessSettings) -> None:
    shown = run(app, qtbot, reverse(process))
    about = about_of(shown.request, app.session.images, app.session.cards)
    frames = list(shown.store)
    written = {}
    for name, raw in (("png", False), ("png", True), ("gif", False), ("csv", False)):
        path = tmp_path / f"{raw}.{name}"
        settings = ExportSettings(format=name, at=0.5, raw=raw, caption=name == "gif", plots=())
        export(frames, path, settings, about=about)
        written[name, raw] = path
    scaled, raw_picture = (np.asarray(Pillow.open(written["png", raw]).convert("L")) for raw in (False, True))
    assert scaled.shape == raw_picture.shape
    if process is EXPLODING:
        assert not np.array_equal(scaled, raw_picture)
    with Pillow.open(written["gif", False]) as film:
        assert getattr(film, "n_frames", 1) > 5
    rows = list(csv.reader(written["csv", False].read_text().splitlines()))
    header = next(row for row in rows if not row[0].startswith("#"))
    assert header[0] == "t"
    assert not {"alpha_bar", "beta"} & set(header)


def test_it_is_kept_in_a_session(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    for process in (FLOW, EXPLODING):
        run(app, qtbot, reverse(process, 6))
    kept = tmp_path / "both.diffviz"
    app.window.documents.save_to(kept)
    qtbot.waitUntil(kept.exists, timeout=LONG)
    before = {r.request: np.array(r.store[-1].arrays()["x"]) for r in app.session.runs if "reverse" in r.slot}
    for each in list(app.session.runs):
        app.session.remove(each)
    app.window.documents.open_all([kept])
    qtbot.waitUntil(lambda: {r.request for r in app.session.runs} >= set(before), timeout=LONG)
    for each in app.session.runs:
        if each.request in before:
            np.testing.assert_array_equal(each.store[-1].arrays()["x"], before[each.request])
