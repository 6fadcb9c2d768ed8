"""The engine: turns requests into frames and queries into answers. The only owner of torch, networks and the device.

Importing this module does not import torch; the first model does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from diffviz.domain.cards import Card, card_of
from diffviz.domain.errors import NoSuchStep
from diffviz.domain.frames import Checkpoint, Frame
from diffviz.domain.gan import AskD, GanRequest, NearestReal
from diffviz.domain.ideal import AskIdeal, NearestImage
from diffviz.domain.latent import LatentQuery, PathRequest
from diffviz.domain.messages import Device, Later, Query, Recognise, RunInputs
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import ForwardRequest, Request, ReverseRequest, Step
from diffviz.domain.settings import check
from diffviz.domain.store import Budget
from diffviz.domain.training import TrainRequest
from diffviz.engine.families import forward
from diffviz.engine.features import pixel_neighbours
from diffviz.engine.runtime import keep_freed
from diffviz.theory.run_plan import plan_of, schedule_of

if TYPE_CHECKING:
    from diffviz.engine.device_context import DeviceContext
    from diffviz.engine.zoo import Models


class LocalEngine:
    """Computes in this process, on `device` ("auto", "cuda", "mps" or "cpu"). Used from one thread only.

    What it keeps of past steps, so that it can be asked about, counts against `budget`; without one it has its own.
    """

    def __init__(self, cards: Mapping[str, Card], device: str = "auto", budget: Budget | None = None) -> None:
        keep_freed()
        self._cards = cards
        self._kind = device
        self._budget = budget or Budget()
        self._bench: DeviceContext | None = None
        self._among = 1
        self._cancelled: Callable[[], bool] = lambda: False

    def frames(self, request: Request, materials: RunInputs) -> Iterator[Frame | Checkpoint | Later]:
        """Compute `request`. Raises what is wrong with it, with its model, or with the device."""
        if isinstance(request, TrainRequest):
            check(request)
        else:
            plan_of(request, self._cards)
        yield from self._begun(request, materials)

    def answer(self, query: Query) -> object:
        """Answer `query`. Raises `ModelNotFound` where no classifier knows the data set, or what else it lacks."""
        match query:
            case Recognise():
                from diffviz.engine.features import recognition

                return recognition.answer(query, self.models)
            case LatentQuery():
                from diffviz.engine.families import latent

                return latent.asked(query, self.bench)
            case AskD():
                return self.bench.gans.answer(query)
            case NearestReal():
                return self.bench.references.nearest(query)
            case NearestImage():
                return pixel_neighbours.answer(query)
            case AskIdeal():
                return self.bench.exact.answer(query)
            case _:
                raise TypeError(f"{type(query).__name__} is not answered here")

    def warm_up(self, model: str | None) -> Device:
        """Load torch and the weights of `model`, and evaluate once."""
        from diffviz.engine import device_context

        if model is not None:
            self.bench.evaluate_once(card_of(model, self._cards))
        return device_context.describe(self.models.device)

    def use_device(self, kind: str) -> None:
        """Compute on `kind` from now on. Raises `DeviceUnavailable` and stays where it was."""
        bench = self._bench_on(kind)
        if self._bench is not None:
            self._bench.close()
        self._bench, self._kind = bench, kind

    def share_threads(self, among: int) -> None:
        """Compute on one part in `among` of the threads that torch chose, now or when it is loaded."""
        self._among = among
        if self._bench is not None:
            self._bench.share_threads(among)

    def interrupt_when(self, cancelled: Callable[[], bool]) -> None:
        """Ask `cancelled` between the blocks of a network and raise `Interrupted` where it holds."""
        self._cancelled = cancelled

    @property
    def bench(self) -> DeviceContext:
        """What is kept on the device in force. Loads torch; raises `DeviceUnavailable`."""
        if self._bench is None:
            self._bench = self._bench_on(self._kind)
        return self._bench

    @property
    def models(self) -> Models:
        """The networks on the device in force."""
        return self.bench.models

    def _begun(self, request: Request, materials: RunInputs) -> Iterator[Frame | Checkpoint | Later]:
        """The frames of `request`, which has a plan."""
        match request:
            case ForwardRequest(model=None):
                return forward.frames(request, materials, schedule_of(request, self._cards), None)
            case ForwardRequest():
                from diffviz.engine.families.forward_predictions import look

                seen = look(request, materials, self.models)
                return forward.frames(request, materials, schedule_of(request, self._cards), seen)
            case ReverseRequest():
                from diffviz.engine.families import reverse

                return reverse.run(request, self.models, self._origin(request, materials))
            case PathRequest():
                from diffviz.engine.families import path

                return path.run(request, materials, self.bench)
            case GanRequest():
                from diffviz.engine.families.gan import family

                return family.run(request, self.bench.gans, materials.checkpoint)
            case ObjectiveRequest():
                from diffviz.engine.families import objective

                return objective.run(request, materials, self.models)
            case PlanarRequest():
                from diffviz.engine.families import planar

                return planar.run(request, self.models, self._origin(request, materials))
            case TrainRequest():
                from diffviz.engine.training.tasks import run

                return run(request, self.models)
            case _:
                raise TypeError(f"{type(request).__name__} is not computed here")

    def _origin(self, request: Request, materials: RunInputs) -> Frame | None:
        """The parent's frame that a continued run starts at: given, or computed again up to there."""
        start = request.start
        if not isinstance(start, Step) or materials.origin is not None:
            return materials.origin
        at = plan_of(start.of, self._cards).nearest(start.at)
        given = RunInputs(materials.images)
        for frame in self.frames(start.of, given):
            if isinstance(frame, Frame) and frame.position == at:
                return frame
        raise NoSuchStep(start.at)

    def _bench_on(self, kind: str) -> DeviceContext:
        from diffviz.engine.device_context import DeviceContext

        bench = DeviceContext(self._cards, kind, lambda: self._cancelled(), self._budget)
        bench.share_threads(self._among)
        return bench
