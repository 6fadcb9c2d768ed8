"""The sample pictures nearest to an image, in pixels. Needs no torch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from diffviz.domain import samples
from diffviz.domain.errors import ImageWrongSize
from diffviz.domain.ideal import NearestFound, NearestImage
from diffviz.engine.families.forward import unit
from diffviz.theory.statistics import Nearest


def answer(query: NearestImage) -> NearestFound:
    """The neighbours that `query` asks for. Raises `DataUnsuitable` without the data set, `ImageWrongSize`."""
    known, shape = kept(query.dataset, query.part)
    if query.images.shape[1:] != shape:
        raise ImageWrongSize(query.images.shape[1:], shape)
    flat = query.images.reshape(len(query.images), -1)
    rows = known.rows(flat)
    distance = known.distances(flat, rows) / np.sqrt(flat.shape[1])
    return NearestFound(
        distance.astype(np.float32), rows, known.points[rows].reshape(-1, *shape), len(known), query.key
    )


@lru_cache(maxsize=3)
def kept(dataset: str, part: str) -> tuple[Nearest, tuple[int, ...]]:
    """The pictures of `part`, and the shape (C, H, W) of one; 31 MB for 10,000 of 28 × 28."""
    images = unit(samples.load(dataset, part).images)
    return Nearest(images.reshape(len(images), -1)), images.shape[1:]
