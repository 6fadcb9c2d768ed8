"""The run loop: advances the generators of runs a little at a time and answers queries in between.

It is driven by the worker thread of the window and by the process of its own that long runs are computed in.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from diffviz.domain import errors, messages
from diffviz.domain.engine import Engine
from diffviz.domain.frames import Checkpoint, Frame

logger = logging.getLogger(__name__)
GATHER_SECONDS = 0.03  # about what a view is drawn at: more often nobody looks, and every event costs the run a little


@dataclass(eq=False)
class ActiveRun:
    """A run that the worker has not ended yet.

    `allowed` has, for each frame that a paused run may still make, the part of a step that leads to it; `waiting` was
    resumed while another run advances.
    """

    start: messages.Start
    frames: Iterator[Frame | Checkpoint | messages.Later] | None = None
    paused: bool = False
    waiting: bool = False
    allowed: deque[str] = field(default_factory=deque)
    made: bool = False
    gathered: list[Frame] = field(default_factory=list)
    loading: messages.Later | None = None

    @property
    def wants_turn(self) -> bool:
        return not self.paused or bool(self.allowed)

    def next(self) -> Frame | Checkpoint | messages.Later | None:
        """The next thing its generator makes, None at its end; the part that was asked for is sent into it."""
        assert self.frames is not None, "a job is begun before it is advanced"
        part = self.allowed[0] if self.paused and self.allowed else ""
        if part and self.made and isinstance(self.frames, Generator):
            try:
                item: Frame | Checkpoint | messages.Later = self.frames.send(part)
            except StopIteration:
                return None
            return item
        return next(self.frames, None)


class Interrupts:
    """Runs to be stopped inside a long step. Written by the thread that takes commands in, read by the computing one.

    It hears of every command before the loop does, whose step may take long.
    """

    def __init__(self) -> None:
        self._runs: set[int] = set()
        self._slots: dict[str, int] = {}
        self._all = threading.Event()

    def notice(self, command: messages.Command) -> None:
        """Stop the run that `command` ends: the one it cancels, or the one whose slot it takes."""
        if isinstance(command, messages.Cancel):
            self._runs.add(command.run_id)
        elif isinstance(command, messages.Start):
            previous = self._slots.get(command.slot)
            if previous is not None:
                self._runs.add(previous)
            self._slots[command.slot] = command.run_id

    def stop_all(self) -> None:
        """Stop every run, now and later."""
        self._all.set()

    def stopped(self, run_id: int | None) -> bool:
        """Whether run `run_id` is to stop."""
        return self._all.is_set() or run_id in self._runs


class RunLoop:
    """Runs one engine on one thread. Commands come in by `receive`; events go out by `emit`, in order.

    One run advances at a time; a paused one lets the next go on, and goes first where a step of it is asked for by
    hand. Every run ends with exactly one of `Finished`, `Cancelled` and `Failed`. One event has frames of about
    `most_bytes` at most.
    """

    def __init__(
        self,
        make_engine: Callable[[], Engine],
        emit: Callable[[messages.Event], object],
        interrupts: Interrupts,
        most_bytes: int | None = None,
    ) -> None:
        self._make_engine = make_engine
        self._emit = emit
        self._interrupts = interrupts
        self._most_bytes = most_bytes
        self._engine: Engine | None = None
        self._jobs: list[ActiveRun] = []
        self._queries: dict[str, messages.Query] = {}
        self._current: int | None = None

    @property
    def waiting(self) -> bool:
        """Whether `turn` may have something to do."""
        return bool(self._jobs or self._queries)

    def receive(self, command: messages.Command) -> None:
        """Act on one command."""
        match command:
            case messages.Start():
                self._enqueue(command)
            case messages.Cancel():
                self._end(command.run_id)
            case messages.Pause():
                self._pause(command.run_id)
            case messages.Resume():
                self._resume(command.run_id)
            case messages.Advance():
                self._allow(command)
            case messages.Ask():
                self._queries[command.view] = command.query
            case messages.UseDevice() | messages.WarmUp():
                self._prepare(command)
            case messages.ShareThreads():
                self._open().share_threads(command.among)
            case messages.AddCard():
                self._open().add_card(command.card)
            case messages.RemoveCard():
                self._open().remove_card(command.model)
            case _:
                assert_never(command)

    def stop(self) -> None:
        """End all runs; nothing is computed after it."""
        self._queries.clear()
        for job in list(self._jobs):
            self._end(job.start.run_id)

    def _enqueue(self, start: messages.Start) -> None:
        for job in [job for job in self._jobs if job.start.slot == start.slot]:
            self._end(job.start.run_id)
        self._jobs.append(ActiveRun(start, paused=start.held))
        if start.held:
            self._emit(messages.Paused(start.run_id))
        elif len(self._jobs) > 1:
            self._emit(messages.Queued(start.run_id))

    def _end(self, run_id: int) -> None:
        job = self._job(run_id)
        if job is None:
            return
        self._close(job)
        self._emit(messages.Cancelled(run_id))

    def _pause(self, run_id: int) -> None:
        job = self._job(run_id)
        if job and not job.paused:
            job.paused = True
            self._emit(messages.Paused(run_id))

    def _resume(self, run_id: int) -> None:
        job = self._job(run_id)
        if job and job.paused:
            job.paused = False
            job.allowed.clear()
            self._jobs.remove(job)
            job.waiting = any(other.wants_turn for other in self._jobs)
            self._jobs.append(job)
            self._emit(messages.Queued(run_id) if job.waiting else messages.Resumed(run_id))

    def _allow(self, advance: messages.Advance) -> None:
        job = self._job(advance.run_id)
        if job and job.paused:
            job.allowed.extend([advance.part] * advance.steps)

    def _prepare(self, command: messages.UseDevice | messages.WarmUp) -> None:
        model = command.model if isinstance(command, messages.WarmUp) else None
        try:
            if isinstance(command, messages.UseDevice):
                self._open().use_device(command.kind)
            self._emit(messages.Ready(self._open().warm_up(model)))
        except Exception as error:
            details = traceback.format_exc()
            logger.exception("The device or the model could not be made ready")
            self._emit(messages.Unready(_bare(error), details))

    def turn(self) -> bool:
        """Answer a query and advance a run a little; whether there was anything to do."""
        if self._queries:
            view = next(iter(self._queries))
            self._answer(view, self._queries.pop(view))
        ready = [job for job in self._jobs if job.wants_turn]
        if ready:
            self._advance(next((job for job in ready if job.paused), ready[0]))
        return bool(ready or self._queries)

    def _answer(self, view: str, query: messages.Query) -> None:
        try:
            answer = self._open().answer(query)
        except Exception as error:
            if not isinstance(error, errors.DiffvizError):  # those are a view's own affair
                logger.exception("%s was not answered", type(query).__name__)
            answer = _bare(error)
        if isinstance(answer, messages.Later):
            self._queries.setdefault(view, query)  # after the others, unless there is a newer one of this view
        else:
            self._emit(messages.Answered(view, answer))

    def _advance(self, job: ActiveRun) -> None:
        self._current = job.start.run_id
        try:
            finished = self._gather(job)
        except errors.Interrupted:
            self._end(job.start.run_id)
        except Exception as error:
            details = traceback.format_exc()
            logger.exception("%s failed", type(job.start.request).__name__)
            self._close(job)
            self._emit(messages.Failed(job.start.run_id, _bare(error), details))
        else:
            if finished:
                self._close(job)
                self._emit(messages.Finished(job.start.run_id))
        finally:
            self._current = None

    def _gather(self, job: ActiveRun) -> bool:
        """Advance `job` for about `GATHER_SECONDS`; whether it came to its end. Its frames go out as one event."""
        if job.frames is None:
            self._emit(messages.Started(job.start.run_id))
            if job.paused:  # it was told so before it began
                self._emit(messages.Paused(job.start.run_id))
            job.frames = self._open().frames(job.start.request, job.start.materials, job.start.plan)
        elif job.waiting:
            self._emit(messages.Resumed(job.start.run_id))
        job.waiting = False
        until = time.monotonic() + GATHER_SECONDS
        try:
            while job.wants_turn:
                item = job.next()
                if item is None:
                    return True
                self._take(job, item)
                if time.monotonic() >= until:
                    return False
            return False
        finally:
            self._flush(job)

    def _take(self, job: ActiveRun, item: Frame | Checkpoint | messages.Later) -> None:
        if isinstance(item, messages.Later):
            job.loading = item if item.total else None
            return
        if isinstance(item, Checkpoint):
            self._flush(job)
            self._emit(messages.CheckpointReady(job.start.run_id, item))
            return
        job.gathered.append(item)
        job.made = True
        if self._most_bytes is not None and len(job.gathered) * item.nbytes >= self._most_bytes:
            self._flush(job)
        if job.allowed:
            job.allowed.popleft()

    def _flush(self, job: ActiveRun) -> None:
        if job.loading is not None:
            self._emit(messages.Loading(job.start.run_id, job.loading.done, job.loading.total))
            job.loading = None
        if job.gathered:
            self._emit(messages.FramesReady(job.start.run_id, tuple(job.gathered)))
            job.gathered = []

    def _close(self, job: ActiveRun) -> None:
        self._jobs.remove(job)
        close = getattr(job.frames, "close", None)
        if close:
            close()

    def _job(self, run_id: int) -> ActiveRun | None:
        return next((job for job in self._jobs if job.start.run_id == run_id), None)

    def _open(self) -> Engine:
        if self._engine is None:
            self._engine = self._make_engine()
            self._engine.interrupt_when(lambda: self._interrupts.stopped(self._current))
        return self._engine


def _bare(error: Exception) -> Exception:
    """`error` as plain data: its traceback would keep the tensors of the step that failed."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
