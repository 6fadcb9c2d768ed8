"""Training a GAN as a run of frames: from fresh networks, or on from any training step of another run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator

import torch

from diffviz.domain.errors import Interrupted
from diffviz.domain.frames import Checkpoint
from diffviz.domain.gan import AskD, GanFrame, GanRequest, Judged, Replaying
from diffviz.domain.plan import Plan
from diffviz.domain.requests import Step
from diffviz.domain.store import Budget
from diffviz.engine import device_context
from diffviz.engine.families.gan.data import ImageSource, source_of
from diffviz.engine.families.gan.evaluate import Classify, judge, look
from diffviz.engine.families.gan.replay import Replay
from diffviz.engine.families.gan.trainer import Trainer, one_thread
from diffviz.engine.families.gan.weights import WeightCache

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
        budget: Budget,
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
            return Judged(judge(there, query.x)) if isinstance(there, Trainer) else there
        self._trainers.move_to_end(query.request)
        now = {name: value.clone() for name, value in trainer.d.state_dict().items()}
        trainer.d.load_state_dict(weights)
        try:
            return Judged(judge(trainer, query.x))
        finally:
            trainer.d.load_state_dict(now)

    def close(self) -> None:
        """Give back what is kept, and keep no more; a run goes on with it none the less."""
        self.weights.close()

    def _beginning(self, request: GanRequest, checkpoint: Checkpoint | None) -> Trainer:
        """The trainer of `request` where its run begins: fresh, or its parent's, trained up to there."""
        start, source = request.start, source_of(request)
        if not isinstance(start, Step):
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
                    raise Interrupted

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
    request: GanRequest, plan: Plan, gans: Gans, checkpoint: Checkpoint | None
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
