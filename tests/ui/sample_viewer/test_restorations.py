"""Restorations on the stage: a row for each picture, its original first, and words that say which is which."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.domain.glossary import meaning
from diffviz.ui.sample_viewer.arrangement import Scene
from diffviz.ui.sample_viewer.layout import Viewport
from diffviz.ui.sample_viewer.viewer import SampleViewer
from diffviz.ui.widgets.view import Shown
from tests.ui.sample_viewer.runs import restored_run

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def stage(qtbot: QtBot) -> SampleViewer:
    made = SampleViewer()
    qtbot.addWidget(made)
    made.resize(900, 420)
    made.show()
    return made


@pytest.fixture
def scene(stage: SampleViewer) -> Scene:
    """Eight restorations of three pictures on the stage."""
    stage.draw(restored_run()[1])
    assert stage.canvas.scene is not None
    return stage.canvas.scene


def middle(scene: Scene, pane: int, sample: int) -> QPoint:
    box = scene.tile(pane, scene.samples.index(sample), Viewport())
    return QPoint(box.x + box.width // 2, box.y + box.height // 2)


def original(scene: Scene, pane: int, row: int) -> QPoint:
    box = scene.cell(pane, scene.originals[row], Viewport())
    return QPoint(box.x + box.width // 2, box.y + box.height // 2)


def test_each_row_is_one_picture_and_begins_with_it(stage: SampleViewer, scene: Scene) -> None:
    """What is drawn at the beginning of each line is the picture itself, pixel for pixel."""
    images = list(restored_run()[1].images.values())
    drawn = stage.canvas.grab().toImage()
    scale = int(scene.grid.scale)
    for row, samples in enumerate([(0, 3, 6), (1, 4, 7), (2, 5)]):
        first = scene.cell(1, scene.originals[row], Viewport())
        places = [scene.tile(1, sample, Viewport()) for sample in samples]
        assert {place.y for place in places} == {first.y}
        assert [place.x > first.x for place in places] == [True] * len(samples)
        assert sorted(places, key=lambda place: place.x) == places
        for y, x in ((0, 0), (13, 9), (27, 27)):
            grey = int(images[row][y, x])
            assert drawn.pixelColor(first.x + x * scale, first.y + y * scale) == QColor(grey, grey, grey)


def test_words_say_which_picture_and_which_restoration(stage: SampleViewer, scene: Scene) -> None:
    assert stage.canvas.tooltip_at(middle(scene, 0, 4)) == "Picture 2, restoration 2 of 3"
    assert stage.canvas.tooltip_at(original(scene, 0, 2)) == (
        f"picture 3, the original. {meaning('diffusion', 'original')}"
    )
    assert stage.canvas.tooltip_at(original(scene, 2, 2)) == "", "the estimate of noise has no original"
    QTest.mouseMove(stage.canvas, middle(scene, 1, 5))
    assert stage.readout().startswith("picture 3, restoration 2 of 2 · row 15, column 15 · ")
    assert "One row for each of 3 pictures." in stage.canvas.accessibleDescription()


def test_a_click_on_an_original_is_none_on_a_sample(stage: SampleViewer, scene: Scene) -> None:
    QTest.mouseClick(stage.canvas, LEFT, pos=original(scene, 1, 1))
    assert stage.focus is None
    QTest.mouseClick(stage.canvas, LEFT, pos=middle(scene, 1, 7))
    assert stage.focus == 7
    assert "PICTURE 2, RESTORATION 3 OF 3" in stage.toolbar.title()


def test_keys_go_along_the_row_and_to_the_picture_below(stage: SampleViewer, scene: Scene) -> None:
    QTest.mouseClick(stage.canvas, LEFT, pos=middle(scene, 1, 0))
    stage.canvas.take_keyboard()
    found = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        QTest.keyClick(stage.canvas, key)
        found.append(stage.focus)
    assert found == [3, 6, 6, 7, 5, 4]


def test_pictures_that_are_not_known_leave_no_gap(stage: SampleViewer) -> None:
    run, _ = restored_run()
    stage.draw(Shown(run, 60.0))
    scene = stage.canvas.scene
    assert scene is not None
    assert scene.originals == ()
    assert scene.tile(0, 0, Viewport()).x == scene.bodies[0].x
    assert len({scene.tile(0, sample, Viewport()).y for sample in (1, 4, 7)}) == 1


@pytest.mark.parametrize(("samples", "pictures"), [(63, 9), (64, 4), (9, 9), (32, 2), (16, 1)])
def test_as_many_as_there_can_be_have_room(stage: SampleViewer, samples: int, pictures: int) -> None:
    stage.draw(restored_run(samples, pictures)[1])
    scene = stage.canvas.scene
    assert scene is not None
    boxes = [scene.cell(0, cell, Viewport()) for cell in (*scene.cells, *scene.originals)]
    assert len({(box.x, box.y) for box in boxes}) == samples + pictures
    body = scene.bodies[0]
    assert max(box.x + box.width for box in boxes) <= body.x + body.width
    assert max(box.y + box.height for box in boxes) <= body.y + body.height
    assert np.isfinite(scene.grid.scale)
    if samples > pictures > 1:
        rows = [{box.y for box in boxes[picture:samples:pictures]} for picture in range(pictures)]
        assert [len(ys) for ys in rows] == [1] * pictures
