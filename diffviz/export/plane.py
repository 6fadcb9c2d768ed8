"""Pictures of a GAN in two dimensions: real and generated points over what D says of every place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from diffviz.domain.frames import Floats, Frame
from diffviz.domain.gan import EXTENT, GanFrame
from diffviz.domain.palette import PALETTES
from diffviz.export.panes import Canvas, Pixels
from diffviz.export.raster import colour

SIDE = 384
RADIUS = 2.0
SMOOTH = 2
STRENGTH = 0.45


@dataclass(frozen=True, slots=True, eq=False)
class PlaneCanvas(Canvas):
    """A canvas whose one pane is the plane."""

    def samples(self, frame: Frame) -> list[Pixels]:
        """The plane of `frame`, uint8 (1, SIDE, SIDE, 3)."""
        assert isinstance(frame, GanFrame), "panes were chosen for it"
        return [plane(frame, self.theme)[None]]


def plane(frame: GanFrame, theme: str, side: int = SIDE) -> Pixels:
    """Points over D's surface, uint8 (side, side, 3); y upwards. The colour is stronger the surer D is."""
    image = _ground(frame, theme, side).resize((side * SMOOTH, side * SMOOTH), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for points, hue in ((frame.real, "alpha_bar"), (frame.fake, "generated")):
        for x, y in _pixels(points, side * SMOOTH):
            r = RADIUS * SMOOTH * side / SIDE
            draw.ellipse((x - r, y - r, x + r, y + r), colour(PALETTES[theme], hue))
    return np.asarray(image.resize((side, side), Image.Resampling.BOX), np.uint8)


def leaning(frame: GanFrame) -> Floats:
    """From −1, D is sure of "generated", to 1, it is sure of "real", over the plane; 0 at its threshold."""
    assert frame.surface is not None, "only in two dimensions"
    apart = frame.surface - np.float32(frame.threshold)
    probability = frame.surface.min() >= 0 and frame.surface.max() <= 1
    return np.asarray(np.clip(2 * apart if probability else apart, -1, 1), np.float32)


def _ground(frame: GanFrame, theme: str, side: int) -> Image.Image:
    palette, lean = PALETTES[theme], leaning(frame)[::-1, :, None]  # rows of a picture go down
    ground, real, fake = (np.array(colour(palette, hue), np.float32) for hue in ("ground", "alpha_bar", "generated"))
    mixed = ground + STRENGTH * np.abs(lean) * (np.where(lean > 0, real, fake) - ground)
    return Image.fromarray(mixed.astype(np.uint8)).resize((side, side), Image.Resampling.BICUBIC)


def _pixels(points: Floats, side: int) -> list[tuple[float, float]]:
    """Where `points` (N, 2) lie in a picture of `side`; those outside are left out."""
    inside = points[(np.abs(points) <= EXTENT).all(1)].astype(np.float64)
    across = (inside + EXTENT) / (2 * EXTENT) * (side - 1)
    return [(float(x), float(side - 1 - y)) for x, y in across]
