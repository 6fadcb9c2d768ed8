"""What depends on the number of images seen: the learning rate and the order of the data."""

import numpy as np
from numpy.typing import NDArray

WARM_UP_IMAGES = 10_000


def learning_rate(peak: float, seen: int, target: int, decay: float) -> float:
    """Rate after `seen` of `target` images: rising over the first images, constant, then falling linearly to 0.

    `decay` is the share of the images over which it falls.
    """
    rise = min(1.0, (seen + 1) / min(WARM_UP_IMAGES, max(1, target // 10)))
    left = max(0, target - seen) / max(1, target)
    return peak * rise * (min(1.0, left / decay) if decay > 0 else 1.0)


def batch_indices(seed: int, seen: int, batch: int, size: int) -> NDArray[np.int64]:
    """Which of `size` images the batch after `seen` images holds; an epoch is a permutation keyed by (seed, epoch)."""
    positions = np.arange(seen, seen + batch)
    epochs = positions // size
    orders = {int(epoch): permutation(seed, int(epoch), size) for epoch in np.unique(epochs)}
    return np.array([orders[int(e)][p % size] for e, p in zip(epochs, positions, strict=True)])


_orders: dict[tuple[int, int, int], NDArray[np.int64]] = {}


def permutation(seed: int, epoch: int, size: int) -> NDArray[np.int64]:
    """Order of the data in `epoch`. The last few are kept."""
    key = (seed, epoch, size)
    if key not in _orders:
        while len(_orders) > 1:
            _orders.pop(next(iter(_orders)))
        _orders[key] = np.random.Generator(np.random.Philox(key=[seed, epoch])).permutation(size)
    return _orders[key]


def step_seed(seed: int, seen: int) -> int:
    """Seed of the random draws of the training step after `seen` images; steps share none."""
    return int(np.random.SeedSequence([seed, seen]).generate_state(1, np.uint64)[0] >> np.uint64(1))
