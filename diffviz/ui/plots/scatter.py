"""Many points as a picture of how often they fall where: as quick for ten thousand as for ten."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F64
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.math_label import Typeset
from diffviz.ui.widgets.pixmaps import qimage, tinted

CELLS, EDGE, FOOT = 72, 4, 18


class Scatter(QWidget):
    """Points (x, y) over ±`reach` with the line that fits them; `x_name` and `y_name` are symbols."""

    def __init__(self, name: str, reach: float, hue: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reach, self._hue = reach, hue
        self.slope: float | None = None
        self._title, self._x, self._y = (Typeset("", theme.font(11)) for _ in range(3))
        self._image = QImage()
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setMinimumHeight(140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def name_axes(self, title: str, x_name: str, y_name: str) -> None:
        """What it shows, and its axes."""
        self._title, self._x, self._y = (Typeset(text, theme.font(11)) for text in (title, x_name, y_name))
        self.update()

    def show_points(self, x: F64, y: F64) -> None:
        """Show points, and the least-squares line through them where x varies."""
        counts = self._counts(x, y)
        shade = np.sqrt(counts / max(1.0, float(counts.max())))[::-1]
        self._image = qimage(tinted(shade, self._hue))
        apart = x - x.mean()
        spread = float(apart @ apart)
        self.slope = float(apart @ (y - y.mean())) / spread if spread > 0 else None
        self.update()

    def _counts(self, x: F64, y: F64) -> F64:
        """How many points fall into each cell, rows from low y to high."""
        column, row = (np.floor((v / self.reach + 1) * (CELLS / 2)).astype(np.int64) for v in (x, y))
        inside = (column >= 0) & (column < CELLS) & (row >= 0) & (row < CELLS)
        flat = np.bincount((row * CELLS + column)[inside], minlength=CELLS * CELLS)
        return flat.reshape(CELLS, CELLS).astype(np.float64)

    def area(self) -> QRectF:
        """The square that points are drawn in."""
        side = max(10.0, min(self.width() - 2.0 * EDGE - FOOT, self.height() - 2.0 * FOOT))
        return QRectF(EDGE + FOOT, FOOT, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint points, axes through 0, and the line."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), theme.color("panel"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box, quiet = self.area(), theme.color("quiet")
            painter.setPen(QPen(theme.color("edge"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)
            painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
            painter.drawLine(QPointF(box.center().x(), box.top()), QPointF(box.center().x(), box.bottom()))
            if not self._image.isNull():
                painter.drawImage(box, self._image)
            if self.slope is not None:
                painter.setClipRect(box)
                painter.setPen(QPen(theme.color("loss"), 1.5))
                rise = self.slope * box.width() / 2
                centre = box.center()
                painter.drawLine(QPointF(box.left(), centre.y() + rise), QPointF(box.right(), centre.y() - rise))
                painter.setClipping(False)
            self._title.paint(painter, box.left(), box.top() - 5, theme.color("text"))
            self._x.paint(painter, box.right() - self._x.width, box.bottom() + 13, quiet)
            painter.translate(box.left() - 6, box.top() + self._y.width)
            painter.rotate(-90)
            self._y.paint(painter, 0, 0, quiet)

    def sizeHint(self) -> QSize:
        """Square."""
        return QSize(150, 150)
