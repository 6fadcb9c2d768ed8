"""What a training does when: learning rate, averaging and data order, each a function of how far it has come.

Nothing here has state, so a resumed training continues exactly.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray

from diffviz.domain.training import Train

FLOOR = 0.005


def learning_rate(seen: int, target: float, settings: Train) -> float:
    """Learning rate after `seen` of `target` images (inf: not known yet): linear warm-up, constant, then half a cosine.

    Warm-up is at most a tenth of the target; the fall starts at `settings.hold` and ends at 0.5 % of the rate.
    """
    warm_up = min(settings.warm_up, target / 10)
    rise = min(1.0, (seen + settings.batch) / (warm_up + settings.batch))
    progress = seen / target
    fall = max(0.0, progress - settings.hold) / max(1e-9, 1 - settings.hold)
    cosine = 0.5 + 0.5 * math.cos(math.pi * min(1.0, fall))
    return settings.learning_rate * rise * max(FLOOR, cosine)


def ema_decay(step: int, decay: float) -> float:
    """Decay of the running average at `step` (0 is the first): min(decay, (1 + n)/(10 + n)), so that it forgets its start."""
    return min(decay, (1 + step) / (10 + step))


def order(seed: int, seen: int, count: int, size: int) -> NDArray[np.int64]:
    """Indices of the next `count` of `size` images after `seen`: every epoch is a permutation of its own."""
    positions = np.arange(seen, seen + count)
    epochs = positions // size
    shuffled = {int(e): np.random.default_rng((seed, int(e))).permutation(size) for e in np.unique(epochs)}
    return np.array([shuffled[int(e)][p % size] for e, p in zip(epochs, positions, strict=True)], np.int64)


def generator_at(seed: int, seen: int) -> torch.Generator:
    """The random numbers of the step that starts after `seen` images; on the CPU, so that devices agree."""
    state = np.random.SeedSequence((seed, seen)).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state >> np.uint64(1)))
