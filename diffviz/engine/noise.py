"""Noise drawn on the CPU from a counter keyed by (seed, sample, step): the same in any batch and on any device."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

START = 1 << 32


def normal(seed: int, sample: int, step: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Standard normal values of `shape` for step `step` of sample `sample`; `START` is the step of x_T itself."""
    bits = np.random.Philox(key=[seed, sample], counter=[0, 0, 0, step])
    return np.random.Generator(bits).standard_normal(shape, np.float32)


def normals(seed: int, samples: int, step: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """`normal` for samples 0 … `samples` − 1, stacked."""
    out = np.empty((samples, *shape), np.float32)
    for sample in range(samples):
        out[sample] = normal(seed, sample, step, shape)
    return out
