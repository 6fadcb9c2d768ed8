"""What lies behind the points of the maps: decoded images on a grid, or the distance of those images to real ones."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QObject, Slot

from diffviz.domain.arrays import F32, U8
from diffviz.domain.latent import Decode, Decoded, DistanceShade, Shaded
from diffviz.domain.levels import levels
from diffviz.ui.labs.vae.code_queries import QueryScope
from diffviz.ui.labs.vae.latent_map import LatentMap
from diffviz.ui.labs.vae.map_painting import Backdrop
from diffviz.ui.labs.vae.stage import DISTANCE, MANIFOLD, PLAIN, VaeStage
from diffviz.ui.widgets.pixmaps import tinted

TILE, FEWEST = 44, 2
CELLS = 26
FAR = 3.0
"""At this many times the distance of held-out images the shade is full."""
STRONGEST = 2 / 3


class MapBackground(QObject):
    """Asks for what lies behind the points in sight, and shows it on the maps of `stage`."""

    def __init__(self, questions: QueryScope, stage: VaeStage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._questions, self._stage = questions, stage
        self._chosen = PLAIN

    @Slot(str)
    def choose(self, backdrop: str) -> None:
        """Show "plain", "manifold" or "distance" behind the points."""
        self._chosen = backdrop
        self._stage.backdrops.set_current(backdrop)
        self.clear()
        self.ask()

    @Slot()
    def toggle_manifold(self) -> None:
        """Show the manifold, or the points alone."""
        self.choose(PLAIN if self._chosen == MANIFOLD else MANIFOLD)

    @Slot(bool)
    def show_distance(self, on: bool) -> None:
        """Show the distance, or the points alone."""
        self.choose(DISTANCE if on else PLAIN)

    def clear(self) -> None:
        """Show nothing until it has come."""
        for view in self._stage.maps:
            view.set_backdrop(None)

    @Slot()
    def ask(self) -> None:
        """Ask for what lies behind the points in sight."""
        for number, card in enumerate(self._questions.cards):
            view, key = self._stage.maps[number], self._questions.key(number)
            if self._chosen == MANIFOLD:
                self._questions.ask(f"manifold/{number}", Decode(card.id, key, z=tile_points(view)))
            elif self._chosen == DISTANCE:
                self._questions.ask(
                    f"shade/{number}", DistanceShade(card.id, key, z=points_in_sight(view, *cells(view)))
                )

    def take(self, number: int, answer: Decoded | Shaded) -> None:
        """Show what came for map `number`, if it is what was chosen."""
        view = self._stage.maps[number]
        match answer:
            case Decoded() if self._chosen == MANIFOLD:
                view.set_backdrop(mosaic(view, answer.images))
            case Shaded() if self._chosen == DISTANCE:
                view.set_backdrop(Backdrop(shade(answer.distances, answer.held_out), view.scale.bounds))
            case _:
                pass


def tiles(view: LatentMap) -> tuple[int, int]:
    """How many tiles of the manifold there is room for, across and down."""
    _, _, width, height = view.scale.area
    return max(FEWEST, int(width // TILE)), max(FEWEST, int(height // TILE))


def cells(view: LatentMap) -> tuple[int, int]:
    """Cells of the shade across and up, as square as can be."""
    _, _, width, height = view.scale.area
    longer = max(width, height)
    return max(2, math.ceil(CELLS * width / longer)), max(2, math.ceil(CELLS * height / longer))


def points_in_sight(view: LatentMap, across: int, up: int) -> F32:
    """Latent points (up, across, D) at the centres of equal cells over what is in sight, row 0 the lowest."""
    x0, x1, y0, y1 = view.scale.bounds
    x = x0 + (x1 - x0) * (np.arange(across) + 0.5) / across
    y = y0 + (y1 - y0) * (np.arange(up) + 0.5) / up
    points = np.stack(np.meshgrid(x, y), -1)
    return view.scene.plane.latent(points).astype(np.float32)


def tile_points(view: LatentMap) -> F32:
    """Latent points (N, D) of the manifold's tiles, rows from the top."""
    across, down = tiles(view)
    z = points_in_sight(view, across, down)[::-1]
    return np.ascontiguousarray(z.reshape(across * down, -1))


def mosaic(view: LatentMap, images: F32) -> Backdrop | None:
    """Images decoded at `tile_points` side by side; None where there is room for another number of them by now."""
    across, down = tiles(view)
    if across * down != len(images):
        return None
    channels, height, width = images.shape[1:]
    rows = levels(images).reshape(down, across, channels, height, width).transpose(0, 3, 1, 4, 2)
    pixels = rows.reshape(down * height, across * width, channels)
    return Backdrop(pixels[..., 0] if channels == 1 else pixels, view.scale.bounds)


def shade(distances: F32, held_out: float) -> U8:
    """Distances, rows from the bottom, as pixels (H, W, 4) from the top: clear at `held_out`, full at `FAR` times."""
    share = np.clip((distances[::-1] / max(held_out, 1e-9) - 1) / (FAR - 1), 0, 1)
    return tinted(share, "generated", STRONGEST)
