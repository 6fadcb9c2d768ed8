"""The generic lab: a kind of run that is one row for what it is, and one for how it is computed, in the program."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain.arrays import F32
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.frames import Frame
from diffviz.domain.requests import Plan, ReverseRequest
from diffviz.domain.store import FrameStore
from diffviz.export.reading import read_record
from diffviz.export.run_info import about_of
from diffviz.families import family_of
from diffviz.session.run import Run, Status
from diffviz.ui.export_dialog.dialog import ExportDialog
from diffviz.ui.labs.generic.fields import NumbersBody, fields_of, kind_of, pictures_of, reach_of
from diffviz.ui.labs.generic.lab import GenericLab
from diffviz.ui.labs.generic.views import FieldStage
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.format import figure
from diffviz.ui.widgets.view import Shown
from tests.toys import WALK, WalkRequest, add_walk, walk_frames
from tests.ui.conftest import LONG, Opener
from tests.ui.timeline.pixels import grab, like

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, open_app: Opener) -> App:
    """The program with a toy kind of run."""
    add_walk(monkeypatch)
    return open_app()


def lab_of(app: App) -> GenericLab:
    lab = app.window.shown
    assert isinstance(lab, GenericLab)
    return lab


def walk(qtbot: QtBot, app: App) -> Run:
    """Open the lab by its tab and compute what its form says by its button."""
    QTest.mouseClick(app.window._bar.tabs["walk"], LEFT)
    lab = lab_of(app)
    QTest.mouseClick(lab.form.panel.run, LEFT)
    run = app.session.a
    assert run is not None
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    lab.draw()
    return run


def frame_at(app: App) -> Frame:
    frame = app.session.frame()
    assert frame is not None
    return frame


def test_a_row_alone_makes_a_lab_that_runs_scrubs_and_plays(qtbot: QtBot, app: App) -> None:
    run = walk(qtbot, app)
    lab, timeline = lab_of(app), lab_of(app).timeline
    assert lab.form.settings.paths() == (("steps",), ("walkers",), ("stride",), ("seed",))
    assert [(p.field.key, p.field.kind) for p in lab.stage.panels] == [
        ("x", "pictures"),
        ("points", "points"),
        ("radii", "numbers"),
    ]
    assert list(lab.readout.rows) == ["step", "spread"]
    timeline.plots.make()
    [plot] = timeline.plots.panels
    wanted = [frame.spread for frame in walk_frames(WalkRequest())]
    np.testing.assert_allclose(plot.drawn[0].ys, wanted, rtol=1e-6)

    qtbot.waitUntil(lambda: bool(like(grab(lab.stage), theme.color("data"), 60).any()), timeout=LONG)
    before = grab(lab.stage)
    place = QPoint(round(timeline.slider.map.to_px(10.0)), timeline.slider.height() // 2)
    QTest.mouseClick(timeline.slider, LEFT, Qt.KeyboardModifier.NoModifier, place)
    lab.draw()
    assert frame_at(app).position == 10.0
    assert lab.readout.rows["spread"].text == figure(wanted[10])
    assert (grab(lab.stage) != before).any()
    QTest.keyClick(timeline.slider, Qt.Key.Key_Right)
    assert frame_at(app).position == 11.0

    app.player.loop = False
    QTest.keyClick(app.window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: app.session.cursor == run.plan.high, timeout=LONG)


def exported(qtbot: QtBot, app: App, run: Run, format_: str, path: Path) -> Path:
    """What the export dialog writes of `run`, to `path`."""
    about = about_of(run.request, {}, app.session.cards)
    dialog = ExportDialog(run, 10.0, {}, app.preferences, app.window, lambda *_: path, about)
    assert list(dialog.form.plots) == ["spread"]
    dialog.form.settings = ExportSettings(format=format_, plots=("spread",) if format_ != "csv" else ())
    dialog.export()
    qtbot.waitUntil(lambda: dialog.job is None, timeout=LONG)
    assert dialog.written == path
    dialog.done(0)
    return path


def test_its_runs_are_exported(qtbot: QtBot, app: App, tmp_path: Path) -> None:
    run = walk(qtbot, app)
    for format_ in ("png", "gif", "csv", "svg"):
        path = exported(qtbot, app, run, format_, tmp_path / f"walk.{format_}")
        assert read_record(path).request == run.request
    with Image.open(tmp_path / "walk.gif") as film:
        assert getattr(film, "n_frames", 1) == len(run.store)
    head = (tmp_path / "walk.csv").read_text().splitlines()[1]
    assert head == "step,spread,theory,mean_x,std_x"


def test_a_session_with_it_opens_again(qtbot: QtBot, app: App, open_app: Opener, tmp_path: Path) -> None:
    run, path = walk(qtbot, app), tmp_path / "walk.diffviz"
    app.window.documents.save_to(path)
    qtbot.waitUntil(lambda: path.exists() and app.persistence.files.current is None, timeout=LONG)
    other = open_app()
    other.window.documents.open_session(path)
    qtbot.waitUntil(lambda: other.session.a is not None and other.session.a.request == run.request, timeout=LONG)
    again = other.session.a
    assert again is not None
    assert lab_of(other).form.runs.item_of(again)
    assert len(again.store) == len(run.store)
    for name, array in run.store[7].arrays().items():
        np.testing.assert_array_equal(array, again.store[7].arrays()[name])


def test_before_a_run_it_says_what_to_do_and_costs_nothing(qtbot: QtBot, app: App) -> None:
    QTest.mouseClick(app.window._bar.tabs["walk"], LEFT)
    lab = lab_of(app)
    assert app.session.a is None
    assert lab.form.panel.run.isEnabled()
    assert lab.form.panel.run.hasFocus()
    assert like(grab(lab.stage), theme.color("text"), 60).any()
    assert not lab.timeline.plots.isVisible()
    assert not lab.form.runs.isVisible()


def test_a_lab_of_its_own_comes_for_no_family_that_names_one(open_app: Opener) -> None:
    assert "walk" not in open_app().window._bar.tabs
    assert family_of(ReverseRequest).lab == "diffusion"


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        ((4, 1, 8, 8), "pictures"),
        ((4, 3, 8, 8), "pictures"),
        ((6, 8, 9), "pictures"),
        ((3, 8, 9), "pictures"),
        ((8, 9), "pictures"),
        ((50, 2), "points"),
        ((50,), "numbers"),
        ((2, 2, 2, 2, 2), ""),
        ((0, 2), ""),
    ],
)
def test_arrays_are_shown_as_what_they_are(shape: tuple[int, ...], kind: str) -> None:
    array = np.zeros(shape, np.float32)
    assert kind_of(array) == kind
    if kind == "pictures":
        pictures = pictures_of(array)
        assert pictures.ndim == 4
        assert pictures.shape[1] in (1, 3)


def test_what_the_family_has_panes_of_comes_first_under_its_name() -> None:
    frame = next(walk_frames(WalkRequest()))
    first, points, radii = fields_of(frame, WALK)
    assert (first.key, first.label, first.limit) == ("x", "where they are", 1.0)
    assert (points.label, radii.limit) == ("points", None)
    assert len({field.hue for field in (first, points, radii)}) == 3


@pytest.mark.parametrize(("most", "reach"), [(0.0, 0.2), (0.9, 1.0), (1.4, 2.0), (3.0, 5.0), (70.0, 100.0)])
def test_a_plane_reaches_a_round_number(most: float, reach: float) -> None:
    assert reach_of(np.array([[most, -0.1], [np.nan, 0.0]], np.float32)) == pytest.approx(reach)


@dataclass(frozen=True, slots=True, eq=False)
class Wide(Frame):
    """Much of everything, and numbers that are none."""

    many: F32
    cloud: F32
    long: F32
    single: F32


def wide(position: float) -> Wide:
    rng = np.random.default_rng(1)
    long = rng.normal(size=200_000).astype(np.float32)
    long[[3, 77_777, 150_000]] = np.nan, 50.0, np.inf
    many = rng.normal(size=(100, 5, 5)).astype(np.float32)
    many[0, 1, 1:4] = np.nan, np.inf, -np.inf
    cloud = np.concatenate([[[np.nan, 0.0], [30.0, -2.0]], rng.normal(size=(9000, 2))]).astype(np.float32)
    single = np.full(1, position, np.float32)
    return Wide(position, many, cloud, long, single)


def test_much_is_shown_as_the_first_of_it_and_nothing_stumbles_over_what_is_no_number(qtbot: QtBot) -> None:
    stage = FieldStage(dataclasses.replace(WALK, panes=()))
    qtbot.addWidget(stage)
    stage.resize(900, 500)
    stage.show()
    store = FrameStore()
    run = Run(1, "walk/run", WalkRequest(), Plan(0.0, 1.0, (0.0, 1.0), 0, 1), store)
    for position in (0.0, 1.0):
        store.append(wide(position))
        stage.draw(Shown(run, position))
        assert not stage.grab().isNull()
    said = {panel.field.key: panel.body.said for panel in stage.panels}
    assert said["many"].endswith("the first 64 of 100")
    assert said["cloud"] == "± 50 · the first 5,000 of 9,001"
    assert said["long"] == "200,000 numbers"
    chart = next(panel.body for panel in stage.panels if panel.field.key == "long")
    assert isinstance(chart, NumbersBody)
    assert len(chart.lines[0].xs) <= 2 * 1001
    assert np.nanmax(chart.lines[0].ys) == 50.0, "no peak is lost"
    assert [panel.field.kind for panel in stage.panels] == ["pictures", "points", "numbers", "numbers"]
