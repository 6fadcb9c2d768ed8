"""How the engine computes each kind of run and answers each kind of question. Importing it does not import torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diffviz.domain import frames, ideal, training
from diffviz.domain.gan import AskD, GanRequest, NearestReal
from diffviz.domain.latent import LatentQuery, PathRequest
from diffviz.domain.messages import Later, Query, Recognise, RunInputs
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import ForwardRequest, Plan, Request, ReverseRequest
from diffviz.engine.families import forward
from diffviz.theory.processes import Process, VariancePreserving, process_in

if TYPE_CHECKING:
    from diffviz.engine.device_context import DeviceContext
    from diffviz.engine.zoo import Models

Bench = Callable[[], "DeviceContext"]
"""What is kept on the device, made when it is first asked for: that loads torch."""
Items = Iterator[frames.Frame | frames.Checkpoint | Later]


@dataclass(frozen=True, slots=True, eq=False)
class Computation:
    """What a run is computed from: its request, its plan (trainings have none), what travels beside the request, and
    what is kept on the device.

    `parents_frame()` is the frame of another run that it goes on from, given or computed again; None where it goes on
    from none.
    """

    request: Any
    plan: Plan | None
    inputs: RunInputs
    bench: Callable[[], DeviceContext]
    parents_frame: Callable[[], frames.Frame | None]

    @property
    def planned(self) -> Plan:
        """Its plan."""
        assert self.plan is not None, "only trainings have no plan"
        return self.plan

    @property
    def process(self) -> Process:
        """The noising process that its plan has."""
        return process_in(self.planned)

    @property
    def models(self) -> Models:
        """The networks on the device. Loads torch."""
        return self.bench().models


def _forward(run: Computation) -> Items:
    if run.request.model is None:
        return forward.frames(run.request, run.inputs, run.planned, None)
    from diffviz.engine.families.reverse import look

    return forward.frames(run.request, run.inputs, run.planned, look(run.request, run.inputs, run.process, run.models))


def _reverse(run: Computation) -> Items:
    from diffviz.engine.families import reverse

    return reverse.run(run.request, run.planned, run.models, run.parents_frame())


def _path(run: Computation) -> Items:
    from diffviz.engine.families import path

    return path.run(run.request, run.inputs, run.bench())


def _gan(run: Computation) -> Items:
    from diffviz.engine.families import gan

    return gan.run(run.request, run.planned, run.bench().gans, run.inputs.checkpoint)


def _objective(run: Computation) -> Items:
    from diffviz.engine.families import objective

    assert isinstance(run.process, VariancePreserving), "the bound is that of a chain with β"
    return objective.run(run.request, run.inputs, run.process.schedule, run.models)


def _planar(run: Computation) -> Items:
    from diffviz.engine.families import planar

    return planar.run(run.request, run.planned, run.models, run.parents_frame())


def _training(run: Computation) -> Items:
    from diffviz.engine.training_tasks import run as train

    return train(run.request, run.models)


COMPUTED: dict[type[Request], Callable[[Computation], Items]] = {
    ForwardRequest: _forward,
    ReverseRequest: _reverse,
    PathRequest: _path,
    GanRequest: _gan,
    ObjectiveRequest: _objective,
    PlanarRequest: _planar,
    training.TrainDiffusion: _training,
    training.TrainClassifier: _training,
    training.TrainVae: _training,
    training.TrainPlanar: _training,
}


def _recognised(query: Recognise, bench: Bench) -> object:
    from diffviz.engine import features

    return features.answer(query, bench().models)


def _latent(query: LatentQuery, bench: Bench) -> object:
    from diffviz.engine.families import latent

    return latent.asked(query, bench())


ANSWERED: dict[type[Query], Callable[[Any, Bench], object]] = {
    Recognise: _recognised,
    LatentQuery: _latent,
    AskD: lambda query, bench: bench().gans.answer(query),
    NearestReal: lambda query, bench: bench().references.nearest(query),
    ideal.NearestImage: lambda query, _bench: forward.answer(query),
    ideal.AskIdeal: lambda query, bench: bench().exact.answer(query),
}
"""What answers a question, and all that are kinds of it."""
