"""Where the panes of a stage go: of all arrangements the one that shows the samples largest. All in device pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from diffviz.domain.sample_rows import SampleRows
from diffviz.ui.sample_viewer.layout import GAP, Box, Grid, GridColumns, Viewport, columns_for, grid_with_strip, smooth

PANE_GAP, NARROW_GAP = 12, 1
STRIPS = (17, 12, 10)
FOCUS_STRIPS = (22,)
SPINE, LINE = 58, 26
NARROW = 130
SMALL = 2.0
"""Logical pixels that a pixel of a sample takes at least, where there is any room for that."""
AUTO, ROW, COLUMN = "auto", "row", "column"
"""Panes as the pictures get largest, side by side, or below each other."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A pixel under the pointer: sample, row and column count from 0."""

    pane: int
    sample: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Content:
    """What is laid out: so many `panes` of `samples` of `size` (rows, columns of pixels), arranged as `how` says.

    `spines` are the panes that give their room away, of which a narrow place is left. `strips` are the heights that
    words under samples can have, descending, in logical pixels. Where `rows` say which samples are of one picture, each
    of them is a line, or part of one that it shares with other rows.
    """

    panes: int
    samples: tuple[int, ...]
    size: tuple[int, int]
    strips: tuple[int, ...] = ()
    spines: frozenset[int] = frozenset()
    how: str = AUTO
    rows: SampleRows | None = None

    @property
    def full(self) -> tuple[int, ...]:
        """The panes with pictures."""
        return tuple(pane for pane in range(self.panes) if pane not in self.spines)


@dataclass(frozen=True, slots=True)
class Scene:
    """Panes in device pixels: `headers` above `bodies`, and one grid that holds in every body with pictures.

    `columns` panes stand side by side; `full` are those with pictures. `samples` are the samples shown, `cells` their
    places in the grid, `originals` those of the pictures that they restore, by row; `size` is (height, width) of a
    sample in its own pixels.
    """

    headers: tuple[Box, ...]
    bodies: tuple[Box, ...]
    grid: Grid
    samples: tuple[int, ...]
    size: tuple[int, int]
    columns: int
    full: tuple[int, ...]
    cells: tuple[int, ...]
    originals: tuple[int, ...] = ()

    def tile(self, pane: int, index: int, viewport: Viewport) -> Box:
        """Where the `index`-th sample shown is drawn in `pane`, in the widget's device pixels."""
        return self.cell(pane, self.cells[index], viewport)

    def cell(self, pane: int, cell: int, viewport: Viewport) -> Box:
        """Where place `cell` of the grid is in `pane`, in the widget's device pixels."""
        body, box = self.bodies[pane], viewport.tile(self.grid, cell)
        return Box(body.x + box.x, body.y + box.y, box.width, box.height)

    def original_at(self, x: float, y: float, viewport: Viewport) -> tuple[int, int] | None:
        """The pane and the row of the original, with the line of words under it, that holds the point."""
        pane = self._full_at(x, y)
        if pane is None:
            return None
        for row, cell in enumerate(self.originals):
            box = self.cell(pane, cell, viewport)
            if Box(box.x, box.y, box.width, box.height + self.grid.strip).contains(x, y):
                return pane, row
        return None

    def hit(self, x: float, y: float, viewport: Viewport) -> Hit | None:
        """The pixel at a point, or None between samples."""
        pane = self._full_at(x, y)
        if pane is None:
            return None
        for index, sample in enumerate(self.samples):
            box = self.tile(pane, index, viewport)
            if box.contains(x, y):
                row = int((y - box.y) * self.size[0] / box.height)
                return Hit(pane, sample, row, int((x - box.x) * self.size[1] / box.width))
        return None

    def caption_at(self, x: float, y: float, viewport: Viewport) -> tuple[int, int] | None:
        """Pane and sample whose line of words, below the sample, holds the point."""
        pane = self._full_at(x, y)
        if pane is None:
            return None
        for index, sample in enumerate(self.samples):
            box = self.tile(pane, index, viewport)
            if Box(box.x, box.y + box.height, box.width, self.grid.strip).contains(x, y):
                return pane, sample
        return None

    def pane_at(self, x: float, y: float) -> int | None:
        """The pane whose body holds the point."""
        return next((i for i, body in enumerate(self.bodies) if body.contains(x, y)), None)

    def _full_at(self, x: float, y: float) -> int | None:
        """The pane whose body holds the point, where it has samples."""
        pane = self.pane_at(x, y)
        return pane if pane in self.full else None

    def header_at(self, x: float, y: float) -> int | None:
        """The pane whose header holds the point."""
        return next((i for i, header in enumerate(self.headers) if header.contains(x, y)), None)


Header = Callable[[float], int]


def arranged(width: int, height: int, ratio: float, content: Content, header: Header) -> Scene:
    """The scene of a widget of `width` × `height` device pixels that shows the samples of `content` largest.

    `header` gives the height of a heading in so wide a pane, both in logical pixels, of which each has `ratio` device
    pixels. Of equals the one is taken whose headings have room, then that with more room for words, then that with
    most panes side by side.
    """

    def best(way: GridColumns | None) -> Scene:
        found = (_laid((width, height), ratio, content, header, place, way) for place in _places(content))
        return max(found, key=lambda each: _merit(each, ratio))

    rows = content.rows
    if rows is None or len(rows.rows) == 1:
        return best(GridColumns(rows.columns) if rows else None)
    alone, shared = (best(GridColumns(choices, rows.width)) for choices in (rows.columns[:1], rows.columns))
    return shared if rows.shared(alone.grid.scale, shared.grid.scale) else alone


def _places(content: Content) -> Iterator[tuple[int, bool]]:
    """So many panes side by side, and whether spines stand beside them, not below."""
    most = max(1, len(content.full))
    columns = {ROW: (most,), COLUMN: (1,)}.get(content.how, columns_for(most))
    beside = {ROW: (True,), COLUMN: (False,)}.get(content.how, (True, False) if content.spines else (True,))
    return ((each, side) for each in columns for side in beside)


def _merit(found: Scene, ratio: float) -> tuple[float, bool, int, int]:
    narrowest = min((found.bodies[pane].width for pane in found.full), default=0)
    return round(found.grid.scale, 3), narrowest >= NARROW * ratio, found.grid.strip, found.columns


def _laid(
    room: tuple[int, int],
    ratio: float,
    content: Content,
    header: Header,
    place: tuple[int, bool],
    way: GridColumns | None,
) -> Scene:
    columns, beside = place
    gap, spines = round(PANE_GAP * ratio), sorted(content.spines)
    taken = round((SPINE if beside else LINE) * ratio) + gap
    left = (room[0] - taken * len(spines), room[1]) if beside else (room[0], room[1] - taken * len(spines))
    boxes = dict(zip(content.full, _boxes(left, len(content.full), columns, gap), strict=True))
    for at, pane in enumerate(spines):
        x, y = (left[0] + gap + at * taken, 0) if beside else (0, left[1] + gap + at * taken)
        boxes[pane] = Box(x, y, taken - gap, room[1]) if beside else Box(x, y, room[0], taken - gap)
    tops = {pane: _top(box, ratio, header, pane in content.spines) for pane, box in boxes.items()}
    headers = tuple(Box(boxes[i].x, boxes[i].y, boxes[i].width, tops[i]) for i in range(content.panes))
    bodies = tuple(_under(boxes[pane], tops[pane]) for pane in range(content.panes))
    body = bodies[content.full[0]] if content.full else Box(0, 0, 1, 1)
    grid, rows = _grid(body, ratio, content, way), content.rows
    cells = rows.cells(grid.columns) if rows else tuple(range(len(content.samples)))
    originals = rows.original_cells(grid.columns) if rows else ()
    return Scene(headers, bodies, grid, content.samples, content.size, columns, content.full, cells, originals)


def _grid(body: Box, ratio: float, content: Content, way: GridColumns | None) -> Grid:
    """The grid in `body`; where samples are small and would be larger by it, they stand closer."""
    strips = [round(strip * ratio) for strip in content.strips]
    gaps = [max(1, round(gap * ratio)) for gap in (GAP, NARROW_GAP)]
    count = content.rows.width * len(content.rows.rows) if content.rows else len(content.samples)
    wide, close = (grid_with_strip(body.width, body.height, count, content.size, strips, gap, way) for gap in gaps)
    return close if close.scale > wide.scale and small(wide, content, ratio) else wide


def small(grid: Grid, content: Content, ratio: float) -> bool:
    """Whether samples in `grid` are so small that their next size is worth room that is pleasant to have elsewhere."""
    return grid.scale < SMALL * ratio and not smooth(content.size)


def _boxes(room: tuple[int, int], panes: int, columns: int, gap: int) -> list[Box]:
    """Places of `panes` panes, `columns` side by side, headings included."""
    rows = max(1, math.ceil(panes / columns))
    each, tall = (room[0] - gap * (columns - 1)) // columns, (room[1] - gap * (rows - 1)) // rows
    places = (divmod(pane, columns) for pane in range(panes))
    return [Box(column * (each + gap), row * (tall + gap), max(1, each), max(1, tall)) for row, column in places]


def _top(box: Box, ratio: float, header: Header, spine: bool) -> int:
    return round((LINE if spine else header(box.width / ratio)) * ratio)


def _under(box: Box, top: int) -> Box:
    return Box(box.x, box.y + top, box.width, max(1, box.height - top))
