"""The histogram of x_t beside the density of N(0, 1), which it tends to as t grows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from diffviz.domain.frames import ForwardFrame, ReverseFrame
from diffviz.domain.text import tr
from diffviz.session.run import Run
from diffviz.theory.statistics import density
from diffviz.ui import theme
from diffviz.ui.views.figures import MINUS, percent
from diffviz.ui.views.pixels import channels
from diffviz.ui.views.view import Shown, View

# the middle of every bin is a tenth, so that −1 and 1 do not stand on an edge
LOW, HIGH, BINS = -4.05, 4.05, 81
TOP = 0.8
OUTSIDE_WORTH_SAYING = 0.01
CHANNELS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {"dark": ("#ff6b6b", "#51cf66", "#74a9ff"), "light": ("#c92a2a", "#1f7a33", "#1f5fd0")}
)
STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)

Floats = NDArray[np.float64]


class HistogramView(View):
    """Pixel values of x_t beside N(0, 1), one curve per channel, on axes that never move.

    `densities` are the densities shown, float64 (BINS,), one per channel, before what is too tall is cut off.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.densities: tuple[Floats, ...] = ()
        self._key: tuple[object, ...] | None = None
        self._heading = QLabel(tr("PIXELS OF xₜ AGAINST N(0, 1)"))
        self._heading.setProperty("role", "heading")
        self.note = QLabel(" ")
        self.note.setProperty("role", "quiet")
        self.note.setFont(theme.font(11))
        self._plot = _plot()
        self.curves: list[pg.PlotDataItem] = []
        self.beside = pg.PlotDataItem(pen=_pen(theme.color("alpha_bar"), Qt.PenStyle.DashLine))
        self.beside.setVisible(False)
        self.beside.setZValue(9)
        self._plot.addItem(self.beside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        for widget in (self._heading, self._plot, self.note):
            column.addWidget(widget)
        self.setAccessibleName(tr("Histogram of the pixels of xₜ against the density of N(0, 1)"))

    def draw(self, shown: Shown) -> None:
        """Show the histogram of the frame at the cursor; without one, what was shown stays."""
        run, frame = shown.a, shown.frame
        if run is None or not isinstance(frame, ForwardFrame | ReverseFrame):
            return
        other = shown.frame_b
        beside = other if isinstance(other, ForwardFrame | ReverseFrame) else None
        key = (run.id, frame.position, shown.b.id if shown.b else 0, beside.position if beside else None)
        if self._key == key:
            return
        self._key = key
        self._show_beside(beside.x if beside else None)
        values = channels(frame.x)
        found = [density(channel, BINS, LOW, HIGH) for channel in values]
        self.densities = tuple(heights for _, heights in found)
        self._show(found[0][0])

    def clear(self, run: Run | None) -> None:
        """Leave N(0, 1) alone."""
        if self._key is None:
            return
        self._key, self.densities = None, ()
        self._show_beside(None)
        self._make_curves(0)
        self.note.setText(" ")

    def _show_beside(self, x: NDArray[np.float32] | None) -> None:
        """The pinned run's pixels, all channels together, as a dashed line."""
        if x is None:
            self.beside.setVisible(False)
            return
        edges, heights = density(np.concatenate(channels(x)), BINS, LOW, HIGH)
        self.beside.setData((edges[1:] + edges[:-1]) / 2, np.minimum(heights, TOP))
        self.beside.setVisible(True)

    def view_range(self) -> list[list[float]]:
        """Ends of the two axes."""
        ends: list[list[float]] = self._plot.viewRange()
        return ends

    def _show(self, edges: Floats) -> None:
        if len(self.curves) != len(self.densities):
            self._make_curves(len(self.densities))
        for curve, heights in zip(self.curves, self.densities, strict=True):
            curve.setData(edges, np.minimum(heights, TOP))
        self._show_note(edges)

    def _make_curves(self, count: int) -> None:
        for curve in self.curves:
            self._plot.removeItem(curve)
        self.curves = [_curve(channel, count) for channel in range(count)]
        for curve in self.curves:
            self._plot.addItem(curve)

    def _show_note(self, edges: Floats) -> None:
        """Say what the fixed axes leave out."""
        heights = np.max(self.densities, axis=0)
        peak = int(np.argmax(heights))
        inside = min(float(density.sum()) for density in self.densities) * (edges[1] - edges[0])
        parts = [_legend(len(self.densities)), tr("B dashed") if self.beside.isVisible() else ""]
        if heights[peak] > TOP:
            value = f"{(edges[peak] + edges[peak + 1]) / 2:.1f}".replace("-", MINUS)
            parts.append(
                tr("cut off at {top}: density {height:.1f} at {value}").format(
                    top=TOP, height=heights[peak], value=value
                )
            )
        if 1 - inside > OUTSIDE_WORTH_SAYING:
            parts.append(tr("{share} beyond ±4").format(share=percent(1 - inside)))
        self.note.setText(" · ".join(part for part in parts if part) or " ")
        self.setAccessibleDescription(self.note.text())


def normal(x: Floats) -> Floats:
    """Density of N(0, 1)."""
    heights: Floats = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    return heights


def _plot() -> pg.PlotWidget:
    plot = pg.PlotWidget(background=theme.color("panel"))
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.setFixedHeight(168)
    plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
    plot.setXRange(LOW, HIGH, padding=0)
    plot.setYRange(0, TOP, padding=0)
    plot.hideAxis("left")
    axis = plot.getAxis("bottom")
    axis.setTickFont(theme.font(11))
    axis.setTextPen(theme.color("quiet"))
    axis.setPen(theme.color("edge"))
    ticks = [(float(i), f"{i}".replace("-", MINUS)) for i in range(-4, 5)]
    axis.setTicks([ticks[1:-1]])
    x = np.linspace(LOW, HIGH, 161)
    line = pg.PlotDataItem(x, normal(x), pen=_pen(theme.color("noise"), Qt.PenStyle.DashLine))
    line.setZValue(10)
    plot.addItem(line)
    return plot


def _curve(channel: int, count: int) -> pg.PlotDataItem:
    empty = np.linspace(LOW, HIGH, BINS + 1)
    if count != 3:
        color = theme.color("noisy")
        fill = theme.color("noisy", 0.22)
        return pg.PlotDataItem(
            empty, np.zeros(BINS), stepMode="center", pen=_pen(color), fillLevel=0, brush=fill, antialias=False
        )
    color = QColor(CHANNELS[theme.palette().name][channel])
    return pg.PlotDataItem(empty, np.zeros(BINS), stepMode="center", pen=_pen(color, STYLES[channel]), antialias=False)


def _pen(color: QColor, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(color, 1)
    pen.setCosmetic(True)
    pen.setStyle(style)
    return pen


def _legend(count: int) -> str:
    if count != 3:
        return ""
    names = zip(CHANNELS[theme.palette().name], (tr("red"), tr("green"), tr("blue")), strict=True)
    return " ".join(f"<span style='color:{hue}'>{name}</span>" for hue, name in names)
