"""Where a GAN's batches come from: the known mixture of a planar run, or the images of a data set.

Every draw is keyed by (seed, step, part), so that a training step is the same however one came to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

import numpy as np
import torch
from torch import Tensor

from diffviz.domain import gan, samples
from diffviz.domain.arrays import U8
from diffviz.engine import datasets
from diffviz.engine.datasets.part import check_least
from diffviz.theory.gan_distributions import Modes, modes_of

REAL, LATENT, MIX, HELD_OUT, FRESH, SHOWN_REAL, SHOWN_FAKE = range(7)
G_TURN = 1 << 10
SMALLEST = 4  # images are halved twice
MASK = (1 << 64) - 1


def generator(seed: int, step: int, part: int) -> torch.Generator:
    """A source of random values of its own for `part` of `step`."""
    key = ((seed << 44) ^ (step << 16) ^ part) & MASK
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # splitmix64 (Steele et al. 2014)
        key = ((key ^ (key >> shift)) * factor) & MASK
    return torch.Generator().manual_seed((key ^ (key >> 31)) & 0xFFFFFFFF)  # the Mersenne twister takes 32 bits


class BatchSource(Protocol):
    """Real samples: `shape` of one, a training batch and a held-out one, drawn by a generator."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(2,) or (C, H, W)."""

    def batch(self, count: int, random: torch.Generator) -> Tensor:
        """`count` samples to train on."""

    def held_out(self, count: int, random: torch.Generator) -> Tensor:
        """`count` samples that are not trained on."""


class PointSource:
    """Draws from a known mixture: every one is fresh."""

    shape: tuple[int, ...] = (2,)

    def __init__(self, modes: Modes) -> None:
        self.modes = modes
        self._means = torch.from_numpy(modes.mixture.means.astype(np.float32))
        self._stds = torch.from_numpy(modes.mixture.stds.astype(np.float32))[:, None]

    def batch(self, count: int, random: torch.Generator) -> Tensor:
        """`count` draws (count, 2). Components are equally likely."""
        which = torch.randint(len(self._means), (count,), generator=random)
        return self._means[which] + self._stds[which] * torch.randn(count, 2, generator=random)

    held_out = batch


class ImageSource:
    """Images of a data set in [-1, 1], the training part and the held-out part."""

    def __init__(self, train: datasets.TrainingSet, test: datasets.TrainingSet) -> None:
        self.dataset = train
        self.shape: tuple[int, ...] = train.shape
        self.train, self.test = train.images, test.images

    def batch(self, count: int, random: torch.Generator) -> Tensor:
        """`count` training images (count, C, H, W), each as likely as any other."""
        return _some(self.train, count, random)

    def held_out(self, count: int, random: torch.Generator) -> Tensor:
        """`count` images of the held-out part."""
        return _some(self.test, count, random)


def source_of(request: gan.GanRequest) -> PointSource | ImageSource:
    """The data of `request`. Raises `DataUnsuitable`."""
    if not isinstance(request.data, gan.Pictures):
        return PointSource(modes_of(request.data))
    folder = Path(request.data.folder) if request.data.folder else samples.folder_of(request.data.dataset)
    return _images(folder)


_held: WeakValueDictionary[Path, ImageSource] = WeakValueDictionary()


def _images(folder: Path) -> ImageSource:
    """The data in `folder`, its test images in the shape of its training images; read once as long as it is used.

    Where they have no test part, some are held out of training.
    """
    if (held := _held.get(folder)) is not None:
        return held
    train = datasets.load(folder, "train")
    check_least(folder, train.shape, SMALLEST)
    if datasets.has_test(folder):
        made = ImageSource(train, datasets.load(folder, "test", shape=train.shape))
    else:
        made = ImageSource(*train.parted())
    _held[folder] = made
    return made


def _some(images: U8, count: int, random: torch.Generator) -> Tensor:
    which = torch.randint(len(images), (count,), generator=random).numpy()
    return torch.from_numpy(datasets.to_unit(images[which]))
