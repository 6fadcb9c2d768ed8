"""Values to grey levels, exactly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from diffviz.ui.widgets.pixmaps import PAGE, Atlas, grey_levels, measured_range, shrinking, shrunk


def test_the_ends_of_the_range_are_black_and_white_and_what_lies_outside_is_clipped() -> None:
    values = np.array([-5, -1, 0, 1, 5], np.float32).reshape(1, 1, 1, 5)
    assert grey_levels(values, (-1.0, 1.0)).ravel().tolist() == [0, 0, 128, 255, 255]


def test_all_256_levels_come_back() -> None:
    levels = np.arange(256, dtype=np.uint8)
    values = (levels.astype(np.float32) / np.float32(127.5) - np.float32(1)).reshape(1, 1, 16, 16)
    assert np.array_equal(grey_levels(values, (-1.0, 1.0)).ravel(), levels)


def test_colour_channels_keep_their_order() -> None:
    values = np.full((1, 3, 2, 2), -1, np.float32)
    values[0, 1] = 1
    picture = Atlas(values, (-1.0, 1.0)).image(0)
    colour = picture.pixelColor(1, 1)
    assert (colour.red(), colour.green(), colour.blue()) == (0, 255, 0)


def test_nan_has_a_grey_level_too() -> None:
    values = np.full((1, 1, 2, 2), np.nan, np.float32)
    assert grey_levels(values, (-1.0, 1.0)).shape == (1, 2, 2)
    assert measured_range(values) == (-1.0, 1.0)


def test_shrinking_takes_the_mean_and_knows_how_far() -> None:
    values = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    assert shrunk(values, 2)[0, 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert [shrinking(scale) for scale in (4.0, 1.0, 0.6, 0.5, 0.3)] == [1, 1, 1, 2, 3]


@pytest.mark.parametrize("count", [1, 3, 64])
def test_samples_on_later_pages_are_found(count: int) -> None:
    values = np.zeros((count, 1, PAGE // 2, 2), np.float32)
    values[:] = np.linspace(-1, 1, count, dtype=np.float32)[:, None, None, None]
    atlas = Atlas(values, (-1.0, 1.0))
    want = grey_levels(values, (-1.0, 1.0))[count - 1, 0, 0]
    assert atlas.image(count - 1).pixelColor(1, 1).red() == want


def test_the_measured_range_of_one_value_is_not_empty() -> None:
    assert measured_range(np.full((1, 1, 2, 2), 0.25, np.float32)) == (-0.25, 0.75)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_holds_the_same_as_samples_drawn_one_by_one(channels: int) -> None:
    values = np.random.default_rng(0).uniform(-1, 1, (3, channels, 4, 5)).astype(np.float32)
    atlas = Atlas(values, (-1.0, 1.0))
    targets = [(2, QRect(7, 3, 15, 12)), (0, QRect(25, 3, 15, 12)), (1, QRect(7, 20, 15, 12))]

    def drawn(paint: Callable[[QPainter], None]) -> QImage:
        image = QImage(50, 40, QImage.Format.Format_RGB32)
        image.fill(QColor("magenta"))
        with QPainter(image) as painter:
            paint(painter)
        return image

    def one_by_one(painter: QPainter) -> None:
        for sample, target in targets:
            painter.drawImage(target, atlas.page(sample), atlas.part(sample))

    def as_one(painter: QPainter) -> None:
        sheet = atlas.sheet(targets)
        painter.setClipRegion(sheet.region)
        painter.drawImage(sheet.at, sheet.image)

    assert drawn(as_one) == drawn(one_by_one)
