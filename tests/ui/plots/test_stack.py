"""Plots on pyqtgraph: what is shown, zoomed, read, told and saved, by mouse and keyboard on real widgets."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QScrollArea, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from diffviz.domain.plots import Band, Plot, Series
from diffviz.domain.serialization import encode
from diffviz.domain.text import set_language
from diffviz.ui.plots.axes import EvenScale, LogScale
from diffviz.ui.plots.panel import Panel
from diffviz.ui.plots.stack import PlotStack
from diffviz.ui.plots.view_box import Margins
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.controls import IconButton
from tests import waiting
from tests.ui.timeline.pixels import grab, like

NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
LEFT, MIDDLE, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
T = np.linspace(0.0, 1000.0, 1001)
FALL = np.exp(-T / 200)


def fall(limits: tuple[float, float] | None = (0.0, 1.0)) -> Plot:
    curves = (
        Series("signal", "ᾱ_t", "signal that is left", "alpha_bar", T, FALL),
        Series("beta", "β_t", "noise a step adds", "beta", T, 5 * (1 - FALL), style="dashed"),
    )
    return Plot("fall", "ᾱ_t", curves, limits=limits)


@pytest.fixture
def stack(qtbot: QtBot) -> PlotStack:
    made = a_stack()
    qtbot.addWidget(made)
    return made


def a_stack(parent: QWidget | None = None) -> PlotStack:
    made = PlotStack("A plot", [Panel("t", "ᾱ_t", Margins(56, 20, 20, 24))], parent)
    made.resize(600, 240)
    made.show()
    made.panels[0].show_plot(fall(None))
    return made


def drag(stack: PlotStack, begin: QPoint, by: QPoint, button: Qt.MouseButton, held: Qt.KeyboardModifier = NONE) -> None:
    """Press, move and let go: the offscreen platform makes no moves with a button held."""
    QTest.mousePress(stack, button, held, begin)
    for at in (begin + by / 2, begin + by):
        place = QPointF(at)
        QApplication.sendEvent(
            stack, QMouseEvent(QEvent.Type.MouseMove, place, place, Qt.MouseButton.NoButton, button, held)
        )
    QTest.mouseRelease(stack, button, held, begin + by)


def wheel(stack: PlotStack, at: QPointF, notches: int, held: Qt.KeyboardModifier = NONE) -> QWheelEvent:
    begun = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, stack.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), NO_BUTTON, held, begun, False)
    QApplication.sendEvent(stack, event)
    return event


def button(stack: PlotStack) -> IconButton | None:
    found = [made for made in stack.findChildren(IconButton) if made.isVisible()]
    return found[0] if found else None


def middle(stack: PlotStack) -> QPointF:
    return stack.panels[0].box.area.center()


def menu_of(stack: PlotStack) -> QMenu:
    """The menu that the Menu key opens."""
    at = stack.rect().center()
    QApplication.sendEvent(stack, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, stack.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(stack: PlotStack, text: str) -> None:
    menu = menu_of(stack)
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()


def test_a_curve_is_where_its_values_are(stack: PlotStack) -> None:
    panel, pixels = stack.panels[0], grab(stack)
    blue = like(pixels, theme.color("alpha_bar"), tolerance=60)
    for t in (100.0, 300.0, 600.0):
        at = panel.to_px(t, float(np.exp(-t / 200)))
        assert blue[round(at.y()) - 2 : round(at.y()) + 3, round(at.x())].any(), t
        assert panel.to_data(at) == pytest.approx((t, np.exp(-t / 200)))


def test_the_scale_follows_what_is_shown(stack: PlotStack) -> None:
    panel = stack.panels[0]
    assert panel.y_range[1] > 5
    panel.switch("beta", False)
    assert panel.y_range[1] == pytest.approx(1.0, abs=0.1)
    assert not like(grab(stack), theme.color("beta"), tolerance=60).any()
    panel.switch("beta", True)
    assert panel.y_range[1] > 5


def test_a_legend_entry_switches_its_curve(stack: PlotStack) -> None:
    stack.legend_left = 56
    stack.renew()
    before = grab(stack)
    place = stack.legend.area_of("beta").center().toPoint()
    QTest.mouseClick(stack, LEFT, NONE, place)
    assert stack.panels[0].off == {"beta"}
    assert (grab(stack)[:18] != before[:18]).any(), "its entry is pale"
    QTest.mouseClick(stack, LEFT, NONE, place)
    assert stack.panels[0].off == frozenset()


def test_the_wheel_zooms_at_the_pointer_and_0_shows_all(stack: PlotStack) -> None:
    panel, at = stack.panels[0], middle(stack) + QPointF(60, 20)
    before, whole = panel.to_data(at), (panel.x_range, panel.y_range)
    assert button(stack) is None
    wheel(stack, at, 5)
    assert panel.to_data(at) == pytest.approx(before)
    assert panel.x_range[1] - panel.x_range[0] < 500
    assert button(stack) is not None
    QTest.keyClick(stack, Qt.Key.Key_0)
    assert panel.x_range == pytest.approx(whole[0])
    assert panel.y_range == pytest.approx(whole[1])
    assert button(stack) is None


def test_over_an_axis_the_wheel_zooms_that_axis_alone(stack: PlotStack) -> None:
    panel = stack.panels[0]
    whole_x, whole_y = panel.x_range, panel.y_range
    wheel(stack, QPointF(20, 100), 4)
    assert panel.x_range == whole_x
    assert panel.y_range[1] - panel.y_range[0] < 0.6 * (whole_y[1] - whole_y[0])
    QTest.mouseDClick(stack, LEFT, NONE, middle(stack).toPoint())
    wheel(stack, QPointF(300, 230), 4)
    assert panel.y_range == pytest.approx(fitting(panel)), "nobody has chosen heights: they are those of the part"
    assert panel.x_range[1] - panel.x_range[0] < 0.6 * 1000


def fitting(panel: Panel) -> tuple[float, float]:
    """The heights of the shown curves of `fall` in the part that is seen, with room of 6 % above and below."""
    ts = np.linspace(*panel.x_range, 5001)
    signal = np.exp(-ts / 200)
    shown = [ys for key, ys in (("signal", signal), ("beta", 5 * (1 - signal))) if key not in panel.off]
    low, high = min(ys.min() for ys in shown), max(ys.max() for ys in shown)
    room = 0.06 * (high - low)
    return low - room, high + room


def test_heights_fit_the_part_that_is_seen(stack: PlotStack) -> None:
    panel = stack.panels[0]
    whole = panel.y_range
    panel.switch("beta", False)
    panel.set_x_range(600, 1000)
    assert panel.y_range == pytest.approx(fitting(panel), abs=1e-3)
    assert panel.y_range[1] < 0.06, "what is left of ᾱ there fills the plot"
    stack.pan(-40, 0)
    panel.set_x_range(600.2, 600.7)
    assert panel.y_range == pytest.approx(fitting(panel), abs=1e-6), "also between two points"
    panel.switch("beta", True)
    assert panel.y_range == pytest.approx(fitting(panel), abs=1e-3), "a curve that is switched on there counts there"
    stack.view_all()
    assert panel.y_range == pytest.approx(whole)


def test_heights_that_were_chosen_stay_where_another_part_is_seen(stack: PlotStack) -> None:
    panel = stack.panels[0]
    wheel(stack, QPointF(20, 100), 4)
    heights = panel.y_range
    panel.set_x_range(200, 400)
    assert panel.y_range == pytest.approx(heights)
    panel.set_x_range(700, 1000)
    assert panel.y_range == pytest.approx(heights)
    QTest.mouseDClick(stack, LEFT, NONE, middle(stack).toPoint())
    panel.set_x_range(700, 1000)
    assert panel.y_range == pytest.approx(fitting(panel), abs=1e-3)


def test_heights_that_are_given_stay_and_a_logarithmic_axis_fits(stack: PlotStack) -> None:
    panel = stack.panels[0]
    panel.show_plot(fall())
    panel.set_x_range(600, 1000)
    assert panel.y_range == pytest.approx((-0.06, 1.06)), "0 … 1 is what the plot is about"
    panel.switch("beta", False)
    panel.set_log(y=True)
    panel.set_x_range(600, 1000)
    low, high = np.log10(panel.y_range)
    assert (low, high) == pytest.approx((np.log10(np.exp(-5)) - 0.052, np.log10(np.exp(-3)) + 0.052), abs=1e-3)


def test_what_is_done_as_one_is_told_once(stack: PlotStack) -> None:
    panel, told = stack.panels[0], list[int]()
    panel.changed.connect(lambda: told.append(len(panel.lines)))
    panel.show_plot(fall(None))
    assert told == [2], "new curves over another part, with areas and dots behind them"
    with panel.as_one():
        panel.show_plot(fall())
        panel.set_x_range(100, 300)
        panel.show_dots(np.array([200.0]))
    assert told == [2, 2]
    panel.show_dots(np.zeros(0), beside=True)
    panel.show_dots(np.zeros(0), beside=True)
    assert len(told) == 3, "no dots, and again none"


@pytest.mark.parametrize(("button_", "held"), [(LEFT, NONE), (MIDDLE, NONE), (LEFT, CTRL)])
def test_dragging_moves_the_plane_and_the_button_shows_all(
    stack: PlotStack, button_: Qt.MouseButton, held: Qt.KeyboardModifier
) -> None:
    panel = stack.panels[0]
    whole = panel.x_range
    wheel(stack, middle(stack), 5)
    taken = middle(stack).toPoint()
    before = panel.to_data(QPointF(taken))
    drag(stack, taken, QPoint(40, -10), button_, held)
    assert panel.to_data(QPointF(taken + QPoint(40, -10))) == pytest.approx(before)
    shown = button(stack)
    assert shown is not None
    QTest.mouseClick(shown, LEFT)
    assert panel.x_range == pytest.approx(whole)


def test_keys_zoom_move_and_are_kept_from_the_window(stack: PlotStack, qtbot: QtBot) -> None:
    panel = stack.panels[0]
    waiting.stand_on(qtbot, stack)
    QTest.keyClick(stack, Qt.Key.Key_Plus)
    QTest.keyClick(stack, Qt.Key.Key_Plus)
    near = panel.x_range
    assert near[1] - near[0] == pytest.approx(1000 / 1.44)
    QTest.keyClick(stack, Qt.Key.Key_Right, CTRL)
    assert panel.x_range[0] > near[0]
    QTest.keyClick(stack, Qt.Key.Key_Minus)
    QTest.keyClick(stack, Qt.Key.Key_Minus)
    assert panel.x_range == pytest.approx((0, 1000))


def test_it_is_seen_where_the_keyboard_is(stack: PlotStack, qtbot: QtBot) -> None:
    waiting.activate(qtbot, stack.window())
    stack.clearFocus()
    bare = grab(stack)
    waiting.stand_on(qtbot, stack)
    ring = like(grab(stack), theme.color("cursor"), tolerance=80)
    assert ring[0, 20:-20].all()
    stack.clearFocus()
    assert (grab(stack) == bare).all()


def test_nobody_leaves_the_whole(stack: PlotStack) -> None:
    panel = stack.panels[0]
    wheel(stack, middle(stack), 3)
    for _ in range(20):
        drag(stack, middle(stack).toPoint(), QPoint(200, 0), LEFT)
    assert panel.x_range[0] == pytest.approx(0)
    wheel(stack, middle(stack), -30)
    assert panel.x_range == pytest.approx((0, 1000))


def test_in_a_page_that_scrolls_the_wheel_scrolls_until_the_plot_has_the_keyboard(
    qtbot: QtBot, stack: PlotStack
) -> None:
    page, area = QWidget(), QScrollArea()
    qtbot.addWidget(area)
    page.setFixedSize(600, 2000)
    stack = a_stack(page)
    area.setWidget(page)
    area.resize(620, 300)
    area.show()
    stack.show()
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    stack.clearFocus()
    wheel(stack, middle(stack), 2)
    assert stack.is_whole()
    wheel(stack, middle(stack), 2, CTRL)
    assert not stack.is_whole()
    stack.view_all()
    QTest.mouseClick(stack, LEFT, NONE, QPoint(300, 60))
    qtbot.waitUntil(stack.hasFocus)
    wheel(stack, middle(stack), 2)
    assert not stack.is_whole()


def test_panels_are_seen_over_the_same_part(qtbot: QtBot) -> None:
    made = PlotStack("Two", [Panel("t", "a"), Panel("t", "b")])
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show()
    for panel in made.panels:
        panel.show_plot(fall())
    wheel(made, made.panels[1].box.area.center(), 4)
    assert made.panels[0].x_range == made.panels[1].x_range
    assert made.panels[0].x_range != (0, 1000)
    made.panels[0].set_x_range(100.0, 300.0)
    assert made.panels[1].x_range == pytest.approx((100, 300))
    left = {panel.to_px(200.0, 0.5).x() for panel in made.panels}
    assert len(left) == 1, "agree to the pixel"


def test_a_part_stays_while_new_data_come(stack: PlotStack) -> None:
    panel = stack.panels[0]
    panel.set_x_range(200.0, 400.0)
    panel.show_plot(Plot("fall", "ᾱ_t", (Series("signal", "ᾱ_t", "", "alpha_bar", T * 2, FALL),)))
    assert panel.x_range == pytest.approx((200, 400))
    stack.view_all()
    assert panel.x_range == pytest.approx((0, 2000))


def test_a_logarithmic_axis_shows_values_in_decades(stack: PlotStack) -> None:
    panel = stack.panels[0]
    assert not panel.log_y
    choose(stack, "Logarithmic y")
    assert panel.log_y
    a, b, c = (panel.to_px(500.0, height).y() for height in (1.0, 0.1, 0.01))
    assert a - b == pytest.approx(b - c)
    assert panel.to_data(panel.to_px(500.0, 0.02)) == pytest.approx((500.0, 0.02))
    low, high = panel.box.seen[1]
    assert "0.01" in [text for _, text in panel.y_axis.plot_scale.marks(low, high, 6)]
    choose(stack, "Logarithmic y")
    assert not panel.log_y


def test_a_horizontal_axis_is_logarithmic_too(stack: PlotStack) -> None:
    panel = stack.panels[0]
    choose(stack, "Logarithmic x")
    one, ten, hundred = (panel.to_px(t, 0.5).x() for t in (1.0, 10.0, 100.0))
    assert ten - one == pytest.approx(hundred - ten)
    assert panel.x_range == pytest.approx((1.0, 1000.0))


def test_heights_too_small_for_a_float_are_drawn_by_their_logarithms(stack: PlotStack) -> None:
    logs = -T
    tiny = Series("kl", "KL", "", "loss", T, np.power(10.0, np.maximum(logs, -400)), logs=logs)
    panel = stack.panels[0]
    panel.show_plot(Plot("kl", "KL", (tiny,), log=True))
    assert panel.log_y
    assert panel.box.seen[1][0] < -1000
    at = panel.box.to_px(900.0, -900.0)
    assert like(grab(stack), theme.color("loss"), tolerance=60)[
        round(at.y()) - 2 : round(at.y()) + 3, round(at.x())
    ].any()
    assert any("10⁻⁹⁰⁰" in text for text, _ in stack.read(panel, at))


def test_scales_mark_round_numbers() -> None:
    assert [text for _, text in EvenScale().marks(-1.0, 1.0, 4)] == ["−1.0", "−0.5", "0.0", "0.5", "1.0"]
    assert [text for _, text in LogScale().marks(-3.0, 2.0, 8)] == ["0.001", "0.01", "0.1", "1", "10", "100"]
    powers = ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹", "10²"]
    assert [text for _, text in LogScale().marks(-6.0, 2.0, 8)] == powers, "all of an axis are written alike"
    assert [text for _, text in LogScale().marks(-6.0, 2.0, 4)] == ["10⁻⁶", "10⁻⁴", "10⁻²", "10⁰", "10²"]
    assert [text for _, text in LogScale().marks(np.log10(3), np.log10(8), 6)] == ["3", "4", "5", "6", "7", "8"]


def test_the_pointer_reads_all_curves(stack: PlotStack) -> None:
    panel = stack.panels[0]
    at = panel.to_px(200.0, 2.0)
    before = grab(stack)
    QTest.mouseMove(stack, at.toPoint())
    QApplication.processEvents()
    shown = stack.read(panel, at)
    assert shown[0] == ("t = 200.0", "text")
    assert shown[1:] == [("ᾱ_t = 0.3679", "alpha_bar"), ("β_t = 3.161", "beta")]
    assert (grab(stack) != before).any()
    QApplication.sendEvent(stack, QEvent(QEvent.Type.Leave))
    assert (grab(stack) == before).all()


def test_following_the_pointer_renders_nothing_again(stack: PlotStack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.grab()
    rendered: list[object] = []
    monkeypatch.setattr(stack, "draw_scene", rendered.append)
    before = stack.grab().toImage()
    for x in range(100, 500, 40):
        QTest.mouseMove(stack, QPoint(x, 100))
        QApplication.processEvents()
        assert stack.grab().toImage() != before
    assert rendered == []
    stack.panels[0].switch("beta", False)
    stack.grab()
    assert len(rendered) == 1


def test_the_theme_is_followed_at_once(stack: PlotStack, qapp: QApplication) -> None:
    dark = grab(stack)
    theme.apply(qapp, "light")
    try:
        light = grab(stack)
        assert like(light, theme.color("panel"), tolerance=0).mean() > 0.8
        assert like(light, theme.color("alpha_bar"), tolerance=60).any()
    finally:
        theme.apply(qapp, "dark")
    assert (grab(stack) == dark).all()


def test_it_tells_its_curves_and_the_range_that_is_seen(stack: PlotStack) -> None:
    assert stack.accessibleName() == "A plot"
    assert stack.accessibleDescription().startswith("ᾱₜ, βₜ. t from 0 to 1000. ")
    stack.panels[0].set_x_range(200.0, 400.0)
    stack.panels[0].switch("beta", False)
    assert stack.accessibleDescription().startswith("ᾱₜ. Not shown: βₜ. t from 200.0 to 400.0. ")


ENGLISH = ["View all", "Logarithmic x", "Logarithmic y", "Grid", "Curves", "Copy as picture"]
KOREAN = ["전체 보기", "가로축 로그", "세로축 로그", "격자", "곡선", "그림으로 복사"]


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("ko", KOREAN)])
def test_the_menu_is_in_the_language_in_force(stack: PlotStack, language: str, texts: list[str]) -> None:
    set_language(language)
    menu = menu_of(stack)
    shown = [action.text() for action in menu.actions() if action.text()]
    menu.close()
    assert shown[:6] == texts
    assert [text.split(" ")[-1 if language == "en" else 0] for text in shown[6:]] == (
        ["PNG…", "SVG…", "CSV…"] if language == "en" else ["PNG로", "SVG로", "CSV로"]
    )


def test_the_menu_switches_curves_and_grid(stack: PlotStack) -> None:
    before = grab(stack)
    choose(stack, "Grid")
    assert (grab(stack) != before).any()
    menu = menu_of(stack)
    curves = next(action.menu() for action in menu.actions() if action.text() == "Curves")
    assert isinstance(curves, QMenu)
    assert [action.text() for action in curves.actions()] == ["ᾱₜ", "βₜ"]
    curves.actions()[1].trigger()
    menu.close()
    assert stack.panels[0].off == {"beta"}


def test_a_picture_goes_to_the_clipboard(stack: PlotStack, qtbot: QtBot) -> None:
    waiting.stand_on(qtbot, stack)
    QTest.keyClick(stack, Qt.Key.Key_C, CTRL)
    image = QGuiApplication.clipboard().image()
    assert image.size() == stack.size() * 2
    assert image.pixelColor(4, 4) == theme.color("panel")


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """The file dialog is answered with a path."""

    def answer(path: Path) -> None:
        monkeypatch.setattr(QFileDialog, "exec", lambda _: True)
        monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(path)])

    return answer


def test_saved_files_hold_what_is_shown(stack: PlotStack, answered: Callable[[Path], None], tmp_path: Path) -> None:
    for kind in ("PNG", "SVG", "CSV"):
        answered(tmp_path / f"plot.{kind.lower()}")
        choose(stack, f"Save as {kind}…")
    image = QImage(str(tmp_path / "plot.png"))
    assert image.size() == stack.size() * 2
    drawing = ET.parse(tmp_path / "plot.svg")
    written = [text.strip() for node in drawing.iter("{http://www.w3.org/2000/svg}text") for text in node.itertext()]
    assert "600" in written, "numbers are text"
    assert list(drawing.iter("{http://www.w3.org/2000/svg}polyline")) or list(
        drawing.iter("{http://www.w3.org/2000/svg}path")
    )
    rows = list(csv.reader((tmp_path / "plot.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == ["t", "ᾱₜ", "βₜ"]
    assert [float(value) for value in rows[201]] == pytest.approx([200, np.exp(-1), 5 * (1 - np.exp(-1))])
    assert len(rows) == 1002


def test_what_cannot_be_saved_is_said(
    stack: PlotStack, answered: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("diffviz.ui.plots.menu.QMessageBox.warning", lambda *words: said.append(words[-1]))
    answered(tmp_path / "missing" / "plot.png")
    choose(stack, "Save as PNG…")
    assert len(said) == 1
    assert said[0].endswith(".")


def test_bands_levels_and_the_pinned_run_are_drawn(stack: PlotStack) -> None:
    panel = stack.panels[0]
    bare = grab(stack)
    signal = Series("signal", "ᾱ_t", "", "alpha_bar", T, FALL)
    pinned = Series("signal", "ᾱ_t", "", "alpha_bar", T, 0.5 * FALL + 0.5)
    plot = Plot(
        "p", "p", (signal,), limits=(0, 1), levels=(0.5,), bands=(Band("noise", T, FALL * 0 + 0.1, FALL * 0 + 0.2),)
    )
    panel.show_plot(plot, Plot("p", "p", (pinned,)))
    shown = grab(stack)
    assert (shown != bare).any()
    inside = panel.to_px(700.0, 0.15)
    tinted = shown[round(inside.y()), round(inside.x())]
    assert (
        np.abs(tinted - [theme.color("panel").red(), theme.color("panel").green(), theme.color("panel").blue()]) > 4
    ).any()
    level = like(shown, theme.color("quiet"), tolerance=20)[round(panel.to_px(0.0, 0.5).y())]
    assert 0.3 < level[60:560].mean() < 0.9, "dashed"
    dashes = like(shown, theme.color("alpha_bar", 0.75), tolerance=130)
    rows = [round(panel.to_px(float(t), 0.5 * float(np.exp(-t / 200)) + 0.5).y()) for t in range(600, 1000, 2)]
    columns = [round(panel.to_px(float(t), 0.5).x()) for t in range(600, 1000, 2)]
    hit = np.array([dashes[row - 1 : row + 2, column].any() for row, column in zip(rows, columns, strict=True)])
    assert 0.3 < hit.mean() < 0.95, "with gaps"


def test_dots_stand_on_points_of_the_curve(stack: PlotStack) -> None:
    panel = stack.panels[0]
    panel.switch("beta", False)
    bare = grab(stack)
    panel.show_dots(np.array([100.0, 500.0]))
    changed = (grab(stack) != bare).any(axis=2)
    for t in (100.0, 500.0):
        at = panel.to_px(t, float(np.exp(-t / 200)))
        assert changed[round(at.y()) - 3 : round(at.y()) + 4, round(at.x()) - 3 : round(at.x()) + 4].any()
    assert not changed[:, round(panel.to_px(300.0, 0).x()) - 20 : round(panel.to_px(300.0, 0).x()) + 20].any()


def test_no_peak_is_lost_among_many_points(stack: PlotStack) -> None:
    xs = np.arange(100_000.0)
    ys = np.zeros(100_000)
    ys[43_217] = 1.0
    panel = stack.panels[0]
    panel.show_plot(Plot("p", "p", (Series("s", "s", "", "loss", xs, ys),), limits=(0, 1)))
    at = panel.to_px(43_217.0, 0.9)
    seen = like(grab(stack), theme.color("loss"), tolerance=90)
    assert seen[round(at.y()), round(at.x()) - 2 : round(at.x()) + 3].any()


def test_no_tooltip_of_pyqtgraph_and_no_english_menu_is_left(stack: PlotStack) -> None:
    assert not QToolTip.isVisible()
    assert stack.panels[0].box.menu is None


def test_what_was_chosen_of_a_plot_is_taken_by_another_one(stack: PlotStack, qtbot: QtBot) -> None:
    panel = stack.panels[0]
    panel.switch("beta", False)
    panel.set_log(y=True)
    panel.set_grid(True)
    panel.box.look(x=(100.0, 300.0), y=(-1.0, -0.5))
    look = json.loads(encode(stack.look()))
    other = PlotStack("Another", [Panel("t", "ᾱ_t", Margins(56, 20, 20, 24))])
    qtbot.addWidget(other)
    other.resize(400, 200)
    other.take_look(look)
    assert not other.panels[0].log_y, "it waits until there is something to draw"
    other.panels[0].show_plot(fall(None))
    assert other.panels[0].off == {"beta"}
    assert json.loads(encode(other.look())) == look
    other.take_look({"panels": [{**look["panels"][0], "off": [], "x": None}]})
    assert other.panels[0].off == frozenset()
    assert other.panels[0].box.chosen == "y"


def test_a_look_is_shown_once_more_when_other_curves_come_unless_a_person_chose_otherwise(stack: PlotStack) -> None:
    panel, wide = stack.panels[0], replace(fall(None), series=tuple(replace(s, ys=9 * s.ys) for s in fall().series))
    look = {"panels": [{"y": [3.0, 9.0]}]}
    stack.take_look(look)
    assert panel.box.seen[1] != pytest.approx((3.0, 9.0)), "these curves are lower"
    panel.show_plot(wide)
    assert panel.box.seen[1] == pytest.approx((3.0, 9.0))
    stack.take_look(look)
    stack.view_all()
    panel.show_plot(fall(None))
    assert panel.box.is_whole


@pytest.mark.parametrize(
    "look",
    [
        {"panels": {"0": {}}},
        {"panels": [1, "x", None, [], {"off": [0]}]},
        {"panels": [{"off": ["signal"], "log_y": "yes", "grid": 1, "x": [5, 4], "y": [float("nan"), 1]}]},
        {"panels": [{"off": [-1], "x": [1e300, 1e301], "y": "zoomed", "log_x": None}]},
        {"panels": [{"off": [0] * 99, "x": [True, False]}]},
        {"axes": "unknown"},
    ],
)
def test_a_look_that_cannot_be_changes_nothing(stack: PlotStack, look: dict[str, object]) -> None:
    before = stack.look()
    stack.take_look(look)
    assert stack.look() == before
