"""Nothing overlaps, is cut, is elided without its whole on hover, or is empty, wherever one goes, in every size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from diffviz.ui.widgets import controls, layout, painting, theme
from tests.layout.__main__ import found
from tests.layout.audit import faults_of

LEAST = (900, 620)
SIZES = (LEAST, (1100, 700), (1440, 900), (2000, 1200))
LOOKS = ("dark-en", "light-en", "dark-ko", "light-ko")


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.slow
def test_nothing_is_wrong_anywhere(size: tuple[int, int], scale: float, tmp_path: Path) -> None:
    assert_all_right(size, scale, LOOKS, tmp_path)


@pytest.mark.slow
def test_nothing_is_wrong_in_the_smallest_window(tmp_path: Path) -> None:
    assert_all_right(LEAST, 1.0, ("dark-en", "light-ko"), tmp_path)


def assert_all_right(size: tuple[int, int], scale: float, looks: Sequence[str], folder: Path) -> None:
    there = found(size, scale, looks, folder)
    assert {look for look, _place, _faults in there} == set(looks)
    wrong = [f"{look} {place}: {fault}" for look, place, faults in there for fault in faults]
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(300, 200)
    return made


def kinds(window: QWidget) -> list[str]:
    """What is found wrong in `window`."""
    window.show()
    return [fault.kind for fault in faults_of(window)]


def placed(widget: QWidget, *area: int) -> QWidget:
    """`widget` at (x, y) with a width and a height."""
    widget.setGeometry(QRect(*area))
    return widget


def test_a_window_without_faults_has_none(window: QWidget) -> None:
    column = QVBoxLayout(window)
    for widget in (QLabel("a label"), QPushButton("a button"), QComboBox()):
        column.addWidget(widget)
    assert kinds(window) == []


def test_an_overlap_is_found_unless_it_is_meant(window: QWidget) -> None:
    placed(QPushButton("one", window), 10, 10, 80, 30)
    other = placed(QPushButton("two", window), 60, 20, 80, 30)
    assert kinds(window) == ["overlap"]
    layout.lie_over(other)
    assert kinds(window) == []


def test_what_is_cut_is_found_unless_it_scrolls(window: QWidget) -> None:
    placed(QPushButton("one", window), 250, 10, 80, 30)
    assert kinds(window) == ["cut"]


def test_what_scrolls_is_not_cut_and_without_a_bar_it_is(window: QWidget) -> None:
    area, content = QScrollArea(window), QLabel("high")
    content.setFixedSize(100, 400)
    content.setAlignment(Qt.AlignmentFlag.AlignTop)
    area.setWidget(content)
    area.resize(200, 150)
    assert kinds(window) == []
    area.verticalScrollBar().setRange(0, 0)
    area.verticalScrollBar().hide()
    assert kinds(window) == ["cut"]


def test_words_without_room_are_found_unless_they_are_whole_on_hover(window: QWidget) -> None:
    words = "a sentence that needs more room than it has here"
    placed(QLabel(words, window), 0, 0, 80, 30)
    assert kinds(window) == ["text"]


def test_words_that_are_whole_on_hover_are_right(window: QWidget) -> None:
    words, combo = "a sentence that needs more room than it has here", controls.Combo(window)
    placed(controls.ElidedLabel(words, parent=window), 0, 0, 80, 30)
    combo.addItem(words)
    placed(combo, 0, 60, 80, 30)
    assert kinds(window) == []


def test_a_button_too_narrow_for_its_word_is_found(window: QWidget) -> None:
    placed(QPushButton("Diffusion and more", window), 0, 0, 50, 30)
    assert kinds(window) == ["text"]


class Written(painting.PaintedWidget):
    """Shows words at places."""

    words: tuple[tuple[float, str], ...] = ()

    def marks(self) -> list[painting.PaintMark]:
        return [painting.Text(QPointF(x, 20), text, theme.font(), theme.color("text")) for x, text in self.words]


@pytest.mark.parametrize(
    "words", [((0, "first"), (10, "second")), ((80, "outside"),), ((0, "shor…"),)], ids=["over", "outside", "elided"]
)
def test_painted_words_are_looked_at_too(window: QWidget, words: tuple[tuple[float, str], ...]) -> None:
    written = Written(window)
    written.words = ((0, "right"),)
    placed(written, 0, 0, 100, 30)
    assert kinds(window) == []
    written.words = words
    assert set(kinds(window)) == {"text"}


def test_what_is_empty_is_found(window: QWidget) -> None:
    placed(Written(window), 0, 0, 100, 30)
    placed(QPushButton("none", window), 0, 60, 0, 0)
    assert kinds(window)[:2] == ["empty", "empty"]
