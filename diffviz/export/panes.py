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
from diffviz.domain.panes import ORIGINAL_KEY, PALETTES, ExportPane, Palette
from diffviz.domain.planar import PlanarFrame
from diffviz.domain.text import Root, Term, parse
from diffviz.export.run_info import NOTHING, RunInfo
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


def columns(samples: int) -> int:
    """Columns of a grid of `samples`, as square as it goes."""
    return math.ceil(math.sqrt(samples))


def automatic_scale(shape: tuple[int, ...]) -> int:
    """The whole number that brings a pane of samples (N, C, H, W) nearest to a comfortable size without passing it."""
    samples, _, height, width = shape
    across = columns(samples)
    side = max(width * across, height * math.ceil(samples / across))
    return min(64, max(1, COMFORTABLE // side))


@dataclass(frozen=True, slots=True, eq=False)
class PaneCanvas:
    """How frames become pictures. `original` is x_0 (N, C, H, W) for the pane that shows it.

    A picture is uint8 (height, width) for grey samples and (height, width, 3) for colour.
    """

    panes: tuple[ExportPane, ...]
    shape: tuple[int, ...]
    scale: int
    theme: str
    original: F32 | None = None

    @property
    def grey(self) -> bool:
        """Whether pictures have grey levels only."""
        return self.shape[1] == 1

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
    def ground(self) -> tuple[int, int, int]:
        """Red, green and blue between the samples."""
        red, green, blue = bytes.fromhex(PALETTES[self.theme].ground.removeprefix("#"))
        return red, green, blue

    def draw(self, frame: Frame) -> U8:
        """The picture of `frame`."""
        red, green, blue = self.ground
        grey = round(0.299 * red + 0.587 * green + 0.114 * blue)
        return self.arranged(self.samples(frame), grey if self.grey else self.ground)

    def coloured(self, frame: Frame) -> U8:
        """The picture of `frame` in colours, also where its samples have none: the ground has its own."""
        samples = self.samples(frame)
        return self.arranged([s[..., None].repeat(3, 3) if self.grey else s for s in samples], self.ground)

    def samples(self, frame: Frame) -> list[U8]:
        """The samples of each pane, uint8 (N, H, W) where they are grey, else (N, H, W, 3)."""
        images = [levels(self._values(frame, pane), -pane.limit, pane.limit) for pane in self.panes]
        return [pane[:, 0] if self.grey else pane.transpose(0, 2, 3, 1) for pane in images]

    def arranged(self, panes: Sequence[U8], ground: int | tuple[int, int, int]) -> U8:
        """`panes` of samples (N, H, W) or (N, H, W, 3) enlarged in their places, `ground` between them."""
        width, height = self.size
        picture = np.empty((height, width, *panes[0].shape[3:]), np.uint8)
        picture[:] = ground
        for left, images in zip(self.lefts, panes, strict=True):
            self._fill(picture[:, left:], images)
        return picture

    @property
    def pane_size(self) -> tuple[int, int]:
        """Width and height of one pane in pixels."""
        samples, _, height, width = self.shape
        across = columns(samples)
        down = math.ceil(samples / across)
        return self._span(across, width), self._span(down, height)

    def _span(self, count: int, side: int) -> int:
        return count * (side * self.scale + self.gap) - self.gap

    def _values(self, frame: Frame, pane: ExportPane) -> F32:
        if pane.key == ORIGINAL_KEY and self.original is not None:
            return self.original
        values: F32 = frame.arrays()[pane.key]
        return scaled_values(frame, values) if pane.scaled else values

    def _fill(self, pane: U8, images: U8) -> None:
        _, _, height, width = self.shape
        across, step = columns(self.shape[0]), np.array((height, width)) * self.scale + self.gap
        for i, image in enumerate(images):
            top, left = np.array(divmod(i, across)) * step
            large = image.repeat(self.scale, 0).repeat(self.scale, 1)
            pane[top : top + len(large), left : left + large.shape[1]] = large


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
    scale = settings.scale or automatic_scale(shape)
    canvas = PaneCanvas(panes, shape, scale, settings.ground, original)
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
