"""Getting back to what a GAN was after a training step: from a keyframe, a little at a time."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from diffviz.domain.frames import Checkpoint
from diffviz.domain.gan import AskD, GanRequest, Replaying
from diffviz.domain.requests import Noise
from diffviz.engine.families.gan.data import source_of
from diffviz.engine.families.gan.trainer import Trainer, one_thread

MOST_STEPS = 1000
SLICE_SECONDS = 0.05


class Replay:
    """One trainer on its way to the step that is asked about; every question takes it a slice of time further.

    `slice_over(began)` says whether a slice that began at a time has taken long enough.
    """

    def __init__(self, device: torch.device, slice_over: Callable[[float], bool] | None = None) -> None:
        self._device = device
        self._over = slice_over or (lambda began: time.monotonic() - began > SLICE_SECONDS)
        self._trainer: Trainer | None = None

    def towards(self, query: AskD) -> Trainer | Replaying | None:
        """The trainer where it stands at the step; how far it is from there; None where the way would be too long."""
        trainer = self._on_the_way(query) or self._from_keyframe(query)
        if trainer is None:
            return None
        self._trainer = trainer
        began = time.monotonic()
        with one_thread():
            for _ in trainer.run_to(query.at):
                if self._over(began) and trainer.position < query.at:
                    return Replaying(query.at - trainer.position)
        return trainer

    def _on_the_way(self, query: AskD) -> Trainer | None:
        """The trainer in hand, where it has not passed the step and no keyframe is nearer."""
        trainer = self._trainer
        nearest = query.checkpoint.position if query.checkpoint else 0.0
        fits = trainer is not None and trainer.request == query.request and nearest <= trainer.position <= query.at
        return trainer if fits else None

    def _from_keyframe(self, query: AskD) -> Trainer | None:
        begin = query.checkpoint.position if query.checkpoint else 0.0
        if not 0 <= query.at - begin <= MOST_STEPS:
            return None
        if query.checkpoint is None:
            return self._fresh(query.request) if isinstance(query.request.start, Noise) else None
        trainer = self._fresh(query.request)
        return trainer if _restored(trainer, query.checkpoint) else None

    def _fresh(self, request: GanRequest) -> Trainer:
        return Trainer(request, source_of(request), self._device)


def _restored(trainer: Trainer, checkpoint: Checkpoint) -> bool:
    try:
        trainer.restore(checkpoint)
    except ValueError:
        return False  # damaged: there is no way from it
    return True
