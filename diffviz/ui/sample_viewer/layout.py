"""Where the samples of a pane go, as large as can be, zoomed and panned: geometry in device pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

GAP = 3
BETWEEN_BLOCKS = 5
"""Gaps between two blocks of columns, beside the usual one."""
SMOOTH_FROM = 64


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in device pixels."""

    x: int
    y: int
    width: int
    height: int

    def contains(self, x: float, y: float) -> bool:
        """Whether the point lies in it."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True, slots=True)
class Grid:
    """A pane's samples in rows from the top left corner of a pane of `width` × `height`, under its heading.

    `scale` is how many device pixels one pixel of a sample takes: a whole number, less than 1, or any where samples are
    `smooth`. `strip` is the height under each sample that is kept for words. Of `block` columns, where that is not 0,
    the next stand `apart` pixels further away.
    """

    width: int
    height: int
    count: int
    columns: int
    rows: int
    scale: float
    tile_width: int
    tile_height: int
    strip: int
    gap: int
    block: int = 0
    apart: int = 0

    def tile(self, index: int) -> Box:
        """Sample `index`, without its strip."""
        row, column = divmod(index, self.columns)
        x = column * (self.tile_width + self.gap) + self._before(column)
        y = row * (self.tile_height + self.strip + self.gap)
        return Box(x, y, self.tile_width, self.tile_height)

    @property
    def content(self) -> Box:
        """All samples with their strips."""
        width = self.columns * (self.tile_width + self.gap) - self.gap + self._before(self.columns - 1)
        height = self.rows * (self.tile_height + self.strip + self.gap) - self.gap
        return Box(0, 0, width, height)

    def _before(self, column: int) -> int:
        return column // self.block * self.apart if self.block else 0


def smooth(size: tuple[int, int]) -> bool:
    """Whether pictures of `size` (rows, columns of pixels) are scaled smoothly, and so to any size."""
    return min(size) >= SMOOTH_FROM


def fitting_scale(available: float, size: tuple[int, int]) -> float:
    """The largest scale not above `available`: of small pictures a whole number, or as it is below 1."""
    return float(math.floor(available)) if available >= 1 and not smooth(size) else max(available, 1e-3)


@dataclass(frozen=True, slots=True)
class GridColumns:
    """The numbers of columns that a grid may have; of so many at a time, a `block`, the next stand further away."""

    choices: tuple[int, ...]
    block: int = 0

    def apart(self, gap: int) -> int:
        """How much further away, in pixels, where samples are `gap` apart."""
        return BETWEEN_BLOCKS * gap if self.block else 0

    def room(self, columns: int, gap: int) -> int:
        """How many pixels of a line go to gaps."""
        return gap * (columns - 1) + ((columns - 1) // self.block * self.apart(gap) if self.block else 0)


def grid(
    width: int,
    height: int,
    count: int,
    size: tuple[int, int],
    strip: int = 0,
    gap: int = GAP,
    way: GridColumns | None = None,
) -> Grid:
    """The grid of `count` samples of `size` (rows, columns of pixels) that shows them largest, then the squarest.

    `strip` and `gap` are in device pixels; `way` leaves some numbers of columns to choose from, else it is any.
    """
    gap = gap if count > 1 else 0
    way = way or GridColumns(columns_for(count))

    def scale_of(columns: int) -> float:
        across = (width - way.room(columns, gap)) / columns / size[1]
        rows = math.ceil(count / columns)
        down = ((height - gap * (rows - 1)) / rows - strip) / size[0]
        return fitting_scale(min(across, down), size)

    def merit(columns: int) -> tuple[float, int, int]:
        rows = math.ceil(count / columns)
        return round(scale_of(columns), 3), count - rows * columns, -abs(rows - columns)

    columns = max(way.choices, key=merit)
    scale = scale_of(columns)
    tall, wide = (max(1, int(side * scale)) for side in size)
    rows = math.ceil(count / columns)
    return Grid(width, height, count, columns, rows, scale, wide, tall, strip, gap, way.block, way.apart(gap))


def grid_with_strip(
    width: int,
    height: int,
    count: int,
    size: tuple[int, int],
    strips: Sequence[int],
    gap: int = GAP,
    way: GridColumns | None = None,
) -> Grid:
    """The grid with the tallest of `strips` (descending) that costs the samples no size against the lowest.

    Where samples are scaled to any size it may cost a twentieth.
    """
    if not strips:
        return grid(width, height, count, size, 0, gap, way)
    grids = [grid(width, height, count, size, strip, gap, way) for strip in strips]
    largest = grids[-1].scale
    enough = 0.95 * largest if largest < 1 or smooth(size) else largest
    return next(each for each in grids if each.scale >= enough)


@lru_cache(maxsize=256)
def columns_for(count: int) -> tuple[int, ...]:
    """The fewest columns for each number of rows: more of them would only make the samples smaller."""
    return tuple(sorted({math.ceil(count / rows) for rows in range(1, count + 1)}))


SCALES = (0.125, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0)


@dataclass(frozen=True, slots=True)
class Viewport:
    """How much larger than fitting the grid is drawn, and where its top left corner stands in the pane.

    `scale` 0 stands for fitting: the grid as it was laid out. All positions are device pixels from the pane's corner.
    """

    scale: float = 0.0
    x: float = 0.0
    y: float = 0.0

    @property
    def fits(self) -> bool:
        """Whether nothing is zoomed."""
        return self.scale == 0

    def shown_scale(self, grid: Grid) -> float:
        """Device pixels that one pixel of a sample takes."""
        return self.scale or grid.scale

    def tile(self, grid: Grid, index: int) -> Box:
        """Where sample `index` is drawn."""
        box = grid.tile(index)
        if self.fits:
            return box
        factor = self.scale / grid.scale
        left, top = round(self.x + box.x * factor), round(self.y + box.y * factor)
        return Box(left, top, round(box.width * factor), round(box.height * factor))

    def zoomed(self, grid: Grid, steps: int, x: float, y: float) -> Viewport:
        """`steps` sizes larger or smaller about the point (x, y) of the pane; fitting is the smallest."""
        sizes = [grid.scale, *(scale for scale in SCALES if scale > grid.scale)]
        now = self.shown_scale(grid)
        at = min(range(len(sizes)), key=lambda i: abs(sizes[i] - now))
        scale = sizes[min(max(at + steps, 0), len(sizes) - 1)]
        if scale == grid.scale:
            return Viewport()
        left, top = (0.0, 0.0) if self.fits else (self.x, self.y)
        factor = scale / now
        return Viewport(scale, x - (x - left) * factor, y - (y - top) * factor)._held(grid)

    def panned(self, grid: Grid, dx: float, dy: float) -> Viewport:
        """Moved by (dx, dy), never off the pane."""
        return self if self.fits else Viewport(self.scale, self.x + dx, self.y + dy)._held(grid)

    def within(self, grid: Grid) -> Viewport:
        """The same in another grid; where that fits samples as large, they fit."""
        return Viewport() if self.scale <= grid.scale else self._held(grid)

    def _held(self, grid: Grid) -> Viewport:
        factor = self.scale / grid.scale
        x = _hold(self.x, grid.content.width * factor, grid.width)
        y = _hold(self.y, grid.content.height * factor, grid.height)
        return Viewport(self.scale, x, y)


def _hold(at: float, length: float, room: float) -> float:
    if length <= room:
        return 0.0
    return min(0.0, max(at, room - length))
