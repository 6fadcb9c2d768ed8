"""Pictures of runs in two dimensions: a GAN's points over D, and particles over density and score.

Points and lines over a coloured ground, drawn by matplotlib's Agg; imported only where such a run is exported.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from diffviz.domain.arrays import F32, F64, U8
from diffviz.domain.gan import EXTENT, GanFrame
from diffviz.domain.gan_verdicts import Leaning
from diffviz.domain.panes import PALETTES
from diffviz.domain.planar import PlanarFrame, arrows, shade, spread
from diffviz.export.panes import SIDE, Colour, colour
from diffviz.export.typesetting import DPI

# isort: split
# only after matplotlib is made ready
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

RADIUS = 2.0
STRENGTH = 0.45
ARROW_OPACITY, ARROW_HEAD = 0.75, 1.3
LEVELS = 255


class Sketch:
    """±`EXTENT` of the plane, y upwards, in a picture of `side` × `side`."""

    def __init__(self, ground: NDArray[np.floating], side: int = SIDE) -> None:
        """`ground` are colours (rows, columns, 3) in 0 … 255 over the plane, rows from low y."""
        self._unit, self._renderer = side / SIDE, RendererAgg(side, side, DPI)
        small = Image.fromarray(ground.astype(np.uint8)).resize((side, side), Image.Resampling.BICUBIC)
        self._renderer.draw_image(self._context((0, 0, 0)), 0, 0, np.array(small.convert("RGBA")))
        step = (side - 1) / (2 * EXTENT)
        self._places = Affine2D.from_values(step, 0, 0, step, side / 2, side / 2)
        self._pixels = self._places.frozen().translate(-0.5, 0.5)
        """A dot stands on the middle of a pixel; Agg takes the one to the right and below."""

    def dots(self, points: ArrayLike, hue: Colour, radius: float = RADIUS) -> None:
        """A dot at each of `points` (N, 2) that lie within."""
        xy = np.asarray(points, np.float64)
        there = Path(xy[(np.abs(xy) <= EXTENT).all(1)])
        size = Affine2D().scale(radius * self._unit)
        self._renderer.draw_markers(self._context(hue), Path.unit_circle(), size, there, self._pixels, _shares(hue))

    def lines(self, begin: ArrayLike, end: ArrayLike, hue: Colour, opacity: float = 1.0) -> None:
        """A line from each of `begin` to that of `end`, (N, 2) each."""
        both: F64 = np.stack([np.asarray(begin, np.float64), np.asarray(end, np.float64)], 1).reshape(-1, 2)
        kinds = np.tile(np.array([Path.MOVETO, Path.LINETO], np.uint8), len(both) // 2)
        self._renderer.draw_path(self._context(hue, self._unit, opacity), Path(both, kinds), self._places)

    def pixels(self) -> U8:
        """The picture, uint8 (side, side, 3)."""
        return np.array(self._renderer.buffer_rgba(), np.uint8)[..., :3]

    def _context(self, hue: Colour, width: float = 0.0, opacity: float = 1.0) -> GraphicsContextBase:
        context = self._renderer.new_gc()
        context.set_foreground(_shares(hue))
        context.set_alpha(opacity)
        context.set_linewidth(width)
        context.set_snap(False)
        return context


def _shares(hue: Colour) -> tuple[float, float, float]:
    red, green, blue = hue
    return red / LEVELS, green / LEVELS, blue / LEVELS


def mixed(ground: Colour, hue: NDArray[np.floating] | Colour, share: NDArray[np.floating]) -> F32:
    """`ground` with `share` (rows, columns) of `hue`, which is one colour or one for each place (rows, columns, 3)."""
    base, other = np.array(ground, np.float32), np.array(hue, np.float32)
    found: F32 = base + share[..., None].astype(np.float32) * (other - base)
    return found


def judged(frame: GanFrame, how: Leaning, theme: str, side: int = SIDE) -> U8:
    """Points over D's surface, uint8 (side, side, 3). The colour is stronger the surer D is."""
    assert frame.surface is not None, "only in two dimensions"
    palette, lean = PALETTES[theme], how.of(frame.surface)
    ground, real, fake = (colour(palette, hue) for hue in ("ground", "alpha_bar", "generated"))
    hues = np.where(lean[..., None] > 0, np.array(real, np.float32), np.array(fake, np.float32))
    sketch = Sketch(mixed(ground, hues, STRENGTH * np.abs(lean)), side)
    sketch.dots(frame.real, real)
    sketch.dots(frame.fake, fake)
    return sketch.pixels()


def particles(frame: PlanarFrame, theme: str, side: int = SIDE, *, learnt: bool = False, scale: float = 1.0) -> U8:
    """Particles over q_t and the score's arrows, uint8 (side, side, 3); with `learnt` those of the network.

    All is drawn `scale` times as far from the middle: `frame.scale` puts it where it is.
    """
    palette = PALETTES[theme]
    density = shade(spread(frame.density, scale))
    sketch = Sketch(mixed(colour(palette, "ground"), colour(palette, "data"), density), side)
    score, x = (frame.learnt_score, frame.learnt_x) if learnt else (frame.score, frame.x)
    assert score is not None, "panes were chosen for it"
    assert x is not None, "panes were chosen for it"
    begin, end = (scale * points for points in arrows(score, frame.sigma))
    sketch.lines(begin, end, colour(palette, "loss"), ARROW_OPACITY)
    sketch.dots(end, colour(palette, "loss"), ARROW_HEAD)
    sketch.dots(scale * frame.placed(x), colour(palette, "generated" if learnt else "text"))
    return sketch.pixels()
