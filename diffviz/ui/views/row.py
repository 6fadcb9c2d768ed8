"""One row of figures: what it is on the left, how much on the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from diffviz.domain.text import tr
from diffviz.ui import theme
from diffviz.ui.highlight import Highlight
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
        self.beside = ""
        self._beside = _figure("quiet", 12)
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
        line.addWidget(self._beside)
        self._beside.hide()
        self._expected.hide()
        grid.addWidget(self.label, row, 0)
        grid.addLayout(line, row, 1)

    def set_highlight(self, highlight: Highlight, term: str) -> None:
        """Point at `term` while the pointer is over the label, and show where it is pointed at."""
        self._pointer = Pointer(self.label, highlight, term)

    def setVisible(self, visible: bool) -> None:
        """Show or hide the row."""
        self.label.setVisible(visible)
        self._value.setVisible(visible)
        self._expected.setVisible(visible and bool(self._expected.text()))
        self._beside.setVisible(visible and bool(self.beside))

    def show_beside(self, value: str) -> None:
        """Write the pinned run's `value` where it is another one than the shown run's."""
        value = "" if value == self.text else value
        if value == self.beside:
            return
        self.beside = value
        self._beside.setText(f"B {value}" if value else "")
        self._beside.setVisible(bool(value) and not self._value.isHidden())

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
