"""Rows of figures that change with the cursor: painted, since a label would lay its panel out anew for each."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from diffviz.domain.text import tr
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.format import NOTHING
from diffviz.ui.widgets.highlight import Highlight
from diffviz.ui.widgets.math_label import SymbolLabel, measures, plain

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


HEIGHT = 24


class FigureRow:
    """A label in its colour and a figure; beside the figure what to expect, where that is known.

    `label` is a symbol in the notation of `diffviz.ui.widgets.math_label`, or words where `symbol` is False.
    """

    def __init__(self, label: str, color: QColor, explanation: str, *, symbol: bool = True) -> None:
        self.label: QWidget = SymbolLabel(label, theme.font(14, 500), color) if symbol else _words(label)
        quiet = Style(theme.font(12), "quiet")
        self._figures = FigureLine(HEIGHT, (Style(theme.font(14, 500), "text"), quiet, quiet), right=True)
        self._figures.setAccessibleName(plain(label))
        self.beside = ""
        self.text = NOTHING
        self._value, self._words = NOTHING, ""
        self._show()
        self.label.setFixedHeight(HEIGHT)
        for widget in (self.label, self._figures):
            widget.setToolTip(explanation)

    def add_to(self, grid: QGridLayout, row: int) -> None:
        """Stand in row `row` of `grid`."""
        grid.addWidget(self.label, row, 0)
        grid.addWidget(self._figures, row, 1)

    def set_highlight(self, highlight: Highlight, term: str) -> None:
        """Point at `term` while the pointer is over the label, and show where it is pointed at."""
        self._pointer = Pointer(self.label, highlight, term)

    def setVisible(self, visible: bool) -> None:
        """Show or hide the row."""
        self.label.setVisible(visible)
        self._figures.setVisible(visible)

    def show_beside(self, value: str) -> None:
        """Write the pinned run's `value` where it is another one than the shown run's."""
        self.beside = "" if value == self.text else value
        self._show()

    def show_text(self, value: str, expected: str = "", of: str = "") -> None:
        """Write `value`, and beside it what was `expected`, or what it is a figure `of`."""
        self._value = value
        self._words = tr("expected {expected}").format(expected=expected) if expected else of
        self.text = f"{value} · {self._words}" if expected else value
        self._show()

    @property
    def said(self) -> str:
        """All that stands in the row."""
        return self._figures.text()

    def _show(self) -> None:
        self._figures.show_texts(self._value, self._words, f"B {self.beside}" if self.beside else "")


class Pointer(QObject):
    """Lets a label point at a term, and tints it where the term is pointed at."""

    def __init__(self, label: QWidget, highlight: Highlight, term: str) -> None:
        super().__init__(label)
        self._label, self._highlight, self._term = label, highlight, term
        label.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        label.installEventFilter(self)
        highlight.changed.connect(self._on_changed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the pointer."""
        if event.type() == QEvent.Type.Enter:
            self._highlight.point(self._term)
        elif event.type() == QEvent.Type.Leave:
            self._highlight.point("")
        return False

    @Slot()
    def _on_changed(self) -> None:
        hue = theme.blend("panel", "cursor", 0.25).name()
        self._label.setStyleSheet(f"background: {hue};" if self._highlight.term == self._term else "")


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "quiet")
    return label
