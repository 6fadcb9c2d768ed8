"""What all labs have in common: three columns, of which the right one can be a drawer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.cards import Card
from diffviz.domain.requests import Request
from diffviz.domain.text import tr
from diffviz.session.looks import Look
from diffviz.session.run import RuntimeEstimator
from diffviz.session.session import Session
from diffviz.ui.sample_viewer.panes import PaneButton
from diffviz.ui.timeline import Timeline
from diffviz.ui.widgets import keyboard, layout, qss
from diffviz.ui.widgets.shortcuts import Rows

FORM_WIDTH, RIGHT_WIDTH, MARGIN, PADDING = 272, 288, 14, 14


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a lab can be about: its `key`, its name, and what more there is to say."""

    key: str
    text: str
    tip: str = ""


class Lab(QWidget):
    """Arranges views and one form for models of `families`. Its runs are in slots that begin with its `name`.

    In less room than `smallest` it scrolls. A lab that is not `active` follows no change of the session;
    `takes_pictures` says whether a person's own pictures have a place in it. Signals: `choice_changed` (see `choices`).
    """

    choice_changed = Signal()

    name = ""
    families: tuple[str, ...] = ()
    takes_pictures = True
    smallest = QSize(880, 450)
    timeline: Timeline
    splitter: QSplitter
    _session: Session
    _costs: RuntimeEstimator
    _right: QFrame
    _left: QWidget
    _columns: QHBoxLayout

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.active = False

    def set_active(self, active: bool) -> None:
        """Follow the session, or leave it to another lab."""
        self.active = active

    def actions_of(self) -> list[QAction]:
        """Actions with shortcuts that the window installs while the lab is shown."""
        raise NotImplementedError

    def shortcuts(self) -> dict[str, Rows]:
        """Keys by what they are for."""
        raise NotImplementedError

    def choices(self) -> Sequence[Choice] | None:
        """What the window offers to choose from; None for the models of the lab's families."""
        return None

    def chosen(self) -> str:
        """Key of the one of `choices` that is chosen."""
        return ""

    def key_of(self, card: Card) -> str:
        """What the window's list has for the model of `card`."""
        return card.id

    def choose(self, key: str) -> None:
        """Choose another one of `choices`."""

    def set_model(self, card: Card | None) -> None:
        """Use the model of `card` from the next run on."""
        raise NotImplementedError

    def follow_cards(self, card: Card | None) -> None:
        """Models came, changed or went; from now on that of `card` is the chosen one."""
        self.set_model(card)

    def start_first(self) -> None:
        """Put a first run on the stage, unless there is one already."""
        raise NotImplementedError

    def run(self, request: Any) -> None:
        """Put `request` into the form, and compute it."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw every view that is visible."""
        raise NotImplementedError

    def take_keyboard(self) -> None:
        """Keys go to the timeline until something else is chosen: Space plays, arrows step."""
        self.timeline.slider.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_lab(self) -> None:
        """Stop all timers."""
        raise NotImplementedError

    def set_compact(self, compact: bool) -> None:
        """Little height: plots become tabs."""
        self.timeline.set_compact(compact)

    def open_picture(self) -> None:
        """Ask for picture files and take them in, where they have a place."""

    def import_pictures(self, paths: Sequence[Path]) -> None:
        """Take picture files in, where they have a place."""

    def forms(self) -> tuple[Request, ...]:
        """The requests in its forms, the one that is shown last; see `take`."""
        raise NotImplementedError

    def take(self, card: Card | None, forms: Sequence[Any]) -> None:
        """Use the model of `card`, and have `forms` in the forms. Nothing is computed, and nothing to undo."""
        raise NotImplementedError

    def look(self) -> Look:
        """What it shows beside its runs and forms, as plain data; see `take_look`."""
        return {}

    def take_look(self, look: Look) -> None:
        """Show again what `look` says, as far as that can be."""

    def _seconds(self, request: Any) -> float | None:
        """How long `request` will take, once that has been measured."""
        return self._costs.estimate(request, self._session.plan(request))

    def _action(self, text: str, keys: str, act: Callable[[], object]) -> QAction:
        """An action of the lab, with its shortcut."""
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _on=False: act())
        return action

    def _lay_columns(self, left: QWidget, upper: QWidget, lower: QWidget, sizes: Sequence[int], *, share: int) -> None:
        """`left`, then `upper` over `lower` with a handle between them, then the right column.

        `sizes` are the heights at first; of more height `upper` takes one part and `lower` takes `share`.
        """
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(panel(upper))
        self.splitter.addWidget(panel(lower))
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, share)
        self.splitter.setSizes(sizes)
        self.splitter.setChildrenCollapsible(False)
        self._left = left
        self._name_regions()
        row = self._columns = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 0, MARGIN, 0)
        row.setSpacing(12)
        row.addWidget(left)
        row.addWidget(self.splitter, 1)
        row.addWidget(self._right)

    def _name_regions(self) -> None:
        names = (tr("Settings and runs"), tr("Stage"), tr("Timeline"), tr("Figures of this instant"))
        for region, name in zip(self.regions(), names, strict=True):
            region.widget.setAccessibleName(name)

    def regions(self) -> list[keyboard.Region]:
        """What F6 goes through, in the order of reading."""
        drawer = bool(self._right.property("role") == "drawer")
        middle = (self.splitter.widget(place) for place in range(self.splitter.count()))
        regions = [keyboard.Region(part) for part in (self._left, *middle) if part is not None]
        return [*regions, keyboard.Region(self._right, over=drawer)]

    def panes(self) -> PaneButton | None:
        """The choice of panes of its stage, which is kept; None where there is none."""
        return None

    def set_drawer(self, shown: bool) -> None:
        """Show or hide the right column."""
        self._right.setVisible(shown)

    def set_narrow(self, narrow: bool) -> None:
        """Little width: the right column is a drawer over the others, which keep theirs."""
        row = self._columns
        if narrow == (row.indexOf(self._right) < 0):
            return
        if narrow:
            row.removeWidget(self._right)
            self._place_drawer()
        else:
            row.addWidget(self._right)
            layout.lie_over(self._right, False)
        qss.set_role(self._right, "drawer" if narrow else "panel")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the drawer at the right edge."""
        super().resizeEvent(event)
        if self._columns.indexOf(self._right) < 0:
            self._place_drawer()

    def _place_drawer(self) -> None:
        width = self._right.maximumWidth()
        self._right.setGeometry(self.width() - width - MARGIN, 0, width, self.height())
        layout.lie_over(self._right)


def form_side(form: QWidget, width: int = FORM_WIDTH) -> QFrame:
    """The left column: a panel `width` pixels wide that `form` fills, with its scroll bar at the edge."""
    frame = panel(form, right=PADDING - layout.BAR)
    frame.setFixedWidth(width)
    return frame


GROWING = 100


def views_side(*views: QWidget, width: int) -> QFrame:
    """The right column: a panel `width` pixels wide with `views` at its top; one that can grow takes what is left.

    Where they are higher than it, they scroll.
    """
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(12)
    for view in views:
        grows = bool(view.sizePolicy().expandingDirections() & Qt.Orientation.Vertical)
        column.addWidget(view, GROWING if grows else 0)
    column.addStretch(1)
    scroll = layout.FormScroll(content)
    scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
    frame = panel(scroll, right=PADDING - layout.BAR)
    frame.setFixedWidth(width)
    return frame


def panel(*widgets: QWidget, right: int = PADDING) -> QFrame:
    """A panel with `widgets` below each other, `right` pixels from its right edge."""
    frame = QFrame()
    frame.setProperty("role", "panel")
    column = QVBoxLayout(frame)
    column.setContentsMargins(PADDING, 12, right, 12)
    column.setSpacing(12)
    for widget in widgets:
        column.addWidget(widget)
    return frame
