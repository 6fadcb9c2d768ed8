"""The one palette of a GIF: 256 colours for all of a run's pictures."""

from __future__ import annotations

import numpy as np
from PIL import Image

from diffviz.export.panes import Pictures, Pixels

COLOURS = 256
SAMPLED_FRAMES = 24
PIXELS_OF_A_FRAME = 1 << 13
NOISE_SHARE = 8


class Colours:
    """`table` is uint8 (256, 3): colour of each index. Grey pictures are their own indices, without loss."""

    def __init__(self, table: Pixels) -> None:
        self.table = table
        # one for all pictures: it remembers the nearest colours it has found
        self._palette = Image.new("P", (1, 1))
        self._palette.putpalette(table.tobytes())

    def indexed(self, picture: Pixels) -> Image.Image:
        """`picture` as palette indices, each pixel its nearest colour: dithering would flicker from frame to frame."""
        image = Image.fromarray(picture)
        return image if image.mode == "L" else image.quantize(palette=self._palette, dither=Image.Dither.NONE)


def colours_of(pictures: Pictures) -> Colours:
    """The palette of `pictures`: every grey for grey ones, else what represents a sample of them best."""
    if pictures.canvas.grey:
        return Colours(np.repeat(np.arange(COLOURS, dtype=np.uint8)[:, None], 3, axis=1))
    ground = np.array([pictures.canvas.ground], np.uint8)
    mosaic = Image.fromarray(_mosaic(pictures)[None])
    # measured: on clean images an octree errs less than a median cut, with k-means or without, and takes no time
    found = mosaic.quantize(COLOURS - 1, Image.Quantize.FASTOCTREE).getpalette() or []
    table = np.concatenate([ground, np.array(found, np.uint8).reshape(-1, 3)[: COLOURS - 1]])
    # repeats of the ground fill up what a picture with few colours leaves
    return Colours(np.concatenate([table, np.repeat(ground, COLOURS - len(table), axis=0)]))


def _mosaic(pictures: Pictures) -> Pixels:
    """A sample (n, 3) of the run's pixels, mostly of clean frames: noise would take the whole palette."""
    by_noise = sorted(pictures.frames, key=lambda frame: frame.position)
    shares = np.linspace(0, 1, SAMPLED_FRAMES) ** 2  # dense where t is small
    chosen = [by_noise[i] for i in sorted({int(share * (len(by_noise) - 1)) for share in shares})]
    panes = pictures.canvas.panes
    data = pictures.canvas.with_panes(tuple(p for p in panes if not p.noise))
    noise = pictures.canvas.with_panes(tuple(p for p in panes if p.noise))
    parts = [_some(data.draw(frame)) for frame in chosen] if data.panes else []
    if noise.panes:
        parts += [_some(noise.draw(frame)) for frame in chosen[:: NOISE_SHARE if parts else 1]]
    return np.concatenate(parts)


def _some(picture: Pixels) -> Pixels:
    """Pixels (n, 3) of `picture`, scattered over it: all where they are few."""
    pixels = picture.reshape(-1, 3)
    if len(pixels) <= PIXELS_OF_A_FRAME:
        return pixels
    return pixels[np.random.default_rng(0).integers(0, len(pixels), PIXELS_OF_A_FRAME)]
