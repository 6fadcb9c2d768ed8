"""Few colours for many pixels: those that matter most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32, U8
from diffviz.export.colours import BUSY, Quantizer, apart, calm, nearest_of

RNG = np.random.default_rng(0)


def equal(seen: NDArray[np.intp]) -> F32:
    return np.ones(len(seen), np.float32)


def error(pixels: U8, table: U8) -> float:
    return float(np.sqrt(apart(table[nearest_of(pixels, table)], pixels).mean()))


def noise(count: int) -> U8:
    return RNG.integers(0, 256, (count, 3), dtype=np.uint8)


def ramp() -> U8:
    y, x = np.mgrid[0:48, 0:48]
    return np.stack([x * 5, y * 5, x + y], -1).reshape(-1, 3).astype(np.uint8)


def test_few_colours_are_exact() -> None:
    pixels = np.repeat(noise(200), 9, axis=0)
    assert error(pixels, Quantizer(208).choose(pixels, equal)) == 0


def test_colours_follow_what_changes() -> None:
    """Chosen for noise, then for a ramp, frame by frame: soon they serve it as well as those chosen for it alone."""
    quantizer = Quantizer(64)
    quantizer.choose(noise(4000), equal)
    for _ in range(12):
        table = quantizer.choose(ramp(), equal)
    assert error(ramp(), table) < 1.1 * error(ramp(), Quantizer(64).choose(ramp(), equal))


def test_pixels_have_colours_as_they_weigh() -> None:
    both = np.concatenate([ramp(), noise(len(ramp()))])
    found = []
    for weight in (1.0, 100.0):
        weights = np.where(np.arange(len(both)) < len(ramp()), weight, 1.0).astype(np.float32)
        quantizer = Quantizer(128)
        for _ in range(6):
            table = quantizer.choose(both, weights.take)
        found.append(error(ramp(), table))
    assert found[1] < 0.8 * found[0]


def test_the_same_pixels_have_the_same_colours() -> None:
    pixels = noise(20_000)
    tables = [Quantizer(99).choose(pixels, equal) for _ in range(2)]
    assert np.array_equal(tables[0], tables[1])


def test_an_error_counts_less_in_noise_than_in_a_smooth_part() -> None:
    smooth, noisy = ramp().reshape(1, 48, 48, 3), noise(48 * 48).reshape(1, 48, 48, 3)
    images = np.concatenate([smooth, noisy])
    weights = calm(images, np.arange(2 * 48 * 48))
    assert weights[: 48 * 48].min() > 2 * weights[48 * 48 :].mean()
    flat = np.full((2, 1, 1, 3), 9, np.uint8)
    assert calm(flat, np.arange(2)).tolist() == [1 / BUSY, 1 / BUSY]
