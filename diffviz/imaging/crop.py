"""The part of a picture that is taken, and its pixels at another size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from diffviz.domain.arrays import U8
from diffviz.imaging.pictures import over


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of a picture in its pixels; left and top may lie between two pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom)."""
        return self.left, self.top, self.left + self.width, self.top + self.height


def largest_crop(size: tuple[int, int], aspect: float) -> Crop:
    """The largest centred crop of a picture of `size` (width, height) with width / height = `aspect`."""
    width, height = size
    wide = min(float(width), height * aspect)
    high = wide / aspect
    return Crop((width - wide) / 2, (height - high) / 2, wide, high)


def confined(crop: Crop, size: tuple[int, int], aspect: float, smallest: float = 1.0) -> Crop:
    """`crop` with `aspect`, made to fit into a picture of `size` (width, height) and moved inside it."""
    most = largest_crop(size, aspect).width
    wide = min(max(crop.width, min(smallest, most)), most)
    high = wide / aspect
    left = min(max(crop.left, 0.0), size[0] - wide)
    top = min(max(crop.top, 0.0), size[1] - high)
    return Crop(left, top, wide, high)


def pixels_of(picture: Image.Image, crop: Crop, shape: tuple[int, ...], *, invert: bool = False, ground: int = 0) -> U8:
    """The part `crop` of `picture` as uint8 pixels of `shape`, (H, W) grey or (H, W, 3) colour.

    What is transparent shows the grey level `ground` (before inverting). Pixels are averaged where the picture shrinks.
    """
    size = (shape[1], shape[0])
    flat = over(picture, ground).convert("L" if len(shape) == 2 else "RGB")
    shrinks = crop.width >= size[0] and crop.height >= size[1]
    sampling = Image.Resampling.BOX if shrinks else Image.Resampling.LANCZOS
    resized = np.asarray(flat.resize(size, sampling, box=_inside(crop, flat.size)), np.uint8)
    return 255 - resized if invert else resized.copy()


def _inside(crop: Crop, size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top, right, bottom = crop.box
    return max(0.0, left), max(0.0, top), min(float(size[0]), right), min(float(size[1]), bottom)
