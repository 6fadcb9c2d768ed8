"""Training runs: generators of progress frames and checkpoints.

The training loop: a generator of progress frames and checkpoints, the same for every kind of network.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from diffviz.domain.frames import Checkpoint, TrainingFrame
from diffviz.domain.pace import Pace
from diffviz.domain.training import TrainRequest
from diffviz.engine.training_state import TrainState

WARM_UP_IMAGES = 10_000


def learning_rate(peak: float, seen: int, target: int, decay: float) -> float:
    """Rate after `seen` of `target` images: rising over the first images, constant, then falling linearly to 0.

    `decay` is the share of the images over which it falls.
    """
    rise = min(1.0, (seen + 1) / min(WARM_UP_IMAGES, max(1, target // 10)))
    left = max(0, target - seen) / max(1, target)
    return peak * rise * (min(1.0, left / decay) if decay > 0 else 1.0)


def batch_indices(seed: int, seen: int, batch: int, size: int) -> NDArray[np.int64]:
    """Which of `size` images the batch after `seen` images holds; an epoch is a permutation keyed by (seed, epoch)."""
    positions = np.arange(seen, seen + batch)
    epochs = positions // size
    orders = {int(epoch): permutation(seed, int(epoch), size) for epoch in np.unique(epochs)}
    return np.array([orders[int(e)][p % size] for e, p in zip(epochs, positions, strict=True)])


_orders: dict[tuple[int, int, int], NDArray[np.int64]] = {}


def permutation(seed: int, epoch: int, size: int) -> NDArray[np.int64]:
    """Order of the data in `epoch`. The last few are kept."""
    key = (seed, epoch, size)
    if key not in _orders:
        while len(_orders) > 1:
            _orders.pop(next(iter(_orders)))
        _orders[key] = np.random.Generator(np.random.Philox(key=[seed, epoch])).permutation(size)
    return _orders[key]


def step_seed(seed: int, seen: int) -> int:
    """Seed of the random draws of the training step after `seen` images; steps share none."""
    return int(np.random.SeedSequence([seed, seen]).generate_state(1, np.uint64)[0] >> np.uint64(1))


FRAME_SECONDS = 1.0
CHECKPOINT_SECONDS = 120.0
WARM_UP_STEPS = 5
MEASURED_STEPS = 20


class TrainingSource(Protocol):
    """What a card says of the training data; its length counts the images there are."""

    @property
    def name(self) -> str:
        """Of the data set."""

    @property
    def source(self) -> str:
        """Where it comes from."""

    @property
    def licence(self) -> str:
        """Of the data."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of an image."""

    def __len__(self) -> int:
        """How many images there are."""


class Task(Protocol):
    """What is particular to one kind of model."""

    @property
    def request(self) -> TrainRequest:
        """The request being trained."""

    @property
    def data(self) -> TrainingSource:
        """The training data."""

    @property
    def family(self) -> str:
        """Family of the model's card."""

    def net(self) -> nn.Module:
        """A fresh network, the same for the same seed."""

    def loss(self, net: nn.Module, seen: int, generator: torch.Generator) -> Tensor:
        """Loss on the batch after `seen` images."""

    def decay(self) -> float:
        """Decay of the moving average of the weights."""

    def card(self) -> dict[str, Any]:
        """What the card says of this kind of model."""


class TrainingLoop:
    """A training in progress. `state` is consistent whenever `frames` has yielded."""

    def __init__(self, task: Task, checkpoint: bytes | None = None, device: torch.device | None = None) -> None:
        self.task = task
        self.state = TrainState(task.net().to(device or torch.device("cpu")), task.request)
        if checkpoint is not None:
            self.state.restore(checkpoint)

    def frames(self) -> Iterator[TrainingFrame | Checkpoint]:
        """Train until the target is reached. The last two items are a frame and a checkpoint."""
        meter = Meter(self.state)
        while not self.state.target or self.state.seen < self.state.target:
            meter.add(self.step())
            self._find_target(meter)
            ended = self.state.target and self.state.seen >= self.state.target
            if meter.frame_due() and not ended:  # the last one comes once
                yield meter.frame(self._rate())
            if meter.checkpoint_due():
                yield self.state.checkpoint()
        yield meter.frame(self._rate())
        yield self.state.checkpoint()

    def step(self) -> float:
        """One batch; its loss."""
        request = self.task.request
        generator = torch.Generator().manual_seed(step_seed(request.seed, self.state.seen))
        with torch.autocast(self.state.device.type, torch.bfloat16, enabled=request.precision == "bfloat16"):
            loss = self.task.loss(self.state.net, self.state.seen, generator)
        self.state.update(loss, self._rate(), self.task.decay(), request.batch)
        return loss.item()

    def _rate(self) -> float:
        request, state = self.task.request, self.state
        return learning_rate(request.learning_rate, state.seen, state.target or 10**12, request.decay)

    def _find_target(self, meter: Meter) -> None:
        if not self.state.target and meter.measured():
            seconds = self.task.request.minutes * 60 - self.state.seconds
            self.state.target = self.state.seen + max(0, int(seconds * meter.images_per_second))


class Meter:
    """Speed and mean loss since the last frame, and when the next frame and checkpoint are due."""

    def __init__(self, state: TrainState) -> None:
        self._state = state
        self._losses: list[float] = []
        self._loss = float("nan")
        self._steps = 0
        self._last = self._frame_at = self._checkpoint_at = time.monotonic()
        self._pace = Pace()
        self._pace.add(self._last, state.seen)

    def add(self, loss: float) -> None:
        """Count one training step."""
        now = time.monotonic()
        self._state.seconds += now - self._last
        self._last = now
        self._steps += 1
        self._losses.append(loss)
        if self._steps == WARM_UP_STEPS:
            self._pace.begin_anew()
        self._pace.add(now, self._state.seen)

    @property
    def images_per_second(self) -> float:
        """Of late, since the warm-up at most."""
        return self._pace.rate

    def measured(self) -> bool:
        """Whether the speed is known."""
        return self._steps >= WARM_UP_STEPS + MEASURED_STEPS

    def _known(self) -> bool:
        """Whether there has been enough since the warm-up for a speed that means something."""
        return self.measured() or (self._steps > WARM_UP_STEPS and self._pace.known > 0)

    def frame_due(self) -> bool:
        """Whether a frame's time has come."""
        return self._last - self._frame_at >= FRAME_SECONDS

    def checkpoint_due(self) -> bool:
        """Whether a checkpoint's time has come; asking resets it."""
        due = self._last - self._checkpoint_at >= CHECKPOINT_SECONDS
        if due:
            self._checkpoint_at = self._last
        return due

    def frame(self, rate: float) -> TrainingFrame:
        """The frame of this instant."""
        if self._losses:
            self._loss = sum(self._losses) / len(self._losses)
        self._losses, self._frame_at = [], self._last
        state = self._state
        return TrainingFrame(
            float(state.seen),
            self._loss,
            rate,
            self.images_per_second if self._known() else 0.0,
            state.seconds,
            float(state.target),
        )


def model_of(training: TrainingLoop, name: str, licence: str = "") -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Card and averaged weights of a training as it stands; the card has no quality yet."""
    state, task = training.state, training.task
    card = {
        "version": 1,
        "name": name,
        "family": task.family,
        "shape": list(task.data.shape),
        "classes": list(task.data.classes),
        "parameters": sum(p.numel() for p in state.net.parameters()),
        "dataset": {
            "name": task.data.name,
            "source": task.data.source,
            "licence": task.data.licence,
            "images": len(task.data),
        },
        **task.card(),
        "training": _history(state),
        "quality": {},
        "licence": licence,
    }
    return card, state.ema.state_dict()


def _device(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type}, {torch.get_num_threads()} threads"


def _history(state: TrainState) -> dict[str, Any]:
    request = state.request
    return {
        "images_seen": state.seen,
        "seconds": round(state.seconds, 1),
        "device": _device(state.device),
        "torch": torch.__version__,
        "optimiser": "AdamW",
        "learning_rate": request.learning_rate,
        "decay": request.decay,
        "batch": request.batch,
        "seed": request.seed,
        "ema": getattr(request, "ema", None),
        "label_dropout": getattr(request, "label_dropout", None),
        "precision": request.precision,
        **({"started_from": state.origin} if state.origin else {}),
    }
