"""One row of figures: what it is on the left, how much on the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from diffviz.domain.text import tr
from diffviz.ui import theme
from diffviz.ui.stage.symbol import SymbolLabel, plain
from diffviz.ui.views.figures import NOTHING

HEIGHT = 24


class Row:
    """A label in its colour and a figure; beside the figure what to expect, where that is known.

    `label` is a symbol in the notation of `diffviz.ui.stage.symbol`, or words where `symbol` is False.
    """

    def __init__(self, label: str, color: QColor, explanation: str, *, symbol: bool = True) -> None:
        self.label: QWidget = SymbolLabel(label, theme.font(14, 500), color) if symbol else _words(label)
        self._value, self._expected = _figure("text"), _figure("quiet", 12)
        self._value.setAccessibleName(plain(label))
        self.text = NOTHING
        self.label.setFixedHeight(HEIGHT)
        for widget in (self.label, self._value):
            widget.setToolTip(explanation)

    def add_to(self, grid: QGridLayout, row: int) -> None:
        """Stand in row `row` of `grid`."""
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addStretch(1)
        line.addWidget(self._value)
        line.addWidget(self._expected)
        self._expected.hide()
        grid.addWidget(self.label, row, 0)
        grid.addLayout(line, row, 1)

    def setVisible(self, visible: bool) -> None:
        """Show or hide the row."""
        self.label.setVisible(visible)
        self._value.setVisible(visible)
        self._expected.setVisible(visible and bool(self._expected.text()))

    def show_text(self, value: str, expected: str = "") -> None:
        """Write `value`, and `expected` beside it."""
        words = tr("expected {expected}").format(expected=expected) if expected else ""
        text = f"{value} · {words}" if expected else value
        if text == self.text:
            return
        self.text = text
        self._value.setText(value)
        self._expected.setText(words)
        self._expected.setVisible(bool(words) and not self._value.isHidden())


def _figure(role: str, pixels: int = 14) -> QLabel:
    label = QLabel(NOTHING if role == "text" else "")
    label.setProperty("role", role)
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(theme.font(pixels, 500 if role == "text" else 400))
    return label


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "quiet")
    return label
