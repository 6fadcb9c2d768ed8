"""The line above each pane: its symbol in its colour, what it is, and which values are black and white."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QTextOption

from diffviz.domain.panes import Pane, Range
from diffviz.domain.text import tr
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.format import MINUS
from diffviz.ui.widgets.math_label import Typeset

SYMBOL_PIXELS, CAPTION_PIXELS, RANGE_PIXELS = 17, 13, 11
ONE_LINE, LINE = 30, 17
SPACE, MOST_LINES = 7, 3
WIDEST = f"[{MINUS}0.000, 0.000]"


def range_text(value_range: Range) -> str:
    """The values shown as black and white: [−1, 1]."""
    low, high = (f"{value:.3g}".replace("-", MINUS) for value in value_range)
    return f"[{low}, {high}]"


class Headings:
    """Headings of one set of panes, measured once for each width.

    `height` is in logical pixels, the same for all panes: one line where every symbol, caption and range fit beside
    each other, else the captions stand below in as many lines as the longest needs, three at most. An `automatic` range
    changes with time: the widest is reckoned with. `pictures` is how wide the pictures below are, where that is known:
    one line does not reach beyond them.
    """

    def __init__(
        self, panes: Sequence[Pane], width: float, *, automatic: bool = False, pictures: float = math.inf
    ) -> None:
        self._symbols = [Typeset(pane.symbol, theme.font(SYMBOL_PIXELS, 600)) for pane in panes]
        self._captions = [tr(pane.caption) for pane in panes]
        self._colours = [pane.colour for pane in panes]
        self._font = theme.font(CAPTION_PIXELS)
        metrics = QFontMetricsF(self._font)
        self._beside = max(self._wide(metrics, i, pane, automatic) for i, pane in enumerate(panes)) <= min(
            width, pictures
        )
        lines = 0 if self._beside else max(self._lines(metrics, caption, width) for caption in self._captions)
        self.height = ONE_LINE + lines * LINE

    def _wide(self, metrics: QFontMetricsF, index: int, pane: Pane, automatic: bool) -> float:
        """What everything in one line would take."""
        text = WIDEST if automatic else range_text(pane.value_range)
        values = QFontMetricsF(theme.font(RANGE_PIXELS)).horizontalAdvance(text)
        return self._symbols[index].width + SPACE + metrics.horizontalAdvance(self._captions[index]) + SPACE + values

    @staticmethod
    def _lines(metrics: QFontMetricsF, caption: str, width: float) -> int:
        flags = int(Qt.TextFlag.TextWordWrap)
        height = metrics.boundingRect(QRectF(0, 0, width, 1000), flags, caption).height()
        return min(MOST_LINES, round(height / metrics.height()))

    def paint(self, painter: QPainter, index: int, area: QRectF, value_range: Range, edge: float) -> None:
        """Paint the heading of pane `index` into `area`, in logical pixels; the range ends at `edge` if it fits there.

        `edge` is where the pictures end.
        """
        symbol = self._symbols[index]
        baseline = area.top() + 19
        symbol.paint(painter, area.left(), baseline, theme.color(self._colours[index]))
        after = area.left() + symbol.width + SPACE
        painter.setPen(theme.color("quiet"))
        painter.setFont(self._font)
        if self._beside:
            painter.drawText(QPointF(after, baseline), self._captions[index])
            after += QFontMetricsF(self._font).horizontalAdvance(self._captions[index]) + SPACE
        else:
            below = QRectF(area.left(), area.top() + ONE_LINE - 4, area.width(), self.height - ONE_LINE)
            option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            painter.drawText(below, self._captions[index], option)
        self._paint_range(painter, after, (edge, area.right()), baseline, range_text(value_range))

    def _paint_range(
        self, painter: QPainter, left: float, ends: tuple[float, float], baseline: float, text: str
    ) -> None:
        """Paint `text` so that it ends at the first of `ends` that leaves room for it."""
        font = theme.font(RANGE_PIXELS)
        width = QFontMetricsF(font).horizontalAdvance(text)
        right = next((end for end in ends if width <= end - left), None)
        if right is not None:
            painter.setFont(font)
            painter.setPen(theme.blend("panel", "quiet", 0.75))
            painter.drawText(QPointF(right - width, baseline), text)
