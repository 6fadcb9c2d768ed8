"""What is done to runs in their list, so that it can be undone.

Which runs of a list are one row: those of equal requests that are called alike.

The line in which a run is named, in its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFontMetrics, QUndoCommand
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from diffviz.domain.bookmarks import LONGEST_NAME
from diffviz.domain.text import tr, trn
from diffviz.session.run import ASIDE, Run, Status
from diffviz.session.session import Session

RECORDED = "/recorded/"
AGAIN = "/again"
ENDED = (Status.CANCELLED, Status.FAILED)
Row = tuple[Run, ...]
"""Equal runs, in the order they were begun."""


def rows_of(runs: Sequence[Run]) -> dict[int, Row]:
    """The rows of a list of `runs`, by the number of the first run of each."""
    first: dict[object, int] = {}
    found: dict[int, list[Run]] = {}
    for run in runs:
        number = first.setdefault((run.request, run.name, RECORDED in run.slot), run.id)
        found.setdefault(number, []).append(run)
    return {number: tuple(row) for number, row in found.items()}


def shown_of(row: Row, *first: Run | None) -> Run:
    """The run that `row` stands for: one of the `first` where it is among them, else the newest with most frames."""
    return next((run for run in first if run in row and run is not None), max(row, key=lambda r: (r.progress, r.id)))


def removal_text(count: int) -> str:
    """That `count` runs are deleted at once."""
    return trn("Delete {n} run", "Delete {n} runs", count).format(n=count)


class RemoveRuns(QUndoCommand):
    """Forgets `runs`; undone, they come back in their places with the frames that they had.

    One that was still being computed, or whose frames there was no room for meanwhile, is computed anew, to the same
    pictures. Names, the place beside the shown run and the runs that continue them come back too.
    """

    def __init__(self, session: Session, runs: Sequence[Run]) -> None:
        alone = tr("Delete {run}").format(run=session.names.of(runs[0]))
        super().__init__(alone if len(runs) == 1 else removal_text(len(runs)))
        self._session, self._runs = session, list(runs)
        self._places: dict[int, int] = {}
        self._frames: Mapping[int, int] = {}
        self._shown: Run | None = None
        self._pinned: Run | None = None

    def redo(self) -> None:
        session = self._session
        self._runs = [run for run in session.runs if run in self._runs]
        self._places = {run.id: session.runs.index(run) for run in self._runs}
        self._frames = {run.id: len(run.store) for run in self._runs}
        self._shown, self._pinned = (run if run in self._runs else None for run in (session.a, session.b))
        session.remove(*self._runs, keep=True)

    def undo(self) -> None:
        shown, pinned = self._shown, self._pinned
        for number, run in enumerate(self._runs):
            self._runs[number] = back = self._brought_back(run)
            shown, pinned = (back if one is run else one for one in (shown, pinned))
        if pinned is not None:
            self._session.pin(pinned)
        if shown is not None:
            self._session.show(shown)

    def _brought_back(self, run: Run) -> Run:
        if run.status.final and len(run.store) == self._frames[run.id]:
            self._session.put_back(run, self._places[run.id])
            return run
        made = self._session.start(run.request, self._slot(run), show=False)
        for other in self._session.runs:
            if other.parent is run:
                other.parent = made
        made.bookmarks = run.bookmarks
        self._session.rename(made, run.name)
        return made

    def _slot(self, run: Run) -> str:
        """A slot in which no other run is ended by this one."""
        busy = any(other.slot == run.slot and not other.status.final for other in self._session.runs)
        return f"{run.slot}{AGAIN}/{run.id}" if busy and not run.slot.startswith(ASIDE) else run.slot


class RenameRuns(QUndoCommand):
    """Calls equal `runs` `name`."""

    def __init__(self, session: Session, runs: Sequence[Run], name: str) -> None:
        super().__init__(tr("Rename {run}").format(run=session.names.of(runs[0])))
        self._session, self._name = session, name
        self._before = {run: run.name for run in runs}

    def redo(self) -> None:
        for run in self._before:
            self._session.rename(run, self._name)

    def undo(self) -> None:
        for run, name in self._before.items():
            self._session.rename(run, name)


BESIDE_TEXT = 52
"""Pixels of a row that its text has not: the icon, and room around both."""
Index = QModelIndex | QPersistentModelIndex


class NameEditor(QStyledItemDelegate):
    """Edits what `name_of(number)` gives and hands `named(number, name)` the result.

    The number is an item's data of the role `UserRole`; the item's own text, with its letter and inset, stays as it is.
    """

    def __init__(
        self, name_of: Callable[[int], str], named: Callable[[int, str], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._name_of, self._named = name_of, named

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As many lines as the text takes in the width of the list, which Qt does not ask for in a tree."""
        hint, view = super().sizeHint(option, index), self.parent()
        assert isinstance(view, QAbstractItemView)
        metrics, width = QFontMetrics(view.font()), max(1, view.viewport().width() - BESIDE_TEXT)
        text = metrics.boundingRect(0, 0, width, 0, int(Qt.TextFlag.TextWordWrap), str(index.data()))
        return QSize(hint.width(), hint.height() + max(0, text.height() - metrics.height()))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A line in the row's place."""
        line = QLineEdit(parent)
        line.setMaxLength(LONGEST_NAME)
        line.setAccessibleName(tr("Name of the run"))
        line.setPlaceholderText(tr("empty: named by its settings"))
        return line

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Begin with the name there is."""
        assert isinstance(editor, QLineEdit)
        if not editor.isModified():
            editor.setText(self._name_of(_number(index)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand over the name; the list writes it."""
        assert isinstance(editor, QLineEdit)
        self._named(_number(index), editor.text().strip())


def _number(index: Index) -> int:
    return int(index.data(Qt.ItemDataRole.UserRole))
