"""The gallery: choosing, filtering and shuffling pictures, and taking one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from diffviz.domain.requests import Image, digest
from diffviz.ui.gallery.gallery import IMAGE, MOST, Gallery, PicturePicker
from diffviz.ui.gallery.picture_source import pictures_in
from diffviz.ui.widgets.picture_grid import SIDE
from diffviz.ui.widgets.pixmaps import qimage, thumbnail
from tests.ui.forms.fakes import CLASSES, Stage, dataset

DATA = dataset(200)


class Opened:
    """A gallery and the starts it gave."""

    def __init__(self, qtbot: QtBot) -> None:
        self.session = Stage().session
        self.gallery = Gallery(self.session, np.random.default_rng(0))
        qtbot.addWidget(self.gallery)
        self.gallery.set_data(DATA)
        self.gallery.show_start(self.gallery.first_start())
        self.gallery.resize(240, 500)
        self.gallery.show()
        self.starts: list[Image] = []
        self.gallery.start_chosen.connect(self.starts.append)

    def names(self) -> list[str]:
        return [tile.sha256 for tile in self.gallery.sheet.tiles.tiles]

    def click(self, number: int) -> None:
        at = self.gallery.sheet.rect_of(number).center()
        QTest.mouseClick(self.gallery.sheet.viewport(), Qt.MouseButton.LeftButton, pos=at)


@pytest.fixture
def opened(qtbot: QtBot) -> Opened:
    return Opened(qtbot)


def label_of(sha256: str) -> int:
    number = next(i for i, pixels in enumerate(DATA.images) if digest(pixels) == sha256)
    return int(DATA.labels[number])


def test_the_first_start_has_every_class_and_its_pixels_travel(opened: Opened) -> None:
    start = opened.gallery.first_start()
    assert len(start.sha256) == 8
    assert start.shape == (8, 8)
    assert [label_of(name) for name in start.sha256[: len(CLASSES)]] == list(range(len(CLASSES)))
    assert set(start.sha256) <= opened.session.images.keys()


def test_a_click_chooses_and_another_gives_up(opened: Opened) -> None:
    before = opened.gallery.first_start().sha256
    new = next(i for i, name in enumerate(opened.names()) if name not in before)
    opened.click(new)
    assert opened.starts[-1].sha256 == (*before, opened.names()[new])
    assert opened.names()[new] in opened.session.images
    opened.click(new)
    assert opened.starts[-1].sha256 == before
    assert opened.gallery.count.text() == "8 of 16"


def test_the_keyboard_chooses_too(opened: Opened) -> None:
    QTest.keyClick(opened.gallery.sheet, Qt.Key.Key_Right)
    QTest.keyClick(opened.gallery.sheet, Qt.Key.Key_Space)
    assert opened.names()[1] not in opened.starts[-1].sha256


def test_one_picture_stays(opened: Opened) -> None:
    opened.gallery.show_start(Image(opened.gallery.first_start().sha256[:1], (8, 8)))
    opened.click(0)
    assert opened.starts == []
    assert "At least one" in opened.gallery.error.text()


def test_no_more_than_sixteen_and_there_is_always_another_to_see(opened: Opened) -> None:
    for number in range(16):
        if opened.names()[number] not in opened.gallery._chosen:
            opened.click(number)
    assert len(opened.starts[-1].sha256) == MOST
    QTest.mouseClick(opened.gallery.shuffle, Qt.MouseButton.LeftButton)
    assert len(opened.names()) > MOST
    given = len(opened.starts)
    opened.click(MOST)
    assert len(opened.starts) == given
    assert "No more than 16" in opened.gallery.error.text()


def test_shuffling_keeps_the_chosen_and_shows_others(opened: Opened) -> None:
    before, chosen = set(opened.names()), set(opened.gallery.first_start().sha256)
    QTest.mouseClick(opened.gallery.shuffle, Qt.MouseButton.LeftButton)
    assert chosen <= set(opened.names())
    assert set(opened.names()) != before
    assert len(opened.names()) == len(set(opened.names())) == 16
    assert opened.starts == []


def test_the_class_filter_shows_one_class_beside_the_chosen(opened: Opened) -> None:
    opened.gallery.classes.picked.emit(None)
    opened.gallery.classes.set_data(2)
    opened.gallery.classes.picked.emit(2)
    chosen = opened.gallery.first_start().sha256
    others = [name for name in opened.names() if name not in chosen]
    assert {label_of(name) for name in others} == {2}


def test_a_start_from_elsewhere_is_shown(opened: Opened) -> None:
    pixels = np.full((8, 8), 9, np.uint8)
    name = opened.session.add_image(pixels)
    opened.gallery.show_start(Image((name,), (8, 8)))
    assert opened.names()[0] == name
    assert opened.gallery.count.text() == "1 of 16"


def test_an_own_picture_comes_first_and_is_chosen(opened: Opened) -> None:
    pixels = np.full((8, 8), 9, np.uint8)
    opened.gallery.add_picture(pixels, "mine.png")
    assert opened.starts[-1].sha256[0] == digest(pixels)
    assert len(opened.starts[-1].sha256) == 9
    opened.gallery.add_picture(np.full((4, 4), 9, np.uint8), "of another size.png")
    assert len(opened.starts[-1].sha256) == 1
    assert opened.starts[-1].shape == (4, 4)


def test_without_a_data_set_there_is_only_ones_own(qtbot: QtBot) -> None:
    gallery = Gallery(Stage().session)
    qtbot.addWidget(gallery)
    gallery.set_data(None)
    gallery.show()
    assert gallery.first_start().sha256 == ()
    assert not gallery.classes.isVisible()
    assert not gallery.shuffle.isVisible()
    assert gallery.open.isVisible()


def dragged(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def test_only_pictures_are_taken_from_what_is_dragged() -> None:
    assert pictures_in(dragged(Path("/a/x.PNG"), Path("/a/y.txt"), Path("/a/z.jpg"))) == [
        Path("/a/x.PNG"),
        Path("/a/z.jpg"),
    ]
    assert pictures_in(QMimeData()) == []


def test_dropped_pictures_are_told(opened: Opened, qtbot: QtBot) -> None:
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    data, text = dragged(Path("/a/x.png")), dragged(Path("/a/x.txt"))
    enter = QDragEnterEvent(QPointF(5, 5).toPoint(), action, data, button, key)
    enter.ignore()
    QApplication.sendEvent(opened.gallery, enter)
    assert enter.isAccepted()
    refused = QDragEnterEvent(QPointF(5, 5).toPoint(), action, text, button, key)
    refused.ignore()
    QApplication.sendEvent(opened.gallery, refused)
    assert not refused.isAccepted()
    with qtbot.waitSignal(opened.gallery.pictures_dropped) as dropped:
        QApplication.sendEvent(opened.gallery, QDropEvent(QPointF(5, 5), action, data, button, key))
    assert dropped.args == [[Path("/a/x.png")]]


def test_tiles_lie_side_by_side_within_the_width(opened: Opened) -> None:
    for width in (120, 228, 240, 400):
        opened.gallery.sheet.resize(width, 10)
        rects = [opened.gallery.sheet.rect_of(n) for n in range(len(opened.names()))]
        assert all(rect.left() >= 0 and rect.right() < width for rect in rects)
        assert all(not a.intersects(b) for i, a in enumerate(rects) for b in rects[:i])
        assert rects[-1].bottom() < opened.gallery.sheet.height()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_thumbnails_are_enlarged_by_whole_device_pixels(qtbot: QtBot, ratio: float) -> None:
    pixels = DATA.images[0]
    image = thumbnail(pixels, SIDE, ratio).toImage()
    factor = image.width() // 8
    assert image.width() == 8 * factor <= SIDE * ratio
    again = np.array([[image.pixelColor(x * factor, y * factor).red() for x in range(8)] for y in range(8)])
    assert (again == pixels).all()


def test_large_and_oblong_pictures_keep_their_aspect(qtbot: QtBot) -> None:
    image = thumbnail(np.zeros((200, 400, 3), np.uint8), 56, 1.0)
    assert (image.width(), image.height()) == (56, 28)


def test_pixels_become_a_picture_of_their_own_memory(qtbot: QtBot) -> None:
    pixels = np.zeros((2, 3, 3), np.uint8)
    image = qimage(pixels)
    pixels[:] = 255
    assert image.pixelColor(0, 0).red() == 0


def test_every_picture_is_named_for_those_who_do_not_see_it_and_says_whether_it_is_chosen(opened: Opened) -> None:
    sheet = opened.gallery.sheet
    roles = Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole
    said = [[sheet.tiles.index(n).data(role) for role in roles] for n in range(len(opened.names()))]
    assert all(text and text == tip for text, tip in said)
    chosen = {index.row() for index in sheet.selectionModel().selectedIndexes()}
    assert {opened.names()[row] for row in chosen} == set(opened.gallery.first_start().sha256)
    assert sheet.accessibleDescription()


def test_arrows_go_from_picture_to_picture_in_rows_and_choose_nothing(opened: Opened) -> None:
    sheet = opened.gallery.sheet
    for key, row in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 1 + sheet.columns()), (Qt.Key.Key_Left, sheet.columns())):
        QTest.keyClick(sheet, key)
        assert sheet.currentIndex().row() == row
    assert opened.starts == []


def test_what_is_refused_is_not_shown_as_chosen(opened: Opened) -> None:
    opened.gallery.show_start(Image(opened.gallery.first_start().sha256[:1], (8, 8)))
    opened.click(0)
    assert [index.row() for index in opened.gallery.sheet.selectionModel().selectedIndexes()] == [0]


def test_a_drag_over_pictures_chooses_none_on_its_way(opened: Opened) -> None:
    sheet = opened.gallery.sheet
    view, before = sheet.viewport(), len(opened.gallery._chosen)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=sheet.rect_of(9).center())
    for number in (10, 11, 12):
        QTest.mouseMove(view, sheet.rect_of(number).center())
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=sheet.rect_of(12).center())
    assert len(opened.gallery._chosen) == before + 1


def test_a_picture_that_is_dragged_away_carries_its_name(qtbot: QtBot, opened: Opened) -> None:
    picker = PicturePicker(opened.session)
    qtbot.addWidget(picker)
    picker.set_data(DATA)
    picker.resize(240, 500)
    picker.show()
    model = picker.sheet.tiles
    index = model.index(2)
    assert index.flags() & Qt.ItemFlag.ItemIsDragEnabled
    assert picker.sheet.dragEnabled()
    assert bytes(model.mimeData([index]).data(IMAGE).data()).decode() == model.tiles[2].sha256
    assert not opened.gallery.sheet.dragEnabled()
    with qtbot.waitSignal(picker.selected) as told:
        QTest.mouseClick(picker.sheet.viewport(), Qt.MouseButton.LeftButton, pos=picker.sheet.rect_of(3).center())
    assert told.args == [model.tiles[3].sha256]
    with qtbot.waitSignal(picker.selected) as told:
        QTest.keyClick(picker.sheet, Qt.Key.Key_Left)
    assert told.args == [model.tiles[2].sha256]
