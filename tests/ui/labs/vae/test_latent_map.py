"""The latent map: one scale for both directions, and everything that pointer and keyboard can do on it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from diffviz.domain.text import set_language
from diffviz.theory.latent import Plane
from diffviz.ui.gallery.gallery import IMAGE
from diffviz.ui.labs.vae.class_legend import ClassLegend
from diffviz.ui.labs.vae.latent_map import LatentMap
from diffviz.ui.labs.vae.map_scene import Backdrop, MapPoints, MapScene
from diffviz.ui.labs.vae.stage import VaeStage
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.glyphs import SHAPES, shape
from tests import waiting


def points(count: int = 60, seed: int = 0) -> MapPoints:
    mu = np.random.default_rng(seed).standard_normal((count, 2)).astype(np.float32)
    return MapPoints(mu, np.full_like(mu, 0.1), mu.astype(np.float64), np.arange(count) % 3)


@pytest.fixture
def view(qtbot: QtBot) -> LatentMap:
    made = LatentMap()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.set_points(points())
    made.scene.anchors = {"A": np.array([-1.0, 0.5]), "B": np.array([1.0, -0.5])}
    return made


def px(view: LatentMap, x: float, y: float) -> QPoint:
    at = view.scale.to_px([[x, y]])[0]
    return QPoint(round(at[0]), round(at[1]))


def test_a_map_without_points_has_a_plane_of_some_size(qtbot: QtBot) -> None:
    made = LatentMap()
    qtbot.addWidget(made)
    made.scene.prior = False
    made.resize(400, 300)
    made.view_all()
    x_from, x_to, y_from, y_to = made.scale.bounds
    assert min(x_to - x_from, y_to - y_from) >= 6


def test_hovering_says_where(qtbot: QtBot, view: LatentMap) -> None:
    with qtbot.waitSignal(view.hovered) as caught:
        qtbot.mouseMove(view, px(view, 0.3, 0.2))
    assert caught.args == pytest.approx([0.3, 0.2], abs=1.5 / view.scale.per_unit)


def test_what_is_near_the_pointer_is_looked_for_once(view: LatentMap, monkeypatch: pytest.MonkeyPatch) -> None:
    placed, looked = view.scene.points, list[MapScene]()
    assert placed is not None
    shown = MapScene.shown

    def look(scene: MapScene) -> NDArray[np.bool_]:
        looked.append(scene)
        return shown(scene)

    monkeypatch.setattr(MapScene, "shown", look)
    at = QPointF(px(view, *placed.seen[7].tolist()))
    near = view.image_at(at)
    assert near is not None
    assert [view.image_at(at), view.image_at(at), len(looked)] == [near, near, 1]
    view.hide_classes(frozenset({int(placed.labels[near])}))
    assert view.image_at(at) != near, "it is hidden"
    view.hide_classes(frozenset())
    assert view.image_at(at) == near
    view.zoom(4.0, at + QPointF(60, 0))
    assert view.image_at(at) != near, "another place lies there"


def test_dragging_an_anchor_follows_the_pointer(qtbot: QtBot, view: LatentMap) -> None:
    moves: list[tuple[str, float, float]] = []
    view.anchor_moved.connect(lambda *args: moves.append(args))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=px(view, -1.0, 0.5))
    assert view.held == "A"
    drag(view, px(view, 0.5, 0.5))
    with qtbot.waitSignal(view.anchor_settled):
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=px(view, 0.5, 0.5))
    name, x, y = moves[-1]
    assert name == "A"
    assert (x, y) == pytest.approx((0.5, 0.5), abs=1.5 / view.scale.per_unit)
    assert view.held == ""


def test_an_anchor_stays_on_the_map(qtbot: QtBot, view: LatentMap) -> None:
    moves: list[tuple[str, float, float]] = []
    view.anchor_moved.connect(lambda *args: moves.append(args))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=px(view, -1.0, 0.5))
    drag(view, QPoint(5000, -4000))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(5000, -4000))
    x0, x1, y0, y1 = view.scale.bounds
    _, x, y = moves[-1]
    assert x0 <= x <= x1
    assert y0 <= y <= y1


def drag(view: LatentMap, to: QPoint) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    left = Qt.MouseButton.LeftButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(to), view.mapToGlobal(QPointF(to)), left, left, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(view, event)


def test_dragging_the_ground_pans(qtbot: QtBot, view: LatentMap) -> None:
    free = QPoint(60, 20)
    before = view.scale
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=free)
    drag(view, free + QPoint(30, 10))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=free + QPoint(30, 10))
    assert view.scale.bounds[0] == pytest.approx(before.bounds[0] - 30 / before.per_unit)
    assert view.scale.per_unit == pytest.approx(before.per_unit)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=free)
    assert view.scale.bounds == pytest.approx(before.bounds)


def test_the_wheel_zooms(qtbot: QtBot, view: LatentMap) -> None:
    before = view.scale.per_unit
    at = QPointF(100, 100)
    event = QWheelEvent(
        at, at, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    with qtbot.waitSignal(view.view_changed):
        QApplication.sendEvent(view, event)
    assert view.scale.per_unit == pytest.approx(1.2 * before)


def test_a_click_chooses_the_image_under_it(qtbot: QtBot, view: LatentMap) -> None:
    assert view.scene.points is not None
    x, y = view.scene.points.seen[17]
    with qtbot.waitSignal(view.image_chosen) as caught:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=px(view, float(x), float(y)))
    chosen = view.scene.points.seen[caught.args[0]]
    assert np.hypot(*(chosen - [x, y])) * view.scale.per_unit < 3


def test_only_the_isolated_class_can_be_clicked(qtbot: QtBot, view: LatentMap) -> None:
    assert view.scene.points is not None
    x, y = view.scene.points.seen[17]  # of class 2
    view.isolate(1)
    number = view.image_at(QPointF(px(view, float(x), float(y))))
    assert number is None or view.scene.points.labels[number] == 1


def test_keys_go_from_anchor_to_anchor_and_move_them(qtbot: QtBot, view: LatentMap) -> None:
    moves: list[tuple[str, float, float]] = []
    view.anchor_moved.connect(lambda *args: moves.append(args))
    waiting.stand_on(qtbot, view)
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert view.held == "A"
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert view.held == "B"
    qtbot.keyClick(view, Qt.Key.Key_Up)
    [(name, x, y)] = moves
    assert (name, x) == ("B", 1.0)
    assert y == pytest.approx(-0.5 + 4 / view.scale.per_unit)
    before = view.scale.per_unit
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.scale.per_unit > before
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view.scale.per_unit == pytest.approx(before)
    qtbot.keyClick(view, Qt.Key.Key_0)


def dropped(view: LatentMap, data: QMimeData, at: QPoint) -> None:
    event = QDropEvent(
        QPointF(at), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    view.dropEvent(event)


def test_a_picture_dropped_on_the_map(qtbot: QtBot, view: LatentMap) -> None:
    data = QMimeData()
    data.setData(IMAGE, b"abc")
    with qtbot.waitSignal(view.image_dropped) as caught:
        dropped(view, data, px(view, 1, 0))
    assert caught.args[0] == "abc"
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile("/tmp/mine.png")])
    with qtbot.waitSignal(view.pictures_dropped):
        dropped(view, files, px(view, 1, 0))


def test_everything_is_painted(qtbot: QtBot, view: LatentMap) -> None:
    """Backdrop, points, prior, path, ellipse, anchors, cursor and preview: each changes what is seen."""
    bare = view.grab().toImage()
    view.pointer = QPointF(150, 120)
    changes = {
        "path": np.array([[-1.0, 0.5], [1, -0.5]]),
        "at": np.array([0.1, 0.4]),
        "ellipse": (np.array([0.5, 0.5]), (0.4, 0.2, 0.3)),
    }
    for name, value in changes.items():
        setattr(view.scene, name, value)
        now = view.grab().toImage()
        assert now != bare, name
        bare = now
    view.set_backdrop(Backdrop(np.full((4, 4, 3), 90, np.uint8), view.scale.bounds))
    behind = view.grab().toImage()
    assert behind != bare
    view.show_preview(np.zeros((1, 8, 8), np.float32))
    assert view.grab().toImage() != behind


def test_more_dimensions_on_a_plane(qtbot: QtBot, view: LatentMap) -> None:
    view.scene.plane = Plane.of_dimensions(5, 3, 1)
    view.recompose()
    view.grab()


def test_glyphs_differ_in_shape() -> None:
    outlines = {_outline(index) for index in range(SHAPES)}
    assert len(outlines) == SHAPES


def _outline(index: int) -> tuple[tuple[float, float], ...]:
    path = shape(index, QPointF(0, 0), 4)
    elements = [path.elementAt(i) for i in range(path.elementCount())]
    return tuple((round(e.x, 3), round(e.y, 3)) for e in elements)


def test_the_legend_isolates_a_class(qtbot: QtBot) -> None:
    legend = ClassLegend()
    qtbot.addWidget(legend)
    legend.set_classes(["a", "b", "c"])
    legend.show()
    with qtbot.waitSignal(legend.isolated) as caught:
        qtbot.mouseClick(legend.chips[1], Qt.MouseButton.LeftButton)
    assert caught.args == [1]
    assert [chip.pale for chip in legend.chips] == [True, False, True]
    with qtbot.waitSignal(legend.isolated) as caught:
        qtbot.mouseClick(legend.chips[1], Qt.MouseButton.LeftButton)
    assert caught.args == [None]


def test_a_thousand_classes_are_searched(qtbot: QtBot) -> None:
    legend = ClassLegend()
    qtbot.addWidget(legend)
    legend.set_classes([f"class {i}" for i in range(1000)])
    legend.show()
    assert not legend.chips
    assert legend.search.isVisible()
    assert legend.search.count() == 1001


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_head_of_the_stage_fits_a_narrow_window(qtbot: QtBot, language: str) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, "dark")
    set_language(language)
    stage = VaeStage()
    qtbot.addWidget(stage)
    stage.linked.show()
    stage.resize(570, 420)
    stage.show()
    parts = [*stage.pages.buttons(), stage.linked, *stage.backdrops.buttons()]
    for part, following in pairwise(parts):
        assert part.mapTo(stage, part.rect().topRight()).x() < following.mapTo(stage, QPoint(0, 0)).x()
    assert parts[-1].mapTo(stage, parts[-1].rect().topRight()).x() < stage.width()
    for button in (*stage.pages.buttons(), *stage.backdrops.buttons()):
        assert button.width() >= button.fontMetrics().horizontalAdvance(button.text())
