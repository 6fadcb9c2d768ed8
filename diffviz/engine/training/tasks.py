"""Which task trains which request, as a run of frames."""

from __future__ import annotations

from collections.abc import Iterator

from diffviz.domain.frames import Checkpoint, TrainingFrame
from diffviz.domain.training import TrainClassifier, TrainDiffusion, TrainPlanar, TrainRequest, TrainVae
from diffviz.engine import device_context
from diffviz.engine.datasets import TrainingSet
from diffviz.engine.training.classifier import ClassifierTask
from diffviz.engine.training.diffusion import DiffusionTask
from diffviz.engine.training.loop import Task, TrainingLoop
from diffviz.engine.training.planar import PlanarTask
from diffviz.engine.training.vae import VaeTask
from diffviz.engine.zoo import Models


def task_for(request: TrainRequest, data: TrainingSet | None = None) -> Task:
    """The task of `request` on `data`, which it reads where it is not given.

    Raises `DataUnsuitable`, or TypeError for a request without a task.
    """
    match request:
        case TrainDiffusion():
            return DiffusionTask(request, data)
        case TrainClassifier():
            return ClassifierTask(request, data)
        case TrainVae():
            return VaeTask(request, data)
        case TrainPlanar():
            return PlanarTask(request)
        case _:
            raise TypeError(f"{type(request).__name__} has no task")


def run(request: TrainRequest, models: Models) -> Iterator[TrainingFrame | Checkpoint]:
    """The progress of training a new model on the device of `models`."""
    with device_context.explained(models.device, request.batch):
        training = TrainingLoop(task_for(request), device=models.device)
        models.watch(training.state.net)
        yield from training.frames()
