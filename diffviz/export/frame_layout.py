"""Pages: what one picture of an export holds. The panes of a frame, and where asked for their names, t, and plots.

Where runs are compared, each stands under its title. A page is as large as what is on it, or as its purpose asks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from diffviz.domain.arrays import U8
from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.errors import NotAChoice, OutOfRange
from diffviz.domain.export_settings import LARGEST_SIDE, MEASURES, PICTURED, ExportSettings, sized
from diffviz.domain.export_settings import PICTURE_LETTERS as LETTERS
from diffviz.domain.frame_times import chosen
from diffviz.domain.frames import Frame
from diffviz.domain.panes import PALETTES, Palette, axis_name, stamp
from diffviz.domain.plots import Plot
from diffviz.domain.text import tr
from diffviz.export.comparison import APART, joint_canvas, meeting, runs_of
from diffviz.export.notes import PageNotes, fitting, marks_of
from diffviz.export.panes import Colour, Lettering, PaneCanvas, Room, colour
from diffviz.export.run_info import NOTHING, RunInfo
from diffviz.families import remarks_of
from diffviz.families.family import Remarks

if TYPE_CHECKING:
    from diffviz.export.figure import Area, FigureRun, PlotFigure

DPI, MILLIMETRES = 72, 25.4
"""Points, and millimetres, in an inch."""
MARGIN = 12
SMALLEST_WIDTH = 280
SHADES = 64
STRIP = 30
FIGURE_LETTERS = 12.0
"""Pixels of the letters of plots, and of what is around panes; all grow with a page's letters."""
MOST_FOR_PLOTS = 0.36
"""The share of a page's height that plots take at most, where they have room in that."""
CanvasMaker = Callable[[Room | None], PaneCanvas]


@dataclass(frozen=True, slots=True)
class PageMeasure:
    """Width and height of a page in pixels (None: as what is on it needs); its letters are `em` times the usual."""

    width: int | None = None
    height: int | None = None
    em: float = 1.0

    def of(self, pixels: float) -> int:
        """A length, for letters of the usual size, in pixels."""
        return round(pixels * self.em)


def measure_of(settings: ExportSettings) -> PageMeasure:
    """The page that `settings` ask for: for the screen as large as what is on it."""
    if not sized(settings):
        return PageMeasure(em=settings.letters / MEASURES["screen"].letters)
    em = settings.letters / DPI * settings.dpi / LETTERS
    width, height = (round(side / MILLIMETRES * settings.dpi) for side in (settings.width, settings.height))
    return PageMeasure(width, height or None, em)


@dataclass(frozen=True, slots=True, eq=False)
class PagePlots:
    """What stands below the panes: `plots` over the axis of `scale`, called `axis`, with the curves of all `runs`."""

    plots: tuple[Plot, ...]
    scale: AxisScale
    axis: str
    runs: tuple[FigureRun, ...] = ()

    def figure(self, width: int, palette: Palette, em: float, height: int | None = None) -> PlotFigure:
        """The plots without a cursor, `width` pixels wide."""
        from diffviz.export.figure import PlotFigure
        from diffviz.export.figure_legend import Look

        look = Look(width, palette, FIGURE_LETTERS * em, height)
        return PlotFigure(self.plots, look, self.scale, self.axis, self.runs)


class FrameLayout:
    """A canvas with its surroundings. `size` is (width, height); `box` is (left, top) of the panes.

    `titles` are those of the runs that are compared. Where some of these stand at another t, each says its own, and
    what holds them together is `meeting`; else one stands for all.
    """

    def __init__(
        self,
        make: CanvasMaker,
        plots: PagePlots,
        captioned: bool,
        theme: str,
        titles: Sequence[str] = (),
        remarks: Sequence[tuple[Sequence[Frame], Remarks]] = (),
        measure: PageMeasure = PageMeasure(),
        *,
        meeting: str = "",
    ) -> None:
        self.captioned, self._titles, self._measure, self._meeting = captioned, tuple(titles), measure, meeting
        self._remarks = remarks if captioned else ()
        self.palette: Palette = PALETTES[theme]
        self.bare = not (plots.plots or captioned or self._titles or measure.width)
        self._areas: tuple[Area, ...] = ()
        if self.bare:
            self.canvas, self.box = make(None), (0, 0)
            self.size = self.canvas.size
        else:
            self._arrange(make, plots)

    @property
    def still(self) -> U8:
        """What is around the panes of every frame alike, uint8 (height, width, 3); nothing where it is bare."""
        return self._still

    @property
    def grey(self) -> bool:
        """Whether its pictures have grey levels only."""
        return self.bare and self.canvas.grey

    def draw(self, frame: Frame) -> U8:
        """The picture of `frame`, uint8 (height, width) where it is grey, else (height, width, 3)."""
        if self.bare:
            return self.canvas.draw(frame)
        picture, panes = self.surroundings(frame), self.canvas.coloured(frame)
        left, top = self.box
        picture[top : top + panes.shape[0], left : left + panes.shape[1]] = panes
        return picture

    def surroundings(self, frame: Frame) -> U8:
        """The picture of `frame` without its panes."""
        picture = self._still.copy()
        thick = max(1, self._measure.of(1))
        for area in self._areas:
            x = round(area.x(frame.position)) - thick // 2
            top = round(area.top) + self._below
            picture[top : round(area.bottom) + self._below, x : x + thick] = colour(self.palette, "cursor")
        return self._with_t(picture, frame) if self.captioned else picture

    def _arrange(self, make: CanvasMaker, plots: PagePlots) -> None:
        of, natural, measure = self._measure.of, make(None), self._measure
        self._head = of(STRIP) * (bool(self._titles) + self.captioned) or of(MARGIN)
        originals = any(rows.originals for rows in natural.all_rows)
        marks = marks_of([pane for pane, _, _ in natural.names], originals=originals) if self.captioned else ()
        self._notes = PageNotes(marks, self._remarks, self.palette, of, self._meeting if self.captioned else "")
        if measure.width is None:
            self._arrange_around(natural, plots)
        else:
            self._arrange_within(make, plots, measure.width, measure.height, len(natural.groups))
        self._name()

    def _arrange_around(self, canvas: PaneCanvas, plots: PagePlots) -> None:
        """Let the page be as large as `canvas` and what is around it."""
        needed = canvas.size[0] + 2 * self._measure.of(MARGIN)
        whole = max(needed, SMALLEST_WIDTH if plots.plots else 0)
        left = (whole - canvas.size[0]) // 2
        self._notes.place([(left + at, width) for at, width in canvas.groups])
        figure = plots.figure(whole, self.palette, self._measure.em) if plots.plots else None
        below = int(figure.height) if figure else 0 if self.captioned else self._measure.of(MARGIN)
        self._place(canvas, figure, whole, self._head, below)

    def _arrange_within(self, make: CanvasMaker, plots: PagePlots, whole: int, height: int | None, runs: int) -> None:
        """Let the panes be as large as a page `whole` pixels wide has room for; the plots take what is left."""
        em, margin, apart = self._measure.em, self._measure.of(MARGIN), self._measure.of(APART)
        each = (whole - 2 * margin - apart * (runs - 1)) // runs
        self._notes.place([(margin + i * (each + apart), each) for i in range(runs)])
        figure = self._below_all(plots, whole, height) if plots.plots else None
        below = int(figure.height) if figure else margin
        taken = self._head + self._foot + below
        canvas = make((whole - 2 * margin, None if height is None else height - taken))
        spare = 0 if height is None else height - taken - canvas.size[1]
        if figure is not None and spare:
            figure = plots.figure(whole, self.palette, em, below + spare)
        lifted = 0 if figure else spare // 2
        self._place(canvas, figure, whole, self._head + lifted, below + spare - lifted)

    def _below_all(self, plots: PagePlots, whole: int, height: int | None) -> PlotFigure:
        """The plots as high as they mostly are, or less, so that the panes of a page of that `height` have room."""
        em, most = self._measure.em, round(MOST_FOR_PLOTS * (height or 0))
        figure = plots.figure(whole, self.palette, em)
        if height is None or figure.height <= most:
            return figure
        try:
            return plots.figure(whole, self.palette, em, most)
        except OutOfRange as error:
            return plots.figure(whole, self.palette, em, max(most, math.ceil(error.low / MILLIMETRES * DPI)))

    @property
    def _foot(self) -> int:
        """How much there is between the panes and the plots."""
        return self._measure.of(STRIP) * self.captioned + self._notes.height

    def _place(self, canvas: PaneCanvas, figure: PlotFigure | None, whole: int, top: int, below: int) -> None:
        """Put the panes of `canvas` at `top` of a page `whole` pixels wide, and the plots, or nothing, `below` them."""
        self.canvas, self.box = canvas, ((whole - canvas.size[0]) // 2, top)
        self._t_at = top + canvas.size[1]
        self._notes_at = self._t_at + self._measure.of(STRIP) * self.captioned
        self._below = self._t_at + self._foot
        self.size = whole, self._below + below
        self._still = np.empty((self.size[1], whole, 3), np.uint8)
        self._still[:] = self._hue("ground")
        if figure is not None:
            self._still[self._below :] = self._drawn(figure)

    def _drawn(self, figure: PlotFigure) -> U8:
        """The plots, drawn once for all frames.

        They have few shades: with all that smooth edges have, WebP takes four times as long.
        """
        self._areas = figure.areas()
        few = Image.fromarray(figure.pixels()).quantize(SHADES, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        return np.asarray(few.convert("RGB"), np.uint8)

    def _name(self) -> None:
        """Write the titles of the runs above their panes, under them the names of these, and the legend below."""
        if not (self._titles or self.captioned):
            return
        image = Image.fromarray(self._still)
        draw, (left, top), of = ImageDraw.Draw(image), self.box, self._measure.of
        for title, (at, width) in zip(self._titles, self.canvas.groups, strict=False):
            line = top - of(9) - of(STRIP) * self.captioned
            fitting(title, width, of(LETTERS)).paint(draw, left + at, line, colour(self.palette, "text"))
        for pane, at, width in self.canvas.names if self.captioned else ():
            label = tr(pane.label)
            words = [Lettering(text, of(LETTERS), "SemiBold") for text in (label, label.partition(",")[0])]
            for fits in [each for each in words if each.width <= width][:1]:
                fits.paint(draw, left + at, top - of(9), self._hue(pane.hue))
        self._notes.paint_legend(draw, self._notes_at, left)
        self._still = np.array(image, np.uint8)

    def _hue(self, name: str) -> Colour:
        return colour(self.palette, name)

    def _with_t(self, picture: U8, frame: Frame) -> U8:
        """`picture` with the t of `frame`, and what is to be said of it."""
        of, end = self._measure.of, self._notes_at + self._notes.height
        strip = Image.fromarray(picture[self._t_at : end])
        draw, frames = ImageDraw.Draw(strip), self.canvas.frames_at(frame)
        lefts = self._notes.lefts or [self.box[0] + left for left, _ in self.canvas.groups]
        for each, left in zip(frames if self._meeting else frames[:1], lefts, strict=False):
            words = Lettering(stamp(each), of(LETTERS), "SemiBold")
            words.paint(draw, left, of(STRIP - 10), self._hue("text"))
        self._notes.paint(draw, of(STRIP), frames)
        picture[self._t_at : end] = np.asarray(strip)
        return picture


class FramePictureSource:
    """The pictures of `frames` on `page`, each drawn when it is asked for and kept nowhere. `about` is the run."""

    def __init__(self, frames: Sequence[Frame], page: FrameLayout, about: RunInfo = NOTHING) -> None:
        self.frames, self.page, self.about = frames, page, about

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[U8]:
        return map(self.page.draw, self.frames)


def page_of(frames: Sequence[Frame], settings: ExportSettings, about: RunInfo = NOTHING) -> FrameLayout:
    """The page for the run `frames`, at least one.

    Raises `NotAChoice` for a pane or a plot that it does not have, and `OutOfRange` for a size without room for it.
    """
    measure = measure_of(settings)

    def make(room: Room | None) -> PaneCanvas:
        return joint_canvas(frames, settings, about, room, measure.em)

    wanted = chosen_plots(settings, about) if settings.format in PICTURED else ()
    plots = PagePlots(wanted, axis_of(frames, settings, about), axis_name(frames[0]), runs_of(wanted, about))
    titles = (about.title, *(other.about.title for other in about.beside)) if about.beside else ()
    shown = [frames[i] for i in chosen([frame.position for frame in frames], settings)]
    held = meeting(shown or frames, about)
    remarks = _remarks(frames, about) if settings.caption else []
    try:
        return FrameLayout(make, plots, settings.caption, settings.ground, titles, remarks, measure, meeting=held)
    except OutOfRange as error:  # where a point is a pixel
        own, longer = (getattr(settings, error.name), DPI / settings.dpi) if sized(settings) else (error.value, 1.0)
        least = math.ceil(own + (error.low - error.value) * longer)
        raise OutOfRange(error.name, own, least, LARGEST_SIDE) from error


def _remarks(frames: Sequence[Frame], about: RunInfo) -> list[tuple[Sequence[Frame], Remarks]]:
    """The frames of each run, and what is to be said of them; nothing where that is so of one of them."""
    runs = [(frames, about), *((other.frames, other.about) for other in about.beside)]
    found = [(own, remarks_of((*info.before, *own))) for own, info in runs]
    said = [(own, remarks) for own, remarks in found if remarks is not None]
    return said if len(said) == len(runs) else []


def chosen_plots(settings: ExportSettings, about: RunInfo) -> tuple[Plot, ...]:
    """The plots that `settings` ask for. Raises `NotAChoice` for one that the run does not have."""
    known = {plot.key: plot for plot in about.plots}
    unknown = [key for key in settings.plots if key not in known]
    if unknown:
        raise NotAChoice("plots", ", ".join(unknown), tuple(known))
    return tuple(known[key] for key in settings.plots)


def axis_of(frames: Sequence[Frame], settings: ExportSettings, about: RunInfo) -> AxisScale:
    """The axis that plots are drawn over: that of the run, narrowed to the range asked for."""
    ends = [float(plot.series[0].xs[i]) for plot in about.plots for i in (0, -1)]
    ends += [frame.position for frame in (frames[0], frames[-1])]
    low, high = max(min(ends), settings.low), min(max(ends), settings.high)
    return AxisScale(low, high, about.knee)
