"""Made-up runs whose every pixel is known."""

from __future__ import annotations

import numpy as np

from diffviz.domain.frames import Floats, ForwardFrame, Frame, ReverseFrame


def clean(samples: int = 2, channels: int = 1, size: int = 6) -> Floats:
    """Images (N, C, H, W) whose values are all exact 8-bit levels."""
    count = samples * channels * size * size
    levels = np.random.default_rng(3).integers(0, 256, count)
    values: Floats = (levels / np.float32(127.5) - 1).astype(np.float32)
    return values.reshape(samples, channels, size, size)


def reverse_run(count: int = 5, samples: int = 2, channels: int = 1, size: int = 6) -> list[Frame]:
    """Frames from t = 10 · (count − 1) down to 0, from noise to `clean`."""
    x0 = clean(samples, channels, size)
    noise = np.random.default_rng(4).standard_normal(x0.shape).astype(np.float32)
    frames: list[Frame] = []
    for i in reversed(range(count)):
        sigma = np.float32(i / max(1, count - 1))
        x = x0 if i == 0 else (1 - sigma) * x0 + sigma * noise
        frames.append(ReverseFrame(10.0 * i, float(1 - sigma), float(sigma), 0.0, x, x0, noise))
    return frames


def forward_run(count: int = 4) -> list[Frame]:
    """Frames from t = 0 up, without a model."""
    x0 = clean()
    noise = np.random.default_rng(5).standard_normal(x0.shape).astype(np.float32)
    return [ForwardFrame(float(t), 1.0, 0.1 * t, 0.1, x0 + np.float32(0.1 * t) * noise, noise) for t in range(count)]
