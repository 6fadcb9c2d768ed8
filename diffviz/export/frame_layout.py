"""Pages: what one picture of an export holds. The panes of a frame, and where asked for their names, t, and plots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from diffviz.domain.arrays import U8
from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.errors import NotAChoice
from diffviz.domain.export_settings import PICTURED, ExportSettings
from diffviz.domain.frames import Frame
from diffviz.domain.panes import PALETTES, Palette, axis_name, stamp
from diffviz.domain.plots import Plot
from diffviz.domain.text import tr
from diffviz.export.panes import Lettering, PaneCanvas, canvas_of, colour
from diffviz.export.run_info import NOTHING, RunInfo

if TYPE_CHECKING:
    from diffviz.export.figure import Area

MARGIN = 12
SMALLEST_WIDTH = 280
SHADES = 64
STRIP = 30
LETTERS = 15


class FrameLayout:
    """A canvas with its surroundings. `size` is (width, height); `box` is (left, top) of the panes."""

    def __init__(
        self, canvas: PaneCanvas, plots: Sequence[Plot], captioned: bool, axis: AxisScale, symbol: str = "t"
    ) -> None:
        self.canvas, self.captioned = canvas, captioned
        self.palette: Palette = PALETTES[canvas.theme]
        self.bare = not plots and not captioned
        width, height = canvas.size
        self.box = (0, 0)
        self.size = width, height
        self._areas: tuple[Area, ...] = ()
        if not self.bare:
            self._arrange(plots, axis, symbol, width, height)

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
        for area in self._areas:
            x = round(area.x(frame.position))
            top = round(area.top) + self._below
            picture[top : round(area.bottom) + self._below, x : x + 1] = colour(self.palette, "cursor")
        return self._with_t(picture, frame) if self.captioned else picture

    def _arrange(self, plots: Sequence[Plot], axis: AxisScale, symbol: str, width: int, height: int) -> None:
        whole = max(width + 2 * MARGIN, SMALLEST_WIDTH if plots else width)
        strip = STRIP if self.captioned else MARGIN
        self.box = ((whole - width) // 2, strip)
        self._t_at = strip + height
        self._below = self._t_at + (STRIP if self.captioned else 0)
        figure = self._figure(plots, axis, symbol, whole) if plots else None
        self.size = whole, self._below + (len(figure) if figure is not None else 0 if self.captioned else MARGIN)
        self._still = np.empty((self.size[1], whole, 3), np.uint8)
        self._still[:] = colour(self.palette, "ground")
        if figure is not None:
            self._still[self._below :] = figure
        if self.captioned:
            self._name_panes()

    def _figure(self, plots: Sequence[Plot], axis: AxisScale, symbol: str, width: int) -> U8:
        """The plots without a cursor, drawn once for all frames, uint8 (height, `width`, 3).

        They have few shades: with all that smooth edges have, WebP takes four times as long.
        """
        from diffviz.export.figure import Look, PlotFigure

        figure = PlotFigure(plots, Look(width, self.palette), axis, symbol)
        self._areas = figure.areas()
        few = Image.fromarray(figure.pixels()).quantize(SHADES, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        return np.asarray(few.convert("RGB"), np.uint8)

    def _name_panes(self) -> None:
        image = Image.fromarray(self._still)
        draw = ImageDraw.Draw(image)
        for pane, left in zip(self.canvas.panes, self.canvas.lefts, strict=True):
            room = self.canvas.pane_size[0]
            words = Lettering(tr(pane.label), LETTERS, "SemiBold")
            if words.width <= room:
                words.paint(draw, self.box[0] + left, STRIP - 9, colour(self.palette, pane.hue))
        self._still = np.array(image, np.uint8)

    def _with_t(self, picture: U8, frame: Frame) -> U8:
        strip = Image.fromarray(picture[self._t_at : self._t_at + STRIP])
        words = Lettering(stamp(frame), LETTERS, "SemiBold")
        words.paint(ImageDraw.Draw(strip), self.box[0], STRIP - 10, colour(self.palette, "text"))
        picture[self._t_at : self._t_at + STRIP] = np.asarray(strip)
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

    Raises `NotAChoice` for a pane or a plot that it does not have.
    """
    canvas = canvas_of(frames, settings, about)
    wanted = chosen_plots(settings, about) if settings.format in PICTURED else ()
    axis = axis_of(frames, settings, about)
    return FrameLayout(canvas, wanted, settings.caption, axis, axis_name(frames[0]))


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
