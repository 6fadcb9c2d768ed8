"""Densities over fixed axes beside that of N(0, 1), and many points as a picture of how often they fall where.

Both move with time while somebody scrubs: axes keep their pictures, and ten thousand points take no longer than ten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F64
from diffviz.domain.text import tr
from diffviz.ui.plots.lines import PlotLine
from diffviz.ui.plots.menu import PlotSwitch, TableColumn
from diffviz.ui.plots.panel import Panel
from diffviz.ui.plots.stack import PlotStack
from diffviz.ui.plots.view_box import Margins
from diffviz.ui.widgets import math_label, painting, pixmaps, theme
from diffviz.ui.widgets.format import figure

HEIGHT, LABELS = 168, 22
FAINT = 0.22


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One density: `heights` (N,) over the bins of its plot; what is too tall is cut off.

    `hue` names a colour of the palette or is one (#rrggbb), `style` is that of a line, `name` what it is called.
    """

    heights: F64
    hue: str
    style: str = "solid"
    filled: bool = False
    name: str = ""


class DensityPlot(PlotStack):
    """Steps of `traces` between the `edges` (N + 1,) of bins, up to `top`, under the density of N(0, 1).

    The axes do not move by themselves.
    """

    def __init__(self, edges: F64, top: float, parent: QWidget | None = None) -> None:
        self.panel = Panel("", "", Margins(0, 1, 1, LABELS))
        self.traces: tuple[Trace, ...] = ()
        self._edges, self._top = edges, top
        across = np.linspace(edges[0], edges[-1], 2 * len(edges) - 3)
        self._normal = PlotLine("normal", "N(0, 1)", "noise", across, normal(across), "dashed", width=1.0, kept=False)
        super().__init__(tr("Densities of pixels"), [self.panel], parent)
        self.panel.y_axis.hide()
        self.panel.x_axis.pixels, self.panel.x_axis.apart, self.panel.x_axis.spills = 11, 30.0, False
        self.panel.restyle()
        self.setMinimumHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.panel.show_lines([], (float(edges[0]), float(edges[-1])), (0.0, top))
        self.show_traces(())

    def show_traces(self, traces: tuple[Trace, ...]) -> None:
        """Show `traces` and nothing else."""
        self.traces = traces
        self.panel.move_lines([*(self._line(trace, index) for index, trace in enumerate(traces)), self._normal])

    def sizeHint(self) -> QSize:
        """As wide as there is room, and as high where its column has some left."""
        return QSize(240, HEIGHT)

    def outline(self, trace: Trace) -> QPolygonF:
        """The steps of `trace` in pixels."""
        return self.panel.outline(self.panel.drawn[self.traces.index(trace)])

    def _line(self, trace: Trace, index: int) -> PlotLine:
        heights, fill = np.minimum(trace.heights, self._top), FAINT if trace.filled else 0.0
        names = f"density {index}", trace.name or tr("density"), trace.hue
        return PlotLine(*names, self._edges, heights, trace.style, fill=fill, steps=True, width=1.0, kept=False)


def normal(x: F64) -> F64:
    """Density of N(0, 1)."""
    heights: F64 = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    return heights


CELLS, EDGE, FOOT = 72, 4, 18


class Scatter(PlotStack):
    """Points (x, y) over ±`reach` with the line that fits them; `x_name` and `y_name` are symbols."""

    def __init__(self, name: str, reach: float, hue: str, parent: QWidget | None = None) -> None:
        self.panel = Panel("", "", Margins(EDGE + FOOT, FOOT, 1, FOOT))
        self.reach, self._hue = reach, hue
        self.slope: float | None = None
        self._points = np.zeros((2, 0))
        self._shade: F64 | None = None
        self._title, self._x, self._y = (math_label.Typeset("", theme.font(11)) for _ in range(3))
        self._names = ("x", "y")
        super().__init__(name, [self.panel], parent)
        self._image = pg.ImageItem(axisOrder="row-major")
        self.panel.box.addItem(self._image, ignoreBounds=True)
        for axis in (self.panel.x_axis, self.panel.y_axis):
            axis.setStyle(showValues=False)
        self.panel.set_grid(True)
        self.setMinimumHeight(140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._show_fit()

    def name_axes(self, title: str, x_name: str, y_name: str) -> None:
        """What it shows, and its axes."""
        self._names = x_name, y_name
        self._title, self._x, self._y = (math_label.Typeset(text, theme.font(11)) for text in (title, x_name, y_name))
        self.renew()

    def show_points(self, x: F64, y: F64) -> None:
        """Show points, and the least-squares line through them where x varies."""
        counts = self._counts(x, y)
        self._points, self._shade = np.stack([x, y]), np.sqrt(counts / max(1.0, float(counts.max())))
        apart = x - x.mean()
        spread = float(apart @ apart)
        self.slope = float(apart @ (y - y.mean())) / spread if spread > 0 else None
        self._tint()
        self._show_fit()

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        super().restyle()
        self._tint()

    def _tint(self) -> None:
        if self._shade is not None:
            self._image.setImage(pixmaps.tinted(self._shade, self._hue), autoLevels=False, levels=(0, 255))
            self._image.setRect(QRectF(-self.reach, -self.reach, 2 * self.reach, 2 * self.reach))

    def lay_out(self) -> None:
        """A square."""
        m = self.panel.margins
        side = max(10.0, min(self.width() - m.left - m.right, self.height() - m.top - m.bottom))
        self.panel.place(QRectF(0, 0, side + m.left + m.right, side + m.top + m.bottom))

    def read(self, panel: Panel, at: QPointF) -> list[tuple[str, str]]:
        """Where the pointer is."""
        return [(f"{name} = {figure(v)}", "text") for name, v in zip(self._names, panel.to_data(at), strict=True)]

    def switches(self) -> Sequence[PlotSwitch]:
        """Axes from −`reach` on have no logarithm."""
        return super().switches()[2:]

    def table(self) -> Sequence[TableColumn]:
        """The points."""
        return [TableColumn(name, values) for name, values in zip(self._names, self._points, strict=True)]

    def marks_still(self) -> Iterator[painting.PaintMark]:
        """The names around points, grid and line."""
        yield from super().marks_still()
        box, quiet = self.panel.box.area, theme.color("quiet")
        yield self._title.at(box.left(), box.top() - 5, theme.color("text"))
        yield self._x.at(box.right() - self._x.width, box.bottom() + 13, quiet)
        yield painting.Group([self._y.at(0, 0, quiet)], at=QPointF(box.left() - 6, box.top() + self._y.width), turn=-90)

    def sizeHint(self) -> QSize:
        """Square."""
        return QSize(150, 150)

    def _show_fit(self) -> None:
        ends = np.array([-self.reach, self.reach])
        slope = self.slope
        lines = [] if slope is None else [PlotLine("fit", tr("least squares"), "loss", ends, slope * ends, width=1.5)]
        self.panel.show_lines(lines, (-self.reach, self.reach), (-self.reach, self.reach))

    def _counts(self, x: F64, y: F64) -> F64:
        """How many points fall into each cell, rows from low y to high."""
        column, row = (np.floor((v / self.reach + 1) * (CELLS / 2)).astype(np.int64) for v in (x, y))
        inside = (column >= 0) & (column < CELLS) & (row >= 0) & (row < CELLS)
        flat = np.bincount((row * CELLS + column)[inside], minlength=CELLS * CELLS)
        return flat.reshape(CELLS, CELLS).astype(np.float64)
