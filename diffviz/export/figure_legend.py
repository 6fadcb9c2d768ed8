"""How figures look, and their legends: names of curves and bands in their colours, and of runs that are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diffviz.domain.panes import Palette
from diffviz.domain.plots import Plot, Series
from diffviz.export.notes import shortened
from diffviz.export.typesetting import drawing, mathtext, properties, width_of

# isort: split
# only after matplotlib is made ready
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

LETTERS = 12.0
"""Points of the letters for which the lengths below hold; they grow with them."""
LINE, HANDLE, BESIDE, APART = 18.0, 22.0, 6.0, 18.0
STROKE, PALE = 1.5, 0.22
DASHES: Mapping[str, Any] = {"solid": "solid", "dashed": (0, (4.0, 8 / 3)), "dotted": (0, (1.0, 2.0))}
"""In widths of the line."""
RUNS: tuple[Any, ...] = (
    "solid",
    (0, (6.0, 2.0, 1.0, 2.0)),
    (0, (6.0, 2.0, 1.0, 2.0, 1.0, 2.0)),
    (0, (10.0, 3.0)),
)
"""How curves that are solid are drawn of the first run, and of those beside it."""
OTHERS_OPACITY, OTHERS_STROKE = 0.75, 1.2


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
class FigureEntry:
    """The name of a curve or a band in its colour, and what it is shown by; how much room it takes, in points."""

    handle: Artist
    name: str
    hue: str
    width: float


def curve(look: Look, series: Series, run: int = 0) -> Line2D:
    """A line without points, as `series` of run number `run` is drawn: those beside the first are paler."""
    dashes = RUNS[run] if series.style == "solid" else DASHES[series.style]
    return _line(look, series.hue, dashes, run)


def _line(look: Look, hue: str, dashes: Any, run: int) -> Line2D:
    width, opacity = (OTHERS_STROKE, OTHERS_OPACITY) if run else (STROKE, 1.0)
    colour = look.colour(hue)
    return Line2D([], [], color=colour, linewidth=width * look.em, linestyle=dashes, marker="", alpha=opacity)


def entries_of(plot: Plot, look: Look, room: float) -> list[FigureEntry]:
    """The curves of `plot`, then its bands that have a name; a name that is wider than `room` points is cut."""
    shown: list[tuple[Artist, str, str]] = [(curve(look, s), s.label, s.hue) for s in plot.series]
    for band in (band for band in plot.bands if band.label):
        shown.append((Patch(facecolor=look.colour(band.hue), alpha=PALE, linewidth=0), band.label, band.hue))
    return _entries(shown, look, room)


def run_entries(titles: Sequence[str], look: Look, room: float) -> list[FigureEntry]:
    """The runs called `titles`, by how their curves are drawn."""
    shown = [(_line(look, "text", RUNS[i], i), title, "text") for i, title in enumerate(titles)]
    return _entries(shown, look, room)


def _entries(shown: Sequence[tuple[Artist, str, str]], look: Look, room: float) -> list[FigureEntry]:
    sign = (HANDLE + BESIDE) * look.em
    names = [_fitting(label, room - sign, look.letters) for _, label, _ in shown]
    widths = [sign + width_of(name, look.letters) for name in names]
    return [FigureEntry(handle, name, hue, w) for (handle, _, hue), name, w in zip(shown, names, widths, strict=True)]


def _fitting(label: str, room: float, letters: float) -> str:
    return mathtext(shortened(label, lambda cut: width_of(mathtext(cut), letters) <= room))


def rows_of(entries: Sequence[FigureEntry], room: float, gap: float) -> list[list[FigureEntry]]:
    """`entries` in rows, each at most `room` points wide where they stand `gap` apart."""
    rows: list[list[FigureEntry]] = []
    for entry in entries:
        if rows and sum(e.width + gap for e in rows[-1]) + entry.width <= room:
            rows[-1].append(entry)
        else:
            rows.append([entry])
    return rows


def paint(figure: Figure, rows: Sequence[Sequence[FigureEntry]], left: float, bottom: float, look: Look) -> None:
    """Add the `rows` of a legend to `figure`, `left` points from its left, the last one `bottom` points from below."""
    width, height = (side * 72 for side in figure.get_size_inches())
    for i, row in enumerate(reversed(rows)):
        with drawing():
            figure.add_artist(_row(figure, row, (left / width, (bottom + i * LINE * look.em) / height), look))


def _row(figure: Figure, row: Sequence[FigureEntry], at: tuple[float, float], look: Look) -> Legend:
    return Legend(
        figure,
        [entry.handle for entry in row],
        [entry.name for entry in row],
        loc="lower left",
        bbox_to_anchor=at,
        bbox_transform=figure.transFigure,
        ncols=len(row),
        prop=properties(look.letters),
        labelcolor=[look.colour(entry.hue) for entry in row],
        frameon=False,
        borderpad=0,
        borderaxespad=0,
        handlelength=HANDLE / LETTERS,
        handletextpad=BESIDE / LETTERS,
        columnspacing=APART / LETTERS,
    )
