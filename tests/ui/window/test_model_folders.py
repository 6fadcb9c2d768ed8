"""Models come and go while the window is open: trained, opened by menu, drop and a second start, deleted, damaged."""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from diffviz import paths
from diffviz.app import App
from diffviz.domain.cards import read_card
from diffviz.domain.errors import ProcessLost
from diffviz.domain.requests import ReverseRequest
from diffviz.session.inbox import letter, paths_in
from diffviz.session.run import Status
from diffviz.ui.instruments.plane import PlaneInstrument
from diffviz.ui.window.menus import FileButton
from diffviz.ui.window.model_picker import ModelPicker
from tests.foreign_folders import SCHEDULER, pipeline, write
from tests.toys import save_classifier, save_diffusion, save_vae
from tests.ui.conftest import LONG, Opener

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def picker(app: App) -> ModelPicker:
    found = app.window.findChild(ModelPicker)
    assert found is not None
    return found


def offered(app: App) -> list[str]:
    return [str(picker(app).itemData(i)) for i in range(picker(app).count())]


def said(app: App) -> str:
    return app.window.notice.text.text() if app.window.notice.isVisible() else ""


def drop(app: App, path: Path) -> bool:
    """Drop `path` on the window; whether it said that it would take it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, LEFT, NONE)
    enter.setAccepted(False)
    app.window.dragEnterEvent(enter)
    app.window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, NONE))
    return enter.isAccepted()


def menu_action(app: App, text: str) -> QAction:
    menu = app.window.findChild(FileButton)
    assert menu is not None
    return next(action for action in menu.menu().actions() if action.text() == text)


@pytest.fixture
def bare(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No models come with the program; the folder for a person's own is not there yet."""
    monkeypatch.setattr(paths, "models", lambda: tmp_path / "bundled")
    return paths.user_models()


def test_a_finished_training_is_in_the_open_window(qtbot: QtBot, app: App) -> None:
    out = paths.user_models() / "my-ring"
    train = [sys.executable, "-m", "diffviz", "train", "planar", "--out", str(out), "--images", "64"]
    with subprocess.Popen(
        [*train, "--batch", "32", "--width", "8", "--device", "cpu", "--name", "My ring"]
    ) as training:
        qtbot.waitUntil(lambda: "my-ring" in app.session.offered, timeout=LONG)
        assert training.wait() == 0
    assert said(app) == "There is a new model: My ring."
    assert drop(app, out)
    instrument = app.window.lab.instruments.instrument("plane")
    assert isinstance(instrument, PlaneInstrument)
    assert instrument.data.currentData() == "my-ring"
    run = instrument.run
    assert run is not None
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)


def test_the_first_model_of_a_lab_brings_its_tab(qtbot: QtBot, bare: Path, open_app: Opener) -> None:
    app = open_app()

    def tabs() -> list[str]:
        return [b.text() for b in app.window.findChildren(QPushButton) if b.property("role") == "segment"]

    assert "VAE" not in tabs()
    save_vae(bare, "mine")
    qtbot.waitUntil(lambda: "VAE" in tabs(), timeout=LONG)
    qtbot.keyClick(app.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert app.window.shown.name == "vae"
    assert offered(app)[0] == "mine"
    save_vae(bare, "other", kind="ae")
    qtbot.waitUntil(lambda: "other" in offered(app), timeout=LONG)
    assert picker(app).currentData() == "mine", "what is chosen stays"


def test_a_folder_is_opened_by_the_menu_and_is_there_at_the_next_start(
    qtbot: QtBot, app: App, open_app: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = save_diffusion(tmp_path / "elsewhere", "mine")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(card.folder))
    menu_action(app, "Open model folder…").trigger()
    assert picker(app).currentData() == "mine"
    assert app.preferences["model"] == "mine"
    assert app.window.documents.recent == (card.folder,)
    run = app.session.start(ReverseRequest(model="mine", steps=2, samples=1), "diffusion/reverse")
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    app.window.documents.save_to(tmp_path / "s.diffviz")
    qtbot.waitUntil(lambda: app.window.documents.files.current is None, timeout=LONG)
    app.preferences.save()
    later = open_app()
    assert picker(later).currentData() == "mine"
    later.window.documents.open_all([tmp_path / "s.diffviz"])
    qtbot.waitUntil(lambda: later.window.documents.files.current is None, timeout=LONG)
    assert [len(other.store) for other in later.session.runs if other.request == run.request] == [3]


def test_a_folder_is_opened_by_the_picker_but_not_by_its_keys(
    qtbot: QtBot, app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = save_diffusion(tmp_path, "mine")
    asked: list[int] = []

    def answer(*_: object) -> str:
        asked.append(1)
        return str(card.folder)

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", answer)
    combo = picker(app)
    for _ in range(combo.count() + 3):
        qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert (asked, combo.currentIndex()) == ([], combo.count() - 2)
    combo.showPopup()
    view = combo.view()
    at = view.visualRect(combo.model().index(combo.count() - 1, 0)).center()
    qtbot.mouseMove(view.viewport(), at)
    qtbot.mouseClick(view.viewport(), LEFT, pos=at)
    qtbot.waitUntil(lambda: combo.currentData() == "mine", timeout=LONG)
    assert asked == [1]


@pytest.mark.parametrize("part", ["", "card.json", "weights.safetensors"])
def test_a_folder_its_card_or_its_weights_are_dropped(app: App, tmp_path: Path, part: str) -> None:
    card = save_vae(tmp_path, "mine")
    assert drop(app, card.folder / part)
    assert app.window.shown.name == "vae"
    assert picker(app).currentData() == "mine"


def test_a_second_start_hands_a_folder_over(app: App, tmp_path: Path) -> None:
    card = save_diffusion(tmp_path, "mine")
    assert paths_in(letter([card.folder])) == (card.folder,)
    app.take([card.folder])
    assert picker(app).currentData() == "mine"
    other = pipeline(tmp_path / "tiny")  # another program's
    write(other, SCHEDULER, {"_class_name": "DDIMScheduler", "clip_sample": False})
    app.take([other])
    assert picker(app).currentData() == "tiny"
    assert "does not clip" in said(app)


def test_a_model_without_a_lab_is_said(app: App, tmp_path: Path) -> None:
    assert drop(app, save_classifier(tmp_path).folder)
    assert "recognised" in said(app)


def test_a_deleted_model_leaves_the_lists_and_its_runs_stay(
    qtbot: QtBot, open_app: Opener, bare: Path, tmp_path: Path
) -> None:
    save_diffusion(bare, "kept")
    card = save_diffusion(bare, "mine")
    app = open_app()
    app.window.show_model(card, card.folder)
    run = app.session.start(ReverseRequest(model="mine", steps=3, samples=2), "diffusion/reverse")
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    shutil.rmtree(card.folder)
    qtbot.waitUntil(lambda: "mine" not in offered(app), timeout=LONG)
    assert "Toy mine is gone" in said(app)
    assert "keep their frames" in said(app)
    assert picker(app).currentData() == "kept"
    assert app.session.a is run
    app.session.seek(run.plan.positions[1])
    assert app.session.record(run).models == {"mine": card.sha256}
    again = app.session.start(ReverseRequest(model="mine", steps=2, samples=1), "diffusion/reverse")
    qtbot.waitUntil(lambda: again.status is Status.FAILED, timeout=LONG)
    assert len(run.store) == 4


def test_a_damaged_card_is_said_and_nothing_else_breaks(qtbot: QtBot, app: App, tmp_path: Path) -> None:
    before = offered(app)
    folder = paths.user_models() / "broken"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text("{")
    qtbot.waitUntil(lambda: "card.json" in said(app), timeout=LONG)
    assert len(offered(app)) == len(before) + 1
    elsewhere = tmp_path / "broken"
    shutil.copytree(folder, elsewhere)
    assert drop(app, elsewhere)
    assert str(elsewhere) in said(app)
    assert app.preferences["opened"] == ""


def test_two_of_the_same_name_are_told_apart(qtbot: QtBot, open_app: Opener, bare: Path, tmp_path: Path) -> None:
    save_diffusion(bare, "toy")
    other = save_diffusion(tmp_path / "second", "toy", prediction="eps")
    app = open_app()
    drop(app, other.folder)
    assert said(app) == "There is another model called toy: this one is listed as toy (second)."
    assert offered(app)[:2] == ["toy", "toy (second)"]
    assert [picker(app).itemText(i).partition(" · ")[0] for i in (0, 1)] == ["Toy toy [toy]", "Toy toy [toy (second)]"]
    first, second = (
        app.session.start(ReverseRequest(model=name, steps=2, samples=1), f"diffusion/{name}")
        for name in ("toy", "toy (second)")
    )
    qtbot.waitUntil(lambda: second.status is Status.FINISHED, timeout=LONG)
    assert app.session.record(second).models == {"toy (second)": read_card(other.folder).sha256}
    assert not (first.store[-1].arrays()["x"] == second.store[-1].arrays()["x"]).all()


def test_a_folder_that_has_moved_is_said_and_found_again(
    qtbot: QtBot, app: App, open_app: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = save_diffusion(tmp_path / "a", "mine")
    drop(app, card.folder)
    app.preferences.save()
    (tmp_path / "b").mkdir()
    moved = Path(shutil.move(card.folder, tmp_path / "b" / "mine"))
    later = open_app()
    assert str(card.folder) in said(later)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(moved))
    find = next(button for button in later.window.notice.buttons if button.text() == "Open model folder…")
    qtbot.mouseClick(find, LEFT)
    assert picker(later).currentData() == "mine"
    assert later.preferences["opened"] == str(moved)


def test_a_refused_file_is_said_until_another_is_opened(app: App, tmp_path: Path) -> None:
    app.window.folders.open(tmp_path / "nothing")
    assert "nothing" in said(app)
    app.window.folders.open(save_vae(tmp_path, "other").folder)
    assert "nothing" not in said(app)


def test_a_run_that_fails_in_another_lab_is_said_there(app: App) -> None:
    app.window.open_lab("gan")
    shown = app.session.a
    run = app.session.start(ReverseRequest(model="digits-ddpm", steps=2, samples=1), "diffusion/reverse", show=False)
    app.session.cancel(run)
    run.fail(ProcessLost(11, 0), "")
    app.session.runs_changed.emit()
    assert "failed. The process that computed this ended by itself (signal 11)" in said(app)
    assert app.session.a is shown
    app.window.notice.buttons[0].click()
    assert (app.session.a, app.window.shown.name) == (run, "diffusion")


def test_a_failed_run_that_was_removed_is_said_no_longer(app: App) -> None:
    app.window.open_lab("gan")
    request = ReverseRequest(model="digits-ddpm", steps=2, samples=1)
    failed = [app.session.start(request, "diffusion/reverse", show=False) for _ in range(3)]
    for run in failed:
        app.session.cancel(run)
        run.fail(ProcessLost(11, 0), "")
    app.session.runs_changed.emit()
    for run in failed:
        assert not app.window.notice.isHidden()
        app.session.remove(run)
    assert app.window.notice.isHidden()
    held = [weakref.ref(run.store) for run in failed]
    failed.clear()
    del run
    gc.collect()
    assert not any(kept() for kept in held)


def test_nothing_goes_on_from_a_run_whose_model_is_gone(app: App, qtbot: QtBot) -> None:
    run = app.session.start(ReverseRequest(model="digits-ddpm", steps=2, samples=1), "diffusion/reverse")
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    app.session.seek(run.plan.high)
    deeds = app.window.lab.form.deeds
    assert deeds.branch.isEnabled()
    app.session.take_cards({name: card for name, card in app.session.cards.items() if name != "digits-ddpm"})
    assert not deeds.branch.isEnabled()
    assert not any(action.isEnabled() for action in deeds.presets.values())
    assert "digits-ddpm" in deeds.branch.toolTip()
