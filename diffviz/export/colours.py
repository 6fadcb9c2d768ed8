"""The colours of a GIF: 255 for what moves from one picture to the next, while what does not move stays as it is.

Vector quantization: a few colours for many pixels, those of the frame before moved to where they are needed now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diffviz.domain.arrays import F32, F64, U8
from diffviz.domain.frames import Frame
from diffviz.export.frame_layout import FrameLayout
from diffviz.export.panes import colour

COLOURS = 256
SAMPLED_PIXELS = 1 << 13
FIRST_ROUNDS, ROUNDS = 6, 2
RESEEDED = 1 / 4


class Quantizer:
    """Chooses `room` colours by rounds of Lloyd's algorithm (1982), which begin with those chosen before.

    Pictures change little from frame to frame, and so do their colours. `seed` is that of the choice of pixels.
    """

    def __init__(self, room: int, seed: int = 0) -> None:
        self._room = room
        self._table: U8 | None = None
        self._rng = np.random.default_rng(seed)

    def choose(self, pixels: U8, weigh: Callable[[NDArray[np.intp]], F32]) -> U8:
        """Colours (room, 3) for `pixels` (n, 3), whose errors count as `weigh` says of some of them, by their numbers.

        They are those of the pixels themselves where these are few enough.
        """
        own = own_colours(pixels, self._room)
        if own is not None:
            return own
        seen = np.arange(len(pixels))
        if len(pixels) > SAMPLED_PIXELS:
            seen = self._rng.integers(0, len(pixels), SAMPLED_PIXELS)
        some, weights = pixels[seen], weigh(seen)
        first = self._table is None
        table = _beginning(some, self._room) if self._table is None else self._table
        for i in range(FIRST_ROUNDS if first else ROUNDS):
            table = self._moved(some, weights, table, reseed=i == 0)
        self._table = table
        return table

    def _moved(self, pixels: U8, weights: F32, table: U8, *, reseed: bool) -> U8:
        """One round: every colour goes to the mean of its pixels.

        One without any, and with `reseed` those that matter least, go to pixels that are shown badly.
        """
        nearest = nearest_of(pixels, table)
        counts = np.bincount(nearest, weights, len(table))
        sums = np.stack([np.bincount(nearest, weights * pixels[:, i], len(table)) for i in range(3)], 1)
        moved: U8 = np.rint(sums / np.maximum(counts, 1e-9)[:, None]).astype(np.uint8)
        errors = weights * apart(table.take(nearest, 0), pixels)
        worth = np.bincount(nearest, errors, len(table))
        spare = counts == 0
        if reseed:
            spare[np.argsort(worth)[: round(RESEEDED * len(table))]] = True
        total = float(errors.sum())
        if spare.any() and total > 0:
            shares = np.searchsorted(np.cumsum(errors) / total, self._rng.random(int(spare.sum())))
            moved[spare] = pixels[np.minimum(shares, len(pixels) - 1)]
        return moved


def own_colours(pixels: U8, room: int) -> U8 | None:
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


def apart(a: U8, b: U8) -> NDArray[np.int32]:
    """Squared distances of the colours `a` and `b` (n, 3)."""
    between = a.astype(np.int32) - b
    distances: NDArray[np.int32] = np.einsum("ij,ij->i", between, between)  # a sum over an axis of 3 takes far longer
    return distances


def nearest_of(pixels: U8, table: U8) -> U8:
    """For each of `pixels` (n, 3) the index of the colour of `table` nearest to it."""
    if not len(pixels):
        return np.zeros(0, np.uint8)
    row = Image.fromarray(pixels[None]).quantize(palette=palette_of(table), dither=Image.Dither.NONE)
    indices: U8 = np.asarray(row, np.uint8)[0]
    return indices


def palette_of(table: U8) -> Image.Image:
    """`table` as the palette that Pillow quantizes to."""
    made = Image.new("P", (1, 1))
    # repeats of the first colour fill it up: without them Pillow adds black
    made.putpalette(np.concatenate([table, np.repeat(table[:1], COLOURS - len(table), axis=0)]).tobytes())
    return made


def table_of(image: Image.Image) -> U8:
    """The palette of `image`, (n, 3)."""
    return np.array(image.getpalette() or [], np.uint8).reshape(-1, 3)


def _beginning(pixels: U8, room: int) -> U8:
    """`room` colours to begin with."""
    found = table_of(Image.fromarray(pixels[None]).quantize(room, Image.Quantize.FASTOCTREE))[:room]
    return np.resize(found, (room, 3))


KEPT = COLOURS - 1
SURROUNDINGS = 47
STILL_WEIGHT = 3.0
BUSY = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Indexed:
    """A picture as indices (height, width) into `table`, uint8 (256, 3).

    Where `kept` holds, the picture shows what the one before shows there. The index is `clear` there, a colour that is
    not drawn; None where the picture needs all colours itself.
    """

    indices: U8
    table: U8
    kept: NDArray[np.bool_]
    clear: int | None


class Colours:
    """Brings the `frames` of a run on `page`, one after the other, to 256 colours each. Grey ones lose nothing.

    A pixel that does not change stays what it is shown as, exactly; one that does is drawn anew where that brings it
    nearer to what it should be. Colours are chosen for those that change, in the samples before they are enlarged, and
    for smooth parts rather than for noise, which hides its errors. Measured in `tests/benchmarks/test_gif.py`. Pixels
    take their nearest colour: dithering would flicker.
    """

    def __init__(self, page: FrameLayout, frames: Sequence[Frame]) -> None:
        self._page, self._frames = page, frames
        self._meant: U8 | None = None
        self._shown: U8 | None = None
        self._around: U8 | None = None

    def of(self, frame: Frame) -> Indexed:
        """The picture of `frame`, which follows the one that was asked for before."""
        return self._grey(frame) if self._page.grey else self._coloured(frame)

    def _grey(self, frame: Frame) -> Indexed:
        picture, before = self._page.draw(frame), self._shown
        self._shown = picture
        if before is None:
            return Indexed(picture, greys(COLOURS), np.zeros(picture.shape, np.bool_), None)
        kept = picture == before
        unused = np.flatnonzero(np.bincount(picture[~kept], minlength=COLOURS) == 0)
        if not len(unused):
            return Indexed(picture, greys(COLOURS), kept, None)
        return Indexed(np.where(kept, unused[0], picture).astype(np.uint8), greys(COLOURS), kept, int(unused[0]))

    def _coloured(self, frame: Frame) -> Indexed:
        first, images = self._meant is None, self._images(frame)
        indices, table = self._greys(images) if self._page.canvas.grey else self._hues(images)
        parts = np.split(indices.reshape(images.shape[:3]), len(self._page.canvas.panes))
        panes = self._page.canvas.arranged(parts, self._room if first else KEPT)
        picture = panes if self._page.bare else self._surrounded(frame, panes)
        whole = np.concatenate([table, self._fixed, table[:1]])
        return Indexed(picture, whole, picture == KEPT, None if first else KEPT)

    @cached_property
    def _fixed(self) -> U8:
        """Colours that every picture has: the ground first, then those around the panes."""
        ground = np.array([self._page.canvas.ground], np.uint8)
        if self._page.bare:
            return ground
        cursor = np.array([colour(self._page.palette, "cursor")], np.uint8)
        still = Image.fromarray(self._page.still).quantize(SURROUNDINGS - 1, Image.Quantize.MEDIANCUT, kmeans=1)
        return np.concatenate([ground, cursor, table_of(still)])

    @cached_property
    def _palette(self) -> Image.Image:
        return palette_of(self._fixed)

    @cached_property
    def _room(self) -> int:
        """How many colours the panes have; the ground is the one behind them."""
        return KEPT - len(self._fixed)

    @cached_property
    def _quantizer(self) -> Quantizer:
        return Quantizer(self._room)

    def _surrounded(self, frame: Frame, panes: U8) -> U8:
        """`panes` in their place, and around them what has changed there."""
        picture = Image.fromarray(self._page.surroundings(frame)).quantize(
            palette=self._palette, dither=Image.Dither.NONE
        )
        around = np.asarray(picture, np.uint8) + np.uint8(self._room)
        whole = around.copy() if self._around is None else np.where(around == self._around, np.uint8(KEPT), around)
        self._around = around
        left, top = self._page.box
        whole[top : top + panes.shape[0], left : left + panes.shape[1]] = panes
        return whole

    def _images(self, frame: Frame) -> U8:
        """The samples of all panes of `frame`, (n, H, W) or (n, H, W, 3)."""
        return np.concatenate(self._page.canvas.samples(frame))

    def _greys(self, images: U8) -> tuple[U8, U8]:
        """Grey levels as evenly as there is room: none is off by more than one."""
        levels = np.rint(np.arange(COLOURS) * (self._room - 1) / (COLOURS - 1)).astype(np.uint8)
        indices = levels[images]
        if self._meant is not None:
            indices[images == self._meant] = KEPT
        self._meant = images
        return indices, greys(self._room)

    def _hues(self, images: U8) -> tuple[U8, U8]:
        """Indices of the pixels of `images`, `KEPT` where they stay as they are shown, and their colours (room, 3)."""
        pixels, before, self._meant = images.reshape(-1, 3), self._meant, images
        if before is None or self._shown is None:
            lasting = self._lasting(images)
            table = self._quantizer.choose(pixels, lambda seen: lasting[seen] * calm(images, seen))
            indices = nearest_of(pixels, table)
            self._shown = table.take(indices, 0)
            return indices, table
        moving = np.flatnonzero(differing(images, before))
        meant = pixels.take(moving, 0)
        table = self._quantizer.choose(meant, lambda seen: calm(images, moving[seen]))
        nearest = nearest_of(meant, table)
        better = apart(table.take(nearest, 0), meant) < apart(self._shown.take(moving, 0), meant)
        drawn, indices = moving[better], np.full(len(pixels), KEPT, np.uint8)
        indices[drawn] = nearest[better]
        self._shown[drawn] = table.take(nearest[better], 0)
        return indices, table

    def _lasting(self, images: U8) -> F32:
        """Weights of the pixels of the first frame: those that stay in the second are chosen for once and for all."""
        if len(self._frames) < 2:
            return np.ones(images[..., 0].size, np.float32)
        still = ~differing(images, self._images(self._frames[1])).ravel()
        shares = np.where(still, STILL_WEIGHT / max(1, still.sum()), 1 / max(1, (~still).sum()))
        weights: F32 = shares.astype(np.float32)
        return weights


def differing(a: U8, b: U8) -> NDArray[np.bool_]:
    """Where the colours `a` and `b` (…, 3) are not the same."""
    unequal = a != b
    found: NDArray[np.bool_] = unequal[..., 0] | unequal[..., 1] | unequal[..., 2]
    return found


def calm(images: U8, seen: NDArray[np.intp]) -> F32:
    """How much an error is noticed at each of the pixels `seen` of `images` (n, H, W, 3), by their numbers.

    It is the less the more a pixel differs from the next in its row and the next in its column.
    """
    height, width = images.shape[1:3]
    pixels = images.reshape(-1, 3)
    here = pixels[seen].astype(np.int16)
    beside = np.where(seen % width < width - 1, seen + 1, seen)
    below = np.where(seen // width % height < height - 1, seen + width, seen)
    busy = sum(np.abs(pixels[other].astype(np.int16) - here).max(1) for other in (beside, below))
    weights: F32 = (1 / (BUSY + np.float32(0.5) * busy)).astype(np.float32)
    return weights


@lru_cache(maxsize=4)
def greys(count: int) -> U8:
    """`count` greys from black to white, (count, 3)."""
    levels: F64 = np.rint(np.linspace(0, COLOURS - 1, count))
    return np.repeat(levels.astype(np.uint8)[:, None], 3, axis=1)
