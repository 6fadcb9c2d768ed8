"""Pictures of frames: the samples of the chosen panes in grids, side by side, enlarged by a whole number.

A run in two dimensions has the plane in their place: see `plane.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from diffviz import paths
from diffviz.domain import errors, export_settings, gan_verdicts
from diffviz.domain.arrays import F32, U8, levels
from diffviz.domain.frames import Frame
from diffviz.domain.gan import GanFrame, Pictures
from diffviz.domain.panes import ORIGINAL, ORIGINAL_KEY, PALETTES, ExportPane, Palette
from diffviz.domain.planar import PlanarFrame
from diffviz.domain.sample_rows import SampleRows, grid_of
from diffviz.domain.text import Root, Term, parse
from diffviz.export.run_info import NOTHING, RunInfo, rows_of
from diffviz.families import scaled_values, shown_panes

FAMILY = "Pretendard"
Colour = tuple[int, int, int]
Room = tuple[int, int | None]
"""The width and height in pixels that a picture may have; any height where that is None."""
Group = tuple[int, int]
"""Where the panes of one run begin, in pixels from the left, and how wide they are together."""
Name = tuple[ExportPane, int, int]
"""A pane, where it begins and how wide it is."""


def colour(palette: Palette, hue: str) -> Colour:
    """Red, green and blue of `hue`, a field of `palette`."""
    red, green, blue = bytes.fromhex(str(getattr(palette, hue)).removeprefix("#"))
    return red, green, blue


def toned(hue: Colour, *, grey: bool) -> int | Colour:
    """`hue`, or the grey level that is as light."""
    return round(float(np.dot(hue, (0.299, 0.587, 0.114)))) if grey else hue


@lru_cache
def font_file(weight: str) -> Path:
    """The program's font in `weight`: Regular, Medium, SemiBold or Bold."""
    return paths.resources() / "fonts" / f"{FAMILY}-{weight}.otf"


@lru_cache(maxsize=32)
def _font(size: int, weight: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file(weight)), size, layout_engine=ImageFont.Layout.BASIC)


def is_set(term: Term | Root) -> bool:
    """Whether `term` is mathematics: it has a mark, an index or a root."""
    return isinstance(term, Root) or bool(term.mark or term.subscript)


class Lettering:
    """A notation whose letters are `size` pixels high. Mathematics is set by matplotlib, mere words need none."""

    def __init__(self, notation: str, size: int, weight: str = "Medium") -> None:
        self._notation, self._size, self._weight = notation, size, weight
        self._mathematics = any(map(is_set, parse(notation)))

    @cached_property
    def width(self) -> float:
        """How many pixels of the line it takes."""
        if not self._mathematics:
            return _font(self._size, self._weight).getlength(self._notation)
        from diffviz.export import typesetting

        return typesetting.width_of(typesetting.mathtext(self._notation), self._size, self._weight)

    def paint(self, draw: ImageDraw.ImageDraw, x: float, baseline: float, colour: Colour) -> None:
        """Paint with the left end of the baseline at (`x`, `baseline`)."""
        if not self._mathematics:
            draw.text((x, baseline), self._notation, colour, _font(self._size, self._weight), anchor="ls")
            return
        from diffviz.export import typesetting

        size, whole, text = self._size, math.floor(x), typesetting.mathtext(self._notation)
        mask = typesetting.mask_of(text, size, self._weight, size + x - whole)
        draw.bitmap((whole - size, round(baseline) - 2 * size), Image.fromarray(mask), colour)


SIDE, LEAST_SIDE = 384, 96
"""Pixels of the side of a plane: where nothing else is asked for, and the fewest that show something."""
COMFORTABLE = 448
GAP_BETWEEN_PANES = 4
POINT = 25.4 / 72
"""Millimetres."""


def automatic_scale(shape: tuple[int, ...], rows: SampleRows | None = None) -> int:
    """The whole number that brings a pane of samples (N, C, H, W) nearest to a comfortable size without passing it."""
    samples, _, height, width = shape
    across, down = grid_of(samples, rows)
    return min(64, max(1, COMFORTABLE // max(width * across, height * down)))


@dataclass(frozen=True, slots=True, eq=False)
class PaneCanvas:
    """How frames become pictures. `original` is x_0 (N, C, H, W) for the pane that shows it.

    Where `rows` say which samples are of one picture, each row is a line, or part of one, with its original before it
    in panes that show pictures.
    A picture is uint8 (height, width) for grey samples and (height, width, 3) for colour.
    """

    panes: tuple[ExportPane, ...]
    shape: tuple[int, ...]
    scale: int
    theme: str
    original: F32 | None = None
    rows: SampleRows | None = None

    @property
    def grey(self) -> bool:
        """Whether pictures have grey levels only."""
        return self.shape[1] == 1

    @property
    def all_rows(self) -> tuple[SampleRows, ...]:
        """The rows in it, of every run."""
        return (self.rows,) if self.rows else ()

    @property
    def gap(self) -> int:
        """Pixels between two samples."""
        return max(1, self.scale // 2)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a picture in pixels."""
        width, height = self.pane_size
        return self.lefts[-1] + width, height

    @property
    def lefts(self) -> tuple[int, ...]:
        """Where each pane begins, in pixels from the left."""
        step = self.pane_size[0] + GAP_BETWEEN_PANES * self.gap
        return tuple(i * step for i in range(len(self.panes)))

    @property
    def names(self) -> tuple[Name, ...]:
        """Every pane, where it begins and how wide it is."""
        return tuple((pane, left, self.pane_size[0]) for pane, left in zip(self.panes, self.lefts, strict=True))

    @property
    def groups(self) -> tuple[Group, ...]:
        """Where the panes of each run begin, and how wide they are together."""
        return ((0, self.size[0]),)

    def frames_at(self, frame: Frame) -> tuple[Frame, ...]:
        """The frame of each run that is shown with `frame`: itself."""
        return (frame,)

    @property
    def ground(self) -> Colour:
        """Red, green and blue between the samples."""
        return colour(PALETTES[self.theme], "ground")

    def draw(self, frame: Frame) -> U8:
        """The picture of `frame`."""
        return self.arranged(self.samples(frame), toned(self.ground, grey=self.grey))

    def coloured(self, frame: Frame) -> U8:
        """The picture of `frame` in colours, also where its samples have none: the ground has its own."""
        samples = self.samples(frame)
        return self.arranged([s[..., None].repeat(3, 3) if self.grey else s for s in samples], self.ground)

    def samples(self, frame: Frame) -> list[U8]:
        """The samples of each pane, uint8 (N, H, W) where they are grey, else (N, H, W, 3)."""
        images = [levels(self._values(frame, pane), -pane.limit, pane.limit) for pane in self.panes]
        return [pane[:, 0] if self.grey else pane.transpose(0, 2, 3, 1) for pane in images]

    def in_rows(self, frame: Frame) -> list[U8]:
        """The same, and where there are rows one after the other, each after its original: blank where that is none."""
        made, rows = self.samples(frame), self.rows
        if rows is None:
            return made
        blank = toned(self.ground, grey=made[0].ndim == 3)
        pairs = zip(made, self.panes, strict=True)
        return [rows.in_order(images, blank if pane.noise else None) for images, pane in pairs]

    def arranged(self, panes: Sequence[U8], ground: int | tuple[int, int, int]) -> U8:
        """`panes` of samples (N, H, W) or (N, H, W, 3) enlarged in their places, `ground` between them."""
        width, height = self.size
        picture = np.empty((height, width, *panes[0].shape[3:]), np.uint8)
        picture[:] = ground
        across, rows, hue = self.grid[0], self.rows, colour(PALETTES[self.theme], ORIGINAL.colour)
        for left, images, pane in zip(self.lefts, panes, self.panes, strict=True):
            place = picture[:, left:]
            self._put(place, images, rows.cells(across) if rows else range(len(images)))
            if rows is not None and not pane.noise:
                after = toned(hue, grey=picture.ndim == 2)
                self._put(place, rows.originals_as(images), rows.original_cells(across), after)
        return picture

    @property
    def pane_size(self) -> tuple[int, int]:
        """Width and height of one pane in pixels."""
        _, _, height, width = self.shape
        across, down = self.grid
        return self._span(across, width), self._span(down, height)

    @property
    def grid(self) -> tuple[int, int]:
        """Columns and lines of samples."""
        return grid_of(self.shape[0], self.rows)

    def _span(self, count: int, side: int) -> int:
        return count * (side * self.scale + self.gap) - self.gap

    def _values(self, frame: Frame, pane: ExportPane) -> F32:
        if pane.key == ORIGINAL_KEY and self.original is not None:
            return self.original
        values: F32 = frame.arrays()[pane.key]
        return scaled_values(frame, values) if pane.scaled else values

    def _put(self, pane: U8, images: U8, cells: Sequence[int], after: int | Colour | None = None) -> None:
        """Put `images` enlarged into the `cells` of the grid of `pane`, each before a line of the colour `after`."""
        _, _, height, width = self.shape
        across, step = self.grid[0], np.array((height, width)) * self.scale + self.gap
        for cell, image in zip(cells, images, strict=True):
            top, left = np.array(divmod(cell, across)) * step
            large = image.repeat(self.scale, 0).repeat(self.scale, 1)
            bottom, right = top + large.shape[0], left + large.shape[1]
            pane[top:bottom, left:right] = large
            if after is not None:
                pane[top:bottom, right : right + self.gap] = after


def canvas_of(
    frames: Sequence[Frame],
    settings: export_settings.ExportSettings,
    about: RunInfo = NOTHING,
    room: Room | None = None,
) -> PaneCanvas:
    """The canvas for the run `frames`, at least one, of which `about` is known, as large as `room` allows.

    Raises `NotAChoice` for a pane that it does not have, and `OutOfRange` where there is too little room.
    """
    panes = shown_panes(frames, settings, spreads=about.spreads)
    if panes[0].drawing:
        return plane_canvas(panes, frames, settings, about, room)
    arrays = frames[0].arrays()
    original = arrays["x"] if any(pane.key == ORIGINAL_KEY for pane in panes) else None
    shape = (arrays[panes[0].key] if original is None else original).shape
    rows = rows_of(about, shape)
    scale = settings.scale or automatic_scale(shape, rows)
    canvas = PaneCanvas(panes, shape, scale, settings.ground, original, rows)
    return _grown(canvas, room) if room else canvas


def _grown(canvas: PaneCanvas, room: Room) -> PaneCanvas:
    """`canvas` at the largest scale at which it fits into `room`."""
    scale, found = 1, replace(canvas, scale=1)
    _enough(found, room)
    while _fits(larger := replace(canvas, scale=scale + 1), room):
        scale, found = scale + 1, larger
    return found


def _fits(canvas: PaneCanvas, room: Room) -> bool:
    width, height = canvas.size
    return width <= room[0] and (room[1] is None or height <= room[1])


def _enough(canvas: PaneCanvas, room: Room) -> None:
    """Raise `OutOfRange` where `canvas` is larger than `room`: in millimetres, where a point is a pixel."""
    for name, side, have in zip(("width", "height"), canvas.size, room, strict=True):
        if have is not None and side > have:
            raise errors.OutOfRange(name, max(0, have) * POINT, side * POINT, export_settings.LARGEST_SIDE)


MOST_READ = 200


Draw = Callable[[Any, ExportPane, str, int], U8]
"""Draws one pane of a frame in a theme, uint8 (side, side, 3)."""


@dataclass(frozen=True, slots=True, eq=False)
class PlaneCanvas(PaneCanvas):
    """A canvas each of whose panes is the plane, drawn by `drawn`."""

    drawn: Mapping[str, Draw] = field(default_factory=dict)

    def samples(self, frame: Frame) -> list[U8]:
        """The planes of `frame`, uint8 (1, side, side, 3) each."""
        side = self.shape[2]
        return [self.drawn[pane.key](frame, pane, self.theme, side)[None] for pane in self.panes]


def plane_canvas(
    panes: tuple[ExportPane, ...],
    frames: Sequence[Frame],
    settings: export_settings.ExportSettings,
    about: RunInfo,
    room: Room | None,
) -> PaneCanvas:
    """The canvas of the run `frames`, whose panes are drawn as the table says, as large as there is room."""
    request = about.record.request if about.record is not None else None
    drawn = {pane.key: DRAWINGS[pane.drawing](frames, request) for pane in panes}
    if room is None:
        return PlaneCanvas(panes, (1, 3, SIDE, SIDE), settings.scale or 1, settings.ground, drawn=drawn)
    across = (room[0] - (len(panes) - 1) * GAP_BETWEEN_PANES) // len(panes)
    side = across if room[1] is None else min(across, room[1])
    canvas = PlaneCanvas(panes, (1, 3, max(side, LEAST_SIDE), max(side, LEAST_SIDE)), 1, settings.ground, drawn=drawn)
    _enough(canvas, room)
    return canvas


def _judgements(frames: Sequence[GanFrame], request: Any) -> Draw:
    """D's answers are coloured by its loss, within their reach in the run; where that is not known, as a critic's."""
    loss = getattr(request, "loss", "")
    from diffviz.export.plane import judged

    reach = gan_verdicts.reach_of(loss, [frames[i] for i in range(0, len(frames), max(1, len(frames) // MOST_READ))])
    return lambda frame, _pane, theme, side: judged(frame, gan_verdicts.leaning(loss, frame, reach), theme, side)


def _particles(_frames: Sequence[PlanarFrame], _request: Any) -> Draw:
    from diffviz.export.plane import particles

    return lambda frame, pane, theme, side: particles(
        frame, theme, side, learnt=pane.key == "learnt_x", scale=1.0 if pane.scaled else frame.scale
    )


def _best(_frames: Sequence[GanFrame], request: Any) -> Draw:
    """D*, of the data that the training is about and the estimate of what G makes."""
    from diffviz.export.plane import judged
    from diffviz.theory import gan_distance, gan_distributions

    data = getattr(request, "data", None)
    if data is None or isinstance(data, Pictures):
        raise errors.NotAChoice("panes", "best", ("plane",))
    mixture, how = gan_distributions.mixture_of(data), gan_verdicts.Leaning()

    def draw(frame: GanFrame, _pane: ExportPane, theme: str, side: int) -> U8:
        assert frame.density is not None, "panes were chosen for it"
        surface = gan_distance.best_surface(mixture, frame.density).astype(np.float32)
        return judged(replace(frame, surface=surface), how, theme, side)

    return draw


DRAWINGS: Mapping[str, Callable[[Sequence[Any], Any], Draw]] = MappingProxyType(
    {"judged": _judgements, "best": _best, "particles": _particles}
)
"""How panes that are no arrays of pictures are drawn, of a run's frames and its request."""
