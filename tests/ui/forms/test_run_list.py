"""The list of runs is a tree; it shows, follows and removes."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from diffviz.domain.messages import Cancel
from diffviz.domain.requests import ReverseRequest, Step
from diffviz.session.run import Run, Status
from diffviz.ui.forms.run_list import ICONS, RunList
from tests import waiting
from tests.ui.forms.fakes import Stage, card

REQUEST = ReverseRequest(model="toy", steps=10, samples=4)


@pytest.fixture
def stage(qapp: object) -> Stage:
    return Stage(card())


@pytest.fixture
def runs(stage: Stage, qtbot: QtBot) -> RunList:
    made = RunList(stage.session, QUndoStack(stage.session))
    qtbot.addWidget(made)
    made.resize(240, 200)
    made.show()
    stage.session.runs_changed.connect(made.refresh)
    stage.session.shown_changed.connect(made.refresh)
    return made


def click(runs: RunList, run: Run) -> None:
    at = runs.visualItemRect(runs.item_of(run)).center()
    QTest.mouseClick(runs.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_every_status_has_an_icon() -> None:
    assert ICONS.keys() == set(Status)


def test_a_branch_stands_below_its_parent(stage: Stage, runs: RunList) -> None:
    parent = stage.session.start(REQUEST, "r/r")
    stage.finish(parent)
    child = stage.session.start(dataclasses.replace(REQUEST, start=Step(REQUEST, 50.0)), "r/r")
    assert runs.item_of(child).parent() is runs.item_of(parent)
    assert runs.item_of(child).text(0).startswith("└ branch at t = 50")
    assert runs.currentItem() is runs.item_of(child)


def test_a_long_name_is_read_to_its_end(stage: Stage, runs: RunList) -> None:
    short, long = stage.session.start(REQUEST, "r/a"), stage.session.start(dataclasses.replace(REQUEST, seed=1), "r/b")
    stage.session.rename(short, "short")
    stage.session.rename(long, "recorded training of pictures with the non-saturating loss, seed 42")
    for width in (240, 180):
        runs.resize(width, 200)
        runs.doItemsLayout()
        one, several = (runs.visualItemRect(runs.item_of(run)) for run in (short, long))
        needed = runs.fontMetrics().boundingRect(
            QRect(0, 0, several.width() - 40, 400), int(Qt.TextFlag.TextWordWrap), runs.item_of(long).text(0)
        )
        assert needed.height() >= 2 * runs.fontMetrics().height()
        assert several.height() >= needed.height()
        assert one.height() <= several.height() / 1.4
        assert runs.sizeHint().height() < one.height() + several.height(), "they scroll in what room there is"


def test_a_click_shows_a_run(stage: Stage, runs: RunList) -> None:
    first = stage.session.start(REQUEST, "r/a")
    second = stage.session.start(dataclasses.replace(REQUEST, seed=1), "r/b")
    assert stage.session.a is second
    click(runs, first)
    assert stage.session.a is first
    assert runs.currentItem() is runs.item_of(first)
    QTest.keyClick(runs, Qt.Key.Key_Down)
    assert stage.session.a is second


def test_a_partial_run_says_how_much_there_is(stage: Stage, runs: RunList) -> None:
    run = stage.session.start(REQUEST, "r/r")
    stage.compute(run, 5)
    runs.refresh()
    assert runs.item_of(run).text(0) == "DDIM 10 · 45%"
    stage.finish(run)
    assert runs.item_of(run).text(0) == "DDIM 10"


def test_delete_removes_a_run_and_keeps_what_continues_it(stage: Stage, runs: RunList) -> None:
    parent = stage.session.start(REQUEST, "r/r")
    stage.finish(parent)
    child = stage.session.start(dataclasses.replace(REQUEST, start=Step(REQUEST, 50.0)), "r/r")
    click(runs, parent)
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    assert stage.session.runs == [child]
    assert runs.item_of(child).parent() is None
    assert runs.topLevelItemCount() == 1


def test_the_menu_cancels_what_runs(stage: Stage, runs: RunList) -> None:
    run = stage.session.start(REQUEST, "r/r")
    stage.compute(run, 2)
    actions = {action.text(): action for action in runs.menu_for(run).actions()}
    actions["Cancel"].trigger()
    assert stage.link.sent[-1] == Cancel(run.id)
    stage.finish(run)
    assert "Cancel" not in {action.text() for action in runs.menu_for(run).actions()}


def test_a_session_without_runs_is_an_empty_list(stage: Stage, runs: RunList) -> None:
    run = stage.session.start(REQUEST, "r/r")
    stage.session.remove(run)
    assert runs.topLevelItemCount() == 0


def test_deleting_a_run_can_be_undone_and_done_again(stage: Stage, runs: RunList) -> None:
    kept, gone = stage.session.start(REQUEST, "r/a"), stage.session.start(dataclasses.replace(REQUEST, seed=1), "r/b")
    stage.finish(gone)
    runs.remove(gone)
    assert stage.session.runs == [kept]
    runs._undo.undo()
    again = stage.session.runs[-1]
    assert (again.request, again.slot) == (gone.request, "r/b")
    assert stage.session.a is again
    runs._undo.redo()
    assert stage.session.runs == [kept]
    assert runs._undo.undoText().startswith("Delete DDIM 10")


def named(qtbot: QtBot, runs: RunList, run: Run, name: str) -> None:
    """Name `run` as a person does: F2, the name, Return."""
    waiting.stand_on(qtbot, runs)
    runs.setCurrentItem(runs.item_of(run))
    QTest.keyClick(runs, Qt.Key.Key_F2)
    line = runs.findChildren(QLineEdit)[-1]
    line.selectAll()
    QTest.keyClicks(line, name)
    if not name:
        QTest.keyClick(line, Qt.Key.Key_Delete)
    QTest.keyClick(line, Qt.Key.Key_Return)
    QApplication.processEvents()  # the list takes the name over when it gets its turn


def test_a_run_is_named_in_place_and_that_can_be_undone(qtbot: QtBot, stage: Stage, runs: RunList) -> None:
    run = stage.session.start(REQUEST, "r/r")
    stage.finish(run)
    named(qtbot, runs, run, "The first")
    assert run.name == "The first"
    assert runs.item_of(run).text(0) == "The first"
    assert "Toy · DDIM 10 · Samples 4 · seed 42" in runs.item_of(run).toolTip(0)
    runs._undo.undo()
    assert (run.name, runs.item_of(run).text(0)) == ("", "DDIM 10")
    runs._undo.redo()
    named(qtbot, runs, run, "")
    assert (run.name, runs.item_of(run).text(0)) == ("", "DDIM 10")


def test_a_name_that_was_not_changed_is_no_name(qtbot: QtBot, stage: Stage, runs: RunList) -> None:
    run = stage.session.start(REQUEST, "r/r")
    stage.finish(run)
    waiting.stand_on(qtbot, runs)
    QTest.keyClick(runs, Qt.Key.Key_F2)
    line = runs.findChild(QLineEdit)
    assert line is not None
    assert line.text() == "DDIM 10"
    QTest.keyClick(line, Qt.Key.Key_Return)
    QApplication.processEvents()  # the list takes the name over when it gets its turn
    assert run.name == ""
    assert not runs._undo.canUndo()


def test_the_pinned_run_is_b_and_the_shown_one_a(stage: Stage, runs: RunList) -> None:
    first, second = (
        stage.session.start(REQUEST, "r/a"),
        stage.session.start(dataclasses.replace(REQUEST, seed=1), "r/b"),
    )
    stage.session.pinned_changed.connect(runs.refresh)
    actions = {action.text(): action for action in runs.menu_for(first).actions()}
    actions["Pin as B"].trigger()
    assert stage.session.b is first
    assert runs.item_of(first).text(0).startswith("B  ")
    assert runs.item_of(second).text(0).startswith("A  ")
    {action.text(): action for action in runs.menu_for(first).actions()}["Unpin B"].trigger()
    assert stage.session.b is None
    assert runs.item_of(second).text(0).startswith("DDIM")


def test_undoing_a_deletion_brings_back_the_name_the_pin_and_the_tree(stage: Stage, runs: RunList) -> None:
    parent = stage.session.start(REQUEST, "r/r")
    stage.finish(parent)
    child = stage.session.start(dataclasses.replace(REQUEST, start=Step(REQUEST, 50.0)), "r/r")
    stage.session.rename(parent, "Root")
    stage.session.pin(parent)
    runs.remove(parent)
    assert stage.session.b is None
    runs._undo.undo()
    again = stage.session.b
    assert again is not None
    assert again.name == "Root"
    assert child.parent is again
    assert stage.session.a is child
    assert runs.item_of(child).parent() is runs.item_of(again)


def test_the_model_is_said_where_runs_of_two_are_listed(qapp: object, qtbot: QtBot) -> None:
    stage = Stage(card("one"), card("two"))
    runs = RunList(stage.session, QUndoStack())
    qtbot.addWidget(runs)
    first, named = (stage.session.start(ReverseRequest(model="one", steps=5), "r/a") for _ in range(2))
    stage.session.rename(named, "Mine")
    runs.refresh()
    alone = runs.item_of(first).text(0)
    assert "One" not in alone
    second = stage.session.start(ReverseRequest(model="two", steps=5), "r/b")
    runs.refresh()
    assert [runs.item_of(run).text(0) for run in (first, named, second)] == [f"One · {alone}", "Mine", f"Two · {alone}"]
