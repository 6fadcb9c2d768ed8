"""Made-up runs whose every pixel is known."""

from __future__ import annotations

import numpy as np

from diffviz.domain.about import About
from diffviz.domain.frames import Floats, ForwardFrame, Frame, ReverseFrame
from diffviz.domain.record import Record
from diffviz.domain.requests import ForwardRequest, Image, digest
from diffviz.domain.schedules import Linear
from diffviz.theory.plots import plots_of
from diffviz.theory.schedules import NoiseSchedule


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


def about_run() -> About:
    """Plots and a record, as of a run that starts from a picture of its own."""
    pixels = np.random.default_rng(6).integers(0, 256, (6, 6), dtype=np.uint8)
    request = ForwardRequest(start=Image((digest(pixels),), pixels.shape), seed=9)
    record = Record(request, {digest(pixels): pixels}, {"toy": "00ff"}, "cpu", {"diffviz": "0"})
    return About(plots_of(NoiseSchedule.from_settings(Linear(timesteps=40))), ("a", "b"), record)
