"""Plots of a run as one figure: curves below each other on one axis, drawn by matplotlib as pixels, SVG or PDF."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffviz import __version__
from diffviz.domain.arrays import F64, U8
from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.errors import OutOfRange
from diffviz.domain.export_settings import LARGEST_SIDE
from diffviz.domain.panes import Palette
from diffviz.domain.plots import Plot, RoundValues, decades, round_values
from diffviz.domain.text import plain
from diffviz.export.typesetting import DPI, drawing, mathtext, properties, width_of

# isort: split
# only after matplotlib is made ready
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cbook import is_math_text
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import Normal
from matplotlib.text import Text

LETTERS = 12.0
"""Points of the letters for which the lengths below hold; they grow with them."""
HEIGHT, LEAST_HEIGHT, LEAST_WIDTH = 96.0, 40.0, 120.0
LINE, HEAD, FOOT, LEFT, RIGHT, ASIDE, BELOW = 18.0, 14.0, 26.0, 12.0, 24.0, 8.0, 18.0
HANDLE, BESIDE, APART = 22.0, 6.0, 18.0
STROKE, PADDING, PALE = 1.5, 0.06, 0.22
DASHES: Mapping[str, Any] = {"solid": "solid", "dashed": (0, (4.0, 8 / 3)), "dotted": (0, (1.0, 2.0))}
"""In widths of the line."""
NEARLY = 1e-7
"""Inches by which a figure is larger, so that pixels that are a whole number are not cut to one less."""
MILLIMETRES = 25.4 / DPI
"""In a point."""
MIDDLE = 0.36
"""How high the middle of a digit is, as a share of the letters' size."""
Point = tuple[float, float]
FAMILIES = "Pretendard, Inter, 'Noto Sans', 'Noto Sans CJK KR', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True, slots=True)
class Look:
    """How a figure looks: its width, height (None: as its plots need) and letters in points, and its colours."""

    width: float
    palette: Palette
    letters: float = LETTERS
    height: float | None = None
    ground: str = "ground"

    @property
    def em(self) -> float:
        """How many times the usual size its letters are."""
        return self.letters / LETTERS

    def colour(self, hue: str) -> str:
        """The colour #rrggbb of `hue`, a field of its palette."""
        return str(getattr(self.palette, hue))


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


@dataclass(frozen=True, slots=True)
class FigureEntry:
    """The name of a curve or a band in its colour, and what it is shown by; how much room it takes, in points."""

    handle: Artist
    name: str
    hue: str
    width: float


class PlotFigure:
    """`plots`, at least one, over the axis of `scale`, which is called `axis`.

    Raises `OutOfRange` where `look` has no room for them.
    """

    def __init__(self, plots: Sequence[Plot], look: Look, scale: AxisScale, axis: str = "t") -> None:
        self._look, self._scale, self._title = look, scale, ", ".join(plain(plot.label) for plot in plots)
        em, letters = look.em, look.letters
        tall = HEIGHT if look.height is None else look.height / em / len(plots) - LINE - HEAD - FOOT / len(plots)
        sides = [vertical_axis(plot, scale, tall / 24) for plot in plots]
        names = [axis, *(name for side in sides for name in side.marks.names)]
        self._left = max(width_of(mathtext(name), letters) for name in names) + (LEFT + ASIDE) * em
        room = look.width - self._left - ASIDE * em
        _enough("width", look.width, self._left + (RIGHT + LEAST_WIDTH) * em)
        legends = [rows_of(entries_of(plot, look, room), room, APART * em) for plot in plots]
        heads = [(HEAD + LINE * len(rows)) * em for rows in legends]
        _enough("height", look.height, sum(heads) + (FOOT + LEAST_HEIGHT * len(plots)) * em)
        spare = None if look.height is None else look.height - sum(heads) - FOOT * em
        each = HEIGHT * em if spare is None else spare / len(plots)
        self.height = look.height or math.ceil(sum(heads) + FOOT * em + each * len(plots))
        with drawing():
            size = look.width / DPI + NEARLY, self.height / DPI + NEARLY
            self._figure = Figure(size, facecolor=look.colour(look.ground))
            top = float(self.height)
            for plot, side, rows, head in zip(plots, sides, legends, heads, strict=True):
                top -= head
                axes = self._axes(top - each, each, side)
                self._draw(axes, plot, side)
                self._name(rows, top)
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
        """The figure as uint8 (height, width, 3), with `dpi` pixels to an inch."""
        with drawing():
            self._figure.set_dpi(dpi)
            canvas = FigureCanvasAgg(self._figure)
            canvas.draw()
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
        for series in plot.series:
            seen = within(series.xs, self._scale)
            ys = heights(plot, series.ys, series.logs)
            line = curve(look, series.hue, series.style)
            line.set_data(shares(series.xs[seen]), ys[seen])
            axes.add_line(line)

    def _name(self, rows: Sequence[Sequence[FigureEntry]], bottom: float) -> None:
        """Names of curves and bands, in rows that end above `bottom`."""
        em = self._look.em
        for i, row in enumerate(reversed(rows)):
            at = self._left / self._look.width, (bottom + (BESIDE + i * LINE) * em) / self.height
            legend = Legend(
                self._figure,
                [entry.handle for entry in row],
                [entry.name for entry in row],
                loc="lower left",
                bbox_to_anchor=at,
                bbox_transform=self._figure.transFigure,
                ncols=len(row),
                prop=properties(self._look.letters),
                labelcolor=[self._look.colour(entry.hue) for entry in row],
                frameon=False,
                borderpad=0,
                borderaxespad=0,
                handlelength=HANDLE / LETTERS,
                handletextpad=BESIDE / LETTERS,
                columnspacing=APART / LETTERS,
            )
            self._figure.add_artist(legend)

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


def curve(look: Look, hue: str, style: str) -> Line2D:
    """A line without points."""
    return Line2D([], [], color=look.colour(hue), linewidth=STROKE * look.em, linestyle=DASHES[style], marker="")


def entries_of(plot: Plot, look: Look, room: float) -> list[FigureEntry]:
    """The curves of `plot`, then its bands that have a name; a name that is wider than `room` points is cut."""
    shown: list[tuple[Artist, str, str]] = [(curve(look, s.hue, s.style), s.label, s.hue) for s in plot.series]
    for band in (band for band in plot.bands if band.label):
        shown.append((Patch(facecolor=look.colour(band.hue), alpha=PALE, linewidth=0), band.label, band.hue))
    sign = (HANDLE + BESIDE) * look.em
    names = [_cut(label, room - sign, look.letters) for _, label, _ in shown]
    widths = [sign + width_of(name, look.letters) for name in names]
    return [FigureEntry(handle, name, hue, w) for (handle, _, hue), name, w in zip(shown, names, widths, strict=True)]


def _cut(label: str, room: float, letters: float) -> str:
    name = mathtext(label)
    while label and width_of(name, letters) > room:
        label = label[:-1].rstrip()
        name = mathtext(label + "…")
    return name


def rows_of(entries: Sequence[FigureEntry], room: float, gap: float) -> list[list[FigureEntry]]:
    """`entries` in rows, each at most `room` points wide where they stand `gap` apart."""
    rows: list[list[FigureEntry]] = []
    for entry in entries:
        if rows and sum(e.width + gap for e in rows[-1]) + entry.width <= room:
            rows[-1].append(entry)
        else:
            rows.append([entry])
    return rows
