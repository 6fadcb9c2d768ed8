"""The forward process as a run of frames.

Numpy only: it runs before torch is loaded; a model's look comes in as a function.

The sample pictures nearest to an image, in pixels. Needs no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from diffviz.domain import cards, ideal, messages, samples
from diffviz.domain.arrays import F32, F64, U8
from diffviz.domain.errors import ImagesMissing, ImageWrongSize
from diffviz.domain.frames import ForwardFrame
from diffviz.domain.requests import ForwardRequest, Image, Plan, Request
from diffviz.theory import forward, statistics
from diffviz.theory.forward import FORWARD, START, normals, step_of
from diffviz.theory.processes import Process, process_in

KEPT_BYTES = 64 << 20

Look = Callable[[F32, float], tuple[F32, F32]]


def frames(
    request: ForwardRequest, materials: messages.RunInputs, plan: Plan, look: Look | None
) -> Iterator[ForwardFrame]:
    """x_t of every kept time from t = 0 up. `look(x, t)` gives a model's x̂0 and ε̂."""
    process = process_in(plan)
    times: Sequence[float] = plan.positions
    x0 = unit(pictures(request, materials)).astype(np.float64)
    if request.path == "chain":
        times = process.chain(times)
        steps = chain(x0, process, times, request.seed)
    else:
        steps = fixed(x0, process, times, request.seed)
    wanted = set(plan.positions)
    for t, instant in zip(times, steps, strict=True):
        if t in wanted:
            yield _frame(t, process, instant, look)


Instant = tuple[F64, F64, F64 | None]


def chain(x0: F64, process: Process, times: Sequence[float], seed: int) -> Iterator[Instant]:
    """x_t, ε̄_t and ε_t of the Markov chain at ascending `times` from 0, x_t = keep x_prev + √added ε_t.

    For every whole t of a noise schedule that is the paper's (Ho et al. 2020, eq. 2).
    """
    x, noise = x0, np.zeros_like(x0)
    yield x, noise, np.zeros_like(x0)
    walk = process.walk(times)
    weights = (walk.keep, walk.keep * walk.sigma_prev, np.sqrt(walk.added), walk.sigma)
    cached = process.whole and len(times) * x0.size * 4 <= KEPT_BYTES
    for t, keep, before, added, sigma in zip(times[1:], *(row.tolist() for row in weights), strict=True):
        eps = _drawn(seed, x0.shape, t, cached).astype(np.float64)
        x = keep * x + added * eps
        noise = forward.combine(noise, eps, before, added, sigma)
        yield x, noise, eps


def fixed(x0: F64, process: Process, times: Sequence[float], seed: int) -> Iterator[Instant]:
    """x_t in closed form with one ε for all times (Ho et al. 2020, eq. 4): right marginals, not a path of the chain."""
    eps = normals(seed, len(x0), START, x0.shape[1:], FORWARD).astype(np.float64)
    for t in times:
        alpha, sigma = process.at(t)
        yield alpha * x0 + sigma * eps, eps, None


def _drawn(seed: int, shape: tuple[int, ...], t: float, keep: bool) -> F32:
    """ε_t of shape (N, C, H, W); drawn anew unless it is to `keep`, and then asked for in the order t = 1, 2, …"""
    if not keep:
        return normals(seed, shape[0], step_of(t), shape[1:], FORWARD)
    kept_draws = draws(seed, shape)
    if t > len(kept_draws):
        kept_draws.append(normals(seed, shape[0], int(t), shape[1:], FORWARD))
    return kept_draws[int(t) - 1]


@lru_cache(maxsize=1)
def draws(seed: int, shape: tuple[int, ...]) -> list[F32]:
    """ε_1, ε_2, … drawn so far. Kept for the last request: they do not depend on the schedule that is being dragged."""
    del seed, shape
    return []


def pictures(request: Request, materials: messages.RunInputs) -> U8:
    """The request's pixels, (N, H, W) or (N, H, W, 3). Raises `ImagesMissing`, `ImageWrongSize`."""
    names = request.start.sha256 if isinstance(request.start, Image) else ()
    missing = [name for name in names if name not in materials.images]
    if missing or not names:
        raise ImagesMissing(max(1, len(missing)))
    found = [materials.images[name] for name in names]
    wrong = next((p.shape for p in found if p.shape != found[0].shape), None)
    if wrong:
        raise ImageWrongSize(wrong, found[0].shape)
    return np.stack(found)


def fitting(request: Request, materials: messages.RunInputs, card: cards.Card) -> F32:
    """The request's pictures in [-1, 1], (N, C, H, W). Raises `ImagesMissing`, and `ImageWrongSize` for `card`."""
    pixels = pictures(request, materials)
    x0 = unit(pixels)
    if x0.shape[1:] != card.shape:
        raise ImageWrongSize(pixels.shape[1:], card.pixels)
    return x0


def unit(pixels: U8) -> F32:
    """(N, H, W) or (N, H, W, 3) of 0 … 255 to (N, C, H, W) of −1 … 1."""
    channels = pixels[:, None] if pixels.ndim == 3 else pixels.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(channels, np.float32) / np.float32(127.5) - np.float32(1)


def _frame(t: float, process: Process, instant: Instant, look: Look | None) -> ForwardFrame:
    (x, noise, step_noise), (alpha, sigma) = instant, process.at(t)
    low = x.astype(np.float32)
    x0_hat, eps_hat = look(low, t) if look else (None, None)
    return ForwardFrame(
        position=t,
        alpha=alpha,
        sigma=sigma,
        beta=process.beta(t),
        x=_fixed(low),
        noise=_fixed(noise.astype(np.float32)),
        step_noise=None if step_noise is None else _fixed(step_noise.astype(np.float32)),
        x0_hat=x0_hat,
        eps_hat=eps_hat,
        loss=None if eps_hat is None else _loss(eps_hat, noise, t),
    )


def _loss(eps_hat: F32, noise: F64, t: float) -> F32:
    """Mean squared error of ε̂ for each sample (Ho et al. 2020, eq. 14); nan at t = 0, where nothing was added."""
    error = np.mean((eps_hat - noise) ** 2, axis=(1, 2, 3)) if t else np.full(len(noise), np.nan)
    return _fixed(error.astype(np.float32))


def _fixed(array: F32) -> F32:
    array.flags.writeable = False
    return array


def answer(query: ideal.NearestImage) -> ideal.NearestFound:
    """The neighbours that `query` asks for. Raises `DataUnsuitable` without the data set, `ImageWrongSize`."""
    known, shape = kept(query.dataset, query.part)
    if query.images.shape[1:] != shape:
        raise ImageWrongSize(query.images.shape[1:], shape)
    flat = query.images.reshape(len(query.images), -1)
    rows = known.rows(flat)
    distance = known.distances(flat, rows) / np.sqrt(flat.shape[1])
    return ideal.NearestFound(
        distance.astype(np.float32), rows, known.points[rows].reshape(-1, *shape), len(known), query.key
    )


@lru_cache(maxsize=3)
def kept(dataset: str, part: str) -> tuple[statistics.Nearest, tuple[int, ...]]:
    """The pictures of `part`, and the shape (C, H, W) of one; 31 MB for 10,000 of 28 × 28."""
    images = unit(samples.load(dataset, part).images)
    return statistics.Nearest(images.reshape(len(images), -1)), images.shape[1:]
