"""From float arrays to pictures: one conversion per array, one buffer that stays alive behind its images."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from diffviz.domain.panes import Range

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


def measured_range(images: Floats) -> Range:
    """Smallest and largest finite value; a range of one value is widened around it."""
    low, high = float(np.min(images)), float(np.max(images))
    if not math.isfinite(low) or not math.isfinite(high):
        finite = images[np.isfinite(images)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (-1.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def shrinking(scale: float) -> int:
    """By how much images are averaged down before they are drawn at `scale`: the painter halves well, not more."""
    return max(1, math.floor(1 / scale + 1e-6)) if scale < 1 else 1


def shrunk(images: Floats, by: int) -> Floats:
    """Means over blocks of `by` × `by` pixels of (N, C, H, W); what is left over at the edges is dropped."""
    if by == 1:
        return images
    height, width = images.shape[2] // by, images.shape[3] // by
    blocks = images[:, :, : height * by, : width * by].reshape(*images.shape[:2], height, by, width, by)
    mean: Floats = blocks.mean((3, 5))
    return mean


def grey_levels(images: Floats, value_range: Range) -> Bytes:
    """(N, C, H, W) as contiguous uint8 (N, H, W) for grey and (N, H, W, 3) for colour; values outside are clipped.

    With neither one nor three channels the first is shown.
    """
    low, high = value_range
    factor = np.float32(255 / (high - low))
    scaled = (images if images.shape[1] == 3 else images[:, :1]) * factor
    scaled += np.float32(0.5 - low * 255 / (high - low))
    np.nan_to_num(scaled, copy=False)
    np.clip(scaled, 0, 255, out=scaled)
    levels = scaled.astype(np.uint8)
    return np.ascontiguousarray(levels.transpose(0, 2, 3, 1)) if levels.shape[1] == 3 else levels[:, 0]


class Atlas:
    """The pictures of one array (N, C, H, W): `images[i]` is sample i. They share one buffer, kept here."""

    def __init__(self, images: Floats, value_range: Range, shrink: int = 1) -> None:
        self.value_range = value_range
        self._buffer = grey_levels(shrunk(images, shrink), value_range)
        height, width = self._buffer.shape[1:3]
        colour = self._buffer.ndim == 4
        kind = QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
        stride = width * (3 if colour else 1)
        self.images = [QImage(levels.data, width, height, stride, kind) for levels in self._buffer]
