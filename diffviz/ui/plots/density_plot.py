"""Densities over fixed axes beside that of N(0, 1), painted in about a fifth of a millisecond: they move with time.

A general plotting widget takes ten times as long for the same picture, which is felt while scrubbing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F64
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.format import MINUS
from diffviz.ui.widgets.painting import Layer, crisp

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
        self._layer = Layer()
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
            painter.fillRect(QRectF(crisp(x_px) - 0.5, floor, 1, 4), theme.color("edge"))
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
