"""The list of runs: a tree by what continues what, named in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QResizeEvent, QUndoStack
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from diffviz.domain.text import tr, trn
from diffviz.session.run import Run, Status
from diffviz.session.session import Session
from diffviz.ui.forms import run_commands as commands
from diffviz.ui.forms import run_panel, train_panel
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.controls import IconButton

BRANCH, DEEPER = "└ ", "   "
TIDY = 22
ROW = 30
"""Height of a row: a list has that much in however little room."""
ALONE = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
STATUS = Qt.ItemDataRole.UserRole + 1
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
    """Runs of a session in slots that begin with `slots`, the shown one selected. Equal ones are one row with a count.

    A click shows a run, P pins it beside the shown one, F2 or a double click names it, Delete removes those that are
    chosen (several with Shift and Ctrl), Shift+Delete all that were cancelled or failed; naming and removing can be
    undone. The shown run is A and the pinned one B, where there is one. A list of runs that are shown elsewhere says so
    by `shown_run` and `show_run`, and that they are not `pinnable`.

    Signals: `ended_changed(any)`, whether there are runs that were cancelled or failed.
    """

    ended_changed = Signal(bool)

    pinnable = True
    wanted = ROW

    def __init__(self, session: Session, undo: QUndoStack, parent: QWidget | None = None, slots: str = "") -> None:
        super().__init__(parent)
        self._session, self._undo, self._slots = session, undo, slots
        self._items: dict[int, QTreeWidgetItem] = {}
        self._rows: dict[int, commands.Row] = {}
        self._listed: tuple[object, ...] = ()
        self._refreshing = False
        self._ended = False
        self._marked: Run | None = None
        self._look()
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        self.setItemDelegate(commands.NameEditor(self._name_at, self._on_named, self))
        self.setAccessibleName(tr("Runs"))
        self.itemSelectionChanged.connect(self._on_selection_changed)

    def sizeHint(self) -> QSize:
        """The same however many runs there are: they scroll in what room the list is given."""
        return QSize(super().sizeHint().width(), self.wanted)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, ROW)

    def refresh(self) -> None:
        """Read the session: what is listed, and what is said of each run."""
        self._refreshing = True
        runs = [run for run in self._session.runs if run.slot.startswith(self._slots)]
        listed = tuple((run.id, run.name) for run in runs)
        other, self._listed = listed != self._listed, listed
        if other:
            self._list(commands.rows_of(runs))
        for number, row in self._rows.items():
            self._show(self._items[number], row)
        self._mark_shown()
        if other:
            self._lay_out()
        ended = any(run.status in commands.ENDED for run in runs)
        if ended != self._ended:
            self._ended = ended
            self.ended_changed.emit(ended)
        self._refreshing = False

    def item_of(self, run: Run) -> QTreeWidgetItem:
        """The item of `run`."""
        found = self._item_with(run)
        assert found is not None
        return found

    def shown_run(self) -> Run | None:
        """The run that is selected."""
        return self._session.a

    def show_run(self, run: Run) -> None:
        """Put `run` on the screen."""
        self._session.show(run)

    def remove(self, *runs: Run) -> None:
        """Forget `runs`, as long as that is not undone."""
        if runs:
            self._undo.push(commands.RemoveRuns(self._session, runs))

    @Slot()
    def clear_ended(self) -> None:
        """Forget the runs that were cancelled or failed, as long as that is not undone."""
        self.remove(*(run for row in self._rows.values() for run in row if run.status in commands.ENDED))

    def menu_for(self, run: Run) -> QMenu:
        """What can be done with `run`, and with others that are chosen with it."""
        menu, row = QMenu(self), self._row(self.item_of(run))
        chosen = self._chosen()
        if run in chosen and len(self.selectedItems()) > 1:
            self._offer_removal(menu, chosen)
            return menu
        menu.addAction(theme.icon("eye"), tr("Show"), lambda: self.show_run(run))
        if self.pinnable and run is self._session.b:
            menu.addAction(theme.icon("pin-off"), tr("Unpin B"), lambda: self._session.pin(None))
        elif self.pinnable:
            menu.addAction(theme.icon("pin"), tr("Pin as B"), lambda: self._session.pin(run))
        menu.addAction(tr("Rename\tF2"), lambda: self.editItem(self.item_of(run)))
        if not run.status.final:
            menu.addAction(theme.icon("circle-stop"), tr("Cancel"), lambda: self._session.cancel(run))
        if run.status is Status.PAUSED:
            menu.addAction(theme.icon("play"), tr("Go on"), lambda: self._session.resume(run))
        if len(row) > 1:
            equal = menu.addMenu(trn("{n} equal run", "{n} equal runs", len(row)).format(n=len(row)))
            for other in row:
                text = train_panel.run_text(other, self._session)
                equal.addAction(theme.icon(*ICONS[other.status]), text, partial(self.show_run, other))
        menu.addSeparator()
        self._offer_removal(menu, row)
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the names anew, and keep the shown run in sight."""
        super().resizeEvent(event)
        self._lay_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() is QAbstractItemView.State.EditingState
        if event.key() not in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) or editing:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.clear_ended()
        else:
            self.remove(*self._chosen())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the run under the pointer, or with the current one."""
        by_keyboard = event.reason() is QContextMenuEvent.Reason.Keyboard
        item = self.currentItem() if by_keyboard else self.itemAt(event.pos())
        if item is None:
            return
        menu = self.menu_for(self._run(item))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        below = self.viewport().mapToGlobal(self.visualItemRect(item).bottomLeft())
        menu.popup(below if by_keyboard else event.globalPos())

    def _lay_out(self) -> None:
        """Give each row the height of its name now, not in a while, and keep the shown run in sight."""
        self.doItemsLayout()
        current = self.currentItem()
        if current is not None:
            self.scrollToItem(current)

    def _look(self) -> None:
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
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def _offer_removal(self, menu: QMenu, runs: Sequence[Run]) -> None:
        text = f"{commands.removal_text(len(runs))}\t{tr('Del')}" if len(runs) > 1 else tr("Delete\tDel")
        menu.addAction(theme.icon("trash-2"), text, lambda: self.remove(*runs))
        if self._ended:
            menu.addAction(tr("Clear cancelled and failed\tShift+Del"), self.clear_ended)

    def _list(self, rows: dict[int, commands.Row]) -> None:
        """Have an item for each of `rows`, below the run that it continues."""
        self._rows = rows
        for gone in self._items.keys() - rows.keys():
            self._take_out(gone)
        for number in rows:
            if number not in self._items:
                self._items[number] = self._made(number)
        for number, row in rows.items():
            self._settle(self._items[number], row[0].parent)

    def _made(self, number: int) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setData(0, Qt.ItemDataRole.UserRole, number)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        self.addTopLevelItem(item)
        return item

    def _settle(self, item: QTreeWidgetItem, parent: Run | None) -> None:
        """Let `item` stand below that of the run `parent`, which may have come back."""
        above = self._item_with(parent)
        if above is not None and item.parent() is not above:
            (item.parent() or self.invisibleRootItem()).removeChild(item)
            above.addChild(item)
            above.setExpanded(True)

    def _take_out(self, number: int) -> None:
        """Remove an item; the runs that continue it stay, one level up."""
        item = self._items.pop(number)
        parent = item.parent() or self.invisibleRootItem()
        children = item.takeChildren()
        parent.insertChildren(parent.indexOfChild(item), children)
        parent.removeChild(item)

    def _show(self, item: QTreeWidgetItem, row: commands.Row) -> None:
        run = self._one(row)
        name, progress = self._named(row), train_panel.run_text(run, self._session)
        partial_ = run_panel.percent_text(run)
        text = _inset(item) + self._letters(row) + (f"{name} · {partial_}" if partial_ else name)
        if item.text(0) != text:
            item.setText(0, text)
        if item.data(0, STATUS) != run.status.value:
            item.setData(0, STATUS, run.status.value)
            item.setIcon(0, theme.icon(*ICONS[run.status]))
        tip = "\n".join((name, self._session.names.described(run), progress))
        if item.toolTip(0) != tip:
            item.setToolTip(0, tip)
        spoken = f"{self._letters(row)}{name}, {progress}"
        if item.data(0, Qt.ItemDataRole.AccessibleTextRole) != spoken:
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)

    def _named(self, row: commands.Row) -> str:
        name = self._session.names.of(row[0])
        name = tr("recorded · {run}").format(run=name) if commands.RECORDED in row[0].slot else name
        return f"{name} × {len(row)}" if len(row) > 1 else name

    def _letters(self, row: commands.Row) -> str:
        """Which of two runs it is, where one is pinned; both where that is the shown one."""
        if self._session.b is None or not self.pinnable:
            return ""
        letters = "".join(letter for letter, run in (("A", self._session.a), ("B", self._session.b)) if run in row)
        return f"{letters}  " if letters else ""

    def _mark_shown(self) -> None:
        """Choose the shown run, unless a person has chosen several since it is shown."""
        before, self._marked = self._marked, self.shown_run()
        shown = self._marked
        if len(self.selectedItems()) > 1 and shown is before:
            return
        item = self._item_with(shown)
        if item is None:
            self.clearSelection()
        elif item is not self.currentItem() or not item.isSelected():
            self.setCurrentItem(item, 0, ALONE)  # whatever keys are held

    def _item_with(self, run: Run | None) -> QTreeWidgetItem | None:
        """The item of the row that `run` is in."""
        return next((self._items[number] for number, row in self._rows.items() if run in row), None)

    def _one(self, row: commands.Row) -> Run:
        return commands.shown_of(row, self.shown_run(), self._session.b)

    def _row(self, item: QTreeWidgetItem) -> commands.Row:
        return self._rows[item.data(0, Qt.ItemDataRole.UserRole)]

    def _run(self, item: QTreeWidgetItem) -> Run:
        return self._one(self._row(item))

    def _chosen(self) -> list[Run]:
        """The runs of all rows that are chosen, in the order of the list."""
        chosen = self.selectedItems()
        return [run for number, row in self._rows.items() if self._items[number] in chosen for run in row]

    def _name_at(self, number: int) -> str:
        return self._session.names.of(self._rows[number][0]) if number in self._rows else ""

    def _on_named(self, number: int, name: str) -> None:
        if number in self._rows and name != self._name_at(number):
            self._undo.push(commands.RenameRuns(self._session, self._rows[number], name))

    @Slot()
    def _on_selection_changed(self) -> None:
        """One that is chosen alone is shown."""
        chosen = self.selectedItems()
        if len(chosen) == 1 and not self._refreshing and self.shown_run() not in self._row(chosen[0]):
            self.show_run(self._run(chosen[0]))


class TidyButton(IconButton):
    """Removes what was cancelled or failed from `runs`; there while there is any."""

    def __init__(self, runs: RunList) -> None:
        super().__init__("trash-2", tr("Clear the runs that were cancelled or failed (Shift+Del)"), TIDY, 13, runs)
        self.hide()
        self.clicked.connect(runs.clear_ended)
        runs.ended_changed.connect(self.setVisible)


def _inset(item: QTreeWidgetItem) -> str:
    """How deep a run stands, as text: the selection then takes the whole row."""
    depth, parent = 0, item.parent()
    while parent is not None:
        depth, parent = depth + 1, parent.parent()
    return DEEPER * (depth - 1) + BRANCH if depth else ""
