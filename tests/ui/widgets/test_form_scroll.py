"""The scrolling part of a form: nothing moves when its bar comes, and what is said there is seen."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from diffviz.ui.widgets import theme
from diffviz.ui.widgets.layout import LIST_ROW, SPACING, FormScroll, lay_runs_form


def page(rows: int) -> tuple[QWidget, QLabel]:
    content, word = QWidget(), QLabel("at the very end")
    column = QVBoxLayout(content)
    for number in range(rows):
        column.addWidget(QPushButton(f"{number}"))
    column.addWidget(word)
    return content, word


def test_the_bar_takes_no_width_from_the_page(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    content, _ = page(12)
    scroll = FormScroll(content)
    qtbot.addWidget(scroll)
    scroll.resize(240, 900)
    scroll.show()
    qtbot.waitUntil(lambda: not scroll.verticalScrollBar().isVisible())
    wide = content.width()
    scroll.resize(240, 150)
    qtbot.waitUntil(scroll.verticalScrollBar().isVisible)
    qtbot.waitUntil(lambda: content.width() == wide)


def test_the_page_is_laid_out_for_the_width_that_it_has(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    content, word = page(12)
    scroll = FormScroll(content)
    qtbot.addWidget(scroll)
    scroll.show()
    for height, scrolls in ((900, False), (150, True), (900, False)):
        scroll.resize(240, height)
        qtbot.waitUntil(partial(_is_at_rest, scroll, word, scrolls))


def _is_at_rest(scroll: FormScroll, word: QWidget, scrolls: bool) -> bool:
    """Whether it scrolls as it should, and `word` lies within its page."""
    return scroll.verticalScrollBar().isVisible() == scrolls and word.geometry().right() < scroll.viewport().width()


def test_what_is_revealed_is_in_sight(qtbot: QtBot) -> None:
    content, word = page(30)
    scroll = FormScroll(content)
    qtbot.addWidget(scroll)
    scroll.resize(240, 200)
    scroll.show()
    scroll.reveal(word)
    qtbot.waitUntil(
        lambda: scroll.viewport().rect().contains(word.mapTo(scroll.viewport(), QPoint(2, word.height() // 2)))
    )


class RunsForm(QWidget):
    """A form as labs have it: a page that scrolls, a panel of 100 pixels most of the time, and a list of runs."""

    def __init__(self, qtbot: QtBot, height: int) -> None:
        super().__init__()
        qtbot.addWidget(self)
        self.inner, self.panel, self.heading, self.runs = QWidget(), QWidget(), QWidget(), QListWidget()
        self.inner.setFixedHeight(2000)
        self.panel.setFixedHeight(100)
        self.heading.setFixedHeight(20)
        self.runs.setMinimumHeight(10)
        self.page = lay_runs_form(self, [self.inner], self.panel, self.heading, self.runs, lambda: 100, longest=500)
        self.resize(260, height)
        self.show()

    def places(self) -> list[QRect]:
        """Of the page and the list."""
        QApplication.processEvents()
        return [self.page.geometry(), self.runs.geometry()]


@pytest.mark.parametrize(("height", "rows"), [(300, 2), (512, 2), (750, 3), (1100, 14)])
def test_a_list_of_runs_has_whole_rows_and_the_page_no_more_than_it_needs(qtbot: QtBot, height: int, rows: int) -> None:
    form = RunsForm(qtbot, height)
    page, runs = form.places()
    assert runs.height() // LIST_ROW == rows
    assert page.height() <= 500
    assert page.top() == 0
    assert runs.bottom() <= height - 1
    assert form.panel.geometry().top() == page.bottom() + 1 + SPACING


def test_neither_the_page_nor_what_is_listed_moves_the_other(qtbot: QtBot) -> None:
    form = RunsForm(qtbot, 600)
    before = form.places()
    form.inner.setFixedHeight(30)
    form.runs.addItems([str(number) for number in range(40)])
    assert form.places() == before
    form.panel.setFixedHeight(130)
    page, runs = form.places()
    assert page == before[0], "what the panel takes more is the list's"
    assert runs.height() == before[1].height() - 30
    form.runs.hide()
    assert form.places()[0] == before[0]
