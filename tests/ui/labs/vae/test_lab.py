"""The VAE lab, every control of it, over a real engine with tiny networks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from diffviz.domain.arrays import F32
from diffviz.domain.cards import Card
from diffviz.domain.latent import Anchor
from diffviz.domain.requests import digest
from diffviz.domain.samples import load
from diffviz.domain.serialization import encode
from diffviz.domain.text import plain
from diffviz.session.preferences import Preferences
from diffviz.ui.export_dialog.dialog import ExportDialog
from diffviz.ui.labs.vae.kl_bars import KlBars
from diffviz.ui.labs.vae.latent_map import LatentMap
from diffviz.ui.labs.vae.stage import BLUR, DISTANCE, FAULTS, KL, MACHINE, MANIFOLD, PCA, PLAIN
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.format import figure
from tests import waiting
from tests.ui.labs.vae.bench import LONG, REAL, LabBench, save_models
from tests.ui.timeline.pixels import grab, like

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Card]:
    """Models that nobody changes: the networks are made once."""
    return save_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def bench(qtbot: QtBot, cards: dict[str, Card]) -> Iterator[LabBench]:
    made = LabBench(qtbot, cards)
    yield made
    made.close()


@pytest.fixture
def deep(qtbot: QtBot, cards: dict[str, Card]) -> Iterator[LabBench]:
    made = LabBench(qtbot, cards, "deep")
    yield made
    made.close()


def test_the_first_screen_has_a_path_on_two_maps(bench: LabBench) -> None:
    bench.mapped()
    assert bench.request.models == ("vae", "ae")
    assert [strip.title for strip in bench.lab.timeline.strips] == ["VAE", "AE"]
    for number, view in enumerate(bench.lab.stage.maps):
        assert view.scene.points is not None
        assert len(view.scene.points.seen) == len(load(REAL)) == 2000
        np.testing.assert_allclose(view.scene.path[0], bench.settled().z[number], rtol=1e-5)
        np.testing.assert_allclose(view.scene.anchors["A"], view.scene.path[0], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(view.scene.anchors["B"], view.scene.path[-1], rtol=1e-4, atol=1e-5)
    assert bench.lab.stage.maps[0].scene.prior
    assert not bench.lab.stage.maps[1].scene.prior


def test_hovering_decodes(qtbot: QtBot, bench: LabBench) -> None:
    bench.mapped()
    view = bench.lab.stage.maps[0]
    at = view.rect().center()
    qtbot.mouseMove(view, at)
    qtbot.waitUntil(lambda: view._preview is not None, timeout=LONG)
    assert view._preview is not None
    assert view._preview.shape == (1, 28, 28)
    view.left.emit()
    assert view._preview is None


def test_a_dragged_anchor_moves_both_paths(bench: LabBench) -> None:
    """The dragged model's anchor is where the pointer was; the other's is the picture nearest to it."""
    bench.mapped()
    lab = bench.lab
    lab.stage.maps[0].anchor_moved.emit("A", 0.25, -0.5)
    lab.stage.maps[0].anchor_settled.emit()
    frame = bench.settled()
    np.testing.assert_allclose(frame.z[0], [0.25, -0.5], atol=1e-6)
    codes = [lab.codes.samples(name) for name in ("vae", "ae")]
    assert codes[0] is not None
    assert codes[1] is not None
    nearest = int(np.linalg.norm(codes[0].mu - [0.25, -0.5], axis=1).argmin())
    np.testing.assert_allclose(frame.z[1], codes[1].mu[nearest], atol=1e-6)
    assert bench.request.anchors[0].image == digest(load(REAL).images[nearest])


def test_dragging_recomputes_and_every_path_is_seen_whole(bench: LabBench) -> None:
    bench.mapped()
    view = bench.lab.stage.maps[0]
    for x in np.linspace(-1, 1, 12):
        view.anchor_moved.emit("B", float(x), 0.0)
    view.anchor_settled.emit()
    bench.settled()
    assert bench.request.anchors[-1].codes[0] == (1.0, 0.0)
    assert len(bench.session.runs) == 1
    assert bench.run.progress == 1


def test_undo_and_redo_reach_the_anchors(bench: LabBench) -> None:
    bench.mapped()
    before = bench.request
    view = bench.lab.stage.maps[0]
    for x in (0.1, 0.2, 0.3):
        view.anchor_moved.emit("A", x, 0.0)
    view.anchor_settled.emit()
    after = bench.request
    bench.undo.undo()
    assert bench.request == before
    bench.settled()
    bench.undo.redo()
    assert bench.request == after
    bench.settled()


def test_a_picture_dropped_on_a_map_becomes_the_nearest_anchor(bench: LabBench) -> None:
    bench.mapped()
    image = bench.session.add_image(load(REAL).images[50])
    view = bench.lab.stage.maps[1]
    x, y = view.scene.anchors["B"]
    view.image_dropped.emit(image, float(x), float(y))
    assert bench.request.anchors[-1] == Anchor(image)
    bench.settled()


def picture_file(folder: Path) -> Path:
    path = folder / "mine.png"
    Pillow.fromarray(np.random.default_rng(3).integers(0, 255, (28, 28), dtype=np.uint8)).save(path)
    return path


def kept(bench: LabBench) -> str:
    """Confirm the crop of the picture file that was dropped; the picture's name."""
    dialog = bench.lab.form.own.dialog
    assert dialog is not None
    name = digest(dialog.pixels())
    dialog.accept()
    return name


def test_a_picture_file_dropped_on_a_map_becomes_the_nearest_anchor(bench: LabBench, tmp_path: Path) -> None:
    bench.mapped()
    view, before = bench.lab.stage.maps[0], bench.request.anchors
    x, y = view.scene.anchors["A"]
    view.pictures_dropped.emit([picture_file(tmp_path)], float(x), float(y))
    name = kept(bench)
    assert bench.request.anchors == (Anchor(name), before[1])
    assert bench.lab.form.pictures.current == name
    np.testing.assert_allclose(bench.settled().z[0], code_of(bench, name), atol=1e-4)


def test_a_picture_file_that_is_not_kept_changes_no_anchor(bench: LabBench, tmp_path: Path) -> None:
    bench.mapped()
    before = bench.request
    bench.lab.stage.maps[0].pictures_dropped.emit([picture_file(tmp_path)], 0.0, 0.0)
    dialog = bench.lab.form.own.dialog
    assert dialog is not None
    dialog.reject()
    assert bench.request == before


def test_a_picture_file_dropped_on_an_anchor_button(bench: LabBench, tmp_path: Path) -> None:
    bench.settled()
    bench.lab.form.anchors.buttons["C"].files_dropped.emit([picture_file(tmp_path)])
    name = kept(bench)
    assert [anchor.image for anchor in bench.request.anchors][1] == name
    bench.settled()


def test_a_broken_picture_file_is_said_in_place_and_moves_no_anchor(bench: LabBench, tmp_path: Path) -> None:
    bench.mapped()
    before = bench.request
    (tmp_path / "broken.png").write_bytes(b"no picture")
    bench.lab.stage.maps[0].pictures_dropped.emit([tmp_path / "broken.png"], 0.0, 0.0)
    error = bench.lab.form.pictures.error
    assert "broken.png" in error.text()
    assert error.isVisible()
    assert bench.request == before


@pytest.mark.parametrize("curve", ["lerp", "slerp"])
def test_names_of_curves_and_of_the_model_beside_are_not_cut(bench: LabBench, curve: str) -> None:
    bench.lab.resize(1072, 560)
    bench.lab.form.draft.set_value(("curve",), curve, "Curve")
    row = bench.lab.form.settings.row("curve")
    assert row is not None
    for combo in (row.editor.combo, bench.lab.form.beside):
        assert combo.shown_text() == combo.currentText()
    bench.settled()


def code_of(bench: LabBench, name: str) -> F32:
    bench._qtbot.waitUntil(lambda: bench.lab.codes.of("vae", name) is not None, timeout=LONG)
    found = bench.lab.codes.of("vae", name)
    assert found is not None
    return found[0]


def test_c_and_d_come_and_go(qtbot: QtBot, bench: LabBench) -> None:
    bench.mapped()
    form = bench.lab.form
    for name, count in (("C", 3), ("D", 4)):
        qtbot.mouseClick(form.anchors.buttons[name], LEFT)
        assert len(bench.request.anchors) == count
        bench.settled()
    bench.mapped()
    assert list(bench.lab.stage.maps[0].scene.anchors) == ["A", "C", "D", "B"]
    for count in (3, 2):
        shown = [button for button in form.anchors.removes.values() if not button.isHidden()]
        qtbot.mouseClick(shown[-1], LEFT)
        assert len(bench.request.anchors) == count
    bench.settled()


def test_a_picture_dropped_on_an_anchor_button(bench: LabBench) -> None:
    image = bench.session.add_image(load(REAL).images[7])
    bench.lab.form.anchors.buttons["A"].dropped.emit(image)
    assert bench.request.anchors[0] == Anchor(image)
    bench.settled()


def test_settings_start_the_path_anew(bench: LabBench) -> None:
    bench.settled()
    draft = bench.lab.form.draft
    draft.set_value(("curve",), "slerp", "Curve")
    bench.settled()
    draft.set_value(("frames",), 9, "Frames")
    bench.settled()
    assert len(bench.run.store) == 9
    assert bench.lab.form.settings.row("seed") is None


def test_selecting_a_picture_explains_it(qtbot: QtBot, bench: LabBench) -> None:
    bench.mapped()
    lab, sheet = bench.lab, bench.lab.form.pictures.sheet
    qtbot.mouseClick(sheet.viewport(), LEFT, pos=sheet.rect_of(3).center())
    assert lab.form.pictures.current == sheet.tiles.tiles[3].sha256
    row = lab.stage.machine.rows[0]
    qtbot.waitUntil(lambda: row.mean.values is not None, timeout=LONG)
    qtbot.waitUntil(lambda: "nats" in row.terms["elbo"].text(), timeout=LONG)
    for view in lab.stage.maps:
        assert view.scene.ellipse is not None
    assert lab.selected.columns.values["elbo"][1].text() == "—"
    of_ae = lab.selected.columns.values["elbo"][1]  # its answer may come after the other model's
    qtbot.waitUntil(lambda: "an AE has no q(z|x)" in of_ae.whatsThis(), timeout=LONG)
    assert "an AE" not in lab.selected.columns.values["error"][1].whatsThis()
    np.testing.assert_array_equal(lab.selected.picture.values, row.picture.values)


def test_clicking_a_point_selects_its_picture(bench: LabBench) -> None:
    bench.mapped()
    bench.lab.stage.maps[0].image_chosen.emit(123)
    assert bench.lab.form.pictures.current == digest(load(REAL).images[123])


def test_resampling_moves_z(qtbot: QtBot, bench: LabBench) -> None:
    bench.mapped()
    bench.lab.stage.pages.button(MACHINE).click()
    row = bench.lab.stage.machine.rows[0]
    qtbot.waitUntil(lambda: row.numbers["eps"].text() != "—", timeout=LONG)
    before, mu = row.numbers["eps"].text(), row.numbers["mu"].text()
    qtbot.mouseClick(bench.lab.stage.machine.resample, LEFT)
    qtbot.waitUntil(lambda: row.numbers["eps"].text() != before, timeout=LONG)
    assert row.numbers["mu"].text() == mu


def test_the_true_posterior_lies_under_q(qtbot: QtBot, bench: LabBench) -> None:
    bench.lab.stage.pages.button(MACHINE).click()
    row = bench.lab.stage.machine.rows[0]
    qtbot.waitUntil(lambda: row.posterior.grid is not None, timeout=LONG)
    assert "nats" in row.terms["gap"].text()
    assert bench.lab.stage.machine.rows[1].posterior.isHidden()
    assert row.posterior.grab().toImage().height() == row.posterior.height()


@pytest.mark.parametrize("backdrop", [MANIFOLD, DISTANCE])
def test_something_behind_the_points(qtbot: QtBot, bench: LabBench, backdrop: str) -> None:
    bench.mapped()
    views = bench.lab.stage.maps
    bench.lab.stage.backdrops.button(backdrop).click()
    qtbot.waitUntil(lambda: all(view.scene.backdrop is not None for view in views), timeout=LONG)
    before = views[0].scene.backdrop
    views[0].zoom(2.0, QPointF(100, 100))
    qtbot.waitUntil(lambda: views[0].scene.backdrop is not before, timeout=LONG)
    bench.lab.stage.backdrops.button(PLAIN).click()
    assert views[0].scene.backdrop is None


def test_m_toggles_the_manifold(qtbot: QtBot, bench: LabBench) -> None:
    bench.mapped()
    [manifold] = [action for action in bench.lab.actions_of() if action.shortcut().toString() == "M"]
    manifold.trigger()
    assert bench.lab.stage.backdrops.current() == MANIFOLD
    manifold.trigger()
    assert bench.lab.stage.backdrops.current() == PLAIN


def test_the_legend_isolates_a_class_on_both_maps(qtbot: QtBot, bench: LabBench) -> None:
    bench.mapped()
    qtbot.mouseClick(bench.lab.stage.legend.chips[4], LEFT)
    assert [view.scene.isolated for view in bench.lab.stage.maps] == [4, 4]


def lasso(view: LatentMap, corners: list[tuple[float, float]]) -> None:
    """Draw a lasso through places on the plane with Shift held."""
    way = [QPointF(*view.scale.to_px(corner).tolist()) for corner in [*corners, corners[0]]]
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mousePress(view, LEFT, shift, way[0].toPoint())
    for at in way[1:]:
        QApplication.sendEvent(view, QMouseEvent(QEvent.Type.MouseMove, at, view.mapToGlobal(at), LEFT, LEFT, shift))
    QTest.mouseRelease(view, LEFT, shift, way[-1].toPoint())


def test_a_lasso_on_one_map_chooses_pictures_on_both_and_in_the_form(qtbot: QtBot, bench: LabBench) -> None:
    bench.mapped()
    one, other = bench.lab.stage.maps
    assert one.scene.points is not None
    x, y = np.median(one.scene.points.seen, axis=0)
    box = [(x - 9, y - 9), (x, y - 9), (x, y + 9), (x - 9, y + 9)]
    low, high, below, above = one.scale.bounds
    corners = [(float(np.clip(a, low, high)), float(np.clip(b, below, above))) for a, b in box]
    seen = one.scene.points.seen
    lasso(one, corners)
    chosen = one.scene.chosen
    assert chosen is not None
    (x0, y0), (x1, y1) = corners[0], corners[2]
    wanted = (seen > [x0, y0]).all(1) & (seen < [x1, y1]).all(1)
    apart = np.setxor1d(chosen, np.flatnonzero(wanted))
    assert len(apart) < 0.02 * len(chosen), "but for those on the line itself"
    np.testing.assert_array_equal(other.scene.chosen, chosen)
    assert f"{len(chosen):,} of 2,000 chosen" in bench.lab.stage.panels[0].caption.text()
    offered = {tile.sha256 for tile in bench.lab.form.pictures.sheet.tiles.tiles} - {bench.lab.form.pictures.current}
    images = load(REAL).images
    assert offered <= {digest(images[number]) for number in chosen}
    assert offered
    look, tiles = json.loads(encode(bench.lab.look())), bench.lab.form.pictures.sheet.tiles.tiles
    waiting.stand_on(qtbot, one)
    qtbot.keyClick(one, Qt.Key.Key_Escape)
    assert one.scene.chosen is None
    assert other.scene.chosen is None
    bench.lab.take_look({"lassoed": [3, 2_000]})
    assert one.scene.chosen is None, "there is no such picture"
    bench.lab.take_look(look)
    np.testing.assert_array_equal(other.scene.chosen, chosen)
    assert [tile.sha256 for tile in bench.lab.form.pictures.sheet.tiles.tiles] == [tile.sha256 for tile in tiles]
    qtbot.keyClick(one, Qt.Key.Key_Escape)
    assert "chosen" not in bench.lab.stage.panels[0].caption.text()


def test_another_model_beside_leaves_nothing_chosen(bench: LabBench) -> None:
    bench.mapped()
    offered = [tile.sha256 for tile in bench.lab.form.pictures.sheet.tiles.tiles]
    bench.lab.stage.maps[0].images_lassoed.emit(np.arange(50))
    assert bench.lab.stage.maps[1].has_choice()
    assert [tile.sha256 for tile in bench.lab.form.pictures.sheet.tiles.tiles] != offered
    bench.lab.form.beside.picked.emit("")
    assert not bench.lab.stage.maps[0].has_choice()
    assert "chosen" not in bench.lab.stage.panels[0].caption.text()
    bench.settled()


def test_the_picture_of_the_point_under_the_pointer_is_beside_what_is_decoded_there(
    qtbot: QtBot, bench: LabBench
) -> None:
    bench.mapped()
    view = bench.lab.stage.maps[0]
    assert view.scene.points is not None
    edge = int(np.hypot(*(view.scene.points.seen - view.scene.points.seen.mean(0)).T).argsort()[-40])
    at = view.scale.to_px(view.scene.points.seen[edge])
    number = view.image_at(QPointF(*at.tolist()))
    qtbot.mouseMove(view, QPoint(*(round(value) for value in at.tolist())))
    qtbot.waitUntil(lambda: view._preview is not None, timeout=LONG)
    (real, name), (_, decoded) = view.pictures_at(number)
    assert number is not None
    assert name == load(REAL).classes[load(REAL).labels[number]]
    assert decoded == "decoded"
    assert (real.width(), real.height()) == (28, 28)
    assert real.pixelColor(14, 14).red() == load(REAL).images[number][14, 14]


def test_a_class_is_hidden_by_mouse_and_by_keyboard(qtbot: QtBot, bench: LabBench) -> None:
    bench.mapped()
    chip, views = bench.lab.stage.legend.chips[4], bench.lab.stage.maps
    qtbot.mouseClick(chip, LEFT, Qt.KeyboardModifier.ControlModifier)
    assert [view.scene.off for view in views] == [frozenset({4})] * 2
    assert views[0].scene.isolated is None
    classes = {column.name: column.values for column in views[0].table()}["class"]
    assert set(classes) == set(range(10)) - {4}
    points = views[0].scene.points
    assert points is not None
    place = views[0].scale.to_px(points.seen[np.flatnonzero(points.labels == 4)[0]])
    found = views[0].image_at(QPointF(*place.tolist()))
    assert found is None or points.labels[found] != 4
    qtbot.mouseClick(bench.lab.stage.legend.chips[2], LEFT)
    look = json.loads(encode(bench.lab.look()))
    bench.lab.take_look({"classes": {"isolated": 99, "hidden": [10]}})
    assert (views[0].scene.isolated, views[0].scene.off) == (None, frozenset())
    bench.lab.take_look(look)
    assert (views[1].scene.isolated, views[1].scene.off) == (2, frozenset({4}))
    qtbot.keyClick(chip, Qt.Key.Key_H)
    assert views[0].scene.off == frozenset()
    assert len(views[0].table()[0].values) == len(load(REAL))


def test_maps_of_one_kind_are_linked_when_a_person_wants_it(qtbot: QtBot, bench: LabBench) -> None:
    bench.mapped()
    one, other = bench.lab.stage.maps
    one.zoom(2.0, QPointF(150, 100))
    assert other.is_whole()
    qtbot.mouseClick(bench.lab.stage.linked, LEFT)
    one.zoom(2.0, QPointF(150, 100))
    (left, right, low, high), mine = other.scale.bounds, one.scale.bounds
    assert (left, right) == pytest.approx(mine[:2])
    assert low + high == pytest.approx(mine[2] + mine[3]), "about the same middle: they may be of unlike height"
    bench.lab.stage.panels[0].first.set_data(1)
    bench.lab.stage.panels[0].axes_chosen.emit(1, 0)
    assert not bench.lab.stage.linked.isVisible(), "other axes are another kind of plane"
    one.view_all()
    before = other.scale.bounds
    one.zoom(2.0, QPointF(150, 100))
    assert other.scale.bounds == before


def test_faults_are_measured_side_by_side(qtbot: QtBot, bench: LabBench) -> None:
    bench.lab.stage.pages.button(FAULTS).click()
    faults = bench.lab.stage.faults
    qtbot.waitUntil(lambda: all(column.report is not None for column in faults.columns), timeout=LONG)
    highs = {bar.high for column in faults.columns for bar in column.bars.values()}
    assert len(highs) == 1
    assert faults.verdict.text()
    faults.shade.click()
    qtbot.waitUntil(lambda: bench.lab.stage.maps[0].scene.backdrop is not None, timeout=LONG)


def test_blur_has_a_row_for_every_likelihood(qtbot: QtBot, bench: LabBench) -> None:
    bench.lab.stage.pages.button(BLUR).click()
    rows = bench.lab.stage.blur.rows
    assert set(rows) == {"vae", "mixed", "ae"}
    qtbot.waitUntil(lambda: all(row.mean.values is not None for row in rows.values()), timeout=LONG)
    assert rows["vae"].prior_samples[0].values is not None
    assert rows["ae"].sample.isHidden()


def test_a_click_on_a_dimension_walks_along_it(qtbot: QtBot, deep: LabBench) -> None:
    deep.mapped()
    qtbot.waitUntil(lambda: len(deep.lab.stage.machine.rows[0].bars.values) == 5, timeout=LONG)
    deep.lab.stage.pages.button(MACHINE).click()
    bars = deep.lab.stage.machine.rows[0].bars
    qtbot.mouseClick(bars, LEFT, pos=bars.bar(3).center().toPoint())
    first, last = deep.settled(), deep.run.store[-1]
    assert first.z[0][3] == pytest.approx(-3)
    z = last.arrays()["z"]
    assert z[0][3] == pytest.approx(3)
    np.testing.assert_allclose(np.delete(first.z[0], 3), np.delete(z[0], 3), atol=1e-5)


def test_more_dimensions_are_drawn_on_chosen_axes(qtbot: QtBot, deep: LabBench) -> None:
    deep.mapped()
    view, part = deep.lab.stage.maps[0], deep.lab.stage.panels[0]
    assert part.first.currentData() == PCA
    assert view.scene.axes == ("PC 1", "PC 2")
    part.first.set_data(3)
    part.second.set_data(0)
    part.first.picked.emit(3)
    assert view.scene.axes == ("z_{4}", "z_{1}")
    assert view.scene.points is not None
    np.testing.assert_allclose(view.scene.points.seen, view.scene.points.mu[:, [3, 0]], atol=1e-6)


def test_dragging_on_a_plane_keeps_what_it_does_not_show(deep: LabBench) -> None:
    deep.mapped()
    before = deep.settled().z[0].copy()
    part = deep.lab.stage.panels[0]
    part.first.set_data(0)
    part.second.set_data(1)
    part.first.picked.emit(0)
    deep.mapped()
    deep.lab.stage.maps[0].anchor_moved.emit("A", 0.5, 0.25)
    np.testing.assert_allclose(deep.settled().z[0], [0.5, 0.25, *before[2:]], atol=1e-5)


def test_nothing_beside(bench: LabBench) -> None:
    bench.mapped()
    bench.lab.form.beside.picked.emit("")
    assert bench.request.models == ("vae",)
    assert bench.settled().x.shape[0] == 1
    assert bench.lab.stage.panels[1].isHidden()
    assert bench.lab.timeline.strips[1].isHidden()


def test_a_model_of_other_dimensions_beside(bench: LabBench) -> None:
    bench.mapped()
    bench.lab.form.beside.picked.emit("deep")
    frame = bench.settled()
    assert frame.z.shape == (2, 5)
    bench.mapped()
    bench.lab.stage.maps[0].anchor_moved.emit("A", 0.0, 0.0)
    assert np.isfinite(bench.settled().z[1]).all()


@pytest.mark.parametrize("model", ["deep", "mixed"])
def test_a_path_through_other_models_is_on_no_map(bench: LabBench, cards: dict[str, Card], model: str) -> None:
    """A session that is opened, or a model that is chosen, has the run of other ones on the stage for a while."""
    run, frame = bench.run, bench.settled()
    bench.lab.set_model(cards[model])
    bench.lab.mapping.show(run, frame)
    assert [len(view.scene.path) for view in bench.lab.stage.maps] == [0, 0]
    assert bench.lab.stage.maps[0].scene.at is None
    bench.settled()


def test_the_model_beside_is_undone_and_done_again(bench: LabBench) -> None:
    bench.mapped()
    before = bench.request
    bench.lab.form.beside.picked.emit("deep")
    after = bench.request
    assert after.models == ("vae", "deep")
    bench.settled()
    bench.undo.undo()
    assert bench.request == before
    assert [card.id for card in bench.lab.cards] == ["vae", "ae"]
    assert bench.lab.form.beside.currentData() == "ae"
    assert bench.settled().z.shape == (2, 2)
    bench.undo.redo()
    assert bench.request == after
    assert bench.settled().z.shape == (2, 5)
    bench.mapped()


def test_undoing_across_another_model_keeps_the_anchors_within_it(bench: LabBench, cards: dict[str, Card]) -> None:
    """A dragged anchor has a point for each model; of models with other dimensions its picture is left."""
    bench.mapped()
    bench.lab.stage.maps[0].anchor_moved.emit("A", 0.25, -0.5)
    bench.lab.stage.maps[0].anchor_settled.emit()
    bench.lab.stage.maps[0].anchor_moved.emit("A", 0.5, 0.5)
    bench.lab.stage.maps[0].anchor_settled.emit()
    bench.settled()
    bench.lab.set_model(cards["deep"])
    bench.settled()
    bench.undo.undo()
    assert bench.request.models == ("deep", "deep-ae")
    assert bench.request.anchors[0].codes == ()
    assert bench.settled().z.shape == (2, 5)


def test_a_picture_of_ones_own(qtbot: QtBot, bench: LabBench) -> None:
    bench.mapped()
    own = np.random.default_rng(5).integers(0, 255, (28, 28), dtype=np.uint8)
    bench.lab.form.pictures.add_picture(own, "mine.png")
    qtbot.mouseClick(bench.lab.form.anchors.buttons["B"], LEFT)
    assert bench.request.anchors[-1] == Anchor(digest(own))
    bench.settled()
    qtbot.waitUntil(lambda: bench.lab.codes.of("ae", digest(own)) is not None, timeout=LONG)
    bench.mapped()


def test_the_timeline_plays_the_path(qtbot: QtBot, bench: LabBench) -> None:
    bench.settled()
    bench.session.seek(0.0)
    bench.lab.draw()
    first = bench.lab.point.text("norm", 0)
    bench.player.step(1)
    assert bench.session.cursor == pytest.approx(1 / 23)
    bench.player.jump(1)
    bench.lab.draw()
    assert bench.session.cursor == 1.0
    assert bench.lab.point.text("norm", 0) != first
    assert bench.lab.timeline.readout.text().startswith("s = 1.00 / 1.00")


def test_plots_read_the_frames(bench: LabBench) -> None:
    bench.settled()
    bench.lab.timeline.plots.make()
    [nearest, *_] = bench.lab.timeline.plots.panels
    frames = [frame.arrays()["nearest"] for frame in bench.run.store]
    for curve, column in zip(nearest.drawn, np.transpose(frames), strict=True):
        assert curve.line is not None
        np.testing.assert_allclose(curve.line.ys, column, rtol=1e-5)
        np.testing.assert_allclose(curve.line.xs, bench.run.plan.positions)


def test_solid_and_dashed_curves_are_named(bench: LabBench) -> None:
    bench.settled()
    plots = bench.lab.timeline.plots
    plots.make()
    assert plots.stack is not None
    key, [nearest, *_] = plots.key, plots.panels
    assert key.isVisible()
    assert key.names == ("VAE", "AE")
    assert key.width() == key.sizeHint().width()
    assert [curve.style for curve in nearest.given.series] == ["solid", "dashed"]
    runs = [row_of_lines(key, nearest.given.series[n].hue) for n in range(2)]
    assert max(runs[0]) > 12 > max(runs[1]) > 1, "an unbroken line stands before VAE, a broken one before AE"
    first, second = bench.run.store[0].arrays()["nearest"]
    said = [plain(text) for text, _ in plots.stack.read(nearest, nearest.to_px(0.0, first))]
    assert said == ["s = 0.00", f"d_real, VAE = {figure(first)}", f"d_real, AE = {figure(second)}"]
    bench.lab.form.beside.picked.emit("")
    bench.settled()
    assert not key.isVisible(), "one curve needs no key"


def row_of_lines(key: QWidget, hue: str) -> list[int]:
    """Lengths of the pieces of a line in the middle row of `key` that have the colour `hue`."""
    row = like(grab(key)[key.height() // 2], theme.color(hue), tolerance=40)
    pieces = np.split(row, np.flatnonzero(np.diff(row)) + 1)
    return [len(piece) for piece in pieces if piece[0]]


def test_a_damaged_model_is_said_in_place(qtbot: QtBot, tmp_path: Path) -> None:
    cards = save_models(tmp_path)
    path = cards["ae"].folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-50])
    bench = LabBench(qtbot, cards)
    problem = bench.lab.form.panel.problem
    qtbot.waitUntil(lambda: bool(problem.text.text()), timeout=LONG)
    assert "damaged" in problem.text.text()
    bench.lab.form.beside.picked.emit("")
    bench.settled()
    assert problem.isHidden()
    bench.close()


def test_a_model_of_unknown_pictures(qtbot: QtBot, cards: dict[str, Card]) -> None:
    """There is no picture to begin with, no real image and no class: a path between two points, and hovering."""
    bench = LabBench(qtbot, cards, "strange")
    frame = bench.settled()
    assert frame.nearest is None
    np.testing.assert_allclose(frame.z[0], [-1, -1, -1])
    view = bench.lab.stage.maps[0]
    assert list(view.scene.anchors) == ["A", "B"]
    view.anchor_moved.emit("A", 0.5, 0.5)
    np.testing.assert_allclose(bench.settled().z[0], [0.5, 0.5, -1], atol=1e-6)
    qtbot.mouseMove(view, view.rect().center())
    qtbot.waitUntil(lambda: view._preview is not None, timeout=LONG)
    bench.lab.stage.pages.button(FAULTS).click()
    column = bench.lab.stage.faults.columns[0]
    qtbot.waitUntil(lambda: not column.problem.isHidden(), timeout=LONG)
    assert "no real images" in column.problem.text()
    bench.close()


def test_run_computes_again_and_cancel_keeps_what_came(qtbot: QtBot, bench: LabBench) -> None:
    bench.settled()
    before = bench.run
    qtbot.mouseClick(bench.lab.form.panel.run, LEFT)
    assert bench.run is not before
    bench.settled()
    bench.lab.form.draft.set_value(("frames",), 512, "Frames")
    qtbot.waitUntil(lambda: len(bench.run.store) > 0, timeout=LONG)
    bench.lab.form.panel.cancel_asked.emit()
    qtbot.waitUntil(lambda: bench.run.status.final, timeout=LONG)
    assert 0 < len(bench.run.store) <= 512


def test_an_inactive_lab_asks_nothing(bench: LabBench) -> None:
    bench.mapped()
    bench.lab.set_active(False)
    run = bench.run
    bench.lab.form.draft.set_value(("curve",), "slerp", "Curve")
    assert bench.run is run


def test_the_path_is_exported_from_the_window(qtbot: QtBot, bench: LabBench, tmp_path: Path) -> None:
    bench.settled()
    target = tmp_path / "path.gif"
    kept = Preferences(tmp_path / "preferences.ini")
    kept["export_format"] = "gif"
    dialog = ExportDialog(bench.run, 0.5, bench.session.cards, kept, choose=lambda *_: target)
    qtbot.addWidget(dialog)
    dialog.export()
    qtbot.waitUntil(lambda: dialog.written == target, timeout=LONG)
    assert target.stat().st_size > 1000
    dialog.reject()


def test_dead_dimensions_are_flagged(qtbot: QtBot) -> None:
    bars = KlBars()
    qtbot.addWidget(bars)
    bars.resize(200, 92)
    bars.show_values(np.array([2.0, 0.001, 0.5], np.float32))
    assert bars.dead() == (1,)
    assert bars.grab().toImage() != KlBars().grab().toImage()
    with qtbot.waitSignal(bars.dimension_chosen) as caught:
        waiting.stand_on(qtbot, bars)
        qtbot.keyClick(bars, Qt.Key.Key_Right)
        qtbot.keyClick(bars, Qt.Key.Key_Space)
    assert caught.args == [1]


def test_the_kl_of_two_gaussians_can_be_dragged_here_too(bench: LabBench) -> None:
    stage = bench.lab.stage
    stage.pages.button(KL).click()
    assert stage.kl.isVisible()
    stage.kl.set_gaussian(0, 0.0, 1.0)
    stage.kl.set_gaussian(1, 0.0, 1.0)
    assert stage.kl.values.forward == 0
