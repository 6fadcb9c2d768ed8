"""Symbols as the papers set them: subscripts, hats, bars, tildes and roots, painted.

The notation is that of `diffviz.domain.text`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterator, Mapping
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.text import BAR, HAT, TILDE, Root, Term, parse, plain, rich
from diffviz.ui.widgets import painting, theme
from diffviz.ui.widgets.kept import Recent

__all__ = ["BAR", "HAT", "TILDE", "Root", "SymbolLabel", "Term", "Typeset", "parse", "plain", "rich"]

Colours = Mapping[str, QColor]
MOST_KEPT, MOST_SET = 4096, 128


class Measures:
    """Widths and boxes of texts in one font, measured once each: asking Qt is what typesetting spends its time on."""

    def __init__(self, font: QFont) -> None:
        self._metrics = QFontMetricsF(font)
        self._widths: dict[str, float] = {}
        self._boxes: dict[str, QRectF] = {}

    def width(self, text: str) -> float:
        """How far `text` advances, in pixels."""
        if text not in self._widths:
            _bound(self._widths)
            self._widths[text] = self._metrics.horizontalAdvance(text)
        return self._widths[text]

    def box(self, text: str) -> QRectF:
        """The box that the ink of `text` fills, from its start on the baseline."""
        if text not in self._boxes:
            _bound(self._boxes)
            self._boxes[text] = self._metrics.tightBoundingRect(text)
        return self._boxes[text]


def measures(font: QFont) -> Measures:
    """Those of `font`."""
    return _measures(font.toString(), tuple(font.families()))


@lru_cache(maxsize=64)
def _measures(font: str, families: tuple[str, ...]) -> Measures:
    described = QFont()
    described.fromString(font)
    described.setFamilies(families)
    return Measures(described)


def _bound(kept: dict[str, float] | dict[str, QRectF]) -> None:
    if len(kept) >= MOST_KEPT:
        kept.clear()


class Typeset:
    """A notation measured in `font`: `width`, `ascent` and `descent` in pixels, and what to paint of it."""

    def __init__(self, notation: str, font: QFont) -> None:
        self._font = font
        self._small = QFont(font)
        self._small.setPixelSize(max(8, round(font.pixelSize() * 0.72)))
        self._measures = measures(font)
        self._small_measures = measures(self._small)
        self._em = float(font.pixelSize())
        self._terms = parse(notation)
        self._advances = [self._width(term) for term in self._terms]
        self.width = sum(self._advances)
        self.ascent = max((self._top(term) for term in self._terms), default=0.0)
        self.descent = self._em * 0.34

    def at(
        self, x: float, baseline: float, color: QColor, colours: Colours | None = None, scale: float = 1.0
    ) -> painting.Group:
        """It at `x` in `color`; a term in that of its letter and mark, or of those and its subscript."""
        marks: list[painting.PaintMark] = []
        for term, advance in zip(self._terms, self._advances, strict=True):
            marks.extend(self._marks(term, x, baseline, color, colours or {}))
            x += advance
        return painting.Group(marks, scale)

    def _width(self, term: Term | Root) -> float:
        if isinstance(term, Root):
            return self._hook + sum(self._width(inner) for inner in term.terms) + self._em * 0.08
        subscript = self._small_measures.width(term.subscript) + self._em * 0.04 if term.subscript else 0.0
        return self._measures.width(term.text) + subscript

    @property
    def _hook(self) -> float:
        return self._em * 0.58

    def _top(self, term: Term | Root) -> float:
        if isinstance(term, Root):
            return max((self._top(inner) for inner in term.terms), default=0.0) + self._em * 0.16
        letter = -self._measures.box(term.text).top()
        return letter + (self._em * 0.26 if term.mark else 0.0)

    def _marks(
        self, term: Term | Root, x: float, baseline: float, color: QColor, colours: Colours
    ) -> Iterator[painting.PaintMark]:
        if isinstance(term, Root):
            yield painting.Outline(self._root(term, x, baseline), edge=self._stroke(color))
            x += self._hook
            for inner in term.terms:
                yield from self._marks(inner, x, baseline, color, colours)
                x += self._width(inner)
            return
        letter = unicodedata.normalize("NFC", term.text + term.mark)
        color = colours.get(f"{letter}_{term.subscript}", colours.get(letter, color))
        yield painting.Text(QPointF(x, baseline), term.text, self._font, color)
        if term.mark:
            yield painting.Outline(self._accent(term, x, baseline), edge=self._stroke(color))
        if term.subscript:
            right = QPointF(x + self._measures.width(term.text) + self._em * 0.04, baseline + self._em * 0.2)
            yield painting.Text(right, term.subscript, self._small, color)

    def _accent(self, term: Term, x: float, baseline: float) -> QPainterPath:
        """Drawn and not taken from the font: over β the font's tilde runs into the letter."""
        letter = self._measures.box(term.text)
        half = self._em * (0.2 if term.mark == HAT else 0.22)
        return _mark(term.mark, x + letter.center().x(), baseline + letter.top() - self._em * 0.1, half, self._em)

    def _root(self, term: Root, x: float, baseline: float) -> QPainterPath:
        em, bar = self._em, baseline - self._top(term) + self._em * 0.06
        path = QPainterPath(QPointF(x + em * 0.06, baseline - em * 0.26))
        path.lineTo(x + em * 0.15, baseline - em * 0.31)
        path.lineTo(x + em * 0.3, baseline + em * 0.08)
        path.lineTo(x + em * 0.5, bar)
        path.lineTo(x + self._width(term) - em * 0.02, bar)
        return path

    def _stroke(self, color: QColor) -> QPen:
        weight = 0.065 if self._font.weight() < QFont.Weight.DemiBold else 0.095
        pen = QPen(color, max(1.0, self._em * weight))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        return pen


def _mark(mark: str, middle: float, foot: float, half: float, em: float) -> QPainterPath:
    path = QPainterPath(QPointF(middle - half, foot))
    if mark == HAT:
        path.lineTo(middle, foot - em * 0.15)
        path.lineTo(middle + half, foot)
    elif mark == BAR:
        path = QPainterPath(QPointF(middle - half, foot - em * 0.03))
        path.lineTo(middle + half, foot - em * 0.03)
    else:
        wave = em * 0.16
        path.cubicTo(
            middle - half * 0.2, foot - wave, middle + half * 0.2, foot + wave * 0.6, middle + half, foot - wave * 0.4
        )
    return path


class SymbolLabel(painting.PaintedWidget):
    """A notation on its own, as wide as it needs; drawn smaller where there is less room.

    On a `ground`, a colour of the palette, it paints that too, and nothing behind it is painted with it.
    """

    def __init__(
        self,
        notation: str,
        font: QFont,
        color: QColor,
        *,
        colours: Colours | None = None,
        ground: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ground = ground
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, bool(ground))
        self._font, self._color, self._colours = font, color, colours
        self._look = font.toString(), color.rgba(), *((sign, hue.rgba()) for sign, hue in (colours or {}).items())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._notation, self._typeset = "", Typeset("", font)
        self._set = Recent[Typeset](MOST_SET, lambda _typeset: 1)
        self.set_notation(notation)

    def set_notation(self, notation: str) -> None:
        """Show `notation`."""
        if notation == self._notation:
            return
        before = self.sizeHint()
        self._notation = notation
        self._typeset = self._set.of(notation, lambda: Typeset(notation, self._font))
        self.setAccessibleName(plain(notation))
        wanted = self.sizeHint()
        filling = self.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Ignored
        if wanted.height() != before.height() or (wanted.width() != before.width() and not filling):
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the notation."""
        size = self._typeset
        return QSize(int(size.width + 2), int(max(size.ascent + size.descent + 2, self._font.pixelSize() * 1.5)))

    def minimumSizeHint(self) -> QSize:
        """It yields to narrow places."""
        return QSize(0, self.sizeHint().height())

    @property
    def scale(self) -> float:
        """How large it is drawn, 1 where there is room."""
        return min(1.0, (self.width() - 1) / max(1.0, self._typeset.width + 0.5))

    def ground(self) -> QColor | None:
        """The colour that it paints behind the notation."""
        return theme.color(self._ground) if self._ground else None

    def content(self) -> Hashable:
        """The notation and how it is set, where it paints all of its area: such a one changes with the cursor."""
        return (SymbolLabel, self._notation, self._look, theme.palette().name) if self._ground else None

    def marks(self) -> list[painting.PaintMark]:
        """The notation at the left, centred on its letters' height."""
        middle = self.height() / 2 / self.scale
        baseline = max(middle + self._font.pixelSize() * 0.36, self._typeset.ascent + 1)
        return [self._typeset.at(0.5, baseline, self._color, self._colours, self.scale)]


def term_colours() -> Colours:
    """The colours of the symbols in equations."""
    names = {"x": "noisy", "x_0": "data", "x̂": "data", "ε": "noise", "ε̂": "noise", "ε̄": "noise"}
    return {symbol: theme.color(name) for symbol, name in names.items()}
