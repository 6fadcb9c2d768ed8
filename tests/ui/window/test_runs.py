"""The list of runs, by mouse and keyboard in the real window: names, counts, choosing several, room of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain.requests import Image, ReverseRequest
from diffviz.domain.sampling import Ddpm
from diffviz.session.run import Run, Status
from diffviz.ui.forms.run_actions import compared
from diffviz.ui.forms.run_list import RunList, TidyButton
from diffviz.ui.instruments.table import INSTRUMENTS
from tests import waiting
from tests.ui.conftest import LONG, Opener

QUICK = ReverseRequest(model="fashion-ddpm", samples=1, steps=2)
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


def of(**changes: object) -> ReverseRequest:
    return dataclasses.replace(QUICK, **changes)  # type: ignore[arg-type]


def ended(qtbot: QtBot, run: Run | None, status: Status = Status.FINISHED) -> Run:
    assert run is not None
    qtbot.waitUntil(lambda: run.status is status, timeout=LONG)
    return run


def computed(qtbot: QtBot, app: App, *requests: ReverseRequest) -> list[Run]:
    made = [ended(qtbot, app.session.start(request, "diffusion/reverse")) for request in requests]
    app.session.runs_changed.emit()
    QApplication.processEvents()
    return made


def texts(runs: RunList) -> list[str]:
    """What the rows of the list say, from top to bottom."""
    found, item = [], runs.topLevelItem(0)
    while item is not None:
        found.append(item.text(0))
        item = runs.itemBelow(item)
    return found


def click(runs: RunList, run: Run, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    item = runs.item_of(run)
    runs.scrollToItem(item)
    QTest.mouseClick(runs.viewport(), LEFT, keys, runs.visualItemRect(item).center())
    QApplication.processEvents()


def names(app: App, runs: Sequence[Run]) -> list[str]:
    return [app.session.names.of(run) for run in runs]


def test_equal_runs_are_one_row_with_a_count(qtbot: QtBot, app: App) -> None:
    form = app.window.lab.form
    form.set_request(QUICK)
    for count in (1, 2, 3):
        qtbot.mouseClick(form.panel.run, LEFT)
        qtbot.waitUntil(lambda: bool(app.session.a and app.session.a.request == QUICK), timeout=LONG)
        run = ended(qtbot, app.session.a)
        assert texts(form.runs)[1:] == [f"DDIM 2 × {count}" if count > 1 else "DDIM 2"]
    assert form.runs.item_of(run) is form.runs.currentItem()
    equal = form.runs.menu_for(run).findChild(QMenu)
    assert equal is not None
    assert len(equal.actions()) == 3
    equal.actions()[0].trigger()
    assert app.session.a is app.session.runs[1]


def test_a_name_is_one_and_the_same_wherever_the_run_is_named(qtbot: QtBot, app: App) -> None:
    form, stage = app.window.lab.form, app.window.lab.stage
    one, two, three = computed(qtbot, app, QUICK, of(sampler=Ddpm()), of(label=1, guidance=3.0))
    click(form.runs, two)
    app.session.pin(three)
    app.window.lab.draw()
    assert names(app, (one, two, three)) == ["DDIM 2", "DDPM 2", "DDIM 2 · Trouser · guidance 3"]
    assert texts(form.runs)[1:] == ["DDIM 2", "A  DDPM 2", "B  DDIM 2 · Trouser · guidance 3"]
    assert app.window.windowTitle() == "DDPM 2 – diffviz"
    assert [line.name.text() for line in stage.lines] == names(app, (two, three))
    choices = app.window.exporting.choices(compared(app.session))
    assert [action.text()[4:] for action in choices.actions()][-2:] == names(app, (two, three))
    spoken = form.runs.item_of(three).data(0, Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("B  DDIM 2 · Trouser · guidance 3, 2 steps")
    assert "Fashion DDPM" in form.runs.item_of(three).toolTip(0), "what all have in common is said there"


def test_several_are_chosen_by_mouse_deleted_by_a_key_and_come_back(qtbot: QtBot, app: App) -> None:
    runs = app.window.lab.form.runs
    made = computed(qtbot, app, *(of(seed=n) for n in range(5)))
    order, kept = list(app.session.runs), {run: len(run.store) for run in made}
    click(runs, made[0])
    assert app.session.a is made[0]
    click(runs, made[2], SHIFT)
    click(runs, made[4], CTRL)
    assert len(runs.selectedItems()) == 4
    assert app.session.a is made[0], "who chooses several looks at none of them"
    app.session.runs_changed.emit()
    assert len(runs.selectedItems()) == 4, "news of runs leave the choice"
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    assert [run for run in app.session.runs if run in made] == [made[3]]
    assert app.session.a is made[3]
    QTest.keyClick(app.window, Qt.Key.Key_Z, CTRL)
    assert app.session.runs == order
    assert {run: len(run.store) for run in made} == kept, "with their frames: nothing is computed anew"
    assert all(run.status is Status.FINISHED for run in made)
    assert app.session.a is made[0]


def test_several_are_chosen_by_keyboard(qtbot: QtBot, app: App) -> None:
    runs = app.window.lab.form.runs
    made = computed(qtbot, app, *(of(seed=n) for n in range(4)))
    click(runs, made[0])
    QTest.keyClick(runs, Qt.Key.Key_Down)
    assert app.session.a is made[1]
    QTest.keyClick(runs, Qt.Key.Key_Down, SHIFT)
    QTest.keyClick(runs, Qt.Key.Key_Down, SHIFT)
    assert app.session.a is made[1]
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    assert [run for run in app.session.runs if run in made] == [made[0]]
    QTest.keyClick(runs, Qt.Key.Key_A, CTRL)
    assert len(runs.selectedItems()) == 2
    new = computed(qtbot, app, of(seed=9))[0]
    assert runs.selectedItems() == [runs.item_of(new)], "a new run is what is looked at, whatever was chosen"
    QTest.keyClick(runs, Qt.Key.Key_A, CTRL)
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    assert not texts(runs)
    assert app.session.a is None


def test_the_last_of_a_lab_leaves_the_lab_in_its_place(qtbot: QtBot, app: App) -> None:
    app.session.start(of(seed=1), "gan/elsewhere", show=False)
    runs = app.window.lab.form.runs
    run = computed(qtbot, app, QUICK)[0]
    click(runs, run)
    QTest.keyClick(runs, Qt.Key.Key_A, CTRL)
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    assert app.session.a is None
    assert app.window.shown is app.window.lab


def test_what_was_cancelled_or_failed_is_cleared_at_once(qtbot: QtBot, app: App) -> None:
    form = app.window.lab.form
    tidy = form.findChild(TidyButton)
    done = computed(qtbot, app, QUICK)[0]
    assert tidy is not None
    assert not tidy.isVisible()
    for seed in (1, 2):
        long = app.session.start(of(steps=1000, seed=seed), "diffusion/reverse")
        QTest.keyClick(form.panel, Qt.Key.Key_Escape)
        ended(qtbot, long, Status.CANCELLED)
    assert tidy.isVisible()
    qtbot.mouseClick(tidy, LEFT)
    assert [run.status for run in app.session.runs] == [Status.FINISHED] * 2
    assert done in app.session.runs
    assert not tidy.isVisible()
    QTest.keyClick(app.window, Qt.Key.Key_Z, CTRL)
    assert tidy.isVisible()
    waiting.stand_on(qtbot, form.runs)
    QTest.keyClick(form.runs, Qt.Key.Key_Delete, SHIFT)
    assert not any(run.status is Status.CANCELLED for run in app.session.runs)


@pytest.mark.parametrize("size", [(1440, 900), (1100, 700), (900, 620)])
def test_the_list_scrolls_in_its_own_room(qtbot: QtBot, open_app: Opener, size: tuple[int, int]) -> None:
    app = open_app(size)
    form = app.window.lab.form
    form.set_request(QUICK)
    computed(qtbot, app, QUICK)
    run_at = form.panel.run.mapTo(app.window, QPoint(0, 0))
    page_at = form.page.geometry()
    made = computed(qtbot, app, *(of(seed=n, guidance=3.0) for n in range(12)))
    assert form.panel.run.mapTo(app.window, QPoint(0, 0)) == run_at
    assert form.page.geometry() == page_at
    assert form.runs.verticalScrollBar().maximum() > 0
    assert form.runs.viewport().rect().contains(form.runs.visualItemRect(form.runs.item_of(made[-1])).center())
    form.show_direction("forward")
    QApplication.processEvents()
    assert form.panel.run.mapTo(app.window, QPoint(0, 0)).y() == run_at.y(), "another form leaves Run where it is"


def test_pinning_shows_at_once(qtbot: QtBot, app: App) -> None:
    """The shown run is marked as B and what comes next is said; once another one is shown the two are."""
    form = app.window.lab.form
    one, two = computed(qtbot, app, QUICK, of(sampler=Ddpm()))
    QTest.keyClick(app.window, Qt.Key.Key_P)
    assert texts(form.runs)[1:] == ["DDIM 2", "AB  DDPM 2"]
    assert "DDPM 2 is pinned as B" in app.window._hints.text()
    click(form.runs, one)
    app.window.lab.draw()
    assert texts(form.runs)[1:] == ["A  DDIM 2", "B  DDPM 2"]
    assert app.window.lab.stage.lines[1].isVisible()
    assert "pinned" not in app.window._hints.text()
    assert two is app.session.b


def test_run_is_not_offered_without_pictures(qtbot: QtBot, app: App) -> None:
    """It says why beside it, and to a screen reader; with a picture it is offered again."""
    form = app.window.lab.form
    gallery, panel = form.forward.gallery, form.panel
    before = form.request_for("forward")
    form.set_request(dataclasses.replace(before, start=Image(())))
    said, runs = panel.cost.text(), len(app.session.runs)
    assert not panel.run.isEnabled()
    assert said == "No picture is chosen: choose at least one to start from."
    assert panel.run.accessibleDescription() == said
    qtbot.mouseClick(panel.run, LEFT)
    QTest.keyClick(app.window, Qt.Key.Key_Return, CTRL)
    assert len(app.session.runs) == runs
    QTest.mouseClick(
        gallery.sheet.viewport(), LEFT, pos=gallery.sheet.visualRect(gallery.sheet.model().index(0, 0)).center()
    )
    assert panel.run.isEnabled()
    assert panel.run.accessibleDescription() == ""
    assert "frames" in panel.cost.text()


def test_a_ticked_instrument_comes_into_sight_the_first_time_too(qtbot: QtBot, app: App) -> None:
    page = app.window.lab.instruments
    QTest.keyClick(app.window, Qt.Key.Key_T)
    qtbot.waitUntil(page.isVisible, timeout=LONG)
    missing = [key for key in INSTRUMENTS if key not in page.shown_keys()]
    assert missing
    for key in (missing[-1], missing[0]):
        waiting.stand_on(qtbot, page.list)
        page.list.setCurrentRow(list(INSTRUMENTS).index(key))
        QTest.keyClick(page.list, Qt.Key.Key_Space)
        assert key in page.shown_keys()
        with qtbot.waitSignal(page.drawn, timeout=LONG):
            pass
        QApplication.processEvents()
        card, seen = page.cards[key], page.grid.viewport().rect()
        top = card.mapTo(page.grid.viewport(), QPoint(0, 0)).y()
        assert 0 <= top < seen.height() - 40, key
