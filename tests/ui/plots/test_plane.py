"""Planes: one scale both ways, gestures and keys, lasso, links, what is painted, and files of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from diffviz.domain.arrays import F64
from diffviz.ui.plots import menu, plane_layers, plane_marks
from diffviz.ui.plots.plane import PlaneView
from diffviz.ui.plots.plane_link import LassoButton, PlaneLink
from diffviz.ui.plots.plane_marks import PlaneScale, inside
from diffviz.ui.widgets import theme
from tests import waiting

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
SQUARE = ((-1.0, -1.0), (1.0, 1.0))
places = st.floats(-50, 50)


class SquarePlane(PlaneView):
    """±1 with points at the corners of a square; a marker that can be dragged is in the middle."""

    def __init__(self, corners: tuple[tuple[float, float], ...] = SQUARE) -> None:
        super().__init__("A plane")
        self.corners = corners
        self.points = plane_layers.PointsLayer()
        self.box.addItem(self.points, ignoreBounds=True)
        self.marker, self.clicks, self.group = np.zeros(2), list[QPointF](), False
        self.lassoed.connect(self._on_lassoed)

    def extent(self) -> tuple[tuple[float, float], ...]:
        return self.corners

    def compose(self) -> None:
        style = plane_layers.disc_style(theme.palette().name, "data", 9.0)
        self.points.show_points(np.array([[-0.5, -0.5], [0.5, 0.5]]), np.zeros(2, np.intp), [style])

    def moving(self) -> Iterator[plane_marks.PlaneMark]:
        yield plane_marks.DragTarget("M", self.marker)

    def take(self, at: QPointF) -> bool:
        return bool(np.hypot(*(self.scale.to_px(self.marker) - [at.x(), at.y()])) < plane_marks.TARGET)

    def move_taken(self, at: QPointF) -> None:
        self.marker = np.array(self.scale.to_plane(at.x(), at.y()))

    def click(self, at: QPointF) -> None:
        self.clicks.append(at)

    def has_choice(self) -> bool:
        return self.group

    def table(self) -> list[menu.TableColumn]:
        return [menu.TableColumn("x_1", np.array([-0.5, 0.5]))]

    def _on_lassoed(self, corners: F64 | None) -> None:
        self.group = corners is not None


@pytest.fixture
def view(qtbot: QtBot) -> SquarePlane:
    return shown(qtbot, SquarePlane())


def shown(qtbot: QtBot, view: SquarePlane) -> SquarePlane:
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    return view


def px(view: PlaneView, x: float, y: float) -> QPoint:
    return QPoint(*(round(at) for at in view.scale.to_px([x, y]).tolist()))


def drag(view: PlaneView, *way: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Press at the first place, move to the others and let go at the last."""
    QTest.mousePress(view, LEFT, modifiers, way[0])
    for at in way[1:]:
        spot = QPointF(at)
        moved = QMouseEvent(QEvent.Type.MouseMove, spot, view.mapToGlobal(spot), LEFT, LEFT, modifiers)
        QApplication.sendEvent(view, moved)
    QTest.mouseRelease(view, LEFT, modifiers, way[-1])


@given(st.tuples(places, places), st.floats(0.1, 50), places, places)
def test_a_point_and_its_pixel_are_each_others_inverse(
    low: tuple[float, float], span: float, x: float, y: float
) -> None:
    scale = PlaneScale((34, 6, 360, 270), (low[0], low[0] + span, low[1], low[1] + span))
    across, down = scale.to_px([x, y]).tolist()
    assert scale.to_plane(across, down) == pytest.approx((x, y), abs=1e-6)


def test_all_points_are_in_sight_at_first_and_as_long_both_ways(qtbot: QtBot) -> None:
    view, rng = shown(qtbot, SquarePlane()), np.random.default_rng(0)
    view.resize(500, 200)
    for count in (1, 2, 3, 20):
        points = rng.uniform(-50, 50, (count, 2)) * rng.uniform(0, 1, 2)
        view.corners = tuple((float(x), float(y)) for x, y in points)
        view.view_all()
        at, area = view.scale.to_px(points), view.area
        assert (at >= [area.left() - 1e-6, area.top() - 1e-6]).all()
        assert (at <= [area.right() + 1e-6, area.bottom() + 1e-6]).all()
        origin, right, up = view.scale.to_px([[0, 0], [1, 0], [0, 1]])
        assert right[0] - origin[0] == pytest.approx(origin[1] - up[1])


def test_zoom_keeps_the_point_under_the_pointer(view: SquarePlane) -> None:
    before = view.scale.to_plane(120, 70)
    view.zoom(3.0, QPointF(120, 70))
    assert view.scale.to_plane(120, 70) == pytest.approx(before)
    for _ in range(100):
        view.zoom(3.0)
    assert np.isfinite(view.scale.bounds).all()


def test_a_part_that_was_chosen_stays_in_sight_in_another_size(view: SquarePlane) -> None:
    view.zoom(4.0, QPointF(px(view, 0.5, 0.5)))
    seen = view.scale.bounds
    view.resize(700, 420)
    now = view.scale.bounds
    assert now[0] <= seen[0] + 1e-9 < seen[1] - 1e-9 <= now[1]
    assert not view.is_whole()
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.is_whole()


def test_arrow_keys_move_the_plane(view: SquarePlane, qtbot: QtBot) -> None:
    waiting.stand_on(qtbot, view)
    before = view.scale
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.scale.bounds[0] == pytest.approx(before.bounds[0] + 40 / before.per_unit)
    QTest.keyClick(view, Qt.Key.Key_Up, CTRL)
    assert view.scale.bounds[2] == pytest.approx(before.bounds[2] + 40 / before.per_unit)


def test_what_is_taken_follows_the_pointer_and_stays_within_the_axes(view: SquarePlane) -> None:
    drag(view, px(view, 0, 0), px(view, 0.4, 0.2))
    assert view.marker == pytest.approx([0.4, 0.2], abs=1 / view.scale.per_unit)
    drag(view, px(view, *view.marker.tolist()), QPoint(5000, -4000))
    assert view.marker == pytest.approx([view.scale.bounds[1], view.scale.bounds[3]])
    assert view.is_whole(), "the plane itself did not move"


def test_a_press_that_hardly_moves_is_a_click_and_a_drag_is_none(view: SquarePlane) -> None:
    free = px(view, -0.5, 0.5)
    drag(view, free, free + QPoint(1, 1))
    assert len(view.clicks) == 1
    assert view.is_whole()
    drag(view, free, free + QPoint(30, 10))
    assert len(view.clicks) == 1
    assert not view.is_whole()


def test_control_and_a_drag_move_the_plane_also_where_something_can_be_taken(view: SquarePlane) -> None:
    drag(view, px(view, 0, 0), px(view, 0, 0) + QPoint(30, 0), modifiers=CTRL)
    assert view.marker == pytest.approx([0, 0])
    assert not view.is_whole()


@given(st.lists(st.tuples(places, places), min_size=1, max_size=30), st.floats(1, 40), st.integers(3, 40))
def test_a_lasso_around_a_circle_holds_what_is_in_the_circle(
    points: list[tuple[float, float]], radius: float, corners: int
) -> None:
    turns = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = radius * np.stack([np.cos(turns), np.sin(turns)], 1)
    held, gaps = inside(ring, points), np.hypot(*np.asarray(points).T)
    assert held[gaps < radius * np.cos(np.pi / corners) - 1e-9].all(), "all within the inner circle"
    assert not held[gaps > radius + 1e-9].any(), "none beyond the outer one"


def test_a_lasso_that_crosses_itself_is_even_odd() -> None:
    star = [[0.0, 3.0], [1.8, -2.4], [-2.9, 0.9], [2.9, 0.9], [-1.8, -2.4]]
    assert inside(star, [[0, 0], [0, 2], [4, 0]]).tolist() == [False, True, False]
    assert not inside([[0, 0], [1, 1]], [[0.5, 0.5]]).any(), "two corners hold nothing"


def test_shift_and_a_drag_draw_a_lasso(qtbot: QtBot, view: SquarePlane) -> None:
    way = [px(view, *at) for at in ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))]
    with qtbot.waitSignal(view.lassoed) as caught:
        drag(view, *way, modifiers=SHIFT)
    assert inside(caught.args[0], [[-0.5, -0.5], [0.5, 0.5]]).tolist() == [False, True]
    assert view.is_whole()
    with qtbot.waitSignal(view.lassoed) as caught:
        QTest.keyClick(view, Qt.Key.Key_Escape)
    assert caught.args == [None]


def test_a_lasso_is_seen_while_it_is_drawn(view: SquarePlane) -> None:
    bare = view.grab().toImage()
    QTest.mousePress(view, LEFT, SHIFT, px(view, -0.8, -0.8))
    for at in (px(view, 0.8, -0.8), px(view, 0.8, 0.8)):
        QApplication.sendEvent(view, QMouseEvent(QEvent.Type.MouseMove, QPointF(at), QPointF(at), LEFT, LEFT, SHIFT))
    assert view.grab().toImage() != bare
    QTest.mouseRelease(view, LEFT, SHIFT, px(view, 0.8, 0.8))


def test_control_and_a_choose_what_is_in_sight(qtbot: QtBot, view: SquarePlane) -> None:
    view.zoom(3.0, QPointF(px(view, 0.5, 0.5)))
    with qtbot.waitSignal(view.lassoed) as caught:
        QTest.keyClick(view, Qt.Key.Key_A, CTRL)
    assert inside(caught.args[0], [[-0.5, -0.5], [0.5, 0.5]]).tolist() == [False, True]


def test_the_button_lets_the_next_drag_draw_a_lasso_and_lets_the_choice_go(qtbot: QtBot, view: SquarePlane) -> None:
    button = LassoButton()
    qtbot.addWidget(button)
    button.show()
    button.connect_to([view])
    qtbot.mouseClick(button, LEFT)
    assert view.lassoing
    with qtbot.waitSignal(view.lassoed):
        drag(view, *(px(view, *at) for at in ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8))))
    assert not view.lassoing
    assert view.is_whole()
    button.show_choice(True)
    with qtbot.waitSignal(view.lassoed) as caught:
        qtbot.mouseClick(button, LEFT)
    assert caught.args == [None]


def test_linked_planes_look_at_the_same_part(qtbot: QtBot) -> None:
    around, views = QWidget(), [SquarePlane(), SquarePlane(((-9.0, -9.0), (9.0, 9.0)))]
    qtbot.addWidget(around)
    row = QHBoxLayout(around)
    for view in views:
        row.addWidget(view)
    link = PlaneLink(views, parent=around)
    around.resize(800, 300)
    around.show()
    one, other = views
    one.view_all()
    assert one.scale.bounds[1] >= 9, "all of both"
    one.zoom(3.0, QPointF(100, 100))
    assert other.scale.bounds == pytest.approx(one.scale.bounds)
    other.pan(25, -10)
    assert one.scale.bounds == pytest.approx(other.scale.bounds)
    link.switch(False)
    one.zoom(3.0, QPointF(100, 100))
    assert other.is_whole()
    link.allow(False)
    link.switch(True)
    one.zoom(3.0, QPointF(100, 100))
    assert other.is_whole(), "of another kind: they are not linked"


def test_the_menu_has_what_the_plane_can_do(view: SquarePlane) -> None:
    made = view.context_menu()
    texts = [action.text().split("\t")[0] for action in made.actions() if action.text()]
    for text in ("View all", "Lasso", "Grid", "Choose what is in sight", "Choose nothing", "Copy as picture"):
        assert text in texts
    bare = view.grab().toImage()
    next(action for action in made.actions() if action.text() == "Grid").trigger()
    assert view.grab().toImage() != bare
    made.deleteLater()


@pytest.mark.parametrize("kind", ["png", "svg", "csv"])
def test_it_is_written_as_a_file(view: SquarePlane, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"plane.{kind}"
    menu.save(view, path)
    written = path.read_bytes()
    if kind == "png":
        assert QImage(str(path)).width() == 2 * view.width()
    elif kind == "svg":
        assert b"<image" not in written, "glyphs are shapes, not pictures"
        assert written.count(b"<path") >= 2
    else:
        assert written.decode("utf-8-sig").split() == ["x₁", "-0.5", "0.5"]


def test_a_picture_lies_with_the_middle_of_its_pixels_on_the_points(qtbot: QtBot, view: SquarePlane) -> None:
    """Values at −1, 0 and 1: each colours the half cell around its own point, so its colour is at the point."""
    layer = plane_layers.PictureLayer()
    view.box.addItem(layer, ignoreBounds=True)
    pixels = np.zeros((3, 3, 3), np.uint8)
    pixels[0, 2] = 200, 10, 10  # the highest y, the highest x
    layer.show_pixels(pixels, plane_layers.around(0.8, 3))
    view.renew()
    image = view.grab().toImage()
    assert near(image, px(view, 0.8, 0.8), QColor(200, 10, 10))
    assert near(image, px(view, 0.8, -0.8), QColor(0, 0, 0))
    assert near(image, px(view, 0.5, 0.78), QColor(200, 10, 10)), "as far as half a cell"


def near(image: QImage, at: QPoint, wanted: QColor) -> bool:
    seen = image.pixelColor(at)
    return all(abs(a - b) < 25 for a, b in zip(seen.getRgb()[:3], wanted.getRgb()[:3], strict=True))  # type: ignore[index]


def test_isolines_lie_where_the_heights_have_their_level() -> None:
    axis = np.linspace(-2, 2, 81)
    x, y = np.meshgrid(axis, axis, indexing="ij")
    (line,) = plane_layers.isolines(np.hypot(x - 0.5, y), [1.0], 2.0)
    assert np.hypot(line[:, 0] - 0.5, line[:, 1]) == pytest.approx(np.ones(len(line)), abs=0.01)


def test_arrows_are_no_longer_than_they_may_be(view: SquarePlane) -> None:
    layer = plane_layers.ArrowsLayer("text")
    view.box.addItem(layer, ignoreBounds=True)
    layer.show_arrows([[-0.9, 0.9]], [[0.9, 0.9]], 30.0)
    view.renew()
    image, ground = view.grab().toImage(), theme.blend("panel", "ground", 0.55)
    tail = px(view, -0.9, 0.9)
    assert not near(image, tail + QPoint(20, 0), ground)
    assert near(image, tail + QPoint(60, 0), ground)


def test_classes_are_told_apart_and_pale_ones_lie_below(view: SquarePlane) -> None:
    glyphs = plane_layers.PointsLayer()
    view.box.addItem(glyphs, ignoreBounds=True)
    labels, at = np.array([3, 3]), np.array([[0.5, -0.5], [-0.5, 0.5]])
    glyphs.show_classes(at, labels, np.array([True, False]))
    view.renew()
    image = view.grab().toImage()
    bright, pale = (image.pixelColor(px(view, *place)) for place in at.tolist())
    assert bright != pale
    assert bright.valueF() > pale.valueF()
