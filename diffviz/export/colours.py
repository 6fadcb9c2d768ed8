"""The colours of a GIF: 256 for every picture, chosen anew for each from what they were for the one before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diffviz.domain.frames import Frame
from diffviz.export.page import Page
from diffviz.export.panes import Pixels
from diffviz.export.raster import colour

COLOURS = 256
SURROUNDINGS = 47
SAMPLED_PIXELS = 1 << 13
FIRST_ROUNDS, ROUNDS = 6, 2


@dataclass(frozen=True, slots=True, eq=False)
class Indexed:
    """A picture as indices (height, width) into `table`, uint8 (256, 3)."""

    indices: Pixels
    table: Pixels


class Colours:
    """Brings the frames of a run on `page` to 256 colours each. Grey pictures are their own indices, without loss.

    Colours are looked for in the samples before they are enlarged, by two rounds of Lloyd's algorithm from the colours
    of the frame before: pictures change little from step to step, and so do their colours. Measured in
    `tests/benchmarks/test_gif.py`. Pixels take their nearest colour: dithering would flicker.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._table: Pixels | None = None
        self._rng = np.random.default_rng(0)

    def of(self, frame: Frame) -> Indexed:
        """The picture of `frame` in 256 colours."""
        if self._page.grey:
            return Indexed(self._page.draw(frame), greys(COLOURS))
        samples = self._page.canvas.samples(frame)
        room = COLOURS - len(self._fixed)
        indices, table = self._greys(samples, room) if self._page.canvas.grey else self._hues(samples, room)
        panes = self._page.canvas.arranged(indices, room)
        whole = np.concatenate([table, self._fixed])
        return Indexed(panes if self._page.bare else self._surrounded(frame, panes, room), whole)

    @cached_property
    def _fixed(self) -> Pixels:
        """Colours that every picture has: the ground first, then those around the panes."""
        ground = np.array([self._page.canvas.ground], np.uint8)
        if self._page.bare:
            return ground
        cursor = np.array([colour(self._page.palette, "cursor")], np.uint8)
        still = Image.fromarray(self._page.still).quantize(SURROUNDINGS - 1, Image.Quantize.MEDIANCUT, kmeans=1)
        return np.concatenate([ground, cursor, _table(still)])

    @cached_property
    def _palette(self) -> Image.Image:
        return _palette(self._fixed)

    def _surrounded(self, frame: Frame, panes: Pixels, room: int) -> Pixels:
        around = Image.fromarray(self._page.surroundings(frame)).quantize(
            palette=self._palette, dither=Image.Dither.NONE
        )
        whole = np.asarray(around, np.uint8) + np.uint8(room)
        left, top = self._page.box
        whole[top : top + panes.shape[0], left : left + panes.shape[1]] = panes
        return whole

    def _greys(self, samples: list[Pixels], room: int) -> tuple[list[Pixels], Pixels]:
        """Grey levels as evenly as `room` allows: none is off by more than one."""
        nearest = np.rint(np.arange(COLOURS) * (room - 1) / (COLOURS - 1)).astype(np.uint8)
        return [nearest[pane] for pane in samples], greys(room)

    def _hues(self, samples: list[Pixels], room: int) -> tuple[list[Pixels], Pixels]:
        pixels = np.concatenate([pane.reshape(-1, 3) for pane in samples])
        table = self._centred(pixels, room)
        ends = np.cumsum([pane[..., 0].size for pane in samples])[:-1]
        parts = np.split(_nearest(pixels, table), ends)
        return [part.reshape(pane.shape[:3]) for part, pane in zip(parts, samples, strict=True)], table

    def _centred(self, pixels: Pixels, room: int) -> Pixels:
        """`room` colours for `pixels` (n, 3)."""
        some = pixels
        if len(pixels) > SAMPLED_PIXELS:
            some = pixels[self._rng.integers(0, len(pixels), SAMPLED_PIXELS)]
        rounds = ROUNDS if self._table is not None else FIRST_ROUNDS
        table = _beginning(pixels, room) if self._table is None else self._table
        for _ in range(rounds):
            table = self._moved(some, table)
        self._table = table
        return table

    def _moved(self, pixels: Pixels, table: Pixels) -> Pixels:
        """One round: every colour goes to the mean of its pixels, one without any to a pixel of the picture."""
        nearest = _nearest(pixels, table)
        counts = np.bincount(nearest, minlength=len(table))
        sums = np.stack([np.bincount(nearest, pixels[:, i], len(table)) for i in range(3)], 1)
        moved: Pixels = np.rint(sums / np.maximum(counts, 1)[:, None]).astype(np.uint8)
        idle = counts == 0
        moved[idle] = pixels[self._rng.integers(0, len(pixels), int(idle.sum()))]
        return moved


def _beginning(pixels: Pixels, room: int) -> Pixels:
    """`room` colours to begin with."""
    found = _table(Image.fromarray(pixels[None]).quantize(room, Image.Quantize.FASTOCTREE))[:room]
    return np.resize(found, (room, 3))


def _nearest(pixels: Pixels, table: Pixels) -> Pixels:
    """For each of `pixels` (n, 3) the index of the colour of `table` nearest to it."""
    row = Image.fromarray(pixels[None]).quantize(palette=_palette(table), dither=Image.Dither.NONE)
    indices: Pixels = np.asarray(row, np.uint8)[0]
    return indices


@lru_cache(maxsize=4)
def greys(count: int) -> Pixels:
    """`count` greys from black to white, (count, 3)."""
    levels: NDArray[np.float64] = np.rint(np.linspace(0, COLOURS - 1, count))
    return np.repeat(levels.astype(np.uint8)[:, None], 3, axis=1)


def _table(image: Image.Image) -> Pixels:
    return np.array(image.getpalette() or [], np.uint8).reshape(-1, 3)


def _palette(table: Pixels) -> Image.Image:
    made = Image.new("P", (1, 1))
    # repeats of the first colour fill it up: without them Pillow adds black
    made.putpalette(np.concatenate([table, np.repeat(table[:1], COLOURS - len(table), axis=0)]).tobytes())
    return made
