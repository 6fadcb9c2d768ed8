"""Words explained: the same by pointer, by key and to screen readers, with a reason for every dash."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from diffviz.domain import glossary
from diffviz.domain.plots import PlotData
from diffviz.families import FAMILIES
from diffviz.ui.plots.legend import CurveToggle
from diffviz.ui.widgets import theme, words
from diffviz.ui.widgets.figures import FigureRow
from diffviz.ui.widgets.format import NOTHING, figure


def help_of(widget: QWidget) -> str:
    """What a screen reader is given as help."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Help)


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    """A figure with a symbol, a plain one, a button and a hidden figure, below each other."""
    made = QWidget()
    qtbot.addWidget(made)
    column = QVBoxLayout(made)
    shown, hidden, button = QLabel("0.153"), QLabel("0.2"), QPushButton("Run")
    words.explain(shown, glossary.meaning("gan", "tv"), "TV")
    words.explain(hidden, "Not in sight.", "hidden")
    row = QHBoxLayout()
    for widget in (shown, button, hidden):
        row.addWidget(widget)
    column.addLayout(row)
    chip = CurveToggle("d_{real}", next(iter(FAMILIES[_path()].plots(PlotData()))).series[0])
    column.addWidget(chip)
    hidden.hide()
    made.resize(300, 120)
    made.show()
    return made


def _path() -> type:
    return next(kind for kind, family in FAMILIES.items() if family.name == "path")


def test_what_is_said_on_hover_is_what_screen_readers_are_given(page: QWidget) -> None:
    shown = page.findChildren(QLabel)[0]
    assert "half the area between the two" in shown.toolTip()
    assert help_of(shown) == glossary.meaning("gan", "tv")
    assert shown.accessibleName() == "TV"


def test_a_dash_says_why_as_long_as_it_is_one(qtbot: QtBot) -> None:
    row = FigureRow("β_t", theme.color("beta"), "Variance.")
    for widget in (row.label, row.figures):
        qtbot.addWidget(widget)
    row.show_text(figure(math.nan), why="nothing is added at t = 0")
    assert row.said == NOTHING
    assert help_of(row.figures) == "Variance.\n—: nothing is added at t = 0"
    assert "nothing is added" in row.figures.toolTip()
    row.show_text("0.5", why="nothing is added at t = 0")
    assert help_of(row.figures) == "Variance."
    row.show_beside(NOTHING, "this process has no β")
    assert help_of(row.figures).endswith("—: B: this process has no β")
    row.show_beside("")
    assert help_of(row.figures) == "Variance."


def test_words_in_sight_are_listed_in_the_order_of_reading(page: QWidget) -> None:
    found = [word for _, word in words.words_in(page)]
    assert [(word.word, word.value) for word in found] == [("TV", "0.153"), ("d_real", "")]
    assert all(word.meaning for word in found)


def test_the_list_is_gone_through_by_key_from_the_word_that_has_the_keyboard(page: QWidget, qtbot: QtBot) -> None:
    chip = page.findChild(CurveToggle)
    dialog = words.WordsDialog(list(words.words_in(page)), chip, page)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    dialog.open()
    assert dialog.list.currentItem().text().startswith("d_real\nDistance to the nearest real image")
    QTest.keyClick(dialog.list, Qt.Key.Key_Up)
    assert dialog.list.currentItem().text().startswith("TV   0.153\nTotal variation")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.parametrize("name", ["forward", "path", "gan"])
def test_every_curve_says_more_than_its_name(name: str) -> None:
    """What stands in a legend is explained in a sentence."""
    family = next(family for family in FAMILIES.values() if family.name == name)
    for plot in family.plots(PlotData()):
        for series in plot.series:
            assert series.title.endswith(".")
            assert len(series.title.split()) > 3, series.label


def test_every_choice_of_spacing_is_explained() -> None:
    for key in ("trailing", "leading", "linspace", "karras"):
        assert glossary.choice_meaning("spacing", key)
    assert glossary.choice_meaning("path", "chain") == ""
