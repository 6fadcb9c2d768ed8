"""What the data of a training look like, before there is a run."""

from __future__ import annotations

import numpy as np

from diffviz.domain import samples
from diffviz.domain.arrays import F32
from diffviz.domain.errors import DiffvizError
from diffviz.domain.gan import Drawn, GanRequest, Pictures
from diffviz.theory.gan.distributions import mixture_of

POINTS, IMAGES = 400, 36


def real_of(request: GanRequest) -> F32:
    """Some of the data: points (N, 2), or images (N, C, H, W) of −1 … 1; none where there are none."""
    data = request.data
    if isinstance(data, Pictures):
        return _images(data)
    if isinstance(data, Drawn) and not data.points:
        return np.empty((0, 2), np.float32)
    return mixture_of(data).sample(POINTS, np.random.default_rng(request.seed)).astype(np.float32)


def _images(data: Pictures) -> F32:
    try:
        known = samples.load(data.dataset)
    except DiffvizError:
        return np.empty((0, 1, 28, 28), np.float32)
    pixels = known.images[list(known.one_of_each(IMAGES))]
    channels = pixels[:, None] if pixels.ndim == 3 else pixels.transpose(0, 3, 1, 2)
    return channels.astype(np.float32) / np.float32(127.5) - 1
