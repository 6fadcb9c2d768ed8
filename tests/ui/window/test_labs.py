"""Labs in the window: a tab for each that has models, and each with its own run, cursor, models and shortcuts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from diffviz import paths
from diffviz.app import App
from diffviz.domain.latent import Anchor, PathRequest
from diffviz.domain.requests import ForwardRequest
from diffviz.session.run import Status
from diffviz.ui.labs.vae.point import PathPointView
from diffviz.ui.labs.vae.stage import BLUR
from diffviz.ui.widgets.format import NOTHING
from tests.toys import save_classifier, save_diffusion, save_vae
from tests.ui.conftest import LONG, Opener
from tests.ui.raw_tags import raw_tags

REAL = "Fashion-MNIST"
SHAPE = (1, 28, 28)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    save_diffusion(folder, "toy", SHAPE, dataset=REAL)
    save_classifier(folder, dataset=REAL, side=28, classes=10)
    monkeypatch.setattr(paths, "models", lambda: folder)
    return folder


def save_vaes(folder: Path) -> None:
    save_vae(folder, "a-vae", SHAPE, dataset=REAL)
    save_vae(folder, "b-ae", SHAPE, kind="ae", dataset=REAL)
    save_vae(folder, "c-deep", SHAPE, latent=4, dataset=REAL)


@pytest.fixture
def app(open_app: Opener, models: Path) -> App:
    save_vaes(models)
    return open_app()


def walked(qtbot: QtBot, app: App) -> None:
    """Open the VAE lab and wait for its path."""
    app.window.open_lab("vae")
    qtbot.waitUntil(lambda: isinstance(app.session.a and app.session.a.request, PathRequest), timeout=LONG)
    qtbot.waitUntil(lambda: bool(app.session.a and app.session.a.status is Status.FINISHED), timeout=LONG)


def test_a_lab_without_models_has_no_tab(open_app: Opener, models: Path) -> None:
    assert list(open_app().window._bar.tabs) == ["diffusion", "gan"]


def test_an_autoencoder_alone_makes_no_vae_lab(open_app: Opener, models: Path) -> None:
    save_vae(models, "b-ae", SHAPE, kind="ae", dataset=REAL)
    assert list(open_app().window._bar.tabs) == ["diffusion", "gan"]


def test_each_lab_keeps_its_run_and_its_cursor(qtbot: QtBot, app: App) -> None:
    forward = app.session.a
    assert forward is not None
    qtbot.waitUntil(lambda: forward.status is Status.FINISHED, timeout=LONG)
    app.session.seek(400)
    walked(qtbot, app)
    path = app.session.a
    app.session.seek(0.25)
    qtbot.mouseClick(app.window._bar.tabs["diffusion"], Qt.MouseButton.LeftButton)
    assert app.session.a is forward
    assert app.session.cursor == 400
    assert app.window.lab.form.request() == forward.request
    qtbot.mouseClick(app.window._bar.tabs["vae"], Qt.MouseButton.LeftButton)
    assert app.session.a is path
    assert app.session.cursor == 0.25


def test_the_list_of_runs_is_that_of_the_lab(qtbot: QtBot, app: App) -> None:
    walked(qtbot, app)
    app.window.open_lab("diffusion")
    app.window.lab.form.refresh()
    listed = app.window.lab.form.runs
    assert listed.topLevelItemCount() == sum(isinstance(run.request, ForwardRequest) for run in app.session.runs) == 1


def test_shortcuts_are_those_of_the_shown_lab(qtbot: QtBot, app: App) -> None:
    walked(qtbot, app)
    keys = Counter(action.shortcut().toString() for action in app.window.actions() if not action.shortcut().isEmpty())
    assert max(keys.values()) == 1
    assert {"Space", "M", "R", "Ctrl+1", "Ctrl+2"} <= set(keys)
    app.window.open_lab("diffusion")
    assert "M" not in {action.shortcut().toString() for action in app.window.actions()}


def test_the_menu_offers_the_models_of_the_lab(qtbot: QtBot, app: App) -> None:
    walked(qtbot, app)
    picker = app.window._model
    offered = [picker.itemData(i) for i in range(picker.count() - 1)]  # the last one opens a folder
    assert offered == ["a-vae", "b-ae", "c-deep"]
    picker.setCurrentIndex(2)
    qtbot.waitUntil(lambda: app.window.vae.form.request().model == "c-deep", timeout=LONG)
    assert app.preferences["vae_model"] == "c-deep"
    app.window.open_lab("diffusion")
    assert picker.currentData() == "toy"


def test_another_theme_keeps_the_lab_and_what_is_on_it(qtbot: QtBot, app: App) -> None:
    walked(qtbot, app)
    app.session.seek(0.5)
    request, old = app.window.vae.form.request(), app.window
    app.window.vae.stage.show_page(BLUR)
    app.preferences["theme"] = "light"
    qtbot.waitUntil(lambda: app.window is not old, timeout=LONG)
    assert app.window.shown.name == "vae"
    assert app.window.vae.form.request() == request
    assert app.window.vae.stage.page == BLUR
    assert app.session.cursor == 0.5
    app.window.open_lab("diffusion")
    assert isinstance(app.session.a and app.session.a.request, ForwardRequest)


def test_narrow_windows_fold_the_vae_lab_too(qtbot: QtBot, app: App) -> None:
    walked(qtbot, app)
    app.window.resize(1100, 700)
    qtbot.waitUntil(lambda: not app.window.vae.point.isVisible(), timeout=LONG)
    app.window._bar.drawer.click()
    assert app.window.vae.point.isVisible()


def test_a_path_from_a_file_opens_its_lab(qtbot: QtBot, app: App) -> None:
    """As documents do it: the window is told to compute the request that was inside a file."""
    ends = (Anchor(codes=((0.0, 1.0), (2.0, 0.0))), Anchor(codes=((1.0, 0.0), (0.0, 2.0))))
    request = PathRequest(model="a-vae", beside="b-ae", anchors=ends, frames=5)
    app.window.run(request)
    qtbot.waitUntil(
        lambda: bool(app.session.a and app.session.a.request == request and app.session.a.status is Status.FINISHED),
        timeout=LONG,
    )
    assert app.window.shown.name == "vae"
    assert app.window._model.currentData() == "a-vae"


def test_a_run_that_is_shown_brings_its_lab_up(qtbot: QtBot, app: App) -> None:
    forward = app.session.a
    walked(qtbot, app)
    app.session.show(forward)
    assert app.window.shown.name == "diffusion"


def test_no_lab_shows_a_tag_as_it_is_written(qtbot: QtBot, app: App) -> None:
    forward = app.session.a
    assert forward is not None
    qtbot.waitUntil(lambda: forward.status is Status.FINISHED, timeout=LONG)
    assert raw_tags(app.window) == []
    app.window.open_lab("gan")
    assert raw_tags(app.window) == []
    walked(qtbot, app)
    app.window.lab.draw()
    assert app.window.findChildren(PathPointView)[0].text("nearest", 0) != NOTHING
    assert raw_tags(app.window) == []
