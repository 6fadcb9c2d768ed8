"""Where panes and samples go: pure geometry in device pixels, the same for every pane."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

GAP = 3
NARROW = 130
LOW = 120


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

    `scale` is how many device pixels one pixel of a sample takes: a whole number, or less than 1. `strip` is the height
    under each sample that is kept for words.
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

    def tile(self, index: int) -> Box:
        """Sample `index`, without its strip."""
        row, column = divmod(index, self.columns)
        x = column * (self.tile_width + self.gap)
        y = row * (self.tile_height + self.strip + self.gap)
        return Box(x, y, self.tile_width, self.tile_height)

    @property
    def content(self) -> Box:
        """All samples with their strips."""
        width = self.columns * (self.tile_width + self.gap) - self.gap
        height = self.rows * (self.tile_height + self.strip + self.gap) - self.gap
        return Box(0, 0, width, height)


def fitting_scale(available: float) -> float:
    """The largest scale not above `available` that is drawn crisply: whole, or as it is below 1."""
    return float(math.floor(available)) if available >= 1 else max(available, 1e-3)


def grid(width: int, height: int, count: int, size: tuple[int, int], strip: int = 0, gap: int = GAP) -> Grid:
    """The grid of `count` samples of `size` (rows, columns of pixels) that shows them largest, then the squarest.

    `strip` and `gap` are in device pixels.
    """
    gap = gap if count > 1 else 0
    return max((_candidate(width, height, count, size, strip, gap, n) for n in range(1, count + 1)), key=_merit)


def grid_with_strip(
    width: int, height: int, count: int, size: tuple[int, int], strips: Sequence[int], gap: int = GAP
) -> Grid:
    """The grid with the tallest of `strips` (descending) that costs the samples no size, or the last of them.

    The last one is taken at the price of some size where samples are still drawn at twice their size or more.
    """
    bare = grid(width, height, count, size, 0, gap)
    grids = [grid(width, height, count, size, strip, gap) for strip in strips]
    for candidate in grids:
        if candidate.scale >= bare.scale or (bare.scale < 1 and candidate.scale >= 0.9 * bare.scale):
            return candidate
    return grids[-1] if grids and grids[-1].scale >= 2 else bare


def arrange(width: int, height: int, panes: int, header: int, gap: int, ratio: float = 1.0) -> tuple[Box, ...]:
    """The boxes of `panes` panes, headers included: one row, or two where one row would leave them narrow.

    `header` is about how tall a heading is; with little height one row stays. `ratio` is device to logical pixels.
    """
    narrow = (width - gap * (panes - 1)) / panes < NARROW * ratio
    rows = 2 if panes > 3 and narrow and height > 2 * header + LOW * ratio else 1
    columns = math.ceil(panes / rows)
    each = (width - gap * (columns - 1)) // columns
    tall = (height - gap * (rows - 1)) // rows
    places = (divmod(i, columns) for i in range(panes))
    return tuple(Box(column * (each + gap), row * (tall + gap), each, tall) for row, column in places)


def _candidate(width: int, height: int, count: int, size: tuple[int, int], strip: int, gap: int, columns: int) -> Grid:
    rows = math.ceil(count / columns)
    room_x = (width - gap * (columns - 1)) / columns
    room_y = (height - gap * (rows - 1)) / rows - strip
    scale = fitting_scale(min(room_x / size[1], room_y / size[0]))
    tile_width, tile_height = max(1, int(size[1] * scale)), max(1, int(size[0] * scale))
    return Grid(width, height, count, columns, rows, scale, tile_width, tile_height, strip, gap)


def _merit(grid: Grid) -> tuple[float, int, int]:
    empty = grid.rows * grid.columns - grid.count
    return (round(grid.scale, 3), -empty, -abs(grid.rows - grid.columns))
