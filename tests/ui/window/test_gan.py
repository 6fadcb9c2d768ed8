"""The GAN lab in the window: its tab, the chooser, recorded trainings, damaged ones, and its way out as an export."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from diffviz import paths
from diffviz.app import App
from diffviz.cli import main
from diffviz.domain.cards import TRACE
from diffviz.domain.gan import GanFrame, GanRequest
from diffviz.domain.requests import Step
from diffviz.session.child_client import ChildClient
from diffviz.session.run import Status
from diffviz.ui.export_dialog.dialog import ExportDialog
from diffviz.ui.labs.gan.lab import KL
from diffviz.ui.widgets.format import NOTHING

LONG = 90_000
QUICK = GanRequest(steps=30, every=10, batch=32, capacity=8)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models with one recorded training."""
    folder = tmp_path_factory.mktemp("models")
    options = ["--steps", "30", "--every", "10", "--batch", "16", "--capacity", "8", "--quiet"]
    assert (
        main.main(["train", "gan", "--data", "ring", "--out", str(folder / "toy-gan"), "--name", "Toy", *options]) == 0
    )
    return folder


@pytest.fixture
def app(qtbot: QtBot, recorded: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    monkeypatch.setattr(paths, "models", lambda: recorded)
    made = opened()
    yield made
    closed(made)


def opened() -> App:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    app = App(application, "cpu")
    app.window.resize(1440, 900)
    app.show()
    return app


def closed(app: App) -> None:
    app.window.closed.disconnect()
    app.persistence.guard.discard()
    assert app.close()
    app.window.deleteLater()


def test_the_lab_opens_with_the_recorded_training(qtbot: QtBot, app: App) -> None:
    qtbot.mouseClick(app.window._bar.tabs["gan"], Qt.MouseButton.LeftButton)
    run = app.session.a
    assert run is not None
    assert run.status is Status.FINISHED
    assert app.session.cursor == 30
    assert app.window._model.currentText() == "Toy · recorded"
    lab = app.window.gan
    assert lab.form.panel.progress.text() == "recorded: 30 steps"
    assert "recorded" in lab.form.runs.item_of(run).text(0)
    assert lab.form.request() == run.request
    app.window.open_lab("diffusion")
    app.window.open_lab("gan")
    assert app.session.a is run
    assert sum(r.slot.startswith("gan") for r in app.session.runs) == 1


def test_a_recorded_training_goes_on_as_if_it_had_never_stopped(qtbot: QtBot, app: App) -> None:
    app.window.open_lab("gan")
    whole = app.session.a
    assert whole is not None
    app.session.seek(10)
    qtbot.mouseClick(app.window.gan.form.panel.on, Qt.MouseButton.LeftButton)
    run = app.session.a
    assert run is not None
    assert run.request.start == Step(whole.request, 10.0)
    qtbot.waitUntil(lambda: run.status.final, timeout=LONG)
    assert run.status is Status.FINISHED, run.details
    last, before = run.at(30), whole.at(30)
    assert isinstance(last, GanFrame)
    assert isinstance(before, GanFrame)
    np.testing.assert_array_equal(last.fake, before.fake)


def test_the_chooser_and_the_form_agree(qtbot: QtBot, app: App) -> None:
    app.window.open_lab("gan")
    picker, form = app.window._model, app.window.gan.form
    picker.setCurrentIndex(picker.findData("moons"))
    assert form.request().data == GanRequest(data=form.request().data).data
    assert type(form.request().data).__name__ == "Moons"
    assert app.preferences["gan_data"] == "moons"
    assert app.session.a is None
    form.draft.set_value(("data",), "roll", "Data")
    assert picker.currentData() == "roll"
    app.undo.undo()
    assert picker.currentData() == "moons"


def test_what_was_chosen_last_is_there_again(qtbot: QtBot, app: App) -> None:
    app.preferences["gan_data"] = "roll"
    app.window.open_lab("gan")
    assert app.window._model.currentData() == "roll"
    assert app.session.a is None
    assert len(app.window.gan.stage.points.maps[0].scene.real) > 0, "the data are shown"


def test_a_damaged_recording_is_said_in_place(
    qtbot: QtBot, recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "toy-gan"
    folder.mkdir()
    for file in (recorded / "toy-gan").iterdir():
        data = file.read_bytes()
        (folder / file.name).write_bytes(data[: len(data) // 2] if file.name == TRACE else data)
    monkeypatch.setattr(paths, "models", lambda: tmp_path)
    app = opened()
    app.window.open_lab("gan")
    problem = app.window.gan.form.panel.problem
    assert app.session.a is None
    assert problem.isVisible()
    assert TRACE in problem.text.text()
    app.window.gan.choose("ring")
    assert not problem.isVisible()
    closed(app)


def test_another_language_keeps_the_lab_and_its_run(qtbot: QtBot, app: App) -> None:
    app.window.open_lab("gan")
    run, old = app.session.a, app.window
    app.window.gan.pages.open(KL)
    app.preferences["language"] = "ko"
    qtbot.waitUntil(lambda: app.window is not old, timeout=LONG)
    assert app.window.shown.name == "gan"
    assert app.window.gan.pages.page == KL
    assert app.session.a is run
    assert app.window._model.currentData() == "recorded/toy-gan"


def test_a_training_can_be_exported(qtbot: QtBot, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.window.open_lab("gan")
    shown: list[ExportDialog] = []
    monkeypatch.setattr(ExportDialog, "exec", lambda self: shown.append(self))
    app.window.exporting.ask()
    assert len(shown) == 1
    shown[0].done(0)


@pytest.mark.slow
def test_the_command_of_a_training_computes_it(qtbot: QtBot, app: App) -> None:
    """A request that came in a file, or from the command line, opens the lab."""
    app.window.run(QUICK)
    run = app.session.a
    assert run is not None
    assert app.window.shown.name == "gan"
    assert run.request == QUICK
    qtbot.waitUntil(lambda: run.status.final, timeout=LONG)
    assert run.status is Status.FINISHED, run.details


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_training_whose_process_is_killed_fails_with_a_sentence_and_can_be_started_again(
    qtbot: QtBot, app: App
) -> None:
    app.window.run(dataclasses.replace(QUICK, steps=900_000))
    lost = app.session.a
    assert lost is not None
    qtbot.waitUntil(lambda: len(lost.store) > 2, timeout=LONG)
    os.kill(process_of(app), signal.SIGKILL)
    qtbot.waitUntil(lambda: lost.status.final, timeout=LONG)
    frames = len(lost.store)
    assert frames > 2
    problem = app.window.gan.form.panel.problem
    qtbot.waitUntil(lambda: problem.isVisible() and "start it again" in problem.text.text(), timeout=LONG)
    app.window.run(QUICK)
    again = app.session.a
    assert again is not None
    qtbot.waitUntil(lambda: again.status.final, timeout=LONG)
    assert again.status is Status.FINISHED, again.details
    assert len(lost.store) == frames


def process_of(app: App) -> int:
    """The process that computes trainings."""
    child = app.link._far
    assert isinstance(child, ChildClient)
    assert child.pid is not None
    return child.pid


def test_narrow_windows_fold_the_lab(qtbot: QtBot, app: App) -> None:
    app.window.open_lab("gan")
    app.window.resize(1100, 700)
    qtbot.waitUntil(lambda: not app.window.gan.verdict.isVisible(), timeout=LONG)
    plots = app.window.gan.timeline.plots
    plots.make()
    assert [panel.shown for panel in plots.panels].count(True) == 1
    app.window._bar.drawer.click()
    assert app.window.gan.verdict.isVisible()


def test_a_drawer_that_was_never_in_sight_is_drawn_when_it_is_opened(qtbot: QtBot, app: App) -> None:
    app.window.resize(1100, 700)
    qtbot.waitUntil(lambda: not app.window.lab.instant.isVisible(), timeout=LONG)
    app.window.open_lab("gan")
    qtbot.waitUntil(lambda: app.session.frame() is not None, timeout=LONG)
    assert app.window.gan.verdict.value("real") == NOTHING
    app.window._bar.drawer.click()
    assert app.window.gan.verdict.value("real") != NOTHING
