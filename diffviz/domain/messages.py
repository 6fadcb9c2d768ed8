"""Commands, events and queries that cross the link between main thread and worker: frozen, serialisable plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from diffviz.domain.arrays import F32, U8
from diffviz.domain.frames import Checkpoint, Frame
from diffviz.domain.requests import Plan, Request

if TYPE_CHECKING:
    from diffviz.domain.cards import Card


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """Base of all queries."""

    @property
    def about(self) -> Request | None:
        """The run whose networks are asked, where these are not those of a model."""
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Recognise(Query):
    """Which class the classifier of data set `dataset` sees in each image.

    `images` is float32 (N, C, H, W) in [-1, 1]. `key` names what was asked about and comes back in the answer.
    """

    dataset: str
    images: F32
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Recognised:
    """Answer to `Recognise`: p(y | x), float32 (N, classes), rows sum to 1; `classes` are the names of the columns."""

    probabilities: F32
    classes: tuple[str, ...]
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """Not an answer yet: the query needs something first, of which a part has been done. It is to be asked again.

    A run that needs something first has one in place of a frame; where that takes long, `done` of `total` bytes are.
    """

    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class RunInputs:
    """What a request names but does not hold.

    `images` are uint8 pixels (H, W) or (H, W, 3) by SHA-256. `origin` is the parent's frame that a `Step` start
    begins at; without it the engine computes the parent again up to there. `checkpoint` is a keyframe of the parent at
    or before that step, for families that go on from one.
    """

    images: Mapping[str, U8] = field(default_factory=dict)
    origin: Frame | None = None
    checkpoint: Checkpoint | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """Where networks run: `kind` is "cuda", "mps" or "cpu"; `threads` counts the CPU threads in use."""

    kind: str
    name: str
    threads: int


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Compute `request` as run `run_id` in `slot`, superseding the run that is in that slot; `held`, it is paused.

    `plan` was made when it was asked for; without it the engine makes it.
    """

    run_id: int
    slot: str
    request: Request
    materials: RunInputs = field(default_factory=RunInputs)
    held: bool = False
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """End run `run_id`, keeping what came."""

    run_id: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold run `run_id` between two steps; others go on."""

    run_id: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with paused run `run_id`."""

    run_id: int


@dataclass(frozen=True, slots=True)
class Advance:
    """Let paused run `run_id` make `steps` more frames; `part` names a part of a step for families that have parts."""

    run_id: int
    steps: int = 1
    part: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """Answer `query` for `view`; an older unanswered query of the same view is dropped."""

    view: str
    query: Query


@dataclass(frozen=True, slots=True)
class UseDevice:
    """Compute on device `kind` from the next run on: "auto", "cuda", "mps" or "cpu"."""

    kind: str


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Load what the first run will need (torch, the weights of `model`) while nothing else is asked for."""

    model: str | None = None


@dataclass(frozen=True, slots=True)
class ShareThreads:
    """Compute on one part in `among` of the threads there are from the next step on: others compute on the rest."""

    among: int


@dataclass(frozen=True, slots=True)
class AddCard:
    """The model of `card` is there from now on; one of the same id gives way, its weights are read anew."""

    card: Card


@dataclass(frozen=True, slots=True)
class RemoveCard:
    """The model of id `model` is gone: what is being computed with it goes on, nothing new begins."""

    model: str


Command = Start | Cancel | Pause | Resume | Advance | Ask | UseDevice | WarmUp | AddCard | RemoveCard | ShareThreads


@dataclass(frozen=True, slots=True)
class Queued:
    """Run `run_id` waits for another run to end."""

    run_id: int


@dataclass(frozen=True, slots=True)
class Started:
    """Run `run_id` has begun; frames follow."""

    run_id: int


@dataclass(frozen=True, slots=True)
class Loading:
    """Run `run_id` waits for its network, of which `done` of `total` bytes are read."""

    run_id: int
    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class FramesReady:
    """Frames of run `run_id` in the order they were computed, at least one."""

    run_id: int
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CheckpointReady:
    """A keyframe of run `run_id` that it can be continued from."""

    run_id: int
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Paused:
    """Run `run_id` stands between two steps."""

    run_id: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """Run `run_id` goes on."""

    run_id: int


@dataclass(frozen=True, slots=True)
class Finished:
    """Run `run_id` is complete. Terminal."""

    run_id: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Run `run_id` was cancelled or superseded. Terminal."""

    run_id: int


@dataclass(frozen=True, slots=True, eq=False)
class Failed:
    """Run `run_id` ended with `error`; `details` is the traceback as text. Terminal."""

    run_id: int
    error: Exception
    details: str


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Answer to the newest query of `view`: what the engine returned, or the error it raised."""

    view: str
    answer: object


@dataclass(frozen=True, slots=True)
class Ready:
    """torch is loaded and computes on `device`."""

    device: Device


@dataclass(frozen=True, slots=True, eq=False)
class Unready:
    """The engine could not be made ready (no such device, a damaged model to warm up)."""

    error: Exception
    details: str


Terminal = Finished | Cancelled | Failed
RunEvent = Queued | Started | Loading | FramesReady | CheckpointReady | Paused | Resumed | Terminal
Event = RunEvent | Answered | Ready | Unready


def check_event(event: object) -> None:
    """Raises ValueError where `event`, which another process has sent, is none, or one with fields of other kinds."""
    match event:
        case FramesReady(run_id=int(), frames=tuple() as frames) if frames:
            for frame in frames:
                if not isinstance(frame, Frame):
                    raise ValueError(f"{type(frame).__name__} is no frame")
                frame.check()
        case CheckpointReady(run_id=int(), checkpoint=Checkpoint(position=float() | int(), data=bytes())):
            pass
        case Failed(run_id=int(), error=Exception(), details=str()) | Unready(error=Exception(), details=str()):
            pass
        case Loading(run_id=int(), done=int() as done, total=int() as total) if 0 <= done <= total:
            pass
        case Answered(view=str()) | Ready(device=Device(kind=str(), name=str(), threads=int())):
            pass
        case Queued() | Started() | Paused() | Resumed() | Finished() | Cancelled() if isinstance(event.run_id, int):
            pass
        case _:
            raise ValueError(f"{type(event).__name__} is no event")
