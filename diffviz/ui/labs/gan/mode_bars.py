"""Samples per mode, or per class, as bars, with the line that as many samples of the data would reach."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from diffviz.domain.arrays import F64
from diffviz.domain.text import tr
from diffviz.ui.timeline.axis import round_step, ticks
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.painting import crisp

LEFT, TOP, BOTTOM = 34.0, 6.0, 16.0
TICKS, LABEL_ROOM = 3, 15.0


class ModeBars(QWidget):
    """`counts` (K,) of each mode and the `ideal` (K,) ones; `names` of the modes, or none.

    Under the bars stand the names where each has room, else their numbers; the pointer names a bar in either case.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts: F64 = np.zeros(0)
        self.ideal: F64 = np.zeros(0)
        self.names: Sequence[str] = ()
        self.setMinimumHeight(108)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Samples per mode"))

    def show_counts(self, counts: ArrayLike, ideal: ArrayLike, names: Sequence[str] = ()) -> None:
        """Show them."""
        self.counts, self.ideal = np.asarray(counts, np.float64), np.asarray(ideal, np.float64)
        self.names = names
        self.setAccessibleDescription(", ".join(self.name(i) + f" {n:.0f}" for i, n in enumerate(self.counts)))
        self.update()

    def name(self, index: int) -> str:
        """What mode `index` is called."""
        return tr(self.names[index]) if index < len(self.names) else f"{index + 1}"

    @property
    def named(self) -> bool:
        """Whether the names stand under the bars: each has to fit below its own."""
        metrics, room = QFontMetricsF(theme.font(10)), (self.width() - LEFT) / max(1, len(self.counts))
        every = len(self.names) == len(self.counts) > 0
        return every and all(metrics.horizontalAdvance(tr(name)) <= room - 2 for name in self.names)

    def bar(self, index: int) -> QRectF:
        """The bar of mode `index`."""
        width = (self.width() - LEFT) / max(1, len(self.counts))
        top = self.to_y(float(self.counts[index]))
        gap = min(4.0, width * 0.18)
        return QRectF(LEFT + index * width + gap, top, width - 2 * gap, self._floor - top)

    def to_y(self, count: float) -> float:
        """How high `count` reaches, in pixels from the top: 0 where it is not known, no higher than the axis."""
        share = min(count / self._most, 1.0) if count > 0 else 0.0
        return self._floor - share * (self._floor - TOP)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = int((event.x() - LEFT) / max(1e-9, self.width() - LEFT) * len(self.counts))
            QToolTip.showText(event.globalPos(), self.tip(index) if event.x() >= LEFT else "", self)
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        return QSize(220, 108)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not len(self.counts):
            return
        with QPainter(self) as painter:
            self._paint_axis(painter)
            for index in range(len(self.counts)):
                painter.fillRect(self.bar(index), theme.color("generated"))
            self._paint_ideal(painter)
            self._paint_numbers(painter)

    @property
    def _floor(self) -> float:
        return self.height() - BOTTOM

    @property
    def _most(self) -> float:
        both = np.concatenate([self.counts, self.ideal, [1.0]])
        return float(both[np.isfinite(both)].max()) * 1.08

    def tip(self, index: int) -> str:
        """What is said of mode `index` where the pointer is on it."""
        if not 0 <= index < len(self.counts):
            return ""
        ideal = self.ideal[index] if index < len(self.ideal) else np.nan
        text = tr("{mode}: {n} samples, the data would have {ideal}")
        return text.format(mode=self.name(index), n=f"{self.counts[index]:.0f}", ideal=f"{ideal:.0f}")

    def _paint_axis(self, painter: QPainter) -> None:
        painter.setFont(theme.font(10))
        for value in ticks(0, self._most, round_step(self._most, TICKS)):
            y = round(self.to_y(value))
            painter.fillRect(QRectF(LEFT, y, self.width() - LEFT, 1), theme.color("edge", 0.8))
            painter.setPen(theme.color("quiet"))
            align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 7, LEFT - 6, 14), align, f"{value:g}")

    def _paint_ideal(self, painter: QPainter) -> None:
        painter.setPen(QPen(theme.color("alpha_bar"), 1.5))
        width = (self.width() - LEFT) / max(1, len(self.counts))
        for index, ideal in enumerate(self.ideal):
            y = crisp(self.to_y(float(ideal)))
            painter.drawLine(QPointF(LEFT + index * width, y), QPointF(LEFT + (index + 1) * width, y))

    def _paint_numbers(self, painter: QPainter) -> None:
        width = (self.width() - LEFT) / max(1, len(self.counts))
        step = max(1, int(np.ceil(LABEL_ROOM / max(width, 1e-9))))
        named = self.named
        painter.setPen(theme.color("quiet"))
        for index in range(0, len(self.counts), step):
            box = QRectF(LEFT + index * width - 10, self._floor + 2, width + 20, BOTTOM - 2)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.name(index) if named else f"{index + 1}")
