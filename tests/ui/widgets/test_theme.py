"""The theme: legible in both palettes, with the fonts, icons and controls that it promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QTextLayout
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from diffviz import paths
from diffviz.domain.panes import DARK, LIGHT, PALETTES, Palette
from diffviz.ui.widgets import theme
from tests import waiting

HUES = ("cursor", "noisy", "data", "noise", "beta", "alpha_bar", "generated", "loss", "error")
TEXTS = ("text", "quiet", *HUES)
LEGIBLE = 4.5


@pytest.fixture(autouse=True)
def _restore(qapp: QApplication) -> Iterator[None]:
    yield
    theme.apply(qapp, "dark")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1) of #rrggbb."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.1), 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=lambda p: p.name)
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("ground", ["panel", "field"])
def test_text_and_hues_are_legible(palette: Palette, name: str, ground: str) -> None:
    assert contrast(getattr(palette, name), getattr(palette, ground)) >= LEGIBLE


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=lambda p: p.name)
def test_primary_button_and_quiet_text_on_the_ground_are_legible(palette: Palette) -> None:
    assert contrast(palette.on_primary, palette.cursor) >= LEGIBLE
    assert contrast(palette.quiet, palette.ground) >= LEGIBLE


@pytest.mark.parametrize("name", PALETTES)
def test_a_theme_in_force_colours_the_program(qapp: QApplication, name: str) -> None:
    theme.apply(qapp, name)
    assert theme.palette() is PALETTES[name]
    assert theme.color("data").name() == PALETTES[name].data
    assert theme.color("data", 0.5).alphaF() == pytest.approx(0.5, abs=0.01)
    assert PALETTES[name].panel in qapp.styleSheet()


@pytest.mark.parametrize("name", PALETTES)
def test_controls_have_their_images_in_the_palette_s_colours(qapp: QApplication, name: str) -> None:
    theme.apply(qapp, name)
    folder = paths.resources() / "icons" / "controls" / name
    for image, colour in (("chevron-down", "quiet"), ("chevron-up", "quiet"), ("check", "on_primary")):
        assert f"{folder.as_posix()}/{image}.svg" in qapp.styleSheet()
        assert getattr(PALETTES[name], colour) in (folder / f"{image}.svg").read_text()


def test_a_combo_box_shows_a_chevron(qtbot: QtBot) -> None:
    theme.apply(QApplication.instance(), "dark")  # type: ignore[arg-type]
    box = QComboBox()
    qtbot.addWidget(box)
    box.resize(160, box.sizeHint().height())
    image = box.grab().toImage()
    middle, right = image.height() // 2, image.width()
    arrow = {image.pixelColor(x, y).name() for x in range(right - 26, right - 4) for y in range(6, image.height() - 6)}
    assert any(QColor(pixel).lightness() > QColor(DARK.edge).lightness() + 30 for pixel in arrow), middle


def test_an_unknown_theme_follows_the_desktop(qapp: QApplication) -> None:
    theme.apply(qapp, "")
    assert theme.palette().name == theme.desktop()


def test_figures_have_equal_width(qapp: QApplication) -> None:
    metrics = QFontMetricsF(theme.font(13))
    assert metrics.horizontalAdvance("1111") == pytest.approx(metrics.horizontalAdvance("0000"), abs=0.02)
    assert theme.font(17, 700).weight() == QFont.Weight.Bold
    assert theme.font(17).pixelSize() == 17


def test_the_bundled_font_is_used_where_it_is_there(qapp: QApplication) -> None:
    bundled = any((paths.resources() / "fonts").rglob("*.otf")) or any((paths.resources() / "fonts").rglob("*.ttf"))
    assert (QFontInfo(theme.font()).family() == theme.FAMILY) == bundled


def signs_written() -> set[str]:
    """Every sign that the program writes on the screen, but for letters of ASCII."""
    catalogue = (paths.resources() / "translations/ko/LC_MESSAGES/diffviz.po").read_text(encoding="utf-8")
    return {sign for sign in catalogue + "└" if ord(sign) > 127 and sign.isprintable()}


def test_every_sign_that_is_written_is_in_the_programs_own_fonts(qapp: QApplication) -> None:
    used = set()
    for sign in signs_written():
        layout = QTextLayout(sign, theme.font())
        layout.beginLayout()
        layout.createLine()
        layout.endLayout()
        for run in layout.glyphRuns():
            used.add((run.rawFont().familyName(), sign if run.rawFont().familyName() != "Pretendard" else ""))
            assert 0 not in run.glyphIndexes(), f"no glyph for {sign}"
    assert {family for family, _ in used} == {"Pretendard", "Diffviz Symbols"}
    assert {sign for _, sign in used} == {"", "∇", "∓", "└"}, "what is in no other font of its own"


def test_an_icon_takes_its_colour(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    image = theme.icon("play", "data").pixmap(24, 24).toImage()
    painted = {
        image.pixelColor(x, y).name() for x in range(24) for y in range(24) if image.pixelColor(x, y).alpha() == 255
    }
    assert LIGHT.data in painted
    assert theme.icon("no such icon").isNull()


def test_spin_boxes_indent_their_text(qtbot: QtBot) -> None:
    spin = QSpinBox()
    qtbot.addWidget(spin)
    theme.inset(spin)
    assert spin.lineEdit().textMargins().left() == theme.SPIN_INSET


def test_a_button_takes_the_keyboard_by_tab_and_not_by_click(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    buttons = [QPushButton(name) for name in "ab"]
    for button in buttons:
        row.addWidget(button)
    waiting.stand_on(qtbot, buttons[0])
    qtbot.keyClick(buttons[0], Qt.Key.Key_Tab)
    assert buttons[1].hasFocus()
    clicked = []
    buttons[0].clicked.connect(lambda: clicked.append(1))
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert clicked == [1]
    assert not buttons[0].hasFocus()


@pytest.mark.parametrize("name", PALETTES)
def test_the_buttons_of_the_file_dialog_can_be_seen(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    theme.apply(QApplication.instance(), name)  # type: ignore[arg-type]
    dialog = QFileDialog(None, "", str(tmp_path))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    qtbot.addWidget(dialog)
    dialog.show()
    button = dialog.findChild(QToolButton, "toParentButton")
    assert isinstance(button, QToolButton)
    assert button.width() >= 24
    image = button.grab().toImage()
    inside = [image.pixelColor(x, y) for x in range(7, image.width() - 7) for y in range(7, image.height() - 7)]
    text = QColor(PALETTES[name].text)
    assert sum(abs(pixel.lightness() - text.lightness()) < 40 for pixel in inside) >= 12
