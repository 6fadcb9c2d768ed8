"""Pictures as a classifier's features see them, which take a while: a part at a time, and kept once all were seen."""

from __future__ import annotations

import hashlib
import io
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from diffviz import paths
from diffviz.domain.arrays import F32, U8
from diffviz.domain.atomic import write_whole
from diffviz.domain.cards import Card
from diffviz.domain.errors import ExportFailed
from diffviz.engine.families.forward import unit
from diffviz.engine.nets.classifier import Classifier
from diffviz.engine.tensors import array, tensor

AT_ONCE = 20
SECONDS = 0.05


class FeatureCache:
    """Pictures uint8 (N, H, W) or (N, H, W, 3), and `features` (M, F) of the first M, which were seen so far.

    Once all have been seen, their features are kept in the cache folder.
    """

    def __init__(self, pixels: U8, classifier: Card, net: nn.Module, device: torch.device) -> None:
        assert isinstance(net, Classifier), "a classifier's card describes a classifier"
        self.pixels = pixels
        self._net, self._device = net, device
        self._file = _file(pixels, classifier)
        self.features = _kept(self._file, len(pixels), net.config.features)

    @property
    def complete(self) -> bool:
        """Whether all were seen."""
        return len(self.features) == len(self.pixels)

    def see_more(self, seconds: float | None = None) -> bool:
        """See some more of them, for about `seconds` (`SECONDS`); whether there were any."""
        until, seen = time.monotonic() + (SECONDS if seconds is None else seconds), len(self.features)
        parts = [self.features]
        while seen < len(self.pixels) and (len(parts) == 1 or time.monotonic() < until):
            parts.append(self.of(unit(self.pixels[seen : seen + AT_ONCE])))
            seen += len(parts[-1])
        if len(parts) > 1:
            self.features = np.concatenate(parts)
            if self.complete:
                _keep(self._file, self.features)
        return len(parts) > 1

    @torch.inference_mode()
    def of(self, images: F32) -> F32:
        """Features (N, F) of images (N, C, H, W) in [−1, 1]."""
        return array(self._net.features(tensor(images, self._device)))


def _file(pixels: U8, classifier: Card) -> Path:
    """Where the features are kept that this classifier has of these pictures."""
    name = hashlib.sha256(classifier.sha256.encode() + pixels.tobytes()).hexdigest()
    return paths.cache_home() / "features" / f"{name[:32]}.npy"


def _kept(file: Path, count: int, width: int) -> F32:
    """The features (`count`, `width`) in `file`; none where it is missing or is something else."""
    none = np.empty((0, width), np.float32)
    try:
        found = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return none
    fitting = isinstance(found, np.ndarray) and found.dtype == np.float32 and found.shape == (count, width)
    return found if fitting else none


def _keep(file: Path, features: F32) -> None:
    """Write `features`; where that cannot be done they are computed again next time."""
    data = io.BytesIO()
    np.save(data, features)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, data.getvalue())
    except (OSError, ExportFailed):
        return
