"""The notation of symbols."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from diffviz.ui.widgets import theme
from diffviz.ui.widgets.math_label import BAR, HAT, TILDE, Root, SymbolLabel, Term, Typeset, parse, plain, rich


def test_marks_and_subscripts_belong_to_their_letter() -> None:
    assert parse("x̂_0") == (Term("x", HAT, "0"),)
    assert parse("β̃") == (Term("β", TILDE),)
    assert parse("ᾱ_{t−1}") == (Term("α", BAR, "t−1"),)


def test_korean_syllables_stay_whole() -> None:
    """They consist of parts, but not of letters with marks."""
    assert parse("단계 x̂") == (Term("단"), Term("계"), Term(" "), Term("x", HAT))


def test_a_root_takes_the_next_letter_or_parentheses() -> None:
    assert parse("√ᾱ_t x") == (Root((Term("α", BAR, "t"),)), Term(" "), Term("x"))
    assert parse("√(1−ᾱ_t)") == (Root((Term("1−"), Term("α", BAR, "t"))),)
    assert parse("√2 x") == (Root((Term("2"),)), Term(" "), Term("x"))


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        ("x_t", "xₜ"),
        ("x̂_0", "x̂₀"),
        ("ε̂", "ε̂"),
        ("√(1 − ᾱ_t)", "√(1 − ᾱₜ)"),
        ("x_{340}", "x₃₄₀"),
        ("x_{t−1}", "xₜ₋₁"),
        ("Clip x̂0", "Clip x̂₀"),
        ("10 steps", "10 steps"),
    ],
)
def test_plain_text_for_readers(notation: str, text: str) -> None:
    assert plain(notation) == text


def test_marks_and_subscripts_take_room(qapp: object) -> None:
    font = theme.font(20)
    bare, hatted, rooted = Typeset("x", font), Typeset("x̂_0", font), Typeset("√x", font)
    assert hatted.ascent > bare.ascent
    assert hatted.width > bare.width
    assert rooted.width > bare.width


def test_a_mark_is_painted_above_its_letter_without_touching_it(qtbot: QtBot) -> None:
    """The font's own tilde runs into β; ours leaves a row of background between the two."""
    label = SymbolLabel("β̃", theme.font(40), theme.color("text"))
    qtbot.addWidget(label)
    label.resize(60, 90)
    image = label.grab().toImage()
    ground = image.pixelColor(59, 0)
    columns = [x for x in range(60) if any(image.pixelColor(x, y) != ground for y in range(90))]
    inked = [any(image.pixelColor(x, y) != ground for x in columns) for y in range(90)]
    first, last = inked.index(True), 89 - inked[::-1].index(True)
    assert not all(inked[first:last])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("End x_T", "End x<sub>T</sub>"),
        ("Home x₀", "Home x<sub>0</sub>"),
        ("x_{t−1} < 1", "x<sub>t−1</sub> &lt; 1"),
        ("x̂0 of p(x | y)", "x̂<sub>0</sub> of p(x | y)"),
        ("ε_u + s (ε_c − ε_u)", "ε<sub>u</sub> + s (ε<sub>c</sub> − ε<sub>u</sub>)"),
    ],
)
def test_rich_text_has_true_subscripts_and_nothing_raw(text: str, shown: str) -> None:
    assert rich(text) == f"<span>{shown}</span>"


def test_a_notation_is_drawn_smaller_and_not_cut_off_where_it_is_too_wide(qtbot: QtBot) -> None:
    label = SymbolLabel("x_{450} = √ᾱ_{450} x̂_0 + √(1 − ᾱ_{450} − σ²) ε̂ + σ z", theme.font(16), theme.color("text"))
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    assert label.scale == 1
    label.resize(240, label.height())
    assert 0.5 < label.scale < 1
    image = label.grab().toImage()
    ground = image.pixelColor(0, 0)
    inked = [x for x in range(240) if any(image.pixelColor(x, y) != ground for y in range(image.height()))]
    assert 225 < max(inked) < 239
