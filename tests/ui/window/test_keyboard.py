"""The keyboard in the real window: every control is met by Tab in the order of reading, and seen where it is."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QScrollArea,
    QSlider,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain.panes import PALETTES, Palette
from diffviz.domain.requests import ReverseRequest
from diffviz.session.run import Status
from diffviz.ui.widgets.focus import FocusRing, reveal, ring_of, seen
from tests import waiting
from tests.ui.conftest import LONG, Opener

KINDS = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QAbstractItemView, QSlider)
LABS = ("diffusion", "vae", "gan")
SIZES = ((1440, 900), (1100, 700), (900, 620))
MOST = 150
CLEAR = 3.0
"""Contrast that a sign of the focus needs: WCAG 2.2, 1.4.11."""


def at_rest(qtbot: QtBot, app: App, lab: str) -> None:
    """`lab` with its first run, whose controls come and go no more, in a window that has the keyboard."""
    app.window.open_lab(lab)
    qtbot.waitUntil(lambda: app.session.device is not None, timeout=LONG)
    run = app.session.a
    assert run is not None
    if not run.status.final and lab == "gan":
        app.session.cancel(run)
    qtbot.waitUntil(lambda: run.status.final, timeout=LONG)
    assert run.status is not Status.FAILED
    waiting.activate(qtbot, app.window)


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None, "nobody has the keyboard"
    return widget


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> QWidget:
    """Press `key` where the keyboard is; who has it then."""
    qtbot.keyClick(focused(), key, modifier)
    QApplication.processEvents()
    return focused()


def around(qtbot: QtBot, app: App, *, on: bool = True) -> list[QWidget]:
    """Everything that Tab stops at, from the first of the window to the last, checked on the way."""
    key = Qt.Key.Key_Tab if on else Qt.Key.Key_Backtab
    first, met = focused(), list[QWidget]()
    for _ in range(MOST):
        met.append(press(qtbot, key))
        assert_shown(app, met[-1])
        if met[-1] is first:
            break
    assert met[-1] is first, "Tab does not come back"
    met = [
        one for one, before in zip(met, [None, *met], strict=False) if one is not before
    ]  # a map has stops of its own
    met = met if on else met[::-1]
    bar = app.window.regions()[0].widget
    start = next(i for i, one in enumerate(met) if bar.isAncestorOf(one) and not bar.isAncestorOf(met[i - 1]))
    return [*met[start:], *met[:start]]


def assert_shown(app: App, widget: QWidget) -> None:
    """A ring stands around `widget`, in sight, and a thin one around its region."""
    ring, region = ring_of(app.window), ring_of(app.window, "region")
    place = QRect(widget.mapTo(app.window, QPoint()), widget.size())
    said = f"{widget} {widget.accessibleName()}"
    assert ring.isVisible(), said
    assert region.isVisible(), said
    assert seen(widget).width() >= min(12, widget.width()), f"out of sight: {said}"
    assert seen(widget).height() >= min(12, widget.height()), f"out of sight: {said}"
    assert ring.geometry().intersects(place), said
    assert region.around is not None, said
    assert region.around.isAncestorOf(widget), said
    assert region.around.accessibleName(), said


def controls(app: App) -> set[QWidget]:
    """What one can do something with, found by its kind and not by what takes the focus."""
    found = app.window.findChildren(QWidget)
    shown = [w for w in found if w.isVisible() and w.isEnabled() and w.window() is app.window and not w.focusProxy()]
    policy = Qt.FocusPolicy.TabFocus
    own = {w for w in shown if isinstance(w, KINDS) or w.focusPolicy() & policy}
    return {w for w in own if not isinstance(w.parentWidget(), QAbstractItemView)}


def hidden_by_drawer(app: App, widget: QWidget) -> bool:
    drawer = app.window.shown.regions()[-1]
    if not drawer.over or not drawer.widget.isVisible() or drawer.widget.isAncestorOf(widget):
        return False
    return seen(drawer.widget).contains(seen(widget))


def place(widget: QWidget) -> QRect:
    """Where `widget` is in its window when nothing is scrolled."""
    found, parent = QRect(widget.mapTo(widget.window(), QPoint()), widget.size()), widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            found.translate(parent.horizontalScrollBar().value(), parent.verticalScrollBar().value())
        parent = parent.parentWidget()
    return found


def area_of(widget: QWidget) -> QScrollArea | None:
    """The innermost area that `widget` scrolls in."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    return parent


def assert_reads_on(app: App, met: list[QWidget]) -> None:
    """Regions follow each other; within one, nothing goes back up in the column that it is in."""
    regions = [region.widget for region in app.window.regions()]
    numbers = [next(i for i, region in enumerate(regions) if region.isAncestorOf(one)) for one in met]
    assert numbers == sorted(numbers)
    for (a, at), (b, then) in zip(zip(met, numbers, strict=True), zip(met[1:], numbers[1:], strict=True), strict=False):
        if at == then:
            same = area_of(a) is area_of(b)
            one, other = (place(w if same else area_of(w) or w) for w in (a, b))
            above, before = other.bottom() < one.top(), other.left() < one.left() and abs(other.y() - one.y()) < 4
            assert not (above and other.left() < one.right()), f"{b} stands above {a}"
            assert not before, f"{b} stands before {a}"


@pytest.mark.parametrize(
    ("lab", "size"),
    [
        pytest.param(lab, size, marks=pytest.mark.slow if lab != "diffusion" and size != SIZES[-1] else ())
        for lab in LABS
        for size in SIZES
    ],
)
def test_tab_goes_through_the_whole_window_as_one_reads_and_back(
    qtbot: QtBot, open_app: Opener, lab: str, size: tuple[int, int]
) -> None:
    app = open_app(size)
    at_rest(qtbot, app, lab)
    if size[0] < 1200:
        qtbot.keyClick(app.window, Qt.Key.Key_I)  # the drawer, over the others
    met = around(qtbot, app)
    twice = [w for i, w in enumerate(met) if w in met[:i]]
    assert not twice, [w.accessibleName() or w.toolTip() for w in twice]
    left_out = controls(app) - {*met}
    assert not [w for w in left_out if not hidden_by_drawer(app, w)]
    assert_reads_on(app, met)
    assert around(qtbot, app, on=False) == met
    for page in app.window.shown.findChildren(QAbstractButton):
        if page.isVisible() and page.text() in ("Instruments", "KL and JS", "KL", "One picture"):
            waiting.stand_on(qtbot, page, Qt.FocusReason.ShortcutFocusReason)
            press(qtbot, Qt.Key.Key_Space)
            assert_reads_on(app, around(qtbot, app))
            break


@pytest.mark.parametrize("palette", PALETTES.values(), ids=lambda palette: palette.name)
def test_the_ring_is_clear_of_all_it_lies_on(palette: Palette) -> None:
    for ground in (palette.ground, palette.panel, palette.field, palette.edge):
        assert contrast(palette.cursor, ground) >= CLEAR, ground
    assert contrast(palette.cursor, palette.ground) >= CLEAR  # its two lines: one shows on a picture of any grey


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 … 21, as WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def here(app: App) -> str:
    region = app.window.keyboard.region() if app.window.keyboard else None
    assert region is not None
    return region.accessibleName()


def test_f6_goes_from_region_to_region_and_comes_back_to_where_one_was(qtbot: QtBot, app: App) -> None:
    at_rest(qtbot, app, "diffusion")
    regions = [region.widget for region in app.window.regions() if region.widget.isVisible()]
    named = [region.accessibleName() for region in regions]
    assert named == ["Labs, model and files", "Settings and runs", "Stage", "Timeline", "Figures of this instant"]
    start = named.index("Timeline")
    for step in range(1, 2 * len(regions) + 1):
        assert_shown(app, press(qtbot, Qt.Key.Key_F6))
        assert here(app) == named[(start + step) % len(regions)]
    press(qtbot, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert here(app) == "Stage"
    stage = [press(qtbot, Qt.Key.Key_Tab) for _ in range(3)][-1]
    press(qtbot, Qt.Key.Key_F6)
    assert press(qtbot, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier) is stage


def test_a_click_hides_the_ring_and_leaves_the_keys_to_what_plays(qtbot: QtBot, app: App) -> None:
    at_rest(qtbot, app, "diffusion")
    form, slider = app.window.lab.form, app.window.lab.timeline.slider
    press(qtbot, Qt.Key.Key_Tab)
    assert ring_of(app.window).isVisible()
    qtbot.mouseClick(form.directions.button("reverse"), Qt.MouseButton.LeftButton)
    assert not any(ring.isVisible() for ring in app.window.findChildren(FocusRing))
    spin = app.window.findChildren(QAbstractSpinBox)[0]
    qtbot.mouseClick(spin.lineEdit(), Qt.MouseButton.LeftButton)
    assert spin.hasFocus()
    qtbot.mouseClick(form.directions.button("forward"), Qt.MouseButton.LeftButton)
    assert slider.hasFocus()
    at = app.session.cursor
    press(qtbot, Qt.Key.Key_Home)
    assert app.session.cursor != at


def fields(app: App) -> list[QSpinBox | QDoubleSpinBox]:
    """Number fields of the lab that is shown."""
    found = app.window.shown.findChildren(QAbstractSpinBox)
    return [w for w in found if w.isVisible() and w.isEnabled() and isinstance(w, QSpinBox | QDoubleSpinBox)]


@pytest.mark.parametrize("lab", LABS)
def test_enter_and_esc_leave_every_number_field_to_the_keys_of_the_transport(qtbot: QtBot, app: App, lab: str) -> None:
    at_rest(qtbot, app, lab)
    slider, player = app.window.shown.timeline.slider, app.player
    most = len(fields(app))
    for index in range(most):
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            qtbot.waitUntil(lambda: len(fields(app)) >= most, timeout=LONG)
            field = fields(app)[index]
            entry, before = field.lineEdit(), field.value()
            reveal(field)
            qtbot.mouseClick(entry, Qt.MouseButton.LeftButton)
            assert field.hasFocus()
            qtbot.keyClick(field, Qt.Key.Key_Home)  # the field's own while one types
            assert entry.cursorPosition() == 0
            if key == Qt.Key.Key_Escape:
                qtbot.keyClick(field, Qt.Key.Key_Up)
            press(qtbot, key)
            assert slider.hasFocus()
            assert field.value() == before
    qtbot.waitUntil(lambda: app.session.a is not None and app.session.a.status.final, timeout=LONG)
    press(qtbot, Qt.Key.Key_End)
    end = app.session.cursor
    press(qtbot, Qt.Key.Key_Home)
    assert app.session.cursor != end
    start = app.session.cursor
    press(qtbot, Qt.Key.Key_Right)
    assert app.session.cursor != start
    press(qtbot, Qt.Key.Key_Left)
    assert app.session.cursor == start
    ending = player.ending
    press(qtbot, Qt.Key.Key_L)
    assert player.ending != ending
    press(qtbot, Qt.Key.Key_Space)
    assert player.playing
    press(qtbot, Qt.Key.Key_Space)
    assert not player.playing


def test_what_is_typed_counts_once_enter_is_pressed_and_esc_takes_it_back(qtbot: QtBot, app: App) -> None:
    at_rest(qtbot, app, "diffusion")
    spin = next(field for field in fields(app) if field.accessibleName() == "Frames")
    for typed, key, left in (("150", Qt.Key.Key_Return, 150), ("60", Qt.Key.Key_Escape, 150)):
        qtbot.mouseClick(spin.lineEdit(), Qt.MouseButton.LeftButton)
        spin.selectAll()
        qtbot.keyClicks(spin, typed)
        press(qtbot, key)
        assert spin.value() == left
        assert app.window.lab.form.request_for("forward").steps == left
        assert app.window.lab.timeline.slider.hasFocus()


def test_esc_in_a_field_leaves_the_run_that_goes_on(qtbot: QtBot, app: App) -> None:
    qtbot.waitUntil(lambda: app.session.device is not None, timeout=LONG)
    waiting.activate(qtbot, app.window)
    run = app.session.start(ReverseRequest(model="fashion-ddpm", samples=4, steps=1000), "diffusion/reverse")
    qtbot.waitUntil(lambda: len(run.store) > 0, timeout=LONG)
    spin = fields(app)[0]
    qtbot.mouseClick(spin.lineEdit(), Qt.MouseButton.LeftButton)
    press(qtbot, Qt.Key.Key_Escape)
    assert not run.status.final
    press(qtbot, Qt.Key.Key_Escape)  # now it is the transport's
    qtbot.waitUntil(lambda: run.status is Status.CANCELLED, timeout=LONG)


def with_ctrl(app: App) -> list[QAction]:
    every = [*app.window.actions(), *app.window.findChildren(QAction)]
    keys = [a for a in dict.fromkeys(every) if a.isEnabled() and a.shortcut().toString().startswith("Ctrl+")]
    return [a for a in keys if a.shortcut().toString() not in ("Ctrl+C", "Ctrl+Q")]


def test_shortcuts_with_ctrl_work_in_fields_buttons_lists_and_plots(qtbot: QtBot, app: App) -> None:
    at_rest(qtbot, app, "diffusion")
    dice = next(b for b in app.window.findChildren(QAbstractButton) if b.accessibleName() == "A new random seed")
    qtbot.mouseClick(dice, Qt.MouseButton.LeftButton)  # something to undo
    heard, actions, lab = list[QAction](), with_ctrl(app), app.window.lab
    assert len(actions) >= 12
    for action in actions:
        action.triggered.disconnect()
        action.triggered.connect(partial(lambda one, _on=False: heard.append(one), action))
    seed = fields(app)[-1]
    for widget in (seed, lab.form.runs, lab.stage.canvas, lab.form.panel.run):
        for action in actions:
            waiting.stand_on(qtbot, widget)
            heard.clear()
            QTest.keySequence(widget, action.shortcut())
            assert heard == [action], f"{action.text()} in {widget}"
    before = app.session.a
    waiting.stand_on(qtbot, seed)
    qtbot.keyClick(seed, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: app.session.a is not before, timeout=LONG)


def test_the_keyboard_is_never_lost_with_what_had_it(qtbot: QtBot, app: App) -> None:
    at_rest(qtbot, app, "diffusion")
    lab = app.window.lab
    press(qtbot, Qt.Key.Key_Tab)
    here, after = focused(), press(qtbot, Qt.Key.Key_Tab)
    waiting.stand_on(qtbot, here, Qt.FocusReason.ShortcutFocusReason)
    here.setEnabled(False)  # one goes on by keys from where one was
    assert focused() is after
    here.setEnabled(True)
    waiting.stand_on(qtbot, lab.stage.canvas, Qt.FocusReason.MouseFocusReason)
    press(qtbot, Qt.Key.Key_T)  # the stage gives way to the instruments
    assert focused() is lab.timeline.slider
    assert not ring_of(app.window).isVisible()
    tab = lab.pages.tabs[1].button("stage")
    waiting.stand_on(qtbot, tab, Qt.FocusReason.ShortcutFocusReason)
    there = press(qtbot, Qt.Key.Key_Space)  # the row of tabs is another one on each page
    assert there is lab.pages.tabs[0].button("stage")
    assert_shown(app, there)
