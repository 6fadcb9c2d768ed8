"""Vector quantization: a few colours for many pixels, those of the frame before moved to where they are needed now."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diffviz.domain.arrays import F32, U8

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
