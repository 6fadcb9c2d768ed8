"""The sample picture nearest to an image, in pixels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from diffviz.domain import samples
from diffviz.domain.errors import ImageWrongSize
from diffviz.domain.ideal import NearestFound, NearestImage
from diffviz.engine.families.forward import unit
from diffviz.theory import statistics

Floats = NDArray[np.float32]


def answer(query: NearestImage) -> NearestFound:
    """The neighbours that `query` asks for. Raises `DataUnsuitable` without the data set, `ImageWrongSize`."""
    known = _known(query.dataset)
    if query.images.shape[1:] != known.shape[1:]:
        raise ImageWrongSize(query.images.shape[1:], known.shape[1:])
    flat, others = query.images.reshape(len(query.images), -1), known.reshape(len(known), -1)
    rows = statistics.nearest_rows(flat, others)
    distance = np.sqrt(np.mean((flat - others[rows]) ** 2, axis=1))
    return NearestFound(distance.astype(np.float32), rows, known[rows], len(known), query.key)


@lru_cache(maxsize=2)
def _known(dataset: str) -> Floats:
    return unit(samples.load(dataset).images)
