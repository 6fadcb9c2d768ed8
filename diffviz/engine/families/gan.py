"""Training a GAN as a run of frames: from fresh networks, or on from any training step of another run.

What D was after past training steps is kept in a share of the session's memory budget; what is not kept is got
back from a keyframe, a little at a time.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping

import torch
from torch import Tensor

from diffviz.domain import errors, requests, store
from diffviz.domain.frames import Checkpoint
from diffviz.domain.gan import AskD, GanFrame, GanRequest, Judged, Replaying
from diffviz.engine import device_context
from diffviz.engine.families.gan_data import ImageSource, source_of
from diffviz.engine.families.gan_evaluate import Classify, judge, look
from diffviz.engine.families.gan_trainer import Trainer, one_thread

State = dict[str, Tensor]
Key = tuple[GanRequest, float]
MOST = 4
"""One part in so many of the budget is the most that weights take: frames cannot be had again as quickly."""


class WeightCache:
    """States by request and training step, of which the least recently used go first.

    Their bytes are taken from `budget` and given back when they go. A state for which there is no room is not kept:
    whoever misses it trains again up to there.
    """

    def __init__(self, budget: store.Budget) -> None:
        self._budget = budget
        self._kept: OrderedDict[Key, State] = OrderedDict()
        self.nbytes = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Key) -> bool:
        return key in self._kept

    def put(self, key: Key, state: Mapping[str, Tensor]) -> None:
        """Keep a copy of `state`, in place of what was kept under `key`."""
        self._drop(key)
        nbytes = _nbytes(state)
        if self._make_room(nbytes):
            self._kept[key] = {name: value.clone() for name, value in state.items()}
            self.nbytes += nbytes

    def get(self, key: Key) -> State | None:
        """What is kept under `key`, used by this; None where there is nothing."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def forget(self, request: GanRequest) -> None:
        """Drop all that is kept of `request`."""
        for key in [key for key in self._kept if key[0] == request]:
            self._drop(key)

    def close(self) -> None:
        """Drop everything, and keep nothing from now on."""
        self._closed = True
        while self._kept:
            self._drop(next(iter(self._kept)))

    def _make_room(self, nbytes: int) -> bool:
        """Take `nbytes` of the budget, others making way for them; whether that could be done."""
        share = 0 if self._closed else self._budget.limit // MOST
        if nbytes > share:
            return False
        while self.nbytes + nbytes > share or not self._budget.take(nbytes):
            if not self._kept:
                return False
            self._drop(next(iter(self._kept)))
        return True

    def _drop(self, key: Key) -> None:
        state = self._kept.pop(key, None)
        if state is not None:
            nbytes = _nbytes(state)
            self.nbytes -= nbytes
            self._budget.give_back(nbytes)


def _nbytes(state: Mapping[str, Tensor]) -> int:
    return sum(value.nbytes for value in state.values())


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
            return self._fresh(query.request) if isinstance(query.request.start, requests.Noise) else None
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


KEYFRAME_STEPS = 250
TRAINERS = 2


class Gans:
    """The GANs that the engine has trained lately: what D was after each frame, so that views can ask it.

    `cancelled` is asked at every step; `classify` gives what counts images of a data set by class, or None. Weights of
    past steps are kept as far as `budget` goes; D of a step that is not kept is found by training up to it again.
    """

    def __init__(
        self,
        device: torch.device,
        cancelled: Callable[[], bool],
        classify: Callable[[str], Classify | None],
        budget: store.Budget,
    ) -> None:
        self.device, self._cancelled, self._classify = device, cancelled, classify
        self._trainers: OrderedDict[GanRequest, Trainer] = OrderedDict()
        self.weights = WeightCache(budget)
        self._replay = Replay(device)

    def frames(
        self, request: GanRequest, positions: tuple[float, ...], checkpoint: Checkpoint | None
    ) -> Generator[GanFrame | Checkpoint, str | None, None]:
        """Frames at `positions`, and checkpoints at the first, at one after every `KEYFRAME_STEPS` and at the last.

        `checkpoint` is one of the run that is continued, at or before its step. What is sent in after a frame is the
        part to advance by: "D" to where D was updated next, "G" to where G was, "step" by a whole step; a frame is made
        there. Without it the next is at the next of `positions`.
        """
        trainer = self._beginning(request, checkpoint)
        yield trainer.checkpoint()
        part = yield self._frame(trainer)
        newest = trainer.position
        while trainer.position < positions[-1]:
            self._train(trainer, min(positions[-1], _target(trainer.position, part, positions)))
            frame = self._frame(trainer)
            if trainer.position - newest >= KEYFRAME_STEPS or trainer.position >= positions[-1]:
                newest = trainer.position
                yield trainer.checkpoint()
            part = yield frame

    def answer(self, query: AskD) -> Judged | Replaying | None:
        """What D said after the step that is asked about; how far it is from there; None where that is too far."""
        trainer = self._trainers.get(query.request)
        weights = self.weights.get((query.request, query.at))
        if trainer is None or weights is None:
            there = self._replay.towards(query)
            return Judged(judge(there, query.x), query.key) if isinstance(there, Trainer) else there
        self._trainers.move_to_end(query.request)
        now = {name: value.clone() for name, value in trainer.d.state_dict().items()}
        trainer.d.load_state_dict(weights)
        try:
            return Judged(judge(trainer, query.x), query.key)
        finally:
            trainer.d.load_state_dict(now)

    def close(self) -> None:
        """Give back what is kept, and keep no more; a run goes on with it none the less."""
        self.weights.close()

    def _beginning(self, request: GanRequest, checkpoint: Checkpoint | None) -> Trainer:
        """The trainer of `request` where its run begins: fresh, or its parent's, trained up to there."""
        start, source = request.start, source_of(request)
        if not isinstance(start, requests.Step):
            return Trainer(request, source, self.device)
        assert isinstance(start.of, GanRequest), "a plan was made of it"
        trainer = self._parent(start.of, start.at, checkpoint)
        self._train(trainer, start.at)
        trainer.become(request, source)
        return trainer

    def _parent(self, request: GanRequest, at: float, checkpoint: Checkpoint | None) -> Trainer:
        if checkpoint is None or checkpoint.position > at:
            return self._beginning(request, None)
        trainer = Trainer(request, source_of(request), self.device)
        try:
            trainer.restore(checkpoint)
        except ValueError:
            return self._beginning(request, None)  # a damaged keyframe: the way is longer, the result the same
        return trainer

    def _train(self, trainer: Trainer, position: float) -> None:
        with one_thread():
            for _ in trainer.run_to(position):
                if self._cancelled():
                    raise errors.Interrupted

    def _frame(self, trainer: Trainer) -> GanFrame:
        with one_thread():
            frame = look(trainer, self._classify_for(trainer))
        self._remember(trainer)
        return frame

    def _classify_for(self, trainer: Trainer) -> Classify | None:
        source = trainer.source
        return self._classify(source.dataset.name) if isinstance(source, ImageSource) else None

    def _remember(self, trainer: Trainer) -> None:
        self.weights.put((trainer.request, trainer.position), trainer.d.state_dict())
        self._trainers[trainer.request] = trainer
        self._trainers.move_to_end(trainer.request)
        while len(self._trainers) > TRAINERS:
            gone, _ = self._trainers.popitem(last=False)
            self.weights.forget(gone)  # nobody could use them without their network


def run(
    request: GanRequest, plan: requests.Plan, gans: Gans, checkpoint: Checkpoint | None
) -> Generator[GanFrame | Checkpoint, str | None, None]:
    """The frames of `request`, see `Gans.frames`. Raises what is wrong with the device."""
    with device_context.explained(gans.device, request.batch):
        yield from gans.frames(request, plan.positions, checkpoint)


def _target(position: float, part: str | None, positions: tuple[float, ...]) -> float:
    """Where the next frame is."""
    whole = position == int(position)
    match part:
        case "D":
            return position + (0.5 if whole else 1.0)
        case "G":
            return position + (1.0 if whole else 0.5)
        case "step":
            return float(int(position) + 1)
        case _:
            return next(p for p in positions if p > position)
