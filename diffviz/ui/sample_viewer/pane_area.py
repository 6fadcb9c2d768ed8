"""Panes of any content on a stage: laid as they get largest, hidden, one of them filling it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from diffviz.domain.text import tr
from diffviz.session.looks import Look, text
from diffviz.ui.sample_viewer.arrangement import AUTO, COLUMN, ROW
from diffviz.ui.sample_viewer.layout import columns_for
from diffviz.ui.sample_viewer.panes import PaneButton
from diffviz.ui.widgets.controls import IconButton

Size = Callable[[int, int], float]


def shorter_side(width: int, height: int) -> float:
    """How large what is about square gets in this room."""
    return float(min(width, height))


@dataclass(frozen=True, slots=True, eq=False)
class AreaPane:
    """One pane: its name, its widget, whose `head` of so many pixels takes double clicks, and how large it gets."""

    name: str
    widget: QWidget
    size: Size = shorter_side
    head: int = 24


class PaneArea(QWidget):
    """Panes by their keys. `button` offers to hide and to lay them, `fill` to let one fill it all: a lab places both.

    `F`, and a double click on the head of a pane, do that too; Esc and the same go back.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panes: dict[str, AreaPane] = {}
        self._alone = self._wanted = ""
        self._placed: tuple[tuple[str, ...], int] = ((), 0)
        self.button, self.fill = PaneButton(), IconButton("maximize", "", 24, 14)
        self.fill.framed = False
        self.fill.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(10)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.button.changed.connect(self._place)
        self.button.restored.connect(self._place)
        self.button.hide_asked.connect(self._on_hide_asked)
        self.fill.clicked.connect(self.toggle)
        QShortcut(QKeySequence("F"), self).activated.connect(self.toggle)
        self._say()

    @property
    def shown(self) -> list[str]:
        """Keys of the panes that are shown."""
        keys = [key for key in self._panes if key not in self.button.choice.hidden]
        return [self._alone] if self._alone else keys or list(self._panes)

    def tools(self, parent: QWidget | None = None) -> QWidget:
        """`button` and `fill` beside each other."""
        made = QWidget(parent)
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.button)
        row.addWidget(self.fill)
        return made

    def set_panes(self, panes: Mapping[str, AreaPane]) -> None:
        """Have `panes`; those from before that are not among them are the caller's to delete."""
        for pane in self._panes.values():
            pane.widget.removeEventFilter(self)
            self._grid.removeWidget(pane.widget)
        self._panes = dict(panes)
        for pane in panes.values():
            pane.widget.installEventFilter(self)
        self._alone = next((key for key in (self._wanted, self._alone) if key in panes), "")
        self._wanted = ""
        self._placed = ((), 0)
        self.button.offer({key: pane.name for key, pane in panes.items()})
        self._place()

    def shortcuts(self) -> list[tuple[str, str]]:
        """Keys and what they do."""
        return [("F", tr("Let the pane under the pointer fill the stage, and back")), *PaneButton.shortcuts()]

    @Slot()
    def toggle(self) -> None:
        """Let the pane under the pointer fill the stage, or show all again."""
        self.show_alone("" if self._alone else self._at_hand())

    def show_alone(self, key: str) -> None:
        """Let pane `key` fill the stage; an empty key shows all that are not hidden."""
        if key != self._alone:
            self._alone = key
            self._place()
            if key:
                self.setFocus(Qt.FocusReason.OtherFocusReason)

    def look(self) -> Look:
        """The pane that fills it."""
        return {"alone": self._alone}

    def take_look(self, look: Look) -> None:
        """Let the same pane fill it, now or once there is such a one."""
        key = text(look, "alone") or ""
        self._wanted = "" if key in self._panes else key
        self._alone = key if key in self._panes else ""
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In another room panes may lie otherwise."""
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent) -> bool:
        """Esc goes back while a pane fills the stage."""
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if event.type() in kinds and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._alone:
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self.show_alone("")
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A double click on a pane's head lets it fill the stage, and goes back."""
        if event.type() == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            key = next((key for key, pane in self._panes.items() if pane.widget is watched), "")
            if key and event.position().y() < self._panes[key].head:
                self.show_alone("" if self._alone else key)
                return True
        return super().eventFilter(watched, event)

    def _at_hand(self) -> str:
        shown = self.shown
        return next((key for key in shown if self._panes[key].widget.underMouse()), shown[0] if shown else "")

    @Slot()
    def _on_hide_asked(self) -> None:
        if not self._alone and self._at_hand():
            self.button.set_shown(self._at_hand(), False)

    @Slot()
    def _place(self) -> None:
        keys = tuple(self.shown)
        columns = self._columns(keys)
        if (keys, columns) == self._placed:
            return
        self._placed = keys, columns
        for pane in self._panes.values():
            self._grid.removeWidget(pane.widget)
        for number, key in enumerate(keys):
            self._grid.addWidget(self._panes[key].widget, number // columns, number % columns)
        for key, pane in self._panes.items():
            pane.widget.setVisible(key in keys)
        for at in range(len(self._panes)):
            self._grid.setColumnStretch(at, int(at < columns))
            self._grid.setRowStretch(at, int(at * columns < len(keys)))
        self._say()

    def _columns(self, keys: Sequence[str]) -> int:
        """How many panes side by side: as many as make the smallest largest, and of equals the most."""
        count, how = max(1, len(keys)), self.button.choice.how
        options = {ROW: (count,), COLUMN: (1,)}.get(how, columns_for(count)) if how != AUTO else columns_for(count)
        return max(options, key=lambda columns: (self._size(keys, columns), columns))

    def _size(self, keys: Sequence[str], columns: int) -> float:
        rows = -(-len(keys) // columns) or 1
        across, down = self._grid.horizontalSpacing(), self._grid.verticalSpacing()
        width = (self.width() - across * (columns - 1)) // columns
        height = (self.height() - down * (rows - 1)) // rows
        panes = (self._panes[key] for key in keys)
        return round(min((pane.size(width, height - pane.head) for pane in panes), default=0.0), 3)

    def _say(self) -> None:
        text = tr("Let the pane under the pointer fill the stage (F, or a double click on its heading)")
        back = tr("Show all panes again (F, Esc)")
        self.fill.set_face("minimize" if self._alone else "maximize", back if self._alone else text, "quiet")
        self.fill.setVisible(len(self._panes) > 1)
