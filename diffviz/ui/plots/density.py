"""Densities over fixed axes beside that of N(0, 1), painted in about a fifth of a millisecond: they move with time.

A general plotting widget takes ten times as long for the same picture, which is felt while scrubbing.

Many points as a picture of how often they fall where: as quick for ten thousand as for ten.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F64
from diffviz.ui.widgets import math_label, painting, pixmaps, theme
from diffviz.ui.widgets.format import MINUS

# the middle of every bin is a tenth, so that −1 and 1 do not stand on an edge
LOW, HIGH, BINS = -4.05, 4.05, 81
TOP = 0.8
HEIGHT, LABELS = 168, 22
TICKS = range(-3, 4)
EDGES = np.repeat(np.linspace(LOW, HIGH, BINS + 1), 2)
"""Where each bin begins and ends, twice each: foot and head of its step."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One density: `heights` (BINS,) over LOW … HIGH; what is above TOP is cut off."""

    heights: F64
    hue: QColor
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    filled: bool = False


class DensityPlot(QWidget):
    """Steps of `traces` on axes that never move, under the density of N(0, 1)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.traces: tuple[Trace, ...] = ()
        self._layer = painting.Layer()
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_traces(self, traces: tuple[Trace, ...]) -> None:
        """Show `traces` and nothing else."""
        self.traces = traces
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(240, HEIGHT)

    def outline(self, trace: Trace) -> QPolygonF:
        """The steps of `trace` in pixels, from the foot of the first bin to that of the last."""
        heights = np.concatenate([[0.0], np.repeat(np.minimum(trace.heights, TOP), 2), [0.0]])
        return QPolygonF(list(map(QPointF, self._xs(EDGES).tolist(), self._ys(heights).tolist())))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the traces, and axis and N(0, 1) over them from a kept layer."""
        with QPainter(self) as painter:
            for trace in self.traces:
                outline = self.outline(trace)
                if trace.filled:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(_faint(trace.hue))
                    painter.drawPolygon(outline)
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(trace.hue, 1, trace.style))
                painter.drawPolyline(outline)
            self._layer.paint(painter, self.size(), theme.palette().name, self._paint_layer)

    def _paint_layer(self, painter: QPainter) -> None:
        x = np.linspace(LOW, HIGH, 161)
        points = zip(self._xs(x).tolist(), self._ys(normal(x)).tolist(), strict=True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("noise"), 1, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF([QPointF(*point) for point in points]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        floor = self.height() - LABELS
        painter.fillRect(QRectF(0, floor, self.width(), 1), theme.color("edge"))
        painter.setFont(theme.font(11))
        for tick in TICKS:
            x_px = float(self._xs(np.asarray(float(tick))))
            painter.fillRect(QRectF(painting.crisp(x_px) - 0.5, floor, 1, 4), theme.color("edge"))
            painter.setPen(theme.color("quiet"))
            box = QRectF(x_px - 15, floor + 4, 30, LABELS - 4)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{tick}".replace("-", MINUS))

    def _xs(self, x: F64) -> F64:
        share: F64 = (x - LOW) / (HIGH - LOW) * (self.width() - 1)
        return share

    def _ys(self, heights: F64) -> F64:
        floor = self.height() - LABELS
        ys: F64 = floor - heights / TOP * (floor - 1)
        return ys


def normal(x: F64) -> F64:
    """Density of N(0, 1)."""
    heights: F64 = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    return heights


def _faint(hue: QColor) -> QColor:
    faint = QColor(hue)
    faint.setAlphaF(0.22)
    return faint


CELLS, EDGE, FOOT = 72, 4, 18


class Scatter(QWidget):
    """Points (x, y) over ±`reach` with the line that fits them; `x_name` and `y_name` are symbols."""

    def __init__(self, name: str, reach: float, hue: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reach, self._hue = reach, hue
        self.slope: float | None = None
        self._title, self._x, self._y = (math_label.Typeset("", theme.font(11)) for _ in range(3))
        self._image = QImage()
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setMinimumHeight(140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def name_axes(self, title: str, x_name: str, y_name: str) -> None:
        """What it shows, and its axes."""
        self._title, self._x, self._y = (math_label.Typeset(text, theme.font(11)) for text in (title, x_name, y_name))
        self.update()

    def show_points(self, x: F64, y: F64) -> None:
        """Show points, and the least-squares line through them where x varies."""
        counts = self._counts(x, y)
        shade = np.sqrt(counts / max(1.0, float(counts.max())))[::-1]
        self._image = pixmaps.qimage(pixmaps.tinted(shade, self._hue))
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
