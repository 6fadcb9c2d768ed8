"""The session: the one observable state of the program. Views read it; intents change it."""

from __future__ import annotations

import itertools
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from diffviz.domain import bookmarks, frames, messages
from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.domain.keyframes import Keyframes
from diffviz.domain.provenance import Record, checksums, record_of
from diffviz.domain.requests import Plan, Request, digest
from diffviz.domain.store import Budget, FrameStore
from diffviz.session.engines import Sender
from diffviz.session.places import Places
from diffviz.session.run import ASIDE, KeptRuns, Run, Status, inputs_of, parent_of
from diffviz.session.run_names import RunNames, list_of
from diffviz.theory.shared_time import LOG_SNR, SharedTime, link

logger = logging.getLogger(__name__)
Planner = Callable[[Request, Mapping[str, Card]], Plan]


class Session(QObject):
    """Runs and their tree, the run on the screen (`a`), the one pinned beside it (`b`), the cursor, the models, the
    pictures and the device.

    `cards` are all models that have been there, by id, so that runs of one that is `gone` are still read; `offered` are
    those that a new run can use. `places` are what a person has chosen on the axes of runs, `names` says what runs are
    called. `shared_by`, a key of `SHARED_BY`, is what runs of unlike processes have in common.

    Signals: `runs_changed` (a run came, went, or changed its status or its name), `frames_arrived` (a run on the screen
    grew), `shown_changed` (another run is shown), `pinned_changed` (another run is pinned, or none), `cursor_changed`,
    `device_changed`, `cards_changed` (models came or went), `answered(view, answer)`. They carry no state: slots
    re-read the session. `answered` alone carries its answer, which is kept nowhere else.
    """

    runs_changed = Signal()
    frames_arrived = Signal()
    shown_changed = Signal()
    pinned_changed = Signal()
    cursor_changed = Signal()
    device_changed = Signal()
    cards_changed = Signal()
    answered = Signal(str, object)

    def __init__(
        self,
        link: Sender,
        planner: Planner,
        cards: Mapping[str, Card],
        budget: Budget | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.cards = dict(cards)
        self.gone: frozenset[str] = frozenset()
        self.runs: list[Run] = []
        self.a: Run | None = None
        self.b: Run | None = None
        self._wish = self._told = 0.0
        self.following = True
        self.shared_by = LOG_SNR
        self.device: messages.Device | None = None
        self.device_error: Exception | None = None
        self.images: dict[str, U8] = {}
        self.places = Places(self)
        self.names = RunNames(self)
        self.budget = budget or Budget()
        self.kept = KeptRuns(self.budget)
        self._planner = planner
        self._ids = itertools.count(1)
        self._link = link
        link.received.connect(self._on_received)

    @property
    def cursor(self) -> float:
        """Where the cursor was put, as far as the shown run has frames: outside it that is its end, everywhere."""
        return self.a.within(self._wish) if self.a else self._wish

    def plan(self, request: Request) -> Plan:
        """What `request` would cost. Raises what is wrong with it."""
        return self._planner(request, self.offered)

    @property
    def offered(self) -> Mapping[str, Card]:
        """The models that are there now, by id."""
        return {name: card for name, card in self.cards.items() if name not in self.gone} if self.gone else self.cards

    def take_cards(self, cards: Mapping[str, Card], renewed: Sequence[Card] = ()) -> None:
        """From now on the models of `cards` are there and no others; those of the `renewed` ones are read anew."""
        new = {card.id for card in renewed}
        came = [c for name, c in cards.items() if name in self.gone or name in new or self.cards.get(name) != c]
        went = [name for name in self.offered if name not in cards]
        self.cards.update(cards)
        self.gone = frozenset(self.cards.keys() - cards.keys())
        for name in went:
            self._link.send(messages.RemoveCard(name))
        for card in came:
            self._link.send(messages.AddCard(card))
        if came or went:
            self.cards_changed.emit()

    def add_image(self, pixels: U8) -> str:
        """Keep `pixels`, uint8 (H, W) or (H, W, 3), for requests to start from; the name to use there."""
        name = digest(pixels)
        self.images.setdefault(name, pixels)
        return name

    def start(
        self, request: Request, slot: str, *, replace: bool = False, show: bool = True, held: bool = False
    ) -> Run:
        """Send `request` off in `slot`, show it (unless told not to) and let the cursor follow it.

        The unfinished run of that slot is cancelled. With `replace` the slot's shown run gives its place in the list
        to the new one and the cursor stays where it is: for requests that follow a control being dragged. A pinned run
        keeps its place. A `held` run is paused before its first frame. One whose model is gone fails.
        """
        plan, store = self._planner(request, self.cards), FrameStore(self.budget)
        run = Run(next(self._ids), slot, request, plan, store, parent_of(request, self.runs))
        run.keyframes = Keyframes(self.budget)
        run.weights = checksums(request, self.cards)
        run.live = replace
        if replace:
            self._drop(before := self.a if self.a and self.a.slot == slot and not self._held(self.a) else None)
            run.bookmarks = bookmarks.fitting(before.bookmarks, plan.low, plan.high) if before else ()
        self.runs.append(run)
        inputs = inputs_of(request, run.parent, self.images)
        self._link.send(messages.Start(run.id, slot, request, inputs, held, plan))
        if show:
            self.following = not replace
            self.show(run)
        self.runs_changed.emit()
        return run

    @property
    def unsaved(self) -> list[Run]:
        """Runs that would be missed if the program ended now: see `Run.unsaved`."""
        return [run for run in self.runs if run.unsaved]

    @property
    def listed(self) -> list[Run]:
        """Runs that a person has begun."""
        return [run for run in self.runs if not run.slot.startswith(ASIDE)]

    def record(self, run: Run) -> Record:
        """What a file says of `run`: its request and what that is about, with the weights that it was begun with."""
        device = self.device.kind if self.device else ""
        return replace(record_of(run.request, self.images, self.cards, device), models=run.weights)

    def computed(self, request: Request) -> Run | None:
        """The run a person has begun that already has every frame of `request`; None where there is none."""
        found = (run for run in self.listed if run.request == request and run.status is Status.FINISHED)
        return next(found, None)

    def adopt(
        self,
        request: Request,
        slot: str,
        store: FrameStore,
        parent: Run | None = None,
        checkpoints: Sequence[frames.Checkpoint] = (),
        weights: Mapping[str, str] | None = None,
        seconds: float = 0.0,
    ) -> Run:
        """Take in a run that was computed earlier, with the frames it got to and what it can be continued from.

        `weights` are the checksums of those it was computed with, by model, `seconds` what that took, as far as it was
        measured. Raises what is wrong with `request`.
        """
        run = Run(next(self._ids), slot, request, self.plan(request), store, parent or parent_of(request, self.runs))
        run.status = Status.FINISHED if run.progress == 1 else Status.CANCELLED
        run.weights, run.seconds = weights or checksums(request, self.cards), seconds
        run.keyframes = Keyframes(self.budget)
        for checkpoint in checkpoints:
            run.keyframes.add(checkpoint)
        self.runs.append(run)
        self.runs_changed.emit()
        return run

    def cancel(self, run: Run) -> None:
        """End `run` within one step, keeping its frames."""
        if not run.status.final:
            self._link.send(messages.Cancel(run.id))

    def pause(self, run: Run) -> None:
        """Hold `run` between two steps."""
        self._link.send(messages.Pause(run.id))

    def resume(self, run: Run) -> None:
        """Go on with a paused run."""
        self._link.send(messages.Resume(run.id))

    def advance(self, run: Run, part: str = "", steps: int = 1) -> None:
        """Let a paused run make `steps` more frames; `part` is a part of a step, where its family has parts."""
        self._link.send(messages.Advance(run.id, steps, part))

    def remove(self, *runs: Run, keep: bool = False) -> None:
        """Forget `runs`, and their frames unless they may be put back; another one of its list is shown if one was."""
        near = self._neighbour(runs)
        for run in runs:
            self._drop(run, keep=keep)
        if self.a in runs:
            self.show(near)
        self.runs_changed.emit()

    def put_back(self, run: Run, at: int) -> None:
        """List `run`, which was removed and kept, as number `at` again."""
        self.kept.take(run)
        self.runs.insert(at, run)
        self.runs_changed.emit()

    def show(self, run: Run | None) -> None:
        """Put `run` on the screen; the cursor follows its newest frame, or stays as near as it can."""
        at = tie.there(self._wish) if run and (tie := self.link(run)) else self._wish
        if run is not self.a:
            self.a = run
            self.shown_changed.emit()
        if run:
            self._move(run.newest if self.following else min(max(at, run.plan.low), run.plan.high))

    def pin(self, run: Run | None) -> None:
        """Keep `run` beside whatever is shown, or none."""
        if run is not self.b:
            self.b = run
            self.pinned_changed.emit()

    def swap(self) -> None:
        """Let the shown and the pinned run change places; the cursor stays."""
        a, b = self.a, self.b
        if a and b:
            self.following = False
            self.pin(a)
            self.show(b)

    def rename(self, run: Run, name: str) -> None:
        """Call `run` `name`; an empty one lets it be called by its settings."""
        if name != run.name:
            run.name = name
            self.runs_changed.emit()

    def seek(self, position: float) -> None:
        """Move the cursor to `position`, within the shown run's axis; it no longer follows a run being computed."""
        self.following = False
        if self.a:
            position = min(max(position, self.a.plan.low), self.a.plan.high)
        self._move(position)

    def follow(self) -> None:
        """Let the cursor go with the newest frame of the shown run."""
        self.following = True
        if self.a:
            self._move(self.a.newest)

    def frame(self) -> frames.Frame | None:
        """The shown run's frame at the cursor."""
        return self.a.at(self.cursor) if self.a else None

    def link(self, run: Run) -> SharedTime | None:
        """What ties the axis of `run` to that of the shown run; None where both measure the same."""
        return link(self.a.process, run.process, self.shared_by) if self.a else None

    def cursor_of(self, run: Run) -> float:
        """Where the cursor, which is on the shown run's axis, stands on that of `run`, as far as it has frames."""
        return run.within(tie.there(self.cursor) if (tie := self.link(run)) else self.cursor)

    def share_by(self, key: str) -> None:
        """From now on runs of unlike processes have `key`, of `SHARED_BY`, in common at the cursor."""
        if key != self.shared_by:
            self.shared_by = key
            self.cursor_changed.emit()

    def ask(self, view: str, query: messages.Query) -> None:
        """Ask `query` for `view`; `answered` brings the answer."""
        self._link.send(messages.Ask(view, query))

    def use_device(self, kind: str) -> None:
        """Compute on `kind` ("auto", "cuda", "mps", "cpu") from the next run on."""
        self._link.send(messages.UseDevice(kind))

    def warm_up(self, model: str | None = None) -> None:
        """Let the worker load torch and `model` before they are needed."""
        self._link.send(messages.WarmUp(model))

    def close(self) -> bool:
        """Cancel everything and end the worker; whether it ended in time."""
        self._link.received.disconnect(self._on_received)
        ended = self._link.close()
        for run in self.runs:
            run.clear()
        self.kept.clear()
        return ended

    @Slot(object)
    def _on_received(self, event: messages.Event) -> None:
        match event:
            case messages.Answered():
                self.answered.emit(event.view, event.answer)
            case messages.Ready():
                self.device, self.device_error = event.device, None
                self.device_changed.emit()
            case messages.Unready():
                self.device_error = event.error
                self.device_changed.emit()
            case _:
                run = next((run for run in self.runs if run.id == event.run_id), None)
                if run:
                    self._take(run, event)
                    self._after(run, isinstance(event, messages.FramesReady))

    def _take(self, run: Run, event: messages.RunEvent) -> None:
        """Let `run` take over `event`; where its frames cannot be kept it ends with those it has."""
        try:
            run.apply(event)
        except (OSError, MemoryError, ValueError) as error:
            logger.exception("The frames of a run cannot be kept")
            self._link.send(messages.Cancel(run.id))
            run.fail(error, traceback.format_exc())
            self.runs_changed.emit()

    def _after(self, run: Run, grew: bool) -> None:
        if grew and (run is self.a or run is self.b):
            self.frames_arrived.emit()
            if run is self.a and self.following:
                self._move(run.newest)
        else:
            self.runs_changed.emit()
        self._move()

    def _move(self, position: float | None = None) -> None:
        self._wish = self._wish if position is None else position
        if self.cursor != self._told:
            self._told = self.cursor
            self.cursor_changed.emit()

    def _held(self, run: Run) -> bool:
        """Whether something still needs `run`: a run that continues it, or the place beside."""
        return run is self.b or any(other.parent is run for other in self.runs)

    def _neighbour(self, gone: Sequence[Run]) -> Run | None:
        """What is shown in place of the shown run, which is among those `gone`: the next of its list, or the last."""
        listed = [run for run in self.listed if self.a is not None and list_of(run) == list_of(self.a)]
        at = listed.index(self.a) if self.a in listed else 0
        left = [run for run in listed if run not in gone]
        return next((run for run in listed[at:] if run in left), left[-1] if left else None)

    def _drop(self, run: Run | None, *, keep: bool = False) -> None:
        if run in self.runs:
            self.cancel(run)
            self.runs.remove(run)
            if keep:
                self.kept.add(run)
            else:
                run.clear()
            if run is self.b:
                self.pin(None)


__all__ = ["Planner", "Run", "Sender", "Session", "Status"]
