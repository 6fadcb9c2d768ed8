"""Runs made by hand: frames of known numbers in a real store, no engine."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from diffviz.domain.arrays import F32
from diffviz.domain.frames import ForwardFrame, Frame, ReverseFrame
from diffviz.domain.requests import ForwardRequest, Image, Plan, Request, ReverseRequest, Step, digest
from diffviz.domain.sampling import Cosine, Ddim
from diffviz.domain.store import FrameStore
from diffviz.session.run import Run
from diffviz.theory.processes import VariancePreserving
from diffviz.theory.schedules import NoiseSchedule
from diffviz.ui.widgets.view import Shown

Shape = tuple[int, int, int]
GREY: Shape = (1, 28, 28)
SCHEDULE = NoiseSchedule.from_settings(Cosine(timesteps=100))
VISITED = (100.0, 60.0, 30.0, 0.0)


def noise(count: int, shape: Shape, seed: int = 0, scale: float = 1.0) -> F32:
    """Gaussian numbers (count, *shape)."""
    rng = np.random.default_rng(seed)
    return (scale * rng.standard_normal((count, *shape))).astype(np.float32)


def reverse_frame(t: float, count: int, shape: Shape, std: float = 0.0) -> ReverseFrame:
    """A frame of a reverse run with other numbers for every t."""
    at, seed = int(t), int(t)
    x, x0, eps = (noise(count, shape, 3 * seed + i) for i in range(3))
    return ReverseFrame(t, float(SCHEDULE.alpha[at]), float(SCHEDULE.sigma[at]), std, x, np.clip(x0, -1, 1), eps)


def forward_frame(t: float, x0: F32, *, chain: bool = True, model: bool = False) -> ForwardFrame:
    """A frame of a forward run from `x0`: x_t has its exact marginal."""
    at = int(t)
    alpha, sigma = float(SCHEDULE.alpha[at]), float(SCHEDULE.sigma[at])
    eps = noise(len(x0), x0.shape[1:], 7)
    return ForwardFrame(
        t,
        alpha,
        sigma,
        (alpha * x0 + sigma * eps).astype(np.float32),
        eps,
        float(SCHEDULE.beta[at]),
        noise(len(x0), x0.shape[1:], at + 1) if chain else None,
        x0 * 0.5 if model else None,
        eps * 0.9 if model else None,
        np.linspace(0.1, 0.4, len(x0), dtype=np.float32) if model else None,
    )


def run_of(frames: Sequence[Frame], request: Request, positions: Sequence[float] = VISITED, run_id: int = 1) -> Run:
    """A run that plans `positions` and has `frames`."""
    store = FrameStore()
    for frame in frames:
        store.append(frame)
    return Run(run_id, "toy", request, Plan(0.0, 100.0, tuple(positions), 0, 0), store)


def reverse_run(count: int = 4, shape: Shape = GREY, *, eta: float = 0.0, std: float = 0.0, run_id: int = 1) -> Run:
    """A finished DDIM run of four frames."""
    request = ReverseRequest(model="toy", sampler=Ddim(eta=eta), samples=count)
    frames = [reverse_frame(t, count, shape, std if t else 0.0) for t in VISITED]
    return run_of(frames, request, run_id=run_id)


def restored_run(samples: int = 8, pictures: int = 3) -> tuple[Run, Shown]:
    """A run that restored `pictures`, sample i being of picture i modulo their number, and what shows it at t = 60."""
    pixels = np.random.default_rng(8).integers(0, 256, (pictures, 28, 28), np.uint8)
    images = {digest(each): each for each in pixels}
    start = Step(ForwardRequest(start=Image(tuple(images))), 100.0)
    frames = [reverse_frame(t, samples, GREY) for t in VISITED]
    run = run_of(frames, ReverseRequest(model="toy", start=start, samples=samples))
    return run, dataclasses.replace(shown(run), images=images)


def forward_run(count: int = 4, shape: Shape = GREY, *, chain: bool = True, model: bool = False) -> Run:
    """A finished forward run of four frames from images of uniform numbers in [-1, 1]."""
    x0 = np.random.default_rng(5).uniform(-1, 1, (count, *shape)).astype(np.float32)
    positions = tuple(reversed(VISITED))
    frames = [forward_frame(t, x0, chain=chain, model=model) for t in positions]
    request = ForwardRequest(path="chain" if chain else "fixed", model="toy" if model else None)
    return run_of(frames, request, positions)


def shown(run: Run | None, cursor: float = 60.0) -> Shown:
    """What a view is handed."""
    return Shown(run, cursor, None, VariancePreserving(SCHEDULE))
