"""Questions on the sample pictures: what the ideal denoiser makes of x_t, and which training picture is nearest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32
from diffviz.domain.queries import Query
from diffviz.domain.requests import ALL_IMAGES, TRAIN


@dataclass(frozen=True, slots=True, eq=False)
class NearestImage(Query):
    """The picture of sample data set `dataset` nearest to each of `images`, float32 (N, C, H, W) in [-1, 1], in pixels.

    `part` of the data is asked, the training pictures or the test pictures. `key` comes back in the answer.
    """

    dataset: str
    images: F32
    part: str = TRAIN
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class NearestFound:
    """Answer to `NearestImage`.

    `distance` (N,) is the root mean square difference over the values of a picture, in the data range −1 … 1; `number`
    (N,) counts the pictures of the part; `images` (N, C, H, W) are those pictures; `count` is how many there are.
    """

    distance: F32
    number: NDArray[np.int64]
    images: F32
    count: int
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class AskIdeal(Query):
    """E[x_0 | x_t = `x`] of `count` pictures of `part` of data set `dataset`, of class `label` where not None.

    `x` is float32 (C, H, W), x_t = `alpha` x_0 + `sigma` ε. `estimate` is what a network makes of it, in the same
    shape, where there is one. `key` comes back in the answer.
    """

    dataset: str
    x: F32
    alpha: float
    sigma: float
    part: str = TRAIN
    count: int = ALL_IMAGES
    label: int | None = None
    estimate: F32 | None = None
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class IdealFound:
    """Answer to `AskIdeal`.

    `mean` (C, H, W) is x itself where sigma is 0. `known` counts the pictures that it is the mean over. `estimate`
    says which of the training pictures is nearest to the network's estimate, `ideal` which is nearest to `mean`: their
    arrays are of one picture, and `estimate` is None where there was none.
    """

    mean: F32
    known: int
    ideal: NearestFound
    estimate: NearestFound | None
    key: tuple[object, ...] = ()
