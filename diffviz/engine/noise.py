"""Noise drawn on the CPU from a counter keyed by (seed, sample, step): the same in any batch and on any device.

The forward and the reverse process draw from streams of their own: a reverse run that starts at a forward run's x_t
with the same seed must not be given the very noise that made that x_t.
"""

from __future__ import annotations

import numpy as np

from diffviz.domain.arrays import F32

START = 1 << 32
"""The step of x_T itself."""
REVERSE, FORWARD, OBJECTIVE = 0, 1, 2


def step_of(t: float) -> int:
    """The step that noise at time `t` is drawn for: t itself where it is whole, else its bits."""
    return int(t) if t == int(t) else int(np.float64(t).view(np.int64))


def normal(seed: int, sample: int, step: int, shape: tuple[int, ...], stream: int = REVERSE) -> F32:
    """Standard normal values of `shape` for step `step` of sample `sample`; `START` is the step of x_T itself."""
    bits = np.random.Philox(key=[seed, sample], counter=[0, 0, stream, step])
    return np.random.Generator(bits).standard_normal(shape, np.float32)


def normals(seed: int, samples: int, step: int, shape: tuple[int, ...], stream: int = REVERSE, first: int = 0) -> F32:
    """`normal` for `samples` samples from number `first` on, stacked."""
    out = np.empty((samples, *shape), np.float32)
    for at in range(samples):
        out[at] = normal(seed, first + at, step, shape, stream)
    return out
