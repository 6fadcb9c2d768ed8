"""A frame's pixels for statistics: all of them where they are few, else every k-th, always the same ones."""

from __future__ import annotations

import math

import numpy as np

from diffviz.domain.arrays import F32

LIMIT = 200_000


def channels(images: F32, limit: int = LIMIT) -> tuple[F32, ...]:
    """Values of each channel of (N, C, H, W), flat, `limit` of them together at most.

    Where they are thinned out, the stride shares no factor with the image's width, so that every column is met.
    """
    count = images.shape[1]
    per_channel = images.size // count
    stride = coprime_stride(math.ceil(images.size / limit), images.shape[3])
    if stride == 1:
        return tuple(images[:, channel].ravel() for channel in range(count))
    picked = np.arange(0, per_channel, stride)
    plane = images.shape[2] * images.shape[3]
    sample, pixel = np.divmod(picked, plane)
    row, column = np.divmod(pixel, images.shape[3])
    return tuple(images[sample, channel, row, column] for channel in range(count))


def coprime_stride(stride: int, width: int) -> int:
    """The smallest number from `stride` on without a factor in common with `width`."""
    return 1 if stride <= 1 else next(k for k in range(stride, stride + width + 1) if math.gcd(k, width) == 1)


def moments(images: F32) -> tuple[float, float]:
    """Mean and variance of the values of (N, C, H, W), thinned out alike for equal shapes."""
    values = np.concatenate(channels(images))
    return float(values.mean(dtype=np.float64)), float(values.var(dtype=np.float64))
