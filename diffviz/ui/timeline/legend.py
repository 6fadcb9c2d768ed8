"""Which curve is whose, where the curves of every plot are one for each of several models."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.plots import Series
from diffviz.domain.text import tr
from diffviz.ui.timeline.curve_toggle import HEIGHT, SAMPLE, paint_sample
from diffviz.ui.widgets import theme

GAP, BETWEEN = 6, 12


class Legend(QWidget):
    """A piece of each curve's line before the name of its model; there while there is more than one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: tuple[Series, ...] = ()
        self.names: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Models by line"))
        self.hide()

    def show_curves(self, curves: Sequence[Series]) -> None:
        """Take the lines from `curves`, one for each model."""
        self._curves = tuple(curves)
        self.update()

    def show_names(self, names: Sequence[str]) -> None:
        """Name the models, in the order of the curves."""
        self.names = tuple(names)
        self.setAccessibleDescription(", ".join(names))
        self.setVisible(len(names) > 1)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for all lines and names."""
        widths = map(QFontMetricsF(theme.font(12)).horizontalAdvance, self.names)
        return QSize(round(sum(SAMPLE + GAP + width + BETWEEN for width in widths)), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint lines and names."""
        font, x = theme.font(12), 0.0
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font)
            for curve, name in zip(self._curves, self.names, strict=False):
                paint_sample(painter, curve, x)
                painter.setPen(theme.color("text"))
                painter.drawText(round(x + SAMPLE + GAP), round(HEIGHT / 2 + 4.5), name)
                x += SAMPLE + GAP + QFontMetricsF(font).horizontalAdvance(name) + BETWEEN
