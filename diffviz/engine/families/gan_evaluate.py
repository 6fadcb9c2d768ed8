"""Looks at a GAN between two steps: its frame, on fresh held-out data and fresh samples. Training is left as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from diffviz.domain.arrays import F32
from diffviz.domain.gan import GRID, SHOWN_IMAGES, SHOWN_POINTS, GanFrame, planar
from diffviz.engine.families import gan_data
from diffviz.engine.families.gan_data import PointSource, generator
from diffviz.engine.families.gan_trainer import Trainer
from diffviz.engine.tensors import array
from diffviz.theory.gan_distance import accuracy, distance, fitted_threshold, grid_points
from diffviz.theory.gan_distributions import coverage

Classify = Callable[[F32], F32]
POINTS, POINTS_JUDGED = 4096, 1000
IMAGES = 400
NONE: F32 = np.zeros(0, np.float32)


def look(trainer: Trainer, classify: Classify | None = None) -> GanFrame:
    """The frame of `trainer` as it stands; `classify` counts generated images (N, C, H, W) by class."""
    with _evaluating(trainer), torch.no_grad():
        samples = _samples(trainer)
        plane = _plane(trainer, samples) if isinstance(trainer.source, PointSource) else _images(samples, classify)
        return GanFrame(
            trainer.position,
            loss_d=_fixed(list(trainer.losses_d)),
            loss_g=_fixed(list(trainer.losses_g)),
            updated=float(trainer.updated),
            **_judged(trainer, samples),
            **_shown(trainer),
            **plane,
        )


def judge(trainer: Trainer, x: F32) -> F32:
    """What D says of `x` (N, …), as it is shown."""
    with _evaluating(trainer), torch.no_grad():
        return array(_said(trainer, torch.from_numpy(np.array(x, np.float32)).to(trainer.device)))


def _samples(trainer: Trainer) -> Tensor:
    count = POINTS if isinstance(trainer.source, PointSource) else IMAGES
    found: Tensor = trainer.average(trainer.latents(count, _random(trainer, gan_data.FRESH)))
    return found


def _judged(trainer: Trainer, samples: Tensor) -> dict[str, Any]:
    """Accuracy on held-out data and on the first of `samples`; a threshold is fitted on others than it is tried on."""
    count = POINTS_JUDGED if isinstance(trainer.source, PointSource) else IMAGES
    real = trainer.source.held_out(count, _random(trainer, gan_data.HELD_OUT)).to(trainer.device)
    d_real, d_fake = array(_said(trainer, real)), array(_said(trainer, samples[:count]))
    threshold = trainer.loss.threshold
    if threshold is None:
        threshold = fitted_threshold(d_real[::2], d_fake[::2])
        d_real, d_fake = d_real[1::2], d_fake[1::2]
    found = accuracy(d_real, d_fake, threshold)
    return {
        "accuracy_real": found.real,
        "accuracy_fake": found.fake,
        "accuracy": found.overall,
        "low": found.low,
        "high": found.high,
        "threshold": threshold,
    }


def _shown(trainer: Trainer) -> dict[str, Any]:
    """The samples shown, the same data and the same z in every frame, and what D says and does to them."""
    plane, seed = isinstance(trainer.source, PointSource), trainer.request.seed
    count = SHOWN_POINTS if plane else SHOWN_IMAGES
    real = trainer.source.held_out(count, generator(seed, 0, gan_data.SHOWN_REAL)).to(trainer.device)
    fake = trainer.average(trainer.latents(count, generator(seed, 0, gan_data.SHOWN_FAKE)))
    gradient = _gradient(trainer, fake)
    return {
        "real": array(real),
        "fake": array(fake),
        "d_real": array(_said(trainer, real)),
        "d_fake": array(_said(trainer, fake)),
        "gradient": float(np.linalg.norm(gradient.reshape(count, -1), axis=1).mean()),
        "arrows": _fixed(-gradient) if plane else None,
    }


def _gradient(trainer: Trainer, fake: Tensor) -> F32:
    """∂L_G/∂x at each of the generated samples, for the loss of one sample."""
    with torch.enable_grad():
        x = fake.detach().requires_grad_()
        [gradient] = torch.autograd.grad(trainer.loss.g(trainer.d(x).flatten()).sum(), x)
    return array(gradient)


def _plane(trainer: Trainer, samples: Tensor) -> dict[str, Any]:
    assert isinstance(trainer.source, PointSource)
    points, modes = samples.numpy(), trainer.source.modes
    found, spread = distance(modes.mixture, points), coverage(points, modes)
    grid = torch.from_numpy(grid_points().astype(np.float32))
    return {
        "tv": found.tv,
        "js": found.js,
        "best": found.best,
        "quality": spread.quality,
        "covered": float(spread.covered),
        "per_mode": _fixed(spread.per_mode),
        "surface": _fixed(array(_said(trainer, grid)).reshape(GRID, GRID)),
        "density": _fixed(found.density),
    }


def _images(samples: Tensor, classify: Classify | None) -> dict[str, Any]:
    unknown = dict.fromkeys(("tv", "js", "best", "quality", "covered"), float("nan"))
    return {**unknown, "per_mode": NONE if classify is None else _fixed(classify(array(samples)))}


def _said(trainer: Trainer, x: Tensor) -> Tensor:
    return trainer.loss.shown(trainer.d(x).flatten())


def _random(trainer: Trainer, part: int) -> torch.Generator:
    """Random values of this evaluation alone; those before and after an update of D are not the same."""
    return generator(trainer.request.seed, int(2 * trainer.position), (1 << 15) | part)


@contextmanager
def _evaluating(trainer: Trainer) -> Iterator[None]:
    """Neither averages of batches nor estimates of norms move while one looks."""
    if planar(trainer.request) and not trainer.request.spectral_norm:
        yield  # there are none
        return
    trainer.average.eval()
    trainer.d.eval()
    try:
        yield
    finally:
        trainer.d.train()
        trainer.g.train()


def _fixed(values: Any) -> F32:
    fixed = np.array(values, np.float32)
    fixed.flags.writeable = False
    return fixed
