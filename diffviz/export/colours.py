"""The colours of a GIF: 255 for what moves from one picture to the next, while what does not move stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
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
KEPT = COLOURS - 1
SURROUNDINGS = 47
SAMPLED_PIXELS = 1 << 13
FIRST_ROUNDS, ROUNDS = 6, 2
STILL_SHARE = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Indexed:
    """A picture as indices (height, width) into `table`, uint8 (256, 3).

    Where `kept` holds, the picture shows what the one before shows there; `clear` says that the index is `KEPT` there,
    a colour that is not drawn.
    """

    indices: Pixels
    table: Pixels
    kept: NDArray[np.bool_]
    clear: bool


class Colours:
    """Brings the `frames` of a run on `page`, one after the other, to 256 colours each. Grey ones lose nothing.

    A pixel that does not change stays what it is shown as, exactly; one that does is drawn anew where that brings it
    nearer to what it should be. The colours are chosen for those that change, in the samples before they are enlarged,
    by two rounds of Lloyd's algorithm from the colours of the frame before. Measured in `tests/benchmarks/test_gif.py`.
    Pixels take their nearest colour: dithering would flicker.
    """

    def __init__(self, page: Page, frames: Sequence[Frame]) -> None:
        self._page, self._frames = page, frames
        self._table: Pixels | None = None
        self._meant: Pixels | None = None
        self._shown: Pixels | None = None
        self._around: Pixels | None = None
        self._rng = np.random.default_rng(0)

    def of(self, frame: Frame) -> Indexed:
        """The picture of `frame`, which follows the one that was asked for before."""
        return self._grey(frame) if self._page.grey else self._coloured(frame)

    def _grey(self, frame: Frame) -> Indexed:
        picture = self._page.draw(frame)
        kept = np.zeros(picture.shape, np.bool_) if self._shown is None else picture == self._shown
        self._shown = picture
        return Indexed(picture, greys(COLOURS), kept, clear=False)

    def _coloured(self, frame: Frame) -> Indexed:
        samples, room = self._page.canvas.samples(frame), KEPT - len(self._fixed)
        ground = room if self._meant is None else KEPT
        pixels = np.concatenate([pane.reshape(-1, *pane.shape[3:]) for pane in samples])
        indices, table = self._greys(pixels, room) if self._page.canvas.grey else self._hues(pixels, room)
        self._meant = pixels
        ends = np.cumsum([pane[..., 0].size if pane.ndim == 4 else pane.size for pane in samples])[:-1]
        parts = zip(np.split(indices, ends), samples, strict=True)
        panes = self._page.canvas.arranged([part.reshape(pane.shape[:3]) for part, pane in parts], ground)
        picture = panes if self._page.bare else self._surrounded(frame, panes, room)
        return Indexed(picture, np.concatenate([table, self._fixed, table[:1]]), picture == KEPT, clear=True)

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
        """`panes` in their place, and around them what has changed there."""
        picture = Image.fromarray(self._page.surroundings(frame)).quantize(
            palette=self._palette, dither=Image.Dither.NONE
        )
        around = np.asarray(picture, np.uint8) + np.uint8(room)
        whole = around.copy() if self._around is None else np.where(around == self._around, np.uint8(KEPT), around)
        self._around = around
        left, top = self._page.box
        whole[top : top + panes.shape[0], left : left + panes.shape[1]] = panes
        return whole

    def _greys(self, pixels: Pixels, room: int) -> tuple[Pixels, Pixels]:
        """Grey levels as evenly as `room` allows: none is off by more than one."""
        levels = np.rint(np.arange(COLOURS) * (room - 1) / (COLOURS - 1)).astype(np.uint8)
        indices = levels[pixels]
        if self._meant is not None:
            indices[pixels == self._meant] = KEPT
        return indices, greys(room)

    def _hues(self, pixels: Pixels, room: int) -> tuple[Pixels, Pixels]:
        """Indices of `pixels` (n, 3), `KEPT` where they stay as they are shown, and their colours (room, 3)."""
        if self._meant is None or self._shown is None:
            table = self._chosen(self._weighted(pixels), room)
            indices = _nearest(pixels, table)
            self._shown = table[indices]
            return indices, table
        moving = np.flatnonzero((pixels != self._meant).any(1))
        meant = pixels[moving]
        table = self._chosen(meant, room)
        nearest = _nearest(meant, table)
        better = _apart(table[nearest], meant) < _apart(self._shown[moving], meant)
        drawn, indices = moving[better], np.full(len(pixels), KEPT, np.uint8)
        indices[drawn] = nearest[better]
        self._shown[drawn] = table[indices[drawn]]
        return indices, table

    def _weighted(self, pixels: Pixels) -> Pixels:
        """`pixels` of the first frame, of which those that stay have most of the weight: they are chosen for once."""
        if len(self._frames) < 2:
            return pixels
        later = np.concatenate([pane.reshape(-1, 3) for pane in self._page.canvas.samples(self._frames[1])])
        still = (pixels == later).all(1)
        if still.all() or not still.any():
            return pixels
        count = round(STILL_SHARE * SAMPLED_PIXELS)
        return np.concatenate([self._some(pixels[still], count), self._some(pixels[~still], SAMPLED_PIXELS - count)])

    def _chosen(self, pixels: Pixels, room: int) -> Pixels:
        """`room` colours for `pixels` (n, 3): theirs, where they are few enough."""
        own = _own_colours(pixels, room)
        if own is not None:
            return own
        some = self._some(pixels, SAMPLED_PIXELS) if len(pixels) > SAMPLED_PIXELS else pixels
        rounds = ROUNDS if self._table is not None else FIRST_ROUNDS
        table = _beginning(pixels, room) if self._table is None else self._table
        for _ in range(rounds):
            table = self._moved(some, table)
        self._table = table
        return table

    def _some(self, pixels: Pixels, count: int) -> Pixels:
        return pixels[self._rng.integers(0, len(pixels), count)]

    def _moved(self, pixels: Pixels, table: Pixels) -> Pixels:
        """One round: every colour goes to the mean of its pixels, one without any to a pixel of the picture."""
        nearest = _nearest(pixels, table)
        counts = np.bincount(nearest, minlength=len(table))
        sums = np.stack([np.bincount(nearest, pixels[:, i], len(table)) for i in range(3)], 1)
        moved: Pixels = np.rint(sums / np.maximum(counts, 1)[:, None]).astype(np.uint8)
        idle = counts == 0
        moved[idle] = self._some(pixels, int(idle.sum()))
        return moved


def _own_colours(pixels: Pixels, room: int) -> Pixels | None:
    """The colours of `pixels` (n, 3), the first repeated up to `room`; None where they are more or too many to look."""
    if len(pixels) > SAMPLED_PIXELS:
        return None
    packed = np.unique(pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32))
    if len(packed) > room:
        return None
    own = np.zeros((room, 3), np.uint8)
    own[: len(packed)] = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], 1)
    own[len(packed) :] = own[0]
    return own


def _apart(a: Pixels, b: Pixels) -> NDArray[np.int32]:
    """Squared distances of the colours `a` and `b` (n, 3)."""
    between = a.astype(np.int32) - b
    distances: NDArray[np.int32] = (between * between).sum(1, dtype=np.int32)
    return distances


def _beginning(pixels: Pixels, room: int) -> Pixels:
    """`room` colours to begin with."""
    found = _table(Image.fromarray(pixels[None]).quantize(room, Image.Quantize.FASTOCTREE))[:room]
    return np.resize(found, (room, 3))


def _nearest(pixels: Pixels, table: Pixels) -> Pixels:
    """For each of `pixels` (n, 3) the index of the colour of `table` nearest to it."""
    if not len(pixels):
        return np.zeros(0, np.uint8)
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
