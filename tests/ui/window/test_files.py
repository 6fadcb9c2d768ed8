"""The whole program with files: what was exported from it is dropped on it, and a session outlives it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from pytestqt.qtbot import QtBot

from diffviz import paths
from diffviz.app import App
from diffviz.cli.main import main
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import ForwardRequest
from diffviz.export.formats import export
from diffviz.export.reading import read_record
from diffviz.export.run_info import RunBeside, about_of, entitled, with_beside
from diffviz.session.file_task import snapshot
from diffviz.session.run import Status
from diffviz.ui.instruments.objective import ObjectiveInstrument
from diffviz.ui.instruments.plane import PlaneInstrument
from tests.ui.conftest import LONG


def drop(app: App, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    app.window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, none))


def test_what_the_window_exported_opens_in_it_again(qtbot: QtBot, app: App, tmp_path: Path) -> None:
    session = app.session
    first = session.a
    assert first is not None
    qtbot.waitUntil(lambda: first.status is Status.FINISHED, timeout=LONG)
    about = about_of(first.request, session.images, session.cards)
    path = tmp_path / "first.gif"
    export(snapshot(first.store), path, ExportSettings(scale=1, every=50), about=about)
    form = app.window.lab.form
    request = form.request_for("forward")
    assert isinstance(request, ForwardRequest)
    form.set_request(ForwardRequest(start=request.start, steps=7, seed=1))
    drop(app, path)
    assert session.a is not None
    assert session.a is not first
    assert session.a.request == first.request
    assert form.request() == first.request
    again = session.a
    qtbot.waitUntil(lambda: again.status is Status.FINISHED, timeout=LONG)
    one, two = first.store[-1].arrays()["x"], again.store[-1].arrays()["x"]
    assert (one == two).all()


def test_a_film_of_particles_opens_in_their_panel(qtbot: QtBot, app: App, tmp_path: Path) -> None:
    request = PlanarRequest(steps=3, particles=10, seed=5)
    path = tmp_path / "particles.gif"
    assert main(["export", "planar", str(path), "--steps", "3", "--particles", "10", "--seed", "5", "--quiet"]) == 0
    lab = app.window.lab
    model = app.window._model.currentData()
    drop(app, path)
    assert lab.pages.page == "instruments"
    plane = lab.instruments.instrument("plane")
    assert isinstance(plane, PlaneInstrument)
    assert plane.run is not None
    run = plane.run
    assert run.request == request
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    assert app.window._model.currentData() == model, "it has nothing to do with the model of the lab"


def test_an_exported_bound_opens_in_its_panel(qtbot: QtBot, app: App, tmp_path: Path) -> None:
    path = tmp_path / "bound.csv"
    options = ["--model", "digits-ddpm", "--dataset", "digits", "--index", "3", "8", "--every-t", "500", "--draws", "3"]
    assert main(["export", "objective", str(path), *options, "--quiet"]) == 0
    drop(app, path)
    lab = app.window.lab
    assert lab.pages.page == "instruments"
    panel = lab.instruments.instrument("objective")
    assert isinstance(panel, ObjectiveInstrument)
    run = panel.run
    assert run is not None
    assert run.request == read_record(path).request
    assert app.window._model.currentData() == "digits-ddpm"
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    panel.draw(lab.shown())
    assert "2 pictures" in panel.note.text()
    panel.copy.offers.actions()[0].trigger()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("diffviz export objective out.csv --model digits-ddpm --dataset digits --index 3 8")


def test_a_session_is_saved_and_opened_by_the_window(qtbot: QtBot, app: App, tmp_path: Path) -> None:
    session, documents = app.session, app.window.documents
    first = session.a
    assert first is not None
    qtbot.waitUntil(lambda: first.status is Status.FINISHED, timeout=LONG)
    documents.save_to(tmp_path / "s.diffviz")
    qtbot.waitUntil(lambda: documents.files.current is None, timeout=LONG)
    session.remove(first)
    drop(app, tmp_path / "s.diffviz")
    qtbot.waitUntil(lambda: documents.files.current is None, timeout=LONG)
    assert session.a is not None
    assert len(session.a.store) == 201
    assert documents.recent == (tmp_path / "s.diffviz",)


def test_a_clean_end_leaves_nothing_to_recover(qtbot: QtBot, app: App) -> None:
    session = app.session
    first = session.a
    assert first is not None
    qtbot.waitUntil(lambda: first.status is Status.FINISHED, timeout=LONG)
    session.start(first.request, "other")
    autosave = app.persistence.autosave
    autosave.save()
    assert autosave.job is not None
    with qtbot.waitSignal(autosave.ended, timeout=LONG):
        pass
    assert autosave.path.exists()
    app.persistence.guard.discard()
    assert app.persistence.close()
    assert list((paths.data_home() / "recovery").iterdir()) == []


def test_a_file_of_two_runs_opens_as_two_runs_beside_each_other(qtbot: QtBot, app: App, tmp_path: Path) -> None:
    session = app.session
    first = session.a
    assert first is not None
    qtbot.waitUntil(lambda: first.status is Status.FINISHED, timeout=LONG)
    other = dataclasses.replace(first.request, seed=17)
    about = about_of(first.request, session.images, session.cards)
    beside = RunBeside(snapshot(first.store), about_of(other, session.images, session.cards))
    path = tmp_path / "two.png"
    export(
        snapshot(first.store),
        path,
        ExportSettings(format="png"),
        about=with_beside(entitled(about, "A", "mine"), [beside]),
    )
    session.pin(None)
    drop(app, path)
    assert session.a is not None
    assert session.b is not None
    assert (session.a.request, session.b.request) == (first.request, other)
    assert session.a.lineup == ((session.a, "mine"), (session.b, "")), "an export begins with them"
    made = session.b
    qtbot.waitUntil(lambda: made.status is Status.FINISHED, timeout=LONG)
