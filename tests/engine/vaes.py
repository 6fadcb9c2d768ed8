"""VAEs small enough for tests."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch

from diffviz.domain.likelihoods import Gaussian, Likelihood
from diffviz.domain.training import TrainVae
from diffviz.engine.datasets import TrainingSet

BATCH = 16


def blobs(count: int = 64, side: int = 12, seed: int = 0) -> TrainingSet:
    """A bright square at one of many places: two factors of variation."""
    rng = np.random.default_rng(seed)
    images = np.full((count, 1, side, side), 20, np.uint8)
    rows, columns = rng.integers(0, side - 4, (2, count))
    for image, row, column in zip(images, rows, columns, strict=True):
        image[0, row : row + 4, column : column + 4] = 220
    return TrainingSet("Blobs", images, (rows > side // 3).astype(np.int64), ("up", "down"), "here", "MIT")


def request(steps: int = 6, likelihood: Likelihood | None = None, **settings: object) -> TrainVae:
    made = TrainVae(images=steps * BATCH, batch=BATCH, width=8, learning_rate=3e-3, decay=0.0)
    chosen = {"likelihood": likelihood or Gaussian(), **settings}
    return dataclasses.replace(made, **chosen)  # type: ignore[arg-type]


def normals(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
