"""The page of instruments: a list to choose from, and the chosen ones side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.requests import Request
from diffviz.domain.text import tr
from diffviz.session.preferences import Preferences
from diffviz.session.run import Run
from diffviz.ui import theme
from diffviz.ui.forms.controls import label
from diffviz.ui.instruments.card import Card
from diffviz.ui.instruments.instrument import Instrument, Services
from diffviz.ui.instruments.table import INSTRUMENTS, Entry
from diffviz.ui.stage.symbol import plain, rich
from diffviz.ui.tab_order import stops
from diffviz.ui.views.view import Shown, View

LIST_WIDTH, NARROWEST, GAP = 164, 286, 10
ROW = 26
BUDGET_MILLISECONDS = 4
IDLE_MILLISECONDS, NEXT_MILLISECONDS = 1500, 50
"""How long the window stands before instruments are made for a page that nobody has opened, and between two."""
SETTLING_MILLISECONDS = 400
"""How long the page may still be laid out after an instrument has come."""
PREFERENCE = "instruments"


@dataclass(slots=True, eq=False)
class Drawn:
    """What is being drawn: `shown`, and the cards that have not had their turn yet."""

    shown: Shown
    left: list[Card]


class InstrumentPage(View):
    """Instruments by key, made when they are chosen, drawn while they are in sight.

    Those chosen before are made when the page is first shown, or one by one once the window has stood for a while.

    Stage and timeline are painted first; then instruments are drawn for a few milliseconds a turn of the event loop, so
    that the cursor stays under the pointer however many there are, and a newer cursor overtakes what is left of an
    older one. Which are chosen is kept in the preferences. Signals: `drawn`, when all in sight show what is on the
    screen.
    """

    drawn = Signal()

    def __init__(
        self,
        services: Services,
        preferences: Preferences,
        entries: Mapping[str, Entry] = INSTRUMENTS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services, self._preferences, self._entries = services, preferences, entries
        self.cards: dict[str, Card] = {}
        self._drawn: Drawn | None = None
        self._columns = 0
        self._awaited = ""
        self.head = QHBoxLayout()
        self.list = QListWidget()
        self._empty = label(tr("Choose instruments on the left."), "quiet", wrap=True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLING_MILLISECONDS)
        self._settling.timeout.connect(self._on_settled)
        self._making = QTimer(self)
        self._making.setSingleShot(True)
        self._making.timeout.connect(self._make_next)
        self._making.start(IDLE_MILLISECONDS)
        self._arrange()
        self._fill()
        self.list.itemChanged.connect(self._on_item_changed)
        services.session.answered.connect(self._on_answered)

    def shown_keys(self) -> list[str]:
        """Keys of the chosen instruments, in the order of the list."""
        return [key for key in self._entries if self._item(key).checkState() is Qt.CheckState.Checked]

    def instrument(self, key: str) -> Instrument:
        """The chosen instrument `key`."""
        self._make_chosen()
        return self.cards[key].instrument

    def choose(self, key: str, on: bool) -> None:
        """Show instrument `key`, or put it away."""
        item = self._item(key)
        state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if item.checkState() != state:
            item.setCheckState(state)

    def compute(self, key: str, request: Request) -> None:
        """Show instrument `key`, and compute `request` there."""
        self.choose(key, True)
        self.instrument(key).compute_request(request)

    def draw(self, shown: Shown) -> None:
        """Show `shown` in every instrument in sight."""
        self._drawn = Drawn(shown, [card for card in self._ordered() if card.in_sight])
        self._timer.start(0)

    def clear(self, run: Run | None) -> None:
        """Leave every figure open."""
        for card in self.cards.values():
            card.instrument.clear(run)

    def forget(self) -> None:
        """Another run may have the place."""
        for card in self.cards.values():
            card.instrument.forget()

    def close_page(self) -> None:
        """Stop what instruments have begun."""
        self._timer.stop()
        self._settling.stop()
        self._making.stop()
        for card in self.cards.values():
            card.instrument.close_instrument()

    def showEvent(self, event: QShowEvent) -> None:
        """Make what was chosen before: nobody has looked at it until now."""
        super().showEvent(event)
        if self._make_chosen():
            self._services.soon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand beside each other as far as there is room."""
        super().resizeEvent(event)
        self._lay_out()

    def minimumSizeHint(self) -> QSize:
        """Room for the list and one instrument."""
        return QSize(LIST_WIDTH + NARROWEST, 160)

    def _ordered(self) -> list[Card]:
        return [self.cards[key] for key in self._there()]

    def _there(self) -> list[str]:
        """Keys of the instruments that have been made, in the order of the list."""
        return [key for key in self._entries if key in self.cards]

    @Slot()
    def _go_on(self) -> None:
        """Draw those whose turn has come, as long as there is time."""
        clock = QElapsedTimer()
        clock.start()
        while self._drawn and self._drawn.left:
            card = self._drawn.left.pop(0)
            if card.in_sight:
                card.instrument.draw(self._drawn.shown)
            if clock.elapsed() >= BUDGET_MILLISECONDS and self._drawn.left:
                self._timer.start(0)
                return
        if self._drawn:
            self._drawn = None
            self.drawn.emit()

    def _arrange(self) -> None:
        self.list.setFixedWidth(LIST_WIDTH)
        self.list.setFont(theme.font(12))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setStyleSheet("QListWidget { background: transparent; border: none; }")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(tr("Instruments"))
        self._body = QWidget()
        self._grid = QGridLayout(self._body)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setSpacing(GAP)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._body)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.verticalScrollBar().valueChanged.connect(self._services.soon)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._reveal)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.list)
        row.addWidget(self._scroll, 1)
        self.head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self.head)
        column.addLayout(row, 1)

    def _fill(self) -> None:
        kept = str(self._preferences[PREFERENCE]).split(",")
        for key, entry in self._entries.items():
            item = QListWidgetItem(plain(tr(entry.title)))
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setToolTip(rich(tr(entry.source)))
            item.setCheckState(Qt.CheckState.Checked if key in kept else Qt.CheckState.Unchecked)
            item.setSizeHint(QSize(0, ROW))
            self.list.addItem(item)
        self._lay_out()

    @Slot()
    def _make_next(self) -> None:
        """Make one of the chosen, so that the page opens at once later; another one in a while."""
        if self._make_chosen(1):
            self._making.start(NEXT_MILLISECONDS)

    def _make_chosen(self, most: int | None = None) -> bool:
        """Make those of the chosen that are not there, or `most` of them; whether there were any."""
        missing = [key for key in self.shown_keys() if key not in self.cards][:most]
        for key in missing:
            self._put_in(key)
        if missing:
            self._lay_out()
            for one, next_ in pairwise((self._scroll, *stops(self._body))):
                QWidget.setTabOrder(one, next_)
        return bool(missing)

    def _put_in(self, key: str) -> None:
        entry = self._entries[key]
        made = entry.make(key, self._services)
        card = Card(made, plain(tr(entry.title)), tr(entry.source), theme.color("edge").name())
        card.closed.connect(lambda: self.choose(key, False))
        self.cards[key] = card

    def _take_out(self, key: str) -> None:
        card = self.cards.pop(key)
        self._grid.removeWidget(card)
        card.instrument.close_instrument()
        card.hide()
        card.deleteLater()
        if self._drawn:
            self._drawn.left = [other for other in self._drawn.left if other is not card]

    def _lay_out(self) -> None:
        """Fill rows from the left; the last of a row takes what is left of it."""
        room = self.width() - LIST_WIDTH - 24
        columns = max(1, min(3, (room + GAP) // (NARROWEST + GAP)))
        while self._grid.count():
            self._grid.takeAt(0)
        rows = self._rows(columns)
        for row, keys in enumerate(rows):
            for column, key in enumerate(keys):
                last = column == len(keys) - 1
                self._grid.addWidget(self.cards[key], row, column, 1, columns - column if last else 1)
        for place in range(max(columns, self._columns)):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)
        for place in range(self._grid.rowCount() + 1):
            self._grid.setRowStretch(place, 1 if place == len(rows) else 0)
        self._columns = columns
        self._empty.setVisible(not self.cards)
        if not self.cards:
            self._grid.addWidget(self._empty, 0, 0)

    def _rows(self, columns: int) -> list[list[str]]:
        """Keys in rows of `columns` at most; a wide instrument has one of its own."""
        rows: list[list[str]] = []
        for key in self._there():
            wide = self._entries[key].wide
            if rows and not wide and len(rows[-1]) < columns and not self._entries[rows[-1][0]].wide:
                rows[-1].append(key)
            else:
                rows.append([key])
        return rows

    def _item(self, key: str) -> QListWidgetItem:
        return self.list.item(list(self._entries).index(key))

    @Slot(QListWidgetItem)
    def _on_item_changed(self, item: QListWidgetItem) -> None:
        key, on = str(item.data(Qt.ItemDataRole.UserRole)), item.checkState() is Qt.CheckState.Checked
        if on and key in self.cards:
            return
        if on:
            self._make_chosen()
        elif key in self.cards:
            self._take_out(key)
            self._lay_out()
        self._preferences[PREFERENCE] = ",".join(self.shown_keys())
        self._awaited = key if on else ""
        self._settling.start()
        self._reveal()
        self._services.soon()

    @Slot()
    def _on_settled(self) -> None:
        self._awaited = ""

    @Slot()
    def _reveal(self) -> None:
        """Scroll to the instrument that was chosen last; its place is known when the page has been laid out."""
        if self._awaited in self.cards:
            self._scroll.ensureWidgetVisible(self.cards[self._awaited], 0, 8)
            self._services.soon()

    @Slot(str, object)
    def _on_answered(self, view: str, answer: object) -> None:
        head, _, rest = view.partition("/")
        key, _, what = rest.partition("/")
        if head == "instrument" and key in self.cards:
            self.cards[key].instrument.take(what, answer)
