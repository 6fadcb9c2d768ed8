"""Made-up runs whose every pixel is known."""

from __future__ import annotations

import numpy as np

from diffviz.domain.arrays import F32
from diffviz.domain.frames import ForwardFrame, Frame, ReverseFrame
from diffviz.domain.planar import ARROWS, CELLS, PlanarFrame
from diffviz.domain.plots import Plot, PlotData, drawable
from diffviz.domain.provenance import Record
from diffviz.domain.requests import ForwardRequest, Image, ReverseRequest, Step, digest
from diffviz.domain.sampling import Linear, Schedule
from diffviz.export.run_info import RunInfo
from diffviz.families import diffusion
from diffviz.theory.processes import process_of


def clean(samples: int = 2, channels: int = 1, size: int = 6) -> F32:
    """Images (N, C, H, W) whose values are all exact 8-bit levels."""
    count = samples * channels * size * size
    levels = np.random.default_rng(3).integers(0, 256, count)
    values: F32 = (levels / np.float32(127.5) - 1).astype(np.float32)
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
    return [ForwardFrame(float(t), 1.0, 0.1 * t, x0 + np.float32(0.1 * t) * noise, noise, 0.1) for t in range(count)]


def restored_run(pictures: int = 3, copies: int = 2, channels: int = 1) -> tuple[list[Frame], RunInfo]:
    """The end of a run that restored pictures several times, sample i being of picture i modulo their number.

    Every sample is of one grey of its own, and so is every original.
    """
    shape = (4, 4) if channels == 1 else (4, 4, 3)
    pixels = [np.full(shape, 200 + i, np.uint8) for i in range(pictures)]
    names = tuple(digest(each) for each in pixels)
    request = ReverseRequest(start=Step(ForwardRequest(start=Image(names, shape)), 10.0), samples=pictures * copies)
    greys = np.arange(pictures * copies, dtype=np.float32)[:, None, None, None] / np.float32(127.5) - np.float32(1)
    x = np.broadcast_to(greys, (pictures * copies, channels, 4, 4)).astype(np.float32)
    frames: list[Frame] = [ReverseFrame(t, 1.0, t / 10, 0.0, x, x, x) for t in (10.0, 0.0)]
    return frames, RunInfo(record=Record(request, dict(zip(names, pixels, strict=True))))


def planar_run(x: tuple[float, float] = (1.0, -2.0), learnt: bool = True) -> list[Frame]:
    """Frames from t = 20 down to 0: one particle at `x`, the network's at −`x`; the density is all in the upper right.

    The exact score points right everywhere, the network's left; of the last frame the latter is not known.
    """
    density = np.zeros((CELLS, CELLS), np.float32)
    density[CELLS // 2 :, CELLS // 2 :] = 1.0
    right = np.tile(np.array([9.0, 0.0], np.float32), (ARROWS, ARROWS, 1))
    frames: list[Frame] = []
    for t in (20.0, 10.0, 0.0):
        at = np.array([x], np.float32)
        other = {"learnt_x": -at, "learnt_x0": -at, "learnt_eps": -at, "learnt_score": -right if t else np.nan * right}
        field = PlanarFrame(
            t, (1 - (t / 20) ** 2) ** 0.5, t / 20, 0.0, at, at, at, right, density, 0.5, **(other if learnt else {})
        )
        frames.append(field)
    return frames


def schedule_plots(settings: Schedule) -> tuple[Plot, ...]:
    """The plots of the process of `settings`."""
    return drawable(diffusion.plots(PlotData(process_of(settings))))


def about_run() -> RunInfo:
    """Plots and a record, as of a run that starts from a picture of its own."""
    pixels = np.random.default_rng(6).integers(0, 256, (6, 6), dtype=np.uint8)
    request = ForwardRequest(start=Image((digest(pixels),), pixels.shape), seed=9)
    record = Record(request, {digest(pixels): pixels}, {"toy": "00ff"}, "cpu", {"diffviz": "0"})
    return RunInfo(schedule_plots(Linear(timesteps=40)), ("a", "b"), record)
