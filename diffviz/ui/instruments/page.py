"""The page of instruments: a list to choose from, and the chosen ones, drawn in turns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from diffviz.domain.requests import Request
from diffviz.domain.text import tr
from diffviz.session import looks
from diffviz.session.preferences import Preferences
from diffviz.session.run import Run
from diffviz.ui.instruments.card_grid import NARROWEST, CardGrid, InstrumentFrame
from diffviz.ui.instruments.instrument import Instrument, Services
from diffviz.ui.instruments.table import INSTRUMENTS, Entry
from diffviz.ui.widgets import controls, math_label, theme
from diffviz.ui.widgets.view import Shown, View

BUDGET_MILLISECONDS = 4


@dataclass(slots=True, eq=False)
class DrawnTurn:
    """What is being drawn: `shown`, and the cards that have not had their turn yet."""

    shown: Shown
    left: list[InstrumentFrame]


class DrawingTurns(QObject):
    """Draws instruments for a few milliseconds a turn of the event loop, after what else was to be painted.

    So the cursor stays under the pointer however many there are, and a newer one overtakes what is left of an older
    one. Signals: `done`, when all in sight have been drawn.
    """

    done = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._drawn: DrawnTurn | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.go_on)

    def begin(self, shown: Shown, cards: Sequence[InstrumentFrame]) -> None:
        """Draw `shown` on those of `cards` that are in sight, first on those that did not get their turn before."""
        late = self._drawn.left if self._drawn else []
        ordered = [*(card for card in late if card in cards), *(card for card in cards if card not in late)]
        self._drawn = DrawnTurn(shown, [card for card in ordered if card.is_wanted()])
        self._timer.start(0)

    def leave_out(self, card: InstrumentFrame) -> None:
        """Draw `card` no more."""
        if self._drawn:
            self._drawn.left = [other for other in self._drawn.left if other is not card]

    def stop(self) -> None:
        """Draw no more."""
        self._timer.stop()

    @Slot()
    def go_on(self) -> None:
        """Draw those whose turn has come, as long as there is time."""
        clock = QElapsedTimer()
        clock.start()
        while self._drawn and self._drawn.left:
            card = self._drawn.left.pop(0)
            if card.is_wanted():
                card.draw(self._drawn.shown)
            if clock.elapsed() >= BUDGET_MILLISECONDS and self._drawn.left:
                self._timer.start(0)
                return
        if self._drawn:
            self._drawn = None
            self.done.emit()


WIDTH = 164
ROW = 26


class InstrumentList(QListWidget):
    """`entries` by key, those of `kept` chosen. Signals: `switched(key, on)`, by a person or by `choose`."""

    switched = Signal(str, bool)

    def __init__(self, entries: Mapping[str, Entry], kept: Collection[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setFont(theme.font(12))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListWidget { background: transparent; border: none; }")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Instruments"))
        self._items = {key: _item(key, entry, on=key in kept) for key, entry in entries.items()}
        for item in self._items.values():
            self.addItem(item)
        self.itemChanged.connect(self._on_item_changed)

    def chosen(self) -> list[str]:
        """Keys of those that are chosen, in the order of the list."""
        return [key for key, item in self._items.items() if item.checkState() is Qt.CheckState.Checked]

    def choose(self, key: str, on: bool) -> None:
        """Choose `key`, or choose it no more."""
        state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if self._items[key].checkState() != state:
            self._items[key].setCheckState(state)

    @Slot(QListWidgetItem)
    def _on_item_changed(self, item: QListWidgetItem) -> None:
        key = str(item.data(Qt.ItemDataRole.UserRole))
        self.switched.emit(key, item.checkState() is Qt.CheckState.Checked)


def _item(key: str, entry: Entry, *, on: bool) -> QListWidgetItem:
    item = QListWidgetItem(math_label.plain(tr(entry.title)))
    item.setData(Qt.ItemDataRole.UserRole, key)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setToolTip(math_label.rich(tr(entry.source)))
    item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
    item.setSizeHint(QSize(0, ROW))
    return item


IDLE_MILLISECONDS, NEXT_MILLISECONDS = 1500, 50
"""How long the window stands before instruments are made for a page that nobody has opened, and between two."""
PREFERENCE = "instruments"


class InstrumentPage(View):
    """Instruments by key, made when they are chosen, drawn while they are in sight.

    Those chosen before are made when the page is first shown, or one by one once the window has stood for a while.
    Which are chosen is kept in the preferences. Signals: `drawn`, when all in sight show what is on the screen.
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
        self.cards: dict[str, InstrumentFrame] = {}
        self._wanted: dict[str, looks.Look] = {}
        self.head = QHBoxLayout()
        self.list = InstrumentList(entries, str(preferences[PREFERENCE]).split(","))
        self.grid = CardGrid(controls.label(tr("Choose instruments on the left."), "quiet", wrap=True))
        self.turns = DrawingTurns(self)
        self._making = QTimer(self)
        self._making.setSingleShot(True)
        self._making.timeout.connect(self._make_next)
        self._making.start(IDLE_MILLISECONDS)
        self._arrange()
        self.list.switched.connect(self._on_switched)
        self.grid.scrolled.connect(services.soon)
        self.turns.done.connect(self.drawn)
        services.session.answered.connect(self._on_answered)

    def shown_keys(self) -> list[str]:
        """Keys of the chosen instruments, in the order of the list."""
        return self.list.chosen()

    def look(self) -> looks.Look:
        """Those that are chosen, the state that people left each in, and how far is scrolled; see `take_look`."""
        states = {key: self.cards[key].instrument.look() for key in self.cards}
        return {"chosen": self.shown_keys(), "states": {**self._wanted, **states}, "scrolled": self.grid.scrolled_by}

    def take_look(self, look: looks.Look) -> None:
        """Show the same instruments in those states, which those that are not made yet are in once they are."""
        said = looks.within(look, "states")
        self._wanted = {key: looks.within(said, key) for key in self._entries if looks.within(said, key)}
        chosen = looks.words(look, "chosen")
        for key in self._entries if chosen is not None else ():
            self.choose(key, key in (chosen or ()))
        for key in self.cards:
            self._show_wanted(key)
        self.grid.scroll_to(int(looks.number(look, "scrolled", 0, 1 << 20) or 0))

    def _show_wanted(self, key: str) -> None:
        wanted = self._wanted.pop(key, None)
        if wanted:
            self.cards[key].instrument.take_look(wanted)

    def instrument(self, key: str) -> Instrument:
        """The chosen instrument `key`."""
        self._make_chosen()
        return self.cards[key].instrument

    def choose(self, key: str, on: bool) -> None:
        """Show instrument `key`, or put it away."""
        self.list.choose(key, on)

    def compute(self, key: str, request: Request) -> None:
        """Show instrument `key`, and compute `request` there."""
        self.choose(key, True)
        self.instrument(key).compute_request(request)

    def draw(self, shown: Shown) -> None:
        """Show `shown` in every instrument in sight."""
        self.turns.begin(shown, self._ordered())

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
        self.turns.stop()
        self.grid.stop()
        self._making.stop()
        for card in self.cards.values():
            card.instrument.close_instrument()

    def showEvent(self, event: QShowEvent) -> None:
        """Make what was chosen before: nobody has looked at it until now."""
        super().showEvent(event)
        if self._make_chosen():
            self._services.soon()

    def minimumSizeHint(self) -> QSize:
        """Room for the list and one instrument."""
        return QSize(WIDTH + NARROWEST, 160)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.list)
        row.addWidget(self.grid, 1)
        self.head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self.head)
        column.addLayout(row, 1)

    def _ordered(self) -> list[InstrumentFrame]:
        """The instruments that have been made, in the order of the list."""
        return [self.cards[key] for key in self._entries if key in self.cards]

    @Slot()
    def _make_next(self) -> None:
        """Make one of the chosen, so that the page opens at once later; another one in a while."""
        if self._make_chosen(1):
            self._making.start(NEXT_MILLISECONDS)

    def _make_chosen(self, most: int | None = None) -> bool:
        """Make those of the chosen that are not there, or `most` of them; whether there were any."""
        missing = [key for key in self.shown_keys() if key not in self.cards][:most]
        for key in missing:
            self.cards[key] = self._made(key, self._entries[key])
            self._show_wanted(key)
        if missing:
            self.grid.show_cards(self._ordered())
        return bool(missing)

    def _made(self, key: str, entry: Entry) -> InstrumentFrame:
        instrument, edge = entry.make(key, self._services), theme.color("edge").name()
        card = InstrumentFrame(instrument, math_label.plain(tr(entry.title)), tr(entry.source), edge, wide=entry.wide)
        card.closed.connect(lambda: self.choose(key, False))
        card.appeared.connect(self._services.soon)
        return card

    def _take_out(self, key: str) -> None:
        card = self.cards.pop(key)
        self.grid.show_cards(self._ordered())
        self.turns.leave_out(card)
        card.instrument.put_away()
        card.hide()
        card.deleteLater()

    @Slot(str, bool)
    def _on_switched(self, key: str, on: bool) -> None:
        if on and key in self.cards:
            return
        if on:
            self._make_chosen()
        elif key in self.cards:
            self._take_out(key)
        self._preferences[PREFERENCE] = ",".join(self.shown_keys())
        self.grid.reveal(self.cards[key] if on else None)
        self._services.soon()

    @Slot(str, object)
    def _on_answered(self, view: str, answer: object) -> None:
        head, _, rest = view.partition("/")
        key, _, what = rest.partition("/")
        if head == "instrument" and key in self.cards:
            self.cards[key].instrument.take(what, answer)
