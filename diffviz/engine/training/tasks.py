"""Which task trains which request."""

from __future__ import annotations

from diffviz.domain.training import TrainClassifier, TrainDiffusion, TrainPlanar, TrainRequest, TrainVae
from diffviz.engine.datasets import TrainingSet
from diffviz.engine.training.classifier import ClassifierTask
from diffviz.engine.training.diffusion import DiffusionTask
from diffviz.engine.training.loop import Task
from diffviz.engine.training.planar import PlanarTask
from diffviz.engine.training.vae import VaeTask


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
