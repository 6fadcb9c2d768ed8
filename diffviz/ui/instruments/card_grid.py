"""Where the chosen instruments stand: each in a frame with its title, in rows that scroll."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QMoveEvent, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.text import tr
from diffviz.ui.instruments.instrument import Instrument, note, say
from diffviz.ui.widgets import controls, math_label, view

STYLE = "QFrame#instrument { background: transparent; border: 1px solid %s; border-radius: 8px; }"


class SidewaysScroll(QScrollArea):
    """`content` as high as it is, whenever it grows, scrolling sideways where there is less width than it needs."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # the page follows; until then a bar would take width, of which more height may come, and so on
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)
        content.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return self._bounded(self._content.sizeHint())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._bounded(self._content.minimumSizeHint()).height())

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of the content, and of its bar where `width` is less than the content needs."""
        needed = self._bounded(self._content.minimumSizeHint()).width()
        bar = self.horizontalScrollBar().sizeHint().height() if width < needed else 0
        hint = self._content.sizeHint()
        if self._content.hasHeightForWidth():
            hint.setHeight(self._content.heightForWidth(max(width, needed)))
        least = self._content.minimumSizeHint().height()  # more than Qt finds for the width where a part has grown
        return max(self._bounded(hint).height(), least) + bar

    def _bounded(self, wanted: QSize) -> QSize:
        """`wanted` within the bounds that the content was given."""
        return wanted.expandedTo(self._content.minimumSize()).boundedTo(self._content.maximumSize())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the room that another content asks for, by its layout or by itself."""
        if watched is self._content and event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.updateGeometry()
        return super().eventFilter(watched, event)


class InstrumentFrame(QFrame):
    """`instrument` under its `title`; `source` says in one sentence what it shows and from which paper.

    A `wide` one needs the whole width of the page. Signals: `closed`; `appeared`, when it comes into sight after all
    that was not drawn because nobody saw it.
    """

    closed = Signal()
    appeared = Signal()

    def __init__(
        self,
        instrument: Instrument,
        title: str,
        source: str,
        edge: str,
        *,
        wide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.instrument, self.wide = instrument, wide
        self._missed = False
        self.setObjectName("instrument")
        self.setStyleSheet(STYLE % edge)
        self.title = controls.label(title, "card")
        self.title.setToolTip(math_label.rich(source))
        self.setToolTip(math_label.rich(source))
        self.setAccessibleName(title)
        self.setAccessibleDescription(source)
        self.close_button = controls.IconButton("x", tr("Put “{title}” away").format(title=title), 20, 12)
        self.close_button.framed = False
        self.close_button.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(4)
        column.addLayout(head)
        self._body, self.missing = SidewaysScroll(instrument), note()
        self.missing.hide()
        column.addWidget(self._body)
        column.addWidget(self.missing)
        column.addStretch(1)

    def draw(self, shown: view.Shown) -> None:
        """Show `shown`, or why the instrument has nothing to say of it."""
        fits = not self.instrument.needs_beta or shown.process is None or shown.schedule is not None
        self._body.setVisible(fits)
        self.missing.setVisible(not fits)
        if fits:
            self.instrument.draw(shown)
        else:
            about = tr("This is about β_t: the process on the screen has none, but α_t and σ_t.")
            say(self.missing, about if self.instrument.about_beta else tr("Not shown for this process yet."))

    @property
    def in_sight(self) -> bool:
        """Whether any of it is on the screen."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def is_wanted(self) -> bool:
        """Whether it is in sight; if not, it misses what is drawn now."""
        self._missed = not self.in_sight
        return not self._missed

    def moveEvent(self, event: QMoveEvent) -> None:
        """It may be in sight where it is now, and moved without being painted."""
        super().moveEvent(event)
        if self._missed:
            self.appeared.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """What is painted is in sight."""
        super().paintEvent(event)
        if self._missed:
            self._missed = False
            self.appeared.emit()


NARROWEST, GAP, BAR = 286, 10, 12
MOST_COLUMNS = 3
SETTLING_MILLISECONDS = 1500
"""How long an instrument that has come is kept in sight after the page was last laid out anew."""
MOVES = frozenset({QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show})


class CardGrid(QScrollArea):
    """Cards in the order given; a wide one has a row of its own. `empty` stands there while there are none.

    Signals: `scrolled`: others may be in sight.
    """

    scrolled = Signal()

    def __init__(self, empty: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[InstrumentFrame, ...] = ()
        self._placed: tuple[InstrumentFrame, ...] = ()
        self._awaited: InstrumentFrame | None = None
        self._wanted = 0
        self._columns = 0
        self._empty = empty
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLING_MILLISECONDS)
        self._settling.timeout.connect(self._on_settled)
        self._body = QWidget()
        self._grid = QGridLayout(self._body)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setSpacing(GAP)
        self.setWidget(self._body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().valueChanged.connect(self.scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        self.verticalScrollBar().actionTriggered.connect(self._on_scrolled)
        self._lay_out()

    def show_cards(self, cards: Sequence[InstrumentFrame]) -> None:
        """Show `cards` in that order."""
        self._cards = tuple(cards)
        self._lay_out()

    def reveal(self, card: InstrumentFrame | None) -> None:
        """Scroll to `card`, now and as the page is laid out anew; None for no card any more."""
        self._awaited, self._wanted = card, 0
        if card is not None:
            card.installEventFilter(self)
        self._settling.start()
        self._on_range_changed()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the awaited card: when it is first drawn, it and those above it take other heights."""
        if watched is self._awaited and event.type() in MOVES:
            self._settling.start()
            QTimer.singleShot(0, self, self._on_range_changed)
        return super().eventFilter(watched, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A person who scrolls goes elsewhere."""
        self._awaited, self._wanted = None, 0
        super().wheelEvent(event)

    def scroll_to(self, pixels: int) -> None:
        """Scroll `pixels` down once there is as much to scroll, unless a person scrolls before."""
        self._awaited, self._wanted = None, pixels
        self._on_range_changed()

    @property
    def scrolled_by(self) -> int:
        """How many pixels it is scrolled down, or will be."""
        return self._wanted or self.verticalScrollBar().value()

    def stop(self) -> None:
        """Stop the timer."""
        self._settling.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand beside each other as far as there is room."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        """Fill rows from the left; the last of a row takes what is left of it."""
        columns = max(1, min(MOST_COLUMNS, (self.width() - BAR + GAP) // (NARROWEST + GAP)))
        for widget in (*self._placed, self._empty):
            self._grid.removeWidget(widget)  # with its item: one that is taken lives on, and is told of heights alone
        self._placed = self._cards
        rows = self._rows(columns)
        for row, cards in enumerate(rows):
            for column, card in enumerate(cards):
                last = column == len(cards) - 1
                self._grid.addWidget(card, row, column, 1, columns - column if last else 1)
        self._stretch(columns, len(rows))
        if not self._cards:
            self._grid.addWidget(self._empty, 0, 0)
        self._empty.setVisible(not self._cards)

    def _stretch(self, columns: int, rows: int) -> None:
        """Columns are equally wide; what height is left is below the rows."""
        for place in range(max(columns, self._columns)):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)
        for place in range(self._grid.rowCount() + 1):
            self._grid.setRowStretch(place, 1 if place == rows else 0)
        self._columns = columns

    def _rows(self, columns: int) -> list[list[InstrumentFrame]]:
        """Cards in rows of `columns` at most."""
        rows: list[list[InstrumentFrame]] = []
        for card in self._cards:
            if rows and not card.wide and len(rows[-1]) < columns and not rows[-1][0].wide:
                rows[-1].append(card)
            else:
                rows.append([card])
        return rows

    @Slot()
    def _on_range_changed(self) -> None:
        """The place of a card is known when the page has been laid out."""
        if self._awaited in self._cards:
            self.ensureWidgetVisible(self._awaited, 0, 8)
            self.scrolled.emit()
        elif 0 < self._wanted <= self.verticalScrollBar().maximum():
            self.verticalScrollBar().setValue(self._wanted)
            self._wanted = 0

    @Slot()
    def _on_settled(self) -> None:
        self._awaited = None

    @Slot()
    def _on_scrolled(self) -> None:
        self._awaited, self._wanted = None, 0
