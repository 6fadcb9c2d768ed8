"""Instruments are drawn in turns, so that a page full of them does not hold the window up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal, Slot

from diffviz.ui.instruments.card import InstrumentFrame
from diffviz.ui.widgets.view import Shown

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
        """Draw `shown` on those of `cards` that are in sight."""
        self._drawn = DrawnTurn(shown, [card for card in cards if card.in_sight])
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
            if card.in_sight:
                card.instrument.draw(self._drawn.shown)
            if clock.elapsed() >= BUDGET_MILLISECONDS and self._drawn.left:
                self._timer.start(0)
                return
        if self._drawn:
            self._drawn = None
            self.done.emit()
