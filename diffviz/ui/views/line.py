"""A line of words that change with the cursor, painted: a label would lay its whole panel out anew for each of them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.ui.widgets import theme
from diffviz.ui.widgets.math_label import measures

GAP = 8.0


@dataclass(frozen=True, slots=True)
class Style:
    """How a part of a line is written: its font, and the palette's name of its colour."""

    font: QFont
    hue: str


class FigureLine(QWidget):
    """Parts in `styles` side by side, ending at the right edge where `right` holds; empty ones take no room.

    It grows with its words and never shrinks, so that nothing around it moves.
    """

    def __init__(self, height: int, styles: tuple[Style, ...], *, right: bool = False) -> None:
        super().__init__()
        self._styles, self._right = styles, right
        self._measures = tuple(measures(style.font) for style in styles)
        self._capital = QFontMetricsF(styles[0].font).capHeight()
        self._texts = ("",) * len(styles)
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_texts(self, *texts: str) -> None:
        """Write `texts`, one for each style."""
        if texts == self._texts:
            return
        self._texts = texts
        self.setAccessibleDescription(self.text())
        if self.sizeHint().width() > self.width():
            self.updateGeometry()
        self.update()

    def text(self) -> str:
        """All of it."""
        return " ".join(text for text in self._texts if text)

    def sizeHint(self) -> QSize:
        """Room for every part."""
        widths = self._widths()
        return QSize(round(sum(widths) + GAP * max(0, len([w for w in widths if w]) - 1) + 1), self.height())

    def minimumSizeHint(self) -> QSize:
        """The same: figures are not cut off."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts, their capitals in the middle of the height."""
        with QPainter(self) as painter:
            x = self.width() - self.sizeHint().width() + 1.0 if self._right else 0.0
            baseline = (self.height() + self._capital) / 2
            for text, style, width in zip(self._texts, self._styles, self._widths(), strict=True):
                if text:
                    painter.setFont(style.font)
                    painter.setPen(theme.color(style.hue))
                    painter.drawText(QPointF(x, baseline), text)
                    x += width + GAP

    def _widths(self) -> list[float]:
        return [known.width(text) for text, known in zip(self._texts, self._measures, strict=True)]
