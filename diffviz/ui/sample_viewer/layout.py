"""Where panes and samples go, zoomed and panned alike: geometry in device pixels, and what lies under a point."""

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

    def _held(self, grid: Grid) -> Viewport:
        factor = self.scale / grid.scale
        x = _hold(self.x, grid.content.width * factor, grid.width)
        y = _hold(self.y, grid.content.height * factor, grid.height)
        return Viewport(self.scale, x, y)


def _hold(at: float, length: float, room: float) -> float:
    if length <= room:
        return 0.0
    return min(0.0, max(at, room - length))


PANE_GAP = 12
STRIPS = (17, 12)
FOCUS_STRIPS = (22,)
HEADER = 47


@dataclass(frozen=True, slots=True)
class Hit:
    """A pixel under the pointer: sample, row and column count from 0."""

    pane: int
    sample: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Scene:
    """Panes in device pixels: `headers` above `bodies`, and one grid that holds in every body.

    `samples` are the samples shown, in the grid's order; `size` is (height, width) of a sample in its own pixels.
    """

    headers: tuple[Box, ...]
    bodies: tuple[Box, ...]
    grid: Grid
    samples: tuple[int, ...]
    size: tuple[int, int]

    def pane_at(self, x: float, y: float) -> int | None:
        """The pane whose body holds the point."""
        return next((i for i, body in enumerate(self.bodies) if body.contains(x, y)), None)

    def header_at(self, x: float, y: float) -> int | None:
        """The pane whose header holds the point."""
        return next((i for i, header in enumerate(self.headers) if header.contains(x, y)), None)

    def caption_at(self, x: float, y: float, viewport: Viewport) -> tuple[int, int] | None:
        """Pane and sample whose line of words, below the sample, holds the point."""
        pane = self.pane_at(x, y)
        if pane is None:
            return None
        for index, sample in enumerate(self.samples):
            box = self.tile(pane, index, viewport)
            if Box(box.x, box.y + box.height, box.width, self.grid.strip).contains(x, y):
                return pane, sample
        return None

    def tile(self, pane: int, index: int, viewport: Viewport) -> Box:
        """Where the `index`-th sample shown is drawn in `pane`, in the widget's device pixels."""
        body, box = self.bodies[pane], viewport.tile(self.grid, index)
        return Box(body.x + box.x, body.y + box.y, box.width, box.height)

    def hit(self, x: float, y: float, viewport: Viewport) -> Hit | None:
        """The pixel at a point, or None between samples."""
        pane = self.pane_at(x, y)
        if pane is None:
            return None
        for index, sample in enumerate(self.samples):
            box = self.tile(pane, index, viewport)
            if box.contains(x, y):
                row = int((y - box.y) * self.size[0] / box.height)
                return Hit(pane, sample, row, int((x - box.x) * self.size[1] / box.width))
        return None


def scene(
    width: int,
    height: int,
    ratio: float,
    panes: int,
    header: int,
    samples: Sequence[int],
    size: tuple[int, int],
    strips: Sequence[int],
) -> Scene:
    """The scene of a widget of `width` × `height` device pixels; `header` and `strips` are in logical pixels."""
    top = round(header * ratio)
    boxes = arrange(width, height, panes, round(HEADER * ratio), round(PANE_GAP * ratio), ratio)
    headers = tuple(Box(box.x, box.y, box.width, top) for box in boxes)
    bodies = tuple(Box(box.x, box.y + top, box.width, max(1, box.height - top)) for box in boxes)
    tall = [round(strip * ratio) for strip in strips]
    found = grid_with_strip(bodies[0].width, bodies[0].height, len(samples), size, tall, round(3 * ratio))
    return Scene(headers, bodies, found, tuple(samples), size)


def pane_width(width: int, height: int, ratio: float, panes: int) -> int:
    """Width of a pane in device pixels, before its heading is known."""
    return arrange(width, height, panes, round(HEADER * ratio), round(PANE_GAP * ratio), ratio)[0].width
