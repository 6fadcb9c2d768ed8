"""Figures that change with the cursor: lines and rows of them, painted, since a label would lay its panel out anew."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from diffviz.domain.text import tr
from diffviz.ui.widgets import controls, math_label, painting, qss, theme, view, words
from diffviz.ui.widgets.format import NOTHING

GAP = 8.0


@dataclass(frozen=True, slots=True)
class Style:
    """How a part of a line is written: its font, and its colour, of the palette or #rrggbb."""

    font: QFont
    hue: str


class FigureLine(painting.PaintedWidget):
    """Parts in `styles` side by side, ending at the right edge where `right` holds; empty ones take no room.

    Parts that there is no room for go to lines below, each `height` high; one that is wider than a line keeps its
    beginning and ends in "…". It grows with its words and does not shrink by itself, so that nothing around it moves.
    """

    def __init__(self, height: int, styles: tuple[Style, ...], *, right: bool = False) -> None:
        super().__init__()
        self._styles, self._right = styles, right
        self._look = height, right, *((style.font.toString(), style.hue) for style in styles)
        self._measures = tuple(math_label.measures(style.font) for style in styles)
        self._capital = QFontMetricsF(styles[0].font).capHeight()
        self._texts, self._widths = ("",) * len(styles), [0.0] * len(styles)
        self._line, self._room = height, 0
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time

    def show_texts(self, *texts: str) -> None:
        """Write `texts`, one for each style."""
        if texts == self._texts:
            return
        self._texts = texts
        self._widths = [known.width(text) for text, known in zip(texts, self._measures, strict=True)]
        self.setAccessibleDescription(self.text())
        if self.sizeHint().width() > self.width():
            self.updateGeometry()
            self._grow(self.height())  # what fits into one line needs no more than it has
        self.update()

    def settle(self) -> None:
        """Be no higher than the words in it need."""
        self._grow()

    def text(self) -> str:
        """All of it."""
        return " ".join(text for text in self._texts if text)

    def sizeHint(self) -> QSize:
        """Room for every part in one line."""
        return QSize(math.ceil(self._length(range(len(self._texts)))) + 1, self.height())

    def minimumSizeHint(self) -> QSize:
        """Room for the widest part: the others go below it."""
        return QSize(math.ceil(max(self._widths, default=0.0)) + 1, self.height())

    def lines(self) -> list[list[int]]:
        """The parts by their numbers, line by line, as there is room for them in its width."""
        lines: list[list[int]] = [[]]
        for part in (number for number, text in enumerate(self._texts) if text):
            if lines[-1] and self._length([*lines[-1], part]) > self.width():
                lines.append([])
            lines[-1].append(part)
        return lines

    def written(self) -> list[str]:
        """What stands in each line."""
        return [" ".join(self._fitting(part) for part in line) for line in self.lines()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the line anew for another width."""
        super().resizeEvent(event)
        if event.size().width() != self._room:
            self._room = event.size().width()
            self.settle()

    def event(self, event: QEvent) -> bool:
        """Show all of it on hover where a part is not whole."""
        if not isinstance(event, QHelpEvent):
            return super().event(event)
        cut = any(width > self.width() for width in self._widths)
        return controls.whole_on_hover(event, self, self.text(), cut=cut) or super().event(event)

    def ground(self) -> QColor:
        """The panel."""
        return theme.color("panel")

    def content(self) -> Hashable:
        """Its texts in their styles."""
        return FigureLine, self._look, self._texts, theme.palette().name

    def marks(self) -> Iterator[painting.PaintMark]:
        """The parts, their capitals in the middle of the height of a line."""
        for number, line in enumerate(self.lines()):
            room = self.width() - self._length(line)
            x, baseline = max(0.0, room) if self._right else 0.0, number * self._line + (self._line + self._capital) / 2
            for part in line:
                style = self._styles[part]
                yield painting.Text(QPointF(x, baseline), self._fitting(part), style.font, theme.color(style.hue))
                x += self._widths[part] + GAP

    def _grow(self, least: int = 0) -> None:
        """Be as high as the lines, and no lower than `least`."""
        self.setFixedHeight(max(len(self.lines()) * self._line, least))

    def _fitting(self, part: int) -> str:
        text = self._texts[part]
        if self._widths[part] <= self.width():
            return text
        metrics = QFontMetricsF(self._styles[part].font)
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width())

    def _length(self, parts: Sequence[int]) -> float:
        drawn = [self._widths[part] for part in parts if self._texts[part]]
        return sum(drawn) + GAP * max(0, len(drawn) - 1)


HEIGHT = 24


class FigureRow:
    """A label in its colour and a figure; beside the figure what to expect, where that is known.

    `label` is a symbol in the notation of `diffviz.ui.widgets.math_label`, or words where `symbol` is False. `why` says
    why there is no figure, where there is none.
    """

    def __init__(self, label: str, color: QColor, explanation: str, *, symbol: bool = True) -> None:
        self.label: QWidget = math_label.SymbolLabel(label, theme.font(14, 500), color) if symbol else _caption(label)
        quiet = Style(theme.font(12), "quiet")
        self._figures = FigureLine(HEIGHT, (Style(theme.font(14, 500), "text"), quiet, quiet), right=True)
        self.beside, self.why, self._why_beside, self._excused = "", "", "", ""
        self.text = NOTHING
        self._value, self._words = NOTHING, ""
        self._show()
        self.label.setFixedHeight(HEIGHT)
        self.label.setToolTip(explanation)
        words.explain(self._figures, explanation, label)
        self.show_text(NOTHING, why=tr("no frame is shown yet"))

    def add_to(self, grid: QGridLayout, row: int) -> None:
        """Stand in row `row` of `grid`."""
        grid.addWidget(self.label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._figures, row, 1)

    def remove(self) -> None:
        """Stand nowhere any more."""
        for widget in (self.label, self._figures):
            widget.hide()
            widget.deleteLater()

    def set_highlight(self, highlight: view.Highlight, term: str) -> None:
        """Point at `term` while the pointer is over the label, and show where it is pointed at."""
        self._pointer = Pointer(self.label, highlight, term)

    def setVisible(self, visible: bool) -> None:
        """Show or hide the row."""
        for widget in (self.label, self._figures):
            if widget.isHidden() is visible:
                widget.setVisible(visible)

    def show_beside(self, value: str, why: str = "") -> None:
        """Write the pinned run's `value` where it is another one than the shown run's; nothing without such a run.

        `why` is said where it is a dash.
        """
        self.beside = "" if value == self.text else value
        self._why_beside = why if self.beside == NOTHING else ""
        self._excuse()
        self._show()
        if not value:
            self._figures.settle()

    def show_text(self, value: str, expected: str = "", of: str = "", why: str = "") -> None:
        """Write `value`, and beside it what was `expected`, or what it is a figure `of`; of a dash, `why` it is one."""
        self.why = (why or tr("it is no number in this frame")) if value == NOTHING else ""
        self._excuse()
        self._value = value
        self._words = tr("expected {expected}").format(expected=expected) if expected else of
        self.text = f"{value} · {self._words}" if expected else value
        self._show()

    @property
    def figures(self) -> FigureLine:
        """What stands beside the label."""
        return self._figures

    @property
    def said(self) -> str:
        """All that stands in the row."""
        return self._figures.text()

    def _excuse(self) -> None:
        """Say why there is a dash, if one is there."""
        said = " · ".join(filter(None, (self.why, f"B: {self._why_beside}" if self._why_beside else "")))
        if said != self._excused:
            self._excused = said
            words.excuse(self._figures, said)

    def _show(self) -> None:
        self._figures.show_texts(self._value, self._words, f"B {self.beside}" if self.beside else "")


class Pointer(QObject):
    """Lets a label point at a term, and tints it where the term is pointed at."""

    def __init__(self, label: QWidget, highlight: view.Highlight, term: str) -> None:
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
        qss.set_own(self._label, f"background: {hue};" if self._highlight.term == self._term else "")


def _caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "quiet")
    return label
