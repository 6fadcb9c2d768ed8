"""Pictures of runs in two dimensions: a GAN's points over D, and particles over density and score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diffviz.domain.frames import Floats, Frame
from diffviz.domain.gan import GanFrame
from diffviz.domain.palette import PALETTES
from diffviz.domain.planar import PlanarFrame
from diffviz.domain.plane_drawing import arrows, shade
from diffviz.export.panes import Canvas, Pixels
from diffviz.export.raster import colour
from diffviz.export.sketch import SIDE, Sketch, mixed

STRENGTH = 0.45
ARROW_OPACITY, ARROW_HEAD = 0.75, 1.3


@dataclass(frozen=True, slots=True, eq=False)
class PlaneCanvas(Canvas):
    """A canvas each of whose panes is the plane."""

    def samples(self, frame: Frame) -> list[Pixels]:
        """The planes of `frame`, uint8 (1, SIDE, SIDE, 3) each."""
        return [_picture(frame, pane.key, self.theme)[None] for pane in self.panes]


def _picture(frame: Frame, key: str, theme: str) -> Pixels:
    if isinstance(frame, PlanarFrame):
        return particles(frame, theme, learnt=key == "learnt_x")
    assert isinstance(frame, GanFrame), "panes were chosen for it"
    return judged(frame, theme)


def judged(frame: GanFrame, theme: str, side: int = SIDE) -> Pixels:
    """Points over D's surface, uint8 (side, side, 3). The colour is stronger the surer D is."""
    palette, lean = PALETTES[theme], leaning(frame)
    ground, real, fake = (colour(palette, hue) for hue in ("ground", "alpha_bar", "generated"))
    hues = np.where(lean[..., None] > 0, np.array(real, np.float32), np.array(fake, np.float32))
    sketch = Sketch(mixed(ground, hues, STRENGTH * np.abs(lean)), side)
    sketch.dots(frame.real, real)
    sketch.dots(frame.fake, fake)
    return sketch.pixels()


def leaning(frame: GanFrame) -> Floats:
    """From −1, D is sure of "generated", to 1, it is sure of "real", over the plane; 0 at its threshold."""
    assert frame.surface is not None, "only in two dimensions"
    apart = frame.surface - np.float32(frame.threshold)
    probability = frame.surface.min() >= 0 and frame.surface.max() <= 1
    return np.asarray(np.clip(2 * apart if probability else apart, -1, 1), np.float32)


def particles(frame: PlanarFrame, theme: str, side: int = SIDE, *, learnt: bool = False) -> Pixels:
    """Particles over q_t and the score's arrows, uint8 (side, side, 3); with `learnt` those of the network."""
    palette = PALETTES[theme]
    sketch = Sketch(mixed(colour(palette, "ground"), colour(palette, "data"), shade(frame.density)), side)
    score, x = (frame.learnt_score, frame.learnt_x) if learnt else (frame.score, frame.x)
    assert score is not None, "panes were chosen for it"
    assert x is not None, "panes were chosen for it"
    begin, end = arrows(score, frame.sigma)
    sketch.lines(begin, end, colour(palette, "loss"), ARROW_OPACITY)
    sketch.dots(end, colour(palette, "loss"), ARROW_HEAD)
    sketch.dots(x, colour(palette, "generated" if learnt else "text"))
    return sketch.pixels()
