"""The list of runs: a tree by what continues what, named in place.

What is done to runs in their list, so that it can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent, QUndoCommand, QUndoStack
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from diffviz.domain.text import tr
from diffviz.session.run import ASIDE, Run, Status
from diffviz.session.session import Session
from diffviz.ui.forms import run_panel, train_panel
from diffviz.ui.widgets import theme


class RemoveRuns(QUndoCommand):
    """Forgets `run` and its frames; undone, the request is computed anew, to the same pictures.

    Its name, its place beside the shown run and the runs that continue it come back with it.
    """

    def __init__(self, session: Session, run: Run) -> None:
        super().__init__(tr("Delete {run}").format(run=session.names.of(run)))
        self._session, self._run = session, run
        self._pinned = False

    def redo(self) -> None:
        if self._run in self._session.runs:
            self._pinned = self._run is self._session.b
            self._session.remove(self._run)

    def undo(self) -> None:
        gone, session = self._run, self._session
        shown = not self._pinned and not gone.slot.startswith(ASIDE)
        self._run = session.start(gone.request, gone.slot, show=shown)
        for run in session.runs:
            if run.parent is gone:
                run.parent = self._run
        session.rename(self._run, gone.name)
        if self._pinned:
            session.pin(self._run)


class RenameRun(QUndoCommand):
    """Calls `run` `name`."""

    def __init__(self, session: Session, run: Run, name: str) -> None:
        super().__init__(tr("Rename {run}").format(run=session.names.of(run)))
        self._session, self._run, self._name, self._before = session, run, name, run.name

    def redo(self) -> None:
        self._session.rename(self._run, self._name)

    def undo(self) -> None:
        self._session.rename(self._run, self._before)


LONGEST = 120
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
        line.setMaxLength(LONGEST)
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


BRANCH, DEEPER = "└ ", "   "
FEW, ROW = 2, 30
ICONS: Mapping[Status, tuple[str, str]] = MappingProxyType(
    {
        Status.SENT: ("clock", "quiet"),
        Status.QUEUED: ("clock", "quiet"),
        Status.RUNNING: ("loader-circle", "cursor"),
        Status.PAUSED: ("pause", "cursor"),
        Status.FINISHED: ("circle-check", "quiet"),
        Status.CANCELLED: ("circle-stop", "quiet"),
        Status.FAILED: ("triangle-alert", "error"),
    }
)


class RunList(QTreeWidget):
    """Runs of a session in slots that begin with `slots`, the shown one selected.

    A click shows a run, P pins it beside the shown one, F2 or a double click names it, Delete removes it; naming and
    removing can be undone. The shown run is A and the pinned one B, where there is one. A list of runs that are shown
    elsewhere says so by `shown_run` and `show_run`, and that they are not `pinnable`.
    """

    pinnable = True

    def __init__(self, session: Session, undo: QUndoStack, parent: QWidget | None = None, slots: str = "") -> None:
        super().__init__(parent)
        self._session, self._undo, self._slots = session, undo, slots
        self._items: dict[int, QTreeWidgetItem] = {}
        self._refreshing = False
        self._listed = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setToolTip(tr("Click a run to show it; F2 names it, Delete removes it, a right click offers more"))
        self.setStyleSheet("QTreeWidget { background: transparent; border: none; }")
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(0)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        self.setItemDelegate(NameEditor(self._name_at, self._on_named, self))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(tr("Runs"))
        self.customContextMenuRequested.connect(self._on_menu_asked)
        self.currentItemChanged.connect(self._on_current_changed)

    def sizeHint(self) -> QSize:
        """Room for every run, `FEW` at least of as many as there are staying in sight."""
        return QSize(super().sizeHint().width(), self._height_of(self._count()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._height_of(min(self._count(), FEW)))

    def refresh(self) -> None:
        """Read the session: what is listed, and what is said of each run."""
        self._refreshing = True
        runs = {run.id: run for run in self._session.runs if run.slot.startswith(self._slots)}
        for gone in self._items.keys() - runs.keys():
            self._take_out(gone)
        for run in runs.values():
            if run.id not in self._items:
                self._put_in(run)
            self._settle(run)
            self._show(self._items[run.id], run)
        shown = self.shown_run()
        if shown and shown.id in self._items:
            self.setCurrentItem(self._items[shown.id])
        else:
            self.setCurrentIndex(QModelIndex())  # none is current: a click on any row shows it
        self._refreshing = False
        if len(runs) != self._listed:
            self._listed = len(runs)
            self.updateGeometry()

    def item_of(self, run: Run) -> QTreeWidgetItem:
        """The item of `run`."""
        return self._items[run.id]

    def shown_run(self) -> Run | None:
        """The run that is selected."""
        return self._session.a

    def show_run(self, run: Run) -> None:
        """Put `run` on the screen."""
        self._session.show(run)

    def remove(self, run: Run) -> None:
        """Forget `run`, as long as that is not undone."""
        self._undo.push(RemoveRuns(self._session, run))

    def menu_for(self, run: Run) -> QMenu:
        """What can be done with `run`."""
        menu = QMenu(self)
        menu.addAction(theme.icon("eye"), tr("Show"), lambda: self.show_run(run))
        if self.pinnable and run is self._session.b:
            menu.addAction(theme.icon("pin-off"), tr("Unpin B"), lambda: self._session.pin(None))
        elif self.pinnable:
            menu.addAction(theme.icon("pin"), tr("Pin as B"), lambda: self._session.pin(run))
        menu.addAction(tr("Rename\tF2"), lambda: self.editItem(self._items[run.id]))
        if not run.status.final:
            menu.addAction(theme.icon("circle-stop"), tr("Cancel"), lambda: self._session.cancel(run))
        if run.status is Status.PAUSED:
            menu.addAction(theme.icon("play"), tr("Go on"), lambda: self._session.resume(run))
        menu.addSeparator()
        menu.addAction(theme.icon("trash-2"), tr("Delete\tDel"), lambda: self.remove(run))
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the names anew, and keep the shown run in sight."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()
            self.updateGeometry()
        current = self.currentItem()
        if current:
            self.scrollToItem(current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        run = self._run(self.currentItem())
        editing = self.state() is QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and run and not editing:
            self.remove(run)
        else:
            super().keyPressEvent(event)

    def _count(self) -> int:
        return max(1, len(self._items))

    def _height_of(self, rows: int) -> int:
        """Height of the `rows` highest; a long name takes several lines."""
        heights = [max(self.rowHeight(self.indexFromItem(item)), ROW) for item in self._items.values()]
        return sum(sorted(heights or [ROW], reverse=True)[:rows]) + 2

    def _put_in(self, run: Run) -> None:
        item = QTreeWidgetItem()
        item.setData(0, Qt.ItemDataRole.UserRole, run.id)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        parent = self._items.get(run.parent.id) if run.parent else None
        if parent is None:
            self.addTopLevelItem(item)
        else:
            parent.addChild(item)
            parent.setExpanded(True)
        self._items[run.id] = item

    def _settle(self, run: Run) -> None:
        """Let `run` stand below the run it continues, which may have come back."""
        item = self._items[run.id]
        parent = self._items.get(run.parent.id) if run.parent else None
        if parent is not None and item.parent() is not parent:
            before = item.parent() or self.invisibleRootItem()
            before.removeChild(item)
            parent.addChild(item)
            parent.setExpanded(True)

    def _take_out(self, run_id: int) -> None:
        """Remove an item; the runs that continue it stay, one level up."""
        item = self._items.pop(run_id)
        parent = item.parent() or self.invisibleRootItem()
        children = item.takeChildren()
        parent.insertChildren(parent.indexOfChild(item), children)
        parent.removeChild(item)

    def _show(self, item: QTreeWidgetItem, run: Run) -> None:
        name = self._session.names.of(run)
        name = tr("recorded · {run}").format(run=name) if "/recorded/" in run.slot else name
        partial = run_panel.percent_text(run)
        text = _inset(item) + self._letter(run) + (f"{name} · {partial}" if partial else name)
        if item.text(0) != text:
            item.setText(0, text)
            self.updateGeometry()
        icon, color = ICONS[run.status]
        if item.data(0, Qt.ItemDataRole.UserRole + 1) != run.status.value:
            item.setData(0, Qt.ItemDataRole.UserRole + 1, run.status.value)
            item.setIcon(0, theme.icon(icon, color))
        lines = (name, self._session.names.described(run), train_panel.run_text(run, self._session))
        item.setToolTip(0, "\n".join(line for line in lines if line))

    def _letter(self, run: Run) -> str:
        """Which of two runs it is, where two are compared."""
        if self._session.b is None or self._session.a is self._session.b:
            return ""
        return "A  " if run is self._session.a else "B  " if run is self._session.b else ""

    def _name_at(self, number: int) -> str:
        run = next((run for run in self._session.runs if run.id == number), None)
        return self._session.names.of(run) if run else ""

    def _on_named(self, number: int, name: str) -> None:
        run = next((run for run in self._session.runs if run.id == number), None)
        if run and name != self._session.names.of(run):
            self._undo.push(RenameRun(self._session, run, name))

    def _run(self, item: QTreeWidgetItem | None) -> Run | None:
        number = item.data(0, Qt.ItemDataRole.UserRole) if item else None
        return next((run for run in self._session.runs if run.id == number), None)

    @Slot(QTreeWidgetItem, QTreeWidgetItem)
    def _on_current_changed(self, item: QTreeWidgetItem | None, _before: QTreeWidgetItem | None) -> None:
        run = self._run(item)
        if run and not self._refreshing:
            self.show_run(run)

    @Slot(QPoint)
    def _on_menu_asked(self, at: QPoint) -> None:
        run = self._run(self.itemAt(at))
        if run:
            menu = self.menu_for(run)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(at))


def _inset(item: QTreeWidgetItem) -> str:
    """How deep a run stands, as text: the selection then takes the whole row."""
    depth, parent = 0, item.parent()
    while parent is not None:
        depth, parent = depth + 1, parent.parent()
    return DEEPER * (depth - 1) + BRANCH if depth else ""
