"""Pictures of runs in two dimensions: a GAN's points over D, and particles over density and score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from diffviz.domain.arrays import U8
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.frames import Frame
from diffviz.domain.gan import GanFrame
from diffviz.domain.gan_leaning import Leaning, leaning, reach_of
from diffviz.domain.palette import PALETTES
from diffviz.domain.panes import ExportPane
from diffviz.domain.planar import PlanarFrame, arrows, shade, spread
from diffviz.export.panes import PaneCanvas
from diffviz.export.raster import colour
from diffviz.export.run_info import RunInfo
from diffviz.export.sketch import SIDE, Sketch, mixed

STRENGTH = 0.45
MOST_READ = 200
ARROW_OPACITY, ARROW_HEAD = 0.75, 1.3


Draw = Callable[[Any, ExportPane, str], U8]
"""Draws one pane of a frame in a theme, uint8 (SIDE, SIDE, 3)."""


@dataclass(frozen=True, slots=True, eq=False)
class PlaneCanvas(PaneCanvas):
    """A canvas each of whose panes is the plane, drawn by `drawn`."""

    drawn: Mapping[str, Draw] = field(default_factory=dict)

    def samples(self, frame: Frame) -> list[U8]:
        """The planes of `frame`, uint8 (1, SIDE, SIDE, 3) each."""
        return [self.drawn[pane.key](frame, pane, self.theme)[None] for pane in self.panes]


def plane_canvas(
    panes: tuple[ExportPane, ...], frames: Sequence[Frame], settings: ExportSettings, about: RunInfo
) -> PaneCanvas:
    """The canvas of the run `frames`, whose panes are drawn as the table says."""
    request = about.record.request if about.record is not None else None
    drawn = {pane.key: DRAWINGS[pane.drawing](frames, request) for pane in panes}
    return PlaneCanvas(panes, (1, 3, SIDE, SIDE), settings.scale or 1, settings.ground, drawn=drawn)


def _judgements(frames: Sequence[GanFrame], request: Any) -> Draw:
    """D's answers are coloured by its loss, within their reach in the run; where that is not known, as a critic's."""
    loss = getattr(request, "loss", "")
    reach = reach_of(loss, [frames[i] for i in range(0, len(frames), max(1, len(frames) // MOST_READ))])
    return lambda frame, _pane, theme: judged(frame, leaning(loss, frame, reach), theme)


def _particles(_frames: Sequence[PlanarFrame], _request: Any) -> Draw:
    return lambda frame, pane, theme: particles(
        frame, theme, learnt=pane.key == "learnt_x", scale=1.0 if pane.scaled else frame.scale
    )


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


DRAWINGS: Mapping[str, Callable[[Sequence[Any], Any], Draw]] = MappingProxyType(
    {"judged": _judgements, "particles": _particles}
)
"""How panes that are no arrays of pictures are drawn, of a run's frames and its request."""
