"""Bars over a row of names or numbers, with a vertical axis; zoomed where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.arrays import F64
from diffviz.domain.text import tr
from diffviz.ui.plots.lines import BEHIND, PlotLine, colour
from diffviz.ui.plots.menu import PlotSwitch, TableColumn
from diffviz.ui.plots.panel import Panel
from diffviz.ui.plots.stack import PlotStack
from diffviz.ui.plots.view_box import ACROSS, Margins
from diffviz.ui.widgets import theme

GAP, WIDEST_GAP = 0.18, 4.0
"""Room at each side of a bar: a share of its column, and no more than so many pixels."""
LABEL_ROOM, LETTERS = 15.0, 10
HEADROOM = 1.08


@dataclass(frozen=True, slots=True)
class BarNames:
    """The scale of a row of bars, each one wide: their `names`, or their numbers from 1 where there is no room."""

    names: tuple[str, ...] = ()
    named: bool = False

    def coordinates(self, values: F64) -> F64:
        """Where the bars lie: as they are numbered, from 0."""
        return values

    def value(self, coordinate: float) -> float:
        """The number at `coordinate`."""
        return coordinate

    def marks(self, low: float, high: float, count: float) -> list[tuple[float, str]]:
        """The middle of every bar, or of every so many."""
        step = 1 if self.named else max(1, int(np.ceil((high - low) / max(1.0, count))))
        bars = range(0, len(self.names), step)
        return [(i + 0.5, self.names[i] if self.named else f"{i + 1}") for i in bars if low <= i + 0.5 <= high]


class BarChart(PlotStack):
    """Bars of `values` in the colour `hue` of the palette, and a line at what would be `ideal` for each.

    The column of a bar is no wider than `widest` pixels where that is not 0.
    """

    WHEEL = ACROSS

    def __init__(
        self, name: str, hue: str, margins: Margins, *, height: int = 108, parent: QWidget | None = None
    ) -> None:
        self.panel = Panel("", "", margins)
        self.values: F64 = np.zeros(0)
        self.ideal: F64 = np.zeros(0)
        self.bar_names: tuple[str, ...] = ()
        self.widest = 0.0
        self._hue = hue
        super().__init__(name, [self.panel], parent)
        self._bars = pg.BarGraphItem(x0=[], x1=[], y0=0, height=[])
        self._bars.setZValue(BEHIND)
        self.panel.box.addItem(self._bars, ignoreBounds=True)
        self.panel.x_axis.apart = LABEL_ROOM
        self.setMinimumHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, values: ArrayLike, names: Sequence[str] = (), ideal: ArrayLike = ()) -> None:
        """Show a bar for each of `values` (K,): those that are not known have none."""
        self.values, self.ideal = np.asarray(values, np.float64), np.asarray(ideal, np.float64)
        count = len(self.values)
        self.bar_names = tuple(names) if len(names) == count else tuple(f"{i + 1}" for i in range(count))
        known = np.concatenate([self.values, self.ideal, [1.0]])
        self.panel.set_even(BarNames(self.bar_names, self.named and len(names) == count))
        lines = [self._ideal_line()] if len(self.ideal) else []
        top = float(known[np.isfinite(known)].max()) * HEADROOM
        self.panel.show_lines(lines, (0.0, self._columns()), (0.0, top))
        self._draw_bars()

    def _columns(self) -> float:
        """How many columns there is room for."""
        least = self.panel.box.area.width() / self.widest if self.widest else 1.0
        return max(1.0, least, float(len(self.values)))

    @property
    def named(self) -> bool:
        """Whether the names stand under the bars: each has to fit below its own."""
        metrics = QFontMetricsF(theme.font(LETTERS))
        room = self.panel.box.area.width() / self._columns()
        return bool(self.bar_names) and all(metrics.horizontalAdvance(name) <= room - 2 for name in self.bar_names)

    def bar(self, index: int) -> QRectF:
        """Where bar `index` stands, in pixels."""
        left, right, height = self._sides()
        top = self.panel.to_px(float(left[index]), float(height[index]))
        return QRectF(top, self.panel.to_px(float(right[index]), 0.0))

    def index_at(self, at: QPointF) -> int | None:
        """The bar whose column `at` is in."""
        index = int(np.floor(self.panel.box.to_coordinates(at)[0]))
        inside = self.panel_at(at) is not None and 0 <= index < len(self.values)
        return index if inside else None

    def tip(self, index: int) -> str:
        """What is said of bar `index` where the pointer is in its column."""
        return f"{self.bar_names[index]}: {self.values[index]:g}"

    def read(self, panel: Panel, at: QPointF) -> list[tuple[str, str]]:
        """What is said of the bar at the pointer."""
        index = self.index_at(at)
        return [(line, "text") for line in self.tip(index).split("\n")] if index is not None else []

    def switches(self) -> Sequence[PlotSwitch]:
        """A row of names has no logarithm, and bars begin at 0."""
        return ()

    def table(self) -> Sequence[TableColumn]:
        """The values, and what they would ideally be."""
        numbers = TableColumn(tr("number"), np.arange(1.0, len(self.values) + 1))
        columns = [numbers, TableColumn(self.accessibleName(), self.values), TableColumn(tr("expected"), self.ideal)]
        return [column for column in columns if len(column.values) == len(self.values) > 0]

    def describe(self) -> None:
        """Tell the values of all bars."""
        pairs = zip(self.bar_names, self.values.tolist(), strict=True)
        said = ", ".join(f"{name} {value:g}" for name, value in pairs)
        if said != self.accessibleDescription():
            self.setAccessibleDescription(said)

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        super().restyle()
        self._draw_bars()

    def lay_out(self) -> None:
        """Write names where there is room for them."""
        super().lay_out()
        if len(self.values):
            self.panel.set_even(BarNames(self.bar_names, self.named))
            self.panel.show_lines(self.panel.lines, (0.0, self._columns()), self.panel.y_limits)
            self._draw_bars()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(220, self.minimumHeight())

    def _sides(self) -> tuple[F64, F64, F64]:
        """Left and right end and height of every bar; 0 where it is not known."""
        gap = min(GAP, WIDEST_GAP * self._columns() / max(1.0, self.panel.box.area.width()))
        begin = np.arange(float(len(self.values)))
        return begin + gap, begin + 1 - gap, np.nan_to_num(np.maximum(self.values, 0.0))

    def _draw_bars(self) -> None:
        left, right, height = self._sides()
        self._bars.setOpts(x0=left, x1=right, y0=0, height=height, pen=None, brush=colour(self._hue))
        self.renew()

    def _ideal_line(self) -> PlotLine:
        """A level across the column of every bar."""
        ends = np.arange(float(len(self.ideal)))
        xs = np.stack([ends, ends + 1, ends + 1], axis=1).ravel()
        ys = np.stack([self.ideal, self.ideal, np.full(len(ends), np.nan)], axis=1).ravel()
        return PlotLine("ideal", "", "alpha_bar", xs, ys, width=1.5)
