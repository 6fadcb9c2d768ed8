"""Legends: a piece of each curve's line beside its name, by which the curve is switched on and off.

Chips are switches of their own, for the plots of a run; a row is painted above a small plot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.plots import Series
from diffviz.ui.widgets import painting, theme, view, words
from diffviz.ui.widgets.math_label import Typeset, plain

HEIGHT = 22
SAMPLE = 16
TOGGLE_PADDING = 6
DASHES = {"dotted": [1.0, 1.6], "dashed": [2.6, 1.6]}


class CurveToggle(painting.PaintedButton):
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
        self._highlight: view.Highlight | None = None
        self._term = ""
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(plain(label))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if curve:
            self.setChecked(curve.on)
            words.explain(self, plain(curve.title), curve.label)

    def set_highlight(self, highlight: view.Highlight, term: str) -> None:
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
        return QSize(round(2 * TOGGLE_PADDING + line + self._label.width), HEIGHT)

    def marks(self) -> Iterator[painting.PaintMark]:
        """Ground, line and symbol; pale where it is off."""
        on, x = self.isChecked(), float(TOGGLE_PADDING)
        yield self._ground(on)
        if self._curve:
            yield sample_of(self._curve, x, 1.0 if on else 0.45)
            x += SAMPLE + 6
        yield self._label.at(x, HEIGHT / 2 + 4.5, theme.color("text" if on else "quiet"))

    def _ground(self, on: bool) -> painting.Rect:
        pointed = self._highlight is not None and bool(self._term) and self._highlight.term == self._term
        off = theme.blend("field", "quiet", 0.14) if self.underMouse() or pointed else theme.color("panel")
        edge = QPen(theme.color("cursor"), 1.25) if self.hasFocus() or pointed else None
        return painting.Rect(QRectF(self.rect()).adjusted(1, 1, -1, -1), self._on if on else off, edge, 6)


def sample_of(curve: Series, x: float, opacity: float = 1.0) -> painting.Line:
    """A piece of `curve`'s line, `SAMPLE` pixels from `x` on, in the middle of a row of `HEIGHT`."""
    ends = QPointF(x, HEIGHT / 2), QPointF(x + SAMPLE, HEIGHT / 2)
    return painting.Line(ends, _stroke(theme.color(curve.hue, opacity), curve.style))


ROW_SAMPLE, ROW_GAP, ROW_HEIGHT = 14, 10, 18
PALE = 0.4


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """What stands in the legend for the curve `key`; pale where it is not `on`."""

    key: str
    label: str
    hue: str
    style: str = "solid"
    dots: bool = False
    on: bool = True


class LegendRow:
    """Entries in one row above a plot, as many as there is room for."""

    def __init__(self) -> None:
        self._placed: list[tuple[LegendEntry, Typeset, QRectF]] = []

    def lay_out(self, entries: Sequence[LegendEntry], left: float, right: float) -> None:
        """Place `entries` from `left` on, before `right`."""
        self._placed, x, font = [], left, theme.font(11)
        for entry in entries:
            name = Typeset(entry.label, font)
            width = ROW_SAMPLE + 4 + name.width
            if x + width > right:
                break
            self._placed.append((entry, name, QRectF(x, 0, width, ROW_HEIGHT)))
            x += width + ROW_GAP

    def at(self, place: QPointF) -> str | None:
        """The key of the entry at `place`; None beside them."""
        return next((entry.key for entry, _, area in self._placed if area.contains(place)), None)

    def area_of(self, key: str) -> QRectF:
        """Where the entry `key` stands; empty where there is no room for it."""
        return next((area for entry, _, area in self._placed if entry.key == key), QRectF())

    def marks(self) -> Iterator[painting.PaintMark]:
        """The entries."""
        for entry, name, area in self._placed:
            marks = [_sample(entry, area.left()), name.at(area.left() + ROW_SAMPLE + 4, 13, theme.color("text"))]
            yield painting.Group(marks, opacity=1.0 if entry.on else PALE)


def _sample(entry: LegendEntry, x: float) -> painting.PaintMark:
    """A dot, or a piece of the curve's line."""
    hue = QColor(entry.hue) if entry.hue.startswith("#") else theme.color(entry.hue)
    if entry.dots:
        return painting.Discs([QPointF(x + ROW_SAMPLE / 2, 9)], 2.2, hue)
    return painting.Line((QPointF(x, 9), QPointF(x + ROW_SAMPLE, 9)), _stroke(hue, entry.style))


def _stroke(hue: QColor, style: str) -> QPen:
    pen = QPen(hue, 1.75)
    if style in DASHES:
        pen.setDashPattern(DASHES[style])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
