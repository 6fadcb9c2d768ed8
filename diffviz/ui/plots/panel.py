"""One plot of a stack: curves, bands, levels and dots over a pair of axes, even or logarithmic.

The vertical axis fits what is shown: a switched-off curve or a zoom across gives others room, if nobody chose heights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, QRectF, Signal, Slot
from PySide6.QtGui import QPolygonF

from diffviz.domain.arrays import F64
from diffviz.domain.plots import Band, Plot
from diffviz.ui.plots.axes import EvenScale, LogScale, PlotAxis, PlotScale, Range
from diffviz.ui.plots.lines import BESIDE, DrawnLine, PlotBackground, PlotLine, colour, fitting, line_of, standing_at
from diffviz.ui.plots.view_box import ACROSS, UP, Margins, PlotBox
from diffviz.ui.widgets import painting

ROOM = 0.06
"""The share of the heights that stays free above and below curves."""
DOT = 4.0


class Panel(QObject):
    """Curves of a `Plot`, or of lines, between two axes; `off` holds the keys of those that are not drawn.

    `x_limits` are the ends of the horizontal axis, `y_limits` those of the vertical one while it is even; None fits
    the curves. Signals: `changed`, when anything is to be drawn anew, once for all that is done `as_one`; `moved`,
    where only what is painted over the rest is another.
    """

    changed = Signal()
    moved = Signal()

    def __init__(self, x_name: str = "", y_name: str = "", margins: Margins | None = None) -> None:
        super().__init__()
        self.margins = margins or Margins()
        self.box = PlotBox()
        self.x_axis, self.y_axis = PlotAxis("bottom", self.box, x_name), PlotAxis("left", self.box, y_name)
        self.y_axis.set_lines_across(True)
        self.x_limits: Range | None = None
        self.y_limits: Range | None = None
        self.plot: Plot | None = None
        self._within, self._untold = 0, False
        self._lines: tuple[PlotLine, ...] = ()
        self._off: frozenset[str] = frozenset()
        self._drawn: list[DrawnLine] = []
        self._background = PlotBackground(self.box)
        self._dots: dict[bool, tuple[F64, pg.ScatterPlotItem]] = {}
        self._even: tuple[PlotScale, PlotScale] = (EvenScale(), EvenScale())
        self.box.sigRangeChanged.connect(self._on_range_changed)

    # What it shows.

    def show_plot(self, plot: Plot, beside: Plot | None = None) -> None:
        """Draw `plot`, and the curves of the pinned run in it.

        A plot that begins with another axis than the one before it does so.
        """
        before, self.plot = self.plot, plot
        if before is None:
            self._off = frozenset(series.key for series in plot.series if not series.on)
        if before is None or before.log != plot.log:
            self._scale("y", plot.log)
        with self.as_one():
            self._show_curves(plot, beside)

    def _show_curves(self, plot: Plot, beside: Plot | None) -> None:
        room = (plot.limits[1] - plot.limits[0]) * ROOM if plot.limits else 0.0
        limits = (plot.limits[0] - room, plot.limits[1] + room) if plot.limits else None
        lines = [*map(line_of, plot.series), *(line_of(s, beside=True) for s in (beside.series if beside else ()))]
        self.show_lines(lines, self.x_limits, limits, bands=plot.bands, levels=plot.levels)

    def show_lines(
        self,
        lines: Iterable[PlotLine],
        x_limits: Range | None = None,
        y_limits: Range | None = None,
        *,
        bands: Sequence[Band] = (),
        levels: Sequence[float] = (),
    ) -> None:
        """Draw `lines`, with areas and dashed lines at heights behind them."""
        self._lines, self.x_limits, self.y_limits = tuple(lines), x_limits, y_limits
        self._background.show(bands, levels)
        self._redraw()

    def move_lines(self, lines: Iterable[PlotLine]) -> None:
        """Have `lines` in place of those that are not kept, over axes that stay as they are where both have limits."""
        self._lines = *lines, *(line for line in self._lines if line.kept)
        if self.log_x or self.log_y or self.x_limits is None or self.y_limits is None:
            self._redraw()
        else:
            self._draw_lines()
            self.moved.emit()

    def marks(self) -> Iterator[painting.PaintMark]:
        """The lines that are painted over the kept picture of the others."""
        for drawn in self._drawn:
            yield from drawn.marks()

    def show_dots(self, positions: F64, *, beside: bool = False) -> None:
        """Mark those points of the curves that stand at `positions`: by dots, or by rings those of a run `beside`."""
        _, item = self._dots.get(beside, (None, None))
        if item is None:
            item = pg.ScatterPlotItem(pxMode=True, antialias=True, size=DOT + 3.0 if beside else DOT)
            self.box.addItem(item, ignoreBounds=True)
        elif not len(positions) and not len(self._dots[beside][0]):
            return
        self._dots[beside] = positions, item
        self._draw_dots()
        self._tell()

    @property
    def lines(self) -> tuple[PlotLine, ...]:
        """All its lines, those that are off too."""
        return self._lines

    @property
    def drawn(self) -> list[DrawnLine]:
        """The lines that are drawn, those of a pinned run last."""
        return self._drawn

    @property
    def off(self) -> frozenset[str]:
        """Keys of the curves that are not drawn."""
        return self._off

    @off.setter
    def off(self, keys: Iterable[str]) -> None:
        if frozenset(keys) != self._off:
            self._off = frozenset(keys)
            self._redraw()

    def switch(self, key: str, on: bool) -> None:
        """Draw the curve `key`, or do not."""
        self.off = self._off - {key} if on else self._off | {key}

    # Its axes.

    @property
    def log_x(self) -> bool:
        """Whether the horizontal axis is logarithmic."""
        return isinstance(self.x_axis.plot_scale, LogScale)

    @property
    def log_y(self) -> bool:
        """Whether the vertical axis is logarithmic."""
        return isinstance(self.y_axis.plot_scale, LogScale)

    def can_log(self, axis: str) -> bool:
        """Whether there is anything to draw on a logarithmic axis "x" or "y"."""
        values = (line.xs if axis == "x" else line.ys for line in self._lines)
        return any(bool((numbers > 0).any()) for numbers in values)

    def set_log(self, x: bool | None = None, y: bool | None = None) -> None:
        """Make axes logarithmic, or even; None leaves one as it is. Shows the whole of an axis that changes."""
        with self.as_one():
            for axis, log, now in (("x", x, self.log_x), ("y", y, self.log_y)):
                if log is not None and log != now:
                    self._scale(axis, log)
                    self.box.view_all(axis)
            self._redraw()

    def set_even(self, x: PlotScale | None = None, y: PlotScale | None = None) -> None:
        """Lay values out by `x` and `y` where the axes are not logarithmic."""
        if (x or self._even[0], y or self._even[1]) == self._even:
            return
        self._even = x or self._even[0], y or self._even[1]
        self._scale("x", self.log_x)
        self._scale("y", self.log_y)
        self._redraw()

    def set_grid(self, on: bool) -> None:
        """Whether lines go across at the marks of both axes, or at those of the vertical one alone."""
        self.x_axis.set_lines_across(on)
        self._tell()

    @property
    def grid(self) -> bool:
        """Whether lines go across at the marks of both axes."""
        return self.x_axis.grid is not False

    def view_all(self) -> None:
        """Show all again."""
        with self.as_one():
            self.box.view_all()
            self._tell()

    def set_x_range(self, low: float, high: float) -> None:
        """Show the part from the value `low` to `high`."""
        ends = self.x_axis.plot_scale.coordinates(np.array([low, high], np.float64))
        with self.as_one():
            self.box.look(x=(float(ends[0]), float(ends[1])))
            self._tell()

    @property
    def x_range(self) -> Range:
        """The values between which it is seen, across."""
        low, high = self.box.seen[0]
        return self.x_axis.plot_scale.value(low), self.x_axis.plot_scale.value(high)

    @property
    def y_range(self) -> Range:
        """The values between which it is seen, upwards."""
        low, high = self.box.seen[1]
        return self.y_axis.plot_scale.value(low), self.y_axis.plot_scale.value(high)

    def to_px(self, x: float, y: float) -> QPointF:
        """Where the point (x, y) lies on the canvas; far off it where a value has no place on a logarithmic axis."""
        at = self.x_axis.plot_scale.coordinates(np.array([x])), self.y_axis.plot_scale.coordinates(np.array([y]))
        return self.box.to_px(*(float(np.nan_to_num(c[0], nan=-1e4)) for c in at))

    def seen_at(self, xs: F64) -> list[float]:
        """Where those of the values `xs` that are in sight lie across the canvas."""
        coordinates = self.x_axis.plot_scale.coordinates(xs)
        left, right = self.box.seen[0]
        seen = coordinates[(left <= coordinates) & (coordinates <= right)]
        return self.box.to_pxs(seen, seen)[0].tolist()

    def to_data(self, at: QPointF) -> Range:
        """The values at a place on the canvas."""
        x, y = self.box.to_coordinates(at)
        return self.x_axis.plot_scale.value(x), self.y_axis.plot_scale.value(y)

    def outline(self, drawn: DrawnLine) -> QPolygonF:
        """A line of `drawn` in pixels of the canvas."""
        return drawn.outline()

    def place(self, area: QRectF) -> None:
        """Take the rectangle `area` of the canvas."""
        m = self.margins
        box = area.adjusted(m.left, m.top, -m.right, -m.bottom)
        box.setSize(box.size().expandedTo(QRectF(0, 0, 1, 1).size()))
        wider = box.width() != self.box.area.width()
        self.box.setGeometry(box)
        for drawn in self._drawn if wider else ():
            drawn.follow()
        self.y_axis.setGeometry(QRectF(area.left(), box.top(), m.left, box.height()))
        self.x_axis.setGeometry(QRectF(box.left(), box.bottom(), box.width(), max(1.0, float(m.bottom))))
        self.y_axis.setWidth(m.left)
        self.x_axis.setHeight(m.bottom)

    def items(self) -> tuple[pg.GraphicsWidget, ...]:
        """What a scene has of it."""
        return self.x_axis, self.y_axis, self.box

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        self.x_axis.restyle()
        self.y_axis.restyle()
        for drawn in self._drawn:
            drawn.draw()
        self._background.restyle()
        self._draw_dots()

    @Slot(object, object, object)
    def _on_range_changed(self, box: PlotBox, seen: object, changed: Sequence[bool]) -> None:
        for drawn in self._drawn if changed[0] else ():
            drawn.follow()
        with self.as_one():
            self.box.set_whole(y=self._heights(self.box.seen[0], self.box.whole[0]))
            self._tell()

    @contextmanager
    def as_one(self) -> Iterator[None]:
        """Whatever is done within is told once."""
        self._within += 1
        try:
            yield
        finally:
            self._within -= 1
            if self._untold and not self._within:
                self._untold = False
                self.changed.emit()

    def _tell(self) -> None:
        """Tell that something is to be drawn anew."""
        if self._within:
            self._untold = True
        else:
            self.changed.emit()

    def _scale(self, axis: str, log: bool) -> None:
        even = self._even[0 if axis == "x" else 1]
        form = getattr(even, "form", None) if axis == "x" else None
        (self.x_axis if axis == "x" else self.y_axis).set_scale(LogScale(form) if log else even)

    def _redraw(self) -> None:
        self._draw_lines()
        with self.as_one():
            self._fit()  # which draws long curves again where another part is seen then
            self._background.draw(self.x_axis.plot_scale, self.y_axis.plot_scale)
            self._draw_dots()
            self._tell()

    def _draw_lines(self) -> None:
        shown = [line for line in self._lines if line.key not in self._off]
        while len(self._drawn) > len(shown) or not fitting(self._drawn, shown):
            self._drawn.pop().remove()
        while len(self._drawn) < len(shown):
            self._drawn.append(DrawnLine(self.box))
        for drawn, line in zip(self._drawn, shown, strict=True):
            drawn.show(line, self.x_axis.plot_scale, self.y_axis.plot_scale)

    def _fit(self) -> None:
        """Let the whole be what is shown."""
        x = self._ends(self.x_axis, self.x_limits) or self._across()
        self.box.set_whole(x, self._heights(self.box.seen[0] if ACROSS in self.box.chosen else x, x))

    def _heights(self, seen: Range, whole: Range) -> Range:
        """All heights to be seen where `seen` is in sight across: those over the `whole`, if some were chosen."""
        limits = self._ends(self.y_axis, None if self.log_y else self.y_limits)
        chosen = UP in self.box.chosen
        return limits or (None if chosen else self._up(seen)) or self._up(whole) or (0.0, 1.0)

    def _ends(self, axis: PlotAxis, limits: Range | None) -> Range | None:
        """The coordinates of `limits`, None where they are not given or have no place on `axis`."""
        if limits is None:
            return None
        low, high = axis.plot_scale.coordinates(np.array(limits, np.float64)).tolist()
        return (low, high) if np.isfinite([low, high]).all() else None

    def _across(self) -> Range:
        xs = np.concatenate([np.zeros(0), *(drawn.xs for drawn in self._drawn)])
        xs = xs[np.isfinite(xs)]
        if self.x_limits is not None and len(xs):
            top = float(self.x_axis.plot_scale.coordinates(np.array([self.x_limits[1]]))[0])
            return float(xs.min()), top if np.isfinite(top) else float(xs.max())
        return (float(xs.min()), float(xs.max())) if len(xs) else (0.0, 1.0)

    def _up(self, x: Range) -> Range | None:
        """What curves need between the ends of `x`, and some room; None where there is none of them."""
        found = [extent for drawn in self._drawn if (extent := drawn.extent(x)) is not None]
        if not found:
            return None
        low, high = min(low for low, _ in found), max(high for _, high in found)
        filled = not self.log_y and any(line.fill for line in self._lines)
        low = min(0.0, low) if filled else low
        room = (high - low or abs(high) or 1.0) * ROOM
        return low - (0.0 if filled and low == 0 else room), high + room

    def _draw_dots(self) -> None:
        for beside, (positions, item) in self._dots.items():
            of_pinned = any(drawn.line and drawn.line.style == BESIDE for drawn in self._drawn)
            kept = [d for d in self._drawn if d.line and (d.line.style == BESIDE) == (beside and of_pinned)]
            item.setData([])
            for drawn in kept:
                self._add_dots(item, drawn, positions, ring=beside)

    def _add_dots(self, item: pg.ScatterPlotItem, drawn: DrawnLine, positions: F64, *, ring: bool) -> None:
        assert drawn.line is not None
        found = standing_at(drawn, self.x_axis.plot_scale.coordinates(positions), self._slack())
        hue = colour(drawn.line.hue, 0.7 if ring else 1.0)
        pen, brush = (pg.mkPen(hue, width=1), None) if ring else (None, hue)
        item.addPoints(x=drawn.xs[found], y=drawn.ys[found], pen=pen, brush=pg.mkBrush(brush))

    def _slack(self) -> float:
        """How far from a point of a curve a frame may stand that is marked there: 2 pixels."""
        left, right = self.box.whole[0]
        return 2.0 * (right - left) / max(1.0, self.box.area.width())
