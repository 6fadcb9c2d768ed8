"""The stage uses its room: empty panes give theirs away, panes are hidden and laid, one fills the stage, names stay."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from diffviz.domain.messages import Recognised
from diffviz.domain.requests import ReverseRequest
from diffviz.session.run import Run
from diffviz.ui.sample_viewer import captions
from diffviz.ui.sample_viewer.arrangement import COLUMN, ROW
from diffviz.ui.sample_viewer.layout import Viewport
from diffviz.ui.sample_viewer.panes import PaneChoice
from diffviz.ui.sample_viewer.viewer import SampleViewer
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.view import Shown
from tests import waiting
from tests.ui.sample_viewer.runs import GREY, Shape, forward_run, reverse_frame, reverse_run, run_of, shown

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SIZES = [(532, 230), (640, 300), (798, 396), (1320, 640)]
"""Of the stage in windows of 900 × 620, 1100 × 700, 1440 × 900 and 2000 × 1200."""
PAIR = 386
"""Height of the boards of two runs in a window of 1440 × 900."""


@pytest.fixture
def stage(qtbot: QtBot) -> SampleViewer:
    made = SampleViewer()
    qtbot.addWidget(made)
    made.resize(798, 396)
    waiting.activate(qtbot, made)
    return made


def ending(count: int = 4, run_id: int = 1) -> Run:
    """A reverse run whose ε̂ is 0 at t = 0, as it is by definition."""
    last = reverse_frame(0.0, count, GREY)
    last = dataclasses.replace(last, sigma=0.0, eps=np.zeros((count, *GREY), np.float32))
    return run_of([reverse_frame(60.0, count, GREY), last], ReverseRequest(model="toy"), (60.0, 0.0), run_id)


def widths(stage: SampleViewer) -> list[int]:
    assert stage.canvas.scene
    return [body.width for body in stage.canvas.scene.bodies]


def symbols(stage: SampleViewer) -> list[str]:
    assert stage.canvas.picture
    return [pane.symbol for pane in stage.canvas.picture.panes]


def heading(stage: SampleViewer, pane: int) -> QPoint:
    assert stage.canvas.scene
    box = stage.canvas.scene.headers[pane]
    return QPoint(box.x + 10, box.y + 10)


def middle(stage: SampleViewer, pane: int, sample: int) -> QPoint:
    scene = stage.canvas.scene
    assert scene
    box = scene.tile(pane, scene.samples.index(sample), Viewport())
    return QPoint(box.x + box.width // 2, box.y + box.height // 2)


def double_click(stage: SampleViewer, at: QPoint) -> None:
    QTest.mouseClick(stage.canvas, LEFT, NO_KEYS, at)
    QTest.mouseDClick(stage.canvas, LEFT, NO_KEYS, at)


def test_an_empty_pane_gives_its_room_away_when_the_cursor_rests_and_has_it_back_at_once(
    stage: SampleViewer, qtbot: QtBot
) -> None:
    run = ending()
    stage.draw(shown(run))
    before, scale = widths(stage), stage.canvas.scale
    stage.draw(shown(run, 0.0))
    assert widths(stage) == before, "while time moves nothing jumps"
    qtbot.waitUntil(lambda: widths(stage) != before)
    after = widths(stage)
    assert after[2] < before[2] / 3
    assert after[0] == after[1] > before[0]
    assert stage.canvas.scale > scale
    assert "ε̂" in stage.canvas.tooltip_at(heading(stage, 2)), "its place is still there"
    stage.draw(shown(run))
    assert widths(stage) == before


def test_while_a_player_runs_an_empty_pane_keeps_its_place(stage: SampleViewer, qtbot: QtBot) -> None:
    run = ending()
    stage.draw(shown(run))
    before = widths(stage)
    stage.pair.set_playing(True)
    stage.draw(shown(run, 0.0))
    qtbot.wait(400)
    assert widths(stage) == before
    stage.pair.set_playing(False)
    qtbot.waitUntil(lambda: widths(stage) != before)


def test_room_is_not_given_away_for_nothing(stage: SampleViewer, qtbot: QtBot) -> None:
    """Eight samples are as large in two panes of this stage as in three: they stay where they are."""
    run = ending(8)
    stage.draw(shown(run))
    before = widths(stage)
    stage.draw(shown(run, 0.0))
    qtbot.wait(400)
    assert widths(stage) == before


def test_a_pane_that_the_pinned_run_still_fills_keeps_its_room_in_both(stage: SampleViewer, qtbot: QtBot) -> None:
    stage.resize(798, 900)
    a, b = ending(), reverse_run(4, run_id=2)
    both = dataclasses.replace(shown(a, 0.0), b=b, names=("a", "b"))
    stage.draw(both)
    before = widths(stage)
    qtbot.wait(400)
    assert widths(stage) == before
    stage.draw(dataclasses.replace(both, b=ending(run_id=3)))
    qtbot.waitUntil(lambda: widths(stage) != before)
    assert stage.beside.scene
    assert stage.canvas.scene
    assert stage.beside.scene.bodies == stage.canvas.scene.bodies


def test_keys_hide_the_pane_under_the_pointer_and_show_all_again(stage: SampleViewer, qtbot: QtBot) -> None:
    stage.draw(shown(reverse_run()))
    scale = stage.canvas.scale
    QTest.mouseMove(stage.canvas, middle(stage, 2, 0))
    with qtbot.waitSignal(stage.toolbar.panes.changed):
        QTest.keyClick(stage.toolbar, Qt.Key.Key_H)
    assert symbols(stage) == ["x_t", "x̂_0"]
    assert stage.canvas.scale > scale
    assert stage.toolbar.panes.text() == " 2/3", "that one is hidden can be seen"
    QTest.keyClick(stage.toolbar, Qt.Key.Key_H)
    QTest.keyClick(stage.toolbar, Qt.Key.Key_H)
    assert len(symbols(stage)) == 1, "one pane is always shown"
    QTest.keyClick(stage.toolbar, Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    assert symbols(stage) == ["x_t", "x̂_0", "ε̂"]
    assert stage.toolbar.panes.text() == ""


def test_the_menu_of_panes_says_which_are_shown_and_how(stage: SampleViewer) -> None:
    stage.draw(shown(reverse_run()))
    menu = QMenu(stage)
    stage.toolbar.panes.add_actions(menu)
    texts = {action.text(): action for action in menu.actions()}
    noise = texts["ε̂  its estimate of all the noise"]
    assert noise.isChecked()
    noise.trigger()
    assert symbols(stage) == ["x_t", "x̂_0"]
    texts["Below each other"].trigger()
    assert stage.canvas.scene
    assert stage.canvas.scene.columns == 1
    assert stage.pane_choice == PaneChoice(frozenset({"noise estimate"}), COLUMN)


def test_a_key_lays_panes_side_by_side_and_below_each_other(stage: SampleViewer) -> None:
    stage.draw(shown(reverse_run(1)))
    seen = []
    for _ in range(3):
        QTest.keyClick(stage.toolbar, Qt.Key.Key_V)
        assert stage.canvas.scene
        seen.append((stage.pane_choice.how, stage.canvas.scene.columns))
    assert seen[:2] == [(ROW, 3), (COLUMN, 1)]
    assert seen[2][0] == "auto"


@pytest.mark.parametrize("text", ["", "column:noise", "row:", "sideways:noise estimate", ":::,,", "auto:a,b,c"])
def test_whatever_settings_hold_is_a_choice_of_panes(stage: SampleViewer, text: str) -> None:
    choice = PaneChoice.parse(text)
    assert PaneChoice.parse(choice.text()) == choice
    stage.toolbar.panes.restore(choice)
    stage.draw(shown(reverse_run()))
    assert symbols(stage)
    stage.canvas.grab()


def what(stage: SampleViewer) -> str:
    """The panes that are shown, and the sample in focus."""
    return f"{' '.join(symbols(stage))}, {stage.focus}"


def test_a_double_click_lets_a_pane_fill_the_stage_and_another_goes_back(stage: SampleViewer) -> None:
    stage.draw(shown(reverse_run()))
    scale = stage.canvas.scale
    double_click(stage, heading(stage, 1))
    assert what(stage) == "x̂_0, None"
    assert stage.canvas.scale > scale
    assert stage.toolbar.back.isVisible()
    double_click(stage, heading(stage, 0))
    assert what(stage) == "x_t x̂_0 ε̂, None"
    double_click(stage, middle(stage, 1, 2))
    assert what(stage) == "x̂_0, 2"
    double_click(stage, middle(stage, 0, 2))
    assert what(stage) == "x_t x̂_0 ε̂, None"


@pytest.mark.parametrize("back", [Qt.Key.Key_F, Qt.Key.Key_Escape])
def test_one_key_lets_the_pane_at_hand_fill_the_stage_and_it_or_escape_goes_back(
    stage: SampleViewer, back: Qt.Key
) -> None:
    stage.draw(shown(reverse_run()))
    QTest.mouseMove(stage.canvas, middle(stage, 2, 1))
    QTest.keyClick(stage.canvas, Qt.Key.Key_F)
    assert symbols(stage) == ["ε̂"]
    QTest.keyClick(stage.canvas, back)
    assert symbols(stage) == ["x_t", "x̂_0", "ε̂"]


def test_the_button_lets_a_pane_fill_the_stage_and_goes_back(stage: SampleViewer) -> None:
    stage.draw(shown(reverse_run()))
    QTest.mouseMove(stage.canvas, middle(stage, 1, 1))
    QTest.mouseClick(stage.toolbar.fill, LEFT)
    assert symbols(stage) == ["x̂_0"]
    QTest.mouseClick(stage.toolbar.fill, LEFT)
    assert len(symbols(stage)) == 3
    assert "Left and Right step in time" in stage.toolbar.back.toolTip()


def accepted(stage: SampleViewer, key: Qt.Key) -> bool:
    """Whether the stage takes `key` before the timeline does."""
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, NO_KEYS)
    event.ignore()
    QApplication.sendEvent(stage.canvas, event)
    return event.isAccepted()


def test_arrows_go_to_the_sample_beside_while_one_fills_the_stage(stage: SampleViewer) -> None:
    stage.draw(shown(reverse_run()))
    QTest.mouseMove(stage.canvas, middle(stage, 0, 2))
    QTest.keyClick(stage.canvas, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert stage.focus == 2
    assert accepted(stage, Qt.Key.Key_Right)
    QTest.keyClick(stage.canvas, Qt.Key.Key_Right)
    assert stage.focus == 3
    QTest.keyClick(stage.canvas, Qt.Key.Key_Up)
    assert stage.focus == 2
    QTest.keyClick(stage.canvas, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert stage.focus is None


def test_after_a_click_left_and_right_step_in_time_and_up_and_down_go_to_the_sample_beside(
    stage: SampleViewer,
) -> None:
    stage.draw(shown(reverse_run()))
    QTest.mouseClick(stage.canvas, LEFT, NO_KEYS, middle(stage, 1, 1))
    assert not accepted(stage, Qt.Key.Key_Left)
    assert accepted(stage, Qt.Key.Key_Down)
    QTest.keyClick(stage.canvas, Qt.Key.Key_Down)
    assert stage.focus == 2


def test_what_fills_the_stage_stays_while_time_moves_and_not_on_a_run_without_it(stage: SampleViewer) -> None:
    run = forward_run()
    stage.draw(shown(run))
    double_click(stage, heading(stage, 0))
    assert symbols(stage) == ["x_0"]
    stage.draw(shown(run, 30.0))
    assert symbols(stage) == ["x_0"]
    stage.draw(shown(reverse_run(run_id=2)))
    assert len(symbols(stage)) == 3
    assert not stage.toolbar.back.isVisible()


def test_both_runs_show_the_pane_that_fills_the_stage(stage: SampleViewer) -> None:
    both = Shown(reverse_run(), 60.0, None, b=reverse_run(run_id=2), names=("a", "b"))
    stage.draw(both)
    double_click(stage, heading(stage, 1))
    assert stage.beside.picture
    assert [pane.symbol for pane in stage.beside.picture.panes] == symbols(stage) == ["x̂_0"]


@pytest.mark.parametrize("size", [(798, 396), (640, 900), (1320, 640)])
@pytest.mark.parametrize("count", [1, 8, 16])
def test_two_runs_stand_as_their_samples_are_largest(stage: SampleViewer, size: tuple[int, int], count: int) -> None:
    stage.resize(*size)
    stage.draw(Shown(reverse_run(count), 60.0, None, b=reverse_run(count, run_id=2), names=("a", "b")))
    QApplication.processEvents()
    found, width, height = stage.canvas.scale, stage.pair.width(), stage.pair.height()
    below, beside = ((width, (height - 4) // 2 - 24), ((width - 18) // 2, height - 24))
    assert found == stage.beside.scale == max(stage.canvas.scale_in(*below), stage.canvas.scale_in(*beside))
    for line, canvas in zip(stage.lines, (stage.canvas, stage.beside), strict=True):
        assert line.isVisible()
        assert line.geometry().bottom() < canvas.geometry().top(), "its heading is above each"


def test_ten_samples_of_two_runs_stand_at_twice_their_size_in_the_first_window(stage: SampleViewer) -> None:
    """They do so beside each other, under symbols alone, however many were shown before; 96 have no room for that."""
    stage.resize(798, PAIR + stage.height() - stage.pair.height())
    found = {}
    for number, count in enumerate((16, 10, 9, 8, 16)):
        runs = reverse_run(count, run_id=2 * number), reverse_run(count, run_id=2 * number + 1)
        stage.draw(Shown(runs[0], 60.0, None, b=runs[1], names=("a", "b")))
        for canvas in (stage.canvas, stage.beside):
            canvas.set_labels(captions.labels_of(("Bag",) * count, None))
        QApplication.processEvents()
        assert stage.canvas.size() == stage.beside.size()
        assert stage.canvas.scene
        assert stage.beside.scene
        assert stage.canvas.scene.grid == stage.beside.scene.grid
        found[count] = stage.canvas.scale, stage.canvas.scene.headers[0].height
    assert {count: scale for count, (scale, _) in found.items()} == {16: 1.0, 10: 2.0, 9: 2.0, 8: 2.0}
    assert found[10][1] == captions.SYMBOLS < captions.ONE_LINE <= found[8][1]


def seen(run: Run, count: int) -> Recognised:
    rows = np.tile(np.array([[0.9, 0.1]], np.float32), (count, 1))
    return Recognised(rows, ("Bag", "Ankle boot of a very long name"), (run.id, 60.0))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 8, 9, 16, 64])
def test_the_class_s_name_stands_under_every_sample_at_every_size(
    stage: SampleViewer, size: tuple[int, int], count: int
) -> None:
    stage.resize(*size)
    run = reverse_run(count)
    stage.draw(shown(run))
    stage.set_labels(("Bag",) * count, seen(run, count))
    scene, picture = stage.canvas.scene, stage.canvas.picture
    assert scene
    assert picture
    words = captions.words_under(picture, 1, scene.samples, stage.canvas.labels)
    room = scene.tile(1, 0, Viewport()).width
    level, font = captions.fitting(words, scene.grid.strip, room, alone=count == 1)
    said = captions.shortened(words[0].wordings[level], QFontMetricsF(font), room)
    assert "Bag" in said or (count == 64 and said == "Ba"), "13 pixels hold two letters"
    assert scene.grid.strip >= 10


def test_a_long_name_is_shortened_and_never_left_out(qtbot: QtBot) -> None:
    metrics = QFontMetricsF(theme.font(9, 500))
    for width in range(12, 200, 3):
        said = captions.shortened("Ankle boot", metrics, width)
        assert said
        assert said.rstrip("…") == "Ankle boot"[: len(said.rstrip("…"))]
        assert metrics.horizontalAdvance(said) <= max(width, metrics.horizontalAdvance("A"))
    label = captions.Caption("Bag", "Ankle boot", 0.98)
    assert [label.wordings()[i] for i in (1, 2, 3)] == ["✗ Ankle boot 98 %", "✗ Ankle boot", "Ankle boot"]


def test_where_the_estimate_is_hidden_what_was_asked_stands_under_another_pane(stage: SampleViewer) -> None:
    """What was recognised in x̂_0 is not said of x_t."""
    run = reverse_run()
    stage.draw(shown(run))
    stage.set_labels(("Bag",) * 4, seen(run, 4))
    stage.toolbar.panes.restore(PaneChoice(frozenset({"clean estimate"})))
    picture = stage.canvas.picture
    assert picture
    words = captions.words_under(picture, 0, range(4), stage.canvas.labels)
    assert {word.wordings[0] for word in words} == {"asked Bag"}


@pytest.mark.parametrize("shape", [GREY, (3, 48, 64), (3, 64, 64), (1, 128, 128), (3, 512, 512)])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 8, 9])
def test_every_sample_is_in_sight_at_every_size(
    stage: SampleViewer, size: tuple[int, int], shape: Shape, count: int
) -> None:
    stage.resize(*size)
    stage.draw(shown(run_of([reverse_frame(60.0, count, shape)], ReverseRequest(model="toy"))))
    stage.canvas.grab()
    scene = stage.canvas.scene
    assert scene
    for pane, body in enumerate(scene.bodies):
        last = scene.tile(pane, count - 1, Viewport())
        assert body.contains(last.x, last.y)
        assert body.contains(last.x + last.width - 1, last.y + last.height - 1)
    assert min(shape[1:]) >= 64 or scene.grid.scale < 1 or scene.grid.scale == int(scene.grid.scale)


def test_settings_keep_a_choice_for_each_lab() -> None:
    first, second = PaneChoice(frozenset({"noise"}), ROW), PaneChoice(how=COLUMN)
    text = second.keep(first.keep("", "diffusion"), "toy-walk")
    assert PaneChoice.kept(text, "diffusion") == first
    assert PaneChoice.kept(text, "toy-walk") == second
    assert PaneChoice.kept(text, "gan") == PaneChoice()
    assert PaneChoice.kept(PaneChoice().keep(text, "diffusion"), "diffusion") == PaneChoice()


def test_escape_goes_back_wherever_the_keyboard_was_and_time_still_has_the_arrows(
    stage: SampleViewer, qtbot: QtBot
) -> None:
    stage.draw(shown(reverse_run()))
    waiting.stand_on(qtbot, stage.toolbar.fixed)
    QTest.keyClick(stage.toolbar.fixed, Qt.Key.Key_F)
    assert len(symbols(stage)) == 1
    assert not accepted(stage, Qt.Key.Key_Left)
    focused = QApplication.focusWidget()
    assert focused
    QTest.keyClick(focused, Qt.Key.Key_Escape)
    assert len(symbols(stage)) == 3
