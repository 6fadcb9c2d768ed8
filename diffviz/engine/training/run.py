"""A training as a run of frames."""

from __future__ import annotations

from collections.abc import Iterator

from diffviz.domain.frames import Checkpoint, TrainingFrame
from diffviz.domain.training import TrainRequest
from diffviz.engine import devices
from diffviz.engine.models import Models
from diffviz.engine.training.loop import TrainingLoop
from diffviz.engine.training.tasks import task_for


def run(request: TrainRequest, models: Models) -> Iterator[TrainingFrame | Checkpoint]:
    """The progress of training a new model on the device of `models`."""
    with devices.explained(models.device, request.batch):
        training = TrainingLoop(task_for(request), device=models.device)
        models.watch(training.state.net)
        yield from training.frames()
