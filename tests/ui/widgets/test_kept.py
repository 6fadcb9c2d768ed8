"""What is kept of what is dear to make."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from diffviz.ui.widgets import figures, kept, math_label, painting, theme


def test_the_oldest_goes_where_there_is_no_room_and_the_newest_stays() -> None:
    made: list[str] = []
    recent = kept.Recent[str](10, len)

    def of(text: str) -> str:
        def make() -> str:
            made.append(text)
            return text

        return recent.of(text, make)

    for text in ("four", "five5", "four"):
        assert of(text) == text
    assert made == ["four", "five5"]
    of("six")  # of 12 bytes five5 was wanted longest ago
    assert (len(recent), recent.taken) == (2, 7)
    of("four")
    of("five5")
    assert made == ["four", "five5", "six", "five5"]
    of("more than there is room for")
    assert (len(recent), recent.taken) == (1, 27)
    recent.clear()
    assert (len(recent), recent.taken) == (0, 0)


class Direct(figures.FigureLine):
    """The same, painted anew each time."""

    def content(self) -> None:
        return None

    def marks(self) -> Iterator[painting.PaintMark]:
        yield painting.Rect(self.rect().toRectF(), self.ground())
        yield from super().marks()


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_a_kept_picture_is_that_of_its_marks(qapp: QApplication, scale: float) -> None:
    style = figures.Style(theme.font(14, 500), "text"), figures.Style(theme.font(12), "quiet")
    for right in (False, True):
        lines = [made(24, style, right=right) for made in (figures.FigureLine, Direct)]
        for texts in (("0.0123", "expected 0.0125"), ("0.9", ""), ("0.0123", "expected 0.0125")):
            for line in lines:
                line.resize(181, 24)
                line.show_texts(*texts)
            first, second = (pictured(line, scale) for line in lines)
            assert first == second


def test_what_is_seen_again_is_not_painted_again(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    label = math_label.SymbolLabel("x_3 = √ᾱ_3 x̂_0", theme.font(16), QColor("red"), ground="panel")
    label.resize(200, 24)
    first = pictured(label, 1.0)
    monkeypatch.setattr(label, "marks", lambda: pytest.fail("painted again"))
    assert pictured(label, 1.0) == first


def pictured(widget: painting.PaintedWidget, scale: float) -> QImage:
    """`widget` on a screen with `scale` device pixels a pixel."""
    image = QImage(QSize(widget.width(), widget.height()) * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(QColor("magenta"))
    widget.render(image)
    return image
