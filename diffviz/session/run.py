"""A run: the main thread's record of one request.

What a run starts from: its parent, and what the engine is handed with its request.

What runs have cost so far on this machine, to say beforehand what the next one will.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from diffviz.domain import axis_scale, messages
from diffviz.domain.arrays import U8, Chain, Part
from diffviz.domain.bookmarks import Bookmarks
from diffviz.domain.frames import Frame
from diffviz.domain.keyframes import Keyframes
from diffviz.domain.pace import Pace
from diffviz.domain.requests import Image, Plan, Request, Step, ancestry
from diffviz.domain.store import Budget, FrameStore
from diffviz.families import family_of
from diffviz.theory.processes import Process, process_of, schedule_in

ASIDE = "instrument/"
"""Slots that begin so hold what instruments compute for themselves: it is in no list of runs and never on the stage."""
PLANE_SLOT = ASIDE + "plane"
Mark = tuple[int, str, Bookmarks]
"""What a file has of a run, as far as it can change: the number of its frames, its name, and its bookmarks."""
LASTING = frozenset({PLANE_SLOT})
"""Those of them whose runs a person branches: session files keep them. Others are left out of files."""


Lineup = tuple[tuple["Run", str], ...]
"""Runs that a file shows beside each other, from the left, with the titles that a person has given them, if any."""


class Status(Enum):
    """Where a run stands. The last three are final."""

    SENT = "sent"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether nothing comes after it."""
        return self in (Status.FINISHED, Status.CANCELLED, Status.FAILED)


@dataclass(slots=True, eq=False)
class Run:
    """One request, how far it is and its frames so far.

    `parent` is the run it continues, where that is known; `keyframes` are the checkpoints it can be continued from.
    `name` is what a person calls it, empty where nobody has named it. A `live` run follows a control that is dragged.
    `pace` is how fast it comes on of late, in positions a second. `bookmarks` are the places that a person comes back
    to. `saved` is the mark of the run as a file has it, None where none does. `weights` are the checksums of those of
    its models, by id, at its beginning: a training may write others into the same place. `loaded` are the bytes of its
    network that are read, and all there are, zeros where that is not said. `lineup` is what it was last shown with in
    a file, itself first.
    """

    id: int
    slot: str
    request: Request
    plan: Plan
    store: FrameStore
    parent: Run | None = None
    status: Status = Status.SENT
    error: Exception | None = None
    details: str = ""
    seconds: float = 0.0
    pace: Pace = field(default_factory=Pace, repr=False)
    keyframes: Keyframes = field(default_factory=Keyframes)
    name: str = ""
    bookmarks: Bookmarks = ()
    live: bool = False
    saved: Mark | None = None
    weights: Mapping[str, str] = field(default_factory=dict)
    loaded: tuple[int, int] = (0, 0)
    lineup: Lineup = ()
    _began: float = field(default=0.0, repr=False)
    _held: float = field(default=0.0, repr=False)

    @property
    def newest(self) -> float:
        """Position of its newest frame, or of the first there will be."""
        return self.store[-1].position if len(self.store) else self.plan.positions[0]

    def at(self, position: float) -> Frame | None:
        """The computed frame nearest to `position`, or None while there is none; see `owner`."""
        store = self.owner(position).store
        return store.nearest(position) if len(store) else None

    def within(self, position: float) -> float:
        """`position`, or where that is outside the run the end of its frames, or of those to come, that is nearest.

        A `live` run that is being computed reaches as far as it will: it takes the place of one that does.
        """
        frames = self.positions()
        if not frames or (self.live and not self.status.final):
            planned = self.plan.positions
            low, high = min(planned[0], planned[-1]), max(planned[0], planned[-1])
        else:
            low, high = frames[0], frames[-1]
        return min(max(position, low), high)

    def reaches(self, position: float) -> bool:
        """Whether `position` is among its frames, or beyond them by no more than the last ones are apart."""
        frames, end = self.positions(), self.within(position)
        if end == position or len(frames) < 2:
            return end == position
        return abs(position - end) <= (frames[1] - frames[0] if position < end else frames[-1] - frames[-2])

    def owner(self, position: float) -> Run:
        """The run that the frame at `position` is of: before a training that goes on from another one, that one."""
        before = self.plan.between and position < self.plan.positions[0]
        if before and self.parent is not None and len(self.parent.store):
            return self.parent.owner(position)
        return self

    def positions(self) -> Sequence[float]:
        """Positions of the computed frames, ascending, those of the runs that it goes on from included."""
        own = self.store.positions()
        if not self.plan.between or self.parent is None:
            return own
        before = self.parent.positions()
        return Chain((Part(before, 0, bisect_left(before, self.plan.positions[0])), own))

    def earlier(self) -> list[Frame]:
        """The frames of the trainings that it goes on from, the oldest first, each up to where the next one begins."""
        if not self.plan.between or self.parent is None:
            return []
        begin = self.plan.positions[0]
        return [frame for frame in (*self.parent.earlier(), *self.parent.store) if frame.position < begin]

    @property
    def process(self) -> Process | None:
        """The noising process whose time its axis is, None where that is something else."""
        return process_of(self.plan.schedule) if self.plan.schedule else None

    @property
    def spreads(self) -> bool:
        """Whether its process does not preserve the variance: x_t is then shown divided by √(α² + σ²)."""
        return self.process is not None and schedule_in(self.process) is None

    @property
    def scale(self) -> axis_scale.AxisScale:
        """How its axis is spread over a length."""
        return axis_scale.scale_of(self.plan)

    @property
    def lasting(self) -> bool:
        """Whether session files keep it."""
        return self.slot in LASTING or not self.slot.startswith(ASIDE)

    @property
    def mark(self) -> Mark:
        """Equal for two looks at it between which it has neither grown nor got another name or other bookmarks."""
        return len(self.store), self.name, self.bookmarks

    @property
    def changed(self) -> bool:
        """Whether it has frames, or will have, that no file has; what an instrument computes by itself has not."""
        aside = self.slot.startswith(ASIDE) and not isinstance(self.request.start, Step)
        return self.lasting and not aside and self.mark != self.saved and (len(self.store) > 0 or self.computing)

    @property
    def unsaved(self) -> bool:
        """Whether a person would miss it: it is `changed`, and they asked for it, named it or set bookmarks."""
        return self.changed and (not self.live or bool(self.name or self.bookmarks))

    @property
    def computing(self) -> bool:
        """Whether frames of it are on their way without anybody doing anything for it."""
        return self.status in (Status.SENT, Status.QUEUED, Status.RUNNING)

    @property
    def progress(self) -> float:
        """Share of the planned frames that have come, 0 to 1."""
        return self._passed / max(1, len(self.plan.positions))

    @property
    def rate(self) -> float:
        """Frames a second since it started, 0 before the first."""
        return len(self.store) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds to the end, or None while there is nothing to estimate from."""
        done = self._passed
        left = len(self.plan.positions) - done
        return self.seconds * left / done if done and self.seconds > 0 else None

    @property
    def _passed(self) -> int:
        """How many of the planned frames have come."""
        frames = len(self.store)
        return self.plan.passed(self.store[-1].position, frames) if frames else 0

    def clear(self) -> None:
        """Forget its frames and keyframes and give their memory back."""
        self.store.clear()
        self.keyframes.clear()

    def fail(self, error: Exception, details: str) -> None:
        """End here with `error`, keeping the frames there are."""
        self.error, self.details, self.status = error, details, Status.FAILED

    def apply(self, event: messages.RunEvent) -> None:
        """Take over what `event` says; events after the final one are ignored.

        Raises OSError or MemoryError where there is no room for a frame.
        """
        if self.status.final:
            return
        match event:
            case messages.FramesReady():
                for frame in event.frames:
                    self.store.append(frame)
                if self.status is not Status.PAUSED:  # one step at a time: nobody waits for it
                    self.seconds = time.monotonic() - self._began
                    self.pace.add(self.seconds, self.newest)
            case messages.Started():
                self._began = time.monotonic()
                self.status = Status.RUNNING
            case messages.Loading():
                self.loaded = event.done, event.total
            case messages.Failed():
                self.fail(event.error, event.details)
            case messages.CheckpointReady():
                self.keyframes.add(event.checkpoint)
            case messages.Paused() | messages.Queued():
                self._held = time.monotonic()
                self.status = _STATUS[type(event)]
            case messages.Resumed():
                self._began += time.monotonic() - self._held  # `seconds` are those of computing
                self.pace.begin_anew()
                self.status = Status.RUNNING
            case messages.Finished() | messages.Cancelled():
                self.status = _STATUS[type(event)]


_STATUS: dict[type[messages.RunEvent], Status] = {
    messages.Queued: Status.QUEUED,
    messages.Paused: Status.PAUSED,
    messages.Finished: Status.FINISHED,
    messages.Cancelled: Status.CANCELLED,
}


def parent_of(request: Request, runs: Sequence[Run]) -> Run | None:
    """The newest of `runs` that `request` continues."""
    start = request.start
    if not isinstance(start, Step):
        return None
    return next((run for run in reversed(runs) if run.request == start.of), None)


def inputs_of(request: Request, parent: Run | None, images: Mapping[str, U8]) -> messages.RunInputs:
    """The pictures that `request` or what it continues starts from, as far as they are among `images`, and the frame
    and the keyframe of `parent` that it goes on from."""
    names = {name for r in ancestry(request) if isinstance(r.start, Image) for name in r.start.sha256}
    found = {name: images[name] for name in names if name in images}
    keyframe = parent.keyframes.before(request.start.at) if parent and isinstance(request.start, Step) else None
    return messages.RunInputs(found, _origin(request, parent), keyframe)


def _origin(request: Request, parent: Run | None) -> Frame | None:
    start = request.start
    if not isinstance(start, Step) or parent is None:
        return None
    frame = parent.at(start.at)
    return frame if frame and frame.position == parent.plan.nearest(start.at) else None


KEPT_SHARE = 0.25


class KeptRuns:
    """Runs that were removed and can come back with their frames, as long as these take a small share of `budget`.

    The oldest lose theirs first.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._runs: list[Run] = []

    def add(self, run: Run) -> None:
        """Keep `run`, the newest."""
        self._runs.append(run)
        while self._runs and sum(each.store.nbytes for each in self._runs) > KEPT_SHARE * self._budget.limit:
            self._runs.pop(0).clear()

    def take(self, run: Run) -> None:
        """Keep `run` no longer: it has come back."""
        self._runs = [each for each in self._runs if each is not run]

    def clear(self) -> None:
        """Keep none."""
        for run in self._runs:
            run.clear()
        self._runs = []


FEW_FRAMES = 3


class RuntimeEstimator:
    """Measured seconds per network evaluation, by model and number of samples."""

    def __init__(self) -> None:
        self._seconds: dict[str, dict[int, float]] = {}

    def observe(self, run: Run) -> None:
        """Learn from what `run` has computed so far."""
        family = family_of(run.request)
        model = family.networks(run.request)
        frames = len(run.store)
        if not model or frames < FEW_FRAMES or run.seconds <= 0:
            return
        per_frame = run.plan.evaluations / max(1, len(run.plan.positions) - 1)
        evaluations = per_frame * frames
        self._seconds.setdefault(model, {})[family.samples(run.request)] = run.seconds / max(1.0, evaluations)

    def estimate(self, request: Request, plan: Plan) -> float | None:
        """Seconds that `request` will take; None where nothing like it was measured yet."""
        known = self._seconds.get(family_of(request).networks(request))
        if not known or not plan.evaluations:
            return None
        samples = family_of(request).samples(request)
        nearest = min(known, key=lambda n: abs(n - samples))
        larger = max(1.0, samples / nearest)
        return known[nearest] * larger * plan.evaluations
