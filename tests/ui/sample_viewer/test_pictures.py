"""Pictures in Qt's own view: as large as can be on whole pixels, and said to those who do not see them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from diffviz.domain.gan_verdicts import Leaning
from diffviz.domain.panes import DATA_RANGE
from diffviz.ui.labs.gan.images import ENOUGH, JudgedImages
from diffviz.ui.sample_viewer.pictures import PicturesView
from diffviz.ui.widgets.pixmaps import Atlas, grey_levels
from tests import waiting
from tests.ui.sample_viewer.runs import noise

SIZES = [(150, 130), (300, 260), (420, 300), (700, 600), (1400, 900)]


@pytest.fixture
def judged(qtbot: QtBot) -> JudgedImages:
    view = JudgedImages("Real images", "real")
    qtbot.addWidget(view)
    view.resize(420, 300)
    view.show()
    view.show_images(noise(36, (1, 28, 28)), np.linspace(-1, 1, 36, dtype=np.float32), Leaning())
    return view


@pytest.mark.parametrize("size", SIZES)
def test_images_are_enlarged_by_whole_numbers_and_do_not_overlap(judged: JudgedImages, size: tuple[int, int]) -> None:
    judged.resize(*size)
    scale, shown = judged.grid.scale, judged.shown
    assert scale < 1 or scale == int(scale)
    assert min(ENOUGH, 36) <= shown <= 36
    boxes = [judged.box(i) for i in range(shown)]
    if scale >= 1:
        assert {(box.width(), box.height()) for box in boxes} == {(28 * scale, 28 * scale)}
    assert all(not a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(box.left() >= 0 and box.right() <= size[0] and box.bottom() <= size[1] for box in boxes)


@pytest.mark.parametrize("count", [1, 8, 9, 16, 64])
@pytest.mark.parametrize("size", SIZES)
def test_all_pictures_are_shown_and_have_their_pixels(qtbot: QtBot, count: int, size: tuple[int, int]) -> None:
    view, images = PicturesView(), noise(count, (3, 20, 30))
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    view.show_pictures(Atlas(images, DATA_RANGE), count, (20, 30))
    assert view.shown == count
    image, levels = view.grab().toImage(), grey_levels(images, DATA_RANGE)
    for index in (0, count - 1):
        box = view.box(index).toRect()
        assert view.rect().contains(box)
        if view.grid.scale >= 1:
            seen = image.pixelColor(box.topLeft() + QPoint(7, 5) * int(view.grid.scale))
            assert [seen.red(), seen.green(), seen.blue()] == levels[index, 5, 7].tolist()


def test_what_is_pointed_at_is_told_by_pointer_and_by_keyboard(judged: JudgedImages, qtbot: QtBot) -> None:
    told: list[int] = []
    judged.pointed.connect(told.append)
    QTest.mouseMove(judged.viewport(), judged.box(3).center().toPoint())
    assert told[-1] == 3
    QApplication.sendEvent(judged, QEvent(QEvent.Type.Leave))
    assert told[-1] == -1
    judged.clearFocus()
    waiting.stand_on(qtbot, judged)
    first = told[-1]
    assert first == judged.currentIndex().row() >= 0
    QTest.keyClick(judged, Qt.Key.Key_Right)
    assert told[-1] == first + 1
    QTest.keyClick(judged, Qt.Key.Key_Down)
    columns = len({judged.box(i).x() for i in range(judged.shown)})
    below = first + 1 + columns
    assert told[-1] == below
    index = judged.model().index(2, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == f"real image 3 · D = {judged.judged[2]:.3f}".replace(
        "-", "−"
    )


def test_other_pictures_are_shown_at_once(judged: JudgedImages) -> None:
    before = judged.grab().toImage()
    judged.show_images(noise(36, (1, 28, 28), seed=9), judged.judged, Leaning())
    assert judged.grab().toImage() != before
    judged.show_images(judged.images[:0], judged.judged[:0], Leaning())
    assert judged.shown == 0
    judged.grab()
