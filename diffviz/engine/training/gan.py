"""A GAN's training as a model folder: weights, card, and the run itself, thinned out, to be shown and continued."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from diffviz.domain.arrays import F32
from diffviz.domain.frames import Checkpoint
from diffviz.domain.gan import DATA, GanFrame, GanRequest, planar
from diffviz.domain.levels import levels
from diffviz.domain.settings import variant_key
from diffviz.domain.tagged import to_json
from diffviz.engine.families.gan.data import ImageSource, source_of
from diffviz.engine.families.gan.trainer import BETA2, Trainer, config_of
from diffviz.families.gan import frame_bytes

CPU = torch.device("cpu")
MOST_FRAMES = 80
PLANE = (1, 1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What came of a training of `request`: its frames and checkpoints so far, and the `seconds` that it took."""

    request: GanRequest
    frames: Sequence[GanFrame]
    checkpoints: Sequence[Checkpoint]
    seconds: float


def kept_bytes(request: GanRequest) -> int:
    """About what a training of `request` takes on a disk that keeps it: its model, and its run beside the last one."""
    trainer = Trainer(request, source_of(request), CPU)
    weights: int = sum(tensor.nbytes for tensor in trainer.state().values())
    moments: int = 2 * sum(p.nbytes for net in (trainer.g, trainer.d) for p in net.parameters())
    return weights + 2 * (2 * (weights + moments) + MOST_FRAMES * frame_bytes(request))


def model_of(recording: Recording, name: str, licence: str = "") -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Card, without quality, and weights (the G that samples are drawn with, and D) at the newest checkpoint."""
    request = recording.request
    source = source_of(request)
    trainer = Trainer(request, source, CPU)
    trainer.restore(recording.checkpoints[-1])
    weights = {f"g.{n}": t for n, t in trainer.average.state_dict().items()}
    weights |= {f"d.{n}": t for n, t in trainer.d.state_dict().items()}
    parts = (trainer.average, trainer.d)
    card = {
        "version": 1,
        "name": name,
        "family": "gan",
        "shape": list(PLANE if planar(request) else source.shape),
        "classes": [],
        "parameters": sum(p.numel() for part in parts for p in part.parameters()),
        "dataset": _dataset(source, request),
        "architecture": {"net": "gan", **asdict(config_of(request, source.shape))},
        "training": _history(recording, trainer),
        "quality": {},
        "licence": licence,
    }
    return card, weights


def thinned(frames: Sequence[GanFrame], most: int = MOST_FRAMES) -> tuple[GanFrame, ...]:
    """At most `most` of `frames`, about evenly, with the first and the last; their images in 256 grey levels."""
    step = max(1.0, (len(frames) - 1) / (most - 1))
    kept = sorted({min(len(frames) - 1, round(i * step)) for i in range(most)})
    return tuple(_in_levels(frames[i]) for i in kept)


def _in_levels(frame: GanFrame) -> GanFrame:
    if frame.surface is not None:
        return frame
    return dataclasses.replace(frame, real=_levels(frame.real), fake=_levels(frame.fake))


def _levels(images: F32) -> F32:
    """Images as a file of 8 bits would keep them: a quarter of the size, and no difference on a screen."""
    return levels(images).astype(np.float32) / np.float32(127.5) - np.float32(1)


def _dataset(source: Any, request: GanRequest) -> dict[str, Any]:
    if not isinstance(source, ImageSource):
        return {"name": variant_key(DATA, request.data), "source": "a known density"}
    data = source.dataset
    return {"name": data.name, "source": data.source, "licence": data.licence, "images": len(data)}


def _history(recording: Recording, trainer: Trainer) -> dict[str, Any]:
    request, steps = recording.request, int(trainer.position)
    return {
        "steps": steps,
        "images_seen": steps * request.batch * request.d_steps,
        "seconds": round(recording.seconds, 1),
        "device": "cpu, 1 thread",
        "torch": torch.__version__,
        "optimiser": f"Adam, β₂ = {BETA2}",
        "request": to_json(request),
    }
