"""Chips: small switches that are a legend at the same time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from diffviz.domain.plots import Series
from diffviz.domain.text import tr
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.highlight import Highlight
from diffviz.ui.widgets.math_label import Typeset, plain

HEIGHT = 22
SAMPLE = 16
PADDING = 6
DASHES = {"dotted": [1.0, 1.6], "dashed": [2.6, 1.6]}


class CurveToggle(QAbstractButton):
    """A switch with a symbol. Where it stands for a curve, a piece of line shows the curve's colour and style.

    A `tab` is one of several that exclude each other.
    """

    def __init__(
        self, label: str, curve: Series | None = None, parent: QWidget | None = None, *, tab: bool = False
    ) -> None:
        super().__init__(parent)
        self._curve = curve
        self._on = theme.blend("field", "cursor", 0.16) if tab else theme.color("field")
        self._label = Typeset(label, theme.font(12, 500))
        self._highlight: Highlight | None = None
        self._term = ""
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(plain(label))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if curve:
            self.setChecked(curve.on)
            self.setToolTip(tr("{curve}: {title}").format(curve=plain(curve.label), title=plain(curve.title)))

    def set_highlight(self, highlight: Highlight, term: str) -> None:
        """Point at `term` while the pointer is here, and show where it is pointed at."""
        self._highlight, self._term = highlight, term
        highlight.changed.connect(self.update)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Point at the curve's term."""
        super().enterEvent(event)
        if self._highlight:
            self._highlight.point(self._term)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        super().leaveEvent(event)
        if self._highlight:
            self._highlight.point("")

    def sizeHint(self) -> QSize:
        """Its line, its symbol and room around them."""
        line = SAMPLE + 6 if self._curve else 0
        return QSize(round(2 * PADDING + line + self._label.width), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, line and symbol; pale where it is off."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        x = float(PADDING)
        if self._curve:
            paint_sample(painter, self._curve, x, 1.0 if self.isChecked() else 0.45)
            x += SAMPLE + 6
        self._label.paint(painter, x, HEIGHT / 2 + 4.5, theme.color("text" if self.isChecked() else "quiet"))

    def _paint_ground(self, painter: QPainter) -> None:
        pointed = self._highlight is not None and bool(self._term) and self._highlight.term == self._term
        on, under = self.isChecked(), self.underMouse() or pointed
        painter.setPen(QPen(theme.color("cursor"), 1.25) if self.hasFocus() or pointed else Qt.PenStyle.NoPen)
        off = theme.blend("field", "quiet", 0.14) if under else theme.color("panel")
        painter.setBrush(self._on if on else off)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)


def paint_sample(painter: QPainter, curve: Series, x: float, opacity: float = 1.0) -> None:
    """A piece of `curve`'s line, `SAMPLE` pixels from `x` on, in the middle of a row of `HEIGHT`."""
    pen = QPen(theme.color(curve.hue, opacity), 1.75)
    if curve.style in DASHES:
        pen.setDashPattern(DASHES[curve.style])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawLine(QPointF(x, HEIGHT / 2), QPointF(x + SAMPLE, HEIGHT / 2))
