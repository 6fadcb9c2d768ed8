"""Keys and menu of the timeline: the range, bookmarks and their list, what the axis is spread by, zoom."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.bookmarks import Bookmark
from diffviz.domain.text import tr
from diffviz.session.player import Player
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.theory.time_axes import TIME_AXES
from diffviz.ui.timeline.axis import Axis
from diffviz.ui.timeline.places import called
from diffviz.ui.timeline.transport import Transport
from diffviz.ui.widgets import theme


class PlaceActions(QObject):
    """What can be done with places on the axis, by keys and from `menu`. Directions are those of the screen.

    Signals: `axis_chosen(key)`, of `TIME_AXES`; `all_asked`, to see the whole axis.
    """

    axis_chosen = Signal(str)
    all_asked = Signal()

    def __init__(self, session: Session, player: Player, transport: Transport, axis: Axis, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._player, self._transport, self._axis = session, player, transport, axis
        self._parent = parent
        self.spread_by = ""
        self.bookmark = self._action(tr("Set or remove a bookmark here"), "K", self._on_bookmark)
        self.before = self._action(tr("To the bookmark on the left"), "PgDown", lambda: self._go(-1))
        self.after = self._action(tr("To the bookmark on the right"), "PgUp", lambda: self._go(1))
        self.names = self._action(tr("Bookmarks…"), "Shift+K", self.list_bookmarks)
        self.left = self._action(tr("The range begins here"), "[", lambda: self._bound(-1))
        self.right = self._action(tr("The range ends here"), "]", lambda: self._bound(1))
        self.no_range = self._action(tr("Remove the range"), "\\", self._on_no_range)
        self.whole = self._action(tr("See the whole axis"), "Shift+0", self.all_asked.emit)
        self.next_axis = self._action(tr("Another x axis: t, log-SNR, σ, steps"), "A", self._on_next_axis)
        self.list: BookmarkList | None = None

    def all_actions(self) -> list[QAction]:
        """Every action with a shortcut."""
        marks, ends = (self.bookmark, self.before, self.after, self.names), (self.left, self.right, self.no_range)
        return [*marks, *ends, self.whole, self.next_axis]

    def menu(self) -> QMenu:
        """All of them, for what is shown now; it deletes itself."""
        menu = QMenu(self._parent)
        menu.aboutToHide.connect(menu.deleteLater)
        self.fill(menu)
        return menu

    def fill(self, menu: QMenu) -> None:
        """Put all of them into `menu`, for what is shown now."""
        run = self._session.a
        for mark in run.bookmarks if run else ():
            place = menu.addAction(theme.icon("bookmark"), called(mark, self._axis))
            place.triggered.connect(partial(self._session.seek, mark.position))
        menu.addSeparator()
        menu.addActions([self.bookmark, self.before, self.after, self.names])
        menu.addSeparator()
        menu.addActions([self.left, self.right, self.no_range])
        menu.addSeparator()
        menu.addActions([self._transport.loop, self._transport.swing])
        menu.addSeparator()
        if self.spread_by:
            menu.addMenu(self.axes(menu))
        menu.addAction(self.whole)

    def axes(self, parent: QWidget) -> QMenu:
        """What the axis can be spread by."""
        menu = QMenu(tr("Spread the axis by"), parent)
        group = QActionGroup(menu)
        for key, text in TIME_AXES.items():
            action = menu.addAction(tr(text))
            action.setCheckable(True)
            action.setChecked(key == self.spread_by)
            action.triggered.connect(partial(self.axis_chosen.emit, key))
            group.addAction(action)
        return menu

    def follow(self, spread_by: str, *, zoomed: bool) -> None:
        """Offer what there is to be done; `spread_by` is empty for an axis that has no other."""
        self.spread_by = spread_by
        run = self._session.a
        there = run is not None and len(run.store) > 0
        marks = run is not None and bool(run.bookmarks)
        offered = {
            **dict.fromkeys((self.bookmark, self.left, self.right), there),
            **dict.fromkeys((self.before, self.after), marks),
            self.no_range: self._session.places.range_of(run) is not None,
            self.whole: zoomed,
            self.next_axis: bool(spread_by),
        }
        for action, usable in offered.items():
            if action.isEnabled() != usable:
                action.setEnabled(usable)
        if self.list is not None and self.list.isVisible():
            self.list.show_run(run)

    def list_bookmarks(self) -> None:
        """List the bookmarks of the shown run, to name and to remove them."""
        if self.list is None:
            self.list = BookmarkList(self._session, self._axis, self._parent)
        self.list.show_run(self._session.a)
        self.list.show()
        self.list.marks.setFocus()

    def _action(self, text: str, keys: str, slot: Callable[[], object]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setToolTip(text)
        action.triggered.connect(lambda _on=False: slot())
        return action

    def _on_bookmark(self) -> None:
        if self._session.a is not None:
            self._session.places.toggle(self._session.a, self._session.cursor)

    def _go(self, by: int) -> None:
        self._player.go_to_mark(by * self._transport.sign)

    def _bound(self, side: int) -> None:
        if self._session.a is not None:
            high = side * self._transport.sign > 0
            self._session.places.bound(self._session.a, self._session.cursor, high=high)

    def _on_no_range(self) -> None:
        if self._session.a is not None:
            self._session.places.choose(self._session.a, None)

    def _on_next_axis(self) -> None:
        keys = list(TIME_AXES)
        self.axis_chosen.emit(keys[(keys.index(self.spread_by) + 1) % len(keys)])


class BookmarkList(QDialog):
    """The bookmarks of the shown run: Return goes to one, F2 or a double click names it, Delete removes it."""

    def __init__(self, session: Session, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._axis = session, axis
        self._run: Run | None = None
        self._shown: tuple[Bookmark, ...] = ()
        self.setWindowTitle(tr("Bookmarks"))
        self.marks = QListWidget()
        self.marks.setAccessibleName(tr("Bookmarks of the shown run"))
        self.marks.setEditTriggers(QListWidget.EditTrigger.DoubleClicked | QListWidget.EditTrigger.EditKeyPressed)
        self.marks.itemChanged.connect(self._on_item_changed)
        self.none = QLabel(tr("No bookmark yet: K sets one at the cursor."))
        self.none.setProperty("role", "quiet")
        self.go = QPushButton(tr("Go there"))
        self.go.clicked.connect(self._on_go)
        self.removing = QPushButton(tr("Remove"))
        self.removing.clicked.connect(self._on_remove)
        self._arrange()

    def show_run(self, run: Run | None) -> None:
        """List the bookmarks of `run`."""
        marks = run.bookmarks if run else ()
        if run is self._run and marks == self._shown:
            return
        self._run, self._shown = run, marks
        row = self.marks.currentRow()
        self.marks.blockSignals(True)
        self.marks.clear()
        for mark in marks:
            self._add(mark)
        self.marks.blockSignals(False)
        self.marks.setCurrentRow(min(max(row, 0), len(marks) - 1))
        self.none.setVisible(not marks)
        for button in (self.go, self.removing):
            button.setEnabled(bool(marks))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the chosen one."""
        if event.key() == Qt.Key.Key_Delete:
            self._on_remove()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Room for names."""
        return QSize(360, 300)

    def _add(self, mark: Bookmark) -> None:
        item = QListWidgetItem(mark.name or called(mark, self._axis))
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        item.setToolTip(called(mark, self._axis))
        self.marks.addItem(item)

    def _arrange(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.go, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.removing, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.go.setDefault(True)
        column = QVBoxLayout(self)
        for widget in (self.none, self.marks, buttons):
            column.addWidget(widget)

    @property
    def _current(self) -> Bookmark | None:
        row = self.marks.currentRow()
        return self._shown[row] if 0 <= row < len(self._shown) else None

    @Slot(QListWidgetItem)
    def _on_item_changed(self, item: QListWidgetItem) -> None:
        mark, row = self._shown[self.marks.row(item)], self.marks.row(item)
        name = "" if item.text() == called(mark, self._axis) else item.text()
        if self._run is not None and row >= 0:
            self._session.places.rename(self._run, mark, name)

    @Slot()
    def _on_go(self) -> None:
        if self._current is not None and self._session.a is self._run:
            self._session.seek(self._current.position)

    @Slot()
    def _on_remove(self) -> None:
        if self._current is not None and self._run is not None:
            self._session.places.remove(self._run, self._current)
