"""Zoom and pan that all panes share."""

from __future__ import annotations

from dataclasses import dataclass

from diffviz.ui.stage.layout import Box, Grid

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
