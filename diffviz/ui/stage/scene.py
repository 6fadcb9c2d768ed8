"""Where everything on the stage is at this moment, and what lies under a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diffviz.ui.stage.layout import Box, Grid, arrange, grid_with_strip
from diffviz.ui.stage.viewport import Viewport

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
