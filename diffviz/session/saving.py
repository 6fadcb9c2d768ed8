"""A session as what goes into a session file, and back.

Recorded trainings: models that carry the run that made them, to be seen as a whole at once and to be continued.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diffviz.domain import bookmarks, export_settings, frames
from diffviz.domain.cards import TRACE, Card
from diffviz.domain.errors import DiffvizError, Interrupted, ModelDamaged, NoRunInside
from diffviz.domain.provenance import differences, located, missing
from diffviz.domain.requests import Plan, Request
from diffviz.domain.sentences import sentence
from diffviz.domain.store import FrameStore
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr
from diffviz.export import archive
from diffviz.export.archive import SavedRun, SavedSession
from diffviz.families import family_of, naming
from diffviz.session.file_task import snapshot
from diffviz.session.looks import NOTHING_SEEN, WindowLook, opened_labs, opened_range, saved_labs, saved_ranges
from diffviz.session.run import Mark, Run, Status
from diffviz.session.session import Session

logger = logging.getLogger(__name__)
SLACK = 1 << 16
MOST_KEYFRAME_BYTES = 8 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A session file that was read: what is in it, a store for the frames of every run, and what it lacks here.

    It is `whole` where the session has all of it afterwards: only then may the file be written over without asking.
    """

    saved: SavedSession
    stores: tuple[FrameStore, ...]
    problems: tuple[str, ...] = ()
    whole: bool = True


def saved_of(session: Session, most_bytes: int | None = None, seen: WindowLook = NOTHING_SEEN) -> SavedSession:
    """All lasting runs of `session` as they are now; without frames where these take more than `most_bytes`.

    Every run stands behind the one that it continues. `seen` is what the window shows.
    """
    kept = _parents_first([run for run in session.runs if run.lasting])
    whole = most_bytes is None or sum(run.store.nbytes for run in kept) <= most_bytes
    numbers = {run.id: i for i, run in enumerate(kept)}
    runs = tuple(
        SavedRun(
            session.record(run),
            run.slot,
            run.status.value,
            numbers.get(run.parent.id) if run.parent else None,
            snapshot(run.store) if whole else (),
            run.keyframes.few(MOST_KEYFRAME_BYTES),
            run.name,
            bookmarks=run.bookmarks,
            seconds=run.seconds,
        )
        for run in kept
    )
    shown, pinned = (numbers.get(run.id) if run else None for run in (session.a, session.b))
    labs = saved_labs(seen, session, numbers)
    return SavedSession(runs, shown, session.cursor, pinned, seen.shown, labs, saved_ranges(session))


def _parents_first(runs: Sequence[Run]) -> list[Run]:
    """`runs` in their order, but for those that are continued by one before them: a removed run that came back."""
    placed: dict[Run, None] = {}
    for run in runs:
        line = [run]
        while (parent := line[-1].parent) is not None and parent in runs:
            line.append(parent)
        placed |= dict.fromkeys(reversed(line))
    return list(placed)


def marks_of(session: Session) -> dict[Run, Mark]:
    """What a file that is written now has of the runs of `session`; see `keep_marks` for when it is written."""
    return {run: run.mark for run in session.runs if run.lasting}


def keep_marks(marks: Mapping[Run, Mark]) -> None:
    """Remember that a file has each run as `marks` says."""
    for run, mark in marks.items():
        run.saved = mark


def load(saved: SavedSession, session: Session, progress: export_settings.Progress) -> Opened:
    """Read the frames of `saved` into stores of `session`'s budget, on any thread; `progress` may raise.

    Raises what `progress` raises, and OSError or MemoryError where there is no room; no memory is held then.
    """
    stores = tuple(FrameStore(session.budget) for _ in saved.runs)
    runs = (dataclasses.replace(run, record=located(run.record, session.offered)) for run in saved.runs)
    try:
        return _load(dataclasses.replace(saved, runs=tuple(runs)), session, stores, progress)
    except BaseException:
        for store in stores:
            store.clear()
        raise


def _load(
    saved: SavedSession, session: Session, stores: tuple[FrameStore, ...], progress: export_settings.Progress
) -> Opened:
    total, done, whole = sum(len(run.frames) for run in saved.runs), 0, True
    problems: list[str] = []
    progress(0, total)
    for run, store in zip(saved.runs, stores, strict=True):
        lacks = list(missing(run.record, session.offered))
        try:
            plan = None if lacks else session.plan(run.record.request)
            for frame in run.frames if plan else ():
                _check(frame, plan, store)
                _check_kind(frame, run.record.request, session.cards)
                store.append(frame)
                done += 1
                progress(done, total)
        except Interrupted:
            raise
        except (DiffvizError, ValueError) as error:
            logger.warning("The frames of a run in a file are left out", exc_info=True)
            lacks.append(_left_out(run, session.cards, error))
            store.clear()
        if run.kind:
            text = tr("The frames of the run “{run}” were written by a newer diffviz; it is opened without them.")
            lacks.append(text.format(run=_name(run, session.cards)))
        whole = whole and not lacks
        problems += [*lacks, *differences(run.record, session.cards)]
    return Opened(saved, stores, tuple(dict.fromkeys(problems)), whole)


def _left_out(run: SavedRun, cards: Mapping[str, Card], error: Exception) -> str:
    """That `run` is opened without its frames, and why."""
    text = tr("The frames of the run “{run}” cannot be read ({reason}); it is opened without them.")
    if isinstance(error, NoRunInside):
        reason = error.reason
    elif isinstance(error, DiffvizError):
        reason = sentence(error).rstrip(".")
    else:
        reason = str(error)
    return text.format(run=_name(run, cards), reason=tr(reason))


def _name(run: SavedRun, cards: Mapping[str, Card]) -> str:
    request = run.record.request
    return run.name or naming.described(request, cards)


@dataclass(frozen=True, slots=True, eq=False)
class Reopened:
    """What came of a file: what its window showed, the runs that nobody had ended before their end, how many came."""

    seen: WindowLook
    waiting: tuple[Run, ...]
    adopted: int


def reopen(session: Session, opened: Opened, *, recovered: bool = False) -> Reopened:
    """Put the runs of `opened` behind those that `session` has, and show the one that was on the screen.

    Runs that were `recovered` are in no file of a person's: they are unsaved. Nothing is computed.
    """
    made: dict[int, Run] = {}
    for i, (run, store) in enumerate(zip(opened.saved.runs, opened.stores, strict=True)):
        if missing(run.record, session.offered):
            continue
        for pixels in run.record.images.values():
            session.add_image(pixels)
        try:
            parent = made.get(-1 if run.parent is None else run.parent)
            made[i] = session.adopt(
                run.record.request, run.slot, store, parent, run.checkpoints, run.record.models, run.seconds
            )
            session.rename(made[i], run.name)
            made[i].bookmarks = bookmarks.fitting(run.bookmarks, made[i].plan.low, made[i].plan.high)
            made[i].saved = None if recovered else made[i].mark
        except DiffvizError:
            store.clear()
    ranges = dict(map(opened_range, opened.saved.ranges))
    session.places.restore({axis: chosen for axis, chosen in ranges.items() if chosen is not None})
    shown, pinned = (made.get(n) if n is not None else None for n in (opened.saved.shown, opened.saved.pinned))
    if pinned is not None:
        session.pin(pinned)
    if shown is not None:
        session.show(shown)
        if len(shown.store):
            session.seek(opened.saved.cursor)
    seen = opened_labs(opened.saved.labs, opened.saved.lab, session, made)
    return Reopened(seen, tuple(run for i, run in made.items() if _waits(opened.saved.runs[i], run)), len(made))


def _waits(saved: SavedRun, run: Run) -> bool:
    """Whether `run` was on its way to its end when it was written as `saved`, or was there, and its frames are not."""
    on_its_way = saved.status not in {status.value for status in Status if status.final}
    missed = not len(run.store) and saved.status == Status.FINISHED.value
    return run.status is not Status.FINISHED and (on_its_way or missed)


def _check(frame: frames.Frame, plan: Plan | None, store: FrameStore) -> None:
    """Raise ValueError for a frame that the run of `plan` cannot have computed after those in `store`."""
    if plan is None or not _follows(frame.position, plan, store):
        raise ValueError(_("frames in it are not those of their run"))
    if frame.nbytes > plan.frame_bytes + SLACK:
        raise ValueError(_("frames in it are larger than those of their run"))


def _check_kind(frame: frames.Frame, request: Request, cards: Mapping[str, Card]) -> None:
    """Raise ValueError for a frame that is of another kind of run than `request`, or does not fit it."""
    family = family_of(request)
    if type(frame) is not family.frame or not family.fits(frame, request, cards):
        raise ValueError(_("frames in it are not those of their run"))


def _follows(position: float, plan: Plan, store: FrameStore) -> bool:
    index = len(store)
    if not plan.between:
        return index < len(plan.positions) and position == plan.positions[index]
    if not index:
        return position == plan.positions[0]
    return store[-1].position < position <= plan.positions[-1]


def recordings(cards: Mapping[str, Card]) -> tuple[Card, ...]:
    """The models that carry their training."""
    return tuple(card for card in cards.values() if card.family == "gan" and (card.folder / TRACE).is_file())


def open_recorded(card: Card, session: Session, slot: str) -> Run:
    """The training of `card` as a finished run of `session`. Raises `ModelDamaged` where it cannot be read."""
    path = card.folder / TRACE
    try:
        opened = load(archive.read(path), session, export_settings.unwatched)
        saved = opened.saved.runs[0] if len(opened.saved.runs) == 1 else None
        if saved is None or opened.problems or not len(opened.stores[0]):
            raise ModelDamaged(path, opened.problems[0] if opened.problems else _("it does not hold one run"))
        run = session.adopt(saved.record.request, slot, opened.stores[0], None, saved.checkpoints)
        run.saved = run.mark
        return run
    except ModelDamaged:
        raise
    except DiffvizError as error:
        raise ModelDamaged(path, sentence(error)) from error
