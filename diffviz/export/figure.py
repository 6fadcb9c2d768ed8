"""Plots of a run as one figure: curves below each other on one axis, drawn by matplotlib as pixels, SVG or PDF."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffviz import __version__
from diffviz.domain.arrays import F64, U8
from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.errors import OutOfRange
from diffviz.domain.export_settings import LARGEST_SIDE
from diffviz.domain.plots import Plot, RoundValues, Series, decades, round_values
from diffviz.domain.text import plain
from diffviz.export.figure_legend import (
    APART,
    BESIDE,
    LINE,
    PALE,
    Look,
    curve,
    entries_of,
    paint,
    rows_of,
    run_entries,
)
from diffviz.export.typesetting import DPI, drawing, mathtext, properties, width_of

# isort: split
# only after matplotlib is made ready
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cbook import is_math_text
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal
from matplotlib.text import Text

HEIGHT, LEAST_HEIGHT, LEAST_WIDTH = 96.0, 40.0, 120.0
HEAD, FOOT, LEFT, RIGHT, ASIDE, BELOW = 14.0, 26.0, 12.0, 24.0, 8.0, 18.0
"""In points, for letters of the usual size; they grow with these."""
RUNS_HEAD = 10.0
PADDING = 0.06
NEARLY = 1e-7
"""Inches by which a figure is larger, so that pixels that are a whole number are not cut to one less."""
MILLIMETRES = 25.4 / DPI
WITHIN = 1e-3
"""Of a pixel, by which a side is longer so that no whole pixel of it is lost."""
"""In a point."""
MIDDLE = 0.36
"""How high the middle of a digit is, as a share of the letters' size."""
Point = tuple[float, float]
FAMILIES = "Pretendard, Inter, 'Noto Sans', 'Noto Sans CJK KR', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True, slots=True)
class Area:
    """The rectangle of one plot in pixels from the top left corner, and what lies from its left to its right edge."""

    left: float
    top: float
    right: float
    bottom: float
    scale: AxisScale

    def x(self, position: float) -> float:
        """Where `position` is, held within the area."""
        share = self.scale.share(position)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)


@dataclass(frozen=True, slots=True)
class VerticalAxis:
    """The ends of a plot's axis and its round values; where the plot is logarithmic, their logarithms."""

    low: float
    high: float
    marks: RoundValues


@dataclass(frozen=True, slots=True, eq=False)
class FigureRun:
    """A run that is compared, by its `title`: its curves in the plots of the figure, by the keys of these."""

    title: str
    plots: Mapping[str, Plot]

    def series(self, plot: Plot) -> tuple[Series, ...]:
        """Its curves in `plot`."""
        return self.plots[plot.key].series if plot.key in self.plots else ()


class PlotFigure:
    """`plots`, at least one, over the axis of `scale`, which is called `axis`.

    Where `runs` are compared, the first is that of the `plots`. Raises `OutOfRange` where `look` has no room for them.
    """

    def __init__(
        self, plots: Sequence[Plot], look: Look, scale: AxisScale, axis: str = "t", runs: Sequence[FigureRun] = ()
    ) -> None:
        self._look, self._scale, self._title = look, scale, ", ".join(plain(plot.label) for plot in plots)
        self._runs = tuple(runs[1:])
        em, letters = look.em, look.letters
        tall = HEIGHT if look.height is None else look.height / em / len(plots) - LINE - HEAD - FOOT / len(plots)
        sides = [vertical_axis(self._joined(plot), scale, tall / 24) for plot in plots]
        names = [axis, *(name for side in sides for name in side.marks.names)]
        self._left = max(width_of(mathtext(name), letters) for name in names) + (LEFT + ASIDE) * em
        room = look.width - self._left - ASIDE * em
        _enough("width", look.width, self._left + (RIGHT + LEAST_WIDTH) * em)
        legends = [rows_of(entries_of(plot, look, room), room, APART * em) for plot in plots]
        named = rows_of(run_entries([run.title for run in runs], look, room), room, APART * em)
        heads = [(HEAD + LINE * len(rows)) * em for rows in legends]
        heads[0] += (RUNS_HEAD + LINE * len(named)) * em if named else 0.0
        _enough("height", look.height, sum(heads) + (FOOT + LEAST_HEIGHT * len(plots)) * em)
        spare = None if look.height is None else look.height - sum(heads) - FOOT * em
        each = HEIGHT * em if spare is None else spare / len(plots)
        self.height = look.height or math.ceil(sum(heads) + FOOT * em + each * len(plots))
        with drawing():
            size = look.width / DPI + NEARLY, self.height / DPI + NEARLY
            self._figure = Figure(size, facecolor=look.colour(look.ground))
            top = float(self.height)
            paint(self._figure, named, self._left, top - (HEAD + LINE * len(named)) * em, look)
            for plot, side, rows, head in zip(plots, sides, legends, heads, strict=True):
                top -= head
                axes = self._axes(top - each, each, side)
                self._draw(axes, plot, side)
                paint(self._figure, rows, self._left, top + BESIDE * em, look)
                top -= each
            self._name_axis(axes, axis)

    def areas(self, dpi: float = DPI) -> tuple[Area, ...]:
        """Where the plots are in pixels, where there are `dpi` of them to an inch."""
        scale = dpi / DPI
        right = (self._look.width - RIGHT * self._look.em) * scale
        boxes = [axes.get_position() for axes in self._figure.axes]
        tall = self.height * scale
        return tuple(
            Area(self._left * scale, tall * (1 - box.y1), right, tall * (1 - box.y0), self._scale) for box in boxes
        )

    def pixels(self, dpi: float = DPI) -> U8:
        """The figure as uint8 (height, width, 3), with `dpi` pixels to an inch: as many as come nearest to its size."""
        width, height = self._figure.get_size_inches()
        with drawing():
            self._figure.set_dpi(dpi)
            whole = ((round(side * dpi) + WITHIN) / dpi for side in (width, height))  # what is less is dropped
            self._figure.set_size_inches(*whole)
            canvas = FigureCanvasAgg(self._figure)
            canvas.draw()
            self._figure.set_size_inches(width, height)
            return np.array(canvas.buffer_rgba(), np.uint8)[..., :3].copy()

    def svg(self) -> str:
        """The figure as an SVG document; words are text in the first of `FAMILIES` that is there.

        Marks over letters and roots are outlines: programs put them in other places, each in its own.
        """
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        file = io.StringIO()
        with drawing():
            for words in self._figure.findobj(Text):
                if is_math_text(words.get_text()) and "\\" in words.get_text():
                    words.set_path_effects([Normal()])
            about = {"Date": None, "Creator": f"diffviz {__version__}", "Title": self._title}
            FigureCanvasSVG(self._figure).print_svg(file, metadata=about)
        return re.sub(r"font-family: [^;\"]*", f"font-family: {FAMILIES}", file.getvalue())

    def pdf(self) -> bytes:
        """The figure as a PDF document of one page."""
        from matplotlib.backends.backend_pdf import FigureCanvasPdf

        file = io.BytesIO()
        about = {"CreationDate": None, "Creator": f"diffviz {__version__}", "Title": self._title}
        with drawing():
            FigureCanvasPdf(self._figure).print_pdf(file, metadata=about)
        return file.getvalue()

    def _axes(self, bottom: float, height: float, side: VerticalAxis) -> Axes:
        """Empty axes with their round values, whose x is the share of the axis from left to right."""
        em, width = self._look.em, self._look.width
        across = self._left / width, 1 - (self._left + RIGHT * em) / width
        axes = self._figure.add_axes((across[0], bottom / self.height, across[1], height / self.height))
        axes.patch.set_visible(False)
        axes.spines[:].set_visible(False)
        axes.set_axisbelow(True)
        axes.set_xlim(0, 1)
        axes.set_ylim(side.low, side.high)
        axes.set_xticks([])
        axes.set_yticks(side.marks.values, [""] * len(side.marks.values))
        axes.grid(axis="y", color=self._look.colour("edge"), linewidth=em, linestyle="solid", alpha=1)
        axes.tick_params(axis="y", length=0)
        for value, name in zip(side.marks.values, side.marks.names, strict=True):
            self._write(axes, name, ("axes fraction", "data"), (0, value), (-ASIDE * em, -MIDDLE * self._look.letters))
        small = Line2D([0] * len(side.marks.small), side.marks.small, color=self._look.colour("edge"), clip_on=False)
        small.set(linestyle="", marker="_", markersize=5 * em, markeredgewidth=em)
        axes.add_line(small)
        return axes

    def _draw(self, axes: Axes, plot: Plot, side: VerticalAxis) -> None:
        """Bands, dashed lines at the levels, curves."""
        shares, look = self._scale.shares, self._look
        for band in plot.bands:
            seen = np.isfinite(band.low) & np.isfinite(band.high) & within(band.xs, self._scale)
            low, high = (np.nan_to_num(heights(plot, ys[seen]), nan=side.low) for ys in (band.low, band.high))
            axes.fill_between(shares(band.xs[seen]), low, high, color=look.colour(band.hue), alpha=PALE, linewidth=0)
        for level in plot.levels:
            axes.axhline(level, color=look.colour("quiet"), linewidth=look.em, linestyle=(0, (6.0, 4.0)))
        for number, run in reversed(tuple(enumerate(self._runs, 1))):
            self._draw_curves(axes, plot, run.series(plot), number)
        self._draw_curves(axes, plot, plot.series, 0)

    def _draw_curves(self, axes: Axes, plot: Plot, curves: Sequence[Series], run: int) -> None:
        for series in curves:
            seen = within(series.xs, self._scale)
            ys = heights(plot, series.ys, series.logs)
            line = curve(self._look, series, run)
            line.set_data(self._scale.shares(series.xs[seen]), ys[seen])
            axes.add_line(line)

    def _joined(self, plot: Plot) -> Plot:
        """`plot` with the curves of all runs."""
        return replace(plot, series=(*plot.series, *(series for run in self._runs for series in run.series(plot))))

    def _name_axis(self, axes: Axes, name: str) -> None:
        """The axis below the last plot: its line, round positions, and its `name` before them."""
        em, scale, quiet = self._look.em, self._scale, self._look.colour("quiet")
        length = self._look.width - RIGHT * em - self._left
        found = scale.ticks(max(2, length / (70 * em)))
        free = 1 - 14 * em / length
        axes.set_xticks([scale.share(t) for t in found], [""] * len(found))
        axes.tick_params(axis="x", length=4 * em, width=em, color=quiet)
        for t in (t for t in found if scale.share(t) < free or math.isclose(t, scale.high)):
            self._write(axes, f"{t:.6g}", "axes fraction", (scale.share(t), 0), (0, -BELOW * em), "center")
        axes.spines["bottom"].set(visible=True, color=quiet, linewidth=em)
        self._write(axes, mathtext(name), "axes fraction", (0, 0), (-ASIDE * em, -BELOW * em))

    def _write(self, axes: Axes, text: str, coordinates: Any, at: Point, by: Point, aligned: str = "right") -> None:
        """Quiet words that stand `by` so many points from what is `at` those coordinates."""
        words: dict[str, Any] = {"xycoords": coordinates, "textcoords": "offset points", "annotation_clip": False}
        words |= {"fontproperties": properties(self._look.letters), "color": self._look.colour("quiet")}
        axes.annotate(text, at, by, ha=aligned, va="baseline", **words)


def _enough(name: str, points: float | None, least: float) -> None:
    if points is not None and points < least:
        raise OutOfRange(name, round(points * MILLIMETRES, 1), math.ceil(least * MILLIMETRES), LARGEST_SIDE)


def within(xs: F64, scale: AxisScale) -> NDArray[np.bool_]:
    """Which of the positions `xs` lie on the axis."""
    found: NDArray[np.bool_] = (xs >= scale.low) & (xs <= scale.high)
    return found


def heights(plot: Plot, ys: F64, logs: F64 | None = None) -> F64:
    """`ys`, whose logarithms `logs` may be known, as they are drawn; nan where that is not possible."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: F64 = (np.log10(ys) if logs is None else logs) if plot.log else ys
    return np.where(np.isfinite(found), found, np.nan)


def limits(plot: Plot, scale: AxisScale) -> tuple[float, float]:
    """The ends of the vertical axis of `plot`, with some room: those it asks for, or of what lies on the axis."""
    if plot.limits and not plot.log:
        low, high = plot.limits
    else:
        seen = [(s.xs, heights(plot, s.ys, s.logs)) for s in plot.series]
        seen += [(band.xs, heights(plot, band.high)) for band in plot.bands]
        seen += [(band.xs, band.low) for band in plot.bands if not plot.log]  # near 0 they would take all the room
        values = np.concatenate([ys[within(xs, scale)] for xs, ys in seen])
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    room = (high - low or abs(high) or 1.0) * PADDING
    return low - room, high + room


def vertical_axis(plot: Plot, scale: AxisScale, count: float) -> VerticalAxis:
    """The axis of `plot` with about `count` round values."""
    low, high = limits(plot, scale)
    return VerticalAxis(low, high, (decades if plot.log else round_values)(low, high, count))
