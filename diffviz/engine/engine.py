"""The engine: turns requests into frames and queries into answers. The only owner of torch, networks and the device.

Importing this module does not import torch; the first model does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from diffviz.domain import errors, settings, store
from diffviz.domain.cards import Card, card_of
from diffviz.domain.frames import Checkpoint, Frame
from diffviz.domain.messages import Device, Later, Query, RunInputs
from diffviz.domain.requests import Plan, Request, Step
from diffviz.engine import keep_freed
from diffviz.engine.families import ANSWERED, COMPUTED, Computation
from diffviz.families import FAMILIES, plan_of

if TYPE_CHECKING:
    from diffviz.engine.device_context import DeviceContext
    from diffviz.engine.zoo import Models


class LocalEngine:
    """Computes in this process, on `device` ("auto", "cuda", "mps" or "cpu"). Used from one thread only.

    What it keeps of past steps, so that it can be asked about, counts against `budget`; without one it has its own.
    """

    def __init__(self, cards: Mapping[str, Card], device: str = "auto", budget: store.Budget | None = None) -> None:
        keep_freed()
        self._cards = dict(cards)
        self._kind = device
        self._budget = budget or store.Budget()
        self._bench: DeviceContext | None = None
        self._among = 1
        self._cancelled: Callable[[], bool] = lambda: False

    def frames(
        self, request: Request, materials: RunInputs, plan: Plan | None = None
    ) -> Iterator[Frame | Checkpoint | Later]:
        """Compute `request`. Raises what is wrong with it, with its model, or with the device."""
        compute = COMPUTED.get(type(request))
        if compute is None:
            raise TypeError(f"{type(request).__name__} is not computed here")
        settings.check(request)
        if plan is None and type(request) in FAMILIES:
            plan = plan_of(request, self._cards)
        origin = self._origin_of(request, materials)
        card = self._cards.get(getattr(request, "model", None) or "")
        if card is not None and card.foreign:
            yield from self.models.loading(card)
        yield from compute(Computation(request, plan, materials, lambda: self.bench, origin))

    def answer(self, query: Query) -> object:
        """Answer `query`. Raises `ModelNotFound` where no classifier knows the data set, or what else it lacks."""
        answer = next((ANSWERED[kind] for kind in type(query).__mro__ if kind in ANSWERED), None)
        if answer is None:
            raise TypeError(f"{type(query).__name__} is not answered here")
        return answer(query, lambda: self.bench)

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

    def add_card(self, card: Card) -> None:
        """Know the model of `card`, in place of one of the same id; runs in progress go on with what they loaded."""
        self.remove_card(card.id)
        self._cards[card.id] = card
        if self._bench is not None:
            self._bench.forget(card)

    def remove_card(self, model: str) -> None:
        """Know the model of id `model` no longer; runs in progress go on with what they loaded."""
        card = self._cards.pop(model, None)
        if self._bench is not None and card is not None:
            self._bench.forget(card)

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

    def _origin_of(self, request: Request, materials: RunInputs) -> Callable[[], Frame | None]:
        """Gives the parent's frame that a continued run starts at: the one at hand, or computed again up to there."""

        def origin() -> Frame | None:
            start = request.start
            if not isinstance(start, Step) or materials.origin is not None:
                return materials.origin
            plan = plan_of(start.of, self._cards)
            at = plan.nearest(start.at)
            for frame in self.frames(start.of, RunInputs(materials.images), plan):
                if isinstance(frame, Frame) and frame.position == at:
                    return frame
            raise errors.NoSuchStep(start.at)

        return origin

    def _bench_on(self, kind: str) -> DeviceContext:
        from diffviz.engine.device_context import DeviceContext

        bench = DeviceContext(self._cards, kind, lambda: self._cancelled(), self._budget)
        bench.share_threads(self._among)
        return bench
