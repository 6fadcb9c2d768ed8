"""Places on the axis of runs that a person has chosen: a range to play and export, and bookmarks to come back to."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from diffviz.domain import bookmarks
from diffviz.domain.arrays import nearest_index
from diffviz.domain.bookmarks import Bookmark, Span
from diffviz.session.run import Run
from diffviz.theory.shared_time import SharedTime

Axis = tuple[str, float, float]


class Places(QObject):
    """The ranges that are chosen, and the bookmarks of runs, which the runs have themselves.

    A range is one of an axis: all runs of a lab whose axes have the same ends share it, so that it stays when the next
    run is computed, and when another lab is looked at. Signals: `changed` (a range or bookmarks).
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ranges: dict[Axis, Span] = {}

    def range_of(self, run: Run | None) -> Span | None:
        """The range chosen on the axis of `run`."""
        return self._ranges.get(_axis_of(run)) if run is not None else None

    def range_on(self, run: Run, shown: Run | None, tie: SharedTime | None) -> Span | None:
        """The range chosen on the axis of `shown`, on that of `run`; the own one of a run that no `tie` ties to it."""
        chosen = self.range_of(shown if tie else run)
        return bookmarks.span(tie.there(chosen.low), tie.there(chosen.high)) if tie and chosen else chosen

    @property
    def ranges(self) -> Mapping[Axis, Span]:
        """The ranges that are chosen, by axis: the lab of its runs, and its ends."""
        return self._ranges

    def restore(self, ranges: Mapping[Axis, Span]) -> None:
        """Have `ranges` beside those of other axes."""
        self._ranges |= ranges
        self.changed.emit()

    def choose(self, run: Run, chosen: Span | None) -> None:
        """From now on `chosen` is the range of the axis of `run`; none removes it."""
        if chosen == self.range_of(run):
            return
        if chosen is None:
            del self._ranges[_axis_of(run)]
        else:
            self._ranges[_axis_of(run)] = chosen
        self.changed.emit()

    def bound(self, run: Run, at: float, *, high: bool) -> None:
        """Let the range of `run` end at `at`, or, not `high`, begin there."""
        ends = Span(run.plan.low, run.plan.high)
        self.choose(run, bookmarks.bounded(self.range_of(run), ends, at, high=high))

    def toggle(self, run: Run, at: float) -> None:
        """Set a bookmark at the frame of `run` that is shown at `at`, or remove the one there."""
        positions = run.positions()
        if positions:
            self._keep(run, bookmarks.toggled(run.bookmarks, positions[nearest_index(positions, at)]))

    def rename(self, run: Run, mark: Bookmark, name: str) -> None:
        """Call the bookmark `mark` of `run` `name`; an empty one lets it be called by its place."""
        self._keep(run, bookmarks.renamed(run.bookmarks, mark.position, name))

    def remove(self, run: Run, mark: Bookmark) -> None:
        """Forget the bookmark `mark` of `run`."""
        self._keep(run, bookmarks.without(run.bookmarks, mark.position))

    def _keep(self, run: Run, marks: bookmarks.Bookmarks) -> None:
        if marks != run.bookmarks:
            run.bookmarks = marks
            self.changed.emit()


def _axis_of(run: Run) -> Axis:
    """Equal for runs that are watched over one and the same axis."""
    return run.slot.partition("/")[0], run.plan.low, run.plan.high
