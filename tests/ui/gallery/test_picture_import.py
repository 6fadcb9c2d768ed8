"""The dialog that takes a picture in: crop, turn, invert, preview."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.imaging import Crop
from diffviz.ui.gallery.crop_view import CropView
from diffviz.ui.gallery.picture_import import PictureDialog

LEFT = Qt.MouseButton.LeftButton


def halves(width: int = 200, height: int = 100) -> Image.Image:
    """Black on the left, white on the right."""
    made = Image.new("RGB", (width, height))
    made.paste((255, 255, 255), (width // 2, 0, width, height))
    return made


@pytest.fixture
def view(qtbot: QtBot) -> CropView:
    made = CropView(halves(), 1.0)
    qtbot.addWidget(made)
    made.resize(416, 216)
    made.show()
    return made


def drag(view: CropView, start: QPoint, to: QPoint) -> None:
    QTest.mousePress(view, LEFT, pos=start)
    QTest.mouseMove(view, (start + to) / 2)
    QTest.mouseMove(view, to)
    QTest.mouseRelease(view, LEFT, pos=to)


def test_the_crop_is_dragged_by_its_middle_and_stays_inside(view: CropView) -> None:
    assert view.crop == Crop(50, 0, 100, 100)
    centre = view.crop_rect().center().toPoint()
    drag(view, centre, centre + QPoint(20, 0))
    assert view.crop == Crop(60, 0, 100, 100)
    drag(view, view.crop_rect().center().toPoint(), QPoint(414, 100))
    assert view.crop == Crop(100, 0, 100, 100)


def test_a_corner_resizes_and_the_opposite_one_stays(view: CropView) -> None:
    corner = view.crop_rect().topLeft().toPoint()
    drag(view, corner, corner + QPoint(40, 40))
    left, top, right, bottom = view.crop.box
    assert (right, bottom) == pytest.approx((150, 100))
    assert (left, top) == pytest.approx((70, 20), abs=1)


def test_a_corner_dragged_outside_keeps_the_aspect(view: CropView) -> None:
    view.set_crop(Crop(20, 20, 40, 40))
    corner = view.crop_rect().bottomRight().toPoint()
    drag(view, corner, QPoint(1000, 1000))
    assert view.crop.box == pytest.approx((20, 20, 100, 100))


def test_keys_move_and_resize(view: CropView) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(view, key)
    assert view.crop == Crop(51, 0, 100, 100)
    QTest.keyClick(view, Qt.Key.Key_Minus)
    assert view.crop.width == 98
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.crop.width == 100


def test_a_click_outside_the_crop_does_nothing(view: CropView) -> None:
    drag(view, QPoint(12, 100), QPoint(200, 100))
    assert view.crop == Crop(50, 0, 100, 100)


def dialog(qtbot: QtBot, picture: Image.Image, shape: tuple[int, ...] = (8, 8), *, dark: bool = True) -> PictureDialog:
    made = PictureDialog(picture, "halves.png", shape, dark=dark)
    qtbot.addWidget(made)
    made.show()
    return made


def test_pixels_are_those_of_the_crop(qtbot: QtBot) -> None:
    made = dialog(qtbot, halves())
    made.invert.setChecked(False)
    expected = np.repeat(np.array([[0] * 4 + [255] * 4], np.uint8), 8, axis=0)
    assert (made.pixels() == expected).all()
    made.invert.setChecked(True)
    assert (made.pixels() == 255 - expected).all()


def test_the_preview_follows(qtbot: QtBot) -> None:
    made = dialog(qtbot, halves())
    before = made.preview.pixmap().toImage()
    made.view.set_crop(Crop(100, 0, 100, 100))
    assert made.preview.pixmap().toImage() != before


def test_turning_four_times_comes_back(qtbot: QtBot) -> None:
    made = dialog(qtbot, halves(), (8, 8, 3))
    before = made.pixels()
    QTest.mouseClick(made.right, LEFT)
    assert made.picture.size == (100, 200)
    assert made.pixels()[0].max() == 0
    QTest.mouseClick(made.left, LEFT)
    assert (made.pixels() == before).all()


@pytest.mark.parametrize(("ground", "dark", "inverted"), [(255, True, True), (0, True, False), (255, False, False)])
def test_a_bright_picture_is_inverted_for_a_dark_model(qtbot: QtBot, ground: int, dark: bool, inverted: bool) -> None:
    made = dialog(qtbot, Image.new("RGB", (20, 20), (ground,) * 3), dark=dark)
    assert made.invert.isChecked() == inverted


@pytest.mark.parametrize("invert", [True, False])
@pytest.mark.parametrize("dark", [True, False])
def test_what_is_transparent_becomes_the_ground_of_the_model(qtbot: QtBot, dark: bool, invert: bool) -> None:
    made = dialog(qtbot, Image.new("RGBA", (20, 20), (128, 128, 128, 0)), dark=dark)
    made.invert.setChecked(invert)
    assert (made.pixels() == (0 if dark else 255)).all()


def test_accept_and_cancel(qtbot: QtBot) -> None:
    made = dialog(qtbot, halves())
    with qtbot.waitSignal(made.accepted):
        QTest.mouseClick(made.use, LEFT)
    made = dialog(qtbot, halves())
    with qtbot.waitSignal(made.rejected):
        QTest.keyClick(made, Qt.Key.Key_Escape)


def test_what_was_guessed_of_a_picture_is_said(qtbot: QtBot) -> None:
    for notes in ((), ("Taken as of 12 bits.",)):
        dialog = PictureDialog(halves(), "a.tif", (28, 28), notes, dark=True)
        qtbot.addWidget(dialog)
        dialog.show()
        assert dialog.notes.isVisible() == bool(notes)
        assert dialog.notes.text() == "".join(notes)
