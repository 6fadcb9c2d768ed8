"""Scales map numbers to sliders and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from diffviz.domain.requests import ForwardRequest, ReverseRequest
from diffviz.domain.sampling import SAMPLERS, SCHEDULES
from diffviz.domain.settings import Bounds, Setting, every_setting
from diffviz.ui.widgets.number_slider import NumberEditor, NumberScale
from tests import waiting

BETA = NumberScale.of(Bounds(1e-6, 0.5, log=True), whole=False)
STEPS = NumberScale.of(Bounds(1, 4000), whole=True)
GUIDANCE = NumberScale.of(Bounds(0, 20, step=0.25), whole=False)


def numeric() -> list[Setting]:
    assert SAMPLERS
    assert SCHEDULES
    every = [s for cls in (ForwardRequest, ReverseRequest) for s in every_setting(cls)]
    return [s for s in every if s.kind in (int, float) and s.bounds]


@pytest.mark.parametrize("setting", numeric(), ids=lambda s: s.name)
def test_the_ends_of_every_slider_are_the_bounds_and_defaults_lie_on_it(setting: Setting) -> None:
    assert setting.bounds is not None
    scale = NumberScale.of(setting.bounds, whole=setting.kind is int)
    assert scale.value(0.0) == pytest.approx(setting.bounds.low)
    assert scale.value(1.0) == pytest.approx(setting.bounds.high)
    assert 0 <= scale.share(setting.default) <= 1
    assert round(setting.default, scale.decimals) == setting.default


@given(st.floats(0, 1))
def test_what_a_slider_gives_lies_where_it_was_taken(share: float) -> None:
    for scale, tolerance in ((BETA, 0.01), (GUIDANCE, 0.01)):
        assert scale.share(scale.value(share)) == pytest.approx(share, abs=tolerance)


@given(st.floats(0, 1))
def test_a_slider_over_whole_numbers_gives_whole_numbers(share: float) -> None:
    assert STEPS.value(share) == int(STEPS.value(share))


def test_a_wide_range_of_whole_numbers_is_spread_by_its_logarithm() -> None:
    assert STEPS.share(63) == pytest.approx(0.5, abs=0.01)


@given(st.floats(2e-6, 0.4))
def test_a_key_always_moves_a_logarithmic_value(value: float) -> None:
    assert BETA.stepped(value, 1) > value
    assert BETA.stepped(value, -1) < value


def test_steps_are_those_declared_and_stay_within_the_bounds() -> None:
    assert GUIDANCE.stepped(1.0, 1) == 1.25
    assert GUIDANCE.stepped(20.0, 1) == 20.0
    assert STEPS.stepped(50, -1) == 49


def test_numbers_are_written_without_noise() -> None:
    assert GUIDANCE.text(1.0) == "1.00"
    assert BETA.text(1e-4) == "0.0001"
    assert BETA.text(0.00085) == "0.00085"
    assert NumberScale.of(Bounds(0.0, 0.5), whole=False).text(0.008) == "0.008"


LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def editor(qtbot: QtBot) -> NumberEditor:
    """Steps, at 50 of 1 … 4000, in a window that has the keyboard."""
    made = NumberEditor(STEPS)
    qtbot.addWidget(made)
    made.resize(150, made.height())
    made.set_value(50)
    waiting.activate(qtbot, made)
    return made


def click(editor: NumberEditor, at: QPoint) -> None:
    """Press and let go where a mouse would: on the topmost widget at `at`."""
    widget: QWidget = editor.childAt(at) or editor
    QTest.mouseClick(widget, LEFT, pos=widget.mapFrom(editor, at))


def test_a_click_anywhere_in_the_field_places_the_cursor_and_changes_nothing(editor: NumberEditor) -> None:
    assert editor.handle is not None
    for x in range(3, editor.width() - 2, 7):
        for y in (3, editor.height() // 2, editor.height() - 4):
            if not editor.handle.geometry().contains(x, y):
                click(editor, QPoint(x, y))
                assert editor.value() == 50
                assert editor.spin.hasFocus()
    entry = editor.spin.lineEdit()
    for y in (2, editor.height() // 2, editor.height() - 3):
        click(editor, QPoint(2, y))
        assert entry.cursorPosition() == 0
        click(editor, QPoint(editor.width() - 6, y))
        assert entry.cursorPosition() == len(entry.text()) == 2


def test_the_handle_drags_from_where_it_was_taken(qtbot: QtBot, editor: NumberEditor) -> None:
    handle, settled = editor.handle, list[int]()
    assert handle is not None
    assert editor.childAt(handle.geometry().center()) is handle
    editor.settled.connect(lambda: settled.append(1))
    QTest.mousePress(handle, LEFT, pos=QPoint(2, 4))
    assert editor.value() == 50
    QTest.mouseMove(handle, QPoint(32, 4))
    moved = editor.value()
    assert STEPS.share(moved) == pytest.approx(STEPS.share(50) + 30 / (editor.width() - 12), abs=0.02)
    assert not settled
    QTest.mouseRelease(handle, LEFT, pos=QPoint(2, 4))
    assert settled
    assert editor.value() == moved
